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
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(authorities)?));
        Ok(Some(match (&self.certificate_file, &self.key_file) {
            (Some(certificate), Some(key)) => {
                tls.identity(Identity::from_pem(read(certificate)?, read(key)?))
            }
            (None, _) | (_, None) => tls,
        }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::config(format!("cannot read {}: {error}", path.display()), "name a readable file (PEM)")
    })
}
