//! Rules and kinds of logs: two facts of the registry that admission reads before everything else.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of the rules by which records are admitted and folded. A changed verdict, event, field or arithmetic is
/// a new version, never an edit; every published version is kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rules(pub u32);

/// What a log is for. It is said in the genesis and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKind {
    /// Records are official acts, at the clock's time.
    Production,
    /// Demos, courses and load tests, at times the caller chooses. Every page says TẬP HUẤN.
    Training,
}

impl Rules {
    /// The first rules.
    pub const ONE: Self = Self(1);

    /// The newest rules this release knows. A node that meets newer ones stops there, unready.
    pub const NEWEST: Self = Self::ONE;

    /// Whether a release that knows all rules up to `newest` knows these.
    #[must_use]
    pub fn are_known_to(self, newest: Self) -> bool {
        (Self::ONE..=newest).contains(&self)
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
