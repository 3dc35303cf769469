//! What a log is told to have been, and to hold: the same at a position as of a log that ends there.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use lienthong_admission::Reason;
use lienthong_audit::{
    After, At, Audit, AuditError, Format, Position, Source, SourceError, Unwatched, dossier_as_of, export,
    log_as_of, voids,
};
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_log::{Partition, Stored};

use crate::mutations::sample::{Fixed, Sample};

async fn opened(source: Arc<dyn Source>) -> Audit {
    Audit::open(source, Arc::new(Unwatched)).await.unwrap()
}

async fn exported(audit: &Audit, at: &At, format: Format) -> String {
    let mut all = Vec::new();
    let keep = |bytes: &[u8]| {
        all.extend_from_slice(bytes);
        Ok(())
    };
    export(audit, at, format, keep).await.unwrap();
    String::from_utf8(all).unwrap()
}

/// The first half of each partition, and the position where they end.
fn halves(sample: &Sample) -> (Vec<Vec<Stored>>, BTreeMap<u16, u64>) {
    let halves = sample.partitions.iter().map(|records| records[..records.len() / 2].to_vec());
    let halves: Vec<_> = halves.collect();
    let ends = (0..).zip(&halves).map(|(number, records)| (number, records.last().unwrap().offset + 1));
    let ends = ends.collect();
    (halves, ends)
}

/// The sample, a copy that ends in the middle of each partition, and that position.
async fn cut() -> (Audit, Audit, At) {
    let sample = Sample::embedded().await;
    let whole = opened(Fixed::source(&sample.registry, &sample.partitions)).await;
    let (halves, ends) = halves(&sample);
    (whole, opened(Fixed::source(&sample.registry, &halves)).await, At::Position(Position(ends)))
}

/// A log with one more record in each partition, which is damaged.
struct DamagedAtItsEnd(Arc<dyn Source>);

#[async_trait]
impl Source for DamagedAtItsEnd {
    fn times_rise(&self) -> bool {
        self.0.times_rise()
    }

    async fn end(&self, partition: Partition) -> u64 {
        self.0.end(partition).await
    }

    fn records(&self, partition: Partition) -> BoxStream<'static, Result<Vec<Stored>, SourceError>> {
        let records = self.0.records(partition);
        let damaged = SourceError::Damaged { partition, offset: u64::MAX, what: "a bit of it" };
        if !matches!(partition, Partition::Dossiers(_)) {
            return records;
        }
        records.chain(stream::iter([Err(damaged)])).boxed()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_position_a_log_is_what_it_was_when_it_ended_there() {
    let (whole, early, at) = cut().await;
    let then = log_as_of(&whole, &at).await.unwrap();
    assert_eq!(then, log_as_of(&early, &At::End).await.unwrap());
    let now = log_as_of(&whole, &At::End).await.unwrap();
    assert!(then.digest != now.digest && then.records < now.records);
    assert_eq!(now.statuses.values().sum::<u64>(), now.dossiers);
    for code in ["H56.2-261102-0001", "H56.2-261102-0201", "H56.2-261102-9999"] {
        let code = DossierCode::parse(code).unwrap();
        let then = dossier_as_of(&whole, &at, &code).await.unwrap();
        assert_eq!(then, dossier_as_of(&early, &At::End, &code).await.unwrap());
    }
    for format in [Format::JsonLines, Format::Csv, Format::Xes] {
        let then = exported(&whole, &at, format).await;
        assert_eq!(then, exported(&early, &At::End, format).await, "{format:?}");
        assert!(then.len() < exported(&whole, &At::End, format).await.len());
        for private in ["Lê Thị Mẫu", "Bí Mật"] {
            assert!(!then.contains(private), "{format:?}: {private}");
        }
        assert!(then.contains("training"), "{format:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_before_a_damaged_record_is_told_and_the_end_behind_it_is_not() {
    let sample = Sample::embedded().await;
    let (halves, ends) = halves(&sample);
    let source = Fixed::source(&sample.registry, &halves);
    let sound = opened(Arc::clone(&source)).await;
    let damaged = opened(Arc::new(DamagedAtItsEnd(source))).await;
    let one = [(1, ends[&1])].into();
    for position in [ends, one] {
        let at = At::Position(Position(position));
        assert_eq!(log_as_of(&damaged, &at).await.unwrap(), log_as_of(&sound, &at).await.unwrap());
    }
    let told = log_as_of(&damaged, &At::End).await;
    assert!(matches!(told, Err(AuditError::Source(SourceError::Damaged { .. }))), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn append_times_mean_nothing_in_a_training_log_and_partitions_are_those_it_has() {
    let (whole, _, _) = cut().await;
    let at = At::Instant(Instant::from_millis(0));
    assert!(matches!(log_as_of(&whole, &at).await, Err(AuditError::Training)));
    let at = "3:1".parse().unwrap();
    let beyond = log_as_of(&whole, &at).await;
    assert!(matches!(beyond, Err(AuditError::Partition { partition: 3, last: 2 })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_beyond_the_end_of_a_partition_is_refused_and_the_end_is_not() {
    let (whole, _, _) = cut().await;
    let end = log_as_of(&whole, &At::End).await.unwrap().position.0[&1];
    let at = |offset| At::Position(Position([(1, offset)].into()));
    assert_eq!(log_as_of(&whole, &at(end)).await.unwrap().position.0, [(1, end)].into());
    let beyond = log_as_of(&whole, &at(end + 1)).await;
    let is_told = |error: &AuditError| matches!(error, AuditError::Beyond { partition: 1, wanted, end: told } if (*wanted, *told) == (end + 1, end));
    assert!(beyond.as_ref().is_err_and(is_told), "{beyond:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voids_are_listed_page_by_page_in_one_order() {
    let (whole, _, _) = cut().await;
    let all = voids(&whole, &At::End, None, None, 1_000).await.unwrap();
    assert_eq!((all.voids.len() as u64, all.more), (all.counts.values().sum(), false));
    assert!(all.counts.contains_key(&Reason::Decoding) && all.voids.len() > 10);
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = voids(&whole, &At::End, None, after, 3).await.unwrap();
        assert_eq!(page.counts, all.counts);
        paged.extend(page.voids);
        let last = paged.last().unwrap();
        after = Some(After { partition: last.partition, offset: last.offset });
        if !page.more {
            break;
        }
    }
    assert_eq!(paged, all.voids);
}
