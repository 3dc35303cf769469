//! SIGKILL at any moment loses nothing that was acknowledged and doubles nothing.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lienthong::replay::replay;
use lienthong_wire::pb::auditor::v1::Topic;
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::reading::v1::Digest;
use lienthong_wire::stored::{Entry, decode_body, decode_entry};
use tonic::Status;

use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::is_typed;
use super::support::process::Up;
use super::support::story::{carry_out, code, transfer};

const ROUNDS: usize = 50;
const FOUNDINGS: usize = 8;
const CLIENTS: usize = 6;
/// The story of the moments: the same in every run.
const SEED: u64 = 20_261_122;

/// One client's dossier: what was acknowledged, and what it was waiting for when the process was killed.
struct Told {
    story: Vec<Command>,
    receipts: Vec<Receipt>,
}

impl Told {
    fn of(number: usize) -> Self {
        Self { story: transfer(&code(number)), receipts: Vec::new() }
    }

    fn code(&self) -> String {
        self.story[0].verb.code().to_owned()
    }

    /// The next command; none when the story is told.
    fn next(&self) -> Option<&Command> {
        self.story.get(self.receipts.len())
    }
}

/// A client at work: a dossier under way, and those it is through with.
struct Client {
    clients: Option<Clients>,
    told: Vec<Told>,
    /// Numbers of its next dossiers: this one, and every [`CLIENTS`]th after it.
    number: usize,
}

impl Client {
    /// Commands one after the other until the process is gone.
    async fn work(mut self) -> Self {
        let clients = self.clients.take().unwrap();
        loop {
            let last = self.told.last_mut().filter(|told| told.next().is_some());
            let Some(told) = last else {
                self.told.push(Told::of(self.number));
                self.number += CLIENTS;
                continue;
            };
            match told.next().unwrap().send(&clients).await {
                Ok(receipt) => {
                    assert!(!receipt.repeated);
                    told.receipts.push(receipt);
                }
                Err(status) => {
                    gone(&status);
                    return self;
                }
            }
        }
    }

    /// After the restart: what was acknowledged stands, and what was not is either there or not, never twice.
    async fn checked(&mut self, clients: &Clients) {
        let Some(told) = self.told.last_mut() else { return };
        if let Some(last) = told.receipts.last() {
            let again = told.story[told.receipts.len() - 1].send(clients).await.unwrap();
            assert!(again.repeated);
            assert_eq!((&again.leaf, again.position), (&last.leaf, last.position));
        }
        if let Some(unknown) = told.next() {
            let first = unknown.send(clients).await.unwrap();
            let second = unknown.send(clients).await.unwrap();
            assert!(second.repeated);
            assert_eq!((&second.leaf, second.position), (&first.leaf, first.position));
            told.receipts.push(first);
        }
        stands(clients, told).await;
    }
}

/// The dossier has just the records that were acknowledged, in their order.
async fn stands(clients: &Clients, told: &Told) {
    let position = told.receipts.last().and_then(|receipt| receipt.position);
    let entries = clients.timeline_at(&told.code(), position).await;
    let leaves: Vec<_> = entries.into_iter().map(|entry| entry.leaf).collect();
    let acknowledged: Vec<_> = told.receipts.iter().map(|receipt| receipt.leaf.clone()).collect();
    assert_eq!(leaves, acknowledged, "{}", told.code());
}

