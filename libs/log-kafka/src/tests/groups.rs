//! The brokers keep nothing of a reader.

use std::time::Duration;

use lienthong_log::EventLog;
use lienthong_log::contract::EVERY_KIND;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::{address, append, create, names, open, stranger};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_and_writing_leaves_no_group_behind() {
    let address = address().await;
    create(&address).await;
    for life in 1..=2 {
        let log = open(&address).await;
        for partition in EVERY_KIND {
            append(&log, partition, "one").await;
            assert_eq!(names(&log, partition).await.len(), life);
        }
        log.close().await;
    }
    let asking: BaseConsumer = stranger(&address).create().unwrap();
    let groups =
        tokio::task::block_in_place(|| asking.fetch_group_list(None, Duration::from_secs(10))).unwrap();
    let ours: Vec<_> =
        groups.groups().iter().map(|group| group.name()).filter(|name| name.contains("lienthong")).collect();
    assert_eq!(ours, Vec::<&str>::new());
}
