//! Measuring what the bus does on this machine: over real gRPC, everything durable, sealed and checked.
//!
//! ```text
//! clients --gRPC--> ward-desk --> log          commands: latencies and rates
//! history ------------------------'|--> judged from its raw records      replay
//!                                  `--> folded into a fresh store        rebuild
//! stories --gRPC--> every service              journey: from agency to agency
//! ```
//!
//! A figure is the median of several runs after one that warms up and counts for nothing. It stands beside what the log
//! promised before it answered, for without that it says nothing.

mod acts;
mod answers;
mod apart;
mod clerk;
mod commands;
mod growth;
mod history;
mod journey;
mod load;
mod memory;
mod neighbour;
mod place;
mod rebuild;
mod replay;
mod sample;
mod timing;

use std::io;

use lienthong_audit::AuditError;
use lienthong_log::{AppendError, ReadError};
use lienthong_node::server::ListenError;
use lienthong_node::{LogUrl, StartError};

use crate::demo::DemoError;
use crate::province::ProvinceError;

pub(crate) use apart::Apart;
pub(crate) use growth::{Growth, growth, picture};
pub(crate) use history::{History, HistoryError};
pub(crate) use load::Load;
pub(crate) use place::Place;
pub(crate) use {commands::commands, journey::journey, rebuild::rebuild, replay::replay};

/// Who is told what is being measured.
pub(crate) trait Watcher: Send + Sync {
    /// The next part begins.
    fn begins(&self, part: &str);
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A signal ended it.
    #[error("ended before all was measured")]
    Stopped,
    /// The services do not start, or the log does not open.
    #[error(transparent)]
    Province(Box<ProvinceError>),
    /// A service cannot be reached.
    #[error("the service under load cannot be reached")]
    Connect(#[source] tonic::transport::Error),
    /// A service refused what a client of the bench asked.
    #[error("{call} was refused: {}", .source.message())]
    Call {
        /// The call.
        call: &'static str,
        /// The answer.
        source: Box<tonic::Status>,
    },
    /// A stream of a service ended.
    #[error("the inbox ended before everything was seen")]
    Ended,
    /// A client of the bench panicked.
    #[error("a client stopped")]
    Client(#[source] tokio::task::JoinError),
    /// No folder for a log or a store.
    #[error("there is no room for a log: {0}")]
    Folder(#[source] io::Error),
    /// The log for comparison.
    #[error("the log that is compared with cannot be used")]
    Bare(#[from] AppendError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The log cannot be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A log of which every record should stand has faults.
    #[error("the log has {0} faults: `lienthong audit verify` names them")]
    Faulty(u64),
    /// There is a log where one is to grow.
    #[error("there is a log at {0} already")]
    Exists(LogUrl),
    /// No history in the log.
    #[error(transparent)]
    History(Box<HistoryError>),
    /// The node that was built does not listen.
    #[error("the node that was built cannot be asked")]
    Listen(#[from] ListenError),
    /// The process that measures does not start.
    #[error("`lienthong bench {part}` does not start")]
    Unstarted {
        /// What it measures.
        part: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The process that measures found no figures.
    #[error("`lienthong bench {part}` has no figures: {said}")]
    Apart {
        /// What it measures.
        part: &'static str,
        /// What it says.
        said: String,
    },
    /// The process that measures tells something else.
    #[error("the figures of `lienthong bench {part}` cannot be read")]
    Untold {
        /// What it measures.
        part: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The store does not fill.
    #[error("the store cannot be built")]
    Store(#[from] StartError),
    /// A story of the journey.
    #[error(transparent)]
    Story(#[from] DemoError),
    /// The shipped data.
    #[error("what this release ships cannot be read: {0}")]
    Shipped(String),
}

impl From<ProvinceError> for BenchError {
    fn from(error: ProvinceError) -> Self {
        Self::Province(Box::new(error))
    }
}

impl BenchError {
    pub(crate) fn call(call: &'static str) -> impl FnOnce(tonic::Status) -> Self {
        move |status| Self::Call { call, source: Box::new(status) }
    }
}
