//! What is counted of calls: closed lists and ids of the registry, never what a caller wrote.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lienthong_registry::AgencyId;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $label:literal;)*) => {
        /// Why a caller was sent away.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Turned { $($(#[doc = $doc])* $name,)* }

        impl Turned {
            /// Every kind, so that each is shown from the start, at 0.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its published name.
            pub(crate) fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

kinds! {
    /// It showed no certificate.
    NoCertificate = "no_certificate";
    /// No authority that is believed vouches for its certificate: a stranger.
    UnknownIssuer = "unknown_issuer";
    /// Its certificate has come to its end.
    Expired = "expired";
    /// Its certificate is not good yet.
    NotYetValid = "not_yet_valid";
    /// Its certificate is faulty in another way.
    BadCertificate = "bad_certificate";
    /// It spoke something else than TLS 1.3 with what we speak over it.
    NotTls = "not_tls";
    /// As many of its host's handshakes as one host may have were under way.
    TooMany = "too_many";
    /// It did not finish the handshake in time.
    TooSlow = "too_slow";
    /// It broke the handshake off, for example because it does not believe this service.
    BrokenOff = "broken_off";
    /// Its certificate names neither an agency nor an auditor.
    NoAgency = "no_agency";
    /// Its certificate names another agency than the call.
    OtherAgency = "other_agency";
    /// Its certificate gives less power than the call needs.
    NoPower = "no_power";
    /// Its certificate does not say that its holder audits.
    NotAuditor = "not_auditor";
}

/// Numbers that only grow, by what they count.
#[derive(Debug)]
pub(crate) struct Counts<K>(Mutex<BTreeMap<K, u64>>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord + Clone> Counts<K> {
    /// One more.
    pub(crate) fn add(&self, what: K) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    /// What was counted so far.
    pub(crate) fn all(&self) -> BTreeMap<K, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What one service has counted since it was started.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Callers sent away.
    pub(crate) turned: Counts<Turned>,
    /// Commands, by how they ended: `DONE`, `REPEATED`, or the published reason.
    pub(crate) commands: Counts<&'static str>,
    /// Secret papers refused, by agency and label (rules 2.6).
    pub(crate) secret: Counts<(AgencyId, &'static str)>,
    /// Damaged stores moved aside, or removed half-loaded.
    pub(crate) aside: Counts<()>,
}
