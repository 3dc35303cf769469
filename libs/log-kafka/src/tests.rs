//! Tests of the whole log, on real brokers. A file holds one idea.

mod absent;
mod durable;
mod erasables;
mod foreign;
mod groups;
mod history;
mod paused;
mod restore;
mod security;
mod sender;
mod settings;
mod strangers;
mod topics;
mod transactions;
mod waiting;
mod wedged;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use lienthong_broker::{Cluster, Options};
use lienthong_log::contract::{self, PARTITIONS, read_all};
use lienthong_log::{Condition, EventLog, Partition, ReadError, ReadLimit, Record, Stored};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::address::{Topic, number};
use crate::{KafkaAddress, KafkaLog, Security, TopicPlan, record};

lienthong_log::contract_tests!(fresh);

const PLAN: TopicPlan = TopicPlan { dossier_partitions: PARTITIONS, replicas: Some(1) };

/// Where most tests write.
const DOSSIERS: Partition = Partition::Dossiers(0);

/// The address of a log that is nobody else's, on the broker that the tests of this process share.
async fn address() -> KafkaAddress {
    waiting::begin_all();
    let shared = tokio::task::spawn_blocking(lienthong_broker::shared).await.unwrap();
    address_at(shared)
}

fn address_at(brokers: &str) -> KafkaAddress {
    format!("{brokers}/{}", lienthong_broker::fresh_prefix()).parse().unwrap()
}

/// Brokers of a test's own.
async fn cluster(options: Options) -> Cluster {
    tokio::task::spawn_blocking(|| Cluster::start(options)).await.unwrap().unwrap()
}

async fn create(address: &KafkaAddress) {
    KafkaLog::create(address, &Security::default(), PLAN).await.unwrap();
}

async fn open(address: &KafkaAddress) -> KafkaLog {
    KafkaLog::open(address, &Security::default()).await.unwrap()
}

/// A log of this test's own on the shared broker.
async fn log() -> KafkaLog {
    let address = address().await;
    create(&address).await;
    open(&address).await
}

async fn fresh() -> (Arc<dyn EventLog>, ()) {
    (Arc::new(log().await), ())
}

#[tokio::test]
async fn closing_and_opening_again_keeps_everything() {
    let address = address().await;
    create(&address).await;
    let log = Arc::new(open(&address).await);
    contract::reopening_keeps_everything(log, |log: Arc<dyn EventLog>| async move {
        log.close().await;
        Arc::new(open(&address).await) as Arc<dyn EventLog>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_handle_was_told_is_there_once_the_newest_is_asked_for() {
    let address = address().await;
    create(&address).await;
    let (writer, reader) = (open(&address).await, open(&address).await);
    for number in 0..50 {
        let offset = append(&writer, DOSSIERS, &number.to_string()).await;
        assert_eq!(reader.newest(DOSSIERS).await.unwrap(), offset + 1);
        assert_eq!(reader.end(DOSSIERS).await.unwrap(), offset + 1);
    }
}

/// What comes of `future`, which must end within so many seconds.
async fn within<T>(seconds: u64, what: &str, future: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(Duration::from_secs(seconds), future).await;
    ended.unwrap_or_else(|_| panic!("not within {seconds} s: {what}"))
}

/// Asks until the answer is yes, for at most so many seconds.
async fn until(seconds: u64, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(seconds, what, asked).await;
}

/// Waits until the condition of a log is so.
async fn condition(log: &KafkaLog, what: &str, is_so: impl Fn(&Condition) -> bool) -> Condition {
    let mut condition = log.condition();
    within(40, what, condition.wait_for(is_so)).await.unwrap().clone()
}

async fn is_fine(log: &KafkaLog) {
    condition(log, "the log is fine", Condition::is_fine).await;
}

fn says(condition: &Condition, text: &str) -> bool {
    condition.to_string().contains(text)
}

async fn append(log: &KafkaLog, partition: Partition, name: &str) -> u64 {
    within(40, name, log.append(partition, contract::record(name))).await.unwrap()
}

/// The names of all records of a partition, in order.
async fn names(log: &KafkaLog, partition: Partition) -> Vec<String> {
    let all = read_all(log, partition, 0, ReadLimit::default()).await;
    all.into_iter().map(|stored| String::from_utf8(stored.record.key.to_vec()).unwrap()).collect()
}

/// What a follower of a partition reads until the log is over, and why it then is.
async fn follow(log: Arc<KafkaLog>, partition: Partition) -> (Vec<Stored>, ReadError) {
    let (mut all, mut from) = (Vec::new(), 0);
    let mut tail = log.tail(partition).unwrap();
    loop {
        match log.read(partition, from, ReadLimit::default()).await {
            Ok(batch) if batch.is_empty() => {
                // Its sender has gone when the log is over, and the next read says why.
                let _ = tail.wait_for(|end| *end > from).await;
            }
            Ok(batch) => {
                from = batch[batch.len() - 1].offset + 1;
                all.extend(batch);
            }
            Err(error) => return (all, error),
        }
    }
}

/// An error with all that led to it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// How a stranger reaches the brokers.
fn stranger(address: &KafkaAddress) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address.brokers());
    config
}

fn admin(address: &KafkaAddress) -> AdminClient<DefaultClientContext> {
    stranger(address).create().unwrap()
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)))
}

/// Writes records past the log, all at once.
async fn write_past(address: &KafkaAddress, partition: Partition, records: &[Record]) {
    let producer: FutureProducer =
        stranger(address).set("queue.buffering.max.messages", "100000").create().unwrap();
    let topic = address.topic(Topic::of(partition));
    let sent = records.iter().map(|given| {
        let message = FutureRecord::<[u8], [u8]>::to(&topic)
            .partition(number(partition))
            .key(&given.key)
            .payload(&given.value)
            .headers(record::headers(given));
        producer.send_result(message).unwrap()
    });
    for delivery in within(30, "records are written", join_all(sent)).await {
        delivery.unwrap().unwrap();
    }
}

/// Records of these numbers.
fn numbered(numbers: std::ops::Range<u64>) -> Vec<Record> {
    numbers.map(|number| contract::record(&number.to_string())).collect()
}

fn records(all: Vec<Stored>) -> Vec<Record> {
    all.into_iter().map(|stored| stored.record).collect()
}

/// How long `future` takes, and what comes of it.
async fn timed<T>(future: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let answer = future.await;
    (began.elapsed(), answer)
}
