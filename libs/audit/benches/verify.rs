//! Full verification against a plain replay that decodes and folds and believes everything, both on one core.
//!
//! `cargo bench -p lienthong-audit` measures; `docs/performance.md` has the figures. `cargo test` runs it once, small.

#![expect(clippy::unwrap_used, reason = "what fails here ends the bench, as it would a test")]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use lienthong_audit::{Audit, Inspection, LogSource, Unwatched};
use lienthong_dossier::{Dossier, DossierCode, fold};
use lienthong_log::{EventLog, MemoryLog, Partition, ReadLimit, Stored};
use lienthong_wire::stored::{Entry, decode_body, decode_entry};
use tokio::runtime::Runtime;

use support::author::Author;
use support::story::Group;
use support::world::World;

/// Records under one signature.
const BATCHES: [usize; 2] = [64, 1];
/// Dossiers that take each step at once.
const TOGETHER: usize = 64;
const PARTITIONS: u16 = 8;

fn main() {
    divan::main();
}

/// A log whose records are sealed in such batches, and its records.
struct Log {
    log: Arc<dyn EventLog>,
    partitions: Vec<Vec<Stored>>,
    records: usize,
}

impl Log {
    fn new(runtime: &Runtime, batch: usize) -> Self {
        // As a test it only has to run.
        let groups = if std::env::args().any(|arg| arg == "--bench") { 6 } else { 1 };
        let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new(PARTITIONS));
        runtime.block_on(async {
            let mut author = Author::new(World::found(Arc::clone(&log), "bench").await);
            for first in (0..groups).map(|group| 1 + group * TOGETHER) {
                let mut group = Group::new(first, TOGETHER);
                for _ in 0..Group::STEPS {
                    let drafts = group.next(&mut author);
                    author.tell(&drafts, batch).await;
                }
            }
            let mut partitions = Vec::new();
            for partition in (0..PARTITIONS).map(Partition::Dossiers) {
                partitions.push(read(&log, partition).await);
            }
            Self { log, records: partitions.iter().map(Vec::len).sum(), partitions }
        })
    }

    /// Judges from nothing each time: no signature is remembered from the time before.
    fn audit(&self, runtime: &Runtime) -> Audit {
        let source = Arc::new(LogSource::embedded(Arc::clone(&self.log)));
        runtime.block_on(Audit::open(source, Arc::new(Unwatched))).unwrap()
    }
}

async fn read(log: &Arc<dyn EventLog>, partition: Partition) -> Vec<Stored> {
    let mut records: Vec<Stored> = Vec::new();
    loop {
        let next = records.last().map_or(0, |last| last.offset + 1);
        let batch = log.read(partition, next, ReadLimit::default()).await.unwrap();
        if batch.is_empty() {
            return records;
        }
        records.extend(batch);
    }
}

#[divan::bench(args = BATCHES)]
fn decode_and_fold(bencher: Bencher<'_, '_>, batch: usize) {
    let runtime = Runtime::new().unwrap();
    let log = Log::new(&runtime, batch);
    bencher.counter(ItemsCount::new(log.records)).bench_local(|| {
        let mut dossiers: HashMap<DossierCode, Dossier> = HashMap::new();
        for stored in log.partitions.iter().flatten() {
            let Ok(Entry::Proposal(proposal)) = decode_entry(&stored.record.value) else { continue };
            let Ok(body) = decode_body(&proposal.body) else { continue };
            let before = dossiers.remove(&body.act.code);
            if let Some(after) = fold(before, &body.act) {
                dossiers.insert(body.act.code, after);
            }
        }
        assert_eq!(dossiers.len() * Group::STEPS, log.records);
        dossiers
    });
}

#[divan::bench(args = BATCHES)]
fn verify(bencher: Bencher<'_, '_>, batch: usize) {
    let runtime = Runtime::new().unwrap();
    let log = Log::new(&runtime, batch);
    let bencher = bencher.counter(ItemsCount::new(log.records));
    // By reference: to let go of a registry is no part of a verification.
    bencher.with_inputs(|| log.audit(&runtime)).bench_local_refs(|audit| {
        let mut admitted = 0;
        for (number, records) in (0..).zip(&log.partitions) {
            let mut inspection = Inspection::new(audit.trust(), number, true, Vec::new());
            for stored in records {
                inspection.take(audit.trust(), stored).unwrap();
            }
            let report = inspection.finish().unwrap();
            assert!(report.faults.is_empty());
            admitted += report.cursor.admitted;
        }
        assert_eq!(admitted, log.records as u64);
    });
}
