//! Every service in one process, on one log: what `up` and `demo` run.
//!
//! ```text
//! log -> charter -> ward-desk, land-registry, tax-office, auditor: each a node with its own projection and address
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use lienthong_log::EventLog;
use lienthong_log_embedded::OpenError;
use lienthong_log_kafka::OpenError as KafkaError;
use lienthong_node::config::{ConfigError, kafka_from_environment};
use lienthong_node::metrics::{self, ServingMetrics};
use lienthong_node::process::Service;
use lienthong_node::server::{ListenError, Serving, serve_by};
use lienthong_node::tls::TlsFiles;
use lienthong_node::{
    Charter, CharterError, Founding, KeyError, KeyFolder, LogUrl, Node, NodeParts, OpenLogError, Replica,
    StartError, open_log,
};
use lienthong_registry::{LogKind, Pack, training};

use crate::passphrase::key_folder;

/// The services, in the order they are started and named.
pub const SERVICES: [&Service; 4] =
    [&ward_desk::SERVICE, &land_registry::SERVICE, &tax_office::SERVICE, &auditor::SERVICE];

/// What to do where there is no log yet.
#[derive(Debug, Clone)]
pub enum Foundation {
    /// Say so.
    MustExist,
    /// Make a training log, with these packs beside the shipped ones.
    Training(Vec<Arc<Pack>>),
}

/// Where the services listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Each on its own well-known port.
    WellKnown,
    /// On whatever is free.
    Free,
}

/// How the services listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// On which ports.
    pub ports: Ports,
    /// With TLS from these files; without, callers are believed.
    pub tls: Option<TlsFiles>,
}

impl From<Ports> for Listening {
    fn from(ports: Ports) -> Self {
        Self { ports, tls: None }
    }
}

/// One service that runs.
pub struct Running {
    /// Its name.
    pub name: &'static str,
    /// Its node.
    pub node: Node,
    serving: Serving,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.serving.address
    }
}

/// All services, running.
pub struct Province {
    /// Each service.
    pub services: Vec<Running>,
    /// Whether the log was made by this start.
    pub founded: bool,
    log: Arc<dyn EventLog>,
}

/// Why the services do not run.
#[derive(Debug, thiserror::Error)]
pub enum ProvinceError {
    /// There is no log at the place named.
    #[error("there is no log at {url}")]
    NoLog {
        /// The place.
        url: LogUrl,
    },
    /// Another process holds the log.
    #[error("another process holds the log at {url}")]
    Held {
        /// The place.
        url: LogUrl,
    },
    /// The log is being copied from another one.
    #[error("the log at {url} is an unfinished copy of another log")]
    Unfinished {
        /// The place.
        url: LogUrl,
    },
    /// A training log was asked for, and this is none.
    #[error("the log at {url} is a production log, not a training log")]
    NotTraining {
        /// The place.
        url: LogUrl,
    },
    /// Packs were given for a log that has its packs already.
    #[error("the log at {url} has its packs already, and no pack can be added to it")]
    PacksFixed {
        /// The place.
        url: LogUrl,
    },
    /// Who this is to the brokers.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log cannot be opened.
    #[error("the log cannot be opened")]
    Open(#[source] OpenLogError),
    /// The log's charter.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A node.
    #[error("service {name} does not start")]
    Node {
        /// Which.
        name: &'static str,
        /// Why.
        source: StartError,
    },
    /// An address.
    #[error("service {name} does not listen")]
    Listen {
        /// Which.
        name: &'static str,
        /// Why.
        source: ListenError,
    },
}

impl Province {
    /// Opens or founds the log and starts every service on it.
    ///
    /// # Errors
    /// What is missing or in the way.
    pub async fn start(
        url: &LogUrl,
        dir: &Path,
        foundation: &Foundation,
        listening: impl Into<Listening>,
    ) -> Result<Self, ProvinceError> {
        Self::start_these(&SERVICES, url, dir, foundation, listening).await
    }

