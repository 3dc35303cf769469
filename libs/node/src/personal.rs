//! Personal data on its way to an officer. Nothing is shown before its reading is in the log.
//!
//! ```text
//! request -> reader -> is it a dossier of the agency's? -> record in lienthong.reads, durable -> key -> envelopes -> answer
//! ```

mod find;
mod service;

use std::collections::BTreeSet;
use std::sync::Arc;

use lienthong_admission::State;
use lienthong_dossier::{Denial, DossierCode, FieldClass, ReadKind};
use lienthong_registry::AgencyId;
use lienthong_seal::{EnvelopePlace, partition_of};
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::personal_reading::v1 as pb;
use lienthong_wire::request::personal::Reader;
use lienthong_wire::{Message as _, timestamp};
use tokio::sync::SemaphorePermit;

use crate::error::Refusal;
use crate::keys::NodeKeys;
use crate::node::{COMMANDS_MAX, Node};
use crate::reading::position;
use crate::reads::Recorded;

pub use find::FOUND_MAX;
pub use service::PersonalService;

/// Why nothing is shown, and because of which of the dossiers, by its place in the request.
#[derive(Debug)]
struct Unread {
    index: Option<usize>,
    refusal: Refusal,
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Self { index: None, refusal }
    }
}

impl Node {
    /// Everything that was told in these dossiers, of these classes.
    async fn read_personal(
        &self,
        reader: &Reader,
        codes: Vec<DossierCode>,
        classes: BTreeSet<FieldClass>,
    ) -> Result<(Vec<pb::PersonalDossier>, Recorded), Unread> {
        let _under_way = self.under_way()?;
        let keys = self.keys_of(&reader.agency)?;
        self.see_all_of(&codes).await?;
        for (index, code) in codes.iter().enumerate() {
            let about = |refusal| Unread { index: Some(index), refusal };
            self.readable(code, &reader.agency).map_err(about)?;
        }
        let shown = classes.iter().copied().collect();
        let recorded = self.record_reading(keys, reader, ReadKind::Dossiers, codes.clone(), shown).await?;
        // Recording takes its time: what was erased meanwhile is not shown.
        self.see_all_of(&codes).await?;
        let mut dossiers = Vec::with_capacity(codes.len());
        for (index, code) in codes.iter().enumerate() {
            let about = |refusal| Unread { index: Some(index), refusal };
            let state = self.readable(code, &reader.agency).map_err(about)?;
            let events = self.opened(keys, code, &state, &reader.agency, &classes).await.map_err(about)?;
            dossiers.push(pb::PersonalDossier { code: code.to_string(), events });
        }
        Ok((dossiers, recorded))
    }

    /// A place among the calls under way, which a drain waits for.
    fn under_way(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let permit = self.0.gate.try_acquire();
        if self.0.draining.is_cancelled() {
            return Err(Refusal::Draining);
        }
        if self.0.failed.is_cancelled() || !self.has_caught_up() {
            return Err(self.not_ready());
        }
        permit.map_err(|_| Refusal::Busy { limit: COMMANDS_MAX })
    }

    /// The keys by which this node acts for an agency.
    fn keys_of(&self, agency: &AgencyId) -> Result<&NodeKeys, Refusal> {
        if self.registry().agency(agency).is_none() {
            return Err(Denial::UnknownAgency { agency: agency.clone() }.into());
        }
        let keys = self.0.keys.as_ref().filter(|_| self.serves(agency));
        keys.ok_or_else(|| Refusal::NotServed { agency: agency.clone() })
    }

    /// Applies all that the log holds of these dossiers: an erasure that anybody was told of is one here too.
    async fn see_all_of(&self, codes: &[DossierCode]) -> Result<(), Refusal> {
        let partition = |code: &DossierCode| partition_of(code.as_str(), self.registry().partitions());
        let partitions: BTreeSet<u16> = codes.iter().map(partition).collect();
        for partition in partitions {
            self.see_what_others_were_told(partition).await?;
        }
        Ok(())
    }

    /// A dossier that an agency may read.
    fn readable(&self, code: &DossierCode, agency: &AgencyId) -> Result<Arc<State>, Refusal> {
        let state = self.store().state(code)?.ok_or(Denial::UnknownDossier)?;
        if !state.access.contains_key(agency) {
            return Err(Refusal::NotAParty { agency: agency.clone() });
        }
        match state.dossier.erased() {
            Some(at) => Err(Denial::Erased { on: at.date() }.into()),
            None => Ok(state),
        }
    }

    /// Opens every envelope of a dossier.
    async fn opened(
        &self,
        keys: &NodeKeys,
        code: &DossierCode,
        state: &State,
        agency: &AgencyId,
        classes: &BTreeSet<FieldClass>,
    ) -> Result<Vec<pb::PersonalEvent>, Refusal> {
        let partition = partition_of(code.as_str(), self.registry().partitions());
        let secrets = match self.0.vault.open(self, keys, state, code, agency).await {
            // Erased since it was looked at: then the newer row says so.
            Err(Refusal::NoKey) => {
                self.see_what_others_were_told(partition).await?;
                self.readable(code, agency)?;
                return Err(Refusal::NoKey);
            }
            secrets => secrets?,
        };
        let mut records = self.records(partition, state);
        let mut events = Vec::new();
        while let Some(record) = records.next().await? {
            for named in &record.body.envelopes {
                let place =
                    EnvelopePlace { log_id: self.log_id(), code: code.as_str(), name: named.name.as_str() };
                let plain = secrets.key.decrypt(&place, &named.envelope)?;
                // The decoder's own words could repeat what it read.
                let details = PersonalDetails::decode(plain.as_slice()).map_err(|_| Refusal::Corrupt)?;
                let details = of_classes(details, classes);
                if details == PersonalDetails::default() {
                    continue;
                }
                events.push(pb::PersonalEvent {
                    event: named.name.to_string(),
                    at: Some(timestamp(record.body.act.at)),
                    agency: record.body.act.agency.to_string(),
                    position: Some(position(partition, record.offset)),
                    details: Some(details),
                });
            }
        }
        Ok(events)
    }
}

/// What belongs to these classes, and nothing else.
fn of_classes(details: PersonalDetails, classes: &BTreeSet<FieldClass>) -> PersonalDetails {
    let PersonalDetails { applicant, parties, plots, buildings, transfer, text, recipient, particulars } =
        details;
    let mut shown = PersonalDetails::default();
    for class in classes {
        match class {
            FieldClass::Persons => {
                shown.applicant = applicant.clone();
                shown.parties = parties.clone();
                shown.recipient = recipient.clone();
            }
            FieldClass::Property => {
                shown.plots = plots.clone();
                shown.buildings = buildings.clone();
                shown.transfer = transfer.clone();
            }
            FieldClass::Text => {
                shown.text = text.clone();
                shown.particulars = particulars.clone();
            }
        }
    }
    shown
}

fn receipt(recorded: &Recorded) -> pb::ReadReceipt {
    pb::ReadReceipt {
        offset: recorded.offset,
        leaf: recorded.leaf.to_string(),
        request_id: recorded.request.to_string(),
        at: Some(timestamp(recorded.at)),
    }
}

#[cfg(test)]
mod tests;
