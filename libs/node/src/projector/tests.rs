//! Projections and the logs under them.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use lienthong_admission::Reason;
use lienthong_log::{MemoryLog, Record};
use lienthong_seal::partition_of;

use super::*;
use crate::testing::outage::Outage;
use crate::testing::*;

on_every_log! {
    told
    a_projection_of_this_log_goes_on_where_it_was
    a_log_made_anew_under_a_projection_is_noticed_and_read_from_its_start
    a_shorter_log_and_one_with_another_last_record_are_noticed_too
    a_projection_of_another_log_is_moved_aside
    a_node_far_behind_comes_to_the_same_digests_as_one_that_followed
    what_is_loaded_is_what_would_have_been_written
    what_is_held_over_several_reads_is_what_would_have_been_written
    a_node_is_found_as_it_was_left
}

fn junk(text: &str) -> Record {
    Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::copy_from_slice(text.as_bytes()) }
}

/// The same site over another log with the same genesis and no dossiers.
async fn moved(site: Site, on: On) -> Site {
    let log = on.fresh(site.dir.path(), PARTITIONS).await;
    let charter = training_charter().on(log.as_ref()).await;
    Site { log, charter, ..site }
}

fn aside(site: &Site) -> bool {
    site.store("desk.damaged-1").exists()
}

/// Which dossiers of [`CODE`]'s day a node knows.
fn codes(node: &Node) -> Vec<String> {
    let found = node.store().codes_with_prefix("H56.2-261102-");
    found.map(|code| code.unwrap().to_string()).collect()
}

async fn told(on: On) -> Site {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    offered(&desk).await;
    desk.stop().await;
    site
}

async fn a_projection_of_this_log_goes_on_where_it_was(on: On) {
    let site = told(on).await;
    let digest = {
        let desk = site.desk().await;
        desk.submit(command("H56.2-261102-0002", "2026-11-02 09:00", DESK, receive())).await.unwrap();
        desk.stop().await;
        desk.digest().unwrap().0
    };
    assert!(!aside(&site));
    let anew = site.node("ward-desk", "anew").await;
    assert_eq!(anew.digest().unwrap().0, digest);
    anew.stop().await;
}

async fn a_log_made_anew_under_a_projection_is_noticed_and_read_from_its_start(on: On) {
    let other = "H56.2-261102-0007";
    let site = moved(told(on).await, on).await;
    {
        let elsewhere = site.node("ward-desk", "elsewhere").await;
        elsewhere.submit(command(other, "2026-11-02 08:15", DESK, receive())).await.unwrap();
        elsewhere.stop().await;
    }
    let desk = site.desk().await;
    assert!(aside(&site));
    assert_eq!(codes(&desk), [other]);
    desk.stop().await;
}

async fn a_shorter_log_and_one_with_another_last_record_are_noticed_too(on: On) {
    for keep in [2, 3] {
        let site = told(on).await;
        let partition = Partition::Dossiers(partition_of(CODE, PARTITIONS));
        let records = site.records(CODE).await;
        let site = moved(site, on).await;
        for stored in records.into_iter().take(2) {
            site.log.append(partition, stored.record).await.unwrap();
        }
        for n in 2..keep {
            site.log.append(partition, junk(&n.to_string())).await.unwrap();
        }
        let desk = site.desk().await;
        assert!(aside(&site), "{keep} records");
        assert_eq!(desk.store().state(&code(CODE)).unwrap().unwrap().records.len(), 2);
        desk.stop().await;
    }
}

async fn a_projection_of_another_log_is_moved_aside(on: On) {
    let site = told(on).await;
    let log = on.fresh(site.dir.path(), PARTITIONS).await;
    let charter = charter(|parts| parts.imports.clear()).on(log.as_ref()).await;
    assert_ne!(charter.log_id, site.charter.log_id);
    let site = Site { log, charter, ..site };
    let desk = site.desk().await;
    assert!(aside(&site));
    assert_eq!(codes(&desk), [""; 0]);
    desk.stop().await;
}

async fn a_node_far_behind_comes_to_the_same_digests_as_one_that_followed(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let partition = Partition::Dossiers(partition_of(CODE, PARTITIONS));
    for n in 0..3 * INLINE_RECORDS_MAX {
        site.log.append(partition, junk(&n.to_string())).await.unwrap();
    }
    desk.catch_up().await.unwrap();
    offered(&desk).await;
    let late = site.node("ward-desk", "late").await;
    assert_eq!(late.digest().unwrap(), desk.digest().unwrap());
    let (_, cursor) = &late.digest().unwrap().1[usize::from(partition_of(CODE, PARTITIONS))];
    assert_eq!(Reason::counted(cursor), [(Reason::Decoding, 3 * INLINE_RECORDS_MAX as u64)]);
    desk.stop().await;
    late.stop().await;
}

async fn what_is_loaded_is_what_would_have_been_written(on: On) {
    let site = Site::on(on).await;
    behind(&site, None).await;
}

/// So much is applied that loading would not pay.
async fn what_is_held_over_several_reads_is_what_would_have_been_written(on: On) {
    let site = Site::on(on).await;
    let partition = Partition::Dossiers(partition_of(CODE, PARTITIONS));
    let records = (0..10 * FAR_BEHIND_RECORDS).map(|n| junk(&n.to_string()));
    join_all(records.map(|record| site.log.append(partition, record))).await;
    let late = site.node("ward-desk", "late").await;
    late.stop().await;
    let was = late.digest().unwrap().0;
    drop(late);
    behind(&site, Some(was)).await;
}

