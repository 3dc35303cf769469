//! The projector: one task a partition follows the log, admits, folds and writes rows and cursor in one batch. What the node is
//! far behind by when it starts is [loaded](crate::loading) before that.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::join_all;
use lienthong_admission::{Applied, Cursor, Halt, Ledger, Reading, Reason, Verdict};
use lienthong_calendar::Instant;
use lienthong_dossier::{Dossier, DossierCode};
use lienthong_log::{EventLog, Partition, ReadError, ReadLimit, Stored, follow};
use lienthong_projection::{Advance, Damage, Identity, Store, VOIDS_KEPT, VoidRow};
use lienthong_seal::{Hash, chain};

use crate::charter::with_incoming;
use crate::error::{ProjectError, StartError, with_causes};
use crate::loading;
use crate::node::Node;
use crate::pause::Pause;
use crate::pending::{Outcome, Stands};
use crate::readiness::changed;
use crate::tally::Tally;
use crate::upkeep;

/// Batches up to this many records are applied on the task itself, larger ones beside it, so that catching up holds
/// up no command.
const INLINE_RECORDS_MAX: usize = 32;

/// With so many records to go, what a partition's records change is held in memory, and each dossier written once for all of
/// them.
pub(crate) const FAR_BEHIND_RECORDS: u64 = 1_024;

/// Voids that a partition holds meanwhile; a store keeps no more.
const VOIDS_HELD: usize = VOIDS_KEPT as usize;

/// Dossiers that a partition holds meanwhile.
const HELD_MAX: usize = 4_096;

/// Partitions that catch up at once: one that is written, and one more for each core; more would only hold more.
pub(crate) fn places() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores + 1).min(PLACES_MAX)
}

/// However many cores there are, no more memory is needed.
const PLACES_MAX: usize = 4;

/// How far a partition is applied, and what its next record may name as witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The next offset to apply.
    pub next: u64,
    /// The newest multiple of 64 and the running hash there.
    pub witness: (u64, Hash),
    /// The registry's revision in force.
    pub revision: u64,
}

impl Progress {
    pub(crate) fn of(cursor: &Cursor) -> Self {
        Self { next: cursor.next, witness: cursor.witness, revision: cursor.revision }
    }
}

/// Opens a projection; one that does not fit the log is moved aside and begun anew.
pub(crate) async fn open_store(
    log: &Arc<dyn EventLog>,
    dir: &Path,
    identity: &Identity,
    name: &str,
    tally: &Tally,
) -> Result<Store, StartError> {
    let opened = Store::open(dir, identity)?;
    if let Some(moved) = &opened.moved_aside {
        tracing::warn!(node = name, to = %moved.to.display(), why = %moved.why, "moved a damaged projection aside; rebuilding it from the log");
        tally.aside.add(());
    }
    if let Some(why) = &opened.removed {
        tracing::warn!(node = name, dir = %dir.display(), %why, "removed a projection; rebuilding it from the log");
        tally.aside.add(());
    }
    let store = opened.store;
    let Some(partition) = made_anew(log, &store, identity).await? else { return Ok(store) };
    tracing::warn!(
        node = name,
        partition,
        "the log is not the one this projection was built from; rebuilding it"
    );
    tally.aside.add(());
    Ok(store.move_aside(Damage::LogMadeAnew { partition })?.store)
}

/// The first partition in which the record before the cursor is no longer the one that was read there.
async fn made_anew(
    log: &Arc<dyn EventLog>,
    store: &Store,
    identity: &Identity,
) -> Result<Option<u16>, StartError> {
    for partition in 0..identity.partitions {
        let cursor = store.cursor(partition)?;
        let Some((offset, before)) = cursor.last else { continue };
        let limit = ReadLimit { records: 1, bytes: 0 };
        let read = log.read(Partition::Dossiers(partition), offset, limit).await?;
        let same = read
            .first()
            .is_some_and(|stored| stored.offset == offset && extend(before, stored) == cursor.chain);
        if !same {
            return Ok(Some(partition));
        }
    }
    Ok(None)
}

fn extend(before: Hash, stored: &Stored) -> Hash {
    with_incoming(stored, |record| {
        let headers = record.headers.iter().copied();
        chain::extend(before, record.appended_ms, record.key, headers, record.value)
    })
}

/// Loads what the node is far behind by, and follows every partition until the node stops.
pub(crate) async fn run(node: Node) {
    if let Err(error) = loading::load(&node).await {
        return stopped(&node, None, &error);
    }
    let partitions =
        (0..node.partitions()).map(|partition| tokio::spawn(follow_one(node.clone(), partition)));
    join_all(partitions).await;
}

