//! Tasks: what stands before an agency, in the order in which it is due.
//!
//! | key | value |
//! |---|---|
//! | `t` agency `\0` due, matter, ordinal, code | nothing |
//!
//! Due is in microseconds, as a big-endian number that keeps the order; what runs towards nothing comes last.

use lienthong_admission::State;
use lienthong_calendar::Instant;
use lienthong_dossier::{Case, Clock, Custody, Dossier, DossierCode};
use lienthong_registry::AgencyId;

use crate::error::StoreError;
use crate::keys;
use crate::standing::is_over;
use crate::store::{Store, after};

/// First letter of a task's key.
pub(crate) const TASK: u8 = b't';
/// Turns the order of signed numbers into that of unsigned ones.
const SIGN: u64 = 1 << 63;

/// What an agency is waited for with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// The dossier is on offer to it.
    Offer,
    /// It is asked something: the ordinal of the referral.
    Referral(u32),
    /// It holds the dossier, and works on the current step.
    Step,
    /// The promise to the citizen, which runs while the dossier lies before it: with the dossier on offer to it, or else in
    /// its hands. Beside one of the others, never alone.
    Promise,
}

/// One thing before an agency. In the order in which they are due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// When it is due: of a step without a limit of its own when the dossier is. None when nothing runs, which comes last.
    due: Due,
    /// What it is.
    pub matter: Matter,
    /// The dossier.
    pub code: DossierCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    At(Instant),
    Never,
}

impl Task {
    fn new(code: &DossierCode, matter: Matter, due: Option<Instant>) -> Self {
        Self { due: due.map_or(Due::Never, Due::At), matter, code: code.clone() }
    }

    /// When it is due; none when nothing runs.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        match self.due {
            Due::At(due) => Some(due),
            Due::Never => None,
        }
    }

    /// Its place in the order, for a token.
    #[must_use]
    pub fn place(&self) -> Vec<u8> {
        let due = match self.due {
            Due::At(due) => due.as_micros().cast_unsigned() ^ SIGN,
            Due::Never => u64::MAX,
        };
        let (matter, ordinal) = match self.matter {
            Matter::Offer => (1_u8, 0),
            Matter::Referral(ordinal) => (2, ordinal),
            Matter::Step => (3, 0),
            Matter::Promise => (4, 0),
        };
        [&due.to_be_bytes()[..], &[matter], &ordinal.to_be_bytes(), self.code.as_str().as_bytes()].concat()
    }

    /// The task of a place; none when it is none.
    #[must_use]
    pub fn parse(place: &[u8]) -> Option<Self> {
        let (due, rest) = place.split_first_chunk()?;
        let (matter, rest) = rest.split_first()?;
        let (ordinal, code) = rest.split_first_chunk()?;
        let due = match u64::from_be_bytes(*due) {
            u64::MAX => Due::Never,
            due => Due::At(Instant::try_from((due ^ SIGN).cast_signed()).ok()?),
        };
        let matter = match (matter, u32::from_be_bytes(*ordinal)) {
            (1, 0) => Matter::Offer,
            (2, ordinal) => Matter::Referral(ordinal),
            (3, 0) => Matter::Step,
            (4, 0) => Matter::Promise,
            _ => return None,
        };
        Some(Self { due, matter, code: keys::code(code)? })
    }
}

/// Everything of a dossier that stands before some agency.
#[must_use]
pub fn tasks(code: &DossierCode, state: &State) -> Vec<(AgencyId, Task)> {
    match &state.dossier {
        Dossier::Live(case) if !is_over(case.phase) => of_case(code, case),
        Dossier::Live(_) | Dossier::Imported(_) => Vec::new(),
    }
}

fn of_case(code: &DossierCode, case: &Case) -> Vec<(AgencyId, Task)> {
    let promise = running(case.clock);
    let begun = case.step.as_ref().is_some_and(|step| step.begun.is_some());
    let (agency, task) = match &case.custody {
        Custody::Offered { to, .. } => (to, Task::new(code, Matter::Offer, promise)),
        Custody::Held { by } => {
            let step = if begun { running(case.step_clock) } else { None };
            (by, Task::new(code, Matter::Step, step.or(promise)))
        }
    };
    let mut all = vec![(agency.clone(), task)];
    all.extend(promise.map(|due| (agency.clone(), Task::new(code, Matter::Promise, Some(due)))));
    let open = case.referrals.iter().filter(|(_, referral)| referral.state.is_open());
    all.extend(open.map(|(ordinal, referral)| {
        (referral.to.clone(), Task::new(code, Matter::Referral(*ordinal), Some(referral.due)))
    }));
    all
}

fn running(clock: Clock) -> Option<Instant> {
    match clock {
        Clock::Running { due, .. } => Some(due),
        Clock::Idle | Clock::Paused { .. } | Clock::Ended { .. } => None,
    }
}

/// The key of an agency's task.
pub(crate) fn task_key((agency, task): &(AgencyId, Task)) -> Vec<u8> {
    [prefix(agency), task.place()].concat()
}

/// The keys of a dossier's tasks.
#[cfg(test)]
pub(crate) fn task_keys(code: &DossierCode, state: &State) -> impl Iterator<Item = Vec<u8>> {
    tasks(code, state).into_iter().map(|task| task_key(&task))
}

fn prefix(agency: &AgencyId) -> Vec<u8> {
    [&[TASK][..], agency.as_str().as_bytes(), &[0]].concat()
}

/// The dossier of a task's key.
pub(crate) fn parse_task(key: &[u8]) -> Option<DossierCode> {
    task_of(key).map(|task| task.code)
}

fn task_of(key: &[u8]) -> Option<Task> {
    let rest = key.strip_prefix(&[TASK])?;
    let zero = rest.iter().position(|byte| *byte == 0)?;
    AgencyId::parse(str::from_utf8(&rest[..zero]).ok()?).ok()?;
    Task::parse(&rest[zero + 1..])
}

impl Store {
    /// The tasks of an agency after one of them, in the order in which they are due.
    pub fn tasks(
        &self,
        agency: &AgencyId,
        behind: Option<&Task>,
    ) -> impl Iterator<Item = Result<Task, StoreError>> {
        let prefix = prefix(agency);
        let from = behind.map(|task| [&prefix[..], &task.place()].concat());
        self.task_rows(from, prefix)
    }

    /// The tasks of an agency that are due at `from` or later, in the order in which they are due.
    pub fn tasks_from(
        &self,
        agency: &AgencyId,
        from: Instant,
    ) -> impl Iterator<Item = Result<Task, StoreError>> {
        let prefix = prefix(agency);
        let due = (from.as_micros().cast_unsigned() ^ SIGN).to_be_bytes();
        // No key is as short as this one.
        self.task_rows(Some([&prefix[..], &due].concat()), prefix)
    }

    fn task_rows(
        &self,
        from: Option<Vec<u8>>,
        prefix: Vec<u8>,
    ) -> impl Iterator<Item = Result<Task, StoreError>> {
        let each = |(key, _): (sled::IVec, sled::IVec)| {
            task_of(&key).ok_or(StoreError::Row { kind: keys::kind(&key) })
        };
        self.range(after(from, prefix)).map(move |pair| pair.and_then(each))
    }
}
