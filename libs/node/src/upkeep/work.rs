//! The one task of the upkeep: chores, each at its time.
//!
//! ```text
//! asked --> Chores --due--> done, with what follows
//!             ^               | the log does not answer: put off, each by a pause of its own
//!             `---------------'                            anything else: left, said and counted
//! ```
//!
//! Forgetting waits for nothing but the log. Looking into numbers waits for the index too, which is made ready by a chore
//! of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use lienthong_log::{AppendError, ERASABLES_LISTED_MAX, ReadError};
use lienthong_seal::partition_of;
use tokio::time::{Instant, sleep_until};

use super::{Asked, CHORES_MAX};
use crate::error::{Refusal, StartError, with_causes};
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::pause::{PAUSE_MAX, Pause};
use crate::submit::not_appended;

/// Dossiers looked at in one go when all are.
const PAGE: usize = 256;
/// Chores that wait at most; when there are more, all dossiers are looked at instead.
const WAITING_MAX: usize = 2 * CHORES_MAX;

/// One thing to be done. Of those that are due, in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Chore {
    /// The index of numbers is made ready.
    Index,
    /// The next of all dossiers are put right, or put off.
    Dossiers { behind: Option<DossierCode> },
    /// The next of all erasable values are held against the events.
    Values { behind: String },
    /// A dossier is put right.
    Dossier(DossierCode),
}

/// When a chore is due, and how long it is put off when it fails then.
#[derive(Clone, Copy)]
struct Turn {
    due: Instant,
    pause: Pause,
}

impl Turn {
    fn now() -> Self {
        Self { due: Instant::now(), pause: Pause::default() }
    }
}

/// What waits to be done.
#[derive(Default)]
struct Chores(BTreeMap<Chore, Turn>);

impl Chores {
    /// One more, to be done at once; one that is put off stays so.
    fn add(&mut self, chore: Chore) {
        self.0.entry(chore).or_insert_with(Turn::now);
        self.bound();
    }

    fn put_off(&mut self, chore: Chore, mut pause: Pause) {
        let due = Instant::now() + pause.lengthen();
        self.0.insert(chore, Turn { due, pause });
        self.bound();
    }

    fn bound(&mut self) {
        if self.0.len() > WAITING_MAX {
            self.0.retain(|chore, _| !matches!(chore, Chore::Dossier(_)));
            // Not at once: so many do not wait for nothing.
            let turn = Turn { due: Instant::now() + PAUSE_MAX, pause: Pause::default() };
            self.0.insert(Chore::Dossiers { behind: None }, turn);
        }
    }

    /// Takes out what is due.
    fn take_due(&mut self) -> Vec<(Chore, Pause)> {
        let now = Instant::now();
        let (due, later): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.0).into_iter().partition(|(_, turn)| turn.due <= now);
        self.0 = later;
        due.into_iter().map(|(chore, turn)| (chore, turn.pause)).collect()
    }

    /// Waits until something is due; for ever when nothing is there.
    async fn due(&self) {
        match self.0.values().map(|turn| turn.due).min() {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
    }
}

struct Work<'a> {
    node: &'a Node,
    keys: &'a NodeKeys,
    chores: Chores,
    /// Whether the index is ready.
    indexed: bool,
    /// Whether a dossier was not looked into because the index was not.
    passed_over: bool,
}

/// Does what is asked for; ends only when the projector has stopped, without which nothing is known.
pub(super) async fn work(node: &Node, keys: &NodeKeys) {
    if !caught_up(node).await {
        return;
    }
    let upkeep = &node.0.upkeep;
    let mut work = Work { node, keys, chores: Chores::default(), indexed: false, passed_over: false };
    work.chores.add(Chore::Index);
    loop {
        let number = work.take_on(upkeep.take());
        for (chore, pause) in work.chores.take_due() {
            work.attempt(chore, pause).await;
        }
        let waiting = work.chores.0.len() as u64;
        upkeep.counters.waiting.store(waiting, Ordering::Relaxed);
        if waiting == 0 {
            upkeep.done.send_replace(number);
        }
        // Others have work too.
        tokio::task::yield_now().await;
        tokio::select! {
            () = upkeep.wake.notified() => {}
            () = work.chores.due() => {}
        }
    }
}

/// Waits until the rows say as much as the log; not, when they never will.
pub(crate) async fn caught_up(node: &Node) -> bool {
    let mut pause = Pause::default();
    loop {
        match node.catch_up().await {
            Ok(()) => return true,
            Err(StartError::Stopped) => return false,
            Err(error) => {
                tracing::warn!(
                    node = node.0.name,
                    error = with_causes(&error),
                    "the upkeep waits for the log"
                );
                count_retry(node);
                tokio::time::sleep(pause.lengthen()).await;
            }
        }
    }
}

