//! The event log in one file, held by one process: for a laptop, a demo, a single office.
//!
//! ```text
//! append --> queue --> writer thread --> one redb commit, one fsync --> tails move --> answers
//! append -->   |                                     |
//! append -->   '  all that waits                     `--> read transactions, on blocking threads
//! ```
//!
//! `DIR/log.redb` holds three tables: the records by partition and offset, the erasable values, and what the log was
//! created with. All that waits while a commit is written goes into the next one, so many appends share one fsync and a
//! lone one is never delayed.
//!
//! **Power and SIGKILL.** redb commits by one fsync: pages and the header that names them are written together, and
//! after a crash whatever does not match its checksums falls back to the commit before. So an answered append is never
//! lost, and one that was not answered is there whole or not at all. The price is paid at the next [`EmbeddedLog::open`],
//! which then reads the whole file once.
//!
//! **A failed commit** leaves it open what is on the disk. Its appends answer `Unknown`, and the log is over: later
//! calls answer `Failed` until it is opened again, which settles what was kept. (redb itself would refuse too.)
//!
//! **Erasure** takes a value out of its table at once. redb copies pages when it changes them, so an old copy may lie in
//! a free page of the file until that is used again, which the next few commits mostly do.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod encoding;
mod open;
mod recent;
mod restore;
mod store;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use lienthong_log::{
    AppendError, Clock, Condition, Copies, ERASABLE_BYTES, ERASABLES_LISTED_MAX, Erasable, EventLog,
    Partition, ReadError, ReadLimit, Record, Stored, check_erasable_key, system_clock,
};
use tokio::sync::{mpsc, oneshot, watch};

pub use crate::open::OpenError;
use crate::open::{Opened, Want};
use crate::recent::Recent;
pub use crate::restore::EmbeddedRestore;
use crate::store::Store;
pub use crate::writer::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, QUEUE_RECORDS_MAX};
use crate::writer::{Job, Writer};

/// The file of a log, in its folder.
pub const FILE_NAME: &str = "log.redb";

/// The one handle on an open log; share it in an `Arc`. While it is there, nobody else can open the log.
///
/// [`EventLog::close`] finishes the queue and lets go of the log without blocking. Dropping the handle does the same, but
/// blocks its thread meanwhile.
pub struct EmbeddedLog {
    dossier_partitions: u16,
    store: Arc<Store>,
    recent: Arc<Recent>,
    tails: BTreeMap<Partition, watch::Receiver<u64>>,
    /// Never anything: a file that fails, fails for good.
    condition: watch::Sender<Condition>,
    /// None once the log is closed.
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    /// None once joined.
    writer: Option<JoinHandle<()>>,
}

impl EmbeddedLog {
    /// Makes a log in `dir`, which is made too. Blocks for a few fsyncs.
    ///
    /// # Errors
    /// `Exists` where there is one, `Unfinished`, `PartitionsOutOfRange`, `AlreadyOpen`, `Failed`.
    pub fn create(dir: impl AsRef<Path>, dossier_partitions: u16) -> Result<Self, OpenError> {
        Self::start(open::in_dir(dir.as_ref(), Want::New { dossier_partitions })?, system_clock())
    }

