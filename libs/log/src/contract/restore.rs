//! Checks of the target of a copy.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::{EVERY_KIND, PARTITIONS, append, held, read_all, record, soon};
use crate::{
    AppendError, Erasable, EventLog, Header, Partition, ReadError, ReadLimit, Record, RestoreError,
    RestoreLog, Stored,
};

/// A time that no clock shows any more.
const LONG_AGO_MS: i64 = 1_600_000_000_000;

/// Why a place was not opened; each kind of log has its own reasons.
pub type Refused = Box<dyn Error + Send + Sync>;

/// Where a copy is made, which outlives the handles on it.
#[async_trait]
pub trait RestorePlace: Send + Sync {
    /// Whether this kind of log keeps gaps in the offsets of its source.
    fn takes_gaps(&self) -> bool;

    /// Begins the copy, or goes on with it.
    ///
    /// # Errors
    /// The place is a log, or a copy with another number of dossier partitions.
    async fn restore(&self, dossier_partitions: u16) -> Result<Arc<dyn RestoreLog>, Refused>;

    /// Opens the log, as a node does.
    ///
    /// # Errors
    /// It is still a copy.
    async fn open(&self) -> Result<Arc<dyn EventLog>, Refused>;
}

/// One test per check. Takes the path of an `async fn() -> T` that makes a fresh, empty [`RestorePlace`], and needs
/// `tokio` with its macros where it is used.
#[macro_export]
macro_rules! restore_tests {
    ($fresh:path) => {
        $crate::restore_tests! { $fresh:
            a_copy_keeps_offsets_times_and_every_byte
            a_long_batch_keeps_its_order
            a_copy_goes_on_where_it_ended
            what_does_not_come_behind_the_end_is_refused_whole
            gaps_are_kept_or_refused
            a_partition_the_copy_lacks_is_an_error
            a_copy_is_no_log_until_it_is_finished
            appends_go_on_behind_a_finished_copy
            erasable_values_and_tombstones_are_restored
            a_closed_copy_says_so
        }
    };
    ($fresh:path: $($check:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let place = $fresh().await;
                $crate::contract::$check(&place).await;
            }
        )+
    };
}

/// A record of that name as a source has it.
#[must_use]
pub fn stored(offset: u64, appended_ms: i64, name: &str) -> Stored {
    Stored { offset, appended_ms, record: record(name) }
}

/// So many records from `from` on, with times that rise.
fn some(partition: Partition, from: u64, count: u64) -> Vec<Stored> {
    let one = |offset: u64| stored(offset, LONG_AGO_MS + offset as i64, &format!("{partition} {offset}"));
    (from..from + count).map(one).collect()
}

async fn begin(place: &dyn RestorePlace) -> Arc<dyn RestoreLog> {
    held(soon(place.restore(PARTITIONS)).await)
}

/// Ends the copy and opens the log.
async fn finish(place: &dyn RestorePlace, copy: Arc<dyn RestoreLog>) -> Arc<dyn EventLog> {
    held(soon(copy.finish()).await);
    soon(copy.close()).await;
    drop(copy);
    held(soon(place.open()).await)
}

/// Every record of a copy, in reads of any size.
async fn restored(copy: &dyn RestoreLog, partition: Partition, limit: ReadLimit) -> Vec<Stored> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let batch = held(soon(copy.read(partition, from, limit)).await);
        let Some(last) = batch.last() else { return all };
        from = last.offset + 1;
        all.extend(batch);
    }
}

