//! Reminders: what an agency is reminded of on a working day.
//!
//! ```text
//! tasks of the agency that are due about that day --state--> reminders(state, day) --> of this agency, in the order of codes
//! ```
//!
//! A reminder is a pure function of a dossier's state and the day. Its id says code, clock, day due and rule, so that one
//! that is sent twice is dealt with once. A stream asks at the opening of each day, and for the days that it missed once it
//! goes on: what was done meanwhile needs no reminder any more.

mod stream;

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use lienthong_admission::State;
use lienthong_calendar::{Calendar, Instant, Reminder, vietnamese_date};
use lienthong_dossier::{Case, Clock, DossierCode};
use lienthong_projection::{Matter, StoreError, Task, tasks};
use lienthong_registry::{AgencyId, Registry, StepId};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::timestamp;
use uuid::Uuid;

use super::view::{agency_name, pack_of};
use crate::node::Node;

pub(crate) use stream::Reminding;

/// The space of names that ids of reminders are made in.
const NAMES: Uuid = Uuid::from_bytes(*b"lienthong-remind");
/// Days that calendars of different versions may differ by, about a day due.
const CALENDARS_DIFFER_DAYS_MAX: i64 = 7;

/// Which clock somebody is reminded of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reminded {
    /// The dossier's.
    Dossier,
    /// The current step's.
    Step(StepId),
    /// A referral's.
    Referral(u32),
}

/// One reminder: somebody is to know that a clock is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    /// Whom it is for.
    pub(crate) agency: AgencyId,
    /// Which clock.
    pub(crate) clock: Reminded,
    /// When that is due.
    pub(crate) at: Instant,
    /// Which of the four reminders.
    pub(crate) rule: Reminder,
}

/// The reminders of a dossier in this state for a day, for whomever they are: none on a day off of the calendar that it pins,
/// and none of a clock that stands or has ended.
pub(crate) fn reminders(registry: &Registry, code: &DossierCode, state: &State, day: Date) -> Vec<Due> {
    let Some(case) = state.dossier.live() else { return Vec::new() };
    let Some(calendar) = registry.calendar(&case.pins.calendar) else { return Vec::new() };
    let due = |(agency, task): (AgencyId, Task)| {
        let (clock, at) = clock_of(case, &task)?;
        let rule = Reminder::on(calendar, at.date(), day)?;
        Some(Due { agency, clock, at, rule })
    };
    let mut all: Vec<Due> = tasks(code, state).into_iter().filter_map(due).collect();
    all.sort();
    all
}

/// The clock that a task stands for. An offer has none of its own, and stands beside the promise.
fn clock_of(case: &Case, task: &Task) -> Option<(Reminded, Instant)> {
    match task.matter {
        Matter::Offer => None,
        Matter::Promise => Some((Reminded::Dossier, task.due()?)),
        Matter::Referral(ordinal) => Some((Reminded::Referral(ordinal), task.due()?)),
        Matter::Step => match (&case.step, case.step_clock) {
            (Some(step), Clock::Running { due, .. }) if step.begun.is_some() => {
                Some((Reminded::Step(step.id.clone()), due))
            }
            _ => None,
        },
    }
}

impl Due {
    /// The same whenever this reminder is made.
    pub(crate) fn id(&self, code: &DossierCode) -> Uuid {
        let clock = match &self.clock {
            Reminded::Dossier => "dossier".to_owned(),
            Reminded::Step(step) => format!("step {step}"),
            Reminded::Referral(ordinal) => format!("referral {ordinal}"),
        };
        // No part has a line break.
        let name = format!("{code}\n{clock}\n{}\n{}", self.at.date(), self.rule.rule());
        Uuid::new_v5(&NAMES, name.as_bytes())
    }

