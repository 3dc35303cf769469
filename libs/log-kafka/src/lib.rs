//! The event log on Apache Kafka: for agencies on machines of their own, replicas, and brokers that may die.
//!
//! ```text
//! append --> sender (a task per partition) --> producer ==> brokers ==> tail (one reader) --> newest records --> read
//!   ^                                                          |          '--> tails move, followers wake
//!   '-- answered once the tail has passed the record           '========> history (a lane per place) --------> read
//! watchdog: asks the brokers every other second, says what is the matter
//! ```
//!
//! **Durable** means that `min.insync.replicas` brokers have the record in memory (`acks=all`); on separate power that is
//! more than one disk can promise. After [`DELIVERY_MAX`] without an answer nobody knows, and the append says so.
//!
//! **One place says what is visible**: the reader at the tail. An append is answered when that has read its record, so
//! what was answered can be read, and no offset is believed because a producer reported it.
//!
//! **No consumer groups, no committed offsets, no transactions.** Partitions are assigned and offsets are the node's own.
//! Transactions decide nothing: readers are `read_uncommitted`, so that one left open by a stranger stops nobody.
//!
//! **Strangers.** A topic that was deleted and made anew, or cut short, ends the log: followers get an error instead of
//! more of the same. Readers see it by the topic's id; and at every look of the watchdog, the record before the tail is
//! read again.
//!
//! **A clock that is put back** by more than ten seconds ends the log, too: librdkafka waits by it, see `clock`.

mod address;
mod beside;
mod brokers;
mod clock;
mod context;
mod erasables;
mod error;
mod history;
mod open;
mod record;
mod restore;
mod sender;
mod settings;
mod state;
mod tail;
mod topic_ids;
mod topics;
mod watchdog;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_log::{
    AppendError, Condition, Copies, ERASABLE_BYTES, Erasable, EventLog, Partition, ReadError, ReadLimit,
    Record, Stored, check_erasable_key,
};
use rdkafka::error::KafkaError;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

pub use crate::address::{KafkaAddress, KafkaAddressFault};
pub use crate::error::OpenError;
pub use crate::restore::KafkaRestore;
pub use crate::sender::QUEUE_RECORDS_MAX;
pub use crate::settings::{DELIVERY_MAX, MESSAGE_BYTES_MAX, Mechanism, Protocol, Security, SecurityFault};
pub use crate::topics::TopicPlan;
pub use crate::watchdog::{LOOK_EVERY, STILL_MAX};

use crate::address::Topic;
use crate::beside::{beside, in_time};
use crate::brokers::Brokers;
use crate::erasables::Standing;
use crate::history::{History, Want};
use crate::sender::{Producers, Sender};
use crate::state::{Known, Over, State};

/// How long an append waits, once enough brokers have the record, until the tail has passed it.
const SEEN_MAX: Duration = DELIVERY_MAX;
/// How long a question waits until all that the brokers have was read.
const READ_UP_MAX: Duration = Duration::from_secs(30);

/// How often librdkafka is asked meanwhile whether it has passed the end.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// A handle on an open log; share it in an `Arc`. Any number of processes may have one, each with handles of its own.
pub struct KafkaLog {
    state: Arc<State>,
    history: Arc<History>,
    brokers: Arc<Brokers>,
    copies: Copies,
    /// None once the log is closed.
    senders: RwLock<Option<Arc<Senders>>>,
    tasks: TaskTracker,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
    tail: Arc<tail::Tail>,
}

struct Senders {
    producers: Arc<Producers>,
    partitions: BTreeMap<Partition, Sender>,
    erasable: Arc<Sender>,
}

impl KafkaLog {
    fn senders(&self) -> Result<Arc<Senders>, AppendError> {
        self.state.check().map_err(|over| over.append_error())?;
        let senders = self.senders.read().unwrap_or_else(PoisonError::into_inner);
        senders.clone().ok_or(AppendError::Closed)
    }

    /// Writes what is to stand under a key, and waits until it is read back.
    async fn write_erasable(&self, key: &str, value: Bytes) -> Result<(), AppendError> {
        let record = Record { key: Bytes::copy_from_slice(key.as_bytes()), headers: Vec::new(), value };
        let mut read = self.state.erasables.read();
        let offset = self.senders()?.erasable.send(record).await?;
        match tokio::time::timeout(SEEN_MAX, read.wait_for(|next| *next > offset)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(AppendError::Unknown { source: Arc::new(KafkaError::NoMessageReceived) })
            }
        }
    }

    /// Waits until all erasable values that the brokers have now were read.
    pub(crate) async fn read_erasables(&self) -> Result<(), ReadError> {
        let read = self.state.erasables.read();
        let end = self.ask(Brokers::erasable_end).await?;
        self.reach(read, end, Topic::Erasable, 0).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Brokers) -> Result<T, KafkaError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let brokers = Arc::clone(&self.brokers);
        beside(move || ask(&brokers)).await?.map_err(history::unavailable)
    }

    /// Waits until the reader at the tail has passed `end`.
    async fn reach(
        &self,
        mut read: watch::Receiver<u64>,
        end: u64,
        topic: Topic,
        number: i32,
    ) -> Result<(), ReadError> {
        let reached = async {
            let (topic, mut asking) = (self.state.address.topic(topic), tokio::time::interval(ASK_EVERY));
            // What ends a transaction is no record: that it was passed, only librdkafka knows.
            while *read.borrow_and_update() < end && self.tail.fetching(&topic, number).unwrap_or(0) < end {
                tokio::select! {
                    changed = read.changed() => if changed.is_err() { return },
                    _ = asking.tick() => {}
                }
            }
        };
        let unavailable = |_| history::unavailable(KafkaError::NoMessageReceived);
        tokio::time::timeout(READ_UP_MAX, reached).await.map_err(unavailable)?;
        self.state.check().map_err(|over| over.read_error())
    }
}

