//! Tests of the whole log: the shared contract, opening, and what a commit costs.

mod disk;
mod opening;
mod power;
mod process;
mod restore;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt, StreamExt};
use lienthong_log::contract::{self, PARTITIONS, read_all, record};
use lienthong_log::{AppendError, EventLog, Partition, ReadError, ReadLimit, Record, follow, system_clock};
use redb::{ReadableTable, StorageBackend};
use tempfile::TempDir;

use self::disk::Disk;
use crate::open::{Want, on_backend};
use crate::store::{RECORDS, Store, code};
use crate::{BATCH_RECORDS_MAX, EmbeddedLog, OpenError, QUEUE_RECORDS_MAX};

lienthong_log::contract_tests!(fresh);

async fn fresh() -> (Arc<dyn EventLog>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Arc::new(EmbeddedLog::create(dir.path(), PARTITIONS).unwrap()), dir)
}

/// A log on a disk of the test's own.
fn on_disk(disk: impl StorageBackend, want: Want) -> Result<EmbeddedLog, OpenError> {
    EmbeddedLog::start(on_backend(PathBuf::from("disk"), disk, want)?, system_clock())
}

#[tokio::test]
async fn closing_and_opening_again_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(EmbeddedLog::create(dir.path(), PARTITIONS).unwrap());
    contract::reopening_keeps_everything(log, |log| async {
        // The old handle is still there: it is closing that lets go of the file.
        log.close().await;
        let opened = EmbeddedLog::open(dir.path()).unwrap();
        drop(log);
        Arc::new(opened) as Arc<dyn EventLog>
    })
    .await;
}

/// More than is kept in memory, read from every place: where memory ends, and in a log that was opened again and keeps nothing.
#[tokio::test]
async fn what_is_read_from_memory_is_what_the_file_holds() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::create(dir.path(), 1).unwrap();
    let partition = Partition::Dossiers(0);
    let large = |n: usize| Record { value: vec![b'x'; 64 * 1024].into(), ..record(&n.to_string()) };
    for n in 0..200 {
        let record = if n % 50 == 0 { large(n) } else { record(&n.to_string()) };
        log.append(partition, record).await.unwrap();
    }
    let mut from_memory = Vec::new();
    for from in 0..200 {
        from_memory.push(log.read(partition, from, ReadLimit::default()).await.unwrap());
        let limited = ReadLimit { records: 3, bytes: 100_000 };
        from_memory.push(log.read(partition, from, limited).await.unwrap());
    }
    drop(log);
    let log = EmbeddedLog::open(dir.path()).unwrap();
    for (from, pair) in from_memory.chunks(2).enumerate() {
        let all = log.read(partition, from as u64, ReadLimit::default()).await.unwrap();
        assert_eq!((pair[0].len(), &pair[0]), (200 - from, &all), "from {from}");
        let limited = ReadLimit { records: 3, bytes: 100_000 };
        assert_eq!(pair[1], log.read(partition, from as u64, limited).await.unwrap(), "from {from}");
    }
}

#[tokio::test]
async fn dropping_the_handle_finishes_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::create(dir.path(), 1).unwrap();
    {
        let mut appends: Vec<_> =
            (0..100).map(|n| log.append(Partition::Reads, record(&n.to_string()))).collect();
        for append in &mut appends {
            let _ = append.now_or_never();
        }
    }
    drop(log);
    let log = EmbeddedLog::open(dir.path()).unwrap();
    assert_eq!(log.end(Partition::Reads).await.unwrap(), 100);
}

#[tokio::test]
async fn append_times_stand_still_while_the_clock_goes_back_even_when_reopened() {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(0));
    for times in [[1000, 3000, 2000], [1500, 2500, 4000]] {
        let clock = Arc::clone(&now);
        let opened = crate::open::in_dir(dir.path(), Want::Either { dossier_partitions: 1 }).unwrap();
        let log = EmbeddedLog::start(opened, Box::new(move || clock.load(Ordering::Relaxed))).unwrap();
        for ms in times {
            now.store(ms, Ordering::Relaxed);
            log.append(Partition::Registry, record("any")).await.unwrap();
        }
    }
    let log = EmbeddedLog::open(dir.path()).unwrap();
    let read = read_all(&log, Partition::Registry, 0, ReadLimit::default()).await;
    let times: Vec<i64> = read.iter().map(|stored| stored.appended_ms).collect();
    assert_eq!(times, [1000, 3000, 3000, 3000, 3000, 4000]);
}

/// Appends of these names, each in the queue or waiting for room in it, while the writer is held up in a sync.
async fn queue_up(log: &EmbeddedLog, count: usize) -> Vec<BoxFuture<'_, Result<u64, AppendError>>> {
    let mut appends = Vec::new();
    for number in 0..count {
        let partition = Partition::Dossiers((number % usize::from(PARTITIONS)) as u16);
        let mut append = log.append(partition, record(&number.to_string()));
        assert!((&mut append).now_or_never().is_none());
        appends.push(append);
    }
    appends
}

#[tokio::test]
async fn appends_that_wait_share_one_commit_and_a_lone_one_has_its_own() {
    let disk = Disk::default();
    let log = on_disk(disk.clone(), Want::New { dossier_partitions: PARTITIONS }).unwrap();
    for _ in 0..3 {
        let before = disk.syncs();
        log.append(Partition::Registry, record("alone")).await.unwrap();
        assert_eq!(disk.syncs() - before, 1, "one fsync a commit");
    }

    let before = disk.syncs();
    let held = disk.hold_next_sync();
    let mut first = log.append(Partition::Reads, record("first"));
    assert!((&mut first).now_or_never().is_none());
    held.reached().await;
    let waiting = queue_up(&log, 64).await;
    held.release();
    first.await.unwrap();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert_eq!(disk.syncs() - before, 2);
}

