//! What ordinary clients know together: the stories that they tell, and what was acknowledged of each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use lienthong_wire::pb::common::v1::Receipt;
use tonic::{Code, Status};

use super::super::support::clients::Clients;
use super::super::support::command::Command;
use super::super::support::denied::{denied, is_typed};
use super::super::support::story::{code, transfer};
use super::lock;
use super::stage::Stage;

/// What every client gives its commands.
const DEADLINE: Duration = Duration::from_secs(5);
/// What a client's own clock and scheduling may add to it, on two cores that run three brokers and eight services.
const SLACK: Duration = Duration::from_secs(2);
/// A client looks this often whether there is an address again.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A client thinks for a random while up to this before it gives its next command.
const THINKS_MS_MAX: u64 = 1_000;
/// One call in so many that meet no trouble may stay without an answer: a machine of two cores that starts a broker is
/// late now and then.
const UNANSWERED_ONE_IN: usize = 50;

/// A dossier of the board.
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) story: Vec<Command>,
    /// In the order of the story.
    pub(crate) receipts: Mutex<Vec<Receipt>>,
}

#[derive(Default)]
pub(crate) struct Board {
    told: Mutex<Vec<Arc<Told>>>,
    pub(crate) over: AtomicBool,
    /// As they were counted last.
    pub(crate) voids: Mutex<BTreeMap<String, u64>>,
    pub(crate) tally: Tally,
}

/// What came of the calls.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) answers: Mutex<BTreeMap<String, usize>>,
    pub(crate) slowest: Mutex<Duration>,
    /// Calls that nothing disturbed, and those of them that were cut off at their deadline.
    calm: AtomicUsize,
    unanswered: AtomicUsize,
}

impl Board {
    /// Dossiers that nobody has heard of yet.
    pub(crate) fn begin(&self, dossiers: usize) {
        let mut told = lock(&self.told);
        for number in told.len() + 1..=told.len() + dossiers {
            told.push(Arc::new(Told::of(number)));
        }
        self.over.store(false, Ordering::Relaxed);
    }

    /// The newest dossiers, all where there are no more.
    pub(crate) fn newest(&self, dossiers: usize) -> Vec<Arc<Told>> {
        let told = lock(&self.told);
        told[told.len().saturating_sub(dossiers)..].to_vec()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Told>> {
        self.newest(usize::MAX)
    }

    pub(crate) fn note_voids(&self, voids: BTreeMap<String, u64>) {
        *lock(&self.voids) = voids;
    }

    pub(crate) fn acknowledged(&self) -> usize {
        lock(&self.told).iter().map(|told| lock(&told.receipts).len()).sum()
    }

    /// One client: tells stories of the newest dossiers until it is over.
    pub(crate) async fn work(&self, stage: &Stage, dossiers: usize, seed: u64) {
        let (mut random, newest) = (Rng::with_seed(seed), self.newest(dossiers));
        while !self.over.load(Ordering::Relaxed) {
            // Not a wait for something: people think.
            tokio::time::sleep(Duration::from_millis(random.u64(0..THINKS_MS_MAX))).await;
            self.one(stage, &newest, &mut random).await;
        }
    }

    /// Picks a dossier, gives its next command to any replica, and notes what it was told.
    pub(crate) async fn one(&self, stage: &Stage, among: &[Arc<Told>], random: &mut Rng) {
        let told = &among[random.usize(0..among.len())];
        let place = lock(&told.receipts).len();
        // Now and then one that was acknowledged already is repeated.
        let again = place > 0 && (place == told.story.len() || random.u8(0..8) == 0);
        let place = if again { random.usize(0..place) } else { place };
        let replica = random.usize(0..stage.replicas());
        match stage.clients(replica) {
            Some(clients) => self.ask(stage, told, place, replica, &clients).await,
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }

    /// Gives one command of a story to a replica, and notes what was answered.
    pub(crate) async fn ask(
        &self,
        stage: &Stage,
        told: &Told,
        place: usize,
        replica: usize,
        clients: &Clients,
    ) {
        let command = &told.story[place];
        let seat = stage.seat_of(replica, command.to);
        let (calm, since) = (seat.calm(), Instant::now());
        let answer = command.send_within(clients, DEADLINE).await;
        let took = since.elapsed();
        assert!(took <= DEADLINE + SLACK, "a client waited {took:?}: {answer:?}");
        let said = match answer {
            Ok(receipt) => told.acknowledge(place, receipt).to_owned(),
            Err(status) => refusal(&status),
        };
        self.tally.note(said, took, seat.was_calm(calm));
    }
}

impl Told {
    pub(crate) fn of(number: usize) -> Self {
        let code = code(number);
        // The log counts its own time: what a caller says is left out.
        let as_of_now = |command: Command| command.with(|header| header.occurred_at = None);
        let story = transfer(&code).into_iter().map(as_of_now).collect();
        Self { code, story, receipts: Mutex::default() }
    }

    /// Notes an answer; one that was given before must be the same again.
    pub(crate) fn acknowledge(&self, place: usize, receipt: Receipt) -> &'static str {
        let mut receipts = lock(&self.receipts);
        let said = if receipt.repeated { "repeated" } else { "carried out" };
        match receipts.get(place) {
            Some(before) => {
                assert_eq!(
                    (&before.leaf, before.position),
                    (&receipt.leaf, receipt.position),
                    "{}",
                    self.code
                );
            }
            None => {
                assert_eq!(receipts.len(), place, "{}", self.code);
                receipts.push(receipt);
            }
        }
        said
    }
}

/// A refusal in a word or two. One that is typed must not be a defect.
fn refusal(status: &Status) -> String {
    if !is_typed(status) {
        // Whoever was asked is gone, or its answer came too late.
        return format!("{:?}", status.code());
    }
    let denied = denied(status);
    assert!(denied.code != Code::Internal && denied.code != Code::DataLoss, "{status:?}");
    format!("{:?} {}", denied.code, denied.reason)
}

impl Tally {
    fn note(&self, said: String, took: Duration, was_calm: bool) {
        let mut slowest = lock(&self.slowest);
        *slowest = slowest.max(took);
        drop(slowest);
        if was_calm {
            self.calm.fetch_add(1, Ordering::Relaxed);
            // The client itself cuts a call off at its deadline: a service is to answer before.
            self.unanswered.fetch_add(usize::from(said == "Cancelled"), Ordering::Relaxed);
        }
        *lock(&self.answers).entry(said).or_default() += 1;
    }

    /// What must be so of all calls together.
    pub(crate) fn check(&self) {
        let (calm, unanswered) = (self.calm.load(Ordering::Relaxed), self.unanswered.load(Ordering::Relaxed));
        assert!(
            unanswered * UNANSWERED_ONE_IN <= calm,
            "{unanswered} of {calm} calls that nothing disturbed were never answered"
        );
    }
}
