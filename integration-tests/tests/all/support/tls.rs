//! Certificates of a test, and who shows them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lienthong::pki::{Authority, Holder, Issued, Term, develop};
use lienthong_registry::AgencyId;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use super::{DESK, LAND, PATIENCE, TAX};

/// A folder of `pki dev`, with further authorities and holders that are made for a test.
pub(crate) struct Pki {
    dir: TempDir,
    /// One that vouches for callers too, once it is put beside the folder's own.
    pub(crate) second: Authority,
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

/// A caller with these URIs.
pub(crate) fn caller(uris: &[&str]) -> Holder {
    Holder::Caller(uris.iter().map(|uri| (*uri).to_owned()).collect())
}

/// A term in seconds from now.
pub(crate) fn term(from: i64, until: i64) -> Term {
    let moment = |seconds: i64| {
        let away = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { SystemTime::now() - away } else { SystemTime::now() + away }
    };
    Term { from: moment(from), until: moment(until) }
}

impl Pki {
    /// What `pki dev` makes for the story's agencies; callers of `second` are believed too.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let agencies = [DESK, LAND, TAX].map(agency);
        develop(dir.path(), &agencies, &agencies, &[]).unwrap();
        let second = Authority::new("second", term(-60, 3_600)).unwrap();
        let both =
            format!("{}{}", std::fs::read_to_string(dir.path().join("ca.pem")).unwrap(), second.certificate);
        std::fs::write(dir.path().join("ca.pem"), both).unwrap();
        Self { dir, second }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A caller's certificate that `pki dev` made.
    pub(crate) fn held(&self, name: &str) -> Issued {
        let read =
            |ending: &str| std::fs::read_to_string(self.file(&format!("clients/{name}.{ending}"))).unwrap();
        Issued { certificate: read("pem"), key: read("key") }
    }

    /// A certificate of today for a caller with these URIs.
    pub(crate) fn issued(&self, uris: &[&str]) -> Issued {
        self.second.issue("caller", &caller(uris), term(-60, 3_600)).unwrap()
    }

    fn authorities(&self) -> String {
        std::fs::read_to_string(self.file("ca.pem")).unwrap()
    }

    /// A connection that shows a certificate; made with the first call.
    pub(crate) fn channel(&self, address: SocketAddr, own: &Issued) -> Channel {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(self.authorities()));
        let tls = tls.identity(Identity::from_pem(&own.certificate, &own.key));
        let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
        endpoint.tls_config(tls).unwrap().timeout(PATIENCE).connect_lazy()
    }

    /// A connection by TLS alone, with a certificate, if one is given.
    async fn connect(&self, address: SocketAddr, own: Option<&Issued>) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(self.authorities().as_bytes()) {
            roots.add(authority.unwrap()).unwrap();
        }
        let config = ClientConfig::builder().with_root_certificates(roots);
        let config = match own {
            Some(own) => {
                let chain = vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
            None => config.with_no_client_auth(),
        };
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    /// Why a service sends a caller away: what comes in place of its first word. The handshake has ended for the caller by
    /// then, before the service looks at the certificate.
    pub(crate) async fn alert(&self, address: SocketAddr, own: Option<&Issued>) -> String {
        let mut stream = self.connect(address, own).await;
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0])).await.unwrap();
        read.unwrap_err().to_string()
    }

    /// What a scraper with this certificate reads.
    pub(crate) async fn metrics(&self, address: SocketAddr, own: &Issued) -> String {
        let mut stream = self.connect(address, Some(own)).await;
        let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.unwrap();
        // A server that closes without a farewell has said all it had to say.
        assert!(read.is_ok() || text.ends_with("# EOF\n"), "{read:?}");
        text
    }
}
