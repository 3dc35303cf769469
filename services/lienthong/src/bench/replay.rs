//! Replay: a log judged from its raw records alone, as an auditor does.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use lienthong_audit::{LogSource, Unwatched, verify};
use lienthong_log::EventLog;
use lienthong_node::LogUrl;
use serde::Serialize;

use super::load::{Load, Office};
use super::place::{Durability, Place};
use super::timing::{median, per_second};
use super::{BenchError, Watcher};

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    records_per_s: u64,
    events_per_s: u64,
    records: u64,
    elapsed_ms: u64,
    clients: usize,
    runs: u32,
    #[serde(flatten)]
    durability: Durability,
}

struct Run {
    records: u64,
    events: u64,
    elapsed: Duration,
}

/// Measures a full verification, of the log that is there or of one that a load has written.
pub(crate) async fn replay(
    place: &Place,
    load: Load,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let log = place.filled(load, watcher).await?;
    let mut measured = Vec::new();
    for run in 0..=runs {
        watcher.begins(&match run {
            0 => "warming up".to_owned(),
            _ => format!("run {run} of {runs}: verifying"),
        });
        measured.push(once(place, &log).await?);
    }
    let durability = place.durability(log.as_ref());
    log.close().await;
    let warm = measured.get(1..).unwrap_or_default();
    Ok(Figures {
        records_per_s: median(warm, |run| per_second(run.records, run.elapsed)),
        events_per_s: median(warm, |run| per_second(run.events, run.elapsed)),
        records: median(warm, |run| run.records),
        elapsed_ms: median(warm, |run| u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX)),
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
        0 => Ok(Run { records: verified.records, events: verified.events, elapsed }),
        faults => Err(BenchError::Faulty(faults)),
    }
}

impl Place {
    /// The log, with what a load writes where it was empty.
    pub(super) async fn filled(
        &self,
        load: Load,
        watcher: &dyn Watcher,
    ) -> Result<Arc<dyn EventLog>, BenchError> {
        if let Some(log) = self.log().await? {
            return Ok(log);
        }
        watcher.begins(&format!("writing {} dossiers", load.dossiers));
        let province = self.start(&[&ward_desk::SERVICE]).await?;
        let address = province.services.first().map(|service| format!("http://{}", service.address()));
        let written = match Office::open(&address.unwrap_or_default(), load.clients).await {
            Ok(mut office) => office.work(load).await.map(drop),
            Err(error) => Err(error),
        };
        province.stop().await;
        written?;
        self.log().await?.ok_or(BenchError::Ended)
    }
}
