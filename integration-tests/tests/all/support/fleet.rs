//! Three brokers and two replicas of every service, each a process of its own, any of which may be killed.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lienthong_broker::{Cluster, Options, fresh_prefix};
use lienthong_wire::pb::node::v1::GetReadinessRequest;
use lienthong_wire::pb::node::v1::node_client::NodeClient;
use tempfile::TempDir;
use tonic::transport::Endpoint;

use super::clients::{Clients, Service};
use super::process::Process;

/// Replicas of every service.
pub(crate) const REPLICAS: usize = 2;

/// How long a service may take until it is ready, on a machine where everything starts at once.
const READY_MAX: Duration = Duration::from_secs(120);

pub(crate) struct Fleet {
    pub(crate) cluster: Cluster,
    log: String,
    dir: TempDir,
    seats: Vec<Seat>,
}

/// A replica of a service: its address stays, its process comes and goes.
struct Seat {
    service: Service,
    replica: usize,
    address: SocketAddr,
    child: Mutex<Option<Child>>,
}

impl Fleet {
    /// A training log on three brokers, each record on all of them; everything ready.
    pub(crate) async fn start() -> Self {
        let options = Options { brokers: 3, ..Options::default() };
        let cluster = tokio::task::spawn_blocking(|| Cluster::start(options).unwrap()).await.unwrap();
        let log = format!("kafka://{}/{}", cluster.bootstrap(), fresh_prefix());
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().display().to_string();
        let init = ["registry", "init", "--training", "--replicas", "3", "--log", &log, "--dir", &place];
        let made = Process::start(&init).ended();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        // Held until all are known, so that no two get the same.
        let free: Vec<_> = (0..REPLICAS * Service::ALL.len())
            .map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap())
            .collect();
        let seats = free.iter().enumerate().map(|(index, free)| Seat {
            service: Service::ALL[index % Service::ALL.len()],
            replica: index / Service::ALL.len(),
            address: free.local_addr().unwrap(),
            child: Mutex::new(None),
        });
        let seats = seats.collect();
        drop(free);
        let fleet = Self { cluster, log, dir, seats };
        for seat in 0..fleet.seats() {
            fleet.start_again(seat);
        }
        fleet.all_ready().await;
        fleet
    }

    /// How many service processes there are.
    pub(crate) fn seats(&self) -> usize {
        self.seats.len()
    }

    /// SIGKILL for one service process.
    pub(crate) fn kill(&self, seat: usize) {
        let child = self.seats[seat].child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts a service process where the one before it was.
    pub(crate) fn start_again(&self, seat: usize) {
        let Seat { service, replica, address, child } = &self.seats[seat];
        let name = format!("{}-{replica}", service.name());
        let said = File::options().create(true).append(true).open(self.dir.path().join(name)).unwrap();
        let started = Command::new(binary(*service))
            .args(["--log", &self.log, "--listen", &address.to_string(), "--dir"])
            .arg(self.dir.path())
            .env("LIENTHONG_REPLICA", replica.to_string())
            .env("LIENTHONG_REPLICAS", REPLICAS.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        *child.lock().unwrap_or_else(PoisonError::into_inner) = Some(started);
    }

    /// Waits until every service says that it is ready.
    pub(crate) async fn all_ready(&self) {
        let since = Instant::now();
        for seat in &self.seats {
            loop {
                let why = not_ready(seat.address).await;
                let Some(why) = why else { break };
                assert!(since.elapsed() < READY_MAX, "{} is not ready: {why}", self.said(seat));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Clients of one replica of every service, with connections of their own.
    pub(crate) fn clients(&self, replica: usize) -> Clients {
        Clients::to(|service| {
            let seat = self.seats.iter().find(|seat| seat.service == service && seat.replica == replica);
            seat.unwrap().address
        })
    }

    /// Keys and projections, and what each service said, by name.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The end of what a service said.
    fn said(&self, seat: &Seat) -> String {
        let name = format!("{}-{}", seat.service.name(), seat.replica);
        let said = std::fs::read_to_string(self.dir().join(&name)).unwrap_or_default();
        let lines: Vec<_> = said.lines().rev().take(20).collect();
        format!("{name}:\n{}\n", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for seat in 0..self.seats() {
            self.kill(seat);
        }
    }
}

/// Why the service there is not ready; none when it is.
pub(crate) async fn not_ready(address: SocketAddr) -> Option<String> {
    let endpoint =
        Endpoint::from_shared(format!("http://{address}")).unwrap().timeout(Duration::from_secs(5));
    let channel = match endpoint.connect().await {
        Ok(channel) => channel,
        Err(error) => return Some(error.to_string()),
    };
    match NodeClient::new(channel).get_readiness(GetReadinessRequest {}).await {
        Ok(readiness) if readiness.get_ref().ready => None,
        Ok(readiness) => Some(readiness.into_inner().why.join("; ")),
        Err(status) => Some(status.to_string()),
    }
}

/// The program of a service.
pub(crate) fn binary(service: Service) -> &'static str {
    match service {
        Service::WardDesk => env!("CARGO_BIN_EXE_ward-desk-under-test"),
        Service::LandRegistry => env!("CARGO_BIN_EXE_land-registry-under-test"),
        Service::TaxOffice => env!("CARGO_BIN_EXE_tax-office-under-test"),
        Service::Auditor => env!("CARGO_BIN_EXE_auditor-under-test"),
    }
}
