//! Authorities and certificates, made for one test.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::string::Ia5String;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::server::Serving;
use crate::tls::TlsFiles;

/// An authority that nobody else has.
pub(crate) struct Authority {
    pub(crate) pem: String,
    pub(crate) name: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, PEM.
pub(crate) struct Held {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// From when until when, in seconds from now.
#[derive(Clone, Copy)]
pub(crate) struct Good(pub(crate) i64, pub(crate) i64);

pub(crate) const TODAY: Good = Good(-3_600, 86_400);

impl Authority {
    /// With a name that no other has.
    pub(crate) fn new() -> Self {
        Self::named(&uuid::Uuid::new_v4().to_string())
    }

    /// Whose name another one may have.
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, name: name.to_owned(), issuer: Issuer::new(params, key) }
    }

    /// The certificate of a client with these URIs.
    pub(crate) fn client(&self, uris: &[&str], good: Good) -> Held {
        let uri = |uri: &&str| SanType::URI(Ia5String::try_from(*uri).unwrap());
        let mut params = CertificateParams::default();
        params.subject_alt_names = uris.iter().map(uri).collect();
        self.signed(params, good)
    }

    /// The certificate of a server of this machine.
    pub(crate) fn server(&self) -> Held {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        self.signed(CertificateParams::new(names).unwrap(), TODAY)
    }

    fn signed(&self, mut params: CertificateParams, Good(from, until): Good) -> Held {
        params.not_before = moment(from);
        params.not_after = moment(until);
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Held { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn moment<T: From<SystemTime>>(seconds: i64) -> T {
    let away = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    T::from(if seconds < 0 { now - away } else { now + away })
}

impl Held {
    /// The same as the files of a service that lets in the holders of `clients`.
    pub(crate) fn write(&self, dir: &Path, clients: &Authority) -> TlsFiles {
        let write = |name: &str, text: &str| -> PathBuf {
            let path = dir.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        TlsFiles {
            certificate: write("server.pem", &self.certificate),
            key: write("server.key", &self.key),
            client_ca: write("ca.pem", &clients.pem),
        }
    }
}

/// Connects to a service that `authority` vouches for; with a certificate of one's own, if one has any.
pub(crate) async fn connect(
    serving: &Serving,
    authority: &Authority,
    own: Option<&Held>,
) -> Result<Channel, tonic::transport::Error> {
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authority.pem));
    if let Some(own) = own {
        tls = tls.identity(Identity::from_pem(&own.certificate, &own.key));
    }
    let endpoint = Endpoint::from_shared(format!("https://{}", serving.address)).unwrap();
    endpoint.tls_config(tls).unwrap().connect().await
}
