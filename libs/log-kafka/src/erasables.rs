//! The erasable values: a table read from a compacted topic.
//!
//! ```text
//! none --value--> stands --tombstone--> forgotten
//!   `------------tombstone------------------^        nothing changes it any more
//! ```
//!
//! The first value in the order of the topic stands. Compaction keeps the last record of a key, so one that lost the race
//! must not be the last: whoever reads it there writes what stands behind it. Compaction waits a day, see `topics`. A
//! tombstone is a value of no bytes, not a null: Kafka drops nulls after a while, and a forgotten key is dead for good.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Mutex;

use lienthong_log::{ERASABLE_BYTES, ERASABLE_KEY_BYTES_MAX, ERASABLES_LISTED_MAX, Erasable};
use tokio::sync::watch;

use crate::state::lock;

#[derive(Default)]
pub(crate) struct Erasables {
    table: Mutex<Table>,
    /// The offset to read next.
    read: watch::Sender<u64>,
}

#[derive(Default)]
struct Table {
    /// None is a tombstone.
    values: BTreeMap<Box<str>, Option<[u8; ERASABLE_BYTES]>>,
    /// Keys whose last record is not what stands.
    overwritten: BTreeSet<Box<str>>,
}

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Never,
    Value([u8; ERASABLE_BYTES]),
    Forgotten,
}

impl Erasables {
    /// Begins where the topic does: compaction may have taken its first records.
    pub(crate) fn begin(&self, start: u64) {
        self.read.send_replace(start);
    }

    /// The offset to read next, to be waited on.
    pub(crate) fn read(&self) -> watch::Receiver<u64> {
        self.read.subscribe()
    }

    pub(crate) fn standing(&self, key: &str) -> Standing {
        match lock(&self.table).values.get(key) {
            None => Standing::Never,
            Some(None) => Standing::Forgotten,
            Some(Some(value)) => Standing::Value(*value),
        }
    }

    pub(crate) fn list(&self, after: &str, limit: usize) -> Vec<Erasable> {
        let table = lock(&self.table);
        let later = table.values.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        later.take(limit.min(ERASABLES_LISTED_MAX)).map(|(key, value)| (key.to_string(), *value)).collect()
    }

    /// Keys whose last record must be followed by what stands, with that; at most `limit`.
    pub(crate) fn overwritten(&self, limit: usize) -> Vec<Erasable> {
        let table = lock(&self.table);
        let keys = table.overwritten.iter().take(limit);
        keys.filter_map(|key| Some((key.to_string(), *table.values.get(key)?))).collect()
    }

    /// Takes the next record of the topic; its value is none where it is null.
    pub(crate) fn take(&self, offset: u64, key: &[u8], value: Option<&[u8]>) {
        if offset < *self.read.borrow() {
            // Read before, by a reader that was replaced.
            return;
        }
        lock(&self.table).take(offset, key, value);
        self.read.send_replace(offset + 1);
    }
}

impl Table {
    fn take(&mut self, offset: u64, key: &[u8], value: Option<&[u8]>) {
        let key = std::str::from_utf8(key).ok().filter(|key| key.len() <= ERASABLE_KEY_BYTES_MAX);
        // Compaction takes a null for a tombstone and drops it after a while: what stands is written behind it.
        let is_null = value.is_none();
        let value = value.unwrap_or_default();
        let value = if value.is_empty() { Ok(None) } else { value.try_into().map(Some) };
        let (Some(key), Ok(value)) = (key, value) else {
            tracing::warn!(offset, "no erasable value; whoever wrote it may not write here");
            return;
        };
        let stands = self.values.get(key).copied();
        // A tombstone ends whatever stands; a value stands only where nothing did.
        let now = if value.is_none() { None } else { stands.unwrap_or(value) };
        if stands != Some(now) {
            self.values.insert(key.into(), now);
        }
        if is_null || value != now {
            self.overwritten.insert(key.into());
        } else {
            self.overwritten.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every record in turn, and what stands under `key` at last; with whether it has to be written again.
    fn after(records: &[&[u8]]) -> (Standing, bool) {
        let erasables = Erasables::default();
        for (offset, value) in (0..).zip(records) {
            erasables.take(offset, b"key", Some(value));
        }
        (erasables.standing("key"), !erasables.overwritten(1).is_empty())
    }

    const A: &[u8] = &[1; 32];
    const B: &[u8] = &[2; 32];
    const TOMBSTONE: &[u8] = &[];

    #[test]
    fn the_first_value_stands_and_a_tombstone_ends_it() {
        let a = Standing::Value([1; 32]);
        for (records, expected) in [
            (&[][..], (Standing::Never, false)),
            (&[A], (a, false)),
            (&[A, B], (a, true)),
            (&[A, B, A], (a, false)),
            (&[A, TOMBSTONE], (Standing::Forgotten, false)),
            (&[A, B, TOMBSTONE], (Standing::Forgotten, false)),
            (&[TOMBSTONE], (Standing::Forgotten, false)),
            (&[TOMBSTONE, A], (Standing::Forgotten, true)),
            (&[TOMBSTONE, A, TOMBSTONE], (Standing::Forgotten, false)),
            (&[b"foreign", A], (a, false)),
            (&[A, b"foreign"], (a, false)),
        ] {
            assert_eq!(after(records), expected, "{records:?}");
        }
    }

    #[test]
    fn a_null_is_a_tombstone_that_must_be_written_again() {
        let erasables = Erasables::default();
        erasables.take(0, b"key", Some(A));
        erasables.take(1, b"key", None);
        assert_eq!(erasables.standing("key"), Standing::Forgotten);
        assert_eq!(erasables.overwritten(9), [("key".to_owned(), None)]);
        erasables.take(2, b"key", Some(TOMBSTONE));
        assert_eq!(erasables.overwritten(9), []);
    }

    #[test]
    fn a_record_that_is_read_again_changes_nothing() {
        let erasables = Erasables::default();
        erasables.take(0, b"key", Some(A));
        erasables.take(1, b"key", Some(TOMBSTONE));
        erasables.take(0, b"key", Some(A));
        assert_eq!(erasables.overwritten(1), []);
        assert_eq!(*erasables.read().borrow(), 2);
    }
}
