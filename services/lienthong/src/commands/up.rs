//! `up`: every service in one process, until SIGTERM.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use lienthong_node::process::Service;
use lienthong_node::tls::TlsFiles;
use lienthong_node::{LogUrl, telemetry};
use lienthong_registry::Pack;
use serde_json::json;

use super::ending::told_to_end;
use super::pack::read_packs;
use crate::exit::Failure;
use crate::province::{Foundation, Listening, Ports, Province, SERVICES};
use crate::{Format, Output};

/// Where logs are when nobody says otherwise.
pub(crate) const LOG_DEFAULT: &str = "embedded:lienthong-data";

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The log: embedded:DIR or kafka://HOST:PORT/PREFIX
    #[arg(long, value_name = "URL", default_value = LOG_DEFAULT)]
    log: LogUrl,
    /// Folder of keys and projections [default: the log's own]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Make a training log (TẬP HUẤN) where there is none: nothing in it is valid anywhere else
    #[arg(long)]
    training: bool,
    /// A procedure pack for the training log that is made, beside the shipped ones; may be repeated
    #[arg(long, value_name = "FILE", requires = "training")]
    pack: Vec<PathBuf>,
    /// Listen on free ports instead of 7101 to 7104
    #[arg(long)]
    free_ports: bool,
    /// Only this service, the others in processes of their own (the log is then Kafka's); may be repeated
    #[arg(long, value_name = "NAME", value_parser = SERVICES.map(|service| service.name))]
    service: Vec<String>,
    /// Serve with TLS from the certificates that `pki dev` made in this folder; callers then show one of theirs
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Serve metrics at http://ADDRESS/metrics, for example 127.0.0.1:9101 (https where --tls is given)
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(crate) fn run(up: &Up, output: &mut Output<'_>) -> Result<(), Failure> {
    telemetry::start(&up.log_filter);
    let packs = read_packs(&up.pack).map_err(Failure::of_setting)?;
    super::block_on(serve(up, packs, output))
}

async fn serve(up: &Up, packs: Vec<Arc<Pack>>, output: &mut Output<'_>) -> Result<(), Failure> {
    let dir = up.dir.clone().unwrap_or_else(|| up.log.folder());
    let foundation = if up.training { Foundation::Training(packs) } else { Foundation::MustExist };
    let ports = if up.free_ports { Ports::Free } else { Ports::WellKnown };
    // Before anything is opened, so that no signal goes unheard.
    let told_to_end = told_to_end()?;
    let listening = Listening { ports, tls: up.tls.as_deref().map(tls_files) };
    let asked =
        |service: &&Service| up.service.is_empty() || up.service.iter().any(|name| name == service.name);
    let services: Vec<_> = SERVICES.into_iter().filter(asked).collect();
    let started = Province::start_these(&services, &up.log, &dir, &foundation, listening).await;
    let province = started.map_err(Failure::province)?;
    if province.founded {
        output.note(&format!("made a training log (TẬP HUẤN) at {}", up.log));
    }
    let metrics = match up.metrics {
        Some(address) => province.metrics(address).await.map(Some),
        None => Ok(None),
    };
    let metrics = match metrics {
        Ok(metrics) => metrics,
        Err(error) => {
            province.stop().await;
            return Err(Failure::province(error));
        }
    };
    output.note(match up.tls {
        Some(_) => "listening with TLS: callers show a certificate",
        None => "listening without TLS, on loopback only: callers are believed",
    });
    let services = province.services.iter().map(|service| (service.name, service.address()));
    announce(services.chain(metrics.iter().map(|metrics| ("metrics", metrics.address))), output);
    let flushed = output.finish().map_err(|error| Failure::unwritten(&error));
    let failed = tokio::select! {
        () = told_to_end => false,
        () = province.failed() => true,
    };
    if let Some(metrics) = metrics {
        metrics.stop().await;
    }
    province.stop().await;
    flushed?;
    if failed { Err(Failure::stopped()) } else { Ok(()) }
}

/// One line for each address, then that all is ready.
fn announce(addresses: impl Iterator<Item = (&'static str, SocketAddr)>, output: &mut Output<'_>) {
    for (name, address) in addresses {
        match output.format() {
            Format::Text => output.text(&format!("{name} {address}")),
            Format::Json => output.json(&json!({ "service": name, "address": address })),
        }
    }
    match output.format() {
        Format::Text => output.text("ready"),
        Format::Json => output.json(&json!({ "ready": true })),
    }
}

/// The files of the services in a folder of `pki dev`.
fn tls_files(dir: &Path) -> TlsFiles {
    TlsFiles {
        certificate: dir.join("server.pem"),
        key: dir.join("server.key"),
        client_ca: dir.join("ca.pem"),
    }
}
