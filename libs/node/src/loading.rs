//! Loading: what a node is far behind by when it starts is judged partition by partition, and written for all of them at once.
//!
//! ```text
//! a round: partition: read --> judge, each dossier held --> sort --.
//!          partition: read --> judge, each dossier held --> sort --+--load--> rows of all, in their order --> tell
//! further rounds while it pays, then every partition is followed
//! ```
//!
//! Nobody reads from the projection before the node has caught up, so nothing has to be written before. What ends a
//! partition's part early, such as an outage or a revision that is not read yet, is left to whoever follows it.

use std::sync::atomic::Ordering;

use futures::future::join;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use lienthong_log::{Partition, ReadError, ReadLimit, Stored};
use lienthong_projection::{Run, StoreError};

use crate::error::{ProjectError, with_causes};
use crate::node::Node;
use crate::projector::{Account, FAR_BEHIND_RECORDS, ToTell, places};

/// Dossiers that a partition holds, some 10 KiB each. With more it is written, and goes on with the next round.
const HELD_MAX: usize = 32_768;

/// Bytes of records that a partition judges before it is written, of however few dossiers: what it holds of them is no more.
const JUDGED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Records of a round, but for its last partition's. A process that is killed loses no more of what it judged, unless it is
/// killed while it writes: then the store is made again from nothing.
const ROUND_RECORDS: u64 = 1 << 22;

/// Loading pays as long as there is at least this part of what is applied to go, since all of that may be lost.
const PART_OF_APPLIED: u64 = 4;

/// A partition's part.
struct Judged {
    account: Account,
    told: ToTell,
    run: Run,
}

/// Loads for as long as that pays. When the node is to stop, what is judged is written first if the store has nothing yet.
///
/// # Errors
/// The log or the projection fails in a way that waiting does not mend.
pub(crate) async fn load(node: &Node) -> Result<(), ProjectError> {
    loop {
        let mut loaded = 0;
        for round in rounds(node)? {
            if node.stopping().is_cancelled() {
                return Ok(());
            }
            loaded += load_round(node, round).await?;
        }
        // What is to go may lie behind a broker that is away, while others have a few new records each time.
        if loaded < FAR_BEHIND_RECORDS {
            return Ok(());
        }
    }
}

/// The partitions with something to go, in rounds; none when there is not enough to go.
fn rounds(node: &Node) -> Result<Vec<Vec<u16>>, ProjectError> {
    let (mut rounds, mut records, mut applied, mut to_go) = (Vec::new(), ROUND_RECORDS, 0, 0_u64);
    for partition in 0..node.partitions() {
        let account = Account::new(partition, node.0.store.cursor(partition)?);
        applied += account.ledger.cursor().count;
        let more = account.to_go(node);
        if more == 0 {
            continue;
        }
        to_go += more;
        if records >= ROUND_RECORDS {
            rounds.push(Vec::new());
            records = 0;
        }
        rounds.last_mut().into_iter().for_each(|round| round.push(partition));
        records += more;
    }
    let pays = to_go >= FAR_BEHIND_RECORDS && to_go.saturating_mul(PART_OF_APPLIED) >= applied;
    Ok(if pays { rounds } else { Vec::new() })
}

/// How many records were loaded.
async fn load_round(node: &Node, partitions: Vec<u16>) -> Result<u64, ProjectError> {
    let inner = &node.0;
    let parts = stream::iter(partitions).map(|partition| judge(node, partition)).buffer_unordered(places());
    let parts: Vec<Option<Judged>> = parts.try_collect().await?;
    let (runs, told): (Vec<_>, Vec<_>) =
        parts.into_iter().flatten().map(|Judged { account, told, run }| (run, (account, told))).unzip();
    // Whoever has a node stopped may kill it soon, and a store that is half-loaded is lost.
    if runs.is_empty() || (node.stopping().is_cancelled() && !is_new(node)?) {
        return Ok(0);
    }
    tracing::info!(node = inner.name, partitions = runs.len(), "writes what it has judged");
    let writing = node.clone();
    let write = tokio::task::spawn_blocking(move || writing.0.store.load(&runs));
    write.await.map_err(|_| ProjectError::Panicked)??;
    let loaded = inner.judged.swap(0, Ordering::Relaxed);
    for (account, told) in told {
        account.tell(node, told);
    }
    Ok(loaded)
}

/// Whether the store has nothing yet.
fn is_new(node: &Node) -> Result<bool, ProjectError> {
    for partition in 0..node.partitions() {
        if node.0.store.cursor(partition)?.count > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Judges what a partition holds now, or as much of it as may be held; none when that is nothing.
async fn judge(node: &Node, partition: u16) -> Result<Option<Judged>, ProjectError> {
    let inner = &node.0;
    let mut account = Account::new(partition, inner.store.cursor(partition)?);
    let (from, end) = (account.ledger.cursor().next, account.ledger.cursor().next + account.to_go(node));
    let read = async |from| {
        let read = inner.log.read(Partition::Dossiers(partition), from, ReadLimit::default());
        node.stopping().run_until_cancelled(read).await.map_or(Ok(Vec::new()), taken)
    };
    let mut batch = if from < end { read(from).await? } else { Vec::new() };
    let mut bytes = 0;
    while let Some(last) = batch.last() {
        let (judged, next) = (account.ledger.cursor().next, last.offset + 1);
        bytes += batch.iter().map(|stored| stored.record.bytes()).sum::<usize>();
        let goes_on = next < end && account.ledger.held() < HELD_MAX && bytes < JUDGED_BYTES_MAX;
        // The next batch is read meanwhile: of a log that memory does not hold, a disk makes wait for each.
        let ahead = async { if goes_on { read(next).await } else { Ok(Vec::new()) } };
        let (after, ahead) = join(account.judge_beside(node, batch), ahead).await;
        (account, batch) = (after?, ahead?);
        inner.judged.fetch_add(account.ledger.cursor().next - judged, Ordering::Relaxed);
        if account.is_awaited() {
            break;
        }
    }
    let judged = account.ledger.cursor().next - from;
    if judged == 0 {
        return Ok(None);
    }
    let node = node.clone();
    let sort = move || {
        let (advance, told) = account.settle()?;
        match node.0.store.sort(advance) {
            Ok(run) => Ok(Some(Judged { account, told, run })),
            // Such as no room for its rows a second time, which to follow it needs none of.
            Err(error @ StoreError::Io { .. }) => {
                let why = with_causes(&error);
                tracing::warn!(node = node.0.name, partition, why, "cannot load the partition; following it");
                node.0.judged.fetch_sub(judged, Ordering::Relaxed);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    };
    tokio::task::spawn_blocking(sort).await.map_err(|_| ProjectError::Panicked)?
}

/// What was read; nothing of a log that does not answer just now.
fn taken(read: Result<Vec<Stored>, ReadError>) -> Result<Vec<Stored>, ReadError> {
    match read {
        Err(ReadError::Unavailable { .. } | ReadError::Closed) => Ok(Vec::new()),
        read => read,
    }
}
