use lienthong_log::{MemoryLog, Record};

use super::*;

async fn log_with(records: &[(u16, u64)]) -> Arc<dyn EventLog> {
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new(4));
    for (partition, count) in records {
        for _ in 0..*count {
            append(&log, *partition).await;
        }
    }
    log
}

async fn append(log: &Arc<dyn EventLog>, partition: u16) {
    let record = Record { key: bytes::Bytes::new(), headers: Vec::new(), value: bytes::Bytes::new() };
    log.append(Partition::Dossiers(partition), record).await.unwrap();
}

fn lane(log: &Arc<dyn EventLog>, number: u16, next: u64, until: Option<u64>) -> Lane<u64> {
    let partition = Partition::Dossiers(number);
    Lane { partition, next, frontier: log.tail(partition).unwrap(), until }
}

fn offsets(batch: &[Stored]) -> Vec<u64> {
    batch.iter().map(|stored| stored.offset).collect()
}

#[tokio::test]
async fn a_scan_that_does_not_follow_ends_where_it_was_told_to() {
    let log = log_with(&[(0, 3), (1, 2), (2, 600)]).await;
    let lanes = vec![lane(&log, 0, 1, Some(3)), lane(&log, 1, 0, Some(1)), lane(&log, 2, 0, Some(600))];
    let mut scan = Scan::new(Arc::clone(&log), lanes);
    assert_eq!(
        scan.batch().await.unwrap().map(|(lane, batch)| (lane, offsets(&batch))),
        Some((0, vec![1, 2]))
    );
    assert_eq!(scan.batch().await.unwrap().map(|(lane, batch)| (lane, offsets(&batch))), Some((1, vec![0])));
    append(&log, 0).await;
    let mut read = 0;
    while let Some((lane, batch)) = scan.batch().await.unwrap() {
        assert_eq!(lane, 2);
        assert!(batch.len() <= BATCH.records);
        read += batch.len();
    }
    assert_eq!(read, 600);
}

#[tokio::test]
async fn lanes_are_read_in_turns() {
    let log = log_with(&[(0, 600), (1, 600)]).await;
    let mut scan = Scan::new(Arc::clone(&log), vec![lane(&log, 0, 0, None), lane(&log, 1, 0, None)]);
    let mut lanes = Vec::new();
    for _ in 0..6 {
        lanes.push(scan.batch().await.unwrap().unwrap().0);
    }
    assert_eq!(lanes, [0, 1, 0, 1, 0, 1]);
}

#[tokio::test]
async fn a_scan_that_follows_waits_for_any_lane_and_ends_with_the_log() {
    let log = log_with(&[(0, 1)]).await;
    let mut scan = Scan::new(Arc::clone(&log), vec![lane(&log, 0, 1, None), lane(&log, 1, 0, None)]);
    {
        let mut waiting = Box::pin(scan.batch());
        assert!(futures::poll!(&mut waiting).is_pending());
        append(&log, 1).await;
        assert_eq!(waiting.await.unwrap().map(|(lane, batch)| (lane, offsets(&batch))), Some((1, vec![0])));
    }
    log.close().await;
    assert!(scan.batch().await.unwrap().is_none());
}

#[tokio::test]
async fn what_lies_beyond_the_frontier_is_not_read() {
    let log = log_with(&[(0, 5)]).await;
    let applied = watch::Sender::new(2_u64);
    let lane =
        Lane { partition: Partition::Dossiers(0), next: 0, frontier: applied.subscribe(), until: None };
    let mut scan = Scan::new(Arc::clone(&log), vec![lane]);
    assert_eq!(offsets(&scan.batch().await.unwrap().unwrap().1), [0, 1]);
    assert!(futures::poll!(Box::pin(scan.batch())).is_pending());
    applied.send_replace(4);
    assert_eq!(offsets(&scan.batch().await.unwrap().unwrap().1), [2, 3]);
}