#[async_trait]
impl EventLog for KafkaLog {
    fn dossier_partitions(&self) -> u16 {
        self.state.dossier_partitions
    }

    fn copies(&self) -> Option<Copies> {
        Some(self.copies)
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.state.condition.subscribe()
    }

    async fn append(&self, partition: Partition, record: Record) -> Result<u64, AppendError> {
        record.check()?;
        let senders = self.senders()?;
        let sender = senders.partitions.get(&partition).ok_or(AppendError::UnknownPartition { partition })?;
        let mut tail = self.state.tail(partition).map_err(|_| self.state.over().append_error())?;
        let offset = sender.send(record).await?;
        match tokio::time::timeout(SEEN_MAX, tail.wait_for(|end| *end > offset)).await {
            Ok(Ok(_)) => Ok(offset),
            Ok(Err(_)) | Err(_) => {
                Err(AppendError::Unknown { source: Arc::new(KafkaError::NoMessageReceived) })
            }
        }
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        match self.state.known(partition, from, limit)? {
            Known::Records(records) => Ok(records),
            Known::Older { until } => {
                let read = self.history.read(Want { partition, from, until, limit, may_end: false }).await;
                // Why the log is over says more than what that led to.
                read.map_err(|error| self.state.check().map_or_else(|over| over.read_error(), |()| error))
            }
        }
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        Ok(*self.state.tail(partition)?.borrow())
    }

    async fn newest(&self, partition: Partition) -> Result<u64, ReadError> {
        let tail = self.state.tail(partition)?;
        let (_, end) = self.ask(move |brokers| brokers.bounds(partition)).await?;
        let end = u64::try_from(end).unwrap_or(0);
        self.reach(tail, end, Topic::of(partition), address::number(partition)).await?;
        self.end(partition).await
    }

    fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError> {
        self.state.tail(partition)
    }

    async fn put_erasable(
        &self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<[u8; ERASABLE_BYTES], AppendError> {
        check_erasable_key(key)?;
        self.senders()?;
        if self.state.erasables.standing(key) == Standing::Never {
            self.write_erasable(key, Bytes::copy_from_slice(&value)).await?;
        }
        match self.state.erasables.standing(key) {
            Standing::Value(value) => Ok(value),
            Standing::Forgotten => Err(AppendError::Erased),
            // It was written, so something stands.
            Standing::Never => Err(AppendError::Unknown { source: Arc::new(KafkaError::NoMessageReceived) }),
        }
    }

    async fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError> {
        self.state.check().map_err(|over| over.read_error())?;
        if self.state.erasables.standing(key) == Standing::Never {
            // Another process may have put it a moment ago.
            self.read_erasables().await?;
        }
        match self.state.erasables.standing(key) {
            Standing::Value(value) => Ok(Some(value)),
            Standing::Forgotten | Standing::Never => Ok(None),
        }
    }

    async fn forget_erasable(&self, key: &str) -> Result<(), AppendError> {
        check_erasable_key(key)?;
        self.senders()?;
        match self.state.erasables.standing(key) {
            Standing::Forgotten => Ok(()),
            Standing::Never | Standing::Value(_) => self.write_erasable(key, Bytes::new()).await,
        }
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        self.state.check().map_err(|over| over.read_error())?;
        self.read_erasables().await?;
        Ok(self.state.erasables.list(after, limit))
    }

    async fn close(&self) {
        let senders = self.senders.write().unwrap_or_else(PoisonError::into_inner).take();
        let producers = senders.as_ref().map(|senders| Arc::clone(&senders.producers));
        drop(senders);
        self.tasks.close();
        // The watchdog is no task of these: it ends with the log.
        // Deliveries end with their clients at the latest, which may be stuck.
        let _ = in_time(self.tasks.wait()).await;
        self.state.end(Over::Closed);
        let thread = state::lock(&self.thread).take();
        let history = Arc::clone(&self.history);
        // Clients wait for their threads when they are let go of.
        let gone = beside(move || {
            drop(producers);
            if let Some(thread) = thread {
                let _ = thread.join();
            }
            history.close();
        });
        let _ = gone.await;
    }
}

impl Drop for KafkaLog {
    fn drop(&mut self) {
        self.state.end(Over::Closed);
    }
}

#[cfg(test)]
mod tests;