    /// The same with some of the services alone.
    ///
    /// # Errors
    /// What is missing or in the way.
    pub async fn start_these(
        services: &[&'static Service],
        url: &LogUrl,
        dir: &Path,
        foundation: &Foundation,
        listening: impl Into<Listening>,
    ) -> Result<Self, ProvinceError> {
        let listening = listening.into();
        let partitions = match foundation {
            Foundation::MustExist => None,
            Foundation::Training(_) => Some(training::PARTITIONS),
        };
        let security = kafka_from_environment()?;
        let log =
            open_log(url, &security, partitions).await.map_err(|error| ProvinceError::opening(url, error))?;
        let (charter, made) = charter(log.as_ref(), url, dir, foundation).await?;
        let founded = made.is_some();
        // One for all services: its passphrase costs one derivation.
        let keys = made.map_or_else(|| key_folder(dir), Ok)?;
        let mut province = Self { services: Vec::new(), founded, log };
        for service in services {
            match province.run(service, dir, &keys, &charter, &listening).await {
                Ok(running) => province.services.push(running),
                Err(error) => {
                    province.stop().await;
                    return Err(error);
                }
            }
        }
        Ok(province)
    }

    async fn run(
        &self,
        service: &'static Service,
        dir: &Path,
        keys: &KeyFolder,
        charter: &Charter,
        listening: &Listening,
    ) -> Result<Running, ProvinceError> {
        let name = service.name;
        let keys = match service.seals {
            true => Some(keys.node_keys(name, &charter.registry)?),
            false => None,
        };
        let parts = NodeParts {
            name,
            log: Arc::clone(&self.log),
            charter: charter.clone(),
            keys,
            store: &dir.join("stores").join(name),
            replica: Replica::default(),
        };
        let node = Node::start(parts).await.map_err(|source| ProvinceError::Node { name, source })?;
        let port = match listening.ports {
            Ports::WellKnown => service.port,
            Ports::Free => 0,
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (routes, tls) = ((service.routes)(node.clone()), listening.tls.as_ref());
        match serve_by(&node, address, routes, service.services, tls).await {
            Ok(serving) => Ok(Running { name, node, serving }),
            Err(source) => {
                node.stop().await;
                Err(ProvinceError::Listen { name, source })
            }
        }
    }

    /// The log that they share.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Running> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Serves the metrics of all services on an address.
    ///
    /// # Errors
    /// The address cannot be had, or is not loopback though the services have no TLS.
    pub async fn metrics(&self, address: SocketAddr) -> Result<ServingMetrics, ProvinceError> {
        let services: Vec<&Serving> = self.services.iter().map(|service| &service.serving).collect();
        let served = metrics::serve(address, &services).await;
        served.map_err(|source| ProvinceError::Listen { name: "metrics", source })
    }

    /// Resolves when a projector met something it cannot go on from.
    pub async fn failed(&self) {
        let failures = self.services.iter().map(|service| Box::pin(service.node.failed().cancelled()));
        futures::future::select_all(failures).await;
    }

    /// Drains every service, ends them, and lets go of the log.
    pub async fn stop(self) {
        for service in &self.services {
            service.node.drain().await;
        }
        for service in self.services {
            service.serving.stop().await;
            service.node.stop().await;
        }
        self.log.close().await;
    }
}

impl ProvinceError {
    /// Why a log is not opened.
    pub(crate) fn opening(url: &LogUrl, error: OpenLogError) -> Self {
        match error {
            OpenLogError::Embedded(OpenError::Missing { .. }) => Self::NoLog { url: url.clone() },
            OpenLogError::Embedded(OpenError::AlreadyOpen { .. }) => Self::Held { url: url.clone() },
            OpenLogError::Embedded(OpenError::Unfinished { .. }) => Self::Unfinished { url: url.clone() },
            OpenLogError::Kafka(KafkaError::Missing { .. }) => Self::NoLog { url: url.clone() },
            error @ (OpenLogError::Embedded(_) | OpenLogError::Kafka(_) | OpenLogError::Panicked) => {
                Self::Open(error)
            }
        }
    }
}

/// The log's charter, and the keys it was made with where it was made by this.
async fn charter(
    log: &dyn EventLog,
    url: &LogUrl,
    dir: &Path,
    foundation: &Foundation,
) -> Result<(Charter, Option<KeyFolder>), ProvinceError> {
    match (Charter::open(log, None).await, foundation) {
        (Ok(charter), Foundation::Training(_)) if charter.registry.kind() != LogKind::Training => {
            Err(ProvinceError::NotTraining { url: url.clone() })
        }
        (Ok(_), Foundation::Training(packs)) if !packs.is_empty() => {
            Err(ProvinceError::PacksFixed { url: url.clone() })
        }
        (Ok(charter), _) => Ok((charter, None)),
        (Err(CharterError::Empty | CharterError::Unfinished { .. }), Foundation::Training(packs)) => {
            let keys = key_folder(dir)?;
            Ok((Charter::found(log, &keys, &Founding::training(packs)).await?, Some(keys)))
        }
        (Err(CharterError::Empty), Foundation::MustExist) => Err(ProvinceError::NoLog { url: url.clone() }),
        (Err(error), _) => Err(error.into()),
    }
}
