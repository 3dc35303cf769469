//! Loading: what a node is far behind by when it starts is judged partition by partition, and written for all of them at once.
//!
//! ```text
//! partition: read --> judge, each dossier held --> sort --.
//! partition: read --> judge -----------------------> sort --+--load--> rows of all, in their order --> tell
//!                                          again, while it pays `-- then every partition is followed
//! ```
//!
//! Nobody reads from the projection before the node has caught up, so nothing has to be written before. What ends a
//! partition's part early, such as an outage or a revision that is not read yet, is left to whoever follows it.

use std::sync::atomic::Ordering;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use lienthong_log::{Partition, ReadError, ReadLimit};
use lienthong_projection::Run;

use crate::error::ProjectError;
use crate::node::Node;
use crate::projector::{Account, FAR_BEHIND_RECORDS, ToTell, places};

/// Dossiers that a partition holds, some 10 KiB each; with more, all partitions are written and go on from there.
const HELD_MAX: usize = 32_768;

/// Loading pays as long as there is at least this part of what is applied to go: a store whose loading is interrupted is made
/// again from nothing.
const PART_OF_APPLIED: u64 = 4;

/// A partition's part.
struct Judged {
    account: Account,
    told: ToTell,
    run: Run,
}

/// Loads for as long as that pays.
///
/// # Errors
/// The log or the projection fails in a way that waiting does not mend.
pub(crate) async fn load(node: &Node) -> Result<(), ProjectError> {
    let inner = &node.0;
    while pays(node)? {
        let parts = stream::iter(0..node.partitions()).map(|partition| judge(node, partition));
        let parts = parts.buffer_unordered(places()).try_filter_map(async |part| Ok(part));
        let parts: Vec<Judged> = tokio::select! {
            () = node.stopping().cancelled() => return Ok(()),
            parts = parts.try_collect() => parts?,
        };
        if parts.is_empty() {
            return Ok(());
        }
        tracing::info!(node = inner.name, partitions = parts.len(), "judged what there was; writing it");
        let (runs, told): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|Judged { account, told, run }| (run, (account, told))).unzip();
        let writing = node.clone();
        let write = move || writing.0.store.load(&runs, || writing.stopping().is_cancelled());
        tokio::task::spawn_blocking(write).await.map_err(|_| ProjectError::Panicked)??;
        if node.stopping().is_cancelled() {
            return Ok(());
        }
        inner.judged.store(0, Ordering::Relaxed);
        for (account, told) in told {
            account.tell(node, told);
        }
    }
    Ok(())
}

/// Whether there is enough to go.
fn pays(node: &Node) -> Result<bool, ProjectError> {
    let (mut applied, mut to_go) = (0, 0);
    for partition in 0..node.partitions() {
        let account = Account::new(partition, node.0.store.cursor(partition)?);
        applied += account.ledger.cursor().count;
        to_go += account.to_go(node);
    }
    Ok(to_go >= FAR_BEHIND_RECORDS && to_go.saturating_mul(PART_OF_APPLIED) >= applied)
}

/// Judges what a partition holds now, or as much of it as may be held; none when that is nothing.
async fn judge(node: &Node, partition: u16) -> Result<Option<Judged>, ProjectError> {
    let inner = &node.0;
    let mut account = Account::new(partition, inner.store.cursor(partition)?);
    let (from, end) = (account.ledger.cursor().next, account.ledger.cursor().next + account.to_go(node));
    while account.ledger.cursor().next < end && account.ledger.held() < HELD_MAX && !account.is_awaited() {
        let next = account.ledger.cursor().next;
        let batch = match inner.log.read(Partition::Dossiers(partition), next, ReadLimit::default()).await {
            Err(ReadError::Unavailable { .. } | ReadError::Closed) => break,
            batch => batch?,
        };
        if batch.is_empty() {
            break;
        }
        account = account.judge_beside(node, batch).await?;
        inner.judged.fetch_add(account.ledger.cursor().next - next, Ordering::Relaxed);
    }
    if account.ledger.cursor().next == from {
        return Ok(None);
    }
    let store = node.clone();
    let sort = move || {
        let (advance, told) = account.settle()?;
        let run = store.0.store.sort(advance)?;
        Ok(Some(Judged { account, told, run }))
    };
    tokio::task::spawn_blocking(sort).await.map_err(|_| ProjectError::Panicked)?
}
