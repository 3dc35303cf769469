//! What a log is judged by: its genesis, read from the registry's own records. Nothing else is believed.

use bytes::Bytes;
use lienthong_admission::Place;
use lienthong_log::{Partition, Stored};
use lienthong_registry::{LogKind, Registry};
use lienthong_seal::{Hash, Verifier, chain};
use lienthong_wire::stored::genesis::{self, GenesisFault};

use crate::fault::{Fault, FaultKind, Faults};
use crate::lane::{extended, last_of};

/// Signatures remembered while a log is judged. Batches lie near each other.
const SIGNATURES_MAX: usize = 16 * 1024;

/// The only header of a registry record.
const REGISTRY_HEADER: (&str, &[u8]) = ("content-type", b"application/protobuf");

/// A log's id and the registry by which its records are judged.
pub struct Trust {
    log_id: Hash,
    name: String,
    registry: Registry,
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
        let values: Vec<Bytes> = records.iter().map(|stored| stored.record.value.clone()).collect();
        let genesis = genesis::open(&values).map_err(|fault| broken(records, &fault))?;
        let registry = Registry::new(genesis.parts).map_err(|fault| Broken {
            offset: last_of(records).unwrap_or_default(),
            what: format!("the registry does not hold together: {fault}"),
        })?;
        let verifier = Verifier::new(SIGNATURES_MAX);
        Ok(Self { log_id: genesis.log_id, name: genesis.name, registry, verifier })
    }

    /// Where the records of a partition are judged.
    #[must_use]
    pub fn place(&self, partition: u16) -> Place<'_> {
        Place { log_id: self.log_id, partition, registry: &self.registry, verifier: &self.verifier }
    }

    /// Id of the log.
    #[must_use]
    pub fn log_id(&self) -> Hash {
        self.log_id
    }

    /// What the log is called, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registry in force.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whether it is a training log, of which nothing is valid anywhere else.
    #[must_use]
    pub fn is_training(&self) -> bool {
        self.registry.kind() == LogKind::Training
    }

    /// Dossier partitions of the log.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        self.registry.partitions()
    }
}

impl RegistryReport {
    /// What stands around the chain: keys, headers, offsets, and the running hash of it all.
    pub(crate) fn of(log_id: Hash, records: &[Stored]) -> Self {
        let (mut hash, mut faults) = (chain::start(log_id, chain::REGISTRY), Faults::default());
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

fn broken(records: &[Stored], fault: &GenesisFault) -> Broken {
    let record = match fault {
        GenesisFault::Unreadable { record, .. }
        | GenesisFault::Chain { record }
        | GenesisFault::Signature { record, .. } => Some(*record),
        GenesisFault::Unfinished
        | GenesisFault::NoText { .. }
        | GenesisFault::TooLarge { .. }
        | GenesisFault::NotAuthority => None,
    };
    let offset = record.and_then(|record| records.get(record)).map(|stored| stored.offset);
    Broken { offset: offset.or(last_of(records)).unwrap_or_default(), what: with_causes(fault) }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}
