//! Custody: who holds the dossier. Exactly one agency does, at every instant.
//!
//! ```text
//! Held --offer--> Offered --accept----> Held (by the receiver)
//!                    |-----return-----> Held (by the giver)
//!                    `-----withdraw---> Held (by the giver)
//!
//! Either --succession--> the same, with the successor in the place of its predecessor
//! ```

use lienthong_registry::AgencyId;
use serde::{Deserialize, Serialize};

use crate::event::{EventKind, Medium};

/// Who holds the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Custody {
    /// One agency has it.
    Held {
        /// Which.
        by: AgencyId,
    },
    /// Its holder has put it before another agency, and stays responsible until that one accepts.
    Offered {
        /// The giver, still the holder.
        by: AgencyId,
        /// The receiver.
        to: AgencyId,
        /// How it travels.
        medium: Medium,
    },
}

impl Custody {
    /// The one agency responsible.
    #[must_use]
    pub fn holder(&self) -> &AgencyId {
        match self {
            Self::Held { by } | Self::Offered { by, .. } => by,
        }
    }

    /// Custody with a successor in the place of its predecessor.
    fn succeeded(self, from: &AgencyId, to: &AgencyId) -> Self {
        let now = |agency: AgencyId| if &agency == from { to.clone() } else { agency };
        match self {
            Self::Held { by } => Self::Held { by: now(by) },
            Self::Offered { by, to, medium } => Self::Offered { by: now(by), to: now(to), medium },
        }
    }

    /// Custody after one more event. Total: what happened, happened.
    #[must_use]
    pub fn fold(self, kind: &EventKind) -> Self {
        match (self, kind) {
            (custody, EventKind::CustodyTransferredBySuccession { from, to, .. }) => {
                custody.succeeded(from, to)
            }
            (Self::Held { by }, EventKind::CustodyOffered { to, medium, .. }) => {
                Self::Offered { by, to: to.clone(), medium: *medium }
            }
            (Self::Offered { to, .. }, EventKind::CustodyAccepted) => Self::Held { by: to },
            (
                Self::Offered { by, .. },
                EventKind::CustodyReturned { .. } | EventKind::CustodyOfferWithdrawn,
            ) => Self::Held { by },
            (custody, _) => custody,
        }
    }
}
