//! Checks of reading.

use std::sync::Arc;

use super::{EVERY_KIND, append, held, read_all, record};
use crate::{EventLog, Partition, ReadLimit};

/// A read returns no more than its limits say, but one record in any case; whatever the limits, none is left out.
pub async fn read_limits_are_honoured(log: Arc<dyn EventLog>) {
    let partition = Partition::Dossiers(1);
    for number in 10..30 {
        append(&*log, partition, &number.to_string()).await;
    }
    let each = record("10").bytes();
    let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
    assert_eq!(all.len(), 20);
    let huge = usize::MAX;
    for (records, bytes, expected) in [
        (7, huge, 7),
        (1, huge, 1),
        (0, huge, 1),
        (huge, 0, 1),
        (huge, each - 1, 1),
        (huge, each, 1),
        (huge, 3 * each, 3),
        (huge, 4 * each - 1, 3),
        (2, 3 * each, 2),
        (huge, huge, 20),
    ] {
        let limit = ReadLimit { records, bytes };
        let batch = held(log.read(partition, 0, limit).await);
        assert_eq!(batch, all[..expected], "{limit:?}");
        assert_eq!(read_all(&*log, partition, 0, limit).await, all, "{limit:?}");
    }
}

/// A read begins with the first record at or after the offset it names.
pub async fn a_read_starts_at_the_offset_it_names(log: Arc<dyn EventLog>) {
    let partition = Partition::Reads;
    for number in 0..10 {
        append(&*log, partition, &number.to_string()).await;
    }
    let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
    for (index, stored) in all.iter().enumerate() {
        let batch = held(log.read(partition, stored.offset, ReadLimit::default()).await);
        assert_eq!(batch, all[index..]);
        let batch = held(log.read(partition, stored.offset + 1, ReadLimit::default()).await);
        assert_eq!(batch, all[index + 1..]);
    }
}

/// At the end and beyond it there is nothing to read, and no read waits for it.
pub async fn reading_at_or_after_the_end_gives_nothing(log: Arc<dyn EventLog>) {
    for partition in EVERY_KIND {
        let empty = held(log.read(partition, 0, ReadLimit::default()).await);
        assert_eq!(empty, []);
        append(&*log, partition, "only one").await;
        let end = held(log.end(partition).await);
        for from in [end, end + 1, end + 1000, u64::MAX] {
            assert_eq!(held(log.read(partition, from, ReadLimit::default()).await), [], "from {from}");
        }
    }
}

/// What is appended to one partition is in no other, and moves no other's end.
pub async fn partitions_do_not_mix(log: Arc<dyn EventLog>) {
    for partition in Partition::all(log.dossier_partitions()) {
        append(&*log, partition, &partition.to_string()).await;
    }
    let mut ends = Vec::new();
    for partition in Partition::all(log.dossier_partitions()) {
        let read = read_all(&*log, partition, 0, ReadLimit::default()).await;
        let records: Vec<_> = read.into_iter().map(|stored| stored.record).collect();
        assert_eq!(records, [record(&partition.to_string())]);
        ends.push(held(log.end(partition).await));
    }
    append(&*log, Partition::Registry, "one more").await;
    for (partition, end) in Partition::all(log.dossier_partitions()).zip(ends).skip(1) {
        assert_eq!(held(log.end(partition).await), end);
    }
}
