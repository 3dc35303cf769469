//! What every part of an open log shares: how far each partition was read, its newest records, and whether it is over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lienthong_log::{AppendError, Cause, Condition, Partition, ReadError, ReadLimit, Stored};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::address::{KafkaAddress, Topic};
use crate::erasables::Erasables;

/// The most records of a partition that are kept in memory, so that followers at the tail ask no broker.
const RECENT_RECORDS_MAX: usize = 4096;
/// The most bytes of them.
const RECENT_BYTES_MAX: usize = 1024 * 1024;

pub(crate) struct State {
    pub(crate) address: KafkaAddress,
    pub(crate) dossier_partitions: u16,
    pub(crate) erasables: Erasables,
    pub(crate) condition: watch::Sender<Condition>,
    /// Cancelled once the log is over.
    pub(crate) stop: CancellationToken,
    over: OnceLock<Over>,
    lanes: Vec<Lane>,
}

/// Why the log can no longer be used.
#[derive(Clone, Debug)]
pub(crate) enum Over {
    Closed,
    Failed(Cause),
}

/// One partition at its tail.
struct Lane {
    partition: Partition,
    tail: Mutex<Option<watch::Sender<u64>>>,
    recent: Mutex<Recent>,
}

/// The newest records of a partition.
struct Recent {
    /// Every record at or after this offset that was read is among them.
    from: u64,
    /// The offset to read next.
    next: u64,
    records: VecDeque<Stored>,
    bytes: usize,
    last: Option<Stored>,
}

/// Where a partition stood when the log was opened.
pub(crate) struct Start {
    pub(crate) partition: Partition,
    /// The offset that the next record gets at least.
    pub(crate) next: u64,
    pub(crate) last: Option<Stored>,
}

/// What to do about a read.
pub(crate) enum Known {
    /// Here it is.
    Records(Vec<Stored>),
    /// It lies further back, before this offset.
    Older { until: u64 },
}

impl State {
    pub(crate) fn new(
        address: KafkaAddress,
        dossier_partitions: u16,
        starts: Vec<Start>,
        stop: CancellationToken,
    ) -> Self {
        let lane = |start: Start| {
            let tail = start.last.as_ref().map_or(0, |last| last.offset + 1);
            let recent = Recent {
                from: start.next,
                next: start.next,
                records: VecDeque::new(),
                bytes: 0,
                last: start.last,
            };
            Lane {
                partition: start.partition,
                tail: Mutex::new(Some(watch::Sender::new(tail))),
                recent: Mutex::new(recent),
            }
        };
        Self {
            address,
            dossier_partitions,
            erasables: Erasables::default(),
            condition: watch::Sender::default(),
            stop,
            over: OnceLock::new(),
            lanes: starts.into_iter().map(lane).collect(),
        }
    }

