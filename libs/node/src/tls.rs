//! TLS of a service: its certificate, its key, and the authorities whose holders it lets in, from files.
//!
//! ```text
//! files --load--> Tls --acceptor--> each new connection --standing--> ends with its certificate, or its authority
//!   `--looked at every LOOK_EVERY, changed and sound--'    changed and faulty: said, and the ones before stay
//! ```
//!
//! TLS 1.3 alone, always with a client certificate. No session is ever taken up again: it would carry on a certificate
//! that has ended, or an authority that is no longer believed.

mod standing;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lienthong_calendar::Instant;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, version};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::error::with_causes;

use self::standing::not_after;

pub(crate) use self::standing::Standing;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
/// What is spoken over a connection of a service.
const HTTP_2: &[u8] = b"h2";
/// What is spoken where metrics are read.
const HTTP_1: &[u8] = b"http/1.1";

/// The table `tls`: all of it, or none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The service's certificate with those between it and its authority, PEM.
    pub certificate_file: Option<PathBuf>,
    /// Its key, PEM.
    pub key_file: Option<PathBuf>,
    /// Certificates of the authorities whose holders are let in, PEM.
    pub client_ca_file: Option<PathBuf>,
}

/// The files that a service's TLS is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The service's certificate with those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// Certificates of the authorities whose holders are let in, PEM.
    pub client_ca: PathBuf,
}

/// Why there is no TLS from these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path} holds no {what} in PEM")]
    Pem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// Certificate and key do not work, for example because they are no pair.
    #[error("{certificate} and {key} cannot be used together")]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The authorities cannot be believed.
    #[error("{path} holds no authority that can be believed")]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        source: VerifierBuilderError,
    },
}

impl TlsSettings {
    /// The files; none when no key is given.
    ///
    /// # Errors
    /// The key that is missing beside the others.
    pub fn files(&self) -> Result<Option<TlsFiles>, &'static str> {
        match (&self.certificate_file, &self.key_file, &self.client_ca_file) {
            (None, None, None) => Ok(None),
            (Some(certificate), Some(key), Some(client_ca)) => Ok(Some(TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: client_ca.clone(),
            })),
            (None, _, _) => Err("tls.certificate_file"),
            (_, None, _) => Err("tls.key_file"),
            (_, _, None) => Err("tls.client_ca_file"),
        }
    }
}

/// What the files held at one moment.
#[derive(Clone, PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Vec<u8>,
}

/// What the files made.
#[derive(Clone)]
struct Made {
    service: Arc<ServerConfig>,
    metrics: Arc<ServerConfig>,
    /// What the certificates of callers are verified by.
    verifier: Arc<dyn ClientCertVerifier>,
    /// End of the service's own certificate, in seconds since the Unix epoch.
    not_after: i64,
}

/// TLS from files, made anew when these change. Cloning gives another handle to the same one.
#[derive(Clone)]
pub(crate) struct Tls(watch::Receiver<Made>);

/// Keeps a [`Tls`] to what its files hold.
pub(crate) struct Keeper {
    files: TlsFiles,
    seen: Result<Contents, String>,
    made: watch::Sender<Made>,
    told_of_end: bool,
}

impl Tls {
    /// TLS from the files as they are, and what keeps it to them.
    pub(crate) fn load(files: &TlsFiles) -> Result<(Self, Keeper), TlsError> {
        let contents = Contents::read(files)?;
        let made = make(files, &contents)?;
        let (sender, receiver) = watch::channel(made);
        Ok((
            Self(receiver),
            Keeper { files: files.clone(), seen: Ok(contents), made: sender, told_of_end: false },
        ))
    }

    /// For the next connection of a caller, and how long that stands.
    pub(crate) fn acceptor(&self) -> (TlsAcceptor, Standing) {
        let (standing, made) = Standing::new(self.0.clone());
        (TlsAcceptor::from(made.service), standing)
    }

    /// The same for the next connection of whoever reads metrics.
    pub(crate) fn acceptor_of_metrics(&self) -> (TlsAcceptor, Standing) {
        let (standing, made) = Standing::new(self.0.clone());
        (TlsAcceptor::from(made.metrics), standing)
    }

    /// End of the service's own certificate, in seconds since the Unix epoch.
    pub(crate) fn not_after(&self) -> i64 {
        self.0.borrow().not_after
    }
}

impl Keeper {
    /// Looks at the files until the service stops.
    pub(crate) async fn keep(mut self, stop: CancellationToken) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = stop.cancelled() => return,
            }
            let files = self.files.clone();
            let read = tokio::task::spawn_blocking(move || Contents::read(&files)).await;
            // A task that panicked has read nothing; the next look follows.
            let Ok(read) = read else { continue };
            self.saw(read.map_err(|error| with_causes(&error)));
            self.look_at_the_end();
        }
    }

    /// What a look found. The same fault is told once.
    fn saw(&mut self, seen: Result<Contents, String>) {
        if seen == self.seen {
            return;
        }
        let made = match &seen {
            Ok(contents) => make(&self.files, contents).map_err(|error| with_causes(&error)),
            Err(error) => Err(error.clone()),
        };
        self.seen = seen;
        let certificate = self.files.certificate.display();
        match made {
            Ok(made) => {
                let until = Instant::from_micros(made.not_after.saturating_mul(1_000_000));
                tracing::info!(%certificate, %until, "the TLS files that are there now are in force");
                self.told_of_end = false;
                self.made.send_replace(made);
            }
            Err(error) => {
                tracing::error!(%certificate, error, "the changed TLS files cannot be used; those before stay in force");
            }
        }
    }

    fn look_at_the_end(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let is_over = i64::try_from(now).is_ok_and(|now| now > self.made.borrow().not_after);
        if is_over && !self.told_of_end {
            let certificate = self.files.certificate.display();
            tracing::error!(%certificate, "the service's certificate has come to its end: callers refuse it; renew it");
            self.told_of_end = true;
        }
    }
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|source| TlsError::Read { path: path.clone(), source })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: read(&files.client_ca)?,
        })
    }
}

fn make(files: &TlsFiles, contents: &Contents) -> Result<Made, TlsError> {
    let chain = certificates(&files.certificate, &contents.certificate)?;
    let no_certificate = || TlsError::Pem { path: files.certificate.clone(), what: "certificate" };
    let not_after = chain.first().and_then(not_after).ok_or_else(no_certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&contents.key)
        .map_err(|_| TlsError::Pem { path: files.key.clone(), what: "private key" })?;
    let mut roots = RootCertStore::empty();
    for authority in certificates(&files.client_ca, &contents.client_ca)? {
        let no_authority = |_| TlsError::Pem { path: files.client_ca.clone(), what: "authority" };
        roots.add(authority).map_err(no_authority)?;
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|source| TlsError::Authorities { path: files.client_ca.clone(), source })?;
    let unusable = |source| TlsError::Unusable {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        source,
    };
    let mut service = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(unusable)?
        .with_client_cert_verifier(Arc::clone(&verifier))
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    service.session_storage = Arc::new(NoServerSessionStorage {});
    service.send_tls13_tickets = 0;
    service.alpn_protocols = vec![HTTP_2.to_vec()];
    let mut metrics = service.clone();
    metrics.alpn_protocols = vec![HTTP_1.to_vec()];
    Ok(Made { service: Arc::new(service), metrics: Arc::new(metrics), verifier, not_after })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let nothing = || TlsError::Pem { path: path.to_owned(), what: "certificate" };
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|certificates| !certificates.is_empty()).ok_or_else(nothing)
}

#[cfg(test)]
mod tests;
