//! Working time: days off, make-up Saturdays, office hours, due dates. Knows no dossier.
//!
//! ```text
//! calendar-vn.csv --parse--> Calendar ---.
//! "07:30-11:30,…" --parse--> OfficeHours +--> WorkingTime --promise(received, limit)--> Promise { start, due }
//! "13d", "4h" ------parse--> Limit ------'
//! ```
//!
//! Everything is pure: no clock is read and no file is opened. A question about a day that the calendar does not
//! cover is answered with [`BeyondCalendar`], never with a guess.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod calendar;
#[cfg(test)]
mod fuzz;
mod hours;
mod instant;
mod limit;
mod reminder;
mod verdict;
mod working_time;

pub use calendar::{
    BeyondCalendar, Calendar, CalendarFault, DEFAULT_CUTOFF, Day, DayKind, DayStatus, SHIPPED_CALENDAR,
    SHIPPED_CALENDAR_VERSION,
};
pub use hours::{HoursFault, MINUTES_PER_DAY, OfficeHours};
pub use instant::{Instant, InstantFault, vietnamese_date};
pub use limit::{Limit, LimitFault, UNITS_MAX};
pub use reminder::Reminder;
pub use verdict::Verdict;
pub use working_time::{Promise, WorkingTime};
