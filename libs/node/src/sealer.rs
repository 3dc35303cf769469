//! Sealing: what waits at one moment shares one signature.
//!
//! ```text
//! command --leaf--> queue --> one task: all that waits --> one signature --> each command appends its own record
//!                             |--- no place among BATCHES_MAX: more gathers ---|
//!                             `--- half of what is under way, GATHER_MIN or more, is not here yet: for GATHER_MAX ---'
//! ```
//!
//! A command that comes alone is sealed at once. Of many, half gather while the other half is with the log, so that they share
//! not only a signature, but a commit and a batch of rows as well; and verification costs hashes instead of a curve operation
//! for each record (design 6).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lienthong_seal::{Hash, Seal, SigningKey};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::error::Refusal;
use crate::node::COMMANDS_MAX;
use crate::shares::Shares;

/// Proposals under one signature at most: a path of 6 hashes.
pub const BATCH_MAX: usize = 64;

/// Batches under way at once. While one is with the disk or the brokers the next is signed and handed over, so the log
/// never waits for a signature: the embedded log has its next commit together when one ends, and a broker the next request
/// when it has answered one. A third would only make batches smaller.
pub const BATCHES_MAX: usize = 2;

/// How long batches under way hold others up. An append mostly takes less. Records for a partition whose broker is away are
/// answered late or not at all, and must not hold up what goes to other brokers.
pub const HOLD_MAX: Duration = Duration::from_millis(20);

/// With fewer commands under way than that nobody is waited for.
pub const GATHER_MIN: usize = 8;

/// How long the first of a batch waits for others that are on their way.
pub const GATHER_MAX: Duration = Duration::from_millis(2);

/// Proposals that wait to be sealed; one more waits before the queue. There are never more commands than that.
pub const SEALING_MAX: usize = COMMANDS_MAX;

/// The way to the sealing task.
pub(crate) struct Sealer {
    log_id: Hash,
    jobs: mpsc::Sender<Job>,
    /// Who knows how many commands are under way.
    shares: Shares,
}

/// One proposal to be sealed.
struct Job {
    key: Arc<SigningKey>,
    leaf: Hash,
    reply: oneshot::Sender<Sealed>,
}

/// A seal, and the place of its batch among those under way: to be dropped when the log has answered the append.
pub(crate) struct Sealed {
    pub(crate) seal: Seal,
    pub(crate) place: Place,
}

/// A batch's place. The first of its commands that is done gives it back, so that a slow partition holds up no other.
#[derive(Default)]
pub(crate) struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Sealer {
    /// The way to a sealing task, and the task, to be run.
    pub(crate) fn new(log_id: Hash, shares: Shares) -> (Self, Sealing) {
        let (jobs, queue) = mpsc::channel(SEALING_MAX);
        let places = Arc::new(Semaphore::new(BATCHES_MAX));
        (Self { log_id, jobs, shares: shares.clone() }, Sealing { log_id, queue, shares, places })
    }

    /// Seals the body with this leaf, together with all that waits just now; at once, when no other command is under way.
    /// Whoever gives up is left out.
    pub(crate) async fn seal(&self, key: Arc<SigningKey>, leaf: Hash) -> Result<Sealed, Refusal> {
        if self.shares.under_way() == 1
            && let Some(seal) = key.seal_all(self.log_id, &[leaf]).pop()
        {
            return Ok(Sealed { seal, place: Place::default() });
        }
        let (reply, sealed) = oneshot::channel();
        let over = || Refusal::NotReady { why: "the node has stopped sealing".to_owned() };
        self.jobs.send(Job { key, leaf, reply }).await.map_err(|_| over())?;
        sealed.await.map_err(|_| over())
    }
}

/// The sealing task.
pub(crate) struct Sealing {
    log_id: Hash,
    queue: mpsc::Receiver<Job>,
    /// Who knows how many commands are under way.
    shares: Shares,
    places: Arc<Semaphore>,
}

impl Sealing {
    /// Seals until `stop`, or until nobody can ask any more.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(async {
            while let Some(first) = self.queue.recv().await {
                let places = Arc::clone(&self.places);
                let place = time::timeout(HOLD_MAX, places.acquire_owned()).await;
                let batch = self.batch(first).await;
                // Whoever waited too long goes without a place.
                self.seal(batch, place.ok().and_then(Result::ok));
            }
        })
        .await;
    }

    /// `first` and all that waits behind it, up to the limit; and what is on its way, for a moment.
    async fn batch(&mut self, first: Job) -> Vec<Job> {
        let until = time::Instant::now() + GATHER_MAX;
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX {
            if let Ok(job) = self.queue.try_recv() {
                batch.push(job);
                continue;
            }
            let under_way = self.shares.under_way();
            if under_way < GATHER_MIN || batch.len() >= under_way / 2 {
                break;
            }
            let Ok(Some(job)) = time::timeout_at(until, self.queue.recv()).await else { break };
            batch.push(job);
        }
        batch
    }

    /// One signature for each key, which is one but for the moments in which a key is replaced.
    fn seal(&self, batch: Vec<Job>, place: Option<OwnedSemaphorePermit>) {
        let place = Arc::new(Mutex::new(place));
        let mut by_key: BTreeMap<Hash, Vec<Job>> = BTreeMap::new();
        for job in batch.into_iter().filter(|job| !job.reply.is_closed()) {
            by_key.entry(job.key.key_id()).or_default().push(job);
        }
        for jobs in by_key.into_values() {
            let Some(key) = jobs.first().map(|job| Arc::clone(&job.key)) else { continue };
            let leaves: Vec<Hash> = jobs.iter().map(|job| job.leaf).collect();
            for (job, seal) in jobs.into_iter().zip(key.seal_all(self.log_id, &leaves)) {
                // Whoever gave up meanwhile appends nothing; a leaf without a record does no harm.
                let _ = job.reply.send(Sealed { seal, place: Place(Arc::clone(&place)) });
            }
        }
    }
}

#[cfg(test)]
mod tests;
