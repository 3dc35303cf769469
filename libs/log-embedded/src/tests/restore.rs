//! Tests of copies: the shared contract, what opens what, power cuts, and the times after a copy.

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_log::contract::{PARTITIONS, Refused, RestorePlace, read_all, record, stored};
use lienthong_log::{EventLog, Partition, ReadLimit, RestoreError, RestoreLog, Stored, system_clock};
use tempfile::TempDir;

use super::disk::{Dice, Disk, Survivors};
use super::on_disk;
use crate::open::{Want, on_backend};
use crate::{EmbeddedLog, EmbeddedRestore, OpenError};

lienthong_log::restore_tests!(fresh);

struct Place(TempDir);

async fn fresh() -> Place {
    Place(tempfile::tempdir().unwrap())
}

#[async_trait]
impl RestorePlace for Place {
    fn takes_gaps(&self) -> bool {
        true
    }

    async fn restore(&self, dossier_partitions: u16) -> Result<Arc<dyn RestoreLog>, Refused> {
        Ok(Arc::new(EmbeddedRestore::open_or_create(&self.0, dossier_partitions)?))
    }

    async fn open(&self) -> Result<Arc<dyn EventLog>, Refused> {
        Ok(Arc::new(EmbeddedLog::open(&self.0)?))
    }
}

#[tokio::test]
async fn a_log_is_never_taken_for_a_copy_nor_a_copy_for_a_log() {
    let dir = tempfile::tempdir().unwrap();
    drop(EmbeddedLog::create(dir.path(), 2).unwrap());
    assert!(matches!(EmbeddedRestore::open_or_create(dir.path(), 2), Err(OpenError::Exists { .. })));

    let dir = tempfile::tempdir().unwrap();
    let copy = EmbeddedRestore::open_or_create(dir.path().join("deep"), 2).unwrap();
    let dir = dir.path().join("deep");
    assert!(matches!(EmbeddedRestore::open_or_create(&dir, 2), Err(OpenError::AlreadyOpen { .. })));
    drop(copy);
    for refused in
        [EmbeddedLog::open(&dir), EmbeddedLog::create(&dir, 2), EmbeddedLog::open_or_create(&dir, 2)]
    {
        assert!(matches!(refused, Err(OpenError::Unfinished { .. })), "{refused:?}");
    }
    let differ = EmbeddedRestore::open_or_create(&dir, 3);
    assert!(matches!(differ, Err(OpenError::PartitionsDiffer { found: 2, wanted: 3, .. })));
    let none = EmbeddedRestore::open_or_create(dir.join("none"), 0);
    assert!(matches!(none, Err(OpenError::PartitionsOutOfRange { wanted: 0 })));

    EmbeddedRestore::open_or_create(&dir, 2).unwrap().finish().await.unwrap();
    assert_eq!(EmbeddedLog::open_or_create(&dir, 2).unwrap().end(Partition::Registry).await.unwrap(), 0);
}

/// The source's clock was ahead of ours: appends stand still at its last time, and do not go back.
#[tokio::test]
async fn append_times_do_not_go_back_behind_a_copy_from_the_future() {
    let dir = tempfile::tempdir().unwrap();
    let tomorrow = system_clock()() + 86_400_000;
    let copy = EmbeddedRestore::open_or_create(dir.path(), 1).unwrap();
    copy.restore(Partition::Reads, &[stored(0, tomorrow, "from the future")]).await.unwrap();
    copy.finish().await.unwrap();
    copy.close().await;
    for _ in 0..2 {
        let log = EmbeddedLog::open(dir.path()).unwrap();
        log.append(Partition::Reads, record("now")).await.unwrap();
        let read = read_all(&log, Partition::Reads, 0, ReadLimit::default()).await;
        assert!(read.iter().all(|stored| stored.appended_ms == tomorrow));
    }
}

