//! `NextCode`: the next free dossier code of an agency's day.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use lienthong_dossier::{DossierCode, TextFault};
use lienthong_projection::{Store, StoreError};

use crate::node::Replica;

/// Days of agencies remembered at most; a forgotten one is looked up in the projection again.
const DAYS_MAX: usize = 4_096;
/// Numbers of one agency and day: seven digits.
const NUMBERS_MAX: u32 = 9_999_999;

/// Gives each number once, and never one that this node has seen in the log.
pub(crate) struct Codes {
    replica: Replica,
    /// The next number to try, by `AGENCY-YYMMDD-`.
    next: Mutex<BTreeMap<String, u32>>,
}

/// Why there is no next code.
#[derive(Debug, thiserror::Error)]
pub enum NoCode {
    /// Every number of the day is taken.
    #[error("every number of {prefix} is taken")]
    Exhausted {
        /// Agency and day.
        prefix: String,
    },
    /// The registry has no code for the agency on that day.
    #[error("the registry has no code for the agency on that day")]
    NoAgencyCode,
    /// The agency's code gives no dossier code.
    #[error("the agency's code gives no dossier code")]
    Form(#[from] TextFault),
    /// The projection cannot be read.
    #[error("the projection cannot be read")]
    Store(#[from] StoreError),
}

impl Codes {
    pub(crate) fn new(replica: Replica) -> Self {
        Self { replica, next: Mutex::default() }
    }

    /// Which replica this is.
    pub(crate) fn replica(&self) -> Replica {
        self.replica
    }

    /// The least number neither seen nor given, congruent to this replica's ordinal.
    pub(crate) fn next(&self, store: &Store, agency_code: &str, day: Date) -> Result<DossierCode, NoCode> {
        let prefix = format!("{agency_code}-{}-", day.strftime("%y%m%d"));
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= DAYS_MAX && !next.contains_key(&prefix) {
            next.pop_first();
        }
        let of = self.replica.of.max(1);
        let first = (1..=of).find(|number| number % of == self.replica.ordinal % of).unwrap_or(1);
        let mut number = next.get(&prefix).copied().unwrap_or(first);
        while number <= NUMBERS_MAX {
            let code = DossierCode::parse(&format!("{prefix}{number:04}"))?;
            code.parts()?;
            number += of;
            if store.state(&code)?.is_none() {
                next.insert(prefix, number);
                return Ok(code);
            }
        }
        Err(NoCode::Exhausted { prefix })
    }
}

#[cfg(test)]
mod tests;
