//! Reading far back, by many at once.

use std::sync::Arc;

use futures::future::join_all;
use lienthong_log::contract::read_all;
use lienthong_log::{EventLog, Partition, ReadLimit, Record};

use super::{DOSSIERS, PLAN, address, create, numbered, open, records, within, write_past};
use crate::{KafkaLog, Security, TopicPlan};

const RECORDS: u64 = 5000;

/// What a read of `limit` gives of these records, which stand at offsets from 0 on.
fn expected(all: &[Record], from: usize, limit: ReadLimit) -> &[Record] {
    let (mut count, mut total) = (0, 0);
    for record in &all[from..] {
        if !limit.has_room(count, total, record.bytes()) {
            break;
        }
        count += 1;
        total += record.bytes();
    }
    &all[from..from + count]
}

async fn check(log: &KafkaLog, all: &[Record], from: u64, limit: ReadLimit) -> u64 {
    let batch = log.read(DOSSIERS, from, limit).await.unwrap();
    let offsets: Vec<_> = batch.iter().map(|stored| stored.offset).collect();
    let next = from + offsets.len() as u64;
    assert_eq!(offsets, (from..next).collect::<Vec<_>>());
    let expected = expected(all, usize::try_from(from).unwrap(), limit);
    assert!(records(batch) == expected, "from {from}, {limit:?}");
    next
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_readers_of_one_partition_each_get_what_they_ask_for() {
    let address = address().await;
    create(&address).await;
    let all: Arc<[Record]> = numbered(0..RECORDS).into();
    write_past(&address, DOSSIERS, &all).await;
    let log = Arc::new(open(&address).await);
    assert_eq!(log.end(DOSSIERS).await.unwrap(), RECORDS);
    let streams = (0..4u64).map(|number| {
        let (log, all) = (Arc::clone(&log), Arc::clone(&all));
        tokio::spawn(async move {
            let mut from = number * 100;
            while from < RECORDS {
                let records = 100 + 50 * usize::try_from(number).unwrap();
                from = check(&log, &all, from, ReadLimit { records, ..ReadLimit::default() }).await;
            }
        })
    });
    let ranges = (0..6).map(|_| {
        let (log, all) = (Arc::clone(&log), Arc::clone(&all));
        tokio::spawn(async move {
            for _ in 0..15 {
                let limit = ReadLimit { records: fastrand::usize(1..200), bytes: fastrand::usize(1..20_000) };
                check(&log, &all, fastrand::u64(0..RECORDS), limit).await;
            }
        })
    });
    let tasks: Vec<_> = streams.chain(ranges).collect();
    for task in within(60, "all is read", join_all(tasks)).await {
        task.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_eight_partitions_catch_up_at_once() {
    let address = address().await;
    let plan = TopicPlan { dossier_partitions: 48, ..PLAN };
    KafkaLog::create(&address, &Security::default(), plan).await.unwrap();
    let range = |number: u16| u64::from(number) * 1000..u64::from(number) * 1000 + 100;
    for number in 0..48 {
        write_past(&address, Partition::Dossiers(number), &numbered(range(number))).await;
    }
    let log = Arc::new(within(20, "the log opens", open(&address)).await);
    let readers = (0..48).map(|number| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let limit = ReadLimit { records: 30, ..ReadLimit::default() };
            let all = read_all(&*log, Partition::Dossiers(number), 0, limit).await;
            assert_eq!(records(all), numbered(range(number)));
        })
    });
    for reader in within(30, "all have caught up", join_all(readers.collect::<Vec<_>>())).await {
        reader.unwrap();
    }
}
