//! Clocks: how an event moves the promise of the dossier and the limit of the current step.
//!
//! ```text
//! Idle --run--> Running --pause--> Paused
//!                 |  ^---resume------'
//!                 `--end--> Ended --recall--> Running
//! ```
//!
//! What an event does to a clock is computed once, when it is proposed, and checked on admission. `fold` takes it
//! from the event, so a dossier's promise never changes because a calendar was published later.

use lienthong_calendar::{Instant, Limit, Promise, WorkingTime};
use lienthong_registry::{AgencyId, Pack, Registry, StepKind, Supplement};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Phase};
use crate::denial::Denial;
use crate::event::{ClockChange, Clocks, EventKind, Pins};

/// A clock of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Clock {
    /// Never started, or nothing to be late for.
    #[default]
    Idle,
    /// Runs towards `due`.
    Running {
        /// Working time counts from here.
        start: Instant,
        /// The promise.
        due: Instant,
    },
    /// Stands still.
    Paused {
        /// When it began to run, or will at the earliest.
        start: Instant,
        /// The promise before the pause; none when it has not run yet.
        due: Option<Instant>,
        /// Working minutes that remain.
        remaining_minutes: u32,
        /// Since when it stands.
        since: Instant,
    },
    /// Done.
    Ended {
        /// The promise.
        due: Instant,
        /// When it was met or missed.
        at: Instant,
    },
}

impl Clock {
    /// The clock after a change. Total.
    #[must_use]
    pub fn fold(self, change: Option<ClockChange>, at: Instant) -> Self {
        let Some(change) = change else { return self };
        match change {
            ClockChange::Runs { start, due } => Self::Running { start, due },
            ClockChange::Pauses { remaining_minutes } => match self {
                Self::Running { start, due } => {
                    Self::Paused { start, due: Some(due), remaining_minutes, since: at }
                }
                Self::Paused { start, due, since, .. } => {
                    Self::Paused { start, due, remaining_minutes, since }
                }
                Self::Idle => Self::Paused { start: at, due: None, remaining_minutes, since: at },
                Self::Ended { due, .. } => {
                    Self::Paused { start: at, due: Some(due), remaining_minutes, since: at }
                }
            },
            ClockChange::Ends => match self {
                Self::Running { due, .. } | Self::Paused { due: Some(due), .. } => Self::Ended { due, at },
                Self::Idle | Self::Paused { due: None, .. } => Self::Idle,
                Self::Ended { due, at } => Self::Ended { due, at },
            },
        }
    }

    /// The promise, as it stands or stood.
    #[must_use]
    pub fn due(self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Paused { due, .. } => due,
            Self::Running { due, .. } | Self::Ended { due, .. } => Some(due),
        }
    }
}

/// The calendar, hours and pack a case is timed by.
pub(crate) struct Timing<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) pack: &'a Pack,
}

impl<'a> Timing<'a> {
    /// # Errors
    /// The case pins a pack that the registry does not have.
    pub(crate) fn of(case: &Case, registry: &'a Registry) -> Result<Self, Denial> {
        let pack = registry.pack(&case.procedure, &case.pins.pack).ok_or_else(|| Denial::NoPackInForce {
            procedure: case.procedure.clone(),
            on: case.opened_on(),
        })?;
        Ok(Self { registry, pack })
    }

