//! Who this command is to a service with TLS, and whom it believes.

use std::path::{Path, PathBuf};

use clap::Args;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::exit::Failure;

/// Before the address of a service with TLS.
pub(super) const HTTPS: &str = "https://";

/// Files for services with TLS. As variables they are `LIENTHONG_TLS_…`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Tls {
    /// For https:// services: certificates of the authorities to believe (PEM)
    #[arg(long, value_name = "FILE", env = "LIENTHONG_TLS_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// For https:// services: the certificate that names the agencies this command speaks for (PEM)
    #[arg(long, value_name = "FILE", env = "LIENTHONG_TLS_CERTIFICATE_FILE", requires = "key_file")]
    certificate_file: Option<PathBuf>,
    /// For https:// services: its key (PEM)
    #[arg(long, value_name = "FILE", env = "LIENTHONG_TLS_KEY_FILE", requires = "certificate_file")]
    key_file: Option<PathBuf>,
}

impl Tls {
    /// What is needed for an address; none where it is one without TLS.
    pub(crate) fn towards(&self, address: &str) -> Result<Option<ClientTlsConfig>, Failure> {
        if !address.starts_with(HTTPS) {
            return Ok(None);
        }
        let Some(authorities) = &self.ca_file else {
            let missing = "no authority is given by which to know a service with TLS";
            return Err(Failure::usage(missing, "name its file with --ca-file, for example pki/ca.pem"));
        };
        let authorities = read(authorities, Holds::Certificate)?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authorities));
        Ok(Some(match (&self.certificate_file, &self.key_file) {
            (Some(certificate), Some(key)) => {
                let certificate = read(certificate, Holds::Certificate)?;
                tls.identity(Identity::from_pem(certificate, read(key, Holds::Key)?))
            }
            (None, _) | (_, None) => tls,
        }))
    }
}

/// What a file has to have in it.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Certificate,
    Key,
}

/// Reads a file. One without what it has to hold would otherwise look like a service that cannot be reached.
fn read(path: &Path, holds: Holds) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error, "a PEM file"))?;
    let (what, mark) = match holds {
        Holds::Certificate => ("certificate", "-----BEGIN CERTIFICATE-----"),
        Holds::Key => ("key", "PRIVATE KEY-----"),
    };
    if bytes.windows(mark.len()).any(|window| window == mark.as_bytes()) {
        return Ok(bytes);
    }
    let error = format!("{} holds no {what} in PEM", path.display());
    Err(Failure::config(error, "name a file as `lienthong pki dev` makes them"))
}
