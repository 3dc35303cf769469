//! A history for what is measured on a log that is there: written into the log itself, by no service.
//!
//! ```text
//! dossiers --shards, one for each core--> decide, encrypt, wrap, seal --bundles--> append, many at once
//!    ^                                                                    |
//!    `------- what is known of each, until all others had their turn -----'
//! ```
//!
//! Each record is what a node would have written: decided by the rules, with its envelopes and wrapped keys, under a seal of
//! the desks' node, and the erasable half of its key stands before the reception does. So the log verifies without a fault.
//! What is left out is the way there: no call, no projection, no waiting for the verdict on each.

mod scribe;
mod script;
mod shelf;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use fastrand::Rng;
use futures::future::try_join_all;
use lienthong_admission::StateFault;
use lienthong_dossier::Denial;
use lienthong_log::{AppendError, ERASABLE_BYTES, EventLog, Partition, Record};
use lienthong_node::{BATCH_MAX, Charter, KeyError, KeyFolder};
use lienthong_seal::{EnvelopeFault, NoRandomness};
use lienthong_wire::Invalid;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::{BenchError, Watcher};
use scribe::{Draft, Scribe};
use script::Script;
use shelf::{Kept, Shelf};

/// Bundles that a shard has ready before it waits.
const READY_MAX: usize = 4;

/// Bundles of a shard on their way into the log. With two shards they fill one commit of the embedded log while the one
/// before is written.
const UNDER_WAY_MAX: usize = 8;

