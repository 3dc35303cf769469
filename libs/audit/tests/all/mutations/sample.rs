//! A real log, read back, with all that is needed to verify changed copies of it fast.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use lienthong_audit::{Audit, Inspection, PartitionHash, Source, SourceError, Unwatched, verify};
use lienthong_log::{EventLog, MemoryLog, Partition, ReadLimit, Record, Stored};
use lienthong_log_embedded::EmbeddedLog;
use lienthong_seal::{SigningKey, leaf, partition_of};
use lienthong_wire::stored::Body;
use tempfile::TempDir;

use crate::support::author::{Author, Draft};
use crate::support::story::Group;
use crate::support::world::{World, node_key};

/// Partitions of the log.
pub(crate) const PARTITIONS: u16 = 3;
/// Records between two states of a verification from which changed copies go on.
pub(crate) const CHECKPOINT: usize = 32;
/// Dossiers whose records are sealed 64 at once.
const TOGETHER: usize = 64;

pub(crate) struct Sample {
    pub(crate) audit: Audit,
    pub(crate) registry: Vec<Stored>,
    pub(crate) partitions: Vec<Vec<Stored>>,
    /// What a sound verification tells of each partition.
    pub(crate) kept: Vec<PartitionHash>,
    pub(crate) checkpoints: Vec<Vec<Inspection>>,
    /// The log they are from, and one whose genesis has another name.
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) other: Audit,
    _dir: TempDir,
}

impl Sample {
    /// An embedded log: 64 dossiers whose records are sealed by 64, others one by one between and behind them, and what
    /// strangers and zombies wrote.
    pub(crate) async fn embedded() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::create(dir.path(), PARTITIONS).unwrap());
        let other = World::found(Arc::new(MemoryLog::new(PARTITIONS)), "another").await.audit;
        let mut author = Author::new(World::found(Arc::clone(&log), "sample").await);
        let (mut many, mut few) = (Group::new(1, TOGETHER), Group::new(101, 3));
        for step in 0..Group::STEPS {
            let drafts = many.next(&mut author);
            author.tell(&drafts, TOGETHER).await;
            if step % 4 == 0 {
                write_what_does_not_count(&mut author, &drafts[step]).await;
            }
            let drafts = few.next(&mut author);
            author.tell(&drafts, 1).await;
        }
        // So that somebody testifies to the newest multiple of 64.
        let mut last = Group::new(201, 6);
        for _ in 0..Group::STEPS {
            let drafts = last.next(&mut author);
            author.tell(&drafts, 1).await;
        }
        Self::of(author.world, log, other, dir).await
    }

    async fn of(world: World, log: Arc<dyn EventLog>, other: Audit, dir: TempDir) -> Self {
        let registry = read(&log, Partition::Registry).await;
        let mut partitions = Vec::new();
        for number in 0..PARTITIONS {
            partitions.push(read(&log, Partition::Dossiers(number)).await);
        }
        let source = Fixed::source(&registry, &partitions);
        let verified = verify(source, &[], Arc::new(Unwatched)).await.unwrap();
        assert_eq!(verified.faults, []);
        let kept: Vec<_> = verified.hashes.into_iter().skip(1).collect();
        let audit = world.audit;
        let checkpoints = (0..PARTITIONS)
            .zip(&partitions)
            .zip(&kept)
            .map(|((number, records), kept)| {
                let mut inspection = Inspection::new(audit.trust(), number, true, vec![kept.offset]);
                let mut checkpoints = Vec::new();
                for (index, stored) in records.iter().enumerate() {
                    if index % CHECKPOINT == 0 {
                        checkpoints.push(inspection.clone());
                    }
                    inspection.take(audit.trust(), stored).unwrap();
                }
                checkpoints.push(inspection);
                checkpoints
            })
            .collect();
        Self { audit, registry, partitions, kept, checkpoints, log, other, _dir: dir }
    }
}

/// A torn record, one that stands already, one made upon an older state, and one that a stranger sealed.
async fn write_what_does_not_count(author: &mut Author, draft: &Draft) {
    let trust = author.world.audit.trust();
    let sealed = |draft: &Draft, key: &SigningKey| {
        draft.sealed(key.seal_all(trust.log_id(), &[leaf(&draft.bytes)]).remove(0))
    };
    let repeated = sealed(draft, &node_key(draft.who));
    let torn = Record { value: repeated.value.slice(..repeated.value.len() / 2), ..repeated.clone() };
    let stale = sealed(&other(draft, |_| {}), &node_key(draft.who));
    let later = other(draft, |body| body.prev = Some(leaf(&draft.bytes)));
    let foreign = sealed(&later, &SigningKey::generate().unwrap());
    let partition = partition_of(draft.body.act.code.as_str(), trust.partitions());
    let records = [torn, repeated, stale, foreign].map(|record| (partition, record));
    author.append(records.into()).await;
}

/// Another command of the same node.
fn other(draft: &Draft, change: impl FnOnce(&mut Body)) -> Draft {
    let mut body = draft.body.clone();
    body.command_id.0 = uuid::Uuid::new_v4();
    change(&mut body);
    Draft::new(body, draft.who)
}

async fn read(log: &Arc<dyn EventLog>, partition: Partition) -> Vec<Stored> {
    let mut records: Vec<Stored> = Vec::new();
    loop {
        let next = records.last().map_or(0, |last| last.offset + 1);
        let batch = log.read(partition, next, ReadLimit::default()).await.unwrap();
        if batch.is_empty() {
            return records;
        }
        records.extend(batch);
    }
}

/// Records as they are, in no log.
pub(crate) struct Fixed {
    registry: Vec<Stored>,
    partitions: Vec<Vec<Stored>>,
}

impl Fixed {
    pub(crate) fn source(registry: &[Stored], partitions: &[Vec<Stored>]) -> Arc<dyn Source> {
        Arc::new(Self { registry: registry.to_vec(), partitions: partitions.to_vec() })
    }
}

#[async_trait]
impl Source for Fixed {
    fn times_rise(&self) -> bool {
        true
    }

    async fn end(&self, _: Partition) -> u64 {
        0
    }

    fn records(&self, partition: Partition) -> BoxStream<'static, Result<Vec<Stored>, SourceError>> {
        let records = match partition {
            Partition::Registry => self.registry.clone(),
            Partition::Dossiers(number) => self.partitions[usize::from(number)].clone(),
            Partition::Reads => Vec::new(),
        };
        stream::iter([Ok(records)]).boxed()
    }
}
