//! A neighbour: a service in a process of its own, as other agencies' are.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lienthong_node::LogUrl;
use lienthong_node::process::Service;
use serde::Deserialize;

use super::BenchError;

/// Ends with its owner.
pub(super) struct Neighbour {
    child: Child,
    address: String,
}

/// What `up` tells of each service that listens, and at last of itself.
#[derive(Deserialize)]
struct Line {
    service: Option<String>,
    address: Option<String>,
}

impl Neighbour {
    /// Starts a service on a log that is there, and waits until it is ready.
    pub(super) async fn start(
        service: &'static Service,
        log: &LogUrl,
        dir: &Path,
    ) -> Result<Self, BenchError> {
        let part = service.name;
        let unstarted = move |source| BenchError::Unstarted { part, source };
        let mut command = Command::new(std::env::current_exe().map_err(unstarted)?);
        command.args(["up", "--free-ports", "--output", "json", "--service", part]);
        command.args(["--log", &log.to_string()]).arg("--dir").arg(dir);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let starting = move || {
            let mut child = command.spawn().map_err(unstarted)?;
            let said = child.stdout.take().map(BufReader::new);
            let mut neighbour = Self { child, address: String::new() };
            for line in said.into_iter().flat_map(BufRead::lines) {
                let line = line.map_err(unstarted)?;
                let line: Line =
                    serde_json::from_str(&line).map_err(|source| BenchError::Untold { part, source })?;
                match (line.service, line.address) {
                    (Some(_), Some(address)) => neighbour.address = format!("http://{address}"),
                    _ => return Ok(neighbour),
                }
            }
            Err(BenchError::Ended)
        };
        tokio::task::spawn_blocking(starting).await.map_err(BenchError::Client)?
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // Nothing that it told anybody is lost by it: the log has it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
