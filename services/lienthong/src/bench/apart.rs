//! Measuring in a process that does nothing else. One that has written a log keeps memory that the measured part never
//! asked for.

use std::process::{Command, Stdio};

use lienthong_node::LogUrl;
use serde::de::DeserializeOwned;

use super::BenchError;

/// How a log that is there is measured.
#[derive(Debug, Clone)]
pub(crate) struct Apart {
    /// The log, which this process must not hold.
    pub(crate) log: LogUrl,
    /// Arguments of the part beside the log's and the format's.
    pub(crate) args: Vec<String>,
}

impl Apart {
    /// Figures of `bench replay` or `bench rebuild`, as a process of its own tells them.
    pub(crate) async fn measure<T: DeserializeOwned>(&self, part: &'static str) -> Result<T, BenchError> {
        let unstarted = |source| BenchError::Unstarted { part, source };
        let mut command = Command::new(std::env::current_exe().map_err(unstarted)?);
        command.args(["bench", part, "--log", &self.log.to_string(), "--output", "json"]).args(&self.args);
        command.stdin(Stdio::null());
        let done = tokio::task::spawn_blocking(move || command.output()).await.map_err(BenchError::Client)?;
        let done = done.map_err(unstarted)?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            return Err(BenchError::Apart { part, said });
        }
        serde_json::from_slice(&done.stdout).map_err(|source| BenchError::Untold { part, source })
    }
}
