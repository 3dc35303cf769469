//! Facets: what a dossier is found by, and how its rows are named.
//!
//! | key | finds |
//! |---|---|
//! | `fs` status code | dossiers of a status, 0 where there is none |
//! | `fp` procedure `\0` code | dossiers of a procedure; of none: imported history |
//! | `fb` agency `\0` code | dossiers that it took in |
//! | `fr` day code | dossiers received on a day |
//! | `fu` status day code | dossiers of a status that are due on a day |
//!
//! All are in the order of codes within what they find. A row has no value, so a change writes the rows that come and the
//! rows that go, and no other. Days are those of Vietnam, as `2026-11-22`.

use jiff::civil::Date;
use lienthong_admission::State;
use lienthong_calendar::Instant;
use lienthong_dossier::{Case, Clock, Dossier, DossierCode, Imported, Status};
use lienthong_registry::{AgencyId, ProcedureCode};

use crate::keys;

/// First letter of a facet's key.
pub(crate) const FACET: u8 = b'f';
/// What ends a name within a key: no name and no code has it.
const END: u8 = 0;
/// Bytes of a day.
const DAY_BYTES: usize = 10;

/// One thing that dossiers are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet<'a> {
    Status(Option<Status>),
    /// None for imported history, which has none of ours.
    Procedure(Option<&'a ProcedureCode>),
    ReceivedBy(&'a AgencyId),
    Received(Date),
    Due(Option<Status>, Date),
}

impl Facet<'_> {
    /// What the keys of all its dossiers begin with, and no other key.
    pub(crate) fn prefix(self) -> Vec<u8> {
        let mut key = vec![FACET];
        match self {
            Self::Status(status) => key.extend([b's', number(status)]),
            Self::Procedure(procedure) => {
                key.push(b'p');
                key.extend(procedure.map_or("", ProcedureCode::as_str).bytes());
                key.push(END);
            }
            Self::ReceivedBy(agency) => {
                key.push(b'b');
                key.extend(agency.as_str().bytes());
                key.push(END);
            }
            Self::Received(day) => {
                key.push(b'r');
                key.extend(day.to_string().bytes());
            }
            Self::Due(status, day) => {
                key.extend([b'u', number(status)]);
                key.extend(day.to_string().bytes());
            }
        }
        key
    }

    /// The key by which it finds a dossier.
    pub(crate) fn key(self, code: &DossierCode) -> Vec<u8> {
        [&self.prefix()[..], code.as_str().as_bytes()].concat()
    }
}

/// Where the code begins in a facet's key.
pub(crate) fn code_at(key: &[u8]) -> Option<usize> {
    let [FACET, letter, rest @ ..] = key else { return None };
    let named = || rest.iter().position(|byte| *byte == END).map(|end| end + 1);
    let length = match letter {
        b's' => Some(1),
        b'p' | b'b' => named(),
        b'r' => Some(DAY_BYTES),
        b'u' => Some(1 + DAY_BYTES),
        _ => None,
    };
    length.filter(|length| rest.len() >= *length).map(|length| 2 + length)
}

/// What a dossier is found by.
pub(crate) fn facets(state: &State) -> Vec<Facet<'_>> {
    let status = state.dossier.status();
    let (procedure, received_by) = match &state.dossier {
        Dossier::Live(case) => (Some(&case.procedure), &case.received_by),
        Dossier::Imported(imported) => (None, &imported.by),
    };
    let mut facets = vec![Facet::Status(status), Facet::Procedure(procedure), Facet::ReceivedBy(received_by)];
    facets.extend(received_on(&state.dossier).map(Facet::Received));
    facets.extend(due_on(&state.dossier).map(|day| Facet::Due(status, day)));
    facets
}

/// The day on which a dossier was received, filed or refused; of imported history the day that the source gives.
pub(crate) fn received_on(dossier: &Dossier) -> Option<Date> {
    let at = match dossier {
        Dossier::Live(case) => Some(case.opened_at),
        Dossier::Imported(imported) => told(imported, |told| told.received_at),
    };
    at.map(Instant::date)
}

/// The day that was promised, kept or not; none while no promise stands.
pub(crate) fn due_on(dossier: &Dossier) -> Option<Date> {
    let due = match dossier {
        Dossier::Live(case) => case.clock.due(),
        Dossier::Imported(imported) => told(imported, |told| told.due),
    };
    due.map(Instant::date)
}

/// Whether a case is late on a day: its promise was of an earlier day, and it is not done. What stands is as late as it was
/// when it came to stand (rules 4.5).
pub(crate) fn is_overdue(case: &Case, day: Date) -> bool {
    let is_late = match case.clock {
        Clock::Running { due, .. } => due.date() < day,
        Clock::Paused { due: Some(due), since, .. } => due.date() < since.date().min(day),
        Clock::Idle | Clock::Paused { due: None, .. } | Clock::Ended { .. } => false,
    };
    is_late && LATE_IN.contains(&case.status())
}

/// Statuses in which a case may be late: it was received, and is not done.
pub(crate) const LATE_IN: [Status; 5] = [
    Status::Accepted,
    Status::Processing,
    Status::SupplementRequested,
    Status::PaymentAwaited,
    Status::Stopped,
];

fn told(imported: &Imported, pick: fn(&lienthong_dossier::Told) -> Option<Instant>) -> Option<Instant> {
    imported.told.as_ref().and_then(|(_, told)| pick(told))
}

fn number(status: Option<Status>) -> u8 {
    status.map_or(0, Status::code)
}

/// The keys by which a dossier is found.
#[cfg(test)]
pub(crate) fn facet_keys(code: &DossierCode, state: &State) -> impl Iterator<Item = Vec<u8>> {
    facets(state).into_iter().map(|facet| facet.key(code))
}

/// The dossier of a facet's key.
pub(crate) fn parse_facet(key: &[u8]) -> Option<DossierCode> {
    keys::code(&key[code_at(key)?..])
}
