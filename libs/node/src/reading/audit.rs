//! The auditor's face: records byte for byte, so that whoever asks can verify everything and needs to trust nobody.
//!
//! Dossiers and registry are for every agency. Who looked up which dossier, and when, is for auditors alone: an agency that
//! saw it could watch the officers of others, and learn which dossiers somebody looks into.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use lienthong_log::{Partition, Stored};
use lienthong_wire::pb::auditor::v1 as pb;
use lienthong_wire::pb::common::v1::Position;
use tonic::{Request, Response, Status};

use super::pull::{Pulled, Source, pulled};
use super::scan::{Lane, Scan};
use crate::caller::caller;
use crate::error::Refusal;
use crate::node::Node;
use crate::status::{invalid, status};

/// `lienthong.auditor.v1.Auditor`.
pub struct AuditorService {
    node: Node,
}

impl AuditorService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    /// The lanes that a request asks for, each with its number in the contract.
    async fn lanes(&self, wanted: &Wanted, follow: bool) -> Result<Vec<(u16, Lane<u64>)>, Status> {
        let unread = |error| status(Refusal::Read(error));
        let mut lanes = Vec::with_capacity(wanted.partitions.len());
        for number in wanted.partitions.iter().copied() {
            let partition = wanted.topic.partition(number);
            let log = self.node.log();
            let frontier = log.tail(partition).map_err(unread)?;
            let end = log.end(partition).await.map_err(unread)?;
            let next = wanted.from.get(&number).copied().unwrap_or_default();
            if next > end {
                let problem = format!("{partition} ends at {end}, before {next}");
                return Err(invalid("from.offset", "OUT_OF_RANGE", problem));
            }
            lanes.push((number, Lane { partition, next, frontier, until: (!follow).then_some(end) }));
        }
        Ok(lanes)
    }
}

#[tonic::async_trait]
impl pb::auditor_server::Auditor for AuditorService {
    type StreamRecordsStream = Pulled<pb::RawRecord>;

    async fn stream_records(
        &self,
        request: Request<pb::StreamRecordsRequest>,
    ) -> Result<Response<Self::StreamRecordsStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let wanted = Wanted::parse(&request, self.node.partitions())?;
        if wanted.topic == Topic::Reads {
            caller.audits().map_err(|fault| self.node.turn_away(&fault))?;
        }
        let (numbers, lanes) = self.lanes(&wanted, request.follow).await?.into_iter().unzip();
        let scan = Scan::new(Arc::clone(self.node.log()), lanes);
        let raw = Raw {
            node: self.node.clone(),
            topic: wanted.topic,
            numbers,
            scan,
            lane: 0,
            batch: VecDeque::new(),
        };
        pulled(raw).map(Response::new)
    }
}

/// Which of the log's topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Dossiers,
    Registry,
    Reads,
}

impl Topic {
    fn partition(self, number: u16) -> Partition {
        match self {
            Self::Dossiers => Partition::Dossiers(number),
            Self::Registry => Partition::Registry,
            Self::Reads => Partition::Reads,
        }
    }

    fn number(self) -> i32 {
        match self {
            Self::Dossiers => pb::Topic::Dossiers.into(),
            Self::Registry => pb::Topic::Registry.into(),
            Self::Reads => pb::Topic::Reads.into(),
        }
    }
}

/// What a request asks for, parsed.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    topic: Topic,
    partitions: BTreeSet<u16>,
    from: BTreeMap<u16, u64>,
}

impl Wanted {
    fn parse(request: &pb::StreamRecordsRequest, dossier_partitions: u16) -> Result<Self, Status> {
        let topic = match pb::Topic::try_from(request.topic) {
            Ok(pb::Topic::Unspecified | pb::Topic::Dossiers) => Topic::Dossiers,
            Ok(pb::Topic::Registry) => Topic::Registry,
            Ok(pb::Topic::Reads) => Topic::Reads,
            Err(_) => {
                let problem = format!("{} is not a topic", request.topic);
                return Err(invalid("topic", "UNKNOWN_VALUE", problem));
            }
        };
        let all = match topic {
            Topic::Dossiers => dossier_partitions,
            Topic::Registry | Topic::Reads => 1,
        };
        let number = |field: &str, number: u32| {
            u16::try_from(number).ok().filter(|number| *number < all).ok_or_else(|| {
                let problem =
                    format!("the topic has no partition {number}: they are 0 to {}", all.saturating_sub(1));
                invalid(field, "UNKNOWN_PARTITION", problem)
            })
        };
        bounded("partitions", request.partitions.len(), all)?;
        bounded("from", request.from.len(), all)?;
        let named: Result<BTreeSet<u16>, Status> =
            request.partitions.iter().map(|partition| number("partitions", *partition)).collect();
        let from = |position: &Position| Ok((number("from.partition", position.partition)?, position.offset));
        let from: Result<BTreeMap<u16, u64>, Status> = request.from.iter().map(from).collect();
        let (named, from) = (named?, from?);
        let partitions = if named.is_empty() { (0..all).collect() } else { named };
        Ok(Self { topic, partitions, from })
    }
}

fn bounded(field: &str, items: usize, items_max: u16) -> Result<(), Status> {
    if items > usize::from(items_max) {
        let problem = format!("has {items} items, at most {items_max} are taken");
        return Err(invalid(field, "TOO_MANY", problem));
    }
    Ok(())
}

/// Raw records of a topic.
struct Raw {
    node: Node,
    topic: Topic,
    /// The partition of each lane of the scan.
    numbers: Vec<u16>,
    scan: Scan<u64>,
    lane: usize,
    batch: VecDeque<Stored>,
}

impl Source for Raw {
    type Item = pb::RawRecord;

    fn node(&self) -> &Node {
        &self.node
    }

    async fn next(&mut self) -> Result<Option<pb::RawRecord>, Refusal> {
        loop {
            if let Some(stored) = self.batch.pop_front() {
                let partition = self.numbers.get(self.lane).copied().unwrap_or_default();
                return Ok(Some(raw(self.topic, partition, stored)));
            }
            let Some((lane, batch)) = self.scan.batch().await.map_err(Refusal::Read)? else {
                return Ok(None);
            };
            self.lane = lane;
            self.batch = batch.into();
        }
    }
}

fn raw(topic: Topic, partition: u16, stored: Stored) -> pb::RawRecord {
    let Stored { offset, appended_ms, record } = stored;
    let header = |header: lienthong_log::Header| pb::RawHeader { name: header.name, value: header.value };
    pb::RawRecord {
        topic: topic.number(),
        partition: u32::from(partition),
        offset,
        append_time_ms: appended_ms,
        key: record.key,
        headers: record.headers.into_iter().map(header).collect(),
        value: record.value,
    }
}

#[cfg(test)]
mod tests;
