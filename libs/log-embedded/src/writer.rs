//! The writer: the one thread that changes the log.
//!
//! Waiting --job--> Batching (all that waits) --> Committing --> tails, answers --> Waiting
//!    `--no handle left--> closed                     `--failed--> over

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lienthong_log::{AppendError, Cause, Clock, ERASABLE_BYTES, Partition, Record, Stored};
use redb::{Database, Durability, ReadableTable, Table, WriteTransaction};
use tokio::sync::{mpsc, watch};

use crate::Reply;
use crate::encoding::encode;
use crate::recent::Recent;
use crate::store::{ERASABLES, Over, RECORDS, Store, code};

/// The most changes that wait for the writer, so at most 64 MiB. With more, an append waits for room.
pub const QUEUE_RECORDS_MAX: usize = 512;

/// The most changes in one commit.
pub const BATCH_RECORDS_MAX: usize = 512;

/// Once a batch has so many bytes of records it takes no more; the last one may exceed it.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One change, and who waits for it.
pub(crate) enum Job {
    Append { partition: Partition, record: Record, reply: Reply<u64> },
    PutErasable { key: String, value: [u8; ERASABLE_BYTES], reply: Reply<[u8; ERASABLE_BYTES]> },
    ForgetErasable { key: String, reply: Reply<()> },
}

pub(crate) struct Writer {
    store: Arc<Store>,
    recent: Arc<Recent>,
    queue: mpsc::Receiver<Job>,
    clock: Clock,
    lanes: BTreeMap<Partition, Lane>,
}

/// Where a partition goes on.
struct Lane {
    end: u64,
    last_ms: i64,
    /// Follows `end` when the commit is durable.
    tail: watch::Sender<u64>,
}

/// Tells whoever waits for a change how the commit went.
type Confirm = Box<dyn FnOnce(Result<(), AppendError>)>;

/// What a batch came to, before it is known whether it is durable.
struct Written {
    confirms: Vec<Confirm>,
    records: Vec<(Partition, Stored)>,
}

/// The tables of one transaction.
struct Tables<'t> {
    records: Table<'t, (u16, u64), &'static [u8]>,
    erasables: Table<'t, &'static str, Option<[u8; ERASABLE_BYTES]>>,
}

/// A batch that was not committed, as far as anybody knows.
struct Failure {
    cause: Cause,
    /// Whether it may be on the disk in spite of it.
    is_unknown: bool,
}

/// The writer met a bug, or damage that redb did not expect.
#[derive(Debug, thiserror::Error)]
#[error("the writer panicked: {0}")]
struct Panicked(String);

impl Writer {
    pub(crate) fn new(
        store: Arc<Store>,
        recent: Arc<Recent>,
        dossier_partitions: u16,
        queue: mpsc::Receiver<Job>,
        clock: Clock,
    ) -> Result<Self, Cause> {
        let mut lanes = BTreeMap::new();
        for partition in Partition::all(dossier_partitions) {
            let last = store.last(partition).map_err(|error| Arc::new(error) as Cause)?;
            let (end, last_ms) = last.map_or((0, i64::MIN), |last| (last.offset + 1, last.appended_ms));
            lanes.insert(partition, Lane { end, last_ms, tail: watch::Sender::new(end) });
        }
        Ok(Self { store, recent, queue, clock, lanes })
    }

    pub(crate) fn tails(&self) -> BTreeMap<Partition, watch::Receiver<u64>> {
        self.lanes.iter().map(|(partition, lane)| (*partition, lane.tail.subscribe())).collect()
    }

    /// Writes until every handle is gone and the queue is empty, or a commit fails; then closes the database, and lets
    /// go of the tails last.
    pub(crate) fn run(mut self) {
        // redb panics on damage it did not expect; whoever waits must hear of it all the same.
        let over = match catch_unwind(AssertUnwindSafe(|| self.write_all())) {
            Ok(Ok(())) => Over::Closed,
            Ok(Err(cause)) => Over::Failed(cause),
            Err(panic) => Over::Failed(Arc::new(Panicked(panic_text(&*panic)))),
        };
        if let Over::Failed(cause) = &over {
            tracing::error!(error = %cause, "the log failed and takes nothing until it is opened again");
        }
        // The reason first: whoever finds the queue closed asks for it.
        self.store.end(over.clone());
        self.queue.close();
        while let Some(job) = self.queue.blocking_recv() {
            job.refuse(over.append_error());
        }
    }

    fn write_all(&mut self) -> Result<(), Cause> {
        while let Some(first) = self.queue.blocking_recv() {
            let batch = self.batch(first);
            self.write(batch)?;
        }
        Ok(())
    }

    /// `first` and all that waits behind it, up to the limits.
    fn batch(&mut self, first: Job) -> Vec<Job> {
        let mut bytes = first.bytes();
        let mut batch = vec![first];
        while batch.len() < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX {
            let Ok(job) = self.queue.try_recv() else { break };
            bytes += job.bytes();
            batch.push(job);
        }
        batch
    }

