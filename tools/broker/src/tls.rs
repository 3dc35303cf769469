//! The certificates of a cluster: an authority of its own, and one certificate for all of its brokers.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::BrokerError;
use crate::files::write;

/// The files that the brokers and their clients need.
pub(crate) struct Certificates {
    /// Whom clients trust.
    pub(crate) ca_file: PathBuf,
    /// Key and certificate of the brokers.
    pub(crate) broker_file: PathBuf,
}

impl Certificates {
    /// Made anew, in this folder.
    pub(crate) fn make(folder: &Path) -> Result<Self, BrokerError> {
        let mut authority = named("Liên Thông test authority", CertificateParams::default());
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let ca = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);

        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let mut broker = named("Liên Thông test broker", CertificateParams::new(names)?);
        broker.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = broker.signed_by(&key, &issuer)?;

        let made = Self { ca_file: folder.join("ca.pem"), broker_file: folder.join("broker.pem") };
        write(&made.ca_file, &ca.pem())?;
        write(&made.broker_file, &format!("{}{}", key.serialize_pem(), certificate.pem()))?;
        Ok(made)
    }
}

fn named(name: &str, mut params: CertificateParams) -> CertificateParams {
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
