//! Limits: how long a procedure pack gives for a step or for the whole.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::MINUTES_PER_DAY;

const MINUTES_PER_HALF_DAY: u32 = MINUTES_PER_DAY / 2;
const MINUTES_PER_HOUR: u32 = 60;

/// The largest number a limit may state, in its own unit.
pub const UNITS_MAX: u16 = 9_999;

/// How long something may take. Written `13d`, `0.5d`, `4h`, `30cd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// Working days (ngày làm việc), counted in halves of 240 working minutes: `13d` is 26 half days.
    HalfDays(u16),
    /// Working hours of 60 working minutes (giờ làm việc).
    Hours(u16),
    /// Days of the civil calendar, worked or not (ngày), such as a posting of 30 days.
    CalendarDays(u16),
}

/// Why a text is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitFault {
    /// It is not a number with a unit.
    #[error("`{text}` is not a limit such as 13d, 0.5d, 4h or 30cd")]
    Unreadable {
        /// What was given.
        text: String,
    },
    /// The number is too large to be meant.
    #[error("limit `{text}` is over {UNITS_MAX}")]
    TooLong {
        /// What was given.
        text: String,
    },
}

impl Limit {
    /// That many whole working days; more than [`UNITS_MAX`] counts as so many.
    #[must_use]
    pub const fn days(days: u16) -> Self {
        Self::HalfDays(2 * if days > UNITS_MAX { UNITS_MAX } else { days })
    }

    /// Reads a limit in the form that [`fmt::Display`] writes.
    ///
    /// # Errors
    /// The text is no number with unit `d`, `h` or `cd`, has a fraction other than `.5d`, or is over [`UNITS_MAX`].
    pub fn parse(text: &str) -> Result<Self, LimitFault> {
        let units = |digits: &str| units(digits, text);
        if let Some(days) = text.strip_suffix("cd") {
            Ok(Self::CalendarDays(units(days)?))
        } else if let Some(days) = text.strip_suffix(".5d") {
            Ok(Self::HalfDays(2 * units(days)? + 1))
        } else if let Some(days) = text.strip_suffix('d') {
            Ok(Self::HalfDays(2 * units(days)?))
        } else if let Some(hours) = text.strip_suffix('h') {
            Ok(Self::Hours(units(hours)?))
        } else {
            Err(LimitFault::Unreadable { text: text.to_owned() })
        }
    }

    /// The working minutes given; none for calendar days, which are not worked off.
    #[must_use]
    pub const fn minutes(self) -> Option<u32> {
        match self {
            Self::HalfDays(halves) => Some(halves as u32 * MINUTES_PER_HALF_DAY),
            Self::Hours(hours) => Some(hours as u32 * MINUTES_PER_HOUR),
            Self::CalendarDays(_) => None,
        }
    }

    /// The working days given, when they are whole: 1 for `1d` and for `8h`; none for `0.5d` and for calendar days.
    #[must_use]
    pub const fn whole_days(self) -> Option<u32> {
        match self.minutes() {
            Some(minutes) if minutes % MINUTES_PER_DAY == 0 => Some(minutes / MINUTES_PER_DAY),
            Some(_) | None => None,
        }
    }
}

/// Digits alone: no sign, no leading zero, so that every limit has one way to be written.
fn units(digits: &str, text: &str) -> Result<u16, LimitFault> {
    let canonical = digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
        && (digits == "0" || !digits.starts_with('0'));
    if !canonical {
        return Err(LimitFault::Unreadable { text: text.to_owned() });
    }
    let too_long = || LimitFault::TooLong { text: text.to_owned() };
    digits.parse().ok().filter(|units| *units <= UNITS_MAX).ok_or_else(too_long)
}

impl Limit {
    /// For officers and citizens: `13 ngày làm việc`.
    #[must_use]
    pub fn vietnamese(self) -> String {
        match self {
            Self::HalfDays(halves) if halves % 2 == 1 => format!("{},5 ngày làm việc", halves / 2),
            Self::HalfDays(halves) => format!("{} ngày làm việc", halves / 2),
            Self::Hours(hours) => format!("{hours} giờ làm việc"),
            Self::CalendarDays(days) => format!("{days} ngày"),
        }
    }
}

impl FromStr for Limit {
    type Err = LimitFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HalfDays(halves) if halves % 2 == 1 => write!(f, "{}.5d", halves / 2),
            Self::HalfDays(halves) => write!(f, "{}d", halves / 2),
            Self::Hours(hours) => write!(f, "{hours}h"),
            Self::CalendarDays(days) => write!(f, "{days}cd"),
        }
    }
}

#[cfg(test)]
mod tests;
