//! The calendar: which days are worked.
//!
//! Monday to Friday are worked but for the days off; Saturdays are worked only to make up for a swapped day (làm bù).
//! Both are data: no date is computed from the moon. Counting days costs the same however many there are.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

/// The calendar this release ships, as text: 2024 to 2027.
pub const SHIPPED_CALENDAR: &str = include_str!("../data/calendar-vn.csv");

/// The version under which [`SHIPPED_CALENDAR`] is published.
pub const SHIPPED_CALENDAR_VERSION: &str = "vn-2026-11";

/// 15:00: what begins later in the day begins at the next opening (rules 4.2).
pub const DEFAULT_CUTOFF: Time = Time::constant(15, 0, 0, 0);

const HEADER: &str = "date,kind,status,name";

/// One published calendar: the days off and the make-up Saturdays of some whole years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    version: Box<str>,
    cutoff: Time,
    /// By date.
    days: Vec<Day>,
    /// 1 January of the first year and 31 December of the last.
    first: Date,
    last: Date,
    /// Every day that is worked, by date.
    working: Vec<Date>,
    /// For the n-th day from `first` on, how many of the days before it are worked; one more at the end.
    worked_before: Vec<usize>,
}

/// A day that differs from the ordinary week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// What it is instead.
    pub kind: DayKind,
    /// Whether it may still change.
    pub status: DayStatus,
    /// Its name in Vietnamese.
    pub name: String,
}

/// How a day differs from the ordinary week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A weekday that is not worked (nghỉ).
    Off,
    /// A Saturday that is worked (làm bù).
    Makeup,
}

/// Whether a day may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayStatus {
    /// Promulgated.
    Official,
    /// Expected; a decree may still change it.
    Provisional,
}

