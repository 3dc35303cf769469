//! What a report is asked of.

use std::fmt;

use jiff::civil::Date;
use lienthong_calendar::Instant;

/// A record may be so far ahead of its append time, and a later one so far behind its own, in microseconds: 5 s and 30 s, by the
/// rules of a production log.
const MARGIN_US: i64 = 35_000_000;

/// A period of whole days, +07:00, both included. The official year runs from 15 December to 14 December.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: Date,
    to: Date,
    /// What is pending is late or not at the end of this day.
    measured: Date,
}

/// A window that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the window ends on {to}, before it begins on {from}")]
pub struct WindowFault {
    from: Date,
    to: Date,
}

impl Window {
    /// From the first to the last day.
    ///
    /// # Errors
    /// The last day lies before the first.
    pub fn new(from: Date, to: Date) -> Result<Self, WindowFault> {
        if to < from { Err(WindowFault { from, to }) } else { Ok(Self { from, to, measured: to }) }
    }

    /// The same, with what is pending measured at the end of a day before its last: of a window that is not over yet.
    #[must_use]
    pub fn measured_on(self, day: Date) -> Self {
        Self { measured: day.min(self.to), ..self }
    }

    /// The day at whose end what is pending is late or not.
    #[must_use]
    pub fn measured(self) -> Date {
        self.measured
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(self) -> Date {
        self.to
    }

    /// Whether nothing that counts within the window can be appended behind a record of that instant any more.
    #[must_use]
    pub fn is_over_by(self, newest: Instant) -> bool {
        let sure =
            newest.as_micros().checked_sub(MARGIN_US).and_then(|micros| Instant::try_from(micros).ok());
        sure.is_some_and(|sure| sure.date() > self.to)
    }

    /// Whether the instant lies before the window.
    pub(crate) fn begins_after(self, instant: Instant) -> bool {
        instant.date() < self.from
    }

    /// Whether the instant lies before the end of the window.
    pub(crate) fn reaches(self, instant: Instant) -> bool {
        instant.date() <= self.to
    }

    /// Whether the instant lies within the window.
    pub(crate) fn holds(self, instant: Instant) -> bool {
        !self.begins_after(instant) && self.reaches(instant)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} … {}", self.from, self.to)?;
        if self.measured < self.to { write!(f, " ({})", self.measured) } else { Ok(()) }
    }
}

/// By what rows are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// By the agency that received the dossier.
    Agency,
    /// By field (lĩnh vực).
    Field,
    /// By procedure.
    Procedure,
}

/// Where reports differ in practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Dossiers whose processing was stopped (status 8) are solved; pending otherwise.
    pub stopped_is_solved: bool,
}