/// A node that is far behind comes to what one has that was not. Between the records of a dossier lies so much that its state
/// is held while the log is read on.
async fn behind(site: &Site, was: Option<Hash>) {
    let desk = site.desk().await;
    assert!(was.is_none_or(|was| was == desk.digest().unwrap().0));
    let number = partition_of(CODE, PARTITIONS);
    let partition = Partition::Dossiers(number);
    // Two of these are more than one read gives and as much again.
    let fill = || async {
        let records = (0..FAR_BEHIND_RECORDS + 64).map(|n| junk(&format!("{n:01024}")));
        join_all(records.map(|record| site.log.append(partition, record))).await
    };
    desk.submit(reception()).await.unwrap();
    fill().await;
    desk.catch_up().await.unwrap();
    desk.submit(first_step()).await.unwrap();
    fill().await;
    desk.catch_up().await.unwrap();
    let late = site.node("ward-desk", "late").await;
    assert_eq!(late.digest().unwrap(), desk.digest().unwrap());
    assert_eq!(late.store().state(&code(CODE)).unwrap(), desk.store().state(&code(CODE)).unwrap());
    let voids = |node: &Node| node.store().voids(number, None, 2 * VOIDS_HELD).unwrap();
    assert_eq!(voids(&late), voids(&desk));
    assert_eq!(voids(&late).len(), VOIDS_HELD);
    desk.stop().await;
    late.stop().await;
    drop(late);
    // Opening it adds up every row.
    let again = site.node("ward-desk", "late").await;
    assert_eq!(again.digest().unwrap(), desk.digest().unwrap());
    assert!(!site.store("late.damaged-1").exists());
    again.stop().await;
}

/// A reception that the desk's projection has, and behind it in its partition more than one read gives.
async fn far_behind() -> (Arc<Outage>, Site) {
    let log = Outage::new(PARTITIONS, None);
    let site = Site::over(Arc::<Outage>::clone(&log), &training_charter());
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.stop().await;
    let partition = Partition::Dossiers(partition_of(CODE, PARTITIONS));
    let records = (0..2 * FAR_BEHIND_RECORDS).map(|n| junk(&format!("{n:01024}")));
    join_all(records.map(|record| site.log.append(partition, record))).await;
    (log, site)
}

#[tokio::test]
async fn a_node_stopped_while_it_judges_writes_where_there_was_nothing_and_leaves_what_there_was() {
    let (log, site) = far_behind().await;
    let partition = partition_of(CODE, PARTITIONS);
    for (name, is_new) in [("late", true), ("desk", false)] {
        let node = Node::open(site.parts("ward-desk", &site.store(name))).await.unwrap();
        let applied = || node.store().cursor(partition).unwrap().next;
        let was = applied();
        assert_eq!(was == 0, is_new);
        log.hold_reads(Some(was + 1));
        log.is_read().await;
        // Though the log does not answer.
        node.stop().await;
        assert_eq!(applied() > was, is_new);
        log.hold_reads(None);
        drop(node);
        site.node("ward-desk", name).await.stop().await;
    }
}

#[tokio::test]
async fn a_partition_whose_rows_have_no_room_beside_the_store_is_followed() {
    let (_, site) = far_behind().await;
    let (disk, elsewhere) = (site.store("disk"), site.store("elsewhere"));
    let node = Node::open(site.parts("ward-desk", &disk.join("late"))).await.unwrap();
    // The store is open, and there is no folder to make a file in.
    std::fs::rename(&disk, &elsewhere).unwrap();
    node.caught_up().await.unwrap();
    std::fs::rename(&elsewhere, &disk).unwrap();
    let digest = node.digest().unwrap();
    node.stop().await;
    assert_eq!(site.desk().await.digest().unwrap(), digest);
}

#[tokio::test]
async fn a_log_of_another_size_is_refused() {
    let site = Site::over(Arc::new(MemoryLog::new(3)), &training_charter());
    let parts = crate::node::NodeParts {
        name: "auditor",
        log: Arc::clone(&site.log),
        charter: site.charter.clone(),
        keys: None,
        store: &site.store("auditor"),
        replica: crate::node::Replica::default(),
    };
    let refused = Node::start(parts).await.err().unwrap();
    assert!(matches!(refused, StartError::Partitions { log: 3, genesis: PARTITIONS }));
}

/// A new process finds the log, the projection, the keys' halves and its own answers again.
async fn a_node_is_found_as_it_was_left(on: On) {
    let dir = tempfile::tempdir().unwrap();
    let place = on.place(dir.path()).await;
    let log = open(&place, PARTITIONS).await;
    let charter = training_charter().on(log.as_ref()).await;
    let site = Site { log, charter, dir };
    let command = reception();
    let desk = site.desk().await;
    let first = desk.submit(command.clone()).await.unwrap();
    let digest = desk.digest().unwrap().0;
    desk.stop().await;
    site.log.close().await;
    drop(desk);

    let site = Site { log: open(&place, PARTITIONS).await, ..site };
    let desk = site.desk().await;
    assert!(!aside(&site));
    assert_eq!(desk.digest().unwrap().0, digest);
    let again = desk.submit(command).await.unwrap();
    assert_eq!(again, crate::submit::Receipt { repeated: true, ..first });
    desk.submit(first_step()).await.unwrap();
    desk.stop().await;
    site.log.close().await;
}
