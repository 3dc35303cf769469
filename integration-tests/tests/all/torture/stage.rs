//! What is tortured: services in their seats, on either log, with a supervisor that starts again what ended by itself.
//!
//! ```text
//! kafka     three brokers, production log on all of them; two replicas of each service, a seat for each process
//! embedded  `lienthong up` on a production log: one seat for all four services
//! ```

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lienthong_broker::{Cluster, Options, fresh_prefix};
use tokio::sync::watch;

use super::super::support::clients::{Clients, Service};
use super::super::support::on::On;
use super::super::support::process::Process;
use super::super::support::programs::{LIENTHONG, binary, not_ready};
use super::super::support::seat::Seat;
use super::ground::Ground;
use super::lock;

/// Replicas of every service on Kafka.
const REPLICAS: usize = 2;

/// How long everything may take until it is ready once nothing is done to it any more, on two cores where all starts at
/// once.
pub(crate) const READY_MAX: Duration = Duration::from_secs(120);

/// A setting cannot be used, something cannot be reached, a defect of ours or of the machine.
const ENDINGS: [&str; 3] = ["exit status: 64", "exit status: 69", "exit status: 70"];

/// Of each process, when something is wrong.
const ERRORS_SHOWN: usize = 10;

/// How often the supervisor looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long it waits before it starts something again, as one does that must not spin.
const START_AGAIN_AFTER: Duration = Duration::from_millis(500);

pub(crate) struct Stage {
    pub(crate) seats: Vec<Tortured>,
    pub(crate) cluster: Option<Cluster>,
    /// Held by what is done to brokers, to the disk, and to modes of files.
    pub(crate) brokers: tokio::sync::Mutex<()>,
    pub(crate) disk: tokio::sync::Mutex<()>,
    pub(crate) modes: tokio::sync::Mutex<()>,
    /// Clients of each replica; none while its services have no address.
    reach: Vec<watch::Sender<Option<Clients>>>,
    /// How processes ended by themselves, and how often.
    pub(crate) endings: Mutex<BTreeMap<String, usize>>,
    // Dropped last: what runs above stands on it.
    pub(crate) ground: Ground,
}

/// A seat, and what is done to it.
pub(crate) struct Tortured {
    pub(crate) seat: Seat,
    /// Where its services listen; none where that is chosen at each start.
    addresses: Vec<SocketAddr>,
    /// Folders of the stores of its services.
    pub(crate) stores: Vec<PathBuf>,
    services: Vec<Service>,
    pub(crate) replica: usize,
    /// Whether the supervisor starts it again.
    is_wanted: Mutex<bool>,
    /// Held by what is done to this seat alone.
    pub(crate) hands: tokio::sync::Mutex<()>,
    begun: AtomicUsize,
    over: AtomicUsize,
}

/// While it is there, calls to the seat may stay without an answer.
pub(crate) struct Disturbance<'a>(&'a Tortured);

impl Stage {
    /// A production log, and everything ready on it.
    pub(crate) async fn set(on: On) -> Arc<Self> {
        let ground = Ground::new();
        let (cluster, log) = match on {
            On::Embedded => (None, format!("embedded:{}", ground.dir().display())),
            On::Kafka => {
                let options = Options { brokers: 3, ..Options::default() };
                let cluster = tokio::task::spawn_blocking(|| Cluster::start(options).unwrap()).await.unwrap();
                let log = format!("kafka://{}/{}", cluster.bootstrap(), fresh_prefix());
                (Some(cluster), log)
            }
        };
        let dir = ground.dir().display().to_string();
        let mut init = ground.command(LIENTHONG);
        init.args(["registry", "init", "--log", &log, "--dir", &dir]);
        let made = Process::of(&mut init).ended();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let seats = match on {
            On::Embedded => vec![all_in_one(&ground, &log)],
            On::Kafka => one_each(&ground, &log),
        };
        let replicas = seats.iter().map(|seat| seat.replica + 1).max().unwrap_or(0);
        let reach = (0..replicas).map(|_| watch::Sender::new(None)).collect();
        let [brokers, disk, modes] = Default::default();
        let endings = Mutex::default();
        let stage = Self { seats, cluster, brokers, disk, modes, reach, endings, ground };
        for seat in &stage.seats {
            stage.start(seat);
        }
        let stage = Arc::new(stage);
        tokio::spawn(supervise(Arc::downgrade(&stage)));
        stage.all_ready().await;
        stage
    }

