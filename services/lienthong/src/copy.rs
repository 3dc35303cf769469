//! Copying a log, whatever keeps it, to a place of any kind: backup, restore, migration.
//!
//! ```text
//! source --compare with what the target has--> restore behind it --> erasable values --> read back --> finish
//!             `--another history: refused, with its place                  `--otherwise: refused
//! ```
//!
//! Offsets, append times, keys, headers and values stay as they are, so that every seal, chain and witness in the copy
//! holds. What was copied is kept when a copy is stopped or dies, and the next one goes on behind it.
//!
//! **A source that is written meanwhile** is copied up to the ends it had at the start. These are taken from what refers
//! to what is referred to: reads, then dossiers, then the registry. So no fence in the copy is of a revision, and no read
//! of a dossier, that the copy lacks.

pub(crate) mod target;

use std::fmt;

use lienthong_log::{
    ERASABLES_LISTED_MAX, Erasable, EventLog, Partition, ReadError, ReadLimit, RestoreError, RestoreLog,
    Stored,
};
use lienthong_node::{Charter, CharterError};
use lienthong_registry::LogKind;
use lienthong_seal::{Hash, PartitionChain, chain, log_digest};

/// Why a log is not copied, or not to the end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// Nothing names the log, so that no chain begins.
    #[error("the source has no genesis")]
    NoGenesis,
    #[error("the source's genesis does not hold")]
    Genesis(#[source] CharterError),
    #[error("the target holds another history from {partition} {offset} on")]
    OtherHistory { partition: Partition, offset: u64 },
    #[error("the target has an erasable value of {key} that the source never had")]
    OtherErasable { key: String },
    #[error("what was written to the target reads otherwise at {partition} {offset}")]
    NotKept { partition: Partition, offset: u64 },
    #[error("the erasable value of {key} that was written to the target reads otherwise")]
    ErasableNotKept { key: String },
    #[error("the source cannot be read")]
    Source(#[source] ReadError),
    #[error("the target cannot be read")]
    Target(#[source] ReadError),
    #[error("the target does not take it")]
    Restore(#[source] RestoreError),
    /// Its watcher wanted it.
    #[error("the copy was stopped")]
    Stopped,
}

/// What a copy does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Compares and restores.
    Copying,
    /// Reads the target back.
    Checking,
}

/// Who watches a copy, and may stop it.
pub(crate) trait Watcher {
    /// A stage begins that leads over so many offsets.
    fn begins(&mut self, stage: Stage, offsets: u64);
    /// So many more are done.
    fn advances(&mut self, offsets: u64);
    /// Asked between two batches: whether to stop there.
    fn stops(&mut self) -> bool;
}

/// Which log it is, from its genesis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    pub(crate) log_id: Hash,
    pub(crate) kind: LogKind,
}

/// What stands in the target now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Records, those of earlier runs among them.
    pub(crate) records: u64,
    /// Erasable values that stand.
    pub(crate) erasables: u64,
    /// Those that are forgotten.
    pub(crate) tombstones: u64,
    /// See [`log_digest`].
    pub(crate) digest: Hash,
    pub(crate) position: Position,
}

/// The offset after the last record of each partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position(pub(crate) Vec<(Partition, u64)>);

/// How far a partition is copied, or read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lane {
    partition: Partition,
    next: u64,
    records: u64,
    chain: Hash,
}

struct Copy<'a> {
    source: &'a dyn EventLog,
    target: &'a dyn RestoreLog,
    log_id: Hash,
    batch: ReadLimit,
    watcher: &'a mut dyn Watcher,
}

/// Which log the source is.
pub(crate) async fn identity(source: &dyn EventLog) -> Result<Identity, CopyError> {
    match Charter::open(source, None).await {
        Ok(charter) => Ok(Identity { log_id: charter.log_id, kind: charter.registry.kind() }),
        Err(CharterError::Empty) => Err(CopyError::NoGenesis),
        Err(CharterError::Read(error)) => Err(CopyError::Source(error)),
        Err(fault) => Err(CopyError::Genesis(fault)),
    }
}

