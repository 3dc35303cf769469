//! Values and tombstones that do not go with the events are put right, or told.

use std::sync::Arc;
use std::time::Duration;

use lienthong_log::{EventLog, MemoryLog, Partition, ReadLimit};
use lienthong_wire::pb::personal::v1::PersonalDetails;

use super::*;
use crate::testing::outage::Outage;
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

const OTHER: &str = "H56.2-261102-0002";

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn over(log: &Arc<Outage>) -> Site {
    Site::over(Arc::clone(log) as Arc<dyn EventLog>, &erasable_charter())
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let reached = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.expect(what);
}

#[tokio::test]
async fn a_dossier_whose_trouble_passes_holds_up_no_other() {
    let log = Outage::new(PARTITIONS, None);
    let site = over(&log);
    let desk = site.desk().await;
    for of in [CODE, OTHER] {
        desk.submit(refusal(of, &PersonalDetails::default())).await.unwrap();
    }
    desk.0.upkeep.done().await;
    log.leave_unanswered(Some(CODE));
    desk.submit(erase(CODE)).await.unwrap();
    until("it is tried again", async || desk.upkeep().retried > 1).await;
    desk.submit(erase(OTHER)).await.unwrap();
    until("the other one is forgotten", async || log.log.erasable(OTHER).await.unwrap().is_none()).await;
    // All that was asked for is not done before the first one is.
    assert!(desk.0.upkeep.done().now_or_never().is_none());
    until("it is said to wait", async || desk.upkeep().waiting == 1).await;
    log.leave_unanswered(None);
    tokio::time::timeout(PATIENCE, desk.0.upkeep.done()).await.unwrap();
    assert_eq!(log.log.erasable(CODE).await.unwrap(), None);
    let UpkeepCounts { forgotten, left, waiting, .. } = desk.upkeep();
    assert_eq!((forgotten, left, waiting), (2, 0, 0));
    desk.stop().await;
}

#[tokio::test]
async fn keys_are_forgotten_whatever_is_the_matter_with_the_start_or_the_index() {
    let log = Outage::new(PARTITIONS, None);
    let site = over(&log);
    let desk = site.desk().await;
    for of in [CODE, OTHER] {
        desk.submit(refusal(of, &PersonalDetails::default())).await.unwrap();
    }
    desk.stop().await;
    drop(desk);
    let store = site.store("anew");
    let anew = Node::open(site.parts(lienthong_registry::training::WARD_DESK_NODE, &store)).await.unwrap();
    // None of its tasks has begun yet.
    let source = Arc::new(std::io::Error::other("the disk is slow"));
    log.fail_ends(Some(lienthong_log::ReadError::Failed { source }));
    anew.0.upkeep.index_fails.store(true, Ordering::Relaxed);
    until("it waits for the log", async || anew.upkeep().retried > 1).await;
    log.fail_ends(None);
    anew.caught_up().await.unwrap();
    anew.submit(erase(CODE)).await.unwrap();
    until("it is forgotten", async || log.log.erasable(CODE).await.unwrap().is_none()).await;
    assert_eq!(anew.store().indexed(&code(OTHER)).unwrap(), None, "the index is not ready");
    assert!(anew.0.upkeep.done().now_or_never().is_none());
    anew.0.upkeep.index_fails.store(false, Ordering::Relaxed);
    tokio::time::timeout(PATIENCE, anew.0.upkeep.done()).await.unwrap();
    assert!(anew.store().indexed(&code(OTHER)).unwrap().is_some(), "what was passed over is looked into");
    anew.stop().await;
}

#[tokio::test]
async fn a_node_whose_upkeep_ends_goes_on_no_further() {
    let log = Outage::new(PARTITIONS, None);
    let site = over(&log);
    log.break_lists();
    let desk = site.desk().await;
    tokio::time::timeout(PATIENCE, desk.failed().cancelled()).await.unwrap();
    assert_eq!(desk.why_not(), ["the upkeep panicked"]);
    desk.stop().await;
}

#[tokio::test]
async fn a_task_that_ends_takes_its_node_with_it_unless_that_stops_anyway() {
    let site = Site::new();
    let desk = site.desk().await;
    until_stopped(&desk, "following", "nothing is followed", async {}).await;
    assert_eq!(desk.why_not(), ["the following ended"]);
    desk.stop().await;
    let land = site.land().await;
    land.stop().await;
    until_stopped(&land, "following", "nothing is followed", async {}).await;
    assert!(!land.failed().is_cancelled());
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