    fn shown(&self, registry: &Registry, code: &DossierCode, case: &Case, day: Date) -> pb::Reminder {
        let (clock, step, referral, what) = match &self.clock {
            Reminded::Dossier => (pb::RemindedClock::Dossier, String::new(), 0, "hẹn trả kết quả".to_owned()),
            Reminded::Step(step) => {
                let written = pack_of(registry, case).and_then(|pack| pack.step(step));
                let name = written.map_or(step.as_str(), |step| &step.name);
                (pb::RemindedClock::Step, step.to_string(), 0, format!("bước “{name}”"))
            }
            Reminded::Referral(ordinal) => {
                let from = case.referrals.get(ordinal).map(|referral| &referral.from);
                let from = from.map(|from| agency_name(registry, from, day)).unwrap_or_default();
                (pb::RemindedClock::Referral, String::new(), *ordinal, format!("trả lời {from}"))
            }
        };
        let rule = match self.rule {
            Reminder::TwoBefore => pb::ReminderRule::TwoBefore,
            Reminder::OneBefore => pb::ReminderRule::OneBefore,
            Reminder::OnTheDay => pb::ReminderRule::OnTheDay,
            Reminder::OneAfter => pb::ReminderRule::OneAfter,
        };
        let due = vietnamese_date(self.at.date());
        pb::Reminder {
            id: self.id(code).to_string(),
            token: String::new(),
            day: day.to_string(),
            code: code.to_string(),
            clock: clock.into(),
            step,
            referral,
            due: Some(timestamp(self.at)),
            rule: rule.into(),
            text: format!("Hồ sơ {code}, {what}: hạn {due}, {}", self.rule.vietnamese()),
        }
    }
}

impl Node {
    /// Codes behind one of dossiers of which an agency may be reminded on a day, in their order. Reads the store: not for an
    /// async task.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn reminded_of(
        &self,
        agency: &AgencyId,
        day: Date,
        behind: Option<&DossierCode>,
    ) -> Result<BTreeSet<DossierCode>, StoreError> {
        let registry = self.registry();
        let Some((first, last)) = registry.calendar_in_force(day).and_then(|it| due_about(it, day)) else {
            return Ok(BTreeSet::new());
        };
        let mut codes = BTreeSet::new();
        for task in self.store().tasks_from(agency, Instant::at(first, Time::midnight())) {
            let task = task?;
            if task.due().is_none_or(|due| due.date() > last) {
                break;
            }
            if behind.is_none_or(|behind| task.code > *behind) {
                codes.insert(task.code);
            }
        }
        Ok(codes)
    }

    /// The reminders of one dossier for an agency on a day.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn reminders_of(
        &self,
        agency: &AgencyId,
        day: Date,
        code: &DossierCode,
    ) -> Result<Vec<pb::Reminder>, StoreError> {
        let Some(state) = self.store().state(code)? else { return Ok(Vec::new()) };
        let Some(case) = state.dossier.live() else { return Ok(Vec::new()) };
        let registry = self.registry();
        let all = reminders(&registry, code, &state, day).into_iter();
        Ok(all.filter(|due| due.agency == *agency).map(|due| due.shown(&registry, code, case, day)).collect())
    }
}

/// The reminders of the next `size` dossiers that have any, and behind which dossier they go on; none when there is nothing
/// behind it. Reads the store: not for an async task.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn page(
    node: &Node,
    agency: &AgencyId,
    day: Date,
    behind: Option<&DossierCode>,
    size: usize,
) -> Result<(Vec<pb::Reminder>, Option<DossierCode>), StoreError> {
    let (mut page, mut dossiers, mut last) = (Vec::new(), 0, None);
    for code in node.reminded_of(agency, day, behind)? {
        let reminders = node.reminders_of(agency, day, &code)?;
        if reminders.is_empty() {
            continue;
        }
        if dossiers == size {
            return Ok((page, last));
        }
        (dossiers, last) = (dossiers + 1, Some(code));
        page.extend(reminders);
    }
    Ok((page, None))
}

/// The first and the last day due of which one may be reminded on a day, by any version of the calendar; none beyond it.
fn due_about(calendar: &Calendar, day: Date) -> Option<(Date, Date)> {
    let differ = jiff::SignedDuration::from_hours(24 * CALENDARS_DIFFER_DAYS_MAX);
    // What was due on the last working day is one day over; what is due two working days on, two before. A day due that is
    // off counts as the working day before it.
    let first = calendar.working_days_before(day, 1).unwrap_or(day);
    let last = calendar.add_working_days(day, 3).unwrap_or(day);
    Some((first.checked_sub(differ).ok()?, last.checked_add(differ).ok()?))
}

#[cfg(test)]
mod tests;
