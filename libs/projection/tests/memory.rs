//! What a store takes of memory. In a process of its own, so that nothing else counts.

use std::fs;

use lienthong_admission::Changes;
use lienthong_projection::{Advance, Identity, Store};
use lienthong_seal::Hash;

const BATCHES: u64 = 256;
const ROWS: u64 = 512;
/// Without being swept, sled leaves some 2 KiB for each row that is written.
const GROWS_MAX_KIB: u64 = 96 * 1024;

/// The most that was resident so far.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn large_batches_leave_nothing_behind_in_memory() {
    let place = tempfile::tempdir().unwrap();
    let identity = Identity { log_id: Hash([7; 32]), partitions: 1 };
    let store = Store::open(&place.path().join("store"), &identity).unwrap().store;
    let cursor = store.cursor(0).unwrap();
    let before = peak_kib().unwrap();
    for batch in 0..BATCHES {
        let count = |row: u64| 64 * (1 + (batch * ROWS + row).wrapping_mul(2_654_435_761) % (1 << 32));
        let witnesses = (0..ROWS).map(|row| (count(row), row, Hash([1; 32]))).collect();
        let changes = Changes { rows: Vec::new(), witnesses };
        store.write(Advance { partition: 0, cursor: cursor.clone(), changes, voids: Vec::new() }).unwrap();
    }
    let grown = peak_kib().unwrap() - before;
    assert!(grown < GROWS_MAX_KIB, "{grown} KiB more for {} rows", BATCHES * ROWS);
}