#[tokio::test]
async fn a_batch_is_one_fsync() {
    let disk = Disk::default();
    let copy = copy_on(&disk).unwrap();
    let batch: Vec<Stored> = (0..1000).map(|offset| stored(offset, 1, "one")).collect();
    let before = disk.syncs();
    copy.restore(Partition::Dossiers(0), &batch).await.unwrap();
    assert_eq!(disk.syncs() - before, 1);
    let erasables: Vec<_> = (0..1000).map(|number| (number.to_string(), Some([1; 32]))).collect();
    copy.restore_erasables(&erasables).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(disk.syncs() - before, 3);
}

/// Wherever the power is cut, whole batches are left, all that were answered among them; and it is a log only when it was
/// finished.
#[tokio::test]
async fn a_copy_that_loses_power_keeps_whole_batches_and_goes_on() {
    const BATCHES: u64 = 4;
    const BATCH: u64 = 25;
    let partition = Partition::Dossiers(1);
    let batch = |from: u64| -> Vec<Stored> {
        (from..from + BATCH).map(|offset| stored(offset, 7, &offset.to_string())).collect()
    };
    let (mut left_copies, mut left_logs) = (0, 0);
    for survivors in [Survivors::None, Survivors::Prefix, Survivors::Any] {
        for steps in (1..220).step_by(3) {
            let disk = Disk::default();
            let copy = copy_on(&disk).unwrap();
            disk.cut_power_after(steps);
            let mut answered = 0;
            while answered < BATCHES && copy.restore(partition, &batch(answered * BATCH)).await.is_ok() {
                answered += 1;
            }
            let is_finished = answered == BATCHES && copy.finish().await.is_ok();
            drop(copy);

            let disk = disk.after_power_cut(survivors, &mut Dice(steps));
            let log = match on_disk(disk.clone(), Want::Existing) {
                Ok(log) => {
                    left_logs += 1;
                    log
                }
                Err(OpenError::Unfinished { .. }) => {
                    left_copies += 1;
                    assert!(!is_finished, "{survivors:?} {steps}: finished, and a copy again");
                    let copy = copy_on(&disk).unwrap();
                    let end = copy.end(partition).await.unwrap();
                    assert!(end % BATCH == 0 && end >= answered * BATCH, "{survivors:?} {steps}: {end}");
                    for number in end / BATCH..BATCHES {
                        copy.restore(partition, &batch(number * BATCH)).await.unwrap();
                    }
                    copy.finish().await.unwrap();
                    drop(copy);
                    on_disk(disk, Want::Existing).unwrap()
                }
                Err(other) => panic!("{survivors:?} {steps}: {other:?}"),
            };
            let all = read_all(&log, partition, 0, ReadLimit::default()).await;
            let expected: Vec<Stored> = (0..BATCHES).flat_map(|number| batch(number * BATCH)).collect();
            assert_eq!(all, expected, "{survivors:?} {steps}");
        }
    }
    assert!(left_copies > 10 && left_logs > 10, "{left_copies} {left_logs}");
}

#[tokio::test]
async fn after_a_failed_commit_nobody_knows_and_the_copy_goes_on_when_opened_again() {
    let disk = Disk::default();
    let copy = copy_on(&disk).unwrap();
    copy.restore(Partition::Reads, &[stored(0, 1, "kept")]).await.unwrap();
    disk.fail_next_sync();
    let unknown = copy.restore(Partition::Reads, &[stored(1, 1, "unknown")]).await;
    assert!(matches!(unknown, Err(RestoreError::Unknown { .. })), "{unknown:?}");
    let over = copy.restore(Partition::Reads, &[stored(2, 1, "refused")]).await;
    assert!(matches!(over, Err(RestoreError::Failed { .. })), "{over:?}");
    drop(copy);
    let copy = copy_on(&disk).unwrap();
    let end = copy.end(Partition::Reads).await.unwrap();
    assert!((1..=2).contains(&end));
    copy.restore(Partition::Reads, &[stored(end, 1, "goes on")]).await.unwrap();
}

fn copy_on(disk: &Disk) -> Result<EmbeddedRestore, OpenError> {
    let want = Want::Copy { dossier_partitions: PARTITIONS };
    Ok(EmbeddedRestore::new(on_backend("disk".into(), disk.clone(), want)?))
}
