//! Checks of appending.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;

use super::{EVERY_KIND, PARTITIONS, append, held, read_all, record, soon};
use crate::{
    AppendError, Condition, EventLog, HEADER_BYTES, Header, Partition, RECORD_BYTES_MAX, ReadError,
    ReadLimit, Record,
};

/// Offsets rise from append to append, and records are read in the order they were appended in.
pub async fn offsets_rise_and_order_is_kept(log: Arc<dyn EventLog>) {
    for partition in EVERY_KIND {
        let mut appended = Vec::new();
        for number in 0..30 {
            let name = format!("{partition} {number}");
            appended.push((append(&*log, partition, &name).await, record(&name)));
        }
        assert!(appended.is_sorted_by(|one, next| one.0 < next.0), "offsets that do not rise in {partition}");
        let read = read_all(&*log, partition, 0, ReadLimit::default()).await;
        let read: Vec<_> = read.into_iter().map(|stored| (stored.offset, stored.record)).collect();
        assert_eq!(read, appended);
    }
}

/// As soon as an append is answered, the record stands at the offset it answered, byte for byte, and below the end.
pub async fn an_answered_append_can_be_read(log: Arc<dyn EventLog>) {
    let header =
        |name: &str, value: &'static [u8]| Header { name: name.to_owned(), value: Bytes::from_static(value) };
    let odd = [
        Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::new() },
        Record {
            key: Bytes::from_static(b"H56.1-250701-0001"),
            // Order, repeated names, empty parts, and bytes that are no text.
            headers: vec![
                header("b", b"2"),
                header("a", b"1"),
                header("b", b""),
                header("", b"\xff\x00"),
                header("hồ sơ", b""),
            ],
            value: Bytes::from_static(b"\x00\xff\n\x00"),
        },
        Record {
            key: Bytes::from_static(b"\xff\xfe\x00"),
            headers: Vec::new(),
            value: vec![7; 64 * 1024].into(),
        },
    ];
    for partition in EVERY_KIND {
        for record in &odd {
            let offset = held(soon(log.append(partition, record.clone())).await);
            let read = held(log.read(partition, offset, ReadLimit::default()).await);
            assert_eq!(read.len(), 1);
            assert_eq!((read[0].offset, &read[0].record), (offset, record));
            assert!(read[0].appended_ms > 0);
            assert!(held(log.end(partition).await) > offset);
            assert!(*held(log.tail(partition)).borrow() > offset);
        }
    }
}

/// Append times do not decrease within a partition.
pub async fn append_times_never_decrease(log: Arc<dyn EventLog>) {
    let partition = Partition::Dossiers(0);
    join_all((0..100).map(|number| {
        let log = &log;
        async move { append(&**log, partition, &number.to_string()).await }
    }))
    .await;
    let read = read_all(&*log, partition, 0, ReadLimit::default()).await;
    assert_eq!(read.len(), 100);
    assert!(read.is_sorted_by_key(|stored| stored.appended_ms));
}

/// Appends of many tasks to many partitions all land, each once, and each task's own in its order.
pub async fn concurrent_appends_land_exactly_once(log: Arc<dyn EventLog>) {
    const TASKS: usize = 32;
    const EACH: usize = 20;
    let writers = (0..TASKS).map(|task| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let partition = EVERY_KIND[task % EVERY_KIND.len()];
            let mut offsets = Vec::new();
            for number in 0..EACH {
                offsets.push(append(&*log, partition, &format!("{task} {number}")).await);
            }
            (partition, task, offsets)
        })
    });
    let written: Vec<_> = soon(join_all(writers)).await.into_iter().map(held).collect();
    for partition in EVERY_KIND {
        let read = read_all(&*log, partition, 0, ReadLimit::default()).await;
        assert!(read.is_sorted_by(|one, next| one.offset < next.offset));
        let here: Vec<_> = written.iter().filter(|(at, ..)| *at == partition).collect();
        assert_eq!(read.len(), here.len() * EACH, "records lost or doubled in {partition}");
        for (_, task, offsets) in here {
            assert!(offsets.is_sorted_by(|one, next| one < next));
            for (number, offset) in offsets.iter().enumerate() {
                let found = read.iter().find(|stored| stored.offset == *offset).map(|stored| &stored.record);
                assert_eq!(found, Some(&record(&format!("{task} {number}"))));
            }
        }
        let distinct: BTreeSet<&Bytes> = read.iter().map(|stored| &stored.record.key).collect();
        assert_eq!(distinct.len(), read.len());
    }
}

