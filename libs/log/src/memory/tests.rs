use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{MemoryLog, MemoryRestore};
use crate::contract::{PARTITIONS, Refused, RestorePlace, read_all, record};
use crate::{EventLog, Partition, ReadLimit, RestoreLog};

crate::contract_tests!(fresh);

crate::restore_tests!(fresh_place);

async fn fresh() -> (Arc<dyn EventLog>, ()) {
    (Arc::new(MemoryLog::new(PARTITIONS)), ())
}

/// The handle that began the copy leads to all later ones.
#[derive(Default)]
struct Place(Mutex<Option<MemoryRestore>>);

async fn fresh_place() -> Place {
    Place::default()
}

#[async_trait]
impl RestorePlace for Place {
    fn takes_gaps(&self) -> bool {
        false
    }

    async fn restore(&self, dossier_partitions: u16) -> Result<Arc<dyn RestoreLog>, Refused> {
        let mut begun = self.0.lock().unwrap();
        let begun = begun.get_or_insert_with(|| MemoryRestore::new(dossier_partitions));
        let again = begun.again().ok_or("it is a log")?;
        match again.dossier_partitions() == dossier_partitions {
            true => Ok(Arc::new(again)),
            false => Err("it has another number of partitions".into()),
        }
    }

    async fn open(&self) -> Result<Arc<dyn EventLog>, Refused> {
        let log = self.0.lock().unwrap().as_ref().and_then(MemoryRestore::log);
        Ok(log.ok_or("it is a copy")?)
    }
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
