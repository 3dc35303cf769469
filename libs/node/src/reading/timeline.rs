//! The timeline: a dossier's own records, folded one after the other, each with the status it led to, and how what it
//! finishes compares with its day due.

use std::collections::BTreeMap;

use lienthong_calendar::Instant;
use lienthong_dossier::{Actor, Case, Clock, ClockChange, Dossier, Event, EventKind, Wait, fold};
use lienthong_registry::Registry;
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, timestamp};

use super::facts::Teller;
use super::left::{verdict, working};
use super::records::Stood;
use super::view::{agency_name, status_number};

/// A dossier's records told in their order.
pub(crate) struct Replay<'a> {
    registry: &'a Registry,
    partition: u16,
    dossier: Option<Dossier>,
    entries: Vec<pb::TimelineEntry>,
    /// Since when the dossier is on offer, and the entry that says so.
    offered: Option<(Instant, usize)>,
}

/// What was due before a record.
#[derive(Default)]
struct Dues {
    step: Option<Instant>,
    referrals: BTreeMap<u32, Instant>,
}

impl<'a> Replay<'a> {
    /// Begins before the dossier's first record.
    pub(crate) fn new(registry: &'a Registry, partition: u16) -> Self {
        Self { registry, partition, dossier: None, entries: Vec::new(), offered: None }
    }

    /// Tells the dossier's next record.
    pub(crate) fn tell(&mut self, record: &Stood) {
        let act = &record.body.act;
        let dues = self.dossier.as_ref().and_then(Dossier::live).map(Dues::of).unwrap_or_default();
        self.dossier = fold(self.dossier.take(), act);
        let waited: Vec<_> = act.events.iter().map(|event| self.waited(event, act.at)).collect();
        let teller = Teller::new(self.registry, self.dossier.as_ref(), act.at);
        let ended = ended_at(&act.events).unwrap_or(act.at);
        let mut facts = Vec::with_capacity(act.events.len());
        for (event, waited_minutes) in act.events.iter().zip(waited) {
            let compared = self.verdict(&dues, event, act.at, ended);
            facts.push(pb::Fact {
                verdict: compared.map_or(0, Into::into),
                waited_minutes,
                ..teller.fact(event)
            });
        }
        self.entries.push(pb::TimelineEntry {
            partition: u32::from(self.partition),
            offset: record.offset,
            append_time: Some(timestamp(Instant::from_millis(record.appended_ms))),
            at: Some(timestamp(act.at)),
            occurred_at: act.occurred_at.map(timestamp),
            agency: act.agency.to_string(),
            agency_name: agency_name(self.registry, &act.agency, act.at.date()),
            actor: Some(actor(&act.actor)),
            facts,
            leaf: record.leaf.to_string(),
            status: self.dossier.as_ref().map_or(0, status_number),
        });
    }

    /// Everything told, as of an instant.
    pub(crate) fn entries(mut self, as_of: Instant) -> Vec<pb::TimelineEntry> {
        self.offer_waited(as_of);
        self.entries
    }

    /// An offer that nobody answered waited until then; it is told with the offer, which names whom it was put before.
    fn offer_waited(&mut self, until: Instant) {
        let Some((since, index)) = self.offered.take() else { return };
        let waited = self.minutes(since, until);
        let facts = self.entries.get_mut(index).map(|entry| &mut entry.facts);
        let mut offers = facts.into_iter().flatten().filter(|fact| fact.name == OFFERED);
        if let Some(offer) = offers.next() {
            offer.waited_minutes = waited;
        }
    }

    /// How what an event finishes compares with its day due.
    fn verdict(&self, dues: &Dues, event: &Event, at: Instant, ended: Instant) -> Option<pb::Verdict> {
        let case = self.dossier.as_ref().and_then(Dossier::live)?;
        if let EventKind::StepCompleted { .. } = event.kind {
            return dues.step.map(|due| verdict(ended, due));
        }
        if let EventKind::ReferralAnswered { referral, .. }
        | EventKind::ReferralReturned { referral, .. }
        | EventKind::NoticeIssued { referral, .. } = &event.kind
        {
            return dues.referrals.get(referral).map(|due| verdict(at, *due));
        }
        match (event.clocks.dossier, case.clock) {
            (Some(ClockChange::Ends), Clock::Ended { due, at }) => Some(verdict(at, due)),
            _ => None,
        }
    }

    /// How long a hand-over waited that the taker ends by an event. It counts in the dossier's clock (rules 4.4).
    fn waited(&mut self, event: &Event, at: Instant) -> Option<u32> {
        if let EventKind::CustodyOffered { .. } = event.kind {
            self.offered = Some((at, self.entries.len()));
        } else if let EventKind::CustodyOfferWithdrawn = event.kind {
            self.offer_waited(at);
        } else if let EventKind::CustodyAccepted | EventKind::CustodyReturned { .. } = event.kind {
            let (since, _) = self.offered.take()?;
            return self.minutes(since, at);
        }
        None
    }

    /// Working minutes on the hours of the desk that received the dossier.
    fn minutes(&self, from: Instant, to: Instant) -> Option<u32> {
        let case = self.dossier.as_ref().and_then(Dossier::live)?;
        let minutes = working(self.registry, case, &case.received_by)?.minutes_between(from, to).ok()?;
        Some(u32::try_from(minutes).unwrap_or(u32::MAX))
    }
}

/// The event that puts a dossier before another agency.
const OFFERED: &str = "CustodyOffered";

impl Dues {
    fn of(case: &Case) -> Self {
        let begun = case.step.as_ref().is_some_and(|step| step.begun.is_some());
        let step = match case.step_clock {
            Clock::Running { due, .. } | Clock::Paused { due: Some(due), .. } if begun => Some(due),
            Clock::Idle | Clock::Running { .. } | Clock::Paused { .. } | Clock::Ended { .. } => None,
        };
        let referrals = case.referrals.iter().map(|(number, referral)| (*number, referral.due));
        Self { step, referrals: referrals.collect() }
    }
}

/// When a step ended that ended by itself: at its deadline, whoever noticed.
fn ended_at(events: &[Event]) -> Option<Instant> {
    events.iter().find_map(|event| {
        let EventKind::WaitEnded { wait: Wait::Step, deadline } = &event.kind else { return None };
        Some(*deadline)
    })
}

fn actor(actor: &Actor) -> common::Actor {
    common::Actor {
        officer_id: actor.officer.to_string(),
        name: actor.name.to_string(),
        role: actor.role.to_string(),
        power: actor.power.number(),
    }
}

#[cfg(test)]
mod tests;
