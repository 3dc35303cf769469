//! Verdicts: early, on time or late.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Instant;

/// How a finishing compares with its due date. Days are compared, not minutes (rules 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Finished on a day before the day due (trước hạn).
    Early,
    /// Finished on the day due, whatever the hour (đúng hạn).
    OnTime,
    /// Finished on a day after the day due (quá hạn).
    Late,
}

impl Verdict {
    /// The verdict on what was finished, or is still open, at `finished` and was due at `due`. Days are those of
    /// Vietnam.
    #[must_use]
    pub fn of(finished: Instant, due: Instant) -> Self {
        match finished.date().cmp(&due.date()) {
            std::cmp::Ordering::Less => Self::Early,
            std::cmp::Ordering::Equal => Self::OnTime,
            std::cmp::Ordering::Greater => Self::Late,
        }
    }

    /// As reports call it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Early => "trước hạn",
            Self::OnTime => "đúng hạn",
            Self::Late => "quá hạn",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Early => "early",
            Self::OnTime => "on time",
            Self::Late => "late",
        })
    }
}

#[cfg(test)]
mod tests;
