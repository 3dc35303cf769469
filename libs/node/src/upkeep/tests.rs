//! Values and tombstones that do not go with the events are put right, or told.

use std::sync::Arc;

use lienthong_log::{EventLog, MemoryLog, Partition, ReadLimit};
use lienthong_wire::pb::personal::v1::PersonalDetails;

use super::*;
use crate::testing::*;

/// The same records in another log, as whoever restored a backup has them.
async fn restored(site: &Site) -> Arc<dyn EventLog> {
    let log = MemoryLog::new(PARTITIONS);
    for partition in 0..PARTITIONS {
        let partition = Partition::Dossiers(partition);
        for stored in site.log.read(partition, 0, ReadLimit::default()).await.unwrap() {
            log.append(partition, stored.record).await.unwrap();
        }
    }
    Arc::new(log)
}

#[tokio::test]
async fn a_value_that_stands_though_its_dossier_is_erased_is_forgotten_at_the_start() {
    let site = Site::over(Arc::new(MemoryLog::new(PARTITIONS)), &erasable_charter());
    let desk = site.desk().await;
    desk.submit(refusal(CODE, &PersonalDetails::default())).await.unwrap();
    desk.submit(erase(CODE)).await.unwrap();
    desk.stop().await;
    let log = restored(&site).await;
    log.put_erasable(CODE, [1; 32]).await.unwrap();
    let site = Site { log, ..site };
    let anew = site.node(lienthong_registry::training::WARD_DESK_NODE, "anew").await;
    anew.0.upkeep.done().await;
    assert_eq!(site.log.erasable(CODE).await.unwrap(), None);
    assert_eq!(anew.upkeep(), UpkeepCounts { forgotten: 1, ..UpkeepCounts::default() });
    anew.stop().await;
}

#[tokio::test]
async fn a_tombstone_that_no_event_explains_is_told() {
    let site = Site::new();
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.0.upkeep.done().await;
    desk.stop().await;
    drop(desk);
    site.log.forget_erasable(CODE).await.unwrap();
    let again = site.desk().await;
    again.0.upkeep.done().await;
    assert_eq!(again.upkeep(), UpkeepCounts { lost: 1, ..UpkeepCounts::default() });
    again.stop().await;
}

#[tokio::test]
async fn when_more_is_asked_than_the_queue_holds_everything_is_looked_at() {
    let upkeep = Upkeep::default();
    assert!(upkeep.take().all, "at the start");
    for number in 0..CHORES_MAX {
        upkeep.ask(code(&format!("c{number}")));
    }
    assert!(!upkeep.asked.lock().unwrap().all);
    upkeep.ask(code("one-more"));
    let asked = upkeep.take();
    assert!(asked.all && asked.codes.is_empty());
    assert_eq!(asked.number, 2 + CHORES_MAX as u64);
}
