//! Replaying a log from raw records alone: genesis, seals, chains, admission, fold. No service is believed.

use std::collections::{BTreeMap, HashMap};

use lienthong_admission::{
    Changes, Halt, Incoming, Ledger, NoGenesis, Reading, Revisions, Rows, StateFault, UnknownRules, Verdict,
};
use lienthong_dossier::DossierCode;
use lienthong_registry::Rules;
use lienthong_seal::{Hash, Verifier, service_digest};
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::auditor::v1::{RawRecord, StreamRecordsRequest, Topic};
use tonic::transport::Channel;

/// Records folded before the rows are brought up to date.
const BATCH_RECORDS: u64 = 512;

/// Why a log cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The auditor does not answer.
    #[error("the auditor does not answer")]
    Call(#[from] tonic::Status),
    /// The genesis does not hold.
    #[error("the log's genesis does not hold")]
    Genesis(#[from] NoGenesis),
    /// The log has no genesis, or half of one.
    #[error("the log has no whole genesis")]
    NoGenesis,
    /// Rules of a later release.
    #[error(transparent)]
    UnknownRules(#[from] UnknownRules),
    /// A fence whose revision the registry does not have.
    #[error("partition {partition} has the fence of revision {revision}, which the registry does not have")]
    NoRevision {
        /// Where.
        partition: u16,
        /// Which.
        revision: u64,
    },
    /// A state cannot be encoded.
    #[error("a state cannot be encoded")]
    State(#[from] StateFault),
    /// A record of a partition that the genesis does not have.
    #[error("the log has a record in partition {partition}, which its genesis does not have")]
    Partition {
        /// Which.
        partition: u32,
    },
}

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Digest over every partition, as a service computes it.
    pub digest: Hash,
    /// Records read.
    pub records: u64,
    /// Records admitted.
    pub admitted: u64,
    /// Events in them.
    pub events: u64,
    /// Records void.
    pub voids: u64,
}

/// Rows in memory.
#[derive(Default)]
struct Memory {
    states: HashMap<DossierCode, Vec<u8>>,
    chains: HashMap<(u16, u64), Hash>,
}

impl Memory {
    fn keep(&mut self, partition: u16, changes: Changes) {
        self.states.extend(changes.rows.into_iter().map(|row| (row.code, row.bytes)));
        self.chains.extend(changes.witnesses.into_iter().map(|(count, _, hash)| ((partition, count), hash)));
    }
}

impl Rows for Memory {
    type Error = StateFault;

    fn state(&self, code: &DossierCode) -> Result<Option<Vec<u8>>, StateFault> {
        Ok(self.states.get(code).cloned())
    }

    fn chain_at(&self, partition: u16, count: u64) -> Result<Option<Hash>, StateFault> {
        Ok(self.chains.get(&(partition, count)).copied())
    }
}

/// Reads everything the auditor streams and judges it anew.
///
/// # Errors
/// The stream breaks, or the log is none.
pub async fn replay(auditor: &mut AuditorClient<Channel>) -> Result<Replayed, ReplayError> {
    let revisions = revisions(auditor).await?;
    let log_id = revisions.log_id();
    let partitions = revisions.founding().partitions;
    let verifier = Verifier::default();
    let mut memory = Memory::default();
    let mut ledgers: BTreeMap<u16, Ledger> = (0..partitions)
        .map(|partition| {
            let cursor = lienthong_admission::Cursor::start(log_id, partition);
            (partition, Ledger::new(partition, cursor))
        })
        .collect();
    let mut read = 0_u64;
    let mut stream = stream(auditor, Topic::Dossiers).await?;
    while let Some(record) = stream.message().await? {
        let number = u16::try_from(record.partition).unwrap_or(u16::MAX);
        let outside = ReplayError::Partition { partition: record.partition };
        let ledger = ledgers.get_mut(&number).ok_or(outside)?;
        let reading = Reading { log_id, partition: number, revisions: &revisions, verifier: &verifier };
        apply(ledger, &reading, &memory, &record)?;
        read += 1;
        if ledger.cursor().count.is_multiple_of(BATCH_RECORDS) {
            memory.keep(number, ledger.settle()?);
        }
    }
    let mut replayed = Replayed { digest: Hash::ZERO, records: read, admitted: 0, events: 0, voids: 0 };
    let mut digests = Vec::new();
    for (partition, ledger) in &mut ledgers {
        ledger.settle()?;
        let cursor = ledger.cursor();
        replayed.admitted += cursor.admitted;
        replayed.events += cursor.events;
        replayed.voids += cursor.voids.values().sum::<u64>();
        digests.push(cursor.digest(*partition));
    }
    replayed.digest = service_digest(digests);
    Ok(replayed)
}

async fn revisions(auditor: &mut AuditorClient<Channel>) -> Result<Revisions, ReplayError> {
    let mut revisions = None;
    let mut stream = stream(auditor, Topic::Registry).await?;
    while let Some(record) = stream.message().await? {
        with_incoming(&record, |record| match &mut revisions {
            None => {
                revisions = Some(Revisions::begin(record, None, Rules::NEWEST)?);
                Ok::<_, ReplayError>(())
            }
            Some(revisions) => Ok(revisions.apply(record).map(drop)?),
        })?;
    }
    revisions.filter(|revisions| revisions.latest().is_some()).ok_or(ReplayError::NoGenesis)
}

fn with_incoming<T>(record: &RawRecord, take: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let headers: Vec<(&str, &[u8])> =
        record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref())).collect();
    take(&Incoming {
        offset: record.offset,
        appended_ms: record.append_time_ms,
        key: &record.key,
        headers: &headers,
        value: &record.value,
    })
}

fn apply(
    ledger: &mut Ledger,
    reading: &Reading<'_>,
    memory: &Memory,
    record: &RawRecord,
) -> Result<(), ReplayError> {
    let partition = reading.partition;
    let applied = with_incoming(record, |record| ledger.apply(reading, memory, record));
    let applied = applied.map_err(|halt| match halt {
        Halt::Revision(revision) => ReplayError::NoRevision { partition, revision },
        Halt::Rows(fault) => fault.into(),
    })?;
    if let Verdict::Void { void, .. } = &applied.verdict {
        tracing::debug!(partition, offset = applied.offset, reason = %void.reason, "void");
    }
    Ok(())
}

async fn stream(
    auditor: &mut AuditorClient<Channel>,
    topic: Topic,
) -> Result<tonic::Streaming<RawRecord>, tonic::Status> {
    let request =
        StreamRecordsRequest { topic: topic.into(), partitions: Vec::new(), from: Vec::new(), follow: false };
    Ok(auditor.stream_records(request).await?.into_inner())
}
