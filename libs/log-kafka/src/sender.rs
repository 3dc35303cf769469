//! Sending: one task per partition keeps its order, one producer serves them all.
//!
//! ```text
//! append --> queue of the partition --> task --> producer --> brokers
//!                                        ^ waits for a delivery while the producer's queue is full
//! ```
//!
//! The producer is idempotent: its retries neither double nor reorder. When it fails for good, as it does when it can no
//! longer promise that, it is replaced; what was under way is then of unknown outcome.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use lienthong_log::{AppendError, Record};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::future_producer::{Delivery, DeliveryFuture};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use tokio::sync::{mpsc, oneshot};

use crate::context::Context;
use crate::record;
use crate::settings::{DELIVERY_MAX, SENDING_RECORDS_MAX};
use crate::state::lock;

/// Records of one partition that wait for the producer; one more waits before the queue.
pub const QUEUE_RECORDS_MAX: usize = 1024;
/// Records of one partition under way at once.
const UNDER_WAY_MAX: usize = 1024;
/// How long a record waits for the producer's full queue.
const FULL_MAX: Duration = DELIVERY_MAX;
/// How long to wait before asking again, when none of the partition's own deliveries is under way.
const FULL_PAUSE: Duration = Duration::from_millis(10);

/// What is sent, and where the answer goes.
enum Job {
    One {
        record: Record,
        reply: Reply,
    },
    /// Records with their times, each offered only when those before it were, and none behind one that failed.
    InOrder {
        records: Vec<(Record, Option<i64>)>,
        replies: Vec<Reply>,
    },
}

type Reply = oneshot::Sender<Result<u64, AppendError>>;

/// One partition's way in. Dropping it ends its task once all is delivered.
pub(crate) struct Sender(mpsc::Sender<Job>);

/// The producer of all partitions, replaced when it fails for good.
pub(crate) struct Producers {
    config: ClientConfig,
    now: Mutex<(u64, Arc<FutureProducer<Context>>)>,
}

type UnderWay = FuturesUnordered<BoxFuture<'static, Option<u64>>>;

impl Producers {
    pub(crate) fn new(config: ClientConfig) -> Result<Arc<Self>, KafkaError> {
        let first = Arc::new(config.create_with_context(Context::default())?);
        Ok(Arc::new(Self { config, now: Mutex::new((0, first)) }))
    }

    /// The producer, and which one in a row it is.
    pub(crate) fn now(&self) -> (u64, Arc<FutureProducer<Context>>) {
        lock(&self.now).clone()
    }

    /// Replaces the producer of this generation, unless somebody did.
    fn replace(&self, failed: u64) {
        let mut now = lock(&self.now);
        if now.0 != failed {
            return;
        }
        match self.config.create_with_context(Context::default()) {
            Ok(fresh) => {
                tracing::warn!(generation = failed + 1, "the producer failed for good and was replaced");
                *now = (failed + 1, Arc::new(fresh));
            }
            Err(error) => tracing::error!(error = %error, "the producer cannot be replaced"),
        }
    }
}

impl Sender {
    /// Starts the task of one partition.
    pub(crate) fn start(
        producers: &Arc<Producers>,
        topic: String,
        number: i32,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE_RECORDS_MAX);
        let task = Task { producers: Arc::clone(producers), topic, number, under_way: UnderWay::new() };
        tasks.spawn(task.run(queue));
        Self(jobs)
    }

    /// Sends a record and answers its offset.
    pub(crate) async fn send(&self, record: Record) -> Result<u64, AppendError> {
        check_names(&record)?;
        let (reply, answer) = oneshot::channel();
        self.queue(Job::One { record, reply }).await?;
        told(answer).await
    }

    /// Sends records with their times (milliseconds since the epoch; none is the broker's clock), in their order and
    /// without leaving one out: whatever comes of them, those that are there are the first ones. Answers their offsets.
    pub(crate) async fn send_in_order(
        &self,
        records: Vec<(Record, Option<i64>)>,
    ) -> Result<Vec<u64>, AppendError> {
        records.iter().try_for_each(|(record, _)| check_names(record))?;
        let (replies, answers): (Vec<_>, Vec<_>) = records.iter().map(|_| oneshot::channel()).unzip();
        self.queue(Job::InOrder { records, replies }).await?;
        let mut offsets = Vec::with_capacity(answers.len());
        for answer in answers {
            offsets.push(told(answer).await?);
        }
        Ok(offsets)
    }

    async fn queue(&self, job: Job) -> Result<(), AppendError> {
        match tokio::time::timeout(FULL_MAX, self.0.send(job)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(AppendError::Closed),
            Err(_) => Err(AppendError::Full { limit: QUEUE_RECORDS_MAX }),
        }
    }
}

fn check_names(record: &Record) -> Result<(), AppendError> {
    if record::has_names_without_nul(record) {
        Ok(())
    } else {
        Err(AppendError::Failed { source: Arc::new(NulInName) })
    }
}

async fn told(answer: oneshot::Receiver<Result<u64, AppendError>>) -> Result<u64, AppendError> {
    answer.await.unwrap_or_else(|gone| Err(AppendError::Unknown { source: Arc::new(gone) }))
}

