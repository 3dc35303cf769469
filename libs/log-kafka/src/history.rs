//! Reading what lies before the tail.
//!
//! A reader of history is one librdkafka client with a lane for each partition it is in: a queue of its own, which
//! librdkafka fills ahead of the reading. Whoever reads on where a lane stands finds the next records there already.
//! Whoever reads elsewhere in the same partition gets a lane of another client, so that two of them do not keep moving
//! one lane to and fro.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lienthong_log::{Partition, ReadError, ReadLimit, Stored};
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

use crate::address::{KafkaAddress, Topic, number};
use crate::beside::{beside, in_time};
use crate::context::Context;
use crate::record;
use crate::state::lock;
use crate::topic_ids::TopicIds;

/// Clients for history at once, and so places in one partition that are read at once; one more waits.
const CLIENTS_MAX: usize = 4;
/// How long a read waits for a broker to give anything.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// How long to wait at once, so that the end of the log is noticed.
const POLL: Duration = Duration::from_millis(50);
/// How long a lane nobody reads from keeps what it has read ahead.
const IDLE_MAX: Duration = Duration::from_secs(2);

pub(crate) struct History {
    address: KafkaAddress,
    config: ClientConfig,
    ids: Arc<TopicIds>,
    stop: CancellationToken,
    clients: Mutex<Vec<Client>>,
    freed: tokio::sync::Notify,
}

struct Client {
    consumer: Arc<BaseConsumer<Context>>,
    /// None is one that is being read from.
    lanes: HashMap<Partition, Option<Lane>>,
}

struct Lane {
    consumer: Arc<BaseConsumer<Context>>,
    queue: PartitionQueue<Context>,
    /// The offset that the next record has at least.
    next: u64,
    /// Read, and not wanted yet.
    ahead: Option<Stored>,
    /// Whether librdkafka has said that the partition ends here, which it does once.
    at_end: bool,
    used: Instant,
}

/// What to read.
#[derive(Clone, Copy)]
pub(crate) struct Want {
    pub(crate) partition: Partition,
    pub(crate) from: u64,
    /// Nothing at or after this offset.
    pub(crate) until: u64,
    pub(crate) limit: ReadLimit,
    /// Whether the partition may end before `until`. Else what is not there yet is waited for.
    pub(crate) may_end: bool,
}

/// No lane of a partition is free.
struct AllTaken;

impl History {
    pub(crate) fn new(
        address: KafkaAddress,
        config: ClientConfig,
        ids: Arc<TopicIds>,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let clients = Mutex::new(Vec::new());
        Arc::new(Self { address, config, ids, stop, clients, freed: tokio::sync::Notify::new() })
    }

