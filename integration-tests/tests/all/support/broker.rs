//! A broker, what Kafka's own tools do to it, and a service on it that is asked how it is.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lienthong_broker::{Cluster, Options, fresh_prefix};
use lienthong_wire::pb::node::v1::node_client::NodeClient;
use lienthong_wire::pb::node::v1::{GetReadinessRequest, Readiness};
use serde_json::Value;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use super::clients::{Clients, Service};
use super::process::{Ended, Process};
use super::programs::binary;

pub(crate) const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
pub(crate) const CONFIGS: &str = "kafka.admin.ConfigCommand";
pub(crate) const PERFORMANCE: &str = "org.apache.kafka.tools.ProducerPerformance";
pub(crate) const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
pub(crate) const PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";

/// How long what a service says of itself may take to become so: the watchdog looks at settings every ten seconds, and
/// the machine has other work.
const SAID_MAX: Duration = Duration::from_secs(60);

/// One broker, and a folder for the keys and projections of a log on it.
pub(crate) struct Site {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) log: String,
    pub(crate) dir: TempDir,
}

impl Site {
    /// No log yet.
    pub(crate) async fn new() -> Self {
        let start = || Cluster::start(Options::default()).unwrap();
        let cluster = Arc::new(tokio::task::spawn_blocking(start).await.unwrap());
        Self::beside(&cluster)
    }

    /// Another place on the same broker.
    pub(crate) fn beside(cluster: &Arc<Cluster>) -> Self {
        let log = format!("kafka://{}/{}", cluster.bootstrap(), fresh_prefix());
        Self { cluster: Arc::clone(cluster), log, dir: tempfile::tempdir().unwrap() }
    }

    /// `registry init`, and what it said.
    pub(crate) fn init(&self, more: &[&str]) -> Value {
        let dir = self.dir.path().display().to_string();
        let init = ["registry", "init", "--output", "json", "--log", &self.log, "--dir", &dir];
        let made = Process::start(&[&init, more].concat()).ended();
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        serde_json::from_str(&made.stdout).unwrap()
    }

    /// The name of one of the log's topics.
    pub(crate) fn topic(&self, suffix: &str) -> String {
        let (_, prefix) = self.log.rsplit_once('/').unwrap();
        format!("{prefix}.{suffix}")
    }

    /// Runs one of Kafka's tools, which must end well, and gives what it has written to stdout.
    pub(crate) fn tool(&self, main_class: &str, args: &[&str]) -> Vec<u8> {
        let output = self.cluster.tool(main_class, args).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !errors.contains("ERROR"), "{output:?}");
        output.stdout
    }

    /// The same with `--bootstrap-server` before the arguments.
    pub(crate) fn ask(&self, main_class: &str, args: &[&str]) -> String {
        let said = self.tool(main_class, &[&["--bootstrap-server", self.cluster.bootstrap()], args].concat());
        String::from_utf8(said).unwrap()
    }

    /// Starts a service on the log, with further environment.
    pub(crate) fn service(&self, service: Service, environment: &[(&str, &str)]) -> Running {
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = Command::new(binary(service));
        command.args(["--log", &self.log, "--listen", &address.to_string(), "--dir"]).arg(self.dir.path());
        command.env_remove(lienthong_broker::LIENTHONG_KAFKA).envs(environment.iter().copied());
        Running { process: Process::of(&mut command), address, name: service.name() }
    }
}

/// A service that was started, ready or not.
pub(crate) struct Running {
    process: Process,
    address: SocketAddr,
    name: &'static str,
}

impl Running {
    fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        endpoint.timeout(SAID_MAX).connect_lazy()
    }

    /// Clients that know of this service alone.
    pub(crate) fn clients(&self) -> Clients {
        Clients::to(|_| self.address)
    }

    /// What it says of itself; none before it listens.
    pub(crate) async fn readiness(&self) -> Option<Readiness> {
        let answer = NodeClient::new(self.channel()).get_readiness(GetReadinessRequest {}).await;
        answer.ok().map(tonic::Response::into_inner)
    }

    /// Waits until it says something of itself that is so; it must not take long.
    pub(crate) async fn says(&self, is_so: impl Fn(&Readiness) -> bool) -> Readiness {
        let since = Instant::now();
        loop {
            let said = self.readiness().await;
            if let Some(said) = said.clone().filter(&is_so) {
                return said;
            }
            assert!(since.elapsed() < SAID_MAX, "{} says {said:?}", self.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn is_ready(&self) {
        self.says(|said| said.ready).await;
        self.health_says(true).await;
    }

    /// Waits until it is not ready for a reason in which all of this is said, and gives the reason.
    pub(crate) async fn is_unready(&self, told: &[&str]) -> String {
        let tells = |why: &String| told.iter().all(|text| why.contains(text));
        let said = self.says(|said| !said.ready && said.why.iter().any(tells)).await;
        self.health_says(false).await;
        said.why.into_iter().find(tells).unwrap()
    }

    /// Waits until the health follows the readiness: a task of the service tells it, so it is a moment behind.
    async fn health_says(&self, serving: bool) {
        let since = Instant::now();
        while self.is_serving().await != serving {
            assert!(since.elapsed() < SAID_MAX, "{} does not say that it serves: {serving}", self.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What everybody's health checks see.
    async fn is_serving(&self) -> bool {
        use tonic_health::pb::health_check_response::ServingStatus;
        use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
        let answer = HealthClient::new(self.channel()).check(HealthCheckRequest::default()).await.unwrap();
        answer.into_inner().status() == ServingStatus::Serving
    }

    /// SIGTERM, and a good end.
    pub(crate) async fn stop(self) -> Ended {
        self.process.terminate();
        let ended = tokio::task::spawn_blocking(move || self.process.ended()).await.unwrap();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    }
}