    /// Working time of an agency by the calendar the case pins.
    pub(crate) fn working(&self, case: &Case, agency: &AgencyId) -> Result<WorkingTime<'a>, Denial> {
        self.working_by(&case.pins, agency)
    }

    /// The same by the calendar of other pins.
    pub(crate) fn working_by(&self, pins: &Pins, agency: &AgencyId) -> Result<WorkingTime<'a>, Denial> {
        let agency =
            self.registry.agency(agency).ok_or_else(|| Denial::UnknownAgency { agency: agency.clone() })?;
        let calendar = self
            .registry
            .calendar(&pins.calendar)
            .ok_or_else(|| Denial::NoCalendar { version: pins.calendar.clone() })?;
        Ok(WorkingTime { calendar, hours: &agency.hours })
    }

    /// What an event that leads from `before` to `after` does to both clocks, at the instant it counts from.
    pub(crate) fn clocks(
        &self,
        before: Option<&Case>,
        after: &Case,
        kind: &EventKind,
        at: Instant,
    ) -> Result<Clocks, Denial> {
        Ok(Clocks {
            dossier: self.dossier(before, after, kind, at)?,
            step: self.step(before, after, kind, at)?,
        })
    }

    fn dossier(
        &self,
        before: Option<&Case>,
        after: &Case,
        kind: &EventKind,
        at: Instant,
    ) -> Result<Option<ClockChange>, Denial> {
        let clock = before.map_or(Clock::Idle, |case| case.clock);
        let working = self.working(after, &after.received_by)?;
        let restarts = matches!(kind, EventKind::SupplementReceived { .. })
            && self.pack.supplement() == Supplement::Restart
            && !matches!(clock, Clock::Idle | Clock::Ended { .. });
        let goal = match after.phase {
            Phase::Filed | Phase::Refused => return Ok(None),
            Phase::Issued | Phase::Delivered | Phase::Withdrawn => return Ok(end(clock)),
            Phase::Accepted | Phase::Processing if after.is_paused() => Goal::Stand,
            Phase::Accepted | Phase::Processing => Goal::Run,
        };
        if let EventKind::DueDateRecomputed { .. } = kind {
            let old = before.map(|before| self.working(before, &before.received_by)).transpose()?;
            return old.map_or(Ok(None), |old| recomputed(clock, &old, &working, at));
        }
        if let EventKind::DossierAdopted(_) = kind {
            let told = after.adopted.as_ref().and_then(|told| told.told.as_ref());
            if let Some(due) = told.and_then(|(_, told)| told.due) {
                return runs(Promise { start: after.opened_at, due });
            }
        }
        if restarts {
            // NĐ 61/2018 art. 19.6: counted again from the start once the dossier is complete.
            return match goal {
                Goal::Run => runs(working.promise(at, self.pack.total())?),
                Goal::Stand => {
                    Ok(Some(ClockChange::Pauses { remaining_minutes: minutes(self.pack.total()) }))
                }
            };
        }
        if let EventKind::ApologyIssued { days, .. } = kind
            && let Clock::Running { start, due } = clock
        {
            return Ok(Some(ClockChange::Runs { start, due: working.extend(due, *days)? }));
        }
        if let (Clock::Idle, Goal::Run) = (clock, goal) {
            return runs(working.promise(at, self.pack.total())?);
        }
        turn(clock, goal, &working, at)
    }

    fn step(
        &self,
        before: Option<&Case>,
        after: &Case,
        kind: &EventKind,
        at: Instant,
    ) -> Result<Option<ClockChange>, Denial> {
        let clock = before.map_or(Clock::Idle, |case| case.step_clock);
        let begun = |case: &Case| case.step.clone().filter(|step| step.begun.is_some());
        let (was, is) = (before.and_then(begun), begun(after));
        let Some(step) = is else { return Ok(end(clock)) };
        match after.phase {
            Phase::Accepted | Phase::Processing | Phase::Issued => {}
            Phase::Filed => return Ok(None),
            Phase::Refused | Phase::Delivered | Phase::Withdrawn => return Ok(end(clock)),
        }
        let working = self.working(after, after.custody.holder())?;
        // A posting runs by the civil calendar; nothing makes it stand.
        let posted = self.pack.step(&step.id).is_some_and(|step| step.kind == StepKind::Posting);
        let goal = if after.is_paused() && !posted { Goal::Stand } else { Goal::Run };
        if let (EventKind::DueDateRecomputed { .. }, Some(before)) = (kind, before) {
            let old = self.working(before, before.custody.holder())?;
            return if posted { Ok(None) } else { recomputed(clock, &old, &working, at) };
        }
        if was.as_ref() == Some(&step) {
            return turn(clock, goal, &working, at);
        }
        let Some(limit) = self.pack.step(&step.id).and_then(|step| step_limit(step.kind, step.limit)) else {
            return Ok(end(clock));
        };
        match goal {
            Goal::Run => runs(working.step(at, limit)?),
            Goal::Stand => Ok(Some(ClockChange::Pauses { remaining_minutes: minutes(limit) })),
        }
    }
}

