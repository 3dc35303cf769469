//! Rebuild: a service that has lost its store builds it again from the log.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use lienthong_node::{Charter, Node, NodeParts, Replica};
use serde::Serialize;

use super::load::Load;
use super::place::{Durability, Place};
use super::timing::{median, per_second};
use super::{BenchError, Watcher};
use crate::province::ProvinceError;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    events_per_s: u64,
    records_per_s: u64,
    events: u64,
    dossiers: u64,
    elapsed_ms: u64,
    /// The most memory that this process had while it built; none where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_resident_mib: Option<u64>,
    store_bytes: u64,
    clients: usize,
    runs: u32,
    #[serde(flatten)]
    durability: Durability,
}

struct Run {
    events: u64,
    records: u64,
    dossiers: u64,
    elapsed: Duration,
    store_bytes: u64,
}

/// Measures the building of a store, from the log that is there or from one that a load has written.
pub(crate) async fn rebuild(
    place: &Place,
    load: Load,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let log = place.filled(load, watcher).await?;
    let charter = Charter::open(log.as_ref(), None).await.map_err(ProvinceError::from)?;
    memory::forget_the_peak();
    let mut measured = Vec::new();
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: building the store"));
        let store = place.scratch()?;
        let parts = NodeParts {
            name: "bench",
            log: Arc::clone(&log),
            charter: charter.clone(),
            keys: None,
            store: store.path(),
            replica: Replica::default(),
        };
        let begun = Stopwatch::now();
        let node = Node::start(parts).await?;
        let elapsed = begun.elapsed();
        let told = node.digest();
        node.stop().await;
        let (_, partitions) = told.map_err(lienthong_node::StartError::from)?;
        let sum = |figure: fn(&lienthong_admission::Cursor) -> u64| {
            partitions.iter().map(|(_, cursor)| figure(cursor)).sum()
        };
        measured.push(Run {
            events: sum(|cursor| cursor.events),
            records: sum(|cursor| cursor.count),
            dossiers: sum(|cursor| cursor.dossiers),
            elapsed,
            store_bytes: memory::folder_bytes(store.path()),
        });
    }
    let durability = place.durability(log.as_ref());
    log.close().await;
    Ok(Figures {
        events_per_s: median(&measured, |run| per_second(run.events, run.elapsed)),
        records_per_s: median(&measured, |run| per_second(run.records, run.elapsed)),
        events: median(&measured, |run| run.events),
        dossiers: median(&measured, |run| run.dossiers),
        elapsed_ms: median(&measured, |run| u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX)),
        peak_resident_mib: memory::peak_mib(),
        store_bytes: median(&measured, |run| run.store_bytes),
        clients: load.clients,
        runs,
        durability,
    })
}

/// What the system says of memory and disk.
mod memory {
    use std::fs;
    use std::path::Path;

    /// From here on the peak counts anew, where the system lets it.
    pub(super) fn forget_the_peak() {
        // Where it does not, the figure is that of the whole process, which is no less.
        let _ = fs::write("/proc/self/clear_refs", "5");
    }

    /// The most that was resident.
    pub(super) fn peak_mib() -> Option<u64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib >> 10)
    }

    /// The bytes of a folder's files.
    pub(super) fn folder_bytes(dir: &Path) -> u64 {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let bytes = |entry: fs::DirEntry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
        entries.map(bytes).sum()
    }
}