    pub(crate) fn partitions(&self) -> impl Iterator<Item = Partition> + '_ {
        self.lanes.iter().map(|lane| lane.partition)
    }

    fn lane(&self, partition: Partition) -> Option<&Lane> {
        // In the order of `Partition::all`.
        let index = match partition {
            Partition::Registry => 0,
            Partition::Dossiers(number) if number < self.dossier_partitions => 1 + usize::from(number),
            Partition::Dossiers(_) => return None,
            Partition::Reads => 1 + usize::from(self.dossier_partitions),
        };
        self.lanes.get(index)
    }

    /// The lane of a partition, unless the log is over or has none.
    fn open_lane(&self, partition: Partition) -> Result<&Lane, ReadError> {
        if let Some(over) = self.over.get() {
            return Err(over.read_error());
        }
        self.lane(partition).ok_or(ReadError::UnknownPartition { partition })
    }

    /// The end as a value to wait on.
    pub(crate) fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError> {
        let lane = self.open_lane(partition)?;
        let tail = lock(&lane.tail);
        tail.as_ref().map(watch::Sender::subscribe).ok_or_else(|| self.over().read_error())
    }

    /// The offset to read next at the tail.
    pub(crate) fn next(&self, partition: Partition) -> u64 {
        self.lane(partition).map_or(0, |lane| lock(&lane.recent).next)
    }

    /// The last record that was read.
    pub(crate) fn last(&self, partition: Partition) -> Option<Stored> {
        self.lane(partition).and_then(|lane| lock(&lane.recent).last.clone())
    }

    /// What is known in memory of the records from `from` on.
    pub(crate) fn known(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Known, ReadError> {
        let end = *self.tail(partition)?.borrow();
        let lane = self.open_lane(partition)?;
        let recent = lock(&lane.recent);
        if from < end && from < recent.from {
            return Ok(Known::Older { until: end });
        }
        let first = recent.records.partition_point(|stored| stored.offset < from);
        let (mut batch, mut total) = (Vec::new(), 0);
        for stored in recent.records.iter().skip(first).take_while(|stored| stored.offset < end) {
            let bytes = stored.record.bytes();
            if !limit.has_room(batch.len(), total, bytes) {
                break;
            }
            total += bytes;
            batch.push(stored.clone());
        }
        Ok(Known::Records(batch))
    }

    /// Takes records that were read at the tail of a partition, and only then moves it.
    pub(crate) fn take(&self, partition: Partition, records: Vec<Stored>) {
        let Some(lane) = self.lane(partition) else { return };
        let next = {
            let mut recent = lock(&lane.recent);
            for stored in records {
                recent.push(stored);
            }
            recent.next
        };
        if let Some(tail) = lock(&lane.tail).as_ref() {
            tail.send_if_modified(|end| std::mem::replace(end, next) != next);
        }
    }

    /// Ends the log. The first reason stands.
    pub(crate) fn end(&self, over: Over) {
        let _ = self.over.set(over);
        for lane in &self.lanes {
            lock(&lane.tail).take();
        }
        self.stop.cancel();
    }

    /// Ends the log because what it was opened on is not there any more.
    pub(crate) fn fail(&self, cause: impl std::error::Error + Send + Sync + 'static) {
        tracing::error!(error = %cause, "the log is over");
        self.end(Over::Failed(Arc::new(cause)));
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    pub(crate) fn over(&self) -> Over {
        self.over.get().cloned().unwrap_or(Over::Closed)
    }

    /// Whether the log can still be used.
    pub(crate) fn check(&self) -> Result<(), Over> {
        self.over.get().cloned().map_or(Ok(()), Err)
    }

    /// The partition that a topic's number means.
    pub(crate) fn partition_of(&self, names: &Names, topic: &str, number: i32) -> Option<Partition> {
        if topic == names.dossiers {
            u16::try_from(number)
                .ok()
                .filter(|number| *number < self.dossier_partitions)
                .map(Partition::Dossiers)
        } else if topic == names.registry && number == 0 {
            Some(Partition::Registry)
        } else {
            (topic == names.reads && number == 0).then_some(Partition::Reads)
        }
    }
}

/// The names of the topics.
pub(crate) struct Names {
    pub(crate) registry: String,
    pub(crate) dossiers: String,
    pub(crate) reads: String,
    pub(crate) erasable: String,
}

impl Names {
    pub(crate) fn of(address: &KafkaAddress) -> Self {
        Self {
            registry: address.topic(Topic::Registry),
            dossiers: address.topic(Topic::Dossiers),
            reads: address.topic(Topic::Reads),
            erasable: address.topic(Topic::Erasable),
        }
    }

    /// The name of the topic that a partition is in.
    pub(crate) fn of_partition(&self, partition: Partition) -> &str {
        match partition {
            Partition::Registry => &self.registry,
            Partition::Dossiers(_) => &self.dossiers,
            Partition::Reads => &self.reads,
        }
    }
}

impl Recent {
    fn push(&mut self, stored: Stored) {
        // A reader that was built anew may begin with what the one before it had read.
        if stored.offset < self.next {
            return;
        }
        self.next = stored.offset + 1;
        self.bytes += stored.record.bytes();
        self.last = Some(stored.clone());
        self.records.push_back(stored);
        while self.records.len() > RECENT_RECORDS_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= oldest.record.bytes();
            self.from = oldest.offset + 1;
        }
    }
}

impl Over {
    pub(crate) fn append_error(&self) -> AppendError {
        match self {
            Self::Closed => AppendError::Closed,
            Self::Failed(source) => AppendError::Failed { source: Arc::clone(source) },
        }
    }

    pub(crate) fn read_error(&self) -> ReadError {
        match self {
            Self::Closed => ReadError::Closed,
            Self::Failed(source) => ReadError::Failed { source: Arc::clone(source) },
        }
    }
}

/// Ends the log when what holds it panics: nobody would move the tails or say what is the matter any more.
pub(crate) struct PanicGuard(pub(crate) Arc<State>);

#[derive(Debug, thiserror::Error)]
#[error("a part of the log panicked; the lines above say where")]
struct Panicked;

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(Panicked);
        }
    }
}

/// What these locks guard is whole after every step, so a poisoned one is too.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