    pub(crate) fn replicas(&self) -> usize {
        self.reach.len()
    }

    /// Clients of one replica of every service; none while it has no address.
    pub(crate) fn clients(&self, replica: usize) -> Option<Clients> {
        self.reach[replica].borrow().clone()
    }

    /// The seat of a service.
    pub(crate) fn seat_of(&self, replica: usize, service: Service) -> &Tortured {
        let its = |seat: &&Tortured| seat.replica == replica && seat.services.contains(&service);
        self.seats.iter().find(its).unwrap()
    }

    /// Starts a seat's process, and again whenever that ends by itself.
    pub(crate) fn start(&self, seat: &Tortured) {
        let mut is_wanted = lock(&seat.is_wanted);
        *is_wanted = true;
        self.ground.start(&seat.seat);
    }

    /// SIGKILL; it stays away.
    pub(crate) fn kill(&self, seat: &Tortured) {
        let mut is_wanted = lock(&seat.is_wanted);
        *is_wanted = false;
        self.forget_address(seat);
        self.ground.kill(&seat.seat);
    }

    /// Whoever comes next to an address that is not kept may be anybody.
    fn forget_address(&self, seat: &Tortured) {
        if seat.addresses.is_empty() {
            self.reach[seat.replica].send_replace(None);
        }
    }

    /// Waits until every service says that it is ready, which must not take long; gives how long it took.
    pub(crate) async fn all_ready(&self) -> Duration {
        let since = Instant::now();
        for seat in &self.seats {
            while let Some(why) = self.why_not_ready(seat).await {
                let words = || format!("{why}\n{}{:?}", seat.seat.last_words(), lock(&self.endings));
                assert!(since.elapsed() < READY_MAX, "not ready: {}", words());
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        since.elapsed()
    }

    /// Why a seat's services are not ready; none when they are.
    async fn why_not_ready(&self, seat: &Tortured) -> Option<String> {
        let addresses = seat.listening();
        if addresses.len() < seat.services.len() || self.reach[seat.replica].borrow().is_none() {
            return Some("it has no address".to_owned());
        }
        for address in addresses.values() {
            if let Some(why) = not_ready(*address).await {
                return Some(why);
            }
        }
        None
    }

    /// A process may end by itself, with one of the codes that its manual has, and a sled that meets damage may panic within
    /// it; nothing else panics.
    pub(crate) fn check_endings(&self) {
        for ending in lock(&self.endings).keys() {
            let known = ENDINGS.iter().any(|known| ending.ends_with(known));
            assert!(known, "{ending}");
        }
        for seat in &self.seats {
            let said = seat.seat.said();
            let panic = said.lines().find(|line| line.contains("panicked at") && !line.contains("/sled-"));
            assert_eq!(panic, None, "{}", seat.seat.name());
        }
    }

    /// What every process said at last, and what it took for an error.
    pub(crate) fn words(&self) -> String {
        let of_one = |seat: &Tortured| {
            let said = seat.seat.said();
            let errors = said.lines().filter(|line| line.contains("ERROR")).take(ERRORS_SHOWN);
            format!("{}{}\n", seat.seat.last_words(), errors.collect::<Vec<_>>().join("\n"))
        };
        self.seats.iter().map(of_one).collect()
    }

    /// Starts again what has ended, and takes up the addresses of what is new.
    fn look_after(&self, ended_at: &mut BTreeMap<String, Instant>) {
        for seat in &self.seats {
            // Held all the while, so that nobody kills it between a look and what follows from that.
            let is_wanted = lock(&seat.is_wanted);
            if !*is_wanted {
                continue;
            }
            let name = seat.seat.name();
            if let Some(status) = self.ground.ended(&seat.seat) {
                self.forget_address(seat);
                *lock(&self.endings).entry(format!("{name}: {status}")).or_default() += 1;
                ended_at.insert(name.to_owned(), Instant::now());
            }
            match ended_at.get(name) {
                Some(at) if at.elapsed() < START_AGAIN_AFTER => continue,
                Some(_) => {
                    ended_at.remove(name);
                    self.ground.start(&seat.seat);
                }
                None => {}
            }
            let reach = &self.reach[seat.replica];
            if reach.borrow().is_none() {
                reach.send_replace(self.found(seat.replica));
            }
        }
    }

    /// Clients of a replica, once every service of it has an address.
    fn found(&self, replica: usize) -> Option<Clients> {
        let seats = self.seats.iter().filter(|seat| seat.replica == replica);
        let addresses: BTreeMap<_, _> = seats.flat_map(Tortured::listening).collect();
        (addresses.len() == Service::ALL.len()).then(|| Clients::to(|service| addresses[&service]))
    }
}

/// Looks after a stage until that is gone.
async fn supervise(stage: std::sync::Weak<Stage>) {
    let mut ended_at = BTreeMap::new();
    while let Some(stage) = stage.upgrade() {
        stage.look_after(&mut ended_at);
        drop(stage);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for seat in &self.seats {
            self.kill(seat);
        }
    }
}

impl Tortured {
    fn new(seat: Seat, addresses: Vec<SocketAddr>, replica: usize, services: Vec<Service>) -> Self {
        Self {
            seat,
            addresses,
            stores: Vec::new(),
            services,
            replica,
            is_wanted: Mutex::new(false),
            hands: tokio::sync::Mutex::default(),
            begun: AtomicUsize::new(0),
            over: AtomicUsize::new(0),
        }
    }

    /// Where its services listen, as far as that is known.
    pub(crate) fn listening(&self) -> BTreeMap<Service, SocketAddr> {
        if !self.addresses.is_empty() {
            return self.services.iter().copied().zip(self.addresses.iter().copied()).collect();
        }
        let output = self.seat.output();
        let said = output.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let said: Vec<_> = said.collect();
        let address = |service: Service| {
            let its = said.iter().find(|said| said["service"] == service.name())?;
            Some((service, its["address"].as_str()?.parse().ok()?))
        };
        // All are told in one go, before it is ready.
        let is_ready = said.iter().any(|said| said["ready"] == true);
        self.services.iter().copied().filter(|_| is_ready).filter_map(address).collect()
    }

    /// Calls may stay without an answer from here on, until the result is dropped.
    pub(crate) fn disturbed(&self) -> Disturbance<'_> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Disturbance(self)
    }

    /// What a call notes before it is made, for [`Tortured::was_calm`].
    pub(crate) fn calm(&self) -> Option<usize> {
        // The end first: what ends between the two counts as going on.
        let over = self.over.load(Ordering::SeqCst);
        Some(self.begun.load(Ordering::SeqCst)).filter(|begun| *begun == over)
    }

    /// Whether nothing has disturbed it since.
    pub(crate) fn was_calm(&self, since: Option<usize>) -> bool {
        since.is_some_and(|begun| begun == self.begun.load(Ordering::SeqCst))
    }
}

impl Drop for Disturbance<'_> {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Ordering::SeqCst);
    }
}

