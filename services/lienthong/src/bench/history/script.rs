//! Who receives the n-th dossier of a history, under which code, and when.

use jiff::civil::{Date, date, time};
use lienthong_calendar::Instant;
use lienthong_registry::Registry;

use super::HistoryError;
use crate::bench::acts::communes;

/// The days on which dossiers are received: the working days of one official year, so that its II.06 counts all of them.
const FIRST_DAY: Date = date(2025, 12, 15);
const LAST_DAY: Date = date(2026, 12, 14);

/// Receptions of a desk's day begin in so many minutes, one after the other, and then again.
const MINUTES: u64 = 120;

/// From one command on a dossier to the next. With a thousand of them the office is still open.
const STEP_MICROS: i64 = 10 * 1_000_000;

/// The desks and days of a history. Nothing here depends on how many dossiers there will be, so that a history can be
/// gone on with.
pub(super) struct Script {
    communes: Vec<String>,
    days: Vec<Date>,
}

/// A dossier as it comes to the desk.
pub(super) struct Case<'s> {
    pub(super) code: String,
    /// The desk, which is that of the commune.
    pub(super) agency: String,
    pub(super) commune: &'s str,
    received_at: Instant,
}

impl Script {
    pub(super) fn new(registry: &Registry) -> Result<Self, HistoryError> {
        let communes = communes().map_err(|error| HistoryError::Shipped(error.to_string()))?;
        let is_working = |day: &Date| {
            let calendar = registry.calendar_in_force(*day);
            calendar.is_some_and(|calendar| calendar.is_working_day(*day).unwrap_or(false))
        };
        let year = FIRST_DAY.series(jiff::Span::new().days(1)).take_while(|day| *day <= LAST_DAY);
        let days: Vec<Date> = year.filter(is_working).collect();
        if communes.is_empty() || days.is_empty() {
            return Err(HistoryError::Shipped("no desk is open".to_owned()));
        }
        Ok(Self { communes, days })
    }

    /// The day on which every dossier's signing key must be in force, the first of them.
    pub(super) fn first_day(&self) -> Date {
        FIRST_DAY
    }

    /// The dossier with that number. Desks take turns; each desk's dossiers go round its days.
    pub(super) fn case(&self, number: u64) -> Case<'_> {
        let (desks, days) = (self.communes.len() as u64, self.days.len() as u64);
        let (desk, of_desk) = (number % desks, number / desks);
        let day = self.days.get(index(of_desk % days)).copied().unwrap_or(FIRST_DAY);
        let agency = format!("H56.{}", desk + 1);
        let opened = Instant::at(day, time(8, 0, 0, 0)).as_micros();
        let minutes = i64::try_from(number % MINUTES).unwrap_or_default();
        Case {
            code: format!("{agency}-{}-{:04}", day.strftime("%y%m%d"), 1 + of_desk / days),
            commune: self.communes.get(index(desk)).map_or("", String::as_str),
            agency,
            received_at: Instant::from_micros(opened + minutes * 60 * 1_000_000),
        }
    }
}

impl Case<'_> {
    /// When its n-th command is given, the reception being 0.
    pub(super) fn at(&self, n: u32) -> Instant {
        Instant::from_micros(self.received_at.as_micros() + i64::from(n) * STEP_MICROS)
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
