//! Finding dossiers by what is known of them, in the order of their codes.
//!
//! ```text
//! each filter --> codes in their order: an index's rows | several merged | a range of days, sorted
//! all of them --agree--> code --row--> does it fit? --> page
//! ```
//!
//! Whichever list is behind jumps to where the others are, so a search takes about as many steps as the shortest list is
//! long, and nobody has to guess which one that is. A range of days is in no order of codes: it is read and sorted, and when
//! it is long, left to the last check, for then many a dossier lies within it. That check reads the row itself and asks
//! everything again, so an index only ever saves work.

mod lists;

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use lienthong_admission::State;
use lienthong_dossier::{Dossier, DossierCode, Status};
use lienthong_registry::{AgencyId, ProcedureCode};

use self::lists::{Codes, Effort, agree};
use crate::error::StoreError;
use crate::facets::{Facet, LATE_IN, due_on, is_overdue, received_on};
use crate::keys;
use crate::standing::{Standing, standings};
use crate::store::Store;

/// Dossiers whose rows one search reads at most; its page is then short, and names where the next one begins.
const ROWS_MAX: usize = 4_096;

/// Days, the first and the last included.
pub type Days = RangeInclusive<Date>;

/// Which dossiers are wanted. What is empty lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// What the code begins with.
    pub code_prefix: String,
    /// It holds them, they are on offer to it, or it is asked about them.
    pub agency: Option<AgencyId>,
    /// Any of these statuses.
    pub statuses: Vec<Status>,
    /// Of this procedure. Imported history has none of ours.
    pub procedure: Option<ProcedureCode>,
    /// Who took them in, or imported them.
    pub received_by: Option<AgencyId>,
    /// Imported history only, or none of it.
    pub imported: Option<bool>,
    /// When they were received, filed or refused.
    pub received: Option<Days>,
    /// When they are or were due, kept or not.
    pub due: Option<Days>,
    /// Not done, and promised for an earlier day than this one. What stands is as late as it was when it came to stand.
    pub overdue_as_of: Option<Date>,
}

/// Where a search goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Vec<u8>);

/// What one search found.
#[derive(Debug)]
pub struct Found {
    /// In the order of their codes.
    pub dossiers: Vec<(DossierCode, Arc<State>)>,
    /// Where the next page begins; none when there is nothing more.
    pub next: Option<Place>,
}

impl Place {
    /// Just behind a dossier.
    #[must_use]
    pub fn behind(code: &DossierCode) -> Self {
        // No code has a zero byte, so nothing lies between.
        Self([code.as_str().as_bytes(), &[0]].concat())
    }

    /// As a token says it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The place that a token says; none when it says no such thing.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let code = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        keys::code(code).map(|_| Self(bytes.to_vec()))
    }
}

impl Query {
    /// Whether a dossier is wanted.
    #[must_use]
    pub fn fits(&self, code: &DossierCode, state: &State) -> bool {
        let dossier = &state.dossier;
        let (procedure, received_by, case) = match dossier {
            Dossier::Live(case) => (Some(&case.procedure), &case.received_by, Some(case)),
            Dossier::Imported(imported) => (None, &imported.by, None),
        };
        let within = |days: &Option<Days>, on: fn(&Dossier) -> Option<Date>| {
            days.as_ref().is_none_or(|days| on(dossier).is_some_and(|day| days.contains(&day)))
        };
        let is_before =
            |agency: &AgencyId| standings(state).get(agency).copied().is_some_and(Standing::is_before);
        let in_status = || dossier.status().is_some_and(|status| self.statuses.contains(&status));
        code.as_str().starts_with(&self.code_prefix)
            && (self.statuses.is_empty() || in_status())
            && (self.procedure.is_none() || self.procedure.as_ref() == procedure)
            && self.received_by.as_ref().is_none_or(|wanted| wanted == received_by)
            && self.imported.is_none_or(|wanted| wanted == case.is_none())
            && within(&self.received, received_on)
            && within(&self.due, due_on)
            && self.overdue_as_of.is_none_or(|day| case.is_some_and(|case| is_overdue(case, day)))
            && self.agency.as_ref().is_none_or(is_before)
    }

    /// The lists that together have every dossier that is wanted; at least one.
    fn lists<'a>(&self, store: &'a Store, from: &[u8]) -> Result<Vec<Codes<'a>>, StoreError> {
        let rows = |prefix: Vec<u8>| Codes::rows(&store.tree, prefix, &self.code_prefix);
        let mut lists = Vec::new();
        lists.extend(self.agency.as_ref().map(|agency| rows(keys::index_prefix(agency))));
        lists.extend(self.received_by.as_ref().map(|agency| rows(Facet::ReceivedBy(agency).prefix())));
        lists.extend(self.procedure.as_ref().map(|code| rows(Facet::Procedure(Some(code)).prefix())));
        if self.imported == Some(true) {
            lists.push(rows(Facet::Procedure(None).prefix()));
        }
        if !self.statuses.is_empty() {
            let each = self.statuses.iter().map(|status| rows(Facet::Status(Some(*status)).prefix()));
            lists.push(Codes::any(each.collect()));
        }
        for days in self.ranges() {
            lists.extend(Codes::sorted(&store.tree, days, &self.code_prefix, from)?);
        }
        if lists.is_empty() {
            lists.push(rows(keys::dossier_prefix("")));
        }
        Ok(lists)
    }

    /// Each filter by days as ranges of keys, of which any may have a dossier: from a prefix to another, both included.
    fn ranges(&self) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut ranges = Vec::new();
        if let Some(days) = &self.received {
            ranges
                .push(vec![(Facet::Received(*days.start()).prefix(), Facet::Received(*days.end()).prefix())]);
        }
        let due = |status: Option<Status>, days: &Days| {
            (Facet::Due(status, *days.start()).prefix(), Facet::Due(status, *days.end()).prefix())
        };
        let wanted = |status: &Status| self.statuses.is_empty() || self.statuses.contains(status);
        if let Some(days) = &self.due {
            let known = Status::ALL.into_iter().filter(wanted).map(Some);
            // Of a source that gives none.
            let unknown = self.statuses.is_empty().then_some(None);
            ranges.push(known.chain(unknown).map(|status| due(status, days)).collect());
        }
        if let Some(day) = self.overdue_as_of {
            let days = FIRST_DAY..=day.yesterday().unwrap_or(day);
            ranges.push(LATE_IN.into_iter().filter(wanted).map(|status| due(Some(status), &days)).collect());
        }
        ranges
    }
}

/// The first day that an instant may have.
const FIRST_DAY: Date = Date::constant(1, 1, 1);

impl Store {
    /// The first `size` dossiers at or behind a place that are wanted, in the order of their codes.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn find(&self, query: &Query, from: Option<&Place>, size: usize) -> Result<Found, StoreError> {
        self.write_out()?;
        let mut at = from.map(|place| place.0.clone()).unwrap_or_default();
        let mut lists = query.lists(self, &at)?;
        let (mut dossiers, mut effort) = (Vec::new(), Effort::default());
        for _ in 0..ROWS_MAX {
            match agree(&mut lists, at, &mut effort)? {
                None => return Ok(Found { dossiers, next: None }),
                Some(found) => at = found,
            }
            if dossiers.len() == size || effort.is_spent() {
                break;
            }
            let code = keys::code(&at).ok_or(StoreError::Row { kind: '?' })?;
            at = Place::behind(&code).0;
            if let Some(state) = self.state(&code)?.filter(|state| query.fits(&code, state)) {
                dossiers.push((code, state));
            }
        }
        Ok(Found { dossiers, next: Some(Place(at)) })
    }
}
