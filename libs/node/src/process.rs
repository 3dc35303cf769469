//! The main of every service: parse the configuration, start telemetry, build, run, drain.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lienthong_log_embedded::OpenError;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tonic::service::Routes;

use crate::charter::{Charter, CharterError};
use crate::config::Config;
use crate::keys::KeyFolder;
use crate::logs::{LogUrl, OpenLogError, open_log};
use crate::node::{Node, NodeParts, Replica};
use crate::server::serve;
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
    /// The log: embedded:DIR
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// Folder of keys and projections [default: the log's]
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<PathBuf>,
    /// Address to listen on, loopback only
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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(service, UNREACHABLE, &error),
    };
    match runtime.block_on(run(service, &config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<NoLog>() => fail(service, BAD_CONFIG, error.as_ref()),
        Err(error) if error.is::<Stopped>() => fail(service, DEFECT, error.as_ref()),
        Err(error) => fail(service, UNREACHABLE, error.as_ref()),
    }
}

/// There is no log where the configuration says.
#[derive(Debug, thiserror::Error)]
#[error("there is no log at {0}; make one with `lienthong up --training` or `lienthong registry init`")]
struct NoLog(LogUrl);

/// The projector met something it cannot go on from.
#[derive(Debug, thiserror::Error)]
#[error("the projector stopped; the lines above say why")]
struct Stopped;

async fn run(service: &Service, config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is opened, so that no signal goes unheard.
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let no_log = || NoLog(config.log.clone());
    let log = match open_log(&config.log, None).await {
        Err(OpenLogError::Embedded(OpenError::Missing { .. })) => return Err(no_log().into()),
        log => log?,
    };
    let charter = match Charter::open(log.as_ref(), config.pinned()).await {
        Err(CharterError::Empty) => return Err(no_log().into()),
        charter => charter?,
    };
    let folder = config.folder();
    let keys = match service.seals {
        true => Some(KeyFolder::open(&folder)?.node_keys(service.name, &charter.registry)?),
        false => None,
    };
    let store = folder.join("stores").join(service.name);
    let replica = Replica { ordinal: config.replica, of: config.replicas };
    let node = Node::start(NodeParts {
        name: service.name,
        log: log.clone(),
        charter,
        keys,
        store: &store,
        replica,
    })
    .await?;
    let serving = serve(&node, config.listen, (service.routes)(node.clone()), service.services).await?;
    tracing::warn!(address = %serving.address, "listening without TLS, on loopback only: callers are believed");
    let failed = tokio::select! {
        _ = term.recv() => false,
        _ = int.recv() => false,
        () = node.failed().cancelled() => true,
    };
    tracing::info!("stopping");
    node.drain().await;
    serving.stop().await;
    node.stop().await;
    log.close().await;
    if failed { Err(Stopped.into()) } else { Ok(()) }
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
    let mut text = format!("{}: {error}", service.name);
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    // Nothing is left to do when even stderr is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
    ExitCode::from(code)
}
