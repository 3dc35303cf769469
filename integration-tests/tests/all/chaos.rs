//! Brokers and services are killed at random under load, and nothing acknowledged is lost or doubled.
//!
//! Three brokers that keep every record three times, two replicas of each service, 64 clients on 200 dossiers. The run in
//! the tests takes half a minute; `CHAOS_SECONDS=300` makes it a long one.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;
use lienthong::replay::replay;
use lienthong_dossier::EventKind;
use lienthong_wire::pb::auditor::v1::Topic;
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::stored::{Body, Entry, decode_body, decode_entry};
use tonic::Code;

use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::{denied, is_typed};
use super::support::fleet::{Fleet, REPLICAS};
use super::support::story::{code, transfer};

const CLIENTS: usize = 64;
const DOSSIERS: usize = 200;
const SECONDS: u64 = 30;
/// What every client gives its commands.
const DEADLINE: Duration = Duration::from_secs(5);
/// What a client's own clock and scheduling may add to it, on two cores that run three brokers and eight services.
const SLACK: Duration = Duration::from_secs(2);
/// The pause before the next kill is random up to this.
const PAUSE_MS_MAX: u64 = 1_500;

/// What the clients know together.
struct Board {
    stories: Vec<Vec<Command>>,
    /// By dossier, what was acknowledged of its story.
    acknowledged: Vec<Mutex<Vec<Receipt>>>,
    over: AtomicBool,
    answers: Mutex<BTreeMap<String, usize>>,
    slowest: Mutex<Duration>,
}

/// What was killed.
#[derive(Default)]
struct Kills {
    brokers: AtomicUsize,
    services: AtomicUsize,
}

impl Board {
    fn new() -> Self {
        Self {
            stories: (1..=DOSSIERS).map(|number| transfer(&code(number))).collect(),
            acknowledged: (0..DOSSIERS).map(|_| Mutex::default()).collect(),
            over: AtomicBool::new(false),
            answers: Mutex::default(),
            slowest: Mutex::default(),
        }
    }

    /// One client: picks a dossier, gives its next command to either replica, and notes what it was told.
    async fn work(&self, replicas: &[Clients; REPLICAS]) {
        let mut random = Rng::new();
        while !self.over.load(Ordering::Relaxed) {
            let dossier = random.usize(0..DOSSIERS);
            let place = lock(&self.acknowledged[dossier]).len();
            // Now and then one that was acknowledged already is repeated.
            let place = if place > 0 && random.u8(0..8) == 0 { random.usize(0..place) } else { place };
            let Some(command) = self.stories[dossier].get(place) else { continue };
            let since = Instant::now();
            let answer = command.send_within(&replicas[random.usize(0..REPLICAS)], DEADLINE).await;
            let took = since.elapsed();
            assert!(took <= DEADLINE + SLACK, "a client waited {took:?}: {answer:?}");
            let mut slowest = lock(&self.slowest);
            *slowest = slowest.max(took);
            drop(slowest);
            let told = match answer {
                Ok(receipt) => self.acknowledged(dossier, place, receipt),
                Err(status) if is_typed(&status) => {
                    let denied = denied(&status);
                    assert!(denied.code != Code::Internal && denied.code != Code::DataLoss, "{status:?}");
                    format!("{:?} {}", denied.code, denied.reason)
                }
                // Whoever was asked is gone, or its answer came too late.
                Err(status) => format!("{:?}", status.code()),
            };
            *lock(&self.answers).entry(told).or_default() += 1;
        }
    }

    /// Notes an answer; one that was given before must be the same again.
    fn acknowledged(&self, dossier: usize, place: usize, receipt: Receipt) -> String {
        let mut acknowledged = lock(&self.acknowledged[dossier]);
        let told = if receipt.repeated { "repeated" } else { "carried out" };
        match acknowledged.get(place) {
            Some(before) => assert_eq!((&before.leaf, before.position), (&receipt.leaf, receipt.position)),
            None => {
                assert_eq!(acknowledged.len(), place);
                acknowledged.push(receipt);
            }
        }
        told.to_owned()
    }
}

