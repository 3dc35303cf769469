//! What a log is judged by: the registry's chain, read from its own records. Nothing else is believed.

use std::sync::Arc;

use lienthong_admission::{Chained, Place, Reading, Revisions};
use lienthong_log::{Partition, Stored};
use lienthong_registry::{LogKind, Registry, Rules};
use lienthong_seal::{Hash, Verifier, chain};
use lienthong_wire::stored::Fence;

use crate::fault::{Fault, FaultKind, Faults};
use crate::lane::{extended, last_of, with_incoming};

/// Signatures remembered while a log is judged, some 70 MiB at most. A batch is spread over all partitions, which are judged one
/// after another: with fewer than the log has, each of its records would cost a curve operation.
const SIGNATURES_MAX: usize = 1024 * 1024;

/// The only header of a registry record.
const REGISTRY_HEADER: (&str, &[u8]) = ("content-type", b"application/protobuf");

/// The registry's revisions, by which the records of a log are judged.
pub struct Trust {
    revisions: Revisions,
    newest: Arc<Registry>,
    /// The records of the registry that do not count.
    voids: Faults,
    verifier: Verifier,
}

/// What the registry's own partition comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryReport {
    /// Records in it.
    pub(crate) records: u64,
    /// Offset after the last one.
    pub(crate) next: u64,
    /// Running hash after each record: the offset behind it, and the hash.
    pub(crate) chain: Vec<(u64, Hash)>,
    /// What is wrong with it, the chain itself aside.
    pub(crate) faults: Faults,
}

/// The record at which the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) offset: u64,
    pub(crate) what: String,
}

impl Trust {
    /// Reads the registry's chain.
    pub(crate) fn read(records: &[Stored]) -> Result<Self, Broken> {
        let Some((first, later)) = records.split_first() else {
            return Err(Broken { offset: 0, what: "there is no genesis".to_owned() });
        };
        let begun = with_incoming(first, |record| Revisions::begin(record, None, Rules::NEWEST));
        let mut revisions =
            begun.map_err(|fault| Broken { offset: first.offset, what: fault.to_string() })?;
        let mut voids = Faults::default();
        for stored in later {
            let chained = with_incoming(stored, |record| revisions.apply(record))
                .map_err(|unknown| Broken { offset: stored.offset, what: unknown.to_string() })?;
            if let Chained::Void(fault) = chained {
                let what = fault.to_string();
                voids.at(Partition::Registry, stored.offset, FaultKind::Registry { what });
            }
        }
        let newest = revisions.latest().map(|revision| Arc::clone(&revision.registry));
        let newest = newest.ok_or_else(|| {
            let void = revisions.voids().next();
            let what = void.map_or("the genesis is not complete".to_owned(), |void| void.fault.to_string());
            let offset = void.map(|void| void.offset).or(last_of(records)).unwrap_or_default();
            Broken { offset, what }
        })?;
        Ok(Self { revisions, newest, voids, verifier: Verifier::new(SIGNATURES_MAX) })
    }

    /// By what the records of a partition are judged.
    #[must_use]
    pub fn reading(&self, partition: u16) -> Reading<'_> {
        let Self { revisions, verifier, .. } = self;
        Reading { log_id: revisions.log_id(), partition, revisions, verifier }
    }

    /// Where the records of a partition are judged while a revision is in force.
    #[must_use]
    pub fn place(&self, partition: u16, revision: u64) -> Place<'_> {
        let in_force = self.revisions.get(revision).map_or(&self.newest, |revision| &revision.registry);
        Place { log_id: self.log_id(), partition, registry: in_force, verifier: &self.verifier }
    }

    /// Every revision of the registry.
    pub(crate) fn revisions(&self) -> &Revisions {
        &self.revisions
    }

    /// Remembers which signatures are good.
    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The fence of a revision.
    pub(crate) fn fence(&self, revision: u64) -> Option<&Fence> {
        self.revisions.get(revision)?.fence.as_ref()
    }

    /// Id of the log.
    #[must_use]
    pub fn log_id(&self) -> Hash {
        self.revisions.log_id()
    }

    /// What the log is called, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.revisions.founding().name
    }

    /// The newest revision of the registry, for names and codes.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.newest
    }

    /// Whether it is a training log, of which nothing is valid anywhere else.
    #[must_use]
    pub fn is_training(&self) -> bool {
        self.newest.kind() == LogKind::Training
    }

    /// Dossier partitions of the log.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        self.newest.partitions()
    }
}

impl RegistryReport {
    /// The records that do not count, and what stands around the chain: keys, headers, offsets, and the running hash.
    pub(crate) fn of(trust: &Trust, records: &[Stored]) -> Self {
        let (mut hash, mut faults) = (chain::start(trust.log_id(), chain::REGISTRY), trust.voids.clone());
        let mut hashes = Vec::with_capacity(records.len());
        let mut before = None;
        for stored in records {
            check_offset(&mut faults, Partition::Registry, before, stored.offset);
            if !is_framed(stored) {
                faults.at(Partition::Registry, stored.offset, FaultKind::RegistryFrame);
            }
            hash = extended(hash, stored);
            hashes.push((stored.offset.saturating_add(1), hash));
            before = Some(stored.offset);
        }
        let next = hashes.last().map_or(0, |(next, _)| *next);
        Self { records: records.len() as u64, next, chain: hashes, faults }
    }

    /// The running hash after the records below an offset; none when the partition ends before it.
    pub(crate) fn chain_at(&self, log_id: Hash, offset: u64) -> Option<Hash> {
        if offset > self.next {
            return None;
        }
        let before = self.chain.iter().rev().find(|(next, _)| *next <= offset);
        Some(before.map_or_else(|| chain::start(log_id, chain::REGISTRY), |(_, hash)| *hash))
    }

    /// The running hash at the end.
    pub(crate) fn hash(&self, log_id: Hash) -> Hash {
        self.chain.last().map_or_else(|| chain::start(log_id, chain::REGISTRY), |(_, hash)| *hash)
    }
}

/// Offsets start at 0 and rise.
pub(crate) fn check_offset(faults: &mut Faults, partition: Partition, before: Option<u64>, offset: u64) {
    match before {
        None if offset != 0 => {
            let (partition, kind) = (Some(partition), FaultKind::Start);
            faults.push(Fault { partition, offset: 0, until: offset.saturating_add(1), kind });
        }
        Some(before) if offset <= before => faults.at(partition, offset, FaultKind::Back { before }),
        None | Some(_) => {}
    }
}

fn is_framed(stored: &Stored) -> bool {
    let headers = stored.record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref()));
    stored.record.key.is_empty() && headers.eq([REGISTRY_HEADER])
}
