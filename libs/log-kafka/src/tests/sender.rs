//! The producer, on librdkafka's own mock of a broker, which fails as it is told.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lienthong_log::AppendError;
use lienthong_log::contract::record;
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, Producer};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tokio_util::task::TaskTracker;

use super::within;
use crate::sender::{Producers, Sender};
use crate::{KafkaAddress, Security, settings};

const TOPIC: &str = "topic";

type Mock = MockCluster<'static, DefaultProducerContext>;

fn mock() -> (Mock, ClientConfig) {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic(TOPIC, 1, 1).unwrap();
    let address: KafkaAddress = format!("{}/prefix", mock.bootstrap_servers()).parse().unwrap();
    let client = settings::client(&address, &Security::default()).unwrap();
    let config = settings::producer(&client);
    (mock, config)
}

fn start(config: ClientConfig) -> (Arc<Producers>, Sender) {
    let producers = Producers::new(config).unwrap();
    let sender = Sender::start(&producers, TOPIC.to_owned(), 0, &TaskTracker::new());
    (producers, sender)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_producer_that_failed_for_good_is_replaced_and_appends_go_on() {
    let (mock, config) = mock();
    let (producers, sender) = start(config);
    within(10, "the first", sender.send(record("first"))).await.unwrap();
    let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    mock.request_errors(RDKafkaApiKey::Produce, &[error]);
    let open = within(30, "the open one", sender.send(record("open"))).await;
    assert!(matches!(open, Err(AppendError::Unknown { .. })), "{open:?}");
    within(10, "the next", sender.send(record("next"))).await.unwrap();
    assert_eq!(producers.now().0, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_batch_goes_to_the_producer_that_replaced_a_failed_one() {
    let (mock, mut config) = mock();
    // So that the failure is heard in the middle of the batch.
    config.set("queue.buffering.max.messages", "10");
    let (producers, sender) = start(config);
    within(10, "the first", sender.send(record("first"))).await.unwrap();
    let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    mock.request_errors(RDKafkaApiKey::Produce, &[error]);
    let batch = (0..200).map(|number: u64| (record(&number.to_string()), None)).collect();
    let sent = within(30, "the batch", sender.send_in_order(batch)).await;
    assert!(matches!(sent, Err(AppendError::Unknown { .. })), "{sent:?}");
    assert_eq!(producers.now().0, 1);
    // The next record stands right behind what the failed one may have brought, which is at most its own queue.
    let next = within(10, "the next", sender.send(record("next"))).await.unwrap();
    assert!(next <= 11, "{next}: the rest of the batch went on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_makes_appends_wait() {
    let (mock, mut config) = mock();
    config.set("queue.buffering.max.messages", "10");
    mock.broker_round_trip_time(1, Duration::from_millis(20)).unwrap();
    let (producers, sender) = start(config);
    let names: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    let mut sent: FuturesUnordered<_> = names.iter().map(|name| sender.send(record(name))).collect();
    let (mut answered, mut most) = (0, 0);
    let all = async {
        while let Some(answer) = sent.next().await {
            answer.unwrap();
            answered += 1;
            most = most.max(producers.now().1.in_flight_count());
        }
    };
    within(30, "all are answered", all).await;
    assert_eq!(answered, 200);
    // With a few that are no records.
    assert!((1..=20).contains(&most), "{most} at once");
}