/// A header's name with a NUL in it, which Kafka's C library cannot write.
#[derive(Debug, thiserror::Error)]
#[error("the name of a header has a NUL in it")]
struct NulInName;

struct Task {
    producers: Arc<Producers>,
    topic: String,
    number: i32,
    /// Each gives the generation of a producer that failed for good, if it did.
    under_way: UnderWay,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        loop {
            tokio::select! {
                biased;
                Some(failed) = self.under_way.next() => self.delivered(failed),
                job = queue.recv(), if self.under_way.len() < UNDER_WAY_MAX => match job {
                    Some(Job::One { record, reply }) => self.send(record, None, None, reply).await,
                    Some(Job::InOrder { records, replies }) => self.send_in_order(records, replies).await,
                    None => break,
                },
            }
        }
        while let Some(failed) = self.under_way.next().await {
            self.delivered(failed);
        }
    }

    fn delivered(&self, failed: Option<u64>) {
        if let Some(failed) = failed {
            self.producers.replace(failed);
        }
    }

    /// Sends records in steps that librdkafka keeps in order, none before all those of the step in front of it stand. A
    /// step that fails ends it, and the producer with it: what it still has must not land behind a gap.
    async fn send_in_order(&mut self, records: Vec<(Record, Option<i64>)>, replies: Vec<Reply>) {
        let (generation, _) = self.producers.now();
        let mut jobs = records.into_iter().zip(replies);
        loop {
            let step: Vec<_> = jobs.by_ref().take(UNDER_WAY_MAX).collect();
            if step.is_empty() {
                return;
            }
            let mut stand = true;
            let mut answers = Vec::new();
            for ((record, timestamp), reply) in step {
                let (heard, answer) = oneshot::channel();
                self.send(record, timestamp, Some(generation), heard).await;
                answers.push((answer, reply));
            }
            while let Some(failed) = self.under_way.next().await {
                stand &= failed.is_none();
            }
            for (answer, reply) in answers {
                let answer = told(answer).await;
                stand &= answer.is_ok();
                let _ = reply.send(answer);
            }
            if !stand {
                // The rest is never offered; its replies are dropped, which says that nobody knows.
                return self.producers.replace(generation);
            }
        }
    }

    /// Gives the record to the producer, waiting while its queue is full; to the one of generation `only`, where that is
    /// said, and to none that replaced it: dropping the reply says that nobody knows.
    async fn send(&mut self, record: Record, timestamp: Option<i64>, only: Option<u64>, reply: Reply) {
        let began = Instant::now();
        let mut replaced = false;
        loop {
            let (generation, producer) = self.producers.now();
            if only.is_some_and(|only| only != generation) {
                return;
            }
            match self.offer(&producer, &record, timestamp) {
                Ok(delivery) => {
                    self.under_way.push(Box::pin(await_delivery(generation, producer, delivery, reply)));
                    return;
                }
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull))
                    if began.elapsed() < FULL_MAX =>
                {
                    // Whatever is delivered makes room; of this partition's own there may be none.
                    if let Ok(Some(failed)) = tokio::time::timeout(FULL_PAUSE, self.under_way.next()).await {
                        self.delivered(failed);
                    } else if self.under_way.is_empty() {
                        tokio::time::sleep(FULL_PAUSE).await;
                    }
                }
                Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) => {
                    let _ = reply.send(Err(AppendError::Full { limit: SENDING_RECORDS_MAX }));
                    return;
                }
                Err(_) if producer.client().fatal_error().is_some() && !replaced => {
                    replaced = true;
                    self.producers.replace(generation);
                }
                Err(error) => {
                    // Never given to the producer.
                    let _ = reply.send(Err(AppendError::Failed { source: Arc::new(error) }));
                    return;
                }
            }
        }
    }

    fn offer(
        &self,
        producer: &FutureProducer<Context>,
        record: &Record,
        timestamp: Option<i64>,
    ) -> Result<DeliveryFuture, KafkaError> {
        let mut message = FutureRecord::<[u8], [u8]>::to(&self.topic)
            .partition(self.number)
            .key(record.key.as_ref())
            .payload(record.value.as_ref())
            .headers(record::headers(record));
        message.timestamp = timestamp;
        producer.send_result(message).map_err(|(error, _)| error)
    }
}

/// Waits for what the brokers say, tells it, and gives the generation of a producer that failed for good.
async fn await_delivery(
    generation: u64,
    producer: Arc<FutureProducer<Context>>,
    delivery: DeliveryFuture,
    reply: oneshot::Sender<Result<u64, AppendError>>,
) -> Option<u64> {
    let answer = match delivery.await {
        Ok(Ok(Delivery { offset, .. })) => u64::try_from(offset).map_err(|_| unknown(KafkaError::Canceled)),
        // Whatever the error: an earlier try may have got there and its answer have been lost.
        Ok(Err((error, _))) => Err(unknown(error)),
        Err(_) => Err(unknown(KafkaError::Canceled)),
    };
    let failed = answer.is_err() && producer.client().fatal_error().is_some();
    // Who asked may have gone.
    let _ = reply.send(answer);
    failed.then_some(generation)
}

fn unknown(error: KafkaError) -> AppendError {
    AppendError::Unknown { source: Arc::new(error) }
}