#[tokio::test]
async fn a_full_queue_makes_appends_wait_and_loses_none() {
    let disk = Disk::default();
    let log = on_disk(disk.clone(), Want::New { dossier_partitions: PARTITIONS }).unwrap();
    let before = disk.syncs();
    let held = disk.hold_next_sync();
    let mut first = log.append(Partition::Reads, record("first"));
    assert!((&mut first).now_or_never().is_none());
    held.reached().await;
    let waiting = queue_up(&log, 3 * QUEUE_RECORDS_MAX).await;
    assert_eq!(log.jobs().as_ref().unwrap().capacity(), 0);
    held.release();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    let mut total = 0;
    for partition in Partition::all(PARTITIONS) {
        total += log.end(partition).await.unwrap();
    }
    assert_eq!(total, 3 * QUEUE_RECORDS_MAX as u64 + 1);
    assert!(disk.syncs() - before > 3 * QUEUE_RECORDS_MAX / BATCH_RECORDS_MAX);
}

#[tokio::test]
async fn after_a_failed_commit_nobody_knows_and_the_log_is_over() {
    ends_with_an_unknown_append(Disk::fail_next_sync).await;
}

#[tokio::test]
async fn a_panic_of_the_writer_ends_the_log_the_same_way() {
    ends_with_an_unknown_append(Disk::panic_in_next_sync).await;
}

async fn ends_with_an_unknown_append(break_next_sync: fn(&Disk)) {
    let disk = Disk::default();
    let log: Arc<dyn EventLog> =
        Arc::new(on_disk(disk.clone(), Want::New { dossier_partitions: PARTITIONS }).unwrap());
    log.append(Partition::Reads, record("kept")).await.unwrap();
    let mut follower = follow(Arc::clone(&log), Partition::Reads, 1);
    assert!(follower.next().now_or_never().is_none());

    // One that waits behind the failing commit was never begun, and is told so.
    let held = disk.hold_next_sync();
    break_next_sync(&disk);
    let mut unknown = log.append(Partition::Reads, record("unknown"));
    assert!((&mut unknown).now_or_never().is_none());
    held.reached().await;
    let mut behind = log.append(Partition::Reads, record("behind"));
    assert!((&mut behind).now_or_never().is_none());
    held.release();
    let unknown = unknown.await;
    assert!(matches!(unknown, Err(AppendError::Unknown { .. })), "{unknown:?}");
    let behind = behind.await;
    assert!(matches!(behind, Err(AppendError::Failed { .. })), "{behind:?}");

    let ended = follower.next().await;
    assert!(matches!(ended, Some(Err(ReadError::Failed { .. }))), "{ended:?}");
    let refused = log.append(Partition::Reads, record("refused")).await;
    assert!(matches!(refused, Err(AppendError::Failed { .. })), "{refused:?}");
    assert!(matches!(log.put_erasable("key", [1; 32]).await, Err(AppendError::Failed { .. })));
    assert!(matches!(log.end(Partition::Reads).await, Err(ReadError::Failed { .. })));
    assert!(matches!(
        log.read(Partition::Reads, 0, ReadLimit::default()).await,
        Err(ReadError::Failed { .. })
    ));

    // Opening it again settles it: what was answered is there, what was refused is not, the unknown one may be either.
    let log = on_disk(disk.clone(), Want::Existing).unwrap();
    let records = read_all(&log, Partition::Reads, 0, ReadLimit::default()).await;
    let records: Vec<_> = records.into_iter().map(|stored| stored.record).collect();
    assert_eq!(records[0], record("kept"));
    assert!(matches!(&records[1..], [] | [_]));
    assert!(records[1..].iter().all(|one| *one == record("unknown")));
    log.append(Partition::Reads, record("goes on")).await.unwrap();
}

#[tokio::test]
async fn a_damaged_record_names_its_place_and_those_before_it_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::create(dir.path(), 1).unwrap();
    for name in ["a", "b", "c", "d"] {
        log.append(Partition::Dossiers(0), record(name)).await.unwrap();
    }
    damage(&log.store, Partition::Dossiers(0), 2);
    drop(log);
    // What was just appended would be read from memory.
    let log = EmbeddedLog::open(dir.path()).unwrap();

    let read = |from| log.read(Partition::Dossiers(0), from, ReadLimit::default());
    assert_eq!(read(0).await.unwrap().len(), 2);
    let error = read(2).await.unwrap_err();
    assert_eq!(error.to_string(), "the record at dossiers/0 2 is damaged: a part longer than the row");
    assert_eq!(read(3).await.unwrap()[0].record, record("d"));
}

fn damage(store: &Store, partition: Partition, offset: u64) {
    let damaged = store.with(|database| {
        let transaction = database.begin_write()?;
        {
            let mut records = transaction.open_table(RECORDS)?;
            let mut row = records.get((code(partition), offset))?.unwrap().value().to_vec();
            row.pop();
            records.insert((code(partition), offset), row.as_slice())?;
        }
        transaction.commit()?;
        Ok::<_, redb::Error>(())
    });
    damaged.unwrap().unwrap();
}
