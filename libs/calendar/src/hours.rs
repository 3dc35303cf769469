//! Office hours: the spans of a working day in which an agency works.

use std::{fmt, str::FromStr};

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// A working day is 480 working minutes, whatever the spans (rules 4.1).
pub const MINUTES_PER_DAY: u32 = 480;

/// The office hours of an agency: spans of a day, ascending, not overlapping, together 480 minutes. Written
/// `07:30-11:30,13:30-17:30`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficeHours {
    spans: Vec<Span>,
}

/// Half-open: at `closes` the span is over. Minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Span {
    opens: u32,
    closes: u32,
}

/// Why a text is no office hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursFault {
    /// A span is not written `HH:MM-HH:MM`.
    #[error("`{span}` is not a span of office hours such as 07:30-11:30")]
    Unreadable {
        /// The span as given.
        span: String,
    },
    /// A span ends before it begins, or begins before the one before it ends.
    #[error("office hours `{span}` do not come after what precedes them")]
    Order {
        /// The span as given.
        span: String,
    },
    /// The spans do not add up to a working day.
    #[error("office hours add up to {minutes} minutes instead of 480")]
    Sum {
        /// What they add up to.
        minutes: u32,
    },
}

impl OfficeHours {
    /// The hours that most agencies keep.
    pub const DEFAULT: &str = "07:30-11:30,13:30-17:30";

    /// Reads office hours such as [`Self::DEFAULT`].
    ///
    /// # Errors
    /// A span is unreadable, out of order or overlapping, or the spans are not 480 minutes together.
    pub fn parse(text: &str) -> Result<Self, HoursFault> {
        let mut spans = Vec::new();
        let mut free_from = 0;
        for written in text.split(',') {
            let span =
                Span::parse(written).ok_or_else(|| HoursFault::Unreadable { span: written.to_owned() })?;
            if span.opens < free_from || span.closes <= span.opens {
                return Err(HoursFault::Order { span: written.to_owned() });
            }
            free_from = span.closes;
            spans.push(span);
        }
        let minutes = spans.iter().map(Span::minutes).sum();
        if minutes == MINUTES_PER_DAY { Ok(Self { spans }) } else { Err(HoursFault::Sum { minutes }) }
    }

    /// When a working day begins.
    #[must_use]
    pub fn opening(&self) -> Time {
        time(self.spans.first().map_or(0, |span| span.opens))
    }

    /// When a working day ends.
    #[must_use]
    pub fn closing(&self) -> Time {
        time(self.spans.last().map_or(0, |span| span.closes))
    }

    /// The working minutes of a day that are over at this minute since midnight: 0 to 480.
    pub(crate) fn worked(&self, minute: u32) -> u32 {
        self.spans.iter().map(|span| minute.clamp(span.opens, span.closes) - span.opens).sum()
    }

    /// The earliest time at which `worked` working minutes of a day are over: at the end of a span its closing, not the
    /// opening of the next.
    pub(crate) fn reached(&self, worked: u32) -> Time {
        let mut left = worked;
        for span in &self.spans {
            if left <= span.minutes() {
                return time(span.opens + left);
            }
            left -= span.minutes();
        }
        self.closing()
    }

    /// The first minute not before `minute` in which the office is open, on the same day.
    pub(crate) fn open_from(&self, minute: u32) -> Option<Time> {
        self.spans.iter().find(|span| minute < span.closes).map(|span| time(minute.max(span.opens)))
    }
}

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let (opens, closes) = text.split_once('-')?;
        Some(Self { opens: minute_of_day(opens)?, closes: minute_of_day(closes)? })
    }

    fn minutes(&self) -> u32 {
        self.closes - self.opens
    }
}

impl Default for OfficeHours {
    /// [`OfficeHours::DEFAULT`], which a test holds equal to this.
    fn default() -> Self {
        Self { spans: vec![Span { opens: 450, closes: 690 }, Span { opens: 810, closes: 1050 }] }
    }
}

impl FromStr for OfficeHours {
    type Err = HoursFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for OfficeHours {
    type Error = HoursFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<OfficeHours> for String {
    fn from(hours: OfficeHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Span { opens, closes }) in self.spans.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)?;
        }
        Ok(())
    }
}

/// Exactly `HH:MM`, 00:00 to 23:59.
fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, below: u32| -> Option<u32> {
        let written = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| written && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

fn time(minute: u32) -> Time {
    let (hour, minute) = (minute / 60, minute % 60);
    match (i8::try_from(hour), i8::try_from(minute)) {
        (Ok(hour), Ok(minute)) => Time::new(hour, minute, 0, 0).unwrap_or(Time::MAX),
        (Err(_), _) | (_, Err(_)) => Time::MAX,
    }
}

#[cfg(test)]
mod tests;
