//! A node: reads the log, admits, folds, projects, answers. Every service is the same node with another face.
//!
//! ```text
//! log -> admit -> fold -> rows in one batch -> wake who waits
//! command -> decide -> seal -> append -> wait for the own record's verdict -> answer
//! ```

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::civil::Date;
use lienthong_admission::{Cursor, Revisions, UnknownRules};
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_log::{Condition, EventLog, Partition, ReadError};
use lienthong_projection::{Identity, Store};
use lienthong_registry::{AgencyId, LogKind, Registry};
use lienthong_seal::{Hash, PartitionDigest, Verifier, service_digest};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chain;
use crate::charter::Charter;
use crate::codes::{Codes, NoCode};
use crate::error::{IN_SYNC_MIN, Lag, REPLICAS_MIN, StartError};
use crate::following::{self, Following};
use crate::keys::NodeKeys;
use crate::lanes::Lanes;
use crate::pause::Pause;
use crate::pending::Pending;
use crate::projector::{self, Progress};
use crate::readiness::{self, Readiness, Why};
use crate::reads::{self, Reads};
use crate::sealer::Sealer;
use crate::shares::Shares;
use crate::tally::Tally;
use crate::upkeep::{self, Upkeep};
use crate::vault::Vault;
use crate::writer::Writer;

/// Commands of a node under way at once; one more is told to come back.
pub const COMMANDS_MAX: usize = 1_024;
/// Signatures that a node remembers, some 40 bytes each. Those of a batch lie in all partitions, and whoever is far behind
/// comes to one partition after the other.
const SIGNATURES_MAX: usize = 256 * 1_024;
/// Streams that a node serves at once, over all connections; one more is told to come back.
pub const STREAMS_MAX: usize = 512;
/// How long a query waits for `at_least`, unless its caller's deadline comes first.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

/// Which of several replicas of one node this is; they give codes that never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replica {
    /// From 0.
    pub ordinal: u32,
    /// How many there are.
    pub of: u32,
}

impl Default for Replica {
    fn default() -> Self {
        Self { ordinal: 0, of: 1 }
    }
}

/// What a node is started from.
pub struct NodeParts<'a> {
    /// Its name in logs and health, for example `ward-desk`.
    pub name: &'a str,
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The log's registry and id.
    pub charter: Charter,
    /// The keys it seals with; none for an auditor.
    pub keys: Option<NodeKeys>,
    /// Folder of its projection.
    pub store: &'a Path,
    /// Which replica it is.
    pub replica: Replica,
}

/// A running node. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Node(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) name: String,
    pub(crate) log: Arc<dyn EventLog>,
    /// The registry's chain, as far as it is read.
    pub(crate) revisions: watch::Sender<Arc<Revisions>>,
    /// The rules at which reading it ended, because this release does not know them.
    pub(crate) unknown_rules: OnceLock<UnknownRules>,
    /// The newest revision that there was at the start.
    pub(crate) founded: Arc<Registry>,
    pub(crate) log_id: Hash,
    pub(crate) keys: Option<NodeKeys>,
    pub(crate) store: Store,
    pub(crate) verifier: Verifier,
    pub(crate) progress: Vec<watch::Sender<Progress>>,
    pub(crate) pending: Pending,
    pub(crate) lanes: Lanes,
    pub(crate) gate: Semaphore,
    pub(crate) shares: Shares,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) codes: Codes,
    pub(crate) vault: Vault,
    pub(crate) tally: Tally,
    pub(crate) sealer: Sealer,
    pub(crate) writer: Writer,
    /// Places of partitions that are far behind.
    pub(crate) catching_up: Semaphore,
    pub(crate) reads: Reads,
    pub(crate) upkeep: Upkeep,
    pub(crate) following: Following,
    pub(crate) draining: CancellationToken,
    pub(crate) stop: CancellationToken,
    pub(crate) failed: CancellationToken,
    /// Why it failed; set before `failed` is cancelled.
    pub(crate) failure: OnceLock<String>,
    pub(crate) condition: watch::Receiver<Condition>,
    pub(crate) caught_up: AtomicBool,
    /// Records judged while the node loads, and not applied yet.
    pub(crate) judged: AtomicU64,
    pub(crate) readiness: watch::Sender<Readiness>,
    tasks: TaskTracker,
}

impl Node {
    /// Opens the projection, goes on from its cursors and follows the log. Returns once the projection has reached
    /// the end that the log had at the start.
    ///
    /// # Errors
    /// As [`Node::open`] and [`Node::catch_up`].
    pub async fn start(parts: NodeParts<'_>) -> Result<Self, StartError> {
        let node = Self::open(parts).await?;
        if let Err(error) = node.caught_up().await {
            node.stop().await;
            return Err(error);
        }
        Ok(node)
    }