/// Kills services and brokers, one broker at a time, until it is over; then everything runs again.
async fn kill(fleet: &Fleet, kills: &Kills, over: &AtomicBool) {
    let mut random = Rng::new();
    let mut down: Option<usize> = None;
    while !over.load(Ordering::Relaxed) {
        // Not a wait for something: the moment is what is random.
        tokio::time::sleep(Duration::from_millis(random.u64(0..PAUSE_MS_MAX))).await;
        if let Some(broker) = down.take() {
            fleet.cluster.start_again(broker).unwrap();
            tokio::task::block_in_place(|| {
                fleet.cluster.wait_ready(broker).unwrap();
                fleet.cluster.wait_in_sync().unwrap();
            });
        }
        if random.u8(0..4) == 0 {
            let broker = random.usize(0..fleet.cluster.brokers());
            fleet.cluster.kill(broker).unwrap();
            kills.brokers.fetch_add(1, Ordering::Relaxed);
            down = Some(broker);
        } else {
            let seat = random.usize(0..fleet.seats());
            fleet.kill(seat);
            fleet.start_again(seat);
            kills.services.fetch_add(1, Ordering::Relaxed);
        }
    }
    if let Some(broker) = down {
        fleet.cluster.start_again(broker).unwrap();
        tokio::task::block_in_place(|| fleet.cluster.wait_in_sync().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_brokers_and_services_at_random_loses_nothing_acknowledged_and_doubles_nothing() {
    let seconds = std::env::var("CHAOS_SECONDS").ok().and_then(|text| text.parse().ok());
    let seconds = seconds.unwrap_or(SECONDS);
    let fleet = Arc::new(Fleet::start().await);
    let board = Arc::new(Board::new());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (board, replicas) = (Arc::clone(&board), [0, 1].map(|replica| fleet.clients(replica)));
            tokio::spawn(async move { board.work(&replicas).await })
        })
        .collect();
    let kills = Kills::default();
    let timer = async {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        board.over.store(true, Ordering::Relaxed);
    };
    tokio::join!(timer, kill(&fleet, &kills, &board.over));
    for client in clients {
        client.await.unwrap();
    }
    fleet.all_ready().await;
    let (brokers, services) = (kills.brokers.into_inner(), kills.services.into_inner());
    let acknowledged = check(&fleet, &board).await;
    // Shown by `--nocapture` and when something fails.
    println!(
        "{brokers} brokers and {services} services killed in {seconds} s, {acknowledged} commands acknowledged"
    );
    println!("answers: {:?}; the slowest took {:?}", lock(&board.answers), lock(&board.slowest));
    assert!(brokers > 0 && services > 0 && acknowledged > 0);
    // The client itself cuts a call off at its deadline: services are to answer before, but for those that were killed.
    let answers = lock(&board.answers);
    let (cut_off, all) = (answers.get("Cancelled").copied().unwrap_or(0), answers.values().sum::<usize>());
    assert!(cut_off * 50 <= all, "{cut_off} of {all} calls were never answered");
    drop(answers);
    assert!(seconds < 300 || brokers + services >= 50, "too few kills to show anything");
}

/// What must hold afterwards; answers how many commands were acknowledged.
async fn check(fleet: &Fleet, board: &Board) -> usize {
    let (one, other) = (fleet.clients(0), fleet.clients(1));
    let mut auditor = AuditorClient::new(one.channel(Service::Auditor));
    let judged = replay(&mut auditor).await.unwrap();
    // All eight have the digest of a replay from 0.
    for clients in [&one, &other] {
        assert_eq!(clients.digest_of_all().await.digest, judged.digest.to_string());
    }
    let bodies = bodies(&one).await;
    let (mut acknowledged, mut stand) = (0, 0);
    for (dossier, receipts) in board.acknowledged.iter().enumerate() {
        let code = code(dossier + 1);
        let admitted: Vec<_> = one.timeline(&code).await.into_iter().map(|entry| entry.leaf).collect();
        let receipts = lock(receipts);
        // In the order of its story, each once; what was not acknowledged may stand behind it.
        let told: Vec<_> = receipts.iter().map(|receipt| receipt.leaf.clone()).collect();
        assert_eq!(admitted[..told.len()], told, "{code}");
        let commands: Vec<_> = admitted.iter().map(|leaf| bodies[leaf].command_id.to_string()).collect();
        let story: Vec<_> = board.stories[dossier].iter().map(|command| command.id().to_owned()).collect();
        assert_eq!(commands, story[..commands.len()], "{code}");
        one_holder(admitted.iter().map(|leaf| &bodies[leaf]));
        acknowledged += told.len();
        stand += admitted.len();
    }
    // Two replicas that carry out one command at once may propose the same bytes; only one of these is ever admitted.
    assert_eq!(judged.admitted, stand as u64);
    acknowledged
}

/// Every body in the log, admitted or void, by its leaf.
async fn bodies(clients: &Clients) -> HashMap<String, Body> {
    let mut bodies = HashMap::new();
    for record in clients.raw(Topic::Dossiers).await {
        let Entry::Proposal(proposal) = decode_entry(&record.value).unwrap() else { panic!("a fence") };
        let leaf = lienthong_seal::leaf(&proposal.body).to_string();
        bodies.insert(leaf, decode_body(&proposal.body).unwrap());
    }
    bodies
}

/// At each position one agency holds the dossier, and only who it was offered to takes it from the one that does.
fn one_holder<'a>(bodies: impl Iterator<Item = &'a Body>) {
    let (mut holder, mut offered) = (None, None);
    for body in bodies {
        let agency = &body.act.agency;
        for event in &body.act.events {
            let kind = &event.kind;
            if let EventKind::DossierAccepted(_) = kind {
                assert!(holder.replace(agency).is_none());
            } else if let EventKind::CustodyOffered { to, .. } = kind {
                assert_eq!(holder, Some(agency));
                assert!(offered.replace(to).is_none());
            } else if let EventKind::CustodyAccepted = kind {
                assert_eq!(offered.take(), Some(agency));
                holder = Some(agency);
            } else if let EventKind::CustodyReturned { .. } = kind {
                assert_eq!(offered.take(), Some(agency));
            } else if let EventKind::CustodyOfferWithdrawn = kind {
                assert!(offered.take().is_some());
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
