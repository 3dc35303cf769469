//! Erasable values of two logs at once.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join;
use lienthong_log::{AppendError, EventLog};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};

use super::{address, create, open, stranger, within};
use crate::KafkaAddress;
use crate::address::Topic;

/// The last record of every key, as it stands on the topic.
struct Raw {
    consumer: BaseConsumer,
    last: HashMap<Vec<u8>, Vec<u8>>,
}

impl Raw {
    fn new(address: &KafkaAddress) -> Self {
        let consumer: BaseConsumer = stranger(address).set("group.id", "raw").create().unwrap();
        let mut place = TopicPartitionList::new();
        place.add_partition_offset(&address.topic(Topic::Erasable), 0, Offset::Beginning).unwrap();
        consumer.assign(&place).unwrap();
        Self { consumer, last: HashMap::new() }
    }

    /// Reads until what stands last is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&HashMap<Vec<u8>, Vec<u8>>) -> bool) {
        let read = async {
            while !is_so(&self.last) {
                let message = tokio::task::block_in_place(|| self.consumer.poll(Duration::from_millis(50)));
                if let Some(Ok(message)) = message {
                    let bytes = |bytes: Option<&[u8]>| bytes.expect("no nulls here").to_vec();
                    self.last.insert(bytes(message.key()), bytes(message.payload()));
                }
            }
        };
        within(20, what, read).await;
    }
}

async fn write(address: &KafkaAddress, key: &str, value: &[u8]) {
    let producer: FutureProducer = stranger(address).create().unwrap();
    let topic = address.topic(Topic::Erasable);
    let message = FutureRecord::to(&topic).partition(0).key(key).payload(value);
    producer.send(message, Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_logs_that_put_at_once_are_told_the_same_and_it_stands_last() {
    let address = address().await;
    create(&address).await;
    let (one, other) = (open(&address).await, open(&address).await);
    let mut stands = HashMap::new();
    for number in 0..20 {
        let key = format!("key {number}");
        let (first, second) = join(one.put_erasable(&key, [1; 32]), other.put_erasable(&key, [2; 32])).await;
        assert_eq!(first.unwrap(), second.clone().unwrap(), "{key}");
        stands.insert(key.into_bytes(), second.unwrap().to_vec());
    }
    Raw::new(&address).until("what stands stands last", |last| *last == stands).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_is_written_behind_whatever_came_too_late() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    log.put_erasable("kept", [1; 32]).await.unwrap();
    log.put_erasable("forgotten", [1; 32]).await.unwrap();
    log.forget_erasable("forgotten").await.unwrap();
    let mut raw = Raw::new(&address);
    for key in ["kept", "forgotten"] {
        write(&address, key, &[2; 32]).await;
        raw.until("it is there", |last| last.get(key.as_bytes()).is_some_and(|value| *value == [2; 32]))
            .await;
    }
    let put_right = |last: &HashMap<Vec<u8>, Vec<u8>>| {
        last[&b"kept"[..]] == [1; 32] && last[&b"forgotten"[..]].is_empty()
    };
    raw.until("it is put right", put_right).await;
    for log in [&log, &open(&address).await] {
        assert_eq!(log.erasable("kept").await.unwrap(), Some([1; 32]));
        assert_eq!(log.erasable("forgotten").await.unwrap(), None);
        let refused = log.put_erasable("forgotten", [3; 32]).await;
        assert!(matches!(refused, Err(AppendError::Erased)), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_log_sees_at_once_what_one_put() {
    let address = address().await;
    create(&address).await;
    let (one, other) = (open(&address).await, open(&address).await);
    for number in 0..20 {
        let key = format!("key {number}");
        one.put_erasable(&key, [number; 32]).await.unwrap();
        assert_eq!(other.erasable(&key).await.unwrap(), Some([number; 32]));
    }
    let listed = other.erasables("", 100).await.unwrap();
    assert_eq!(listed.len(), 20);
    // Keys and values of other sizes are no erasable values; whoever wrote them may not write here.
    write(&address, "foreign", &Bytes::from_static(b"short")).await;
    assert_eq!(other.erasables("", 100).await.unwrap(), listed);
}