impl Work<'_> {
    /// Takes on what was asked for, and says which number it has.
    fn take_on(&mut self, asked: Asked) -> u64 {
        if asked.all {
            self.chores.add(Chore::Dossiers { behind: None });
            self.chores.add(Chore::Values { behind: String::new() });
        }
        for code in asked.codes {
            self.chores.add(Chore::Dossier(code));
        }
        asked.number
    }

    async fn attempt(&mut self, chore: Chore, pause: Pause) {
        let done = match &chore {
            Chore::Index => self.begin_index(),
            Chore::Dossiers { behind } => self.put_all_right(behind.clone()).await,
            Chore::Values { behind } => self.hold_values_against_events(behind).await,
            Chore::Dossier(code) => return self.put_right(code, pause).await,
        };
        match done {
            Ok(Some(next)) => self.chores.add(next),
            Ok(None) => {}
            Err(refusal) if passes(&refusal) || chore == Chore::Index => {
                if chore == Chore::Index {
                    let error = with_causes(&refusal);
                    tracing::error!(
                        node = self.node.0.name,
                        error,
                        "the index of numbers cannot be used; trying again"
                    );
                }
                count_retry(self.node);
                self.chores.put_off(chore, pause);
            }
            Err(refusal) => left(self.node, None, &refusal),
        }
    }

    fn begin_index(&mut self) -> Result<Option<Chore>, Refusal> {
        let inner = &self.node.0;
        #[cfg(test)]
        if inner.upkeep.index_fails.load(Ordering::Relaxed) {
            return Err(Refusal::Corrupt);
        }
        if inner.store.index_under(self.keys.index().fingerprint()?)? {
            tracing::info!(node = inner.name, "the index of numbers is begun anew");
        }
        self.indexed = true;
        let passed_over = std::mem::take(&mut self.passed_over);
        Ok(passed_over.then_some(Chore::Dossiers { behind: None }))
    }

    /// The next of all dossiers. No further while so many are put off that no more can be kept.
    async fn put_all_right(&mut self, behind: Option<DossierCode>) -> Result<Option<Chore>, Refusal> {
        if self.chores.0.len() >= CHORES_MAX {
            return Err(Refusal::Busy { limit: CHORES_MAX });
        }
        let page = self.node.0.store.list(behind.as_ref(), "", PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        let last = last.clone();
        for (code, _) in page {
            self.put_right(&code, Pause::default()).await;
        }
        Ok(Some(Chore::Dossiers { behind: Some(last) }))
    }

    async fn hold_values_against_events(&self, behind: &str) -> Result<Option<Chore>, Refusal> {
        let page = self.node.0.log.erasables(behind, ERASABLES_LISTED_MAX).await.map_err(Refusal::Read)?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        for (key, value) in &page {
            if let (None, Ok(code)) = (value, DossierCode::parse(key)) {
                report(self.node, &code).await;
            }
        }
        Ok(Some(Chore::Values { behind: last.clone() }))
    }

    /// Puts a dossier right, or puts it off: whatever it waits for, the others do not.
    async fn put_right(&mut self, code: &DossierCode, pause: Pause) {
        match self.put_right_once(code).await {
            Ok(()) => {}
            Err(refusal) if passes(&refusal) => {
                count_retry(self.node);
                self.chores.put_off(Chore::Dossier(code.clone()), pause);
            }
            Err(refusal) => left(self.node, Some(code), &refusal),
        }
    }

    async fn put_right_once(&mut self, code: &DossierCode) -> Result<(), Refusal> {
        let inner = &self.node.0;
        let Some(state) = inner.store.state(code)? else { return Ok(()) };
        if state.dossier.erased().is_some() {
            return forget(self.node, code).await;
        }
        if !self.indexed {
            self.passed_over = true;
            return Ok(());
        }
        self.node.look_into(self.keys, code, &state).await
    }
}

async fn forget(node: &Node, code: &DossierCode) -> Result<(), Refusal> {
    let inner = &node.0;
    inner.vault.forget(code);
    // Neither waits for the other.
    let unindexed = inner.store.unindex(code);
    // Asked first: every node does this, and one tombstone is enough.
    if inner.log.erasable(code.as_str()).await.map_err(Refusal::Read)?.is_some() {
        inner.log.forget_erasable(code.as_str()).await.map_err(not_appended)?;
        inner.upkeep.counters.forgotten.fetch_add(1, Ordering::Relaxed);
        tracing::info!(node = inner.name, dossier = %code, "forgot the erasable half of an erased dossier's key");
    }
    Ok(unindexed?)
}

/// A tombstone stands for a dossier: says so where no event does.
async fn report(node: &Node, code: &DossierCode) {
    let partition = partition_of(code.as_str(), node.registry().partitions());
    let is_erased = |state: Option<Arc<State>>| state.is_none_or(|state| state.dossier.erased().is_some());
    let says = || node.0.store.state(code).map(is_erased).unwrap_or(true);
    // Another node may have read of the erasure before this one.
    if says() || node.see_what_others_were_told(partition).await.is_err() || says() {
        return;
    }
    node.0.upkeep.counters.lost.fetch_add(1, Ordering::Relaxed);
    tracing::error!(node = node.0.name, dossier = %code, "the erasable half of the dossier's key is gone, and no event says why: its personal data is lost");
}

fn count_retry(node: &Node) {
    node.0.upkeep.counters.retried.fetch_add(1, Ordering::Relaxed);
}

/// Whether the log may answer the same in another way later.
pub(crate) fn passes(refusal: &Refusal) -> bool {
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