/// The limit a step is held to; waits for others have none of their own.
fn step_limit(kind: StepKind, limit: Limit) -> Option<Limit> {
    match kind {
        StepKind::Work | StepKind::Posting => (limit.minutes() != Some(0)).then_some(limit),
        StepKind::WaitCitizen | StepKind::WaitAgency => None,
    }
}

#[derive(Clone, Copy)]
enum Goal {
    Run,
    Stand,
}

fn runs(Promise { start, due }: Promise) -> Result<Option<ClockChange>, Denial> {
    Ok(Some(ClockChange::Runs { start, due }))
}

/// Working minutes of a limit. Calendar days have none: they are those of postings, which never stand.
fn minutes(limit: Limit) -> u32 {
    limit.minutes().unwrap_or(0)
}

fn end(clock: Clock) -> Option<ClockChange> {
    match clock {
        Clock::Running { .. } | Clock::Paused { .. } => Some(ClockChange::Ends),
        Clock::Idle | Clock::Ended { .. } => None,
    }
}

/// What another calendar does to a clock that runs: the working time that remains is the same, and runs by the new one. What
/// is due has been due.
fn recomputed(
    clock: Clock,
    old: &WorkingTime<'_>,
    new: &WorkingTime<'_>,
    at: Instant,
) -> Result<Option<ClockChange>, Denial> {
    let Clock::Running { start, due } = clock else { return Ok(None) };
    // A limit that has not begun begins on the first working day of the new calendar.
    let one_day = Limit::days(1);
    let begins = if at < start { new.promise(at, one_day)?.start } else { start };
    let moved = moved(due, old, new, at)?;
    if (begins, moved) == (start, due) { Ok(None) } else { runs(Promise { start: begins, due: moved }) }
}

/// When something is due by another calendar that is due later than `at` by the old one.
pub(crate) fn moved(
    due: Instant,
    old: &WorkingTime<'_>,
    new: &WorkingTime<'_>,
    at: Instant,
) -> Result<Instant, Denial> {
    if due <= at {
        return Ok(due);
    }
    let remaining = u32::try_from(old.minutes_between(at, due)?).unwrap_or(u32::MAX);
    Ok(new.add_minutes(at.floor_minute(), remaining)?)
}

/// Pauses, resumes or leaves a clock that has been started.
fn turn(
    clock: Clock,
    goal: Goal,
    working: &WorkingTime<'_>,
    at: Instant,
) -> Result<Option<ClockChange>, Denial> {
    match (clock, goal) {
        (Clock::Running { start, due }, Goal::Stand) => {
            let remaining = working.minutes_between(at.max(start), due)?;
            let remaining_minutes = u32::try_from(remaining).unwrap_or(u32::MAX);
            Ok(Some(ClockChange::Pauses { remaining_minutes }))
        }
        // The promise was missed before the pause, and a pause does not undo that.
        (Clock::Paused { start, due: Some(due), remaining_minutes: 0, since }, Goal::Run)
            if since.date() > due.date() =>
        {
            runs(Promise { start, due })
        }
        (Clock::Paused { start, remaining_minutes, .. }, Goal::Run) => {
            let from = at.floor_minute().max(start);
            runs(Promise { start, due: working.add_minutes(from, remaining_minutes)? })
        }
        // A result called back: the promise is what it was.
        (Clock::Ended { due, .. }, Goal::Run) => runs(Promise { start: at.floor_minute(), due }),
        (Clock::Ended { .. }, Goal::Stand) => Ok(Some(ClockChange::Pauses { remaining_minutes: 0 })),
        (Clock::Idle, _) | (Clock::Running { .. }, Goal::Run) | (Clock::Paused { .. }, Goal::Stand) => {
            Ok(None)
        }
    }
}
