//! Replay: a log judged from its raw records alone, as an auditor does.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use lienthong_audit::{LogSource, Unwatched, verify};
use lienthong_log::EventLog;
use lienthong_node::LogUrl;
use serde::Serialize;

use super::place::{Durability, Place};
use super::sample::Sample;
use super::timing::{median, per_second};
use super::{BenchError, Load, Watcher, memory};

/// Records that are looked at to see how many share a signature.
const SAMPLED: usize = 500;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    records_per_s: u64,
    events_per_s: u64,
    records: u64,
    events: u64,
    elapsed_ms: u64,
    /// The most memory that this process had while it verified; none where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_resident_mib: Option<u64>,
    /// Records under the signature of the middle one of some that were picked from the log.
    signed_together: u64,
    /// None of a log on brokers.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_bytes: Option<u64>,
    clients: usize,
    runs: u32,
    #[serde(flatten)]
    durability: Durability,
}

struct Run {
    records: u64,
    events: u64,
    elapsed: Duration,
    peak_mib: Option<u64>,
}

/// Measures a full verification of the log that is there. Runs of a log that is verified for minutes need none that warms
/// up: they are cold for a small part of the time.
pub(crate) async fn replay(
    place: &Place,
    load: Load,
    runs: u32,
    is_cold: bool,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let log = place.log().await?.ok_or(BenchError::Ended)?;
    let mut measured = Vec::new();
    for run in u32::from(is_cold)..=runs {
        watcher.begins(&match run {
            0 => "warming up".to_owned(),
            _ => format!("run {run} of {runs}: verifying"),
        });
        memory::forget_the_peak();
        measured.push(once(place, &log).await?);
    }
    let signed_together = Sample::of(log.as_ref(), SAMPLED).await?.signed_together();
    let durability = place.durability(log.as_ref());
    log.close().await;
    let warm = measured.get(usize::from(!is_cold)..).unwrap_or_default();
    Ok(Figures {
        records_per_s: median(warm, |run| per_second(run.records, run.elapsed)),
        events_per_s: median(warm, |run| per_second(run.events, run.elapsed)),
        records: median(warm, |run| run.records),
        events: median(warm, |run| run.events),
        elapsed_ms: median(warm, |run| u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX)),
        peak_resident_mib: measured.iter().filter_map(|run| run.peak_mib).max(),
        signed_together,
        log_bytes: place.log_bytes(),
        clients: load.clients,
        runs,
        durability,
    })
}

async fn once(place: &Place, log: &Arc<dyn EventLog>) -> Result<Run, BenchError> {
    let source = match place.url {
        LogUrl::Embedded(_) => LogSource::embedded(Arc::clone(log)),
        LogUrl::Kafka(_) => LogSource::shared(Arc::clone(log)),
    };
    let begun = Stopwatch::now();
    let verified = verify(Arc::new(source), &[], Arc::new(Unwatched)).await?;
    let elapsed = begun.elapsed();
    match verified.faults.len() as u64 {
        0 => Ok(Run {
            records: verified.records,
            events: verified.events,
            elapsed,
            peak_mib: memory::peak_mib(),
        }),
        faults => Err(BenchError::Faulty(faults)),
    }
}