/// Records keep their offsets, their times though they go back, and every byte; before the copy is finished and after.
pub async fn a_copy_keeps_offsets_times_and_every_byte(place: &dyn RestorePlace) {
    let header =
        |name: &str, value: &'static [u8]| Header { name: name.to_owned(), value: Bytes::from_static(value) };
    let odd = [
        Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::new() },
        Record {
            key: Bytes::from_static(b"\xff\xfe\x00"),
            headers: vec![
                header("b", b"2"),
                header("a", b"1"),
                header("b", b""),
                header("hồ sơ", b"\xff\x00"),
            ],
            value: Bytes::from_static(b"\x00\xff\n\x00"),
        },
        Record { key: Bytes::new(), headers: Vec::new(), value: vec![7; 64 * 1024].into() },
    ];
    let copy = begin(place).await;
    let mut expected = Vec::new();
    for partition in EVERY_KIND {
        let mut records = some(partition, 0, 30);
        let odd = (30..).zip(&odd).map(|(offset, record)| {
            // One second back from record to record.
            let appended_ms = LONG_AGO_MS - 1000 * offset as i64;
            Stored { offset, appended_ms, record: record.clone() }
        });
        records.extend(odd);
        for batch in records.chunks(20) {
            held(soon(copy.restore(partition, batch)).await);
            assert_eq!(held(copy.end(partition).await), batch[batch.len() - 1].offset + 1);
        }
        held(soon(copy.restore(partition, &[])).await);
        assert_eq!(restored(&*copy, partition, ReadLimit::default()).await, records);
        assert_eq!(restored(&*copy, partition, ReadLimit { records: 7, bytes: 1000 }).await, records);
        expected.push((partition, records));
    }
    assert_eq!(held(copy.end(Partition::Dossiers(1)).await), 0);

    let log = finish(place, copy).await;
    assert_eq!(log.dossier_partitions(), PARTITIONS);
    for (partition, records) in expected {
        assert_eq!(held(log.end(partition).await), records.len() as u64);
        assert_eq!(read_all(&*log, partition, 0, ReadLimit::default()).await, records);
    }
    assert_eq!(held(log.end(Partition::Dossiers(1)).await), 0);
}

/// However many records one call takes, each stands where it belongs.
pub async fn a_long_batch_keeps_its_order(place: &dyn RestorePlace) {
    let partition = Partition::Dossiers(0);
    let records = some(partition, 0, 5_000);
    let copy = begin(place).await;
    held(soon(copy.restore(partition, &records)).await);
    let log = finish(place, copy).await;
    assert_eq!(read_all(&*log, partition, 0, ReadLimit::default()).await, records);
}

/// What was restored is there when the copy is opened again, and the rest goes behind it.
pub async fn a_copy_goes_on_where_it_ended(place: &dyn RestorePlace) {
    for life in 0..3 {
        let copy = begin(place).await;
        assert_eq!(copy.dossier_partitions(), PARTITIONS);
        for partition in EVERY_KIND {
            assert_eq!(held(copy.end(partition).await), life * 10);
            let before = restored(&*copy, partition, ReadLimit::default()).await;
            assert_eq!(before, some(partition, 0, life * 10));
            held(soon(copy.restore(partition, &some(partition, life * 10, 10))).await);
        }
        soon(copy.close()).await;
    }
    let log = finish(place, begin(place).await).await;
    for partition in EVERY_KIND {
        let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
        assert_eq!(all, some(partition, 0, 30));
    }
}

/// Of a batch with an offset below the end, or not above the one in front of it, nothing is taken.
pub async fn what_does_not_come_behind_the_end_is_refused_whole(place: &dyn RestorePlace) {
    let partition = Partition::Dossiers(0);
    let copy = begin(place).await;
    held(soon(copy.restore(partition, &some(partition, 0, 5))).await);
    let one = |offset| stored(offset, LONG_AGO_MS, "again");
    for (batch, end, offset) in [
        (vec![one(4)], 5, 4),
        (vec![one(0)], 5, 0),
        (vec![one(5), one(5)], 6, 5),
        (vec![one(5), one(6), one(3)], 7, 3),
    ] {
        let refused = soon(copy.restore(partition, &batch)).await;
        let is_behind = |error: &RestoreError| {
            matches!(*error, RestoreError::Behind { partition: at, end: found, offset: given }
                if (at, found, given) == (partition, end, offset))
        };
        assert!(refused.as_ref().is_err_and(is_behind), "{refused:?}");
        assert_eq!(held(copy.end(partition).await), 5);
    }
    assert_eq!(restored(&*copy, partition, ReadLimit::default()).await, some(partition, 0, 5));
    held(soon(copy.restore(partition, &some(partition, 5, 1))).await);
}

