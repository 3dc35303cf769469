//! Measuring in a process that does nothing else. One that has written a log keeps memory that the measured part never
//! asked for.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};

use futures::future::try_join;
use lienthong_node::LogUrl;
use serde::de::DeserializeOwned;
use tokio::task;

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
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut measuring = Measuring(command.spawn().map_err(unstarted)?);
        let (told, said) = (measuring.0.stdout.take(), measuring.0.stderr.take());
        let read = try_join(task::spawn_blocking(|| whole(told)), task::spawn_blocking(|| whole(said)));
        let (told, said) = read.await.map_err(BenchError::Client)?;
        let (told, said) = (told.map_err(unstarted)?, said.map_err(unstarted)?);
        // It has closed both, so it ends now.
        if !measuring.0.wait().map_err(unstarted)?.success() {
            return Err(BenchError::Apart { part, said: String::from_utf8_lossy(&said).trim().to_owned() });
        }
        serde_json::from_slice(&told).map_err(|source| BenchError::Untold { part, source })
    }
}

/// The process that measures. It ends with whoever waits for it.
struct Measuring(Child);

impl Drop for Measuring {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All that a process says.
fn whole(said: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    said.map_or(Ok(0), |mut said| said.read_to_end(&mut bytes))?;
    Ok(bytes)
}