/// The process answers no more; a refusal would be an answer.
fn gone(status: &Status) {
    assert!(!is_typed(status), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sigkill_at_fifty_moments_under_load_loses_nothing_acknowledged_and_doubles_nothing() {
    let place = tempfile::tempdir().unwrap();
    let mut moments = fastrand::Rng::with_seed(SEED);
    let client = |n| Client { clients: None, told: Vec::new(), number: n + 1 };
    let mut clients: Vec<_> = (0..CLIENTS).map(client).collect();
    for round in 0..ROUNDS {
        let up = Up::training(place.path(), &[]);
        let at_work = clients.into_iter().map(|client| {
            let client = Client { clients: Some(up.clients()), ..client };
            tokio::spawn(client.work())
        });
        let at_work: Vec<_> = at_work.collect();
        // Not a wait for something: the moment is what is random.
        tokio::time::sleep(Duration::from_micros(moments.u64(0..250_000))).await;
        up.kill();
        clients = Vec::new();
        for client in at_work {
            clients.push(client.await.unwrap());
        }
        if round % 7 == 0 {
            // While it is still starting, too.
            let starting = Up::starting(place.path(), &[]);
            tokio::time::sleep(Duration::from_micros(moments.u64(0..300_000))).await;
            starting.kill();
        }
        let up = Up::training(place.path(), &[]);
        let again = up.clients();
        for client in &mut clients {
            client.checked(&again).await;
        }
        let digest = again.digest_of_all().await;
        assert!(digest.voids.is_empty(), "{:?}", digest.voids);
        up.kill();
        assert_eq!(replayed(place.path()).await, digest);
    }
    let up = Up::training(place.path(), &[]);
    let told: Vec<_> = clients.iter().flat_map(|client| &client.told).collect();
    for told in &told {
        stands(&up.clients(), told).await;
    }
    let acknowledged: usize = told.iter().map(|told| told.receipts.len()).sum();
    let digest = up.clients().digest_of_all().await;
    assert_eq!((digest.admitted, digest.dossiers), (acknowledged as u64, told.len() as u64));
    assert!(acknowledged > ROUNDS * CLIENTS, "there was load: {acknowledged}");
    no_command_twice(&up.clients(), acknowledged).await;
    // Nobody is believed: what the records themselves say comes to the same.
    let mut auditor = AuditorClient::new(up.clients().channel(Service::Auditor));
    let judged = replay(&mut auditor).await.unwrap();
    assert_eq!((judged.digest.to_string(), judged.admitted), (digest.digest, digest.admitted));
    up.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_killed_while_it_makes_its_log_makes_it_when_it_is_started_again() {
    let mut moments = fastrand::Rng::with_seed(SEED);
    let takes = {
        let place = tempfile::tempdir().unwrap();
        let since = Instant::now();
        drop(Up::training(place.path(), &[]));
        since.elapsed()
    };
    for _ in 0..FOUNDINGS {
        let place = tempfile::tempdir().unwrap();
        // More than once, so that what is half made is gone on with.
        for _ in 0..3 {
            let starting = Up::starting(place.path(), &[]);
            tokio::time::sleep(takes.mul_f64(moments.f64())).await;
            starting.kill();
        }
        let up = Up::training(place.path(), &[]);
        carry_out(&up.clients(), &transfer(&code(1))).await;
        let digest = up.clients().digest_of_all().await;
        assert_eq!((digest.admitted, digest.voids.len()), (20, 0));
        up.kill();
    }
}

/// The digest that a start with empty stores comes to, from the log alone. The stores that went through the kills are
/// put back.
async fn replayed(place: &Path) -> Digest {
    let (stores, kept) = (place.join("stores"), place.join("kept"));
    fs::rename(&stores, &kept).unwrap();
    let up = Up::training(place, &[]);
    let digest = up.clients().digest_of_all().await;
    up.kill();
    fs::remove_dir_all(&stores).unwrap();
    fs::rename(&kept, &stores).unwrap();
    digest
}

/// No command lies in the log twice, not even as a void.
async fn no_command_twice(clients: &Clients, records: usize) {
    let mut seen = HashSet::new();
    for record in clients.raw(Topic::Dossiers).await {
        let Entry::Proposal(proposal) = decode_entry(&record.value).unwrap() else { panic!("a fence") };
        assert!(seen.insert(decode_body(&proposal.body).unwrap().command_id), "{record:?}");
    }
    assert_eq!(seen.len(), records);
}
