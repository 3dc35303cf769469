//! The partitions of a log: `Registry`, `Dossiers(0) .. Dossiers(P - 1)`, `Reads`.

use std::fmt;

/// The most dossier partitions a log may be created with (48 unless said).
pub const DOSSIER_PARTITIONS_MAX: u16 = 4096;

/// One sequence of records with offsets of its own. Order holds within a partition and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `lienthong.registry`: agencies, nodes, keys, packs, calendars, rates, rules.
    Registry,
    /// One of the dossier partitions, numbered from 0.
    Dossiers(u16),
    /// `lienthong.reads`: who read personal data, and for what.
    Reads,
}

impl Partition {
    /// Every partition of a log with so many dossier partitions, in order.
    pub fn all(dossier_partitions: u16) -> impl Iterator<Item = Self> {
        std::iter::once(Self::Registry)
            .chain((0..dossier_partitions).map(Self::Dossiers))
            .chain(std::iter::once(Self::Reads))
    }

    /// Whether a log with so many dossier partitions has this one.
    #[must_use]
    pub fn is_within(self, dossier_partitions: u16) -> bool {
        match self {
            Self::Registry | Self::Reads => true,
            Self::Dossiers(number) => number < dossier_partitions,
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("registry"),
            Self::Dossiers(number) => write!(f, "dossiers/{number}"),
            Self::Reads => f.write_str("reads"),
        }
    }
}

#[cfg(test)]
mod tests;
