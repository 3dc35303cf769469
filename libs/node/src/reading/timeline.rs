//! The timeline: a dossier's own records, folded one after the other, each with the status it led to.

use lienthong_calendar::Instant;
use lienthong_dossier::{Actor, Dossier, fold};
use lienthong_registry::Registry;
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, timestamp};

use super::facts::Teller;
use super::records::Stood;
use super::view::{agency_name, status_number};

/// A dossier's records told in their order.
pub(crate) struct Replay<'a> {
    registry: &'a Registry,
    partition: u16,
    dossier: Option<Dossier>,
}

impl<'a> Replay<'a> {
    /// Begins before the dossier's first record.
    pub(crate) fn new(registry: &'a Registry, partition: u16) -> Self {
        Self { registry, partition, dossier: None }
    }

    /// Tells the dossier's next record.
    pub(crate) fn entry(&mut self, record: &Stood) -> pb::TimelineEntry {
        let act = &record.body.act;
        self.dossier = fold(self.dossier.take(), act);
        let teller = Teller::new(self.registry, self.dossier.as_ref(), act.at);
        pb::TimelineEntry {
            partition: u32::from(self.partition),
            offset: record.offset,
            append_time: Some(timestamp(Instant::from_millis(record.appended_ms))),
            at: Some(timestamp(act.at)),
            occurred_at: act.occurred_at.map(timestamp),
            agency: act.agency.to_string(),
            agency_name: agency_name(self.registry, &act.agency, act.at.date()),
            actor: Some(actor(&act.actor)),
            facts: act.events.iter().map(|event| teller.fact(event)).collect(),
            leaf: record.leaf.to_string(),
            status: self.dossier.as_ref().map_or(0, status_number),
        }
    }
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