    /// The same without waiting: a node that goes on from its cursors, and is not ready before it has
    /// [caught up](Node::caught_up).
    ///
    /// # Errors
    /// The log is not kept as its genesis asks, the store is locked, or the log cannot be read.
    pub async fn open(parts: NodeParts<'_>) -> Result<Self, StartError> {
        let NodeParts { name, log, charter, keys, store, replica } = parts;
        let Charter { registry, log_id, revisions } = charter;
        let partitions = registry.partitions();
        if log.dossier_partitions() != partitions {
            return Err(StartError::Partitions { log: log.dossier_partitions(), genesis: partitions });
        }
        let too_few = log.copies().filter(|copies| {
            registry.kind() == LogKind::Production
                && (copies.replicas < REPLICAS_MIN || copies.in_sync_min < IN_SYNC_MIN)
        });
        if let Some(copies) = too_few {
            return Err(StartError::Copies(copies));
        }
        let identity = Identity { log_id, partitions };
        let tally = Tally::default();
        let store = projector::open_store(&log, store, &identity, name, &tally).await?;
        let mut progress = Vec::new();
        for partition in 0..partitions {
            let cursor = store.cursor(partition)?;
            progress.push(watch::Sender::new(Progress::of(&cursor)));
        }
        let shares = Shares::default();
        let (sealer, sealing) = Sealer::new(log_id, shares.clone());
        let inner = Arc::new(Inner {
            name: name.to_owned(),
            codes: Codes::new(replica),
            vault: Vault::default(),
            tally,
            sealer,
            writer: Writer::default(),
            catching_up: Semaphore::new(projector::places()),
            reads: Reads::new(log_id),
            upkeep: Upkeep::default(),
            following: Following::default(),
            gate: Semaphore::new(COMMANDS_MAX),
            shares,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            lanes: Lanes::default(),
            pending: Pending::default(),
            verifier: Verifier::new(SIGNATURES_MAX),
            draining: CancellationToken::new(),
            stop: CancellationToken::new(),
            failed: CancellationToken::new(),
            failure: OnceLock::new(),
            condition: log.condition(),
            caught_up: AtomicBool::new(false),
            judged: AtomicU64::new(0),
            readiness: watch::Sender::new(Readiness { why: vec![Why::CatchingUp] }),
            tasks: TaskTracker::new(),
            progress,
            log,
            revisions: watch::Sender::new(revisions),
            unknown_rules: OnceLock::new(),
            founded: registry,
            log_id,
            keys,
            store,
        });
        let node = Self(inner);
        // Weakly: the store is the node's.
        let broken = Arc::downgrade(&node.0);
        node.0.store.when_broken(move || {
            if let Some(inner) = broken.upgrade() {
                Self(inner).fail("the projection failed and has to be opened anew".to_owned());
            }
        });
        node.0.tasks.spawn(projector::run(node.clone()));
        node.0.tasks.spawn(chain::run(node.clone()));
        node.0.tasks.spawn(chain::finish(node.clone()));
        node.0.tasks.spawn(readiness::watch_over(node.clone()));
        node.0.tasks.spawn(sealing.run(node.0.stop.clone()));
        node.0.tasks.spawn(Writer::run(node.clone(), node.0.stop.clone()));
        if node.0.keys.is_some() {
            node.0.tasks.spawn(reads::run(node.clone()));
            node.0.tasks.spawn(upkeep::run(node.clone()));
            node.0.tasks.spawn(following::run(node.clone()));
        }
        let to_go: u64 = node.lagging().iter().map(|lag| lag.wanted - lag.applied).sum();
        tracing::info!(node = name, partitions, to_go, "catching up with the log");
        Ok(node)
    }

    /// Waits until everything that the log holds now is applied, through any outage of the log.
    ///
    /// # Errors
    /// The log cannot be read, or the projector stopped.
    pub async fn catch_up(&self) -> Result<(), StartError> {
        for partition in 0..self.partitions() {
            let end = self.end(partition).await?;
            let mut progress = self.watch(partition);
            tokio::select! {
                reached = progress.wait_for(|progress| progress.next >= end) => {
                    reached.map_err(|_| StartError::Stopped)?;
                }
                () = self.0.failed.cancelled() => return Err(StartError::Stopped),
            }
        }
        Ok(())
    }

    /// The end of a partition, asked for until the log answers.
    async fn end(&self, partition: u16) -> Result<u64, StartError> {
        let mut pause = Pause::default();
        loop {
            match self.0.log.end(Partition::Dossiers(partition)).await {
                Err(ReadError::Unavailable { .. }) => {}
                end => return Ok(end?),
            }
            tokio::select! {
                () = tokio::time::sleep(pause.lengthen()) => {}
                () = self.0.stop.cancelled() => return Err(StartError::Stopped),
            }
        }
    }

