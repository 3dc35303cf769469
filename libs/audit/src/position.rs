//! Up to where a log is read: its end, a position, or an instant.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use lienthong_calendar::Instant;
use lienthong_log::Stored;

use crate::error::AuditError;
use crate::trust::Trust;

/// The offset behind the last record that counts, of each partition that has any: `0:17,5:2`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position(pub BTreeMap<u16, u64>);

/// Up to where a log is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// All that is there.
    End,
    /// Of each partition the records below an offset; nothing of those that are not named.
    Position(Position),
    /// Of each partition the records before the first one that was appended after an instant. Not in training logs, whose
    /// append times mean nothing.
    Instant(Instant),
}

/// A text that names no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PositionFault {
    /// It is of another form.
    #[error("{text:?} is not PARTITION:OFFSET")]
    Form {
        /// The part that is not.
        text: String,
    },
    /// A partition is named twice.
    #[error("partition {partition} is named twice")]
    Twice {
        /// Which.
        partition: u16,
    },
    /// It is neither a position nor an instant.
    #[error("{text:?} is neither `end`, nor a position such as 0:17,5:2, nor an RFC 3339 instant")]
    Neither {
        /// What was given.
        text: String,
    },
}

impl At {
    /// Whether it can be asked of this log.
    pub(crate) fn check(&self, trust: &Trust) -> Result<(), AuditError> {
        match self {
            Self::Instant(_) if trust.is_training() => Err(AuditError::Training),
            Self::Position(position) => position.check(trust),
            Self::End | Self::Instant(_) => Ok(()),
        }
    }

    /// Whether a record of a partition still counts. The first that does not ends the partition.
    #[must_use]
    pub fn covers(&self, partition: u16, stored: &Stored) -> bool {
        match self {
            Self::End => true,
            Self::Position(_) => !self.ends_before(partition, stored.offset),
            Self::Instant(instant) => stored.appended_ms.saturating_mul(1_000) <= instant.as_micros(),
        }
    }

    /// Whether no record of a partition counts that has this offset or a later one, whatever is in it.
    pub(crate) fn ends_before(&self, partition: u16, offset: u64) -> bool {
        match self {
            Self::Position(position) => position.0.get(&partition).is_none_or(|next| *next <= offset),
            Self::End | Self::Instant(_) => false,
        }
    }
}

impl Position {
    /// Whether the log has every partition that is named.
    pub(crate) fn check(&self, trust: &Trust) -> Result<(), AuditError> {
        let last = trust.partitions().saturating_sub(1);
        match self.0.keys().find(|partition| **partition > last) {
            Some(partition) => Err(AuditError::Partition { partition: *partition, last }),
            None => Ok(()),
        }
    }
}

impl FromStr for Position {
    type Err = PositionFault;

    fn from_str(text: &str) -> Result<Self, PositionFault> {
        let mut offsets = BTreeMap::new();
        for part in text.split(',') {
            let form = || PositionFault::Form { text: part.to_owned() };
            let (partition, offset) = part.trim().split_once(':').ok_or_else(form)?;
            let partition = partition.parse().map_err(|_| form())?;
            let offset = offset.parse().map_err(|_| form())?;
            if offsets.insert(partition, offset).is_some() {
                return Err(PositionFault::Twice { partition });
            }
        }
        Ok(Self(offsets))
    }
}

impl FromStr for At {
    type Err = PositionFault;

    fn from_str(text: &str) -> Result<Self, PositionFault> {
        if text == "end" {
            return Ok(Self::End);
        }
        match text.parse() {
            Ok(position) => Ok(Self::Position(position)),
            Err(twice @ PositionFault::Twice { .. }) => Err(twice),
            Err(PositionFault::Form { .. } | PositionFault::Neither { .. }) => Instant::parse(text)
                .map(Self::Instant)
                .map_err(|_| PositionFault::Neither { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (partition, next)) in self.0.iter().filter(|(_, next)| **next > 0).enumerate() {
            write!(f, "{}{partition}:{next}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
