//! Commands: from the call to its answer, on a log that has it for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant as Stopwatch;

use lienthong_log::{EventLog, Partition, ReadLimit, Record};
use lienthong_log_embedded::EmbeddedLog;
use serde::Serialize;

use super::load::{Load, Office, Work};
use super::place::{Durability, Place};
use super::timing::{Latencies, Phase, median};
use super::{BenchError, Watcher};

/// Dossiers of the one client who is alone.
const ALONE_DOSSIERS: u64 = 50;
/// Commands that wait for their answers in the one bulk call.
const BULK_CLIENTS: usize = 256;
/// Dossiers of the bulk call beside the one client, until it begins again.
const BESIDE_DOSSIERS: u64 = 1_000;
/// Appends to the bare log that is compared with.
const BARE_APPENDS: usize = 400;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    receptions_per_s: u64,
    reception_p50_us: u64,
    reception_p99_us: u64,
    commands_per_s: u64,
    p50_us: u64,
    p99_us: u64,
    p999_us: u64,
    /// Commands a second that began on time, and how long after that they were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_loop_per_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_loop_p50_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_loop_p99_us: Option<u64>,
    bulk_receptions_per_s: u64,
    bulk_commands_per_s: u64,
    one_client_p50_us: u64,
    one_client_p99_us: u64,
    /// The same client's commands while another agency fills a bulk call.
    beside_bulk_p50_us: u64,
    beside_bulk_p99_us: u64,
    /// What that agency has received meanwhile, and given all its commands on.
    beside_bulk_dossiers: u64,
    /// One append of the same bytes to the log alone, with no service before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    bare_append_p50_us: Option<u64>,
    clients: usize,
    dossiers: u64,
    commands_each: u32,
    runs: u32,
    warm_up_dossiers: u64,
    #[serde(flatten)]
    durability: Durability,
}

/// Measures what one service does for many clients, and for one alone.
pub(crate) async fn commands(
    place: &Place,
    load: Load,
    rate: Option<u32>,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let province = place.start(&[&ward_desk::SERVICE]).await?;
    let measured = measure(place, &province, load, rate, runs, watcher).await;
    province.stop().await;
    measured
}

