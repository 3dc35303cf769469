//! A dossier as anyone of its agencies may see it: its row, the registry's names beside the ids, no personal data.

use jiff::civil::Date;
use lienthong_admission::State;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Case, Clock, Custody, Dossier, DossierCode, Hold, Imported, PaperNumber, Referral, ReferralState, Status,
};
use lienthong_registry::{AgencyId, Pack, Registry};
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, Timestamp, timestamp};

use super::left::{left, left_until, verdict, working};
use super::notices;

/// A dossier's row, on its way out.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// Names agencies, steps and procedures.
    pub(crate) registry: &'a Registry,
    /// The log is a training log.
    pub(crate) training: bool,
    /// Where the dossier lies.
    pub(crate) partition: u16,
    /// The dossier.
    pub(crate) code: &'a DossierCode,
    /// The instant at which it is said what is left of clocks.
    pub(crate) as_of: Instant,
}

impl View<'_> {
    /// The dossier at the position just behind its last admitted record, where it has been in this state since.
    pub(crate) fn dossier(&self, state: &State) -> pb::Dossier {
        let common = pb::Dossier {
            code: self.code.as_str().to_owned(),
            status: status_number(&state.dossier),
            status_text: state.dossier.status().map_or("", Status::vietnamese).to_owned(),
            last_at: Some(timestamp(state.dossier.last_at())),
            position: Some(position(self.partition, behind(state))),
            training: self.training,
            as_of: Some(timestamp(self.as_of)),
            erased_at: state.dossier.erased().map(timestamp),
            ..pb::Dossier::default()
        };
        match &state.dossier {
            Dossier::Live(case) => self.live(common, case),
            Dossier::Imported(imported) => told(common, imported),
        }
    }

    fn live(&self, common: pb::Dossier, case: &Case) -> pb::Dossier {
        let on = case.last_at.date();
        let pack = pack_of(self.registry, case);
        let supplement = case.supplement.as_ref().filter(|supplement| !supplement.received);
        pb::Dossier {
            procedure: Some(procedure(case, pack)),
            custody: Some(self.custody(&case.custody, on)),
            step: self.step(case),
            received_by: case.received_by.as_str().to_owned(),
            commune: case.commune.as_str().to_owned(),
            received_at: Some(timestamp(case.opened_at)),
            due: case.clock.due().map(timestamp),
            clock: Some(self.clock(case)),
            verdict: match case.clock {
                Clock::Ended { due, at } => verdict(at, due).into(),
                Clock::Idle | Clock::Running { .. } | Clock::Paused { .. } => 0,
            },
            referrals: case
                .referrals
                .iter()
                .map(|(number, referral)| self.referral(*number, case, referral))
                .collect(),
            holds: case.holds.iter().map(|(number, placed)| hold(*number, placed)).collect(),
            notices: notices::list(&case.money),
            remaining_dong: case.money.remaining().get(),
            refunds: notices::refunds(&case.money),
            extension_days: case.extension.unwrap_or_default(),
            documents_awaited: supplement
                .map(|supplement| supplement.documents.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            withdrawal_asked: case.withdrawal_asked,
            land_register_entry: optional(case.land_register.as_ref()),
            result: optional(case.result.as_ref().map(|result| &result.number)),
            result_at: case.result.as_ref().map(|result| timestamp(result.at)),
            hand_offs: case.hand_offs,
            paper_hand_offs: case.paper_hand_offs,
            channel: case.channel.number(),
            obligation_fulfilled: case.money.fulfilled,
            payments: notices::payments(&case.money),
            imported: case.adopted.as_ref().map(|imported| heard(imported)),
            ..common
        }
    }

    fn custody(&self, custody: &Custody, on: Date) -> pb::Custody {
        let holder = custody.holder();
        let held = pb::Custody {
            holder: holder.as_str().to_owned(),
            holder_name: agency_name(self.registry, holder, on),
            ..pb::Custody::default()
        };
        match custody {
            Custody::Held { .. } => held,
            Custody::Offered { to, medium, .. } => pb::Custody {
                offered_to: to.as_str().to_owned(),
                offered_to_name: agency_name(self.registry, to, on),
                medium: medium.number(),
                ..held
            },
        }
    }

    /// The clock of the promise.
    fn clock(&self, case: &Case) -> pb::Clock {
        let left = left(self.registry, case, &case.received_by, case.clock, self.as_of);
        pb::Clock { left, ..clock(case.clock) }
    }

    /// The current step.
    pub(crate) fn step(&self, case: &Case) -> Option<pb::Step> {
        let begun = case.step.as_ref().is_some_and(|step| step.begun.is_some());
        // What is left of the clock of the step before is nobody's.
        let left = || left(self.registry, case, case.custody.holder(), case.step_clock, self.as_of);
        let left = if begun { left() } else { None };
        Some(pb::Step { left, ..step(case, pack_of(self.registry, case))? })
    }

    /// A referral of a case. Its clock runs from sending, until it is answered or comes back.
    pub(crate) fn referral(&self, number: u32, case: &Case, referral: &Referral) -> pb::Referral {
        let left = || {
            let working = working(self.registry, case, &referral.to)?;
            left_until(&working, referral.since, referral.due, self.as_of)
        };
        pb::Referral {
            referral: number,
            from: referral.from.as_str().to_owned(),
            to: referral.to.as_str().to_owned(),
            to_name: agency_name(self.registry, &referral.to, referral.since.date()),
            subject: referral.subject.number(),
            medium: referral.medium.number(),
            state: referral_state(referral.state).into(),
            since: Some(timestamp(referral.since)),
            due: Some(timestamp(referral.due)),
            outside_clock: referral.outside_clock,
            silence_agrees: referral.silence_agrees,
            left: if referral.state.is_open() { left() } else { None },
        }
    }
}