    /// Reads; the answer is empty only where nothing is before `until`.
    pub(crate) async fn read(self: &Arc<Self>, want: Want) -> Result<Vec<Stored>, ReadError> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let history = Arc::clone(self);
            match beside(move || history.read_now(want)).await? {
                Ok(answer) => return answer,
                Err(AllTaken) => in_time(freed).await?,
            }
        }
    }

    /// The last record of a partition before `end`.
    pub(crate) async fn last(
        self: &Arc<Self>,
        partition: Partition,
        end: u64,
    ) -> Result<Option<Stored>, ReadError> {
        let (mut step, limit) = (1, ReadLimit::default());
        loop {
            let mut from = end.saturating_sub(step);
            let mut last = None;
            loop {
                let want = Want { partition, from, until: end, limit, may_end: true };
                let Some(stored) = self.read(want).await?.pop() else { break };
                from = stored.offset + 1;
                last = Some(stored);
            }
            if last.is_some() || step >= end {
                return Ok(last);
            }
            // What ends a transaction takes an offset and is no record.
            step = step.saturating_mul(16);
        }
    }

    fn read_now(&self, want: Want) -> Result<Result<Vec<Stored>, ReadError>, AllTaken> {
        let (index, mut lane) = match self.take(want.partition, want.from)? {
            Ok(taken) => taken,
            Err(error) => return Ok(Err(unavailable(error))),
        };
        let read = lane.read(want, &self.stop).and_then(|records| {
            lane.serve()?;
            self.ids.check().map(|()| records).map_err(failed)
        });
        lane.used = Instant::now();
        // After an error nobody knows where the lane stands.
        let keep = read.is_ok();
        let mut clients = lock(&self.clients);
        if let Some(client) = clients.get_mut(index) {
            if keep {
                client.lanes.insert(want.partition, Some(lane));
            } else {
                client.lanes.remove(&want.partition);
                self.leave(lane, want.partition);
            }
        }
        drop(clients);
        self.freed.notify_waiters();
        Ok(read)
    }

    /// A lane that stands at `from`.
    fn take(&self, partition: Partition, from: u64) -> Result<Result<(usize, Lane), KafkaError>, AllTaken> {
        let mut clients = lock(&self.clients);
        let standing = |client: &Client| {
            client
                .lanes
                .get(&partition)
                .is_some_and(|lane| lane.as_ref().is_some_and(|lane| lane.next == from))
        };
        if let Some(index) = clients.iter().position(standing)
            && let Some(lane) = clients[index].lanes.insert(partition, None).flatten()
        {
            return Ok(Ok((index, lane)));
        }
        if let Some(index) = clients.iter().position(|client| !client.lanes.contains_key(&partition)) {
            return Ok(self.enter(&mut clients, index, partition, from));
        }
        if clients.len() < CLIENTS_MAX {
            let consumer = match self.config.create_with_context(Context::of_reader(&self.ids)) {
                Ok(consumer) => Arc::new(consumer),
                Err(error) => return Ok(Err(error)),
            };
            clients.push(Client { consumer, lanes: HashMap::new() });
            let index = clients.len() - 1;
            return Ok(self.enter(&mut clients, index, partition, from));
        }
        let free = clients.iter().enumerate().filter_map(|(index, client)| {
            let lane = client.lanes.get(&partition)?.as_ref()?;
            Some((lane.used, index))
        });
        let Some((_, index)) = free.min() else { return Err(AllTaken) };
        if let Some(lane) = clients[index].lanes.remove(&partition).flatten() {
            self.leave(lane, partition);
        }
        Ok(self.enter(&mut clients, index, partition, from))
    }

    /// Makes a lane of a client that has none in this partition.
    fn enter(
        &self,
        clients: &mut [Client],
        index: usize,
        partition: Partition,
        from: u64,
    ) -> Result<(usize, Lane), KafkaError> {
        let client = &mut clients[index];
        let topic = self.address.topic(Topic::of(partition));
        let at = i64::try_from(from).map_or(Offset::End, Offset::Offset);
        let mut place = TopicPartitionList::new();
        place.add_partition_offset(&topic, number(partition), at)?;
        // Split before it is assigned, so that no record takes the other way.
        let queue =
            client.consumer.split_partition_queue(&topic, number(partition)).ok_or(KafkaError::Canceled)?;
        client.consumer.incremental_assign(&place)?;
        client.lanes.insert(partition, None);
        let consumer = Arc::clone(&client.consumer);
        Ok((index, Lane { consumer, queue, next: from, ahead: None, at_end: false, used: Instant::now() }))
    }

    /// Gives up a lane and what it has read ahead.
    fn leave(&self, lane: Lane, partition: Partition) {
        let Lane { consumer, queue, next: _, ahead: _, at_end: _, used: _ } = lane;
        drop(queue);
        let mut place = TopicPartitionList::new();
        place.add_partition(&self.address.topic(Topic::of(partition)), number(partition));
        if let Err(error) = consumer.incremental_unassign(&place) {
            tracing::warn!(error = %error, %partition, "a lane of history was not given up");
        }
    }

    /// Gives up lanes that nobody reads from.
    pub(crate) fn tidy(&self) {
        let mut idle = Vec::new();
        for client in lock(&self.clients).iter_mut() {
            client.lanes.retain(|partition, lane| {
                let is_idle = lane.as_ref().is_some_and(|lane| lane.used.elapsed() > IDLE_MAX);
                if is_idle {
                    idle.extend(lane.take().map(|lane| (*partition, lane)));
                }
                !is_idle
            });
            for (partition, lane) in idle.drain(..) {
                self.leave(lane, partition);
            }
            // Serves what a client says when nobody reads with it.
            client.consumer.context().hear(&client.consumer);
        }
    }

    /// Lets go of every client.
    pub(crate) fn close(&self) {
        lock(&self.clients).clear();
    }
}

impl Lane {
    fn read(&mut self, want: Want, stop: &CancellationToken) -> Result<Vec<Stored>, ReadError> {
        let Want { partition: _, from, until, limit, may_end } = want;
        let (mut batch, mut total) = (Vec::new(), 0);
        let mut heard = Instant::now();
        loop {
            let stored = match self.ahead.take() {
                Some(stored) => stored,
                None if may_end && self.at_end => return Ok(batch),
                None => match self.queue.poll(POLL) {
                    Some(Ok(message)) => record::stored(&message),
                    Some(Err(KafkaError::PartitionEOF(_))) => {
                        self.at_end = true;
                        continue;
                    }
                    Some(Err(error)) if passes(&error) => continue,
                    Some(Err(error)) => return Err(failed(error)),
                    None if stop.is_cancelled() => return Err(ReadError::Closed),
                    None if heard.elapsed() > SILENCE_MAX => {
                        return Err(unavailable(KafkaError::NoMessageReceived));
                    }
                    None => {
                        self.serve()?;
                        continue;
                    }
                },
            };
            (heard, self.at_end) = (Instant::now(), false);
            if stored.offset < from.max(self.next) {
                continue;
            }
            let bytes = stored.record.bytes();
            if stored.offset >= until || !limit.has_room(batch.len(), total, bytes) {
                self.ahead = Some(stored);
                return Ok(batch);
            }
            total += bytes;
            self.next = stored.offset + 1;
            batch.push(stored);
            if self.next >= until {
                return Ok(batch);
            }
        }
    }

    /// Hears what the client says beside the records.
    fn serve(&self) -> Result<(), ReadError> {
        match self.consumer.context().hear(&self.consumer) {
            Some(error) if !passes(&error) => Err(failed(error)),
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether librdkafka goes on by itself after an error.
pub(crate) fn passes(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let KafkaError::MessageConsumption(code) = error else { return true };
    !matches!(
        code,
        Code::AutoOffsetReset
            | Code::OffsetOutOfRange
            | Code::BadMessage
            | Code::BadCompression
            | Code::NotImplemented
            | Code::TopicAuthorizationFailed
            | Code::LogTruncation
    )
}

/// An error that does not pass by itself.
fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ReadError {
    ReadError::Failed { source: Arc::new(error) }
}

pub(crate) fn unavailable(error: KafkaError) -> ReadError {
    ReadError::Unavailable { source: Arc::new(error) }
}
