//! Why there is no broker.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a cluster, or a broker of one, did not do what it was asked for. Brokers are counted from 0, as in
/// [`Cluster`](crate::Cluster).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// Kafka has not been fetched.
    #[error("there is no Kafka in {dir}: run `make kafka-jars`")]
    NoJars {
        /// Where it would be.
        dir: PathBuf,
    },
    /// What was asked for makes no cluster.
    #[error("no cluster can be so: {reason}")]
    BadOptions {
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder of the cluster could not be made or read.
    #[error("{path} could not be made or read")]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// A program could not be run.
    #[error("{program} could not be run")]
    Program {
        /// `java` or `sh`.
        program: String,
        /// What failed.
        source: io::Error,
    },
    /// Another process listens on the port that was asked for.
    #[error("port {port} is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No free ports were found.
    #[error("no {wanted} free ports were found")]
    NoPorts {
        /// Asked for.
        wanted: usize,
    },
    /// The certificates for TLS could not be made.
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// The folder of a broker could not be formatted.
    #[error("broker {broker} could not be formatted:\n{output}")]
    NotFormatted {
        /// Which.
        broker: usize,
        /// What Kafka says.
        output: String,
    },
    /// There are not so many.
    #[error("there is no broker {broker}")]
    NoSuchBroker {
        /// Which.
        broker: usize,
    },
    /// A broker was asked for something that only a running one can do.
    #[error("broker {broker} does not run")]
    NotRunning {
        /// Which.
        broker: usize,
    },
    /// A broker ended by itself.
    #[error("broker {broker} ended:\n{log}")]
    Ended {
        /// Which.
        broker: usize,
        /// Its last words.
        log: String,
    },
    /// A broker runs and is not in service yet.
    #[error("broker {broker} is not in service after {seconds} s:\n{log}")]
    NotReady {
        /// Which.
        broker: usize,
        /// Waited for.
        seconds: u64,
        /// Its last words.
        log: String,
    },
}

impl BrokerError {
    /// Whether another process took a port between our choice and the broker's start.
    pub(crate) fn is_port_clash(&self) -> bool {
        matches!(self, Self::Ended { log, .. } if log.contains("Address already in use"))
    }
}