/// The seat of `lienthong up`.
fn all_in_one(ground: &Ground, log: &str) -> Tortured {
    let mut up = ground.command(LIENTHONG);
    up.args(["up", "--free-ports", "--output", "json", "--log", log]);
    let seat = ground.seat("up", up);
    let stores = Service::ALL.map(|service| ground.dir().join("stores").join(service.name()));
    Tortured { stores: stores.into(), ..Tortured::new(seat, Vec::new(), 0, Service::ALL.into()) }
}

/// A seat for each replica of each service.
fn one_each(ground: &Ground, log: &str) -> Vec<Tortured> {
    // Held until all are known, so that no two get the same.
    let free: Vec<_> =
        (0..REPLICAS * Service::ALL.len()).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
    let addresses: Vec<_> = free.iter().map(|free| free.local_addr().unwrap()).collect();
    let seats = addresses.into_iter().enumerate().map(|(index, address)| {
        let (service, replica) = (Service::ALL[index % Service::ALL.len()], index / Service::ALL.len());
        let name = format!("{}-{replica}", service.name());
        let seat = ground.seat(&name, replica_of(ground, log, service, replica, address));
        let stores = vec![ground.dir().join("stores").join(name)];
        Tortured { stores, ..Tortured::new(seat, vec![address], replica, vec![service]) }
    });
    seats.collect()
}

fn replica_of(ground: &Ground, log: &str, service: Service, replica: usize, address: SocketAddr) -> Command {
    let mut command = ground.command(binary(service));
    command
        .args(["--log", log, "--listen", &address.to_string(), "--dir"])
        .arg(ground.dir())
        .env("LIENTHONG_REPLICA", replica.to_string())
        .env("LIENTHONG_REPLICAS", REPLICAS.to_string());
    command
}
