//! Torture: whatever can be done to services and brokers is done to them, at random moments, while ordinary clients tell
//! their stories. Nothing acknowledged is lost or doubled, nobody waits for ever, and when it is over all is as the log says.
//!
//! ```text
//! seed -> plan -> faults -----.
//!                             v
//! clients -> board        stage: services, brokers, a small disk, clocks
//!    round by round: torture --> all healed, all ready --> board and log are compared --> torture
//! ```
//!
//! Half a minute of it on either log runs with all tests. `make torture MINUTES=60 SEED=7` takes longer and says what it
//! does. The plan follows from the seed; what comes of it also depends on the machine.

mod board;
mod check;
mod faults;
mod ground;
mod plan;
mod stage;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::board::Board;
use self::faults::inflict;
use self::plan::{Kind, Plan};
use self::stage::Stage;
use super::support::on::{On, on_every_log};

on_every_log! {
    whatever_is_done_to_them_nothing_acknowledged_is_lost_or_doubled
}

/// How long each log is tortured, in seconds, and by which seed. Services take no variable of ours for a setting of theirs.
const SECONDS: &str = "TORTURE_SECONDS";
const SEED: &str = "TORTURE_SEED";
/// With all other tests. The brokers take longer to start and to be missed.
const SECONDS_ON_KAFKA: u64 = 20;
const SECONDS_EMBEDDED: u64 = 12;

/// All is healed and compared after so long.
const ROUND: Duration = Duration::from_secs(60);
/// Then another log is begun, so that comparing all of it does not take longer and longer.
const CAMPAIGN: Duration = Duration::from_secs(300);

const CLIENTS: usize = 64;
/// Dossiers that are new in each round: more than the clients come through with in one.
const DOSSIERS: usize = 300;
/// Of so many floods one is too much for a service, which says so.
const FLOODS_MEET_THE_LIMIT: usize = 10;
const BUSY: &str = "ResourceExhausted AGENCY_BUSY";
/// Faults at once.
const AT_ONCE: usize = 3;

/// What was done and came of it, over all campaigns.
#[derive(Default)]
struct Sums {
    faults: BTreeMap<Kind, usize>,
    acknowledged: usize,
    answers: BTreeMap<String, usize>,
    /// Records that do not count, by reason.
    voids: BTreeMap<String, u64>,
    endings: BTreeMap<String, usize>,
    slowest_answer: Duration,
    slowest_healing: Duration,
}

/// Shows what the processes said when something is wrong.
struct Words<'a>(&'a Stage);

/// Says how to do it again when it fails.
struct Again {
    seed: u64,
}

async fn whatever_is_done_to_them_nothing_acknowledged_is_lost_or_doubled(on: On) {
    let seconds = match on {
        On::Kafka => SECONDS_ON_KAFKA,
        On::Embedded => SECONDS_EMBEDDED,
    };
    let seconds = Duration::from_secs(of_environment(SECONDS).unwrap_or(seconds));
    let seed = of_environment(SEED).unwrap_or_else(|| fastrand::u64(..1_000_000));
    let _again = Again { seed };
    println!("torture, {on:?}: {} s, SEED={seed}", seconds.as_secs());
    let (since, mut sums) = (Instant::now(), Sums::default());
    for campaign in 0.. {
        let left = seconds.saturating_sub(since.elapsed());
        // At least one, and none that is over before it has begun.
        if campaign > 0 && left < ROUND / 2 {
            break;
        }
        self::campaign(on, seed.wrapping_add(campaign), left.min(CAMPAIGN), &mut sums).await;
    }
    // A flood may meet a service that is just being started; not all of them do.
    let floods = sums.faults.get(&Kind::Flood).copied().unwrap_or(0);
    assert!(floods < FLOODS_MEET_THE_LIMIT || sums.answers.contains_key(BUSY), "{:?}", sums.answers);
    println!("torture, {on:?}, is over after {} s, SEED={seed}: {sums}", since.elapsed().as_secs());
}

