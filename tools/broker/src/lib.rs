//! A real Kafka broker, or three, for tests and developers.
//!
//! ```text
//! Options --start--> Cluster --kill, restart, pause, resume, tool--> Cluster --stop, drop, our end--> nothing left
//! ```
//!
//! `tools/kafka-jars` (`make kafka-jars`) fetches Kafka; Java runs it, each broker with a folder and ports of its own.
//! Nothing outlives the process that has started it, not even one that is killed: see the module `process`.
//!
//! It knows no client library and no runtime: std, blocking.
//!
//! ```no_run
//! # fn main() -> Result<(), lienthong_broker::BrokerError> {
//! use lienthong_broker::{Cluster, Options};
//!
//! let cluster = Cluster::start(Options { brokers: 3, ..Options::default() })?;
//! cluster.kill(0)?;
//! // A client that connects to `cluster.bootstrap()` finds the other two.
//! cluster.restart(0)?;
//! # Ok(())
//! # }
//! ```

mod broker;
mod cluster;
mod config;
mod error;
mod files;
mod java;
mod ports;
mod probe;
mod process;
mod shared;
mod tls;

pub use cluster::Cluster;
pub use config::Options;
pub use error::BrokerError;
pub use shared::{LIENTHONG_KAFKA, fresh_prefix, shared};