/// A log that keeps gaps keeps them as they are, also at its start; another one takes nothing of a batch with a gap.
pub async fn gaps_are_kept_or_refused(place: &dyn RestorePlace) {
    let copy = begin(place).await;
    let [at_start, inside] = [Partition::Dossiers(0), Partition::Dossiers(1)];
    let offsets = [(at_start, [3, 4, 9], 0, 3), (inside, [0, 1, 7], 2, 7)];
    let batch = |offsets: [u64; 3]| offsets.map(|offset| stored(offset, LONG_AGO_MS, "one"));
    for (partition, offsets, expected, offset) in offsets {
        let outcome = soon(copy.restore(partition, &batch(offsets))).await;
        if place.takes_gaps() {
            held(outcome);
            assert_eq!(held(copy.end(partition).await), offsets[2] + 1);
            continue;
        }
        let is_gap = |error: &RestoreError| {
            matches!(*error, RestoreError::Gap { partition: at, expected: next, offset: given }
                if (at, next, given) == (partition, expected, offset))
        };
        assert!(outcome.as_ref().is_err_and(is_gap), "{outcome:?}");
        assert_eq!(held(copy.end(partition).await), 0);
        assert_eq!(restored(&*copy, partition, ReadLimit::default()).await, []);
    }
    let log = finish(place, copy).await;
    for (partition, offsets, ..) in offsets {
        let expected = if place.takes_gaps() { batch(offsets).to_vec() } else { Vec::new() };
        assert_eq!(read_all(&*log, partition, 0, ReadLimit::default()).await, expected);
        let end = held(log.end(partition).await);
        assert!(append(&*log, partition, "behind").await >= end);
    }
}

/// Nothing goes into a partition that the copy was begun without, and a copy of so many partitions is none of another
/// number.
pub async fn a_partition_the_copy_lacks_is_an_error(place: &dyn RestorePlace) {
    let copy = begin(place).await;
    let partition = Partition::Dossiers(PARTITIONS);
    let refused = soon(copy.restore(partition, &some(partition, 0, 1))).await;
    assert!(matches!(refused, Err(RestoreError::UnknownPartition { partition: at }) if at == partition));
    assert!(matches!(copy.end(partition).await, Err(ReadError::UnknownPartition { .. })));
    let read = copy.read(partition, 0, ReadLimit::default()).await;
    assert!(matches!(read, Err(ReadError::UnknownPartition { .. })));
    held(soon(copy.restore(Partition::Registry, &some(Partition::Registry, 0, 1))).await);
    soon(copy.close()).await;
    drop(copy);
    assert!(soon(place.restore(PARTITIONS + 1)).await.is_err());
    assert_eq!(held(begin(place).await.end(Partition::Registry).await), 1);
}

/// An unfinished copy opens as no log, however often it was opened and closed; a finished one as no copy any more.
pub async fn a_copy_is_no_log_until_it_is_finished(place: &dyn RestorePlace) {
    for life in 0..2 {
        let copy = begin(place).await;
        held(soon(copy.restore(Partition::Reads, &some(Partition::Reads, life, 1))).await);
        soon(copy.close()).await;
        drop(copy);
        assert!(soon(place.open()).await.is_err(), "an unfinished copy was opened as a log");
    }
    let log = finish(place, begin(place).await).await;
    let end = held(log.end(Partition::Reads).await);
    drop(log);
    assert_eq!(end, 2);
    assert!(soon(place.restore(PARTITIONS)).await.is_err(), "a log was opened as a copy");
    let log = held(soon(place.open()).await);
    assert_eq!(read_all(&*log, Partition::Reads, 0, ReadLimit::default()).await.len(), 2);
}