/// Rounds of torture on a log of its own.
async fn campaign(on: On, seed: u64, seconds: Duration, sums: &mut Sums) {
    let stage = Stage::set(on).await;
    let _words = Words(&stage);
    let left_out = stage.ground.left_out();
    for left_out in &left_out {
        println!("left out: {left_out}");
    }
    let kinds: Vec<_> = Kind::all(on).into_iter().filter(|kind| faults::can(&stage.ground, *kind)).collect();
    let (mut plan, board) = (Plan::new(seed, kinds.clone()), Arc::new(Board::default()));
    let since = Instant::now();
    for round in 0.. {
        let left = seconds.saturating_sub(since.elapsed());
        if round > 0 && left < ROUND / 2 {
            break;
        }
        self::round(&stage, &board, &mut plan, seed ^ (round << 32), left.min(ROUND), sums).await;
        println!(
            "seed {seed}, round {round}, {} s: {:?}, {} acknowledged, the slowest answer took {:?}",
            since.elapsed().as_secs(),
            sums.faults,
            sums.acknowledged + board.acknowledged(),
            sums.slowest_answer.max(*lock(&board.tally.slowest))
        );
    }
    board.tally.check();
    stage.check_endings();
    sums.add(&board, &stage);
    // Each kind in every run that has the time for it.
    let all = kinds.iter().all(|kind| sums.faults.contains_key(kind));
    assert!(seconds < ROUND || all, "{:?}", sums.faults);
    assert!(!sums.faults.is_empty() && sums.acknowledged > 0);
}

/// Tortures for a while, lets everything heal, and compares.
async fn round(
    stage: &Arc<Stage>,
    board: &Arc<Board>,
    plan: &mut Plan,
    seed: u64,
    lasts: Duration,
    sums: &mut Sums,
) {
    board.begin(DOSSIERS);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS as u64 {
        let (stage, board) = (Arc::clone(stage), Arc::clone(board));
        clients.spawn(async move { board.work(&stage, DOSSIERS, seed.wrapping_add(client)).await });
    }
    let (since, places, mut under_way) = (Instant::now(), Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for step in plan {
        // Not a wait for something: the moment is what is random.
        tokio::time::sleep(step.pause.min(lasts.saturating_sub(since.elapsed()))).await;
        if since.elapsed() >= lasts {
            break;
        }
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        println!("{:7.1} s {:?}", since.elapsed().as_secs_f64(), step.fault);
        *sums.faults.entry(step.fault.kind()).or_default() += 1;
        let (stage, board) = (Arc::clone(stage), Arc::clone(board));
        under_way.spawn(async move {
            inflict(&stage, &board, step.fault).await;
            drop(place);
        });
    }
    under_way.join_all().await;
    board.over.store(true, Ordering::Relaxed);
    clients.join_all().await;
    sums.slowest_healing = sums.slowest_healing.max(stage.all_ready().await);
    check::goes_on(stage, board, DOSSIERS).await;
    board.note_voids(check::check(stage, board).await);
}

impl Sums {
    fn add(&mut self, board: &Board, stage: &Stage) {
        self.acknowledged += board.acknowledged();
        for (answer, times) in &*lock(&board.tally.answers) {
            *self.answers.entry(answer.clone()).or_default() += times;
        }
        for (reason, times) in &*lock(&board.voids) {
            *self.voids.entry(reason.clone()).or_default() += times;
        }
        for (ending, times) in &*lock(&stage.endings) {
            *self.endings.entry(ending.clone()).or_default() += times;
        }
        self.slowest_answer = self.slowest_answer.max(*lock(&board.tally.slowest));
    }
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { faults, acknowledged, answers, voids, endings, slowest_answer, slowest_healing } = self;
        let times: usize = faults.values().sum();
        write!(f, "{acknowledged} acknowledged commands stand once each\n  {times} faults: {faults:?}\n")?;
        write!(f, "  answers: {answers:?}\n  voids: {voids:?}\n  ended by themselves: {endings:?}\n")?;
        write!(f, "  the slowest answer took {slowest_answer:?}, the slowest healing {slowest_healing:?}")
    }
}

impl Drop for Words<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.0.words());
        }
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("it failed with SEED={}: make torture SEED={}", self.seed, self.seed);
        }
    }
}

/// A number of the environment; none where it is not given. One that is none is no reason to take another.
fn of_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
