//! `WatchInbox`: what is put before an agency, at least once, in order per dossier.
//!
//! ```text
//! log up to what this node has applied --admitted, by others, of a dossier the agency has a part in--> events
//! event + dossier as it is now --put_before--> item, or nothing
//! ```
//!
//! The event says what happened; to whom it matters often stands in the dossier only. That is looked up in the dossier
//! **as it is now**: an agency that has meanwhile handed a dossier on is no longer told what mattered to its holder,
//! and whoever holds it now is told, perhaps a second time. What an agency has asked, given or been offered is never
//! left out.
//!
//! A token says, for each partition, behind which record everything was put out. An item's token covers its whole
//! record only with the record's last item; before that it repeats the record.

mod address;

use std::collections::VecDeque;
use std::sync::Arc;

use lienthong_admission::State;
use lienthong_dossier::{DossierCode, Event};
use lienthong_log::{Partition, Stored};
use lienthong_registry::AgencyId;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::timestamp;
use tonic::Status;

use self::address::{Offer, asks_for_offer, put_before};
use super::facts::Teller;
use super::pull::Source;
use super::records::Stood;
use super::scan::{Lane, Scan};
use super::token::TokenScope;
use super::view::position;
use crate::error::Refusal;
use crate::node::Node;
use crate::projector::Progress;
use crate::status::invalid;

/// What is put before one agency.
pub(crate) struct Inbox {
    node: Node,
    agency: AgencyId,
    scope: TokenScope,
    scan: Scan<Progress>,
    /// By partition: behind the last record that was put out or passed over.
    done: Vec<u64>,
    /// The partition that `batch` is of.
    partition: u16,
    batch: VecDeque<Stored>,
    /// Of one record.
    items: VecDeque<pb::InboxItem>,
}

impl Inbox {
    /// Goes on behind a token; from the beginning of the log when it is empty.
    ///
    /// # Errors
    /// The token is none of this log and agency.
    pub(crate) fn open(node: &Node, agency: AgencyId, token: &str) -> Result<Self, Status> {
        let scope = TokenScope::new(node.log_id(), "inbox", &[agency.as_str()]);
        let partitions = node.partitions();
        let done = if token.is_empty() {
            vec![0; usize::from(partitions)]
        } else {
            let offsets = scope.read(token).and_then(|says| read_offsets(&says, partitions));
            offsets.ok_or_else(|| {
                let problem = "is no token of this inbox and log; begin again without one".to_owned();
                invalid("token", "BAD_TOKEN", problem)
            })?
        };
        let lane = |(partition, next): (u16, &u64)| Lane {
            partition: Partition::Dossiers(partition),
            next: *next,
            frontier: node.watch(partition),
            until: None,
        };
        let scan = Scan::new(Arc::clone(node.log()), (0..partitions).zip(&done).map(lane).collect());
        let (batch, items) = (VecDeque::new(), VecDeque::new());
        Ok(Self { node: node.clone(), agency, scope, scan, done, partition: 0, batch, items })
    }

    async fn take(&mut self, stored: &Stored) -> Result<(), Refusal> {
        self.set_done(stored.offset);
        let before = self.token();
        let mut items = self.items_of(stored).await?;
        self.set_done(stored.offset + 1);
        let last = items.len().saturating_sub(1);
        for (index, item) in items.iter_mut().enumerate() {
            item.token = if index == last { self.token() } else { before.clone() };
        }
        self.items = items;
        Ok(())
    }

