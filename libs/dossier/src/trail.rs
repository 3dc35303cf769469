//! The trail of a dossier: the instants that offices answer for, each with the record that it stands in.
//!
//! A report at an earlier position leaves out what later records say, so it can be made of a later state.

use lienthong_calendar::Instant;
use serde::{Deserialize, Serialize};

use crate::status::Status;

/// A record of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Its ordinal among the dossier's records, from 0.
    pub record: u32,
    /// Its `at`.
    pub at: Instant,
}

/// A record that changed the status, the promise, or whether its clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The record.
    pub mark: Mark,
    /// The status after it.
    pub status: Status,
    /// The promise after it; while the clock stands, the one before the pause.
    pub due: Option<Instant>,
    /// The clock stands.
    pub stands: bool,
}

/// Every such change, in the order of records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail(Vec<Turn>);

impl Trail {
    /// Notes what a record led to, if it changed anything.
    pub(crate) fn note(&mut self, turn: Turn) {
        let says = |turn: &Turn| (turn.status, turn.due, turn.stands);
        let is_news = self.0.last().is_none_or(|last| says(last) != says(&turn));
        if is_news {
            self.0.push(turn);
        }
    }

    /// The turns.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.0
    }
}