    /// Writes a batch in one commit, moves the tails, and answers. An error is the end of the log.
    fn write(&mut self, batch: Vec<Job>) -> Result<(), Cause> {
        let store = Arc::clone(&self.store);
        let mut written = Written { confirms: Vec::with_capacity(batch.len()), records: Vec::new() };
        let committed = store.with(|database| self.commit(database, batch, &mut written));
        let answer = match &committed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => Err(failure.append_error()),
            Err(over) => Err(over.append_error()),
        };
        if answer.is_ok() {
            for (partition, stored) in written.records {
                self.recent.keep(partition, stored);
            }
            for lane in self.lanes.values() {
                lane.tail.send_if_modified(|tail| std::mem::replace(tail, lane.end) != lane.end);
            }
        }
        for confirm in written.confirms {
            confirm(answer.clone());
        }
        match committed {
            Ok(Err(failure)) => Err(failure.cause),
            // Nobody but this thread ends the store.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Makes every change of `batch` durable, or none. Whoever waits is among those `written` in any case.
    fn commit(&mut self, database: &Database, batch: Vec<Job>, written: &mut Written) -> Result<(), Failure> {
        let mut jobs = batch.into_iter();
        let staged = self.stage(database, &mut jobs, written);
        written.confirms.extend(jobs.map(Job::into_confirm));
        let transaction = staged.map_err(|error| Failure { cause: Arc::new(error), is_unknown: false })?;
        // From here on the disk may hold it, whatever redb answers.
        transaction.commit().map_err(|error| Failure { cause: Arc::new(error), is_unknown: true })
    }

    fn stage(
        &mut self,
        database: &Database,
        jobs: &mut impl Iterator<Item = Job>,
        written: &mut Written,
    ) -> Result<WriteTransaction, redb::Error> {
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        let mut tables = Tables {
            records: transaction.open_table(RECORDS)?,
            erasables: transaction.open_table(ERASABLES)?,
        };
        for job in jobs {
            let (confirm, done) = self.apply(&mut tables, job, &mut written.records);
            written.confirms.push(confirm);
            done?;
        }
        drop(tables);
        Ok(transaction)
    }

    fn apply(
        &mut self,
        tables: &mut Tables<'_>,
        job: Job,
        records: &mut Vec<(Partition, Stored)>,
    ) -> (Confirm, Result<(), redb::Error>) {
        match job {
            Job::Append { partition, record, reply } => {
                let Some(lane) = self.lanes.get_mut(&partition) else {
                    let unknown = Err(AppendError::UnknownPartition { partition });
                    return (Box::new(move |done| answer(reply, done.and(unknown))), Ok(()));
                };
                let offset = lane.end;
                lane.end += 1;
                lane.last_ms = lane.last_ms.max((self.clock)());
                let row = encode(lane.last_ms, &record);
                let done = tables.records.insert((code(partition), offset), row.as_slice()).map(drop);
                records.push((partition, Stored { offset, appended_ms: lane.last_ms, record }));
                (Box::new(move |done| answer(reply, done.map(|()| offset))), done.map_err(Into::into))
            }
            Job::PutErasable { key, value, reply } => match tables.put_erasable(&key, value) {
                Ok(stands) => {
                    let told = stands.ok_or(AppendError::Erased);
                    (Box::new(move |done| answer(reply, done.and(told))), Ok(()))
                }
                Err(error) => (Job::PutErasable { key, value, reply }.into_confirm(), Err(error)),
            },
            Job::ForgetErasable { key, reply } => {
                let done = tables.erasables.insert(key.as_str(), None).map(drop);
                (Box::new(move |done| answer(reply, done)), done.map_err(Into::into))
            }
        }
    }
}

impl Tables<'_> {
    /// What stands under `key` after `value` was put there; nothing where a tombstone stands.
    fn put_erasable(
        &mut self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<Option<[u8; ERASABLE_BYTES]>, redb::Error> {
        if let Some(stands) = self.erasables.get(key)? {
            return Ok(stands.value());
        }
        self.erasables.insert(key, Some(value))?;
        Ok(Some(value))
    }
}

impl Failure {
    fn append_error(&self) -> AppendError {
        let source = Arc::clone(&self.cause);
        if self.is_unknown { AppendError::Unknown { source } } else { AppendError::Failed { source } }
    }
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Append { record, .. } => record.bytes(),
            Self::PutErasable { key, .. } | Self::ForgetErasable { key, .. } => key.len() + ERASABLE_BYTES,
        }
    }

    /// For a job that is in no commit.
    fn refuse(self, error: AppendError) {
        match self {
            Self::Append { reply, .. } => answer(reply, Err(error)),
            Self::PutErasable { reply, .. } => answer(reply, Err(error)),
            Self::ForgetErasable { reply, .. } => answer(reply, Err(error)),
        }
    }

    /// For a job that a failing batch did not come to.
    fn into_confirm(self) -> Confirm {
        Box::new(|done| {
            if let Err(error) = done {
                self.refuse(error);
            }
        })
    }
}

fn answer<T>(reply: Reply<T>, result: Result<T, AppendError>) {
    // An error means that nobody waits any more.
    let _ = reply.send(result);
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
