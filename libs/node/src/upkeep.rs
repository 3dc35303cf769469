//! What follows from admitted records beside the projection, off its way: erased dossiers lose their keys and their place
//! in the index, others have their numbers looked into.
//!
//! ```text
//! projector --ask(code)--> Upkeep --(one task)--> put right: erased? forget e, key, index : look into its numbers
//!            at the start, and where the queue was full: every dossier, every erasable value
//! ```
//!
//! What is to be done follows from the dossier's row alone, so doing it twice does no harm and nothing is lost by a kill:
//! the next start looks at everything again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use lienthong_admission::{Applied, State, Verdict};
use lienthong_dossier::{DossierCode, EventKind};
use lienthong_log::{AppendError, ERASABLES_LISTED_MAX, ReadError};
use lienthong_seal::partition_of;
use tokio::sync::{Notify, watch};

use crate::error::{Refusal, with_causes};
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::pause::Pause;
use crate::submit::not_appended;

/// Dossiers that wait at most; when there are more, all are looked at instead.
pub const CHORES_MAX: usize = 4_096;
/// Dossiers looked at in one go when all are.
const PAGE: usize = 256;

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
}

#[derive(Default)]
struct Counters {
    forgotten: AtomicU64,
    retried: AtomicU64,
    left: AtomicU64,
    lost: AtomicU64,
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
}

impl Default for Upkeep {
    fn default() -> Self {
        let asked = Asked { codes: BTreeSet::new(), all: true, number: 1 };
        let done = watch::Sender::new(0);
        Self { asked: Mutex::new(asked), wake: Notify::new(), done, counters: Counters::default() }
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
        let Counters { forgotten, retried, left, lost } = &self.counters;
        UpkeepCounts {
            forgotten: read(forgotten),
            retried: read(retried),
            left: read(left),
            lost: read(lost),
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

/// The dossier that something is to be done for after this record: one that was erased, or that has something to look into.
pub(crate) fn follows_from(applied: &Applied) -> Option<DossierCode> {
    let Verdict::Admitted(offered) = &applied.verdict else { return None };
    let body = &offered.body;
    let erased = body.act.events.iter().any(|event| matches!(event.kind, EventKind::DossierErased { .. }));
    let follows = erased || !body.envelopes.is_empty() || !body.wraps.is_empty();
    follows.then(|| offered.code().clone())
}

/// Puts right what is asked for until the node stops.
pub(crate) async fn run(node: Node) {
    let Some(keys) = &node.0.keys else { return };
    tokio::select! {
        () = node.stopping().cancelled() => {}
        () = work(&node, keys) => {}
    }
}

async fn work(node: &Node, keys: &NodeKeys) {
    let upkeep = &node.0.upkeep;
    // Before that a row may say less than the log.
    if node.catch_up().await.is_err() {
        return;
    }
    if let Err(error) = begin_index(node, keys) {
        tracing::error!(node = node.0.name, error = %error, "the index of numbers cannot be used");
        return;
    }
    loop {
        let asked = upkeep.take();
        if !asked.all && asked.codes.is_empty() {
            upkeep.done.send_replace(asked.number);
            upkeep.wake.notified().await;
            continue;
        }
        if asked.all {
            sweep(node, keys).await;
        }
        for code in &asked.codes {
            put_right(node, keys, code).await;
        }
        upkeep.done.send_replace(asked.number);
    }
}

fn begin_index(node: &Node, keys: &NodeKeys) -> Result<(), Refusal> {
    if node.0.store.index_under(keys.index().fingerprint()?)? {
        tracing::info!(node = node.0.name, "the index of numbers is begun anew");
    }
    Ok(())
}

/// Looks at every dossier and every erasable value.
async fn sweep(node: &Node, keys: &NodeKeys) {
    let mut from = None;
    loop {
        let page = match node.0.store.list(from.as_ref(), "", PAGE) {
            Ok(page) => page,
            Err(error) => return left(node, None, &error.into()),
        };
        let Some((last, _)) = page.last() else { break };
        from = Some(last.clone());
        for (code, _) in page {
            put_right(node, keys, &code).await;
        }
        // Others have work too.
        tokio::task::yield_now().await;
    }
    let (mut after, mut pause) = (String::new(), Pause::default());
    loop {
        let page = match node.0.log.erasables(&after, ERASABLES_LISTED_MAX).await.map_err(Refusal::Read) {
            Ok(page) => page,
            Err(refusal) if passes(&refusal) => {
                wait_out(node, &mut pause).await;
                continue;
            }
            Err(refusal) => return left(node, None, &refusal),
        };
        let Some((last, _)) = page.last() else { return };
        after.clone_from(last);
        for (key, value) in &page {
            if let (None, Ok(code)) = (value, DossierCode::parse(key)) {
                report(node, &code).await;
            }
        }
    }
}

/// A tombstone stands for a dossier: says so where no event does.
async fn report(node: &Node, code: &DossierCode) {
    let partition = partition_of(code.as_str(), node.registry().partitions());
    let is_erased = |state: Option<State>| state.is_none_or(|state| state.dossier.erased().is_some());
    let says = || node.0.store.state(code).map(is_erased).unwrap_or(true);
    // Another node may have read of the erasure before this one.
    if says() || node.see_what_others_were_told(partition).await.is_err() || says() {
        return;
    }
    node.0.upkeep.counters.lost.fetch_add(1, Ordering::Relaxed);
    tracing::error!(node = node.0.name, dossier = %code, "the erasable half of the dossier's key is gone, and no event says why: its personal data is lost");
}

async fn put_right(node: &Node, keys: &NodeKeys, code: &DossierCode) {
    let mut pause = Pause::default();
    loop {
        match put_right_once(node, keys, code).await {
            Ok(()) => return,
            Err(refusal) if passes(&refusal) => wait_out(node, &mut pause).await,
            Err(refusal) => return left(node, Some(code), &refusal),
        }
    }
}

async fn put_right_once(node: &Node, keys: &NodeKeys, code: &DossierCode) -> Result<(), Refusal> {
    let inner = &node.0;
    let Some(state) = inner.store.state(code)? else { return Ok(()) };
    if state.dossier.erased().is_none() {
        return node.look_into(keys, code, &state).await;
    }
    inner.vault.forget(code);
    inner.store.unindex(code)?;
    // Asked first: every node does this, and one tombstone is enough.
    if inner.log.erasable(code.as_str()).await.map_err(Refusal::Read)?.is_some() {
        inner.log.forget_erasable(code.as_str()).await.map_err(not_appended)?;
        inner.upkeep.counters.forgotten.fetch_add(1, Ordering::Relaxed);
        tracing::info!(node = inner.name, dossier = %code, "forgot the erasable half of an erased dossier's key");
    }
    Ok(())
}

/// Waits before the log is asked again that does not answer just now.
async fn wait_out(node: &Node, pause: &mut Pause) {
    node.0.upkeep.counters.retried.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(pause.lengthen()).await;
}

/// Whether the log may answer the same in another way later.
fn passes(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Read(ReadError::Unavailable { .. })
            | Refusal::Append(AppendError::Unknown { .. } | AppendError::Failed { .. })
            | Refusal::Busy { .. }
    )
}

/// Says what is left for the next start.
fn left(node: &Node, code: Option<&DossierCode>, refusal: &Refusal) {
    node.0.upkeep.counters.left.fetch_add(1, Ordering::Relaxed);
    let code = code.map_or("all", DossierCode::as_str);
    tracing::warn!(
        node = node.0.name,
        dossier = code,
        error = with_causes(refusal),
        "left for the next start: keys and index of the dossier"
    );
}

#[cfg(test)]
mod tests;