async fn follow_one(node: Node, partition: u16) {
    let ended = tokio::select! {
        // First: the writing task ends with the node, which is then no fault of a projector that waits for it.
        biased;
        () = node.stopping().cancelled() => Ok(()),
        ended = project(&node, partition) => ended,
    };
    if let Err(error) = ended {
        stopped(&node, Some(partition), &error);
    }
}

fn stopped(node: &Node, partition: Option<u16>, error: &ProjectError) {
    // What ends one partition mostly ends them all; the first says why.
    if node.failed().is_cancelled() {
        return;
    }
    tracing::error!(node = node.0.name, partition, error = %error, source = ?std::error::Error::source(error), "the projector stopped");
    node.fail(format!("the projector stopped: {}", with_causes(error)));
}

async fn project(node: &Node, partition: u16) -> Result<(), ProjectError> {
    let inner = &node.0;
    let from = |next| follow(Arc::clone(&inner.log), Partition::Dossiers(partition), next);
    let cursor = inner.store.cursor(partition)?;
    let mut batches = from(cursor.next);
    let mut account = Account::new(partition, cursor);
    let mut outage = None;
    let mut far_behind = None;
    loop {
        // Before it reads: whoever waits for a place holds nothing.
        if far_behind.is_none() && account.to_go(node) >= FAR_BEHIND_RECORDS {
            far_behind = inner.catching_up.acquire().await.ok();
        }
        let Some(batch) = batches.next().await else { return Ok(()) };
        let batch = match batch {
            Err(error @ ReadError::Unavailable { .. }) => {
                if far_behind.take().is_some() {
                    account = account.write_beside(node).await?;
                }
                wait_out(node, partition, &mut outage, &error).await;
                batches = from(account.ledger.cursor().next);
                continue;
            }
            batch => batch?,
        };
        if outage.take().is_some() {
            tracing::info!(node = inner.name, partition, "the log answers again");
        }
        if batch.len() <= INLINE_RECORDS_MAX && far_behind.is_none() {
            account.judge(node, &batch)?;
            let (advance, told) = account.settle()?;
            inner.store.take(advance)?;
            account.tell(node, told);
            inner.writer.ask(node).await?;
        } else {
            account = account.judge_beside(node, batch).await?;
            if account.may_go_on(node) {
                continue;
            }
            account = account.write_beside(node).await?;
            far_behind = None;
        }
        if let Some(revision) = account.awaited.take() {
            wait_for(node, partition, revision).await?;
            batches = from(account.ledger.cursor().next);
        }
    }
}

/// Waits before a fence until its revision is read. Behind rules that this release does not know that is never.
async fn wait_for(node: &Node, partition: u16, revision: u64) -> Result<(), ProjectError> {
    tracing::debug!(node = node.0.name, partition, revision, "waiting for a revision of the registry");
    let mut revisions = node.0.revisions.subscribe();
    let read = revisions.wait_for(|revisions| revisions.get(revision).is_some()).await;
    read.map(drop).map_err(|_| ProjectError::Panicked)
}

/// Waits before the log is asked again that does not answer just now: a pause, or until its condition is another one.
/// An outage is one line of the process's log, however often it is asked.
async fn wait_out(node: &Node, partition: u16, outage: &mut Option<Pause>, error: &ReadError) {
    let pause = outage.get_or_insert_with(|| {
        let error = with_causes(error);
        tracing::warn!(node = node.0.name, partition, error, "the log does not answer; asking again");
        Pause::default()
    });
    let mut condition = node.0.log.condition();
    tokio::select! {
        () = tokio::time::sleep(pause.lengthen()) => {}
        () = changed(&mut condition) => {}
    }
}

/// A partition's account, and what was judged since it was written last.
pub(crate) struct Account {
    pub(crate) partition: u16,
    pub(crate) ledger: Ledger,
    voids: Vec<VoidRow>,
    to_tell: ToTell,
    /// What was judged ends before a fence whose revision is not read yet.
    awaited: Option<u64>,
}

/// What is told once the store has it.
#[derive(Default)]
pub(crate) struct ToTell {
    /// The verdicts on records that commands wait for.
    verdicts: Vec<(Hash, Outcome)>,
    /// Dossiers that something is to be done for.
    touched: BTreeSet<DossierCode>,
    is_fenced: bool,
}

impl Account {
    pub(crate) fn new(partition: u16, cursor: Cursor) -> Self {
        let ledger = Ledger::new(partition, cursor);
        Self { partition, ledger, voids: Vec::new(), to_tell: ToTell::default(), awaited: None }
    }