/// A partition that the log was not created with is an error of its own, whatever is asked of it.
pub async fn an_unknown_partition_is_an_error(log: Arc<dyn EventLog>) {
    assert_eq!(log.dossier_partitions(), PARTITIONS);
    let unknown = Partition::Dossiers(PARTITIONS);
    let is_named = |error| matches!(error, ReadError::UnknownPartition { partition } if partition == unknown);
    let appended = log.append(unknown, record("nowhere")).await;
    assert!(matches!(appended, Err(AppendError::UnknownPartition { partition }) if partition == unknown));
    assert!(log.read(unknown, 0, ReadLimit::default()).await.is_err_and(is_named));
    assert!(log.end(unknown).await.is_err_and(is_named));
    assert!(log.tail(unknown).is_err_and(is_named));
}

/// The largest record is taken, one byte more is refused with both sizes and leaves nothing behind.
pub async fn a_record_over_the_limit_is_refused(log: Arc<dyn EventLog>) {
    let of_size = |bytes: usize| Record {
        key: Bytes::from_static(b"key"),
        headers: vec![Header { name: "name".to_owned(), value: Bytes::from_static(b"value") }],
        value: vec![1; bytes - 3 - 4 - 5 - HEADER_BYTES].into(),
    };
    let partition = Partition::Dossiers(0);
    let largest = of_size(RECORD_BYTES_MAX);
    let offset = held(soon(log.append(partition, largest.clone())).await);
    let refused = log.append(partition, of_size(RECORD_BYTES_MAX + 1)).await;
    let Err(AppendError::TooLarge { bytes, limit }) = refused else { panic!("not refused: {refused:?}") };
    assert_eq!((bytes, limit), (RECORD_BYTES_MAX + 1, RECORD_BYTES_MAX));
    let headers =
        vec![Header { name: String::new(), value: Bytes::new() }; RECORD_BYTES_MAX / HEADER_BYTES + 1];
    let refused = log.append(partition, Record { headers, ..record("many headers") }).await;
    assert!(matches!(refused, Err(AppendError::TooLarge { .. })));

    let read = read_all(&*log, partition, 0, ReadLimit::default()).await;
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].offset, &read[0].record), (offset, &largest));
}

/// A closed log answers `Closed`, to appends and reads alike, and closing it again does no harm.
pub async fn a_closed_log_says_so(log: Arc<dyn EventLog>) {
    append(&*log, Partition::Registry, "before").await;
    soon(log.close()).await;
    soon(log.close()).await;
    assert!(matches!(log.append(Partition::Registry, record("after")).await, Err(AppendError::Closed)));
    assert!(matches!(log.put_erasable("key", [0; 32]).await, Err(AppendError::Closed)));
    assert!(matches!(log.forget_erasable("key").await, Err(AppendError::Closed)));
    assert!(matches!(log.erasable("key").await, Err(ReadError::Closed)));
    assert!(matches!(log.read(Partition::Registry, 0, ReadLimit::default()).await, Err(ReadError::Closed)));
    assert!(matches!(log.end(Partition::Registry).await, Err(ReadError::Closed)));
    assert!(matches!(log.tail(Partition::Registry), Err(ReadError::Closed)));
}

/// A log that works has nothing to say of its condition, and does not keep fewer copies than it waits for.
pub async fn nothing_is_the_matter_with_a_log_that_works(log: Arc<dyn EventLog>) {
    append(&*log, Partition::Registry, "one").await;
    assert_eq!(*log.condition().borrow(), Condition::default());
    assert!(
        log.copies().is_none_or(|copies| copies.in_sync_min >= 1 && copies.in_sync_min <= copies.replicas)
    );
}
