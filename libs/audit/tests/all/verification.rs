//! A whole log verified: what is sound, what is told of it, and what an expectation finds.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_admission::Reason;
use lienthong_audit::{Expectation, FaultKind, LogSource, Source, Unwatched, Verified, verify};
use lienthong_log::{MemoryLog, Partition};

use crate::mutations::sample::{Fixed, Sample};

async fn verified(source: Arc<dyn Source>, expected: &[Expectation]) -> Verified {
    verify(source, expected, Arc::new(Unwatched)).await.unwrap()
}

/// The log itself, from its file.
fn of_log(sample: &Sample) -> Arc<dyn Source> {
    Arc::new(LogSource::embedded(Arc::clone(&sample.log)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_log_has_voids_but_no_faults_and_always_the_same_hashes() {
    let sample = Sample::embedded().await;
    let found = verified(of_log(&sample), &[]).await;
    assert_eq!(found.faults, []);
    let records: u64 = sample.partitions.iter().map(|records| records.len() as u64).sum();
    assert_eq!((found.records, found.admitted + found.voids.values().sum::<u64>()), (records, records));
    let reasons: Vec<_> = found.voids.keys().copied().collect();
    assert_eq!(reasons, [Reason::Decoding, Reason::Repeat, Reason::Stale, Reason::Key]);
    let again = verified(of_log(&sample), &[]).await;
    assert_eq!((again.digest, &again.hashes), (found.digest, &found.hashes));
    assert_eq!(found.position.0.len(), sample.partitions.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_kept_is_expected_one_by_one_all_at_once_or_as_digest() {
    let sample = Sample::embedded().await;
    let found = verified(of_log(&sample), &[]).await;
    let mut expected: Vec<Expectation> = found
        .hashes
        .iter()
        .filter_map(|kept| Expectation::of(kept.partition, kept.offset, kept.hash))
        .collect();
    let digest = found.digest.unwrap();
    expected.push(format!("{}={digest}", found.position).parse().unwrap());
    expected.push(format!("end={digest}").parse().unwrap());
    assert_eq!(verified(of_log(&sample), &expected).await.faults, []);

    // A hash of one bit less is another one; a position beyond the end is not there.
    for kept in &found.hashes {
        let mut hash = kept.hash;
        hash.0[31] ^= 1;
        let other = Expectation::of(kept.partition, kept.offset, hash).unwrap();
        let [fault] = &verified(of_log(&sample), &[other]).await.faults[..] else { panic!("one fault") };
        assert_eq!((fault.partition, fault.until), (Some(kept.partition), kept.offset));
        assert!(matches!(fault.kind, FaultKind::Expected { .. }));
        let beyond = Expectation::of(kept.partition, kept.offset + 1, kept.hash).unwrap();
        let [fault] = &verified(of_log(&sample), &[beyond]).await.faults[..] else { panic!("one fault") };
        assert_eq!((fault.partition, fault.offset), (Some(kept.partition), kept.offset));
        assert!(matches!(fault.kind, FaultKind::Short { .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_position_is_expected_of_a_log_that_has_grown() {
    let sample = Sample::embedded().await;
    let copy = |upto: usize| {
        let parts = sample.partitions.iter().map(|records| records[..records.len() / upto].to_vec());
        Fixed::source(&sample.registry, &parts.collect::<Vec<_>>())
    };
    let early = verified(copy(2), &[]).await;
    let kept: Vec<_> = early
        .hashes
        .iter()
        .filter_map(|kept| Expectation::of(kept.partition, kept.offset, kept.hash))
        .chain([format!("{}={}", early.position, early.digest.unwrap()).parse().unwrap()])
        .collect();
    assert_eq!(verified(copy(1), &kept).await.faults, []);
    // And of one that has shrunk each partition is told.
    let short: BTreeMap<_, _> = verified(copy(4), &kept)
        .await
        .faults
        .iter()
        .filter(|fault| matches!(fault.kind, FaultKind::Short { .. }))
        .map(|fault| (fault.partition, fault.until))
        .collect();
    let ends = early.hashes.iter().filter(|kept| kept.partition != Partition::Registry);
    assert_eq!(short, ends.map(|kept| (Some(kept.partition), kept.offset)).collect());
}

#[tokio::test]
async fn a_registry_that_does_not_hold_is_a_fault_at_its_place_and_nothing_is_judged_by_it() {
    let sample = Sample::embedded().await;
    let mut registry = sample.registry.clone();
    let mut value = registry[0].record.value.to_vec();
    value[100] ^= 1;
    registry[0].record.value = value.into();
    let found = verified(Fixed::source(&registry, &sample.partitions), &[]).await;
    let [fault] = &found.faults[..] else { panic!("{:?}", found.faults) };
    assert_eq!((fault.partition, fault.offset), (Some(Partition::Registry), 0));
    assert_eq!((found.log_id, found.digest, found.records), (None, None, 0));
}

#[tokio::test]
async fn what_stands_around_the_registry_is_checked() {
    let sample = Sample::embedded().await;
    for change in [0, 1, 2] {
        let mut registry = sample.registry.clone();
        match change {
            0 => registry[0].record.key = "H56.2".into(),
            1 => registry[0].record.headers[0].value = "text/plain".into(),
            _ => registry[0].record.headers.clear(),
        }
        let found = verified(Fixed::source(&registry, &sample.partitions), &[]).await;
        let [fault] = &found.faults[..] else { panic!("{:?}", found.faults) };
        let place = (fault.partition, fault.offset, &fault.kind);
        assert_eq!(place, (Some(Partition::Registry), 0, &FaultKind::RegistryFrame));
    }
}

#[tokio::test]
async fn an_empty_log_is_none() {
    let log = Arc::new(LogSource::embedded(Arc::new(MemoryLog::new(3))));
    let error = verify(log, &[], Arc::new(Unwatched)).await.unwrap_err();
    assert!(matches!(error, lienthong_audit::AuditError::Empty));
}
