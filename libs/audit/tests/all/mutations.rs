//! Ten thousand random changes of a real log, none of which goes unseen.
//!
//! Each changes one thing in a copy of one partition: a byte of key, header, time or value; two records swapped, one
//! removed, repeated, or moved to another partition; a seal taken from another record, another partition or another log.
//! What authors of later records had read is found without any help, at its place; what only the newest records hold, by
//! the hash that was kept.

mod change;
pub(crate) mod sample;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lienthong_audit::{Expectation, Fault, Inspection, PartitionReport, Unwatched, verify};
use lienthong_log::{Partition, Stored};

use change::{Changed, change};
use sample::{CHECKPOINT, Fixed, Sample};

const CHANGES: u64 = 10_000;

/// How it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// By the records alone.
    Alone,
    /// By the hash that was kept.
    Expected,
}

/// Verifies one changed partition from the last checkpoint before the change on, and stops where the change is named.
fn inspect(sample: &Sample, partition: u16, first: usize, records: &[Stored]) -> PartitionReport {
    let number = usize::from(partition);
    let mut inspection: Inspection = sample.checkpoints[number][first / CHECKPOINT].clone();
    let trust = sample.audit.trust();
    let offset = offset_of(sample, partition, first);
    for stored in &records[first / CHECKPOINT * CHECKPOINT..] {
        inspection.take(trust, stored).unwrap();
        if !inspection.is_sound() {
            let report = inspection.clone().finish().unwrap();
            if report.faults.kept().iter().any(|fault| names(fault, partition, offset)) {
                return report;
            }
        }
    }
    inspection.finish().unwrap()
}

/// The offset of a record before anything was changed; the end for the one behind the last.
fn offset_of(sample: &Sample, partition: u16, index: usize) -> u64 {
    let original = &sample.partitions[usize::from(partition)];
    original.get(index).map_or(original.len() as u64, |stored| stored.offset)
}

fn names(fault: &Fault, partition: u16, offset: u64) -> bool {
    fault.partition == Some(Partition::Dossiers(partition)) && fault.offset <= offset && offset < fault.until
}

/// Whether the hash that was kept at the partition's end is another one now, or was not reached.
fn differs(sample: &Sample, report: &PartitionReport) -> bool {
    let kept = &sample.kept[usize::from(report.partition)];
    let mark = report.marks.iter().find(|mark| mark.at == kept.offset);
    mark.is_none_or(|mark| mark.chain != kept.hash)
}

/// Makes one change and looks for it.
fn find(sample: &Sample, seed: u64) -> (&'static str, Vec<Found>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let changed = change(sample, &mut random);
    let found = changed.partitions.iter().map(|Changed { partition, first, records }| {
        let original = &sample.partitions[usize::from(*partition)];
        assert_ne!(original, records, "{seed}: nothing was changed");
        let covered = sample.kept[usize::from(*partition)].covered;
        let offset = offset_of(sample, *partition, *first);
        let report = inspect(sample, *partition, *first, records);
        let named = report.faults.kept().iter().any(|fault| names(fault, *partition, offset));
        let what = changed.what;
        if offset < covered {
            assert!(named, "{seed}: {what} at {partition}:{offset}: {:?}", report.faults);
            return Found::Alone;
        }
        // What only the newest records hold may give itself away, at one of the places that were changed.
        if !report.faults.is_empty() {
            return Found::Alone;
        }
        assert!(differs(sample, &report), "{seed}: {what} at {partition}:{offset} slips through");
        Found::Expected
    });
    (changed.what, found.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_of_ten_thousand_random_changes_slips_through() {
    let sample = Sample::embedded().await;
    for (records, kept) in sample.partitions.iter().zip(&sample.kept) {
        assert!(records.len() > 300, "several hundred records in each partition");
        assert!(records.len() as u64 - kept.covered <= 64, "all but the newest 64 are covered");
    }
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let all = std::thread::scope(|scope| {
        let search = || {
            let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed) as u64);
            seeds.take_while(|seed| *seed < CHANGES).map(|seed| find(&sample, seed)).collect::<Vec<_>>()
        };
        let searches: Vec<_> = (0..cores).map(|_| scope.spawn(search)).collect();
        searches.into_iter().flat_map(|search| search.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(all.len() as u64, CHANGES);
    // Every kind of change was made often, and both ways of finding were needed.
    for what in change::KINDS {
        let times = all.iter().filter(|(made, _)| made == what).count();
        assert!(times > 300, "{what}: {times}");
    }
    for way in [Found::Alone, Found::Expected] {
        assert!(all.iter().filter(|(_, found)| found.contains(&way)).count() > 300, "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_off_is_found_by_the_hash_that_was_kept() {
    let sample = Sample::embedded().await;
    for (number, original) in sample.partitions.iter().enumerate() {
        for left in [0, 1, 64, 200, original.len() - 64, original.len() - 1] {
            let report = inspect(&sample, number as u16, left, &original[..left]);
            assert!(report.faults.is_empty() && differs(&sample, &report), "{number}: {left}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_verification_with_what_was_kept_finds_every_change_in_its_partition() {
    let sample = Sample::embedded().await;
    let kept = sample.kept.iter();
    let kept: Vec<_> =
        kept.filter_map(|kept| Expectation::of(kept.partition, kept.offset, kept.hash)).collect();
    for seed in 0..40 {
        let changed = change(&sample, &mut fastrand::Rng::with_seed(seed));
        let mut partitions = sample.partitions.clone();
        for changed in &changed.partitions {
            partitions[usize::from(changed.partition)].clone_from(&changed.records);
        }
        let source = Fixed::source(&sample.registry, &partitions);
        let faults = verify(source, &kept, Arc::new(Unwatched)).await.unwrap().faults;
        for Changed { partition, .. } in &changed.partitions {
            let partition = Some(Partition::Dossiers(*partition));
            assert!(faults.iter().any(|fault| fault.partition == partition), "{seed}: {faults:?}");
        }
    }
}
