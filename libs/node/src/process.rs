//! The main of every service: parse the configuration, start telemetry, build, run, drain.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use lienthong_log::Partition;
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonic::service::Routes;

use crate::config::Config;
use crate::door::Door;
use crate::error::{StartError, with_causes};
use crate::metrics;
use crate::node::Node;
use crate::opening::{self, OpenFault};
use crate::server::{ListenError, Serving, listen_by};
use crate::telemetry;

/// Bad configuration, as `sysexits.h` has it.
const BAD_CONFIG: u8 = 64;
/// Something that is needed cannot be reached.
const UNREACHABLE: u8 = 69;
/// A defect of ours.
const DEFECT: u8 = 70;

/// What makes one service different from another.
pub struct Service {
    /// Its name: of the binary, of its node in the registry, and of its projection's folder.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// Where it listens unless told otherwise.
    pub port: u16,
    /// Whether it seals; an auditor does not.
    pub seals: bool,
    /// Full names of its gRPC services.
    pub services: &'static [&'static str],
    /// Its faces.
    pub routes: fn(Node) -> Routes,
}

/// Flags of a service.
#[derive(Debug, Parser)]
struct Flags {
    /// TOML file with the settings
    #[arg(long, env = "LIENTHONG_CONFIG")]
    config: Option<PathBuf>,
    /// Print the settings in force as TOML and end
    #[arg(long)]
    dump_config: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Settings that can be given as flags; what is not given is not said.
#[derive(Debug, clap::Args, Serialize)]
struct Settings {
    /// The log: embedded:DIR or kafka://HOST:PORT[,HOST:PORT]/PREFIX
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Folder of keys and projections [default: the log's]
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<PathBuf>,
    /// Address to listen on; without TLS loopback only
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// What is logged, in the form of RUST_LOG
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_filter: Option<String>,
}

/// Runs a service until SIGTERM or SIGINT.
#[must_use]
pub fn main(service: &Service) -> ExitCode {
    use clap::{CommandFactory, FromArgMatches};
    let command = Flags::command().name(service.name).about(service.about).version(env!("CARGO_PKG_VERSION"));
    let flags = match Flags::from_arg_matches(&command.get_matches()) {
        Ok(flags) => flags,
        Err(error) => error.exit(),
    };
    let config = match Config::load(service.port, flags.config.as_deref(), &flags.settings) {
        Ok(config) => config,
        Err(error) => return fail(service, BAD_CONFIG, &error),
    };
    if flags.dump_config {
        return dump(&config);
    }
    telemetry::start(&config.log_filter);
    match block_on(run(service, &config)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(ended)) => fail(service, ended.code(), &ended),
        Err(error) => fail(service, UNREACHABLE, &error),
    }
}

/// How long a process that is done waits for threads that are not, such as one that waits for a broker by a clock that was
/// put back. Whatever counts is in the log.
const THREADS_WAIT_MAX: Duration = Duration::from_secs(2);

/// Does all that a process is there for.
///
/// # Errors
/// The system has no threads for it.
pub fn block_on<T>(all: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(all);
    runtime.shutdown_timeout(THREADS_WAIT_MAX);
    Ok(done)
}

/// Why a service ends by itself.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("no signal can be heard")]
    Deaf(#[from] std::io::Error),
    /// Checked with the settings, and never to be taken for none.
    #[error("{0} is missing; the table tls is given whole or not at all")]
    HalfTls(&'static str),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Start(#[from] StartError),
    /// The projector met something it cannot go on from.
    #[error("{0}")]
    Stopped(String),
    /// The log is not the one that was opened, or failed for good.
    #[error("{0}")]
    LogOver(String),
}

impl Ended {
    fn code(&self) -> u8 {
        match self {
            Self::HalfTls(_)
            | Self::Open(OpenFault::NoLog(_) | OpenFault::Key(_))
            | Self::Listen(ListenError::Tls(_)) => BAD_CONFIG,
            Self::Stopped(_) => DEFECT,
            Self::LogOver(_) | Self::Deaf(_) | Self::Listen(_) | Self::Open(_) | Self::Start(_) => {
                UNREACHABLE
            }
        }
    }
}

/// Listens from the first moment on, and answers as soon as there is a node that has caught up.
async fn run(service: &Service, config: &Config) -> Result<(), Ended> {
    // Before anything is opened, so that no signal goes unheard.
    let signals = Signals { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? };
    let door = Door::closed(service.name, "the log is being opened");
    let tls = config.tls.files().map_err(Ended::HalfTls)?;
    let serving = listen_by(&door, config.listen, service.services, tls.as_ref()).await?;
    let address = serving.address;
    if tls.is_some() {
        tracing::info!(%address, "listening with TLS: callers show a certificate");
    } else {
        tracing::warn!(%address, "listening without TLS, on loopback only: callers are believed");
    }
    let metrics = match config.metrics {
        Some(address) => Some(metrics::serve(address, &[&serving]).await?),
        None => None,
    };
    if let Some(metrics) = &metrics {
        tracing::info!(address = %metrics.address, "metrics at /metrics");
    }
    let ended = serve(service, config, &door, serving, signals).await;
    if let Some(metrics) = metrics {
        metrics.stop().await;
    }
    ended
}

/// The signals that end a service.
struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    async fn either(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

async fn serve(
    service: &Service,
    config: &Config,
    door: &Door,
    serving: Serving,
    mut signals: Signals,
) -> Result<(), Ended> {
    let opened = tokio::select! {
        () = signals.either() => None,
        opened = opening::open(service, config, door) => Some(opened),
    };
    let (log, node) = match opened {
        Some(Ok(opened)) => opened,
        // Nobody is inside yet, so there is nothing to drain.
        Some(Err(fault)) => {
            serving.stop().await;
            return Err(fault.into());
        }
        None => {
            serving.stop().await;
            return Ok(());
        }
    };
    door.meet(node.clone(), (service.routes)(node.clone()));
    let ended = tokio::select! {
        () = signals.either() => Ok(()),
        ended = work(&node) => Err(ended),
    };
    tracing::info!("stopping");
    node.drain().await;
    serving.stop().await;
    node.stop().await;
    log.close().await;
    ended
}

/// Catches up and goes on until the projector cannot; says why it ended.
async fn work(node: &Node) -> Ended {
    match node.caught_up().await {
        Ok(()) => node.failed().cancelled().await,
        Err(StartError::Stopped) => {}
        Err(error) => return error.into(),
    }
    let why = node.why_not().join("; ");
    match node.log().end(Partition::Registry).await {
        Ok(_) => Ended::Stopped(why),
        // It was the log that ended.
        Err(_) => Ended::LogOver(why),
    }
}

fn dump(config: &Config) -> ExitCode {
    use std::io::Write;
    match std::io::stdout().lock().write_all(config.to_toml().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(service: &Service, code: u8, error: &dyn std::error::Error) -> ExitCode {
    use std::io::Write;
    // Nothing is left to do when even stderr is gone.
    let _ = writeln!(std::io::stderr().lock(), "{}: {}", service.name, with_causes(error));
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_thread_that_never_ends_does_not_hold_up_a_process_that_is_done() {
        let (_hold, wait) = channel::<()>();
        let begun = Instant::now();
        let done = block_on(async {
            tokio::task::spawn_blocking(move || wait.recv());
            7
        });
        assert_eq!(done.unwrap(), 7);
        assert!(begun.elapsed() < 10 * THREADS_WAIT_MAX);
    }
}
