//! What follows from admitted records beside the projection, off its way: erased dossiers lose their keys and their place
//! in the index, others have their numbers looked into.
//!
//! ```text
//! projector --ask(code)--> Upkeep --(one task)--> put right: erased? forget e, key, index : look into its numbers
//!            at the start, and where the queue was full: every dossier, every erasable value
//! trouble that passes --put off, behind the others--> tried again after a pause
//! ```
//!
//! What is to be done follows from the dossier's row alone, so doing it twice does no harm and nothing is lost by a kill:
//! the next start looks at everything again.

mod work;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
#[cfg(test)]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use lienthong_admission::{Applied, Verdict};
use lienthong_dossier::{DossierCode, EventKind};
use lienthong_registry::AgencyId;
use lienthong_wire::stored::{Recipient, RecipientWrap};
use tokio::sync::{Notify, watch};

use crate::node::Node;

use self::work::work;
pub(crate) use self::work::{caught_up, passes};

/// Dossiers that wait at most; when there are more, all are looked at instead.
pub const CHORES_MAX: usize = 4_096;
/// What the upkeep has done since the node was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpkeepCounts {
    /// Erasable values forgotten by this node because their dossiers are erased.
    pub forgotten: u64,
    /// Tries that had to be made again because the log did not answer.
    pub retried: u64,
    /// Dossiers given up until the next start; the process's log says why.
    pub left: u64,
    /// Erasable values that are gone though no event says so. Nobody can put that right.
    pub lost: u64,
    /// What waits to be done or tried again, without what was asked for since it was looked at last.
    pub waiting: u64,
}

#[derive(Default)]
struct Counters {
    forgotten: AtomicU64,
    retried: AtomicU64,
    left: AtomicU64,
    lost: AtomicU64,
    waiting: AtomicU64,
}

/// What is asked of the one task.
struct Asked {
    codes: BTreeSet<DossierCode>,
    /// Every dossier is to be looked at.
    all: bool,
    /// How often anything was asked.
    number: u64,
}

/// The queue of the one task, and how far it has come.
pub(crate) struct Upkeep {
    asked: Mutex<Asked>,
    wake: Notify,
    done: watch::Sender<u64>,
    counters: Counters,
    /// Keeps the index from being made ready, as a disk does that fails.
    #[cfg(test)]
    index_fails: AtomicBool,
}

impl Default for Upkeep {
    fn default() -> Self {
        let asked = Asked { codes: BTreeSet::new(), all: true, number: 1 };
        let done = watch::Sender::new(0);
        Self {
            asked: Mutex::new(asked),
            wake: Notify::new(),
            done,
            counters: Counters::default(),
            #[cfg(test)]
            index_fails: AtomicBool::new(false),
        }
    }
}

impl Upkeep {
    /// Asks that a dossier be put right. Never waits.
    pub(crate) fn ask(&self, code: DossierCode) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.number += 1;
        if !asked.all {
            asked.codes.insert(code);
            if asked.codes.len() > CHORES_MAX {
                asked.codes.clear();
                asked.all = true;
            }
        }
        drop(asked);
        self.wake.notify_one();
    }

    /// Resolves once all that was asked for until now is done.
    pub(crate) async fn done(&self) {
        let number = self.asked.lock().unwrap_or_else(PoisonError::into_inner).number;
        let mut done = self.done.subscribe();
        if done.wait_for(|done| *done >= number).await.is_err() {
            std::future::pending().await
        }
    }

    /// What was done so far.
    pub(crate) fn counts(&self) -> UpkeepCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { forgotten, retried, left, lost, waiting } = &self.counters;
        UpkeepCounts {
            forgotten: read(forgotten),
            retried: read(retried),
            left: read(left),
            lost: read(lost),
            waiting: read(waiting),
        }
    }

    fn take(&self) -> Asked {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let number = asked.number;
        std::mem::replace(&mut *asked, Asked { codes: BTreeSet::new(), all: false, number })
    }
}

impl Node {
    /// What was done beside the projection since the node was started.
    #[must_use]
    pub fn upkeep(&self) -> UpkeepCounts {
        self.0.upkeep.counts()
    }
}

/// The dossier that something is to be done for after this record: one that was erased, or that a node which serves these
/// agencies has something to look into, or can look into from here on.
pub(crate) fn follows_from(applied: &Applied, serves: impl Fn(&AgencyId) -> bool) -> Option<DossierCode> {
    let Verdict::Admitted(offered) = &applied.verdict else { return None };
    let body = &offered.body;
    let erased = body.act.events.iter().any(|event| matches!(event.kind, EventKind::DossierErased { .. }));
    let opens = |wrap: &RecipientWrap| matches!(&wrap.recipient, Recipient::Agency(agency) if serves(agency));
    let follows = erased || !body.envelopes.is_empty() || body.wraps.iter().any(opens);
    follows.then(|| offered.code().clone())
}

/// Puts right what is asked for until the node stops.
pub(crate) async fn run(node: Node) {
    let Some(keys) = &node.0.keys else { return };
    until_stopped(&node, "upkeep", "keys of erased dossiers are no longer forgotten", work(&node, keys))
        .await;
}

/// Does what is never done until the node stops. A node on which it ends before would go on without it, so it does not go
/// on.
pub(crate) async fn until_stopped(node: &Node, what: &str, lost: &str, work: impl Future) {
    let ended = tokio::select! {
        () = node.stopping().cancelled() => return,
        ended = AssertUnwindSafe(work).catch_unwind() => ended,
    };
    if node.stopping().is_cancelled() {
        return;
    }
    let how = if ended.is_err() { "panicked" } else { "ended" };
    let why = format!("the {what} {how}");
    tracing::error!(node = node.0.name, why, "{lost}");
    node.fail(why);
}

#[cfg(test)]
mod tests;
