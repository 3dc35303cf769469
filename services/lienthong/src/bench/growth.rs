//! Growth: what the same work costs as the log grows.
//!
//! ```text
//! history up to the next size --> log --> verified by a process of its own, rebuilt and asked by another --> row
//!     ^                                                                                                       |
//!     `-------------------------------------------------------------------------------------------------------'
//! ```

mod picture;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Apart, BenchError, History, Place, Watcher};

pub(crate) use picture::picture;

/// How a log grows.
#[derive(Debug, Clone)]
pub(crate) struct Growth {
    /// Records at which it is measured, in rising order.
    pub(crate) sizes: Vec<u64>,
    /// Dossiers that are open at once, at least 1: the next are received when these have taken all their commands.
    pub(crate) open: u64,
    /// Commands on each dossier after its reception.
    pub(crate) commands: u32,
    /// Records under one signature.
    pub(crate) signed_together: usize,
    /// How each size is measured.
    pub(crate) apart: Apart,
}

/// What a log of one size costs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(super) events: u64,
    records: u64,
    dossiers: u64,
    /// None of a log on brokers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) log_bytes: Option<u64>,
    pub(super) store_bytes: u64,
    /// Full verification.
    pub(super) replay_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replay_peak_resident_mib: Option<u64>,
    /// The store from nothing.
    pub(super) rebuild_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rebuild_peak_resident_mib: Option<u64>,
    /// II.06 of the year, of all dossiers.
    pub(super) report_us: u64,
    /// First pages.
    search_p50_us: u64,
    pub(super) search_p95_us: u64,
    get_p50_us: u64,
    get_p99_us: u64,
    /// The node when dossiers were read from it, and the most it had while it searched and reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    resident_mib: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answering_peak_resident_mib: Option<u64>,
}

/// What `bench replay` tells.
#[derive(Debug, Deserialize)]
struct Replayed {
    elapsed_ms: u64,
    peak_resident_mib: Option<u64>,
    records: u64,
    log_bytes: Option<u64>,
}

/// What `bench rebuild` tells.
#[derive(Debug, Deserialize)]
struct Rebuilt {
    events: u64,
    dossiers: u64,
    elapsed_ms: u64,
    peak_resident_mib: Option<u64>,
    store_bytes: u64,
    get_p50_us: u64,
    get_p99_us: u64,
    resident_mib: Option<u64>,
    search_p50_us: u64,
    search_p95_us: u64,
    report_us: u64,
    answering_peak_resident_mib: Option<u64>,
}

/// Lets a log grow from size to size and measures it at each. There must be no log yet.
pub(crate) async fn growth(
    place: &Place,
    growth: &Growth,
    watcher: &dyn Watcher,
) -> Result<Vec<Row>, BenchError> {
    if let Some(log) = place.log().await? {
        log.close().await;
        return Err(BenchError::Exists(place.url.clone()));
    }
    let (mut rows, mut written) = (Vec::new(), 0);
    for size in &growth.sizes {
        let dossiers = size.div_ceil(u64::from(growth.commands) + 1);
        for dossiers in in_turn(written..dossiers, growth.open) {
            let (commands, signed_together) = (growth.commands, growth.signed_together);
            place.write(&History { dossiers, commands, signed_together }, watcher).await?;
        }
        written = dossiers;
        watcher.begins(&format!("{size} records: verifying"));
        let replayed = growth.apart.measure("replay").await?;
        watcher.begins(&format!("{size} records: rebuilding and asking"));
        rows.push(Row::of(&replayed, &growth.apart.measure("rebuild").await?));
    }
    Ok(rows)
}

/// The dossiers that are open together, of all of them.
fn in_turn(all: Range<u64>, open: u64) -> impl Iterator<Item = Range<u64>> {
    let mut next = all.start;
    std::iter::from_fn(move || {
        let together = next..all.end.min(next.saturating_add(open));
        next = together.end;
        (!together.is_empty()).then_some(together)
    })
}

impl Row {
    fn of(replayed: &Replayed, rebuilt: &Rebuilt) -> Self {
        Self {
            events: rebuilt.events,
            records: replayed.records,
            dossiers: rebuilt.dossiers,
            log_bytes: replayed.log_bytes,
            store_bytes: rebuilt.store_bytes,
            replay_ms: replayed.elapsed_ms,
            replay_peak_resident_mib: replayed.peak_resident_mib,
            rebuild_ms: rebuilt.elapsed_ms,
            rebuild_peak_resident_mib: rebuilt.peak_resident_mib,
            report_us: rebuilt.report_us,
            search_p50_us: rebuilt.search_p50_us,
            search_p95_us: rebuilt.search_p95_us,
            get_p50_us: rebuilt.get_p50_us,
            get_p99_us: rebuilt.get_p99_us,
            resident_mib: rebuilt.resident_mib,
            answering_peak_resident_mib: rebuilt.answering_peak_resident_mib,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_dossiers_are_open_together_than_was_said_and_each_is_written_once() {
        let turns = |all, open| in_turn(all, open).map(|turn| (turn.start, turn.end)).collect::<Vec<_>>();
        assert_eq!(turns(20..36, 7), [(20, 27), (27, 34), (34, 36)]);
        assert_eq!(turns(0..14, 7), [(0, 7), (7, 14)]);
        assert_eq!(turns(3..9, u64::MAX), [(3, 9)]);
        assert_eq!(turns(5..5, 7), []);
    }
}
