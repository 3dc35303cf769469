//! The contract of [`EventLog`] as checks that every implementation runs.
//!
//! [`contract_tests!`](crate::contract_tests) makes one test of each check. A check takes a fresh, empty log with
//! [`PARTITIONS`] dossier partitions, panics where the contract is broken, and assumes nothing that the trait does not
//! promise: not that offsets start at 0, nor that they have no gaps. Time limits are guards, nothing waits for them.
#![expect(clippy::panic, reason = "a check fails by panicking, as tests do")]

mod append;
mod erasable;
mod follow;
mod read;
mod restore;

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::append::*;
pub use self::erasable::*;
pub use self::follow::*;
pub use self::read::*;
pub use self::restore::*;
use crate::{EventLog, Header, Partition, ReadLimit, Record, Stored};

/// How many dossier partitions the log of a check has.
pub const PARTITIONS: u16 = 3;

/// After this long a check has failed: something that must happen did not.
const GUARD: Duration = Duration::from_secs(60);

/// One test per check. Takes the path of an `async fn() -> (Arc<dyn EventLog>, T)` that makes a fresh log and whatever
/// must live as long as it, and needs `tokio` with its macros where it is used.
///
/// [`reopening_keeps_everything`] is not among them: durable logs call it with their own way to reopen.
#[macro_export]
macro_rules! contract_tests {
    ($fresh:path) => {
        $crate::contract_tests! { $fresh:
            offsets_rise_and_order_is_kept
            an_answered_append_can_be_read
            append_times_never_decrease
            concurrent_appends_land_exactly_once
            an_unknown_partition_is_an_error
            a_record_over_the_limit_is_refused
            a_closed_log_says_so
            read_limits_are_honoured
            a_read_starts_at_the_offset_it_names
            reading_at_or_after_the_end_gives_nothing
            partitions_do_not_mix
            the_tail_moves_when_records_become_visible
            an_append_wakes_a_follower
            a_follower_sees_every_record_once_in_order
            a_slow_follower_holds_up_no_append
            a_follower_ends_when_the_log_is_closed
            the_first_erasable_value_stands
            one_of_many_erasable_values_stands
            a_forgotten_erasable_value_stays_forgotten
            erasable_values_are_listed_in_order
            nothing_is_the_matter_with_a_log_that_works
        }
    };
    ($fresh:path: $($check:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let (log, _kept) = $fresh().await;
                $crate::contract::$check(log).await;
            }
        )+
    };
}

/// A partition of every kind, the last dossier partition among them.
pub const EVERY_KIND: [Partition; 4] =
    [Partition::Registry, Partition::Dossiers(0), Partition::Dossiers(PARTITIONS - 1), Partition::Reads];

/// A record that no other `name` makes, with headers.
#[must_use]
pub fn record(name: &str) -> Record {
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: Bytes::copy_from_slice(value.as_bytes()),
    };
    Record {
        key: Bytes::copy_from_slice(name.as_bytes()),
        headers: vec![header("ce_specversion", "1.0"), header("ce_id", name)],
        value: Bytes::from(format!("value of {name}")),
    }
}

/// Every record from `from` to the end, read with `limit`.
pub async fn read_all(
    log: &dyn EventLog,
    partition: Partition,
    mut from: u64,
    limit: ReadLimit,
) -> Vec<Stored> {
    let mut all = Vec::new();
    loop {
        let batch = held(log.read(partition, from, limit).await);
        let Some(last) = batch.last() else { return all };
        from = last.offset + 1;
        all.extend(batch);
    }
}

/// What a call that must succeed answers.
pub(crate) fn held<T, E: Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("a call that must succeed failed: {error:?}"))
}

/// What comes of `future`, which must end.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, future).await {
        Ok(answer) => answer,
        Err(_) => panic!("nothing happened for {GUARD:?}"),
    }
}

/// Appends a record of this name.
async fn append(log: &dyn EventLog, partition: Partition, name: &str) -> u64 {
    held(soon(log.append(partition, record(name))).await)
}

/// Everything that was answered before a log was let go is there after it is opened again: records with their offsets
/// and times, the end, erasable values and tombstones; and appends go on behind it.
pub async fn reopening_keeps_everything<F>(
    log: Arc<dyn EventLog>,
    reopen: impl FnOnce(Arc<dyn EventLog>) -> F,
) where
    F: Future<Output = Arc<dyn EventLog>>,
{
    for partition in EVERY_KIND {
        for number in 0..20 {
            append(&*log, partition, &format!("{partition} {number}")).await;
        }
    }
    held(log.put_erasable("kept", [1; 32]).await);
    held(log.put_erasable("forgotten", [2; 32]).await);
    held(log.forget_erasable("forgotten").await);
    let mut before = Vec::new();
    for partition in EVERY_KIND {
        let records = read_all(&*log, partition, 0, ReadLimit::default()).await;
        before.push((partition, records, held(log.end(partition).await)));
    }

    let log = soon(reopen(log)).await;
    assert_eq!(log.dossier_partitions(), PARTITIONS);
    for (partition, records, end) in before {
        assert_eq!(held(log.end(partition).await), end);
        assert_eq!(read_all(&*log, partition, 0, ReadLimit::default()).await, records);
        let last = records.last().map(|stored| (stored.offset, stored.appended_ms));
        let offset = append(&*log, partition, "after it").await;
        let next = read_all(&*log, partition, end, ReadLimit::default()).await;
        assert_eq!(next.len(), 1);
        assert_eq!((next[0].offset, &next[0].record), (offset, &record("after it")));
        assert!(last.is_some_and(|(last, ms)| last < offset && ms <= next[0].appended_ms));
    }
    assert_eq!(held(log.erasable("kept").await), Some([1; 32]));
    assert_eq!(held(log.put_erasable("kept", [3; 32]).await), [1; 32]);
    assert_eq!(held(log.erasable("forgotten").await), None);
    assert!(matches!(log.put_erasable("forgotten", [3; 32]).await, Err(crate::AppendError::Erased)));
}