/// The national status as the contract carries it; 0 where there is none.
pub(crate) fn status_number(dossier: &Dossier) -> i32 {
    dossier.status().map_or(0, |status| status.number())
}

/// What an agency is called on a day; its id where the registry has no name for that day.
pub(crate) fn agency_name(registry: &Registry, id: &AgencyId, on: Date) -> String {
    let name = registry.agency(id).and_then(|agency| agency.name_on(on));
    name.unwrap_or(id.as_str()).to_owned()
}

/// The pack that a case was received under.
pub(crate) fn pack_of<'a>(registry: &'a Registry, case: &Case) -> Option<&'a Pack> {
    registry.pack(&case.procedure, &case.pins.pack).map(AsRef::as_ref)
}

/// The offset behind a dossier's last admitted record.
pub(crate) fn behind(state: &State) -> u64 {
    state.records.last().map_or(0, |record| record.offset.saturating_add(1))
}

/// A position as the contract carries it.
pub(crate) fn position(partition: u16, offset: u64) -> common::Position {
    common::Position { partition: u32::from(partition), offset }
}

fn procedure(case: &Case, pack: Option<&Pack>) -> pb::Procedure {
    pb::Procedure {
        code: case.procedure.as_str().to_owned(),
        name: pack.map_or("", Pack::name).to_owned(),
        limit: pack.map(|pack| pack.total().vietnamese()).unwrap_or_default(),
        field_code: pack.map(|pack| pack.field().code.to_string()).unwrap_or_default(),
        field_name: pack.map(|pack| pack.field().name.clone()).unwrap_or_default(),
        version: case.pins.pack.as_str().to_owned(),
        calendar: case.pins.calendar.clone(),
        rates: case.pins.rates.clone(),
    }
}

fn step(case: &Case, pack: Option<&Pack>) -> Option<pb::Step> {
    let step = case.step.as_ref()?;
    let written = pack.and_then(|pack| pack.step(&step.id));
    let (due, remaining) = match case.step_clock {
        // What is left of the clock of the step before.
        _ if step.begun.is_none() => (None, None),
        Clock::Idle | Clock::Ended { .. } => (None, None),
        Clock::Running { due, .. } => (Some(due), None),
        Clock::Paused { due, remaining_minutes, .. } => (due, Some(remaining_minutes)),
    };
    Some(pb::Step {
        id: step.id.as_str().to_owned(),
        name: written.map_or(step.id.as_str(), |step| step.name.as_str()).to_owned(),
        begun: step.begun.map(timestamp),
        due: due.map(timestamp),
        paused: remaining.is_some(),
        remaining_minutes: remaining.unwrap_or_default(),
        outcomes: written
            .map(|step| step.outcomes.iter().map(|outcome| outcome.id.to_string()).collect())
            .unwrap_or_default(),
        left: None,
    })
}

fn clock(clock: Clock) -> pb::Clock {
    let (state, start, remaining_minutes, since) = match clock {
        Clock::Idle => (pb::ClockState::Unspecified, None, 0, None),
        Clock::Running { start, .. } => (pb::ClockState::Running, Some(start), 0, None),
        Clock::Paused { start, remaining_minutes, since, .. } => {
            (pb::ClockState::Paused, Some(start), remaining_minutes, Some(since))
        }
        Clock::Ended { at, .. } => (pb::ClockState::Ended, None, 0, Some(at)),
    };
    pb::Clock {
        state: state.into(),
        start: start.map(timestamp),
        remaining_minutes,
        since: since.map(timestamp),
        left: None,
    }
}

fn referral_state(state: ReferralState) -> pb::ReferralState {
    match state {
        ReferralState::Sent => pb::ReferralState::Sent,
        ReferralState::Accepted => pb::ReferralState::Accepted,
        ReferralState::Answered => pb::ReferralState::Answered,
        ReferralState::Returned => pb::ReferralState::Returned,
        ReferralState::Lapsed => pb::ReferralState::Lapsed,
    }
}

fn hold(number: u32, hold: &Hold) -> pb::Hold {
    pb::Hold {
        hold: number,
        ground: hold.ground.as_str().to_owned(),
        since: Some(timestamp(hold.since)),
        expires_at: hold.expires_at.map(timestamp),
        open: hold.open,
    }
}

/// What another system tells: nothing of it is dressed up as something the bus saw.
fn told(common: pb::Dossier, imported: &Imported) -> pb::Dossier {
    let received_by = imported.by.as_str().to_owned();
    pb::Dossier { received_by, imported: Some(heard(imported)), ..common }
}

fn heard(imported: &Imported) -> pb::Imported {
    let time = |pick: fn((Instant, Instant)) -> Instant| -> Option<Timestamp> {
        imported.span.map(|span| timestamp(pick(span)))
    };
    pb::Imported {
        source: imported.source.as_str().to_owned(),
        activities: imported.activities,
        first_at: time(|(first, _)| first),
        last_at: time(|(_, last)| last),
        competent: imported.competent.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn optional(text: Option<&PaperNumber>) -> String {
    text.map(|text| text.as_str().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
