//! The reader at the tail: one thread reads whatever comes to any partition, and moves the tails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lienthong_log::{Partition, Stored};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::address::number;
use crate::brokers::is_out_of_range;
use crate::context::Context;
use crate::history::passes;
use crate::record;
use crate::state::{Names, PanicGuard, State, lock};
use crate::topic_ids::TopicIds;

/// How long to wait at once, so that the end of the log is noticed.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait before a reader that met what it cannot read is built anew.
const ANEW_PAUSE: Duration = Duration::from_millis(500);
/// Records taken together before the tails move, when there are many.
const TAKEN_TOGETHER_MAX: usize = 512;

/// A handle on the thread.
pub(crate) struct Tail {
    /// Of the reader at work.
    context: Mutex<Context>,
    anew: AtomicBool,
    /// What the reader last met that it could not read.
    error: Mutex<Option<String>>,
    /// Set when the reader met what the watchdog should look into at once.
    doubt: tokio::sync::Notify,
    /// Lets the reader at work stand still; unset once it does.
    #[cfg(test)]
    pub(crate) wedge: AtomicBool,
}

impl Tail {
    /// Starts reading where each partition stood when the log was opened, and the erasable values from their start.
    pub(crate) fn start(
        state: Arc<State>,
        config: ClientConfig,
        ids: Arc<TopicIds>,
    ) -> Result<(Arc<Self>, std::thread::JoinHandle<()>), KafkaError> {
        let tail = Arc::new(Self {
            context: Mutex::default(),
            anew: AtomicBool::new(false),
            error: Mutex::default(),
            doubt: tokio::sync::Notify::new(),
            #[cfg(test)]
            wedge: AtomicBool::new(false),
        });
        let names = Names::of(&state.address);
        let mut reader = Reader { names, state, config, ids, tail: Arc::clone(&tail) };
        let consumer = reader.consumer()?;
        let thread = std::thread::Builder::new().name("log-tail".to_owned());
        let thread = thread
            .spawn(move || {
                let _guard = PanicGuard(Arc::clone(&reader.state));
                reader.run(consumer);
            })
            .map_err(|error| KafkaError::ClientCreation(error.to_string()))?;
        Ok((tail, thread))
    }

    /// What is fetched next of a partition, as far as librdkafka has said.
    pub(crate) fn fetching(&self, topic: &str, partition: i32) -> Option<u64> {
        lock(&self.context).fetching(topic, partition)
    }

    /// What the reader last met that it could not read.
    pub(crate) fn error(&self) -> Option<String> {
        lock(&self.error).clone()
    }

    /// Replaces the reader by a new one, which goes on where it stood.
    pub(crate) fn build_anew(&self) {
        self.anew.store(true, Ordering::Relaxed);
    }

    /// Waits until the reader met something strange.
    pub(crate) async fn doubt(&self) {
        self.doubt.notified().await;
    }
}

struct Reader {
    state: Arc<State>,
    names: Names,
    config: ClientConfig,
    ids: Arc<TopicIds>,
    tail: Arc<Tail>,
}

impl Reader {
    fn run(&mut self, mut consumer: BaseConsumer<Context>) {
        while !self.state.is_over() && self.is_ours() {
            if self.tail.anew.swap(false, Ordering::Relaxed) {
                match self.consumer() {
                    Ok(fresh) => consumer = fresh,
                    Err(error) => {
                        tracing::error!(error = %error, "the reader at the tail cannot be built anew")
                    }
                }
            }
            #[cfg(test)]
            if self.tail.wedge.load(Ordering::Relaxed) {
                consumer.pause(&consumer.assignment().unwrap()).unwrap();
                self.tail.wedge.store(false, Ordering::Relaxed);
            }
            if let Some(first) = consumer.poll(POLL) {
                self.take(&consumer, first);
            }
        }
    }

    /// Takes what was read, and what else is there without waiting.
    fn take(&self, consumer: &BaseConsumer<Context>, first: Result<BorrowedMessage<'_>, KafkaError>) {
        let mut read: Vec<(Partition, Vec<Stored>)> = Vec::new();
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(message) = next {
            if !self.is_ours() {
                return;
            }
            match message {
                Ok(message) => self.sort(&message, &mut read),
                Err(error) if passes(&error) => tracing::warn!(error = %error, "the reader at the tail"),
                Err(error) => {
                    // librdkafka may go on behind what it could not read. Nothing after this is given on: a new reader begins
                    // where this one stood.
                    self.give_up(&error);
                    break;
                }
            }
            taken += 1;
            next = if taken < TAKEN_TOGETHER_MAX { consumer.poll(Duration::ZERO) } else { None };
        }
        for (partition, records) in read {
            self.state.take(partition, records);
        }
    }

    /// Whether the topics are still those that the log was opened on. Ends the log if not.
    fn is_ours(&self) -> bool {
        let checked = self.ids.check();
        let is_ours = checked.is_ok();
        if let Err(anew) = checked {
            self.state.fail(anew);
        }
        is_ours
    }

    fn sort(&self, message: &BorrowedMessage<'_>, read: &mut Vec<(Partition, Vec<Stored>)>) {
        if message.topic() == self.names.erasable {
            let offset = u64::try_from(message.offset()).unwrap_or(0);
            self.state.erasables.take(offset, message.key().unwrap_or_default(), message.payload());
            return;
        }
        let partition = self.state.partition_of(&self.names, message.topic(), message.partition());
        let Some(partition) = partition else { return };
        let stored = record::stored(message);
        match read.iter_mut().find(|(known, _)| *known == partition) {
            Some((_, records)) => records.push(stored),
            None => read.push((partition, vec![stored])),
        }
    }

    fn give_up(&self, error: &KafkaError) {
        tracing::warn!(error = %error, "the reader at the tail cannot go on; building it anew");
        *lock(&self.tail.error) = Some(error.to_string());
        self.tail.anew.store(true, Ordering::Relaxed);
        if is_out_of_range(error) {
            self.tail.doubt.notify_one();
        }
        std::thread::sleep(ANEW_PAUSE);
    }

    /// A reader that stands where the tails do.
    fn consumer(&self) -> Result<BaseConsumer<Context>, KafkaError> {
        let context = Context::of_reader(&self.ids);
        let consumer: BaseConsumer<Context> = self.config.create_with_context(context.clone())?;
        let mut places = TopicPartitionList::new();
        let at = |next: u64| Offset::Offset(i64::try_from(next).unwrap_or(i64::MAX));
        for partition in self.state.partitions() {
            let name = self.names.of_partition(partition);
            places.add_partition_offset(name, number(partition), at(self.state.next(partition)))?;
        }
        places.add_partition_offset(&self.names.erasable, 0, at(*self.state.erasables.read().borrow()))?;
        consumer.assign(&places)?;
        *lock(&self.tail.context) = context;
        Ok(consumer)
    }
}
