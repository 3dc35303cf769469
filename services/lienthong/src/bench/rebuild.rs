//! Rebuild: a service that has lost its store builds it again from the log, and then answers from it.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use lienthong_admission::Cursor;
use lienthong_log::EventLog;
use lienthong_node::{Charter, Node, NodeParts, Replica, StartError};
use serde::Serialize;

use super::answers::{Answers, ask};
use super::place::{Durability, Place};
use super::timing::{median, per_second};
use super::{BenchError, Load, Watcher, memory};
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
    /// None of a log on brokers.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_bytes: Option<u64>,
    /// One dossier after another, read by one client over gRPC.
    get_p50_us: u64,
    get_p99_us: u64,
    /// What this process had after these reads, its client and its log included.
    #[serde(skip_serializing_if = "Option::is_none")]
    resident_mib: Option<u64>,
    /// First pages, one after another.
    search_p50_us: u64,
    search_p95_us: u64,
    /// II.06 of the year, of all dossiers.
    report_us: u64,
    /// The most that this process had while it answered all of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    answering_peak_resident_mib: Option<u64>,
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
    peak_mib: Option<u64>,
    store_bytes: u64,
    answers: Answers,
}

/// Measures the building of a store from the log that is there, and what is answered from it.
pub(crate) async fn rebuild(
    place: &Place,
    load: Load,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let log = place.log().await?.ok_or(BenchError::Ended)?;
    let charter = Charter::open(log.as_ref(), None).await.map_err(ProvinceError::from)?;
    let mut measured = Vec::new();
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: building the store"));
        measured.push(once(place, &log, &charter, watcher).await?);
    }
    let durability = place.durability(log.as_ref());
    log.close().await;
    let most = |mib: fn(&Run) -> Option<u64>| measured.iter().filter_map(mib).max();
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    Ok(Figures {
        events_per_s: median(&measured, |run| per_second(run.events, run.elapsed)),
        records_per_s: median(&measured, |run| per_second(run.records, run.elapsed)),
        events: median(&measured, |run| run.events),
        dossiers: median(&measured, |run| run.dossiers),
        elapsed_ms: median(&measured, |run| u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX)),
        peak_resident_mib: most(|run| run.peak_mib),
        store_bytes: median(&measured, |run| run.store_bytes),
        log_bytes: place.log_bytes(),
        get_p50_us: median(&measured, |run| run.answers.gets.at_per_mille(500)),
        get_p99_us: median(&measured, |run| run.answers.gets.at_per_mille(990)),
        resident_mib: most(|run| run.answers.resident_mib),
        search_p50_us: median(&measured, |run| run.answers.searches.at_per_mille(500)),
        search_p95_us: median(&measured, |run| run.answers.searches.at_per_mille(950)),
        report_us: median(&measured, |run| micros(run.answers.report)),
        answering_peak_resident_mib: most(|run| run.answers.peak_mib),
        clients: load.clients,
        runs,
        durability,
    })
}

async fn once(
    place: &Place,
    log: &Arc<dyn EventLog>,
    charter: &Charter,
    watcher: &dyn Watcher,
) -> Result<Run, BenchError> {
    let folder = place.scratch()?;
    // Inside, so that the lock that a store has beside it goes with the folder.
    let store = folder.path().join("store");
    let parts = NodeParts {
        name: "bench",
        log: Arc::clone(log),
        charter: charter.clone(),
        keys: None,
        store: &store,
        replica: Replica::default(),
    };
    memory::forget_the_peak();
    let begun = Stopwatch::now();
    let node = Node::start(parts).await?;
    let (elapsed, peak_mib) = (begun.elapsed(), memory::peak_mib());
    let told = node.digest();
    watcher.begins("reading, searching and reporting");
    let answers = ask(&node, log.as_ref()).await;
    node.stop().await;
    let (_, partitions) = told.map_err(StartError::from)?;
    let sum = |figure: fn(&Cursor) -> u64| partitions.iter().map(|(_, cursor)| figure(cursor)).sum();
    Ok(Run {
        events: sum(|cursor| cursor.events),
        records: sum(|cursor| cursor.count),
        dossiers: sum(|cursor| cursor.dossiers),
        elapsed,
        peak_mib,
        store_bytes: memory::folder_bytes(&store),
        answers: answers?,
    })
}
