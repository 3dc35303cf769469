//! `pki`: certificates by which services and callers know each other.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lienthong_registry::{AgencyId, training};
use serde_json::json;

use crate::exit::{Failure, with_causes};
use crate::pki::{PkiError, develop};
use crate::{Format, Output};

/// The first desk of the training log.
const FIRST_DESK: &str = "H56.1";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes certificates of a day for development: an authority, the services of this machine, and callers
    ///
    /// In DIR: ca.pem, server.pem and clients/AGENCY.pem, each with its .key (mode 0600), clients/operator.pem, which
    /// speaks for all agencies, and clients/auditor.pem, which speaks for none and is shown who read personal data. Run again, it renews what ends within 8 hours, by the same authority as long as that
    /// lasts; services take renewed files up by themselves. The authority's key lies beside it: not for production.
    #[command(after_help = "Examples:\n  \
        lienthong pki dev --dir pki\n  \
        lienthong pki dev --dir pki --agency H56.2 --agency tax-office --host desk.example\n  \
        lienthong up --training --tls pki\n  \
        lienthong dossier list --server https://localhost:7101 --ca-file pki/ca.pem \\\n    \
        --certificate-file pki/clients/operator.pem --key-file pki/clients/operator.key")]
    Dev(Dev),
}

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Folder of the certificates; made where there is none
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// An agency whose callers get a certificate; may be repeated [default: land office, tax office, import office and first
    /// desk of the training log, and for `operator` all of its agencies]
    #[arg(long, value_name = "ID", value_parser = AgencyId::parse)]
    agency: Vec<AgencyId>,
    /// A name or address by which the services are reached, beside localhost; may be repeated
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Dev(dev) => develop_in(dev, output),
    }
}

fn develop_in(dev: &Dev, output: &mut Output<'_>) -> Result<(), Failure> {
    let (agencies, all) = match dev.agency.as_slice() {
        [] => (of_training()?, training::agency_ids().map_err(|error| Failure::defect(&error))?),
        given => (given.to_vec(), given.to_vec()),
    };
    let pairs = develop(&dev.dir, &agencies, &all, &dev.host).map_err(|error| failure(&error))?;
    for pair in &pairs {
        let (certificate, key) = (pair.certificate.display().to_string(), pair.key.display().to_string());
        match output.format() {
            Format::Text => {
                let what = if pair.made { "made" } else { "kept" };
                output.text(&format!("{what} {certificate} and {key}, good until {}", pair.until));
            }
            Format::Json => output.json(&json!({
                "certificate": certificate,
                "key": key,
                "until": pair.until.to_string(),
                "made": pair.made,
            })),
        }
    }
    Ok(())
}

/// The agencies of the training log that commands and examples speak for.
fn of_training() -> Result<Vec<AgencyId>, Failure> {
    let ids = [FIRST_DESK, training::LAND_OFFICE, training::TAX_OFFICE, training::IMPORT_OFFICE];
    let ids: Result<Vec<_>, _> = ids.into_iter().map(AgencyId::parse).collect();
    ids.map_err(|error| Failure::defect(&error))
}

fn failure(error: &PkiError) -> Failure {
    let help = match error {
        PkiError::Write { .. } => "name a folder that can be written",
        PkiError::Make(_) => "give each --host as a name or an address",
    };
    Failure::config(with_causes(error), help)
}