/// What is wrong with a calendar's text. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// The first line that is no comment is not the header.
    #[error("line {line}: the header is not `{HEADER}`")]
    Header {
        /// Where.
        line: usize,
    },
    /// A row has fewer than four columns, or a quote.
    #[error("line {line}: the row has not the four plain columns `{HEADER}`")]
    Columns {
        /// Where.
        line: usize,
    },
    /// A date is unreadable or outside years 1 to 9998.
    #[error("line {line}: `{text}` is not a date such as 2026-11-24")]
    Date {
        /// Where.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A kind is unknown.
    #[error("line {line}: `{text}` is neither off nor makeup")]
    Kind {
        /// Where.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A status is unknown.
    #[error("line {line}: `{text}` is neither official nor provisional")]
    Status {
        /// Where.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A date has two rows.
    #[error("line {line}: {date} has a row already")]
    Duplicate {
        /// Where the second one is.
        line: usize,
        /// The date.
        date: Date,
    },
    /// A day off would have been free anyway.
    #[error("line {line}: {date} is off but lies on a weekend")]
    OffOnWeekend {
        /// Where.
        line: usize,
        /// The date.
        date: Date,
    },
    /// A make-up day is another day than a Saturday.
    #[error("line {line}: {date} is a make-up day but no Saturday")]
    MakeupNotSaturday {
        /// Where.
        line: usize,
        /// The date.
        date: Date,
    },
    /// A year between the first and the last has no row: it was forgotten, for every year has days off.
    #[error("year {year} has no rows")]
    YearMissing {
        /// The year.
        year: i16,
    },
    /// There are no rows at all.
    #[error("the calendar has no rows")]
    Empty,
}

/// The answer would need a day that the calendar does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{date} is beyond the calendar, which covers {first_year} to {last_year}")]
pub struct BeyondCalendar {
    /// The first day needed that is not covered.
    pub date: Date,
    /// First year covered.
    pub first_year: i16,
    /// Last year covered.
    pub last_year: i16,
}

impl Calendar {
    /// Reads a calendar from CSV with the columns `date,kind,status,name`, as [`SHIPPED_CALENDAR`] has them. Lines that
    /// begin with `#` are comments; fields are never quoted; a name may hold commas. The cutoff is
    /// [`DEFAULT_CUTOFF`].
    ///
    /// # Errors
    /// The first fault of the text, with its line.
    pub fn parse(version: &str, csv: &str) -> Result<Self, CalendarFault> {
        let mut rows = csv
            .trim_start_matches('\u{feff}')
            .lines()
            .zip(1..)
            .map(|(text, line)| (line, text.trim()))
            .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
        match rows.next() {
            Some((_, HEADER)) => {}
            Some((line, _)) => return Err(CalendarFault::Header { line }),
            None => return Err(CalendarFault::Empty),
        }
        let mut days =
            rows.map(|(line, text)| Ok((line, row(line, text)?))).collect::<Result<Vec<_>, _>>()?;
        // The sort is stable, so of two rows for a date the later line is the one named.
        days.sort_by_key(|(_, day)| day.date);
        let doubled = days.windows(2).find_map(|pair| match pair {
            [(_, first), (line, second)] if first.date == second.date => Some((*line, second.date)),
            _ => None,
        });
        if let Some((line, date)) = doubled {
            return Err(CalendarFault::Duplicate { line, date });
        }
        Self::of(version, days.into_iter().map(|(_, day)| day).collect())
    }

    /// The same calendar with another time of day after which things begin at the next opening.
    #[must_use]
    pub fn with_cutoff(self, cutoff: Time) -> Self {
        Self { cutoff, ..self }
    }

    /// The version it was published under.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What begins later in the day begins at the next opening.
    #[must_use]
    pub fn cutoff(&self) -> Time {
        self.cutoff
    }

    /// The first and the last year covered.
    #[must_use]
    pub fn years(&self) -> RangeInclusive<i16> {
        self.first.year()..=self.last.year()
    }

    /// The days that differ from the ordinary week, by date.
    #[must_use]
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The row of a day, if it differs from the ordinary week.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<&Day> {
        self.days.binary_search_by_key(&date, |day| day.date).ok().and_then(|index| self.days.get(index))
    }

    /// Whether the row of a day may still change by decree.
    #[must_use]
    pub fn is_provisional(&self, date: Date) -> bool {
        self.day(date).is_some_and(|day| day.status == DayStatus::Provisional)
    }

    /// Whether a count from `after`, excluded, to `until`, included, passed a day that may still change.
    #[must_use]
    pub fn is_provisional_between(&self, after: Date, until: Date) -> bool {
        self.days
            .iter()
            .any(|day| day.status == DayStatus::Provisional && day.date > after && day.date <= until)
    }

    /// Whether a day is worked.
    ///
    /// # Errors
    /// The day is beyond the calendar.
    pub fn is_working_day(&self, date: Date) -> Result<bool, BeyondCalendar> {
        Ok(self.worked_before(date)? != self.worked_through(date)?)
    }

    /// The first working day after a day.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn next_working_day(&self, date: Date) -> Result<Date, BeyondCalendar> {
        self.add_working_days(date, 1)
    }

    /// The n-th working day after a day, which itself does not count (BLDS 2015, art. 147.2). With n = 0 the day itself
    /// if it is worked, else the next that is.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn add_working_days(&self, date: Date, n: u32) -> Result<Date, BeyondCalendar> {
        match (n as usize).checked_sub(1) {
            None => self.nth_working_day(self.worked_before(date)?),
            Some(further) => self.nth_working_day(self.worked_through(date)?.saturating_add(further)),
        }
    }

    /// The n-th working day before a day, which itself does not count. With n = 0 the day itself if it is worked, else
    /// the last before it that is.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn working_days_before(&self, date: Date, n: u32) -> Result<Date, BeyondCalendar> {
        let index = match n {
            0 => self.worked_through(date)?.checked_sub(1),
            n => self.worked_before(date)?.checked_sub(n as usize),
        };
        self.nth_working_day(index.ok_or_else(|| self.beyond(self.first.yesterday().unwrap_or(Date::MIN)))?)
    }

    /// The working days after `from` up to and including `to`: what [`Self::add_working_days`] must add to get from one to
    /// the other. 0 when `to` is not later.
    ///
    /// # Errors
    /// One of the days is beyond the calendar.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, BeyondCalendar> {
        let days = self.worked_through(to)?.saturating_sub(self.worked_through(from)?);
        Ok(u32::try_from(days).unwrap_or(u32::MAX))
    }

    /// How many days are worked before a day, counted from the calendar's first.
    pub(crate) fn worked_before(&self, date: Date) -> Result<usize, BeyondCalendar> {
        self.worked(date, 0)
    }

    /// The same with the day itself.
    fn worked_through(&self, date: Date) -> Result<usize, BeyondCalendar> {
        self.worked(date, 1)
    }

    fn worked(&self, date: Date, further: usize) -> Result<usize, BeyondCalendar> {
        if date < self.first || date > self.last {
            return Err(self.beyond(date));
        }
        let index = usize::try_from(date.duration_since(self.first).as_hours() / 24).ok();
        index
            .and_then(|index| self.worked_before.get(index.saturating_add(further)))
            .copied()
            .ok_or_else(|| self.beyond(date))
    }

    /// The working day that has `index` others before it.
    pub(crate) fn nth_working_day(&self, index: usize) -> Result<Date, BeyondCalendar> {
        self.working.get(index).copied().ok_or_else(|| self.beyond(self.last.tomorrow().unwrap_or(Date::MAX)))
    }

    pub(crate) fn beyond(&self, date: Date) -> BeyondCalendar {
        BeyondCalendar { date, first_year: self.first.year(), last_year: self.last.year() }
    }

    /// From rows that are each sound, by date, without doubles.
    fn of(version: &str, days: Vec<Day>) -> Result<Self, CalendarFault> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Err(CalendarFault::Empty) };
        let (first, last) = (first.date.first_of_year(), last.date.last_of_year());
        let mut years = days.iter().map(|day| day.date.year()).peekable();
        for year in first.year()..=last.year() {
            if years.next_if_eq(&year).is_none() {
                return Err(CalendarFault::YearMissing { year });
            }
            while years.next_if_eq(&year).is_some() {}
        }

        let mut working = Vec::new();
        let mut worked_before = vec![0];
        let mut rows = days.iter().peekable();
        let mut date = first;
        loop {
            let is_working = match rows.next_if(|day| day.date == date) {
                Some(day) => day.kind == DayKind::Makeup,
                None => !is_weekend(date),
            };
            if is_working {
                working.push(date);
            }
            worked_before.push(working.len());
            match date.tomorrow() {
                Ok(tomorrow) if tomorrow <= last => date = tomorrow,
                Ok(_) | Err(_) => break,
            }
        }
        Ok(Self {
            version: version.into(),
            cutoff: DEFAULT_CUTOFF,
            days,
            first,
            last,
            working,
            worked_before,
        })
    }
}

