//! Brokers that are away for a while.

use std::time::Duration;

use bytes::Bytes;
use lienthong_broker::Options;
use lienthong_log::{Condition, EventLog, ReadError, ReadLimit, Record};
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::{
    DOSSIERS, address_at, append, cluster, condition, create, is_fine, open, says, stranger, timed, within,
};
use crate::{KafkaLog, OpenError, Security};

/// More than is kept in memory.
const RECORDS: u64 = 40;

fn large(number: u64) -> Record {
    Record { key: Bytes::new(), headers: Vec::new(), value: vec![number as u8; 60_000].into() }
}

pub(super) async fn brokers_that_are_away_are_named_and_all_comes_back_with_them() {
    let create_topics = ("auto.create.topics.enable".to_owned(), "true".to_owned());
    let cluster = cluster(Options { extra: vec![create_topics], ..Options::default() }).await;
    let address = address_at(cluster.bootstrap());
    asking_for_a_log_makes_no_topic(&address_at(cluster.bootstrap())).await;
    create(&address).await;
    let log = open(&address).await;
    for number in 0..RECORDS {
        within(20, "an append", log.append(DOSSIERS, large(number))).await.unwrap();
    }

    tokio::task::block_in_place(|| cluster.kill(0)).unwrap();
    let missing =
        |condition: &Condition| says(condition, cluster.bootstrap()) && says(condition, "do not answer");
    condition(&log, "the brokers are named", missing).await;
    assert_eq!(log.end(DOSSIERS).await.unwrap(), RECORDS);
    let newest = log.read(DOSSIERS, RECORDS - 1, ReadLimit::default()).await.unwrap();
    assert_eq!(newest[0].record, large(RECORDS - 1));
    let security = Security::default();
    let (read, opened) = futures::future::join(
        timed(log.read(DOSSIERS, 0, ReadLimit::default())),
        timed(KafkaLog::open(&address, &security)),
    )
    .await;
    let (took, read) = read;
    assert!(matches!(read, Err(ReadError::Unavailable { .. })), "{read:?}");
    assert!(took < Duration::from_secs(15), "{took:?}");
    let (took, opened) = opened;
    assert!(matches!(opened, Err(OpenError::Unreachable { .. })), "{:?}", opened.err());
    assert!(took < Duration::from_secs(10), "{took:?}");

    tokio::task::block_in_place(|| cluster.restart(0)).unwrap();
    is_fine(&log).await;
    assert_eq!(append(&log, DOSSIERS, "after it").await, RECORDS);
    let first = within(20, "history is read", log.read(DOSSIERS, 0, ReadLimit::default())).await.unwrap();
    assert_eq!(first[0].record, large(0));
}

/// Not even where the brokers would make one for whoever asks.
async fn asking_for_a_log_makes_no_topic(address: &crate::KafkaAddress) {
    let opened = KafkaLog::open(address, &Security::default()).await;
    assert!(matches!(opened, Err(OpenError::Missing { .. })), "{:?}", opened.err());
    let asking: BaseConsumer = stranger(address).create().unwrap();
    let all = tokio::task::block_in_place(|| asking.fetch_metadata(None, Duration::from_secs(10))).unwrap();
    let made: Vec<_> = all.topics().iter().map(|topic| topic.name()).collect();
    assert!(!made.iter().any(|name| name.starts_with(address.prefix())), "{made:?}");
}
