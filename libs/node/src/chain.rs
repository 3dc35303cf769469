//! The registry's chain, followed: what a node knows of revisions, and the fences that it finishes.
//!
//! ```text
//! registry's partition --follow--> Revisions --watched by--> projectors that stand before a fence
//!                                       `--after FENCE_PATIENCE--> fences that a partition still misses
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use lienthong_admission::{Chained, Revisions, UnknownRules};
use lienthong_log::{AppendError, EventLog, Header, Partition, ReadError, Record, follow};
use lienthong_wire::stored::{Entry, Fence, encode_entry, fence_headers};

use crate::charter::with_incoming;
use crate::error::{ProjectError, with_causes};
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::pause::Pause;

/// How long whoever published a revision has for its fences, before a node appends those that are missing.
pub const FENCE_PATIENCE: Duration = Duration::from_secs(5);
/// How much longer each further node waits, so that not all of them append the same fence.
const FENCE_STAGGER: Duration = Duration::from_secs(2);

/// Follows the registry until the node stops, or meets rules that it does not know.
pub(crate) async fn run(node: Node) {
    let ended = tokio::select! {
        () = node.stopping().cancelled() => Ok(()),
        ended = read(&node) => ended,
    };
    if let Err(error) = ended {
        tracing::error!(node = node.0.name, error = %error, "the registry cannot be followed");
        node.fail(format!("the registry cannot be followed: {}", with_causes(&error)));
    }
}

async fn read(node: &Node) -> Result<(), ProjectError> {
    let inner = &node.0;
    let from = |next| follow(Arc::clone(&inner.log), Partition::Registry, next);
    let mut batches = from(inner.revisions.borrow().next());
    let mut pause = Pause::default();
    while let Some(batch) = batches.next().await {
        let batch = match batch {
            // The projectors say that the log does not answer.
            Err(ReadError::Unavailable { .. }) => {
                tokio::time::sleep(pause.lengthen()).await;
                batches = from(inner.revisions.borrow().next());
                continue;
            }
            batch => batch?,
        };
        pause = Pause::default();
        let mut revisions = Revisions::clone(&inner.revisions.borrow());
        let mut met = None;
        for stored in &batch {
            match with_incoming(stored, |record| revisions.apply(record)) {
                Ok(chained) => tell(node, stored.offset, &chained),
                Err(unknown) => {
                    met = Some(unknown);
                    break;
                }
            }
        }
        revisions.drop_before(node.oldest_in_force());
        inner.revisions.send_replace(Arc::new(revisions));
        if let Some(unknown) = met {
            stop_at(node, unknown);
            return Ok(());
        }
    }
    Ok(())
}

fn tell(node: &Node, offset: u64, chained: &Chained) {
    let node = &node.0.name;
    match chained {
        Chained::Part => {}
        Chained::Whole(revision) => tracing::info!(node, revision, "a revision of the registry"),
        Chained::Void(fault) => {
            tracing::warn!(node, offset, fault = %fault, "a record of the registry does not count");
        }
    }
}

/// What lies behind the fence of these rules is for a later release: the node neither voids nor guesses.
fn stop_at(node: &Node, unknown: UnknownRules) {
    if node.0.unknown_rules.set(unknown).is_ok() {
        node.settle();
    }
}

/// Appends the fences that partitions still miss some time after a revision: whoever published it was stopped.
pub(crate) async fn finish(node: Node) {
    let mut revisions = node.0.revisions.subscribe();
    let turn = u32::try_from(node.turn()).unwrap_or(u32::MAX);
    let patience = FENCE_PATIENCE.saturating_add(FENCE_STAGGER.saturating_mul(turn));
    let mut pause = Pause::default();
    loop {
        let wait = match node.fences_missing() {
            true => patience + pause.lengthen(),
            false => Duration::MAX,
        };
        tokio::select! {
            () = node.stopping().cancelled() => return,
            changed = revisions.changed() => {
                if changed.is_err() {
                    return;
                }
                pause = Pause::default();
            }
            () = tokio::time::sleep(wait) => append_missing(&node).await,
        }
    }
}

async fn append_missing(node: &Node) {
    for partition in 0..node.registry().partitions() {
        // What stands in the log already is seen first.
        let Ok(end) = node.0.log.newest(Partition::Dossiers(partition)).await else { return };
        if node.reach(partition, end, FENCE_PATIENCE).await.is_err() {
            continue;
        }
        let fences = node.missing(partition);
        if fences.is_empty() {
            continue;
        }
        let appended = append(node.0.log.as_ref(), partition, &fences).await;
        match appended {
            Ok(()) => {
                tracing::info!(
                    node = node.0.name,
                    partition,
                    fences = fences.len(),
                    "finished a publication"
                );
            }
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(
                    node = node.0.name,
                    partition,
                    error,
                    "the log did not take a fence; trying again"
                );
            }
        }
    }
}

/// Appends fences to a dossier partition, in their order. One that is there already is void, and does no harm.
pub(crate) async fn append(log: &dyn EventLog, partition: u16, fences: &[Fence]) -> Result<(), AppendError> {
    for fence in fences {
        let headers = fence_headers(fence).into_iter();
        let record = Record {
            key: Bytes::new(),
            headers: headers
                .map(|header| Header { name: header.name.to_owned(), value: header.value })
                .collect(),
            value: encode_entry(&Entry::Fence(fence.clone())).into(),
        };
        log.append(Partition::Dossiers(partition), record).await?;
    }
    Ok(())
}

impl Node {
    /// The oldest revision that is in force somewhere.
    fn oldest_in_force(&self) -> u64 {
        self.0.progress.iter().map(|progress| progress.borrow().revision).min().unwrap_or_default()
    }

    /// The fences of the revisions that are known here and not in force in that partition.
    fn missing(&self, partition: u16) -> Vec<Fence> {
        let in_force = self.watch(partition).borrow().revision;
        let revisions = self.0.revisions.borrow();
        let later = revisions.all().iter().filter(|revision| revision.number > in_force);
        later.filter_map(|revision| revision.fence.clone()).collect()
    }

    /// Whether this node can append a fence that some partition misses; an auditor appends nothing.
    fn fences_missing(&self) -> bool {
        let latest = self.0.revisions.borrow().latest().map_or(0, |revision| revision.number);
        self.0.keys.is_some() && self.0.progress.iter().any(|progress| progress.borrow().revision < latest)
    }

    /// The place of this node among all that may finish a publication.
    fn turn(&self) -> usize {
        let (registry, replica) = (self.registry(), self.0.codes.replica());
        let named = |keys: &NodeKeys| registry.nodes().iter().position(|node| node.name == keys.name());
        let place = self.0.keys.as_ref().and_then(named);
        place.unwrap_or_default() + registry.nodes().len() * replica.ordinal as usize
    }
}