async fn measure(
    place: &Place,
    province: &crate::province::Province,
    load: Load,
    rate: Option<u32>,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let address = province.services.first().map(|service| format!("http://{}", service.address()));
    let address = address.unwrap_or_default();
    let mut office = Office::open(&address, load.clients).await?;
    let warm_up = load.with_dossiers(load.dossiers / 4);
    watcher.begins("warming up");
    office.work(warm_up).await?;
    let mut works: Vec<Work> = Vec::new();
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: {} clients", load.clients));
        works.push(office.work(load).await?);
    }
    let mut on_time: Vec<Work> = Vec::new();
    for (run, rate) in (1..=runs).zip(rate.iter().cycle()) {
        watcher.begins(&format!("run {run} of {runs}: {rate} commands a second"));
        on_time.push(office.work_on_time(load, *rate).await?);
    }
    let open_loop =
        |per_mille| rate.map(|_| median(&on_time, |work| work.commands.latencies.at_per_mille(per_mille)));
    let mut in_bulk: Vec<Work> = Vec::new();
    let mut hall = Office::open_bulk(&address, BULK_CLIENTS).await?;
    // Whoever came alone before has a right to most of the places for a while longer.
    watcher.begins("warming up one bulk call");
    hall.work(warm_up).await?;
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: one bulk call"));
        in_bulk.push(hall.work(load).await?);
    }
    let mut alone: Vec<Phase> = Vec::new();
    let mut desk = Office::open(&address, 1).await?;
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: one client"));
        alone.push(desk.work(load.with_dossiers(ALONE_DOSSIERS.min(load.dossiers))).await?.commands);
    }
    let mut beside: Vec<Beside> = Vec::new();
    for run in 1..=runs {
        watcher.begins(&format!("run {run} of {runs}: one client beside a bulk call"));
        let load = load.with_dossiers(load.dossiers.min(BESIDE_DOSSIERS));
        beside.push(beside_bulk(&address, &mut desk, load).await?);
    }
    let bare_append_p50_us = match place.folder() {
        Some(_) => {
            watcher.begins("appending the same bytes to a bare log");
            Some(bare_appends(place, province.log()).await?.at_per_mille(500))
        }
        None => None,
    };
    Ok(Figures {
        receptions_per_s: median(&works, |work| work.receptions.per_second()),
        reception_p50_us: median(&works, |work| work.receptions.latencies.at_per_mille(500)),
        reception_p99_us: median(&works, |work| work.receptions.latencies.at_per_mille(990)),
        commands_per_s: median(&works, |work| work.commands.per_second()),
        p50_us: median(&works, |work| work.commands.latencies.at_per_mille(500)),
        p99_us: median(&works, |work| work.commands.latencies.at_per_mille(990)),
        p999_us: median(&works, |work| work.commands.latencies.at_per_mille(999)),
        open_loop_per_s: rate,
        open_loop_p50_us: open_loop(500),
        open_loop_p99_us: open_loop(990),
        bulk_receptions_per_s: median(&in_bulk, |work| work.receptions.per_second()),
        bulk_commands_per_s: median(&in_bulk, |work| work.commands.per_second()),
        one_client_p50_us: median(&alone, |phase| phase.latencies.at_per_mille(500)),
        one_client_p99_us: median(&alone, |phase| phase.latencies.at_per_mille(990)),
        beside_bulk_p50_us: median(&beside, |beside| beside.desk.latencies.at_per_mille(500)),
        beside_bulk_p99_us: median(&beside, |beside| beside.desk.latencies.at_per_mille(990)),
        beside_bulk_dossiers: median(&beside, |beside| beside.in_bulk),
        bare_append_p50_us,
        clients: load.clients,
        dossiers: load.dossiers,
        commands_each: load.commands,
        runs,
        warm_up_dossiers: warm_up.dossiers,
        durability: place.durability(province.log().as_ref()),
    })
}

/// A desk beside a bulk call.
struct Beside {
    desk: Phase,
    /// Dossiers that came over the call meanwhile.
    in_bulk: u64,
}

/// The commands of one desk's only client, while another desk sends all that it can over one bulk call.
async fn beside_bulk(address: &str, desk: &mut Office, load: Load) -> Result<Beside, BenchError> {
    let mut hall = Office::open_bulk_of_one_desk(address, BULK_CLIENTS).await?;
    let measured = AtomicBool::new(false);
    let importing = async {
        let mut dossiers = 0;
        while !measured.load(Ordering::Relaxed) {
            hall.work(load).await?;
            dossiers += load.dossiers;
        }
        Ok::<_, BenchError>(dossiers)
    };
    let at_the_desk = async {
        let work = desk.work(load.with_dossiers(ALONE_DOSSIERS.min(load.dossiers))).await;
        measured.store(true, Ordering::Relaxed);
        work
    };
    let (in_bulk, work) = tokio::join!(importing, at_the_desk);
    Ok(Beside { desk: work?.commands, in_bulk: in_bulk? })
}

/// Appends what the log's newest records hold to a log of its own on the same disk, one after another.
async fn bare_appends(place: &Place, log: &Arc<dyn EventLog>) -> Result<Latencies, BenchError> {
    let mut sample: Vec<Record> = Vec::new();
    for partition in (0..log.dossier_partitions()).map(Partition::Dossiers) {
        let end = log.end(partition).await?;
        let newest = log.read(partition, end.saturating_sub(8), ReadLimit::default()).await?;
        sample.extend(newest.into_iter().map(|stored| stored.record));
    }
    let folder = place.scratch()?;
    let bare =
        EmbeddedLog::create(folder.path(), 1).map_err(|error| BenchError::Shipped(error.to_string()))?;
    let mut latencies = Latencies::default();
    for record in sample.into_iter().cycle().take(BARE_APPENDS) {
        let asked = Stopwatch::now();
        bare.append(Partition::Dossiers(0), record).await?;
        latencies.add(asked.elapsed());
    }
    bare.close().await;
    Ok(latencies)
}