    /// Judges a batch, up to a fence whose revision is not read yet.
    fn judge(&mut self, node: &Node, batch: &[Stored]) -> Result<(), ProjectError> {
        let inner = &node.0;
        let revisions = Arc::clone(&inner.revisions.borrow());
        let (log_id, partition) = (inner.log_id, self.partition);
        let reading = Reading { log_id, partition, revisions: &revisions, verifier: &inner.verifier };
        let Self { ledger, voids, to_tell, awaited, .. } = self;
        for stored in batch {
            let applied = with_incoming(stored, |record| ledger.apply(&reading, &inner.store, record));
            let applied = match applied {
                Err(Halt::Revision(revision)) => {
                    *awaited = Some(revision);
                    break;
                }
                Err(Halt::Rows(error)) => return Err(error.into()),
                Ok(applied) => applied,
            };
            if inner.pending.is_expected(applied.leaf) {
                to_tell.verdicts.push((applied.leaf, outcome(ledger, &applied, stored.appended_ms)));
            }
            voids.extend(VoidRow::of(&applied, stored.appended_ms));
            to_tell.touched.extend(upkeep::follows_from(&applied, |agency| node.serves(agency)));
            to_tell.is_fenced |= matches!(applied.verdict, Verdict::Fence(_));
        }
        // The newest are enough, and those of a long way need not all be held.
        if voids.len() > 2 * VOIDS_HELD {
            voids.drain(..voids.len() - VOIDS_HELD);
        }
        Ok(())
    }

    /// What the store is to take in, and what is then to be told.
    pub(crate) fn settle(&mut self) -> Result<(Advance, ToTell), ProjectError> {
        let changes = self.ledger.settle()?;
        let (partition, cursor) = (self.partition, self.ledger.cursor().clone());
        let advance = Advance { partition, cursor, changes, voids: std::mem::take(&mut self.voids) };
        Ok((advance, std::mem::take(&mut self.to_tell)))
    }

    /// How many records the log is known to hold that are not judged; none of a log that is over, as the next read says.
    pub(crate) fn to_go(&self, node: &Node) -> u64 {
        let end = node.0.log.tail(Partition::Dossiers(self.partition)).map_or(0, |tail| *tail.borrow());
        end.saturating_sub(self.ledger.cursor().next)
    }

    /// Whether what was judged need not be written yet: there is far to go, nobody waits for it, and memory has room.
    fn may_go_on(&self, node: &Node) -> bool {
        self.to_go(node) >= FAR_BEHIND_RECORDS && !self.is_awaited() && self.ledger.held() < HELD_MAX
    }

    /// Whether somebody waits for what was judged, or it ends before a fence.
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.is_some() || !self.to_tell.verdicts.is_empty()
    }

    /// Judges beside the task.
    pub(crate) async fn judge_beside(
        mut self,
        node: &Node,
        batch: Vec<Stored>,
    ) -> Result<Self, ProjectError> {
        let node = node.clone();
        let judging = tokio::task::spawn_blocking(move || self.judge(&node, &batch).map(|()| self));
        judging.await.map_err(|_| ProjectError::Panicked)?
    }

    /// Writes beside the task, and tells.
    async fn write_beside(mut self, node: &Node) -> Result<Self, ProjectError> {
        let store = node.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let (advance, told) = self.settle()?;
            store.0.store.write(advance)?;
            Ok::<_, ProjectError>((self, told))
        });
        let (account, told) = writing.await.map_err(|_| ProjectError::Panicked)??;
        account.tell(node, told);
        Ok(account)
    }

    /// Tells who waits what the store has taken in.
    pub(crate) fn tell(&self, node: &Node, to_tell: ToTell) {
        let inner = &node.0;
        inner.progress[usize::from(self.partition)].send_replace(Progress::of(self.ledger.cursor()));
        // Before anybody is told, so that who was told can wait for it.
        for code in to_tell.touched {
            inner.upkeep.ask(code);
        }
        if to_tell.is_fenced {
            inner.following.fenced();
        }
        for (leaf, outcome) in to_tell.verdicts {
            inner.pending.tell(leaf, outcome);
        }
    }
}

fn outcome(ledger: &Ledger, applied: &Applied, appended_ms: i64) -> Outcome {
    let appended = Instant::from_micros(appended_ms.saturating_mul(1_000));
    match &applied.verdict {
        Verdict::Void { void, .. } => Outcome::Void { void: void.clone(), appended },
        // Of a fence's leaf no command waits.
        Verdict::Fence(_) => Outcome::Void { void: Reason::Fence.into(), appended },
        Verdict::Admitted(offered) => {
            let case = ledger.touched(offered.code()).and_then(|state| match &state.dossier {
                Dossier::Live(case) => Some(case),
                Dossier::Imported(_) => None,
            });
            Outcome::Admitted(Stands {
                offset: applied.offset,
                status: case.map(|case| case.status()),
                due: case.and_then(|case| case.clock.due()),
            })
        }
    }
}

#[cfg(test)]
mod tests;