/// Copies everything and finishes the target, which has as many dossier partitions as the source.
pub(crate) async fn copy(
    source: &dyn EventLog,
    target: &dyn RestoreLog,
    identity: Identity,
    batch: ReadLimit,
    watcher: &mut dyn Watcher,
) -> Result<Copied, CopyError> {
    Copy { source, target, log_id: identity.log_id, batch, watcher }.run().await
}

impl Copy<'_> {
    async fn run(&mut self) -> Result<Copied, CopyError> {
        let ends = self.ends().await?;
        let offsets = ends.iter().map(|(_, end)| end).sum();
        self.watcher.begins(Stage::Copying, offsets);
        let mut lanes = Vec::new();
        for (partition, end) in ends {
            lanes.push(self.fill(partition, end).await?);
        }
        // Behind the records: a value is written before its reception, so every value that a copied record needs is
        // there by now. What was forgotten since the ends were taken is forgotten in the copy too, though its event may
        // be missing: a copy brings nothing back. Of an erasure that is under way the event may be copied without its
        // tombstone; then the first node that reads it writes the tombstone.
        let (erasables, tombstones) = self.erasables().await?;
        self.watcher.begins(Stage::Checking, offsets);
        for lane in &lanes {
            self.read_back(*lane).await?;
        }
        self.target.finish().await.map_err(CopyError::Restore)?;
        Ok(Copied {
            records: lanes.iter().map(|lane| lane.records).sum(),
            erasables,
            tombstones,
            digest: log_digest(lanes.iter().map(Lane::part)),
            position: Position(lanes.iter().map(|lane| (lane.partition, lane.next)).collect()),
        })
    }

    /// Up to where each partition is copied.
    async fn ends(&self) -> Result<Vec<(Partition, u64)>, CopyError> {
        let partitions: Vec<_> = Partition::all(self.source.dossier_partitions()).collect();
        let mut ends = Vec::new();
        // The registry comes last, see above.
        for partition in partitions.into_iter().rev() {
            ends.push((partition, self.source.end(partition).await.map_err(CopyError::Source)?));
        }
        ends.reverse();
        Ok(ends)
    }

    /// Brings the target's partition up to `end`.
    async fn fill(&mut self, partition: Partition, end: u64) -> Result<Lane, CopyError> {
        let mut lane = Lane::start(self.log_id, partition);
        if let Some(offset) = self.difference(&mut lane, end).await? {
            return Err(CopyError::OtherHistory { partition, offset });
        }
        loop {
            self.pause()?;
            let batch = self.read(partition, lane.next, end).await?;
            if batch.is_empty() {
                self.watcher.advances(end.saturating_sub(lane.next));
                return Ok(lane);
            }
            self.target.restore(partition, &batch).await.map_err(CopyError::Restore)?;
            let before = lane.next;
            batch.iter().for_each(|stored| lane.take(stored));
            self.watcher.advances(lane.next - before);
        }
    }

    /// Takes what the target has as long as the source has the same. The offset of the first difference, if there is one.
    async fn difference(&mut self, lane: &mut Lane, end: u64) -> Result<Option<u64>, CopyError> {
        loop {
            self.pause()?;
            let there = self.target.read(lane.partition, lane.next, self.batch).await;
            let there = there.map_err(CopyError::Target)?;
            let Some(first) = there.first() else { return Ok(None) };
            let here = self.read(lane.partition, lane.next, end).await?;
            if here.is_empty() {
                return Ok(Some(first.offset));
            }
            let before = lane.next;
            for (here, there) in here.iter().zip(&there) {
                if here != there {
                    return Ok(Some(here.offset.min(there.offset)));
                }
                lane.take(here);
            }
            self.watcher.advances(lane.next - before);
        }
    }

    /// A batch of the source from `next` on, below `end`.
    async fn read(&self, partition: Partition, next: u64, end: u64) -> Result<Vec<Stored>, CopyError> {
        let mut batch = self.source.read(partition, next, self.batch).await.map_err(CopyError::Source)?;
        batch.truncate(batch.partition_point(|stored| stored.offset < end));
        Ok(batch)
    }

    /// Copies the erasable values, each page read back at once. How many stand, and how many are forgotten.
    async fn erasables(&mut self) -> Result<(u64, u64), CopyError> {
        let (mut erasables, mut tombstones) = (0, 0);
        let mut after = String::new();
        loop {
            self.pause()?;
            let page =
                self.source.erasables(&after, ERASABLES_LISTED_MAX).await.map_err(CopyError::Source)?;
            let Some((last, _)) = page.last() else {
                let behind = self.target.erasables(&after, 1).await.map_err(CopyError::Target)?;
                let other = behind.into_iter().next();
                return other
                    .map_or(Ok((erasables, tombstones)), |(key, _)| Err(CopyError::OtherErasable { key }));
            };
            self.target.restore_erasables(&page).await.map_err(CopyError::Restore)?;
            let kept = self.target.erasables(&after, page.len()).await.map_err(CopyError::Target)?;
            compare_erasables(&page, &kept)?;
            let forgotten = kept.iter().filter(|(_, value)| value.is_none()).count();
            tombstones += forgotten as u64;
            erasables += (page.len() - forgotten) as u64;
            after.clone_from(last);
        }
    }

    /// Reads a partition of the target from its start: it must have what was taken from the source.
    async fn read_back(&mut self, written: Lane) -> Result<(), CopyError> {
        let partition = written.partition;
        let mut lane = Lane::start(self.log_id, partition);
        loop {
            self.pause()?;
            let batch = self.target.read(partition, lane.next, self.batch).await;
            let batch = batch.map_err(CopyError::Target)?;
            if batch.is_empty() {
                break;
            }
            let before = lane.next;
            batch.iter().for_each(|stored| lane.take(stored));
            self.watcher.advances(lane.next - before);
        }
        if lane == written {
            return Ok(());
        }
        // The hash says that they differ; the source says where.
        let mut lane = Lane::start(self.log_id, partition);
        let offset = self.difference(&mut lane, written.next).await?.unwrap_or(lane.next);
        Err(CopyError::NotKept { partition, offset })
    }

    fn pause(&mut self) -> Result<(), CopyError> {
        if self.watcher.stops() { Err(CopyError::Stopped) } else { Ok(()) }
    }
}