    /// Waits until the node has applied a position.
    ///
    /// # Errors
    /// How far behind it is when the time is over.
    pub async fn reach(&self, partition: u16, offset: u64, within: Duration) -> Result<(), Lag> {
        let mut progress = self.watch(partition);
        let reached = tokio::time::timeout(within, progress.wait_for(|now| now.next >= offset)).await;
        match reached {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                let applied = self.watch(partition).borrow().next;
                Err(Lag { partition, wanted: offset, applied })
            }
        }
    }

    /// The newest revision of the registry that this node has read: for names, codes and calendars. What a partition is
    /// judged by is [`Node::registry_of`] it.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        let revisions = self.0.revisions.borrow();
        Arc::clone(revisions.latest().map_or(&self.0.founded, |latest| &latest.registry))
    }

    /// The revision in force in a partition, which its last fence put there.
    #[must_use]
    pub fn registry_of(&self, partition: u16) -> Arc<Registry> {
        let in_force = self.watch(partition).borrow().revision;
        let revisions = self.0.revisions.borrow();
        revisions.get(in_force).map_or_else(|| self.registry(), |revision| Arc::clone(&revision.registry))
    }

    /// How many partitions dossiers are spread over, for good.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        self.0.founded.partitions()
    }

    /// The log's id.
    #[must_use]
    pub fn log_id(&self) -> Hash {
        self.0.log_id
    }

    /// The log itself, for whoever streams it.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.0.log
    }

    /// The projection.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Whether the log is a training log, of which nothing is valid.
    #[must_use]
    pub fn training(&self) -> bool {
        self.0.founded.kind() == LogKind::Training
    }

    /// Whether this node seals for an agency.
    #[must_use]
    pub fn serves(&self, agency: &AgencyId) -> bool {
        self.0.keys.as_ref().is_some_and(|keys| {
            let registry = self.registry();
            let mut nodes = registry.nodes().iter().filter(|node| node.name == keys.name());
            nodes.any(|node| node.agencies.contains(agency))
        })
    }

    /// Cancelled when the node begins to drain: streams end then.
    #[must_use]
    pub fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }

    /// Cancelled when the node stops for good, after it has drained.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Cancelled when one of its tasks met something it cannot go on from.
    #[must_use]
    pub fn failed(&self) -> &CancellationToken {
        &self.0.failed
    }

    /// How far a partition is applied, to be waited on.
    #[must_use]
    pub fn watch(&self, partition: u16) -> watch::Receiver<Progress> {
        self.0.progress[usize::from(partition) % self.0.progress.len()].subscribe()
    }

    /// What two nodes compare: the digest of the service and of each partition.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn digest(&self) -> Result<(Hash, Vec<(PartitionDigest, Cursor)>), lienthong_projection::StoreError> {
        let mut partitions = Vec::new();
        for partition in 0..self.partitions() {
            let cursor = self.0.store.cursor(partition)?;
            partitions.push((cursor.digest(partition), cursor));
        }
        Ok((service_digest(partitions.iter().map(|(digest, _)| *digest)), partitions))
    }

    /// The next free dossier code of an agency's day.
    ///
    /// # Errors
    /// The agency has no code on that day, or every number is taken.
    pub fn next_code(&self, agency: &AgencyId, day: Date) -> Result<DossierCode, NoCode> {
        let registry = self.registry();
        let code = registry.agency(agency).and_then(|agency| agency.code_on(day));
        let code = code.ok_or(NoCode::NoAgencyCode)?;
        self.0.codes.next(&self.0.store, code.as_str(), day)
    }

    /// A fresh code of the agency and day of a code that is taken.
    #[must_use]
    pub fn code_after(&self, taken: &str) -> Option<DossierCode> {
        let code = DossierCode::parse(taken).ok()?;
        let parts = code.parts().ok()?;
        let day = Date::strptime(if parts.day.len() == 6 { "%y%m%d" } else { "%Y%m%d" }, parts.day).ok()?;
        self.0.codes.next(&self.0.store, parts.agency, day).ok()
    }

    /// The clock, cut to what the log stores.
    #[must_use]
    pub fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// Takes no more commands and waits for those under way, which their own deadlines bound. Streams end.
    pub async fn drain(&self) {
        self.0.draining.cancel();
        self.settle();
        // Every permit given out is a command under way.
        let all = u32::try_from(COMMANDS_MAX).unwrap_or(u32::MAX);
        drop(self.0.gate.acquire_many(all).await);
    }

    /// Drains, lets the projector end and flushes the store. The log is the caller's to close.
    pub async fn stop(&self) {
        self.drain().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        if let Err(error) = self.0.store.flush() {
            tracing::warn!(node = self.0.name, error = %error, "the projection was not flushed; it will be read again from the log");
        }
    }
}
