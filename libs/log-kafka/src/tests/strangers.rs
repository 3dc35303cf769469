//! Topics that were deleted and made anew under an open log.

use std::sync::Arc;

use lienthong_log::{AppendError, EventLog, ReadError, ReadLimit};
use rdkafka::admin::{NewTopic, TopicReplication};
use rdkafka::types::RDKafkaErrorCode;
use tokio_util::sync::CancellationToken;

use super::{
    DOSSIERS, address, admin, create, follow, numbered, open, options, records, until, with_causes, within,
    write_past,
};
use crate::address::{KafkaAddress, Topic};
use crate::history::{History, Want};
use crate::topic_ids::TopicIds;
use crate::{Security, settings};

const RECORDS: u64 = 20;

/// Deletes a topic, and makes one of the same name and settings at once.
async fn make_anew(address: &KafkaAddress, topic: Topic) {
    let (admin, name) = (admin(address), address.topic(topic));
    admin.delete_topics(&[&name], &options()).await.unwrap()[0].as_ref().unwrap();
    until(20, "the topic is made anew", async || {
        let partitions = if topic == Topic::Dossiers { 3 } else { 1 };
        let mut fresh = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        for (key, value) in
            [("retention.ms", "-1"), ("retention.bytes", "-1"), ("message.timestamp.type", "LogAppendTime")]
        {
            fresh = fresh.set(key, value);
        }
        match admin.create_topics([&fresh], &options()).await.unwrap().remove(0) {
            Ok(_) => true,
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => false,
            Err((_, code)) => panic!("{code}"),
        }
    })
    .await;
}

/// A log of so many records, the topic of dossiers made anew with `anew` records, and what a follower got.
async fn check(anew: u64) {
    let address = address().await;
    create(&address).await;
    let log = Arc::new(open(&address).await);
    write_past(&address, DOSSIERS, &numbered(0..RECORDS)).await;
    let mut tail = log.tail(DOSSIERS).unwrap();
    within(10, "all is read", tail.wait_for(|end| *end == RECORDS)).await.unwrap();
    let follower = tokio::spawn(follow(Arc::clone(&log), DOSSIERS));

    make_anew(&address, Topic::Dossiers).await;
    write_past(&address, DOSSIERS, &numbered(1000..1000 + anew)).await;
    let (read, error) = within(10, "the follower ends", follower).await.unwrap();
    assert_eq!(records(read), numbered(0..RECORDS));
    assert!(matches!(error, ReadError::Failed { .. }), "{error:?}");
    let why = with_causes(&error);
    assert!(why.contains(&address.topic(Topic::Dossiers)) && why.contains("made anew"), "{why}");
    for partition in [DOSSIERS, lienthong_log::Partition::Registry] {
        assert!(matches!(log.end(partition).await, Err(ReadError::Failed { .. })));
        let append = log.append(partition, lienthong_log::contract::record("late")).await;
        assert!(matches!(append, Err(AppendError::Failed { .. })), "{append:?}");
    }
    // It is a log like any other to whoever opens it now.
    assert_eq!(open(&address).await.end(DOSSIERS).await.unwrap(), anew);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_made_anew_and_empty_ends_the_log() {
    check(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_made_anew_with_more_records_ends_the_log_before_any_of_them() {
    check(10 * RECORDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasable_topic_made_anew_ends_the_log() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    log.put_erasable("key", [1; 32]).await.unwrap();
    let mut tail = log.tail(DOSSIERS).unwrap();
    make_anew(&address, Topic::Erasable).await;
    let over = async { while tail.changed().await.is_ok() {} };
    within(10, "the log is over", over).await;
    assert!(matches!(log.erasable("key").await, Err(ReadError::Failed { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_gives_no_record_of_a_topic_made_anew() {
    let address = address().await;
    create(&address).await;
    write_past(&address, DOSSIERS, &numbered(0..RECORDS)).await;
    let client = settings::client(&address, &Security::default()).unwrap();
    let config = settings::history(&client);
    let history =
        History::new(address.clone(), config, Arc::new(TopicIds::default()), CancellationToken::new());
    let want =
        |from, until| Want { partition: DOSSIERS, from, until, limit: ReadLimit::default(), may_end: false };
    assert_eq!(records(history.read(want(0, 10)).await.unwrap()), numbered(0..10));
    assert_eq!(records(history.read(want(10, RECORDS)).await.unwrap()), numbered(10..RECORDS));
    make_anew(&address, Topic::Dossiers).await;
    write_past(&address, DOSSIERS, &numbered(1000..1000 + 10 * RECORDS)).await;
    // On the lane that stands there, and on one that does not.
    for from in [RECORDS, 0] {
        let read = within(15, "an answer", history.read(want(from, 10 * RECORDS))).await;
        assert!(read.is_err(), "{} records of a stranger", read.unwrap().len());
    }
    history.close();
}
