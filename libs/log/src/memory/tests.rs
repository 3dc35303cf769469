use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::MemoryLog;
use crate::contract::{PARTITIONS, read_all, record};
use crate::{EventLog, Partition, ReadLimit};

crate::contract_tests!(fresh);

async fn fresh() -> (Arc<dyn EventLog>, ()) {
    (Arc::new(MemoryLog::new(PARTITIONS)), ())
}

#[tokio::test]
async fn append_times_stand_still_while_the_clock_goes_back() {
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let log = MemoryLog::with_clock(1, Box::new(move || clock.load(Ordering::Relaxed)));
    for ms in [1000, 2000, 1500, 2500] {
        now.store(ms, Ordering::Relaxed);
        log.append(Partition::Registry, record("any")).await.unwrap();
    }
    let read = read_all(&log, Partition::Registry, 0, ReadLimit::default()).await;
    let times: Vec<i64> = read.iter().map(|stored| stored.appended_ms).collect();
    assert_eq!(times, [1000, 2000, 2000, 2500]);
}