    async fn items_of(&self, stored: &Stored) -> Result<VecDeque<pb::InboxItem>, Refusal> {
        let Some((code, state)) = self.admitted(stored)? else { return Ok(VecDeque::new()) };
        let Some(case) = state.dossier.live().filter(|case| case.parties.contains(&self.agency)) else {
            return Ok(VecDeque::new());
        };
        let act = Stood::of(stored).ok_or(Refusal::Corrupt)?.body.act;
        if act.agency == self.agency {
            return Ok(VecDeque::new());
        }
        let asks = act.events.iter().any(|event| asks_for_offer(&event.kind));
        let offer = if asks { self.offer_before(&state, stored.offset).await? } else { None };
        let registry = self.node.registry();
        let teller = Teller::new(&registry, Some(&state.dossier), act.at);
        let item = |event: &Event| {
            Some(pb::InboxItem {
                token: String::new(),
                code: code.to_string(),
                at: Some(timestamp(act.at)),
                kind: put_before(&self.agency, &event.kind, case, offer.as_ref())?.into(),
                fact: Some(teller.fact(event)),
                position: Some(position(self.partition, stored.offset + 1)),
            })
        };
        Ok(act.events.iter().filter_map(item).collect())
    }

    /// The dossier of a record, if the record was admitted: its key is then the code, and the row names its offset.
    fn admitted(&self, stored: &Stored) -> Result<Option<(DossierCode, Arc<State>)>, Refusal> {
        let key = str::from_utf8(&stored.record.key).ok();
        let Some(code) = key.and_then(|key| DossierCode::parse(key).ok()) else { return Ok(None) };
        let state = self.node.store().state(&code)?;
        let stands = |state: &Arc<State>| {
            state.records.binary_search_by_key(&stored.offset, |record| record.offset).is_ok()
        };
        Ok(state.filter(stands).map(|state| (code, state)))
    }

    /// The last offer before a record: at most a few records back, as little is admitted while an offer is open.
    async fn offer_before(&self, state: &State, offset: u64) -> Result<Option<Offer>, Refusal> {
        let earlier = state.records.iter().rev().filter(|record| record.offset < offset);
        for record in earlier {
            let act = self.node.stored(self.partition, record.offset).await?.body.act;
            if let Some(offer) = Offer::of(&act) {
                return Ok(Some(offer));
            }
        }
        Ok(None)
    }

    fn set_done(&mut self, offset: u64) {
        if let Some(done) = self.done.get_mut(usize::from(self.partition)) {
            *done = offset;
        }
    }

    fn token(&self) -> String {
        self.scope.write(&write_offsets(&self.done))
    }
}

impl Source for Inbox {
    type Item = pb::InboxItem;

    fn node(&self) -> &Node {
        &self.node
    }

    async fn next(&mut self) -> Result<Option<pb::InboxItem>, Refusal> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(Some(item));
            }
            if let Some(stored) = self.batch.pop_front() {
                self.take(&stored).await?;
                continue;
            }
            // An agency that little is put before passes over much of the log: others on this thread go first.
            tokio::task::yield_now().await;
            let Some((lane, batch)) = self.scan.batch().await.map_err(Refusal::Read)? else {
                return Ok(None);
            };
            // A scan has at most as many lanes as a log has partitions.
            self.partition = u16::try_from(lane).map_err(|_| Refusal::Corrupt)?;
            self.batch = batch.into();
        }
    }
}

/// Offsets by partition, each in as many groups of seven bits as it needs.
fn write_offsets(offsets: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(offsets.len() * 2);
    for offset in offsets {
        let mut rest = *offset;
        loop {
            let group = (rest & 0x7f) as u8;
            rest >>= 7;
            if rest == 0 {
                bytes.push(group);
                break;
            }
            bytes.push(group | 0x80);
        }
    }
    bytes
}

/// The offsets of so many partitions; none when there are fewer or more.
fn read_offsets(bytes: &[u8], partitions: u16) -> Option<Vec<u64>> {
    let mut bytes = bytes.iter();
    let mut offsets = Vec::with_capacity(usize::from(partitions));
    for _ in 0..partitions {
        let mut offset = 0_u64;
        let mut shift = 0;
        loop {
            let byte = *bytes.next()?;
            let group = u64::from(byte & 0x7f);
            offset |= group.checked_shl(shift).filter(|shifted| shifted >> shift == group)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        offsets.push(offset);
    }
    bytes.next().is_none().then_some(offsets)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
