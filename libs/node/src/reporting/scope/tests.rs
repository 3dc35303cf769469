use lienthong_projection::Identity;
use lienthong_seal::Hash;

use super::*;

#[test]
fn a_report_that_nobody_waits_for_reads_no_further_where_nothing_is_counted_either() {
    const PARTITIONS: u16 = 48;
    let place = tempfile::tempdir().unwrap();
    let identity = Identity { log_id: Hash([7; 32]), partitions: PARTITIONS };
    let store = Store::open(&place.path().join("store"), &identity).unwrap().store;
    let mut gone_through = 0;
    let partitions = (0..PARTITIONS).inspect(|_| gone_through += 1);
    let surveyed = survey(&store, partitions, |_, _, _| None, |_| Err(Unfinished::Gone));
    assert!(matches!(surveyed, Err(Unfinished::Gone)));
    assert!((1..=THREADS_MAX).contains(&gone_through), "{gone_through}");
}