/// After the copy, appends go behind what was restored, with times that are not below it; where nothing was restored,
/// they begin.
pub async fn appends_go_on_behind_a_finished_copy(place: &dyn RestorePlace) {
    let copy = begin(place).await;
    for partition in [Partition::Registry, Partition::Dossiers(0)] {
        held(soon(copy.restore(partition, &some(partition, 0, 10))).await);
    }
    let log = finish(place, copy).await;
    for (partition, restored) in
        [(Partition::Registry, 10), (Partition::Dossiers(0), 10), (Partition::Reads, 0)]
    {
        for number in 0..5 {
            let offset = append(&*log, partition, &number.to_string()).await;
            assert!(offset >= restored + number);
        }
        let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
        assert_eq!(all.len() as u64, restored + 5);
        assert!(all.is_sorted_by_key(|stored| stored.appended_ms));
        assert!(all[restored as usize..].iter().all(|stored| stored.appended_ms > LONG_AGO_MS + 1_000_000));
    }
}

/// Values and tombstones are as the source has them, a tombstone for good, and hold once the copy is a log.
pub async fn erasable_values_and_tombstones_are_restored(place: &dyn RestorePlace) {
    let list = |copy: Arc<dyn RestoreLog>| async move {
        let first = held(soon(copy.erasables("", 2)).await);
        let last = first.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let rest = held(soon(copy.erasables(&last, 100)).await);
        [first, rest].concat()
    };
    let erasable =
        |key: &str, value: Option<u8>| -> Erasable { (key.to_owned(), value.map(|byte| [byte; 32])) };
    let copy = begin(place).await;
    assert_eq!(list(Arc::clone(&copy)).await, []);
    let first = [erasable("a", Some(1)), erasable("b", None), erasable("c", Some(3))];
    held(soon(copy.restore_erasables(&first)).await);
    held(soon(copy.restore_erasables(&first)).await);
    assert_eq!(list(Arc::clone(&copy)).await, first);
    soon(copy.close()).await;
    drop(copy);

    // What changed at the source since: one was forgotten, and one came. Neither brings a forgotten one back.
    let copy = begin(place).await;
    let later = [erasable("a", None), erasable("b", Some(2)), erasable("c", Some(3)), erasable("d", Some(5))];
    held(soon(copy.restore_erasables(&later)).await);
    held(soon(copy.restore_erasables(&[])).await);
    let expected = [erasable("a", None), erasable("b", None), erasable("c", Some(3)), erasable("d", Some(5))];
    assert_eq!(list(Arc::clone(&copy)).await, expected);

    let log = finish(place, copy).await;
    assert_eq!(held(soon(log.erasables("", 100)).await), expected);
    assert_eq!(held(soon(log.put_erasable("c", [9; 32])).await), [3; 32]);
    for forgotten in ["a", "b"] {
        assert_eq!(held(soon(log.erasable(forgotten)).await), None);
        let refused = soon(log.put_erasable(forgotten, [9; 32])).await;
        assert!(matches!(refused, Err(AppendError::Erased)), "{refused:?}");
    }
}

/// After closing, every call says so; what was restored is kept.
pub async fn a_closed_copy_says_so(place: &dyn RestorePlace) {
    let copy = begin(place).await;
    let partition = Partition::Registry;
    held(soon(copy.restore(partition, &some(partition, 0, 1))).await);
    soon(copy.close()).await;
    soon(copy.close()).await;
    let refused = copy.restore(partition, &some(partition, 1, 1)).await;
    assert!(matches!(refused, Err(RestoreError::Closed)), "{refused:?}");
    let erasables = copy.restore_erasables(&[("key".to_owned(), None)]).await;
    assert!(matches!(erasables, Err(RestoreError::Closed)));
    assert!(matches!(copy.finish().await, Err(RestoreError::Closed)));
    assert!(matches!(copy.end(partition).await, Err(ReadError::Closed)));
    assert!(matches!(copy.read(partition, 0, ReadLimit::default()).await, Err(ReadError::Closed)));
    assert!(matches!(copy.erasables("", 1).await, Err(ReadError::Closed)));
    drop(copy);
    assert_eq!(held(begin(place).await.end(partition).await), 1);
}