fn row(line: usize, text: &str) -> Result<Day, CalendarFault> {
    let mut columns = text.splitn(4, ',').map(str::trim);
    let mut column = || columns.next().filter(|_| !text.contains('"')).ok_or(CalendarFault::Columns { line });
    let (date, kind, status, name) = (column()?, column()?, column()?, column()?);
    let kind = match kind {
        "off" => DayKind::Off,
        "makeup" => DayKind::Makeup,
        other => return Err(CalendarFault::Kind { line, text: other.to_owned() }),
    };
    let status = match status {
        "official" => DayStatus::Official,
        "provisional" => DayStatus::Provisional,
        other => return Err(CalendarFault::Status { line, text: other.to_owned() }),
    };
    let date = date
        .parse()
        .ok()
        .filter(|parsed: &Date| parsed.to_string() == date && (1..=9998).contains(&parsed.year()))
        .ok_or_else(|| CalendarFault::Date { line, text: date.to_owned() })?;
    match kind {
        DayKind::Off if is_weekend(date) => Err(CalendarFault::OffOnWeekend { line, date }),
        DayKind::Makeup if date.weekday() != Weekday::Saturday => {
            Err(CalendarFault::MakeupNotSaturday { line, date })
        }
        DayKind::Off | DayKind::Makeup => Ok(Day { date, kind, status, name: name.to_owned() }),
    }
}

fn is_weekend(date: Date) -> bool {
    match date.weekday() {
        Weekday::Saturday | Weekday::Sunday => true,
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => {
            false
        }
    }
}

#[cfg(test)]
mod tests;