/// How often it is told how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// What is written.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// Numbers of its dossiers. A log that has those of `0..n` goes on with those from `n`.
    pub(crate) dossiers: Range<u64>,
    /// Commands on each of them after its reception, each dossier's next one after all others'.
    pub(crate) commands: u32,
    /// Records under one signature, 1 to [`BATCH_MAX`].
    pub(crate) signed_together: usize,
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The keys of the desks' node.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// What a desk asks for is not of its form.
    #[error("a command of the history cannot be read")]
    Command(#[from] Invalid),
    /// The rules refuse it.
    #[error("a command of the history was refused")]
    Denied(#[from] Denial),
    /// Personal data is not encrypted.
    #[error("personal data cannot be encrypted")]
    Envelope(#[from] EnvelopeFault),
    /// The system gives no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The log has a dossier under this code.
    #[error("the log has a dossier {0} already")]
    CodeTaken(String),
    /// The log does not take it.
    #[error("the log does not take the history")]
    Append(#[from] AppendError),
    /// What is known of a dossier is not what was kept.
    #[error("what was kept of a dossier cannot be read")]
    State(#[from] StateFault),
    /// There is no room for what must be kept.
    #[error("there is no room beside the log: {0}")]
    Shelf(#[from] io::Error),
    /// The shipped data.
    #[error("what this release ships cannot be read: {0}")]
    Shipped(String),
    /// A part of it panicked.
    #[error("the writing stopped")]
    Panicked(#[from] tokio::task::JoinError),
}

/// What a shard hands on.
enum Turn {
    Bundle(Bundle),
    /// What comes next is of dossiers that are in bundles before.
    RoundEnds,
}

/// Records of different dossiers, and the erasable values that must stand before them.
#[derive(Default)]
struct Bundle {
    erasables: Vec<(String, [u8; ERASABLE_BYTES])>,
    records: Vec<(Partition, Record)>,
}

/// Some of the dossiers, by a thread of their own.
struct Shard {
    scribe: Scribe,
    history: History,
    /// Of so many shards, this one.
    place: u64,
    shards: u64,
}

impl History {
    /// Records in it.
    pub(crate) fn records(&self) -> u64 {
        let dossiers = self.dossiers.end.saturating_sub(self.dossiers.start);
        dossiers.saturating_mul(u64::from(self.commands) + 1)
    }

    /// Appends it to a training log, which may have dossiers of other numbers.
    pub(crate) async fn write(
        &self,
        log: &Arc<dyn EventLog>,
        charter: &Charter,
        keys: &KeyFolder,
        scratch: &Path,
        watcher: &dyn Watcher,
    ) -> Result<(), HistoryError> {
        let registry = Arc::clone(&charter.registry);
        let script = Arc::new(Script::new(&registry)?);
        let keys = keys.node_keys(ward_desk::SERVICE.name, &registry)?;
        let key = keys.signing_for(&registry, script.first_day())?;
        let shards = available_parallelism().map_or(1, |cores| cores.get() as u64);
        let (mut tasks, written) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
        for place in 0..shards {
            let scribe = Scribe {
                script: Arc::clone(&script),
                registry: Arc::clone(&registry),
                log_id: charter.log_id,
                key: Arc::clone(&key),
                signed_together: self.signed_together,
                rng: Rng::new(),
            };
            let shard = Shard { scribe, history: self.clone(), place, shards };
            let (ready, turns) = mpsc::channel(READY_MAX);
            let folder = scratch.to_owned();
            tasks.spawn_blocking(move || shard.work(&folder, &ready));
            tasks.spawn(append(Arc::clone(log), turns, Arc::clone(&written)));
        }
        let mut told = interval(TOLD_EVERY);
        loop {
            tokio::select! {
                done = tasks.join_next() => match done {
                    Some(done) => done??,
                    None => return Ok(()),
                },
                _ = told.tick() => {
                    let written = written.load(Ordering::Relaxed);
                    watcher.begins(&format!("writing a history: {written} of {} records", self.records()));
                }
            }
        }
    }
}

impl Shard {
    /// Writes the records of its dossiers, round by round. Ends early where nobody takes them any more, which whoever was
    /// to take them gives the reason for.
    fn work(mut self, folder: &Path, ready: &mpsc::Sender<Turn>) -> Result<(), HistoryError> {
        let mut shelf = Shelf::new(folder).filled()?;
        for n in 0..=self.history.commands {
            let mut next = Shelf::new(folder);
            let (mut drafts, mut erasables) = (Vec::new(), Vec::new());
            for number in self.numbers() {
                let before = if n == 0 { None } else { Some(shelf.take()?) };
                let (draft, kept) = self.scribe.draft(number, n, before)?;
                if n == 0 {
                    erasables.push(self.erasable(number, &kept));
                }
                if n < self.history.commands {
                    next.put(&kept)?;
                }
                drafts.push(draft);
                if drafts.len() >= self.bundle() && !self.hand_on(&mut drafts, &mut erasables, ready) {
                    return Ok(());
                }
            }
            let handed_on = self.hand_on(&mut drafts, &mut erasables, ready);
            if !handed_on || ready.blocking_send(Turn::RoundEnds).is_err() {
                return Ok(());
            }
            shelf = next.filled()?;
        }
        Ok(())
    }

    /// Its dossiers.
    fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        let (place, shards) = (self.place, self.shards);
        self.history.dossiers.clone().filter(move |number| number % shards == place)
    }

    /// Records in a bundle: as many signatures as fit.
    fn bundle(&self) -> usize {
        let together = self.history.signed_together.clamp(1, BATCH_MAX);
        BATCH_MAX / together * together
    }

    fn erasable(&self, number: u64, kept: &Kept) -> (String, [u8; ERASABLE_BYTES]) {
        (self.scribe.script.case(number).code, *kept.erasable.as_bytes())
    }

    /// Hands on what there is; whether somebody takes it.
    fn hand_on(
        &self,
        drafts: &mut Vec<Draft>,
        erasables: &mut Vec<(String, [u8; ERASABLE_BYTES])>,
        ready: &mpsc::Sender<Turn>,
    ) -> bool {
        let (drafts, erasables) = (std::mem::take(drafts), std::mem::take(erasables));
        let bundle = Bundle { erasables, records: self.scribe.seal(drafts) };
        ready.blocking_send(Turn::Bundle(bundle)).is_ok()
    }
}

/// Appends a shard's bundles, several at once. A record of a dossier is durable before its next one is on its way.
async fn append(
    log: Arc<dyn EventLog>,
    mut turns: mpsc::Receiver<Turn>,
    written: Arc<AtomicU64>,
) -> Result<(), HistoryError> {
    let mut under_way = JoinSet::new();
    while let Some(turn) = turns.recv().await {
        let left_max = match turn {
            Turn::Bundle(bundle) => {
                under_way.spawn(bundle.append(Arc::clone(&log), Arc::clone(&written)));
                UNDER_WAY_MAX - 1
            }
            Turn::RoundEnds => 0,
        };
        while under_way.len() > left_max {
            under_way.join_next().await.transpose()?.transpose()?;
        }
    }
    Ok(())
}

impl Bundle {
    async fn append(self, log: Arc<dyn EventLog>, written: Arc<AtomicU64>) -> Result<(), HistoryError> {
        let log = log.as_ref();
        let put = self.erasables.into_iter().map(async |(code, value)| {
            if log.put_erasable(&code, value).await? == value {
                Ok(())
            } else {
                Err(HistoryError::CodeTaken(code))
            }
        });
        try_join_all(put).await?;
        let records = self.records.len() as u64;
        try_join_all(self.records.into_iter().map(|(partition, record)| log.append(partition, record)))
            .await?;
        written.fetch_add(records, Ordering::Relaxed);
        Ok(())
    }
}

impl From<HistoryError> for BenchError {
    fn from(error: HistoryError) -> Self {
        Self::History(Box::new(error))
    }
}