    /// Opens the log in `dir`. After a crash this reads the whole file, so it blocks for long where the log is large.
    ///
    /// # Errors
    /// `Missing` where there is none, `AlreadyOpen` where another process (or this one) holds it, `Unfinished` while it
    /// is being copied from another one, `NotALog`, `Failed`.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::start(open::in_dir(dir.as_ref(), Want::Existing)?, system_clock())
    }

    /// Opens the log in `dir`, or makes it there.
    ///
    /// # Errors
    /// `PartitionsDiffer` where there is one of another number of dossier partitions; else as for both.
    pub fn open_or_create(dir: impl AsRef<Path>, dossier_partitions: u16) -> Result<Self, OpenError> {
        Self::start(open::in_dir(dir.as_ref(), Want::Either { dossier_partitions })?, system_clock())
    }

    fn start(opened: Opened, clock: Clock) -> Result<Self, OpenError> {
        let Opened { path, store, dossier_partitions } = opened;
        let store = Arc::new(store);
        let (jobs, queue) = mpsc::channel(QUEUE_RECORDS_MAX);
        let failed = |source| OpenError::Failed { path: path.clone(), source };
        let recent = Arc::new(Recent::new(dossier_partitions));
        let writer = Writer::new(Arc::clone(&store), Arc::clone(&recent), dossier_partitions, queue, clock)
            .map_err(failed)?;
        let tails = writer.tails();
        let writer = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| failed(Arc::new(error)))?;
        let jobs = Mutex::new(Some(jobs));
        let condition = watch::Sender::default();
        Ok(Self { dossier_partitions, store, recent, tails, condition, jobs, writer: Some(writer) })
    }

    /// Puts a job in the queue, waiting while it is full, and waits for its answer.
    async fn submit<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, AppendError> {
        let jobs = self.jobs().clone().ok_or_else(|| self.store.over().append_error())?;
        let (reply, answer) = oneshot::channel();
        jobs.send(job(reply)).await.map_err(|_| self.store.over().append_error())?;
        // Held on to, the sender would keep the writer from ending.
        drop(jobs);
        answer.await.unwrap_or_else(|gone| Err(AppendError::Unknown { source: Arc::new(gone) }))
    }

    fn jobs(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_of(&self, partition: Partition) -> Result<u64, ReadError> {
        Ok(*self.tail(partition)?.borrow())
    }

    /// Runs `read` where it may wait for the disk. A read from the cache takes microseconds, but one of
    /// [`lienthong_log::READ_BYTES_MAX`] from a cold disk would hold up every task of its worker; the hop costs some
    /// 30 µs, which a batch outweighs.
    async fn blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let store = Arc::clone(&self.store);
        let read = tokio::task::spawn_blocking(move || read(&store));
        read.await.unwrap_or_else(|panicked| Err(ReadError::Failed { source: Arc::new(panicked) }))
    }
}

type Reply<T> = oneshot::Sender<Result<T, AppendError>>;

#[async_trait]
impl EventLog for EmbeddedLog {
    fn dossier_partitions(&self) -> u16 {
        self.dossier_partitions
    }

    fn copies(&self) -> Option<Copies> {
        None
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    async fn append(&self, partition: Partition, record: Record) -> Result<u64, AppendError> {
        record.check()?;
        if !partition.is_within(self.dossier_partitions) {
            return Err(AppendError::UnknownPartition { partition });
        }
        self.submit(|reply| Job::Append { partition, record, reply }).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        // Records become visible when the tail moves, a moment after redb shows them.
        let end = self.end_of(partition)?;
        if from >= end {
            return Ok(Vec::new());
        }
        if let Some(batch) = self.recent.read(partition, from..end, limit) {
            return Ok(batch);
        }
        self.blocking(move |store| store.read(partition, from..end, limit)).await
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.end_of(partition)
    }

    fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError> {
        let tail = self.tails.get(&partition).ok_or(ReadError::UnknownPartition { partition })?;
        self.store.check()?;
        Ok(tail.clone())
    }

    async fn put_erasable(
        &self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<[u8; ERASABLE_BYTES], AppendError> {
        check_erasable_key(key)?;
        self.submit(|reply| Job::PutErasable { key: key.to_owned(), value, reply }).await
    }

    async fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError> {
        // Not on a thread of its own: every command asks for one, and it mostly is a few microseconds from the cache.
        self.store.erasable(key)
    }

    async fn forget_erasable(&self, key: &str) -> Result<(), AppendError> {
        check_erasable_key(key)?;
        self.submit(|reply| Job::ForgetErasable { key: key.to_owned(), reply }).await
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        let (after, limit) = (after.to_owned(), limit.min(ERASABLES_LISTED_MAX));
        self.blocking(move |store| store.erasables(&after, limit)).await
    }

    async fn close(&self) {
        drop(self.jobs().take());
        // The writer takes the tails with it when it ends, which is after it let go of the file.
        for mut tail in self.tails.values().cloned() {
            while tail.changed().await.is_ok() {}
        }
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        drop(self.jobs().take());
        if let Some(writer) = self.writer.take() {
            // It catches its own panics, and nothing is left to tell anybody.
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for EmbeddedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedLog")
            .field("dossier_partitions", &self.dossier_partitions)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
