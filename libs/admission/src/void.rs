//! Why a record counts for nothing.

use lienthong_dossier::{Denial, DenialClass};
use serde::{Deserialize, Serialize};

/// A record that changes nothing, with its reason. It is kept, counted and shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default())]
pub struct Void {
    /// The first check that failed.
    pub reason: Reason,
    /// The rule of the dossier that was broken, where it was one. Never a person's data.
    pub detail: Option<String>,
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// The check that a record failed. The codes are part of the verdict digest and never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason { $($(#[doc = $doc])* $name,)* }

        impl Reason {
            /// Every reason, in the order of the checks.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code in the verdict digest; 0 stands for admitted.
            #[must_use]
            pub fn code(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason of a code.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// Its published name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

reasons! {
    /// Larger than a record may be.
    Size = 1;
    /// Not the one encoding of a known entry under the rules in force.
    Decoding = 2;
    /// A fence that is not newer than the last one, or not the authority's.
    Fence = 3;
    /// Key or partition is not that of the code in the body.
    Partition = 4;
    /// Made for another log, or upon another history of this partition.
    OtherHistory = 5;
    /// The dossier has a record with this command id.
    Repeat = 6;
    /// Made upon a state that is no longer the newest.
    Stale = 7;
    /// `at` lies before the dossier's last record.
    Backdated = 8;
    /// `at` lies too far after the append time.
    Ahead = 9;
    /// Appended too long after `at`.
    Expired = 10;
    /// The seal does not cover the body.
    Seal = 11;
    /// The node's key is unknown, not in force, or not allowed for the agency.
    Key = 12;
    /// A first record whose code is not its own agency's.
    Code = 13;
    /// The agency has not the role, custody or referral for it, or its officer not the power.
    Role = 14;
    /// The dossier is not in a state for it.
    Transition = 15;
    /// The wait had ended at its deadline.
    Late = 16;
    /// The envelopes or wrapped keys are not those that the events call for.
    Wraps = 17;
    /// The dossier has as many records as one may have.
    Full = 18;
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Reason> for Void {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: None }
    }
}

impl From<Denial> for Void {
    fn from(denial: Denial) -> Self {
        let reason = match (&denial, denial.class()) {
            (Denial::Late { .. }, _) => Reason::Late,
            (Denial::Backdated { .. }, _) => Reason::Backdated,
            (Denial::CodeNotOfAgency { .. }, _) => Reason::Code,
            (_, DenialClass::Forbidden) => Reason::Role,
            (_, DenialClass::Invalid | DenialClass::Missing | DenialClass::Exists | DenialClass::NotNow) => {
                Reason::Transition
            }
        };
        Self { reason, detail: Some(denial.reason().to_owned()) }
    }
}
