//! Journey: dossiers on their way between agencies.
//!
//! ```text
//! desk --OfferCustody--> answer            t0, called at t
//!                `-> log -> land office's inbox   t1: a hand-off takes t1 - t0, nothing where it is seen first; the offer t1 - t
//! ```

use std::collections::HashMap;
use std::time::{Duration, Instant as Stopwatch};

use lienthong_node::process::Service;
use lienthong_registry::training;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reading::v1::{InboxKind, WatchInboxRequest};
use serde::Serialize;
use tokio::sync::mpsc;
use tonic::Streaming;

use super::acts::communes;
use super::clerk::{Clerk, connect};
use super::load::Load;
use super::neighbour::Neighbour;
use super::place::{Durability, Place};
use super::timing::{Latencies, median, per_second};
use super::{BenchError, Watcher};
use crate::demo;
use crate::province::{Province, SERVICES};

/// Inbox items that wait to be looked at.
const SEEN_MAX: usize = 1_024;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// From the answer to an offer until it was seen in the other agency's inbox; 0 where it was seen before that.
    hand_off_p50_us: u64,
    hand_off_p99_us: u64,
    /// The same from the call of the offer.
    offer_seen_p50_us: u64,
    /// The same where the other agency's service is a process of its own; none on a log that one process holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    hand_off_apart_p50_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hand_off_apart_p99_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer_seen_apart_p50_us: Option<u64>,
    /// Whole journeys, from the desk through all agencies and back.
    journeys_per_s: u64,
    journey_commands_per_s: u64,
    commands: u64,
    dossiers: u64,
    clients: usize,
    runs: u32,
    #[serde(flatten)]
    durability: Durability,
}

/// How long offers took to be seen in the other agency's inbox.
#[derive(Default)]
struct HandOffs {
    since_answer: Latencies,
    since_call: Latencies,
}

struct Run {
    hand_offs: HandOffs,
    dossiers: u64,
    commands: u64,
    elapsed: Duration,
}

/// Measures hand-offs from a desk to the land office, and whole journeys.
pub(crate) async fn journey(
    place: &Place,
    load: Load,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let apart = match place.folder() {
        Some(_) => Vec::new(),
        None => measure_apart(place, load, runs, watcher).await?,
    };
    let province = place.start(&SERVICES).await?;
    let measured = measure(place, &province, load, runs, &apart, watcher).await;
    province.stop().await;
    measured
}

/// Hand-offs to a land office whose service is a process of its own.
async fn measure_apart(
    place: &Place,
    load: Load,
    runs: u32,
    watcher: &dyn Watcher,
) -> Result<Vec<HandOffs>, BenchError> {
    let desk = place.start(&[&ward_desk::SERVICE]).await?;
    let measured = async {
        let land = Neighbour::start(&land_registry::SERVICE, &place.url, place.dir()).await?;
        let mut measured = Vec::new();
        for run in 0..=runs {
            watcher.begins(&match run {
                0 => "warming up between two processes".to_owned(),
                _ => format!("run {run} of {runs}: hand-offs between two processes"),
            });
            measured
                .push(hand_offs(&address(&desk, &ward_desk::SERVICE), land.address(), load.dossiers).await?);
        }
        Ok(measured.split_off(1))
    };
    let measured = measured.await;
    desk.stop().await;
    measured
}

fn address(province: &Province, service: &Service) -> String {
    let service = province.service(service.name).map(|service| format!("http://{}", service.address()));
    service.unwrap_or_default()
}

async fn measure(
    place: &Place,
    province: &Province,
    load: Load,
    runs: u32,
    apart: &[HandOffs],
    watcher: &dyn Watcher,
) -> Result<Figures, BenchError> {
    let (desk, land) = (address(province, &ward_desk::SERVICE), address(province, &land_registry::SERVICE));
    let mut measured = Vec::new();
    for run in 0..=runs {
        watcher.begins(&match run {
            0 => "warming up".to_owned(),
            _ => format!("run {run} of {runs}"),
        });
        let hand_offs = hand_offs(&desk, &land, load.dossiers).await?;
        let dossiers = u32::try_from(load.dossiers).unwrap_or(u32::MAX);
        let begun = Stopwatch::now();
        let commands = demo::tell(province, dossiers, u64::from(run), load.clients).await?;
        measured.push(Run { hand_offs, dossiers: load.dossiers, commands, elapsed: begun.elapsed() });
    }
    let warm = measured.get(1..).unwrap_or_default();
    let apart = |figure: fn(&HandOffs) -> u64| (!apart.is_empty()).then(|| median(apart, figure));
    Ok(Figures {
        hand_off_p50_us: median(warm, |run| run.hand_offs.since_answer.at_per_mille(500)),
        hand_off_p99_us: median(warm, |run| run.hand_offs.since_answer.at_per_mille(990)),
        offer_seen_p50_us: median(warm, |run| run.hand_offs.since_call.at_per_mille(500)),
        hand_off_apart_p50_us: apart(|taken| taken.since_answer.at_per_mille(500)),
        hand_off_apart_p99_us: apart(|taken| taken.since_answer.at_per_mille(990)),
        offer_seen_apart_p50_us: apart(|taken| taken.since_call.at_per_mille(500)),
        journeys_per_s: median(warm, |run| per_second(run.dossiers, run.elapsed)),
        journey_commands_per_s: median(warm, |run| per_second(run.commands, run.elapsed)),
        commands: median(warm, |run| run.commands),
        dossiers: load.dossiers,
        clients: load.clients,
        runs,
        durability: place.durability(province.log().as_ref()),
    })
}

/// One dossier after another is received and offered; how long after the call and after its answer the other agency saw it.
async fn hand_offs(desk: &str, land: &str, dossiers: u64) -> Result<HandOffs, BenchError> {
    let land = ReadingClient::connect(land.to_owned()).await;
    let mut land = land.map_err(BenchError::Connect)?;
    let request = WatchInboxRequest { agency: training::LAND_OFFICE.to_owned(), token: String::new() };
    let inbox = land.watch_inbox(request).await.map_err(BenchError::call("WatchInbox"))?.into_inner();
    let (seen, mut offers) = mpsc::channel(SEEN_MAX);
    let watching = tokio::spawn(watch(inbox, seen));
    let mut clerk = Clerk::new(&connect(desk).await?, None, &communes()?, 0);
    let mut taken = HandOffs::default();
    let mut seen_at: HashMap<String, Stopwatch> = HashMap::new();
    for _ in 0..dossiers {
        let code = clerk.next_code().await?;
        clerk.receive(&code).await?;
        clerk.command(&code, 0, None).await?;
        let called = Stopwatch::now();
        clerk.command(&code, 1, None).await?;
        let answered = Stopwatch::now();
        let seen = loop {
            if let Some(seen) = seen_at.remove(&code) {
                break seen;
            }
            let (code, at) = offers.recv().await.ok_or(BenchError::Ended)?;
            seen_at.insert(code, at);
        };
        // It may be seen before whoever gave it has the answer.
        taken.since_answer.add(seen.saturating_duration_since(answered));
        taken.since_call.add(seen.saturating_duration_since(called));
    }
    watching.abort();
    Ok(taken)
}

/// Tells when each offer was seen.
async fn watch(
    mut inbox: Streaming<lienthong_wire::pb::reading::v1::InboxItem>,
    seen: mpsc::Sender<(String, Stopwatch)>,
) {
    while let Ok(Some(item)) = inbox.message().await {
        if item.kind() == InboxKind::Offer && seen.send((item.code, Stopwatch::now())).await.is_err() {
            return;
        }
    }
}