/// Whether the target has what the source has; a tombstone that it has already stands.
fn compare_erasables(page: &[Erasable], kept: &[Erasable]) -> Result<(), CopyError> {
    for ((key, value), kept) in page.iter().zip(kept.iter().map(Some).chain(std::iter::repeat(None))) {
        match kept {
            Some((other, _)) if other < key => {
                return Err(CopyError::OtherErasable { key: other.clone() });
            }
            Some((same, stands)) if same == key && (stands == value || stands.is_none()) => {}
            Some(_) | None => return Err(CopyError::ErasableNotKept { key: key.clone() }),
        }
    }
    Ok(())
}

impl Lane {
    fn start(log_id: Hash, partition: Partition) -> Self {
        Self { partition, next: 0, records: 0, chain: chain::start(log_id, number(partition)) }
    }

    fn take(&mut self, stored: &Stored) {
        let record = &stored.record;
        let headers: Vec<(&str, &[u8])> =
            record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref())).collect();
        self.chain = chain::extend(self.chain, stored.appended_ms, &record.key, headers, &record.value);
        self.records += 1;
        self.next = stored.offset.saturating_add(1);
    }

    fn part(&self) -> PartitionChain {
        PartitionChain { partition: number(self.partition), next: self.next, chain: self.chain }
    }
}

/// The number of a partition in hashes.
fn number(partition: Partition) -> u32 {
    match partition {
        Partition::Registry => chain::REGISTRY,
        Partition::Dossiers(number) => number.into(),
        Partition::Reads => chain::READS,
    }
}

/// `registry:31,0:17,5:2,reads:4`: partitions with records, the dossiers' by number.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.0.iter().filter(|(_, next)| *next > 0);
        for (index, (partition, next)) in held.enumerate() {
            let separator = if index == 0 { "" } else { "," };
            match partition {
                Partition::Dossiers(number) => write!(f, "{separator}{number}:{next}")?,
                Partition::Registry | Partition::Reads => write!(f, "{separator}{partition}:{next}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
