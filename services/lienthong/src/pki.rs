//! Certificates for development, of a day: an authority, a service of this machine, and callers of agencies.
//!
//! ```text
//! DIR/ca.pem       ca.key         the authority, for everybody to believe
//! DIR/server.pem   server.key     the services
//! DIR/clients/ID.pem  ID.key      the caller of one agency; `operator` is that of all, `auditor` of none
//! ```
//!
//! Made again in the same folder, what is about to end is renewed by the same authority, and services that use the files
//! take the renewed ones up by themselves. The authority's key lies beside it, so this is nothing for production.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use lienthong_calendar::Instant;
use lienthong_registry::AgencyId;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

/// How long a certificate is good.
pub const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the authority is.
pub const AUTHORITY_GOOD_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What ends sooner than this is renewed.
pub const RENEWED_BEFORE: Duration = Duration::from_secs(8 * 60 * 60);
/// Certificates are good from a little before they were made, for clocks that are behind.
const BACKDATED_BY: Duration = Duration::from_secs(5 * 60);
/// The certificate that speaks for every agency.
pub const OPERATOR: &str = "operator";
/// The certificate by which who read personal data is audited, and nothing else.
pub const AUDITOR: &str = "auditor";
/// What it says of its holder.
const AUDITOR_URI: &str = "lienthong://role/auditor";
/// What the authority is called.
const NAME: &str = "Liên Thông development authority";
/// How a service of this machine is reached.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// From when until when something is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From then on.
    pub from: SystemTime,
    /// Until then.
    pub until: SystemTime,
}

/// Why a certificate was not made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file or folder.
    #[error("cannot write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A name that no certificate can carry, or a file that is none of ours.
    #[error("a certificate cannot be made")]
    Make(#[from] rcgen::Error),
}

/// An authority and its key.
pub struct Authority {
    /// Its certificate, PEM.
    pub certificate: String,
    issuer: Issuer<'static, KeyPair>,
    key: String,
}

/// A certificate and its key, PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// Whom a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A service reached by these names and addresses.
    Service(BTreeSet<String>),
    /// A caller with these URIs.
    Caller(BTreeSet<String>),
}

/// What became of one pair of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The certificate's file; the key lies beside it, as `.key`.
    pub certificate: PathBuf,
    /// The key's file.
    pub key: PathBuf,
    /// Until when the certificate is good.
    pub until: Instant,
    /// Made by this run; otherwise it was there and stays.
    pub made: bool,
}

impl Term {
    /// From now on, and a little before, for so long.
    #[must_use]
    pub fn of(length: Duration) -> Self {
        let now = SystemTime::now();
        Self { from: now - BACKDATED_BY, until: now + length }
    }
}

impl Holder {
    /// The caller of these agencies, with all their power.
    pub fn of_agencies<'a>(agencies: impl IntoIterator<Item = &'a AgencyId>) -> Self {
        let uri = |agency: &AgencyId| format!("lienthong://agency/{agency}");
        Self::Caller(agencies.into_iter().map(uri).collect())
    }

    /// An auditor, who speaks for no agency.
    #[must_use]
    pub fn auditor() -> Self {
        Self::Caller([AUDITOR_URI.to_owned()].into())
    }

    /// A service of this machine, also reached by these names.
    pub fn of_hosts(more: &[String]) -> Self {
        Self::Service(HOSTS.map(str::to_owned).into_iter().chain(more.iter().cloned()).collect())
    }

    fn names(&self) -> &BTreeSet<String> {
        match self {
            Self::Service(names) | Self::Caller(names) => names,
        }
    }

    fn params(&self) -> Result<CertificateParams, rcgen::Error> {
        match self {
            Self::Service(hosts) => {
                let mut params = CertificateParams::new(hosts.iter().cloned().collect::<Vec<_>>())?;
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                Ok(params)
            }
            Self::Caller(uris) => {
                let mut params = CertificateParams::default();
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                let uri = |uri: &String| Ok(SanType::URI(Ia5String::try_from(uri.as_str())?));
                params.subject_alt_names = uris.iter().map(uri).collect::<Result<_, rcgen::Error>>()?;
                Ok(params)
            }
        }
    }
}

impl Authority {
    /// An authority of this name.
    ///
    /// # Errors
    /// The system gives no key.
    pub fn new(name: &str, term: Term) -> Result<Self, PkiError> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        (params.not_before, params.not_after) = (term.from.into(), term.until.into());
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        let text = key.serialize_pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key), key: text })
    }

    /// One that was made before.
    fn read(certificate: String, key: String) -> Result<Self, PkiError> {
        let pair = KeyPair::from_pem(&key)?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, pair)?;
        Ok(Self { certificate, issuer, key })
    }

    /// A certificate for a holder.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn issue(&self, name: &str, holder: &Holder, term: Term) -> Result<Issued, PkiError> {
        let mut params = holder.params()?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        (params.not_before, params.not_after) = (term.from.into(), term.until.into());
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Issued { certificate, key: key.serialize_pem() })
    }
}

/// Makes a development PKI in a folder, or renews what is about to end in one: the authority's files first, then the
/// service's, then the caller's of each agency, then the operator's, who speaks for `all`, and the auditor's.
///
/// # Errors
/// The folder cannot be written, or a name cannot stand in a certificate.
pub fn develop(
    dir: &Path,
    agencies: &[AgencyId],
    all: &[AgencyId],
    hosts: &[String],
) -> Result<Vec<Pair>, PkiError> {
    make_folder(dir)?;
    let clients = dir.join("clients");
    make_folder(&clients)?;
    let (authority, first) = authority(dir)?;
    let callers = agencies.iter().map(|agency| (agency.to_string(), Holder::of_agencies([agency])));
    let both = [(OPERATOR.to_owned(), Holder::of_agencies(all)), (AUDITOR.to_owned(), Holder::auditor())];
    let callers = callers.chain(both);
    let mut wanted = vec![(dir.join("server"), "lienthong".to_owned(), Holder::of_hosts(hosts))];
    // An agency's id has dots: the ending is put behind it, not in place of its last part.
    wanted.extend(callers.map(|(name, holder)| (clients.join(&name), name, holder)));
    let mut pairs = vec![first];
    for (stem, name, holder) in wanted {
        let (certificate, key) = files(&stem);
        let kept = good_until(&certificate, &key, Some(&holder)).filter(|_| !pairs[0].made);
        let made = kept.is_none();
        let until = match kept {
            Some(until) => until,
            None => {
                let term = Term::of(GOOD_FOR);
                let issued = authority.issue(&name, &holder, term)?;
                write(&key, &issued.key)?;
                write(&certificate, &issued.certificate)?;
                instant(term.until)
            }
        };
        pairs.push(Pair { certificate, key, until, made });
    }
    Ok(pairs)
}

/// The folder's authority: the one there is, while it outlives what it signs; else a fresh one.
fn authority(dir: &Path) -> Result<(Authority, Pair), PkiError> {
    let (certificate, key) = files(&dir.join("ca"));
    let outlives = instant(SystemTime::now() + GOOD_FOR);
    if let Some(until) = good_until(&certificate, &key, None).filter(|until| *until > outlives)
        && let (Ok(text), Ok(secret)) = (fs::read_to_string(&certificate), fs::read_to_string(&key))
        && let Ok(authority) = Authority::read(text, secret)
    {
        return Ok((authority, Pair { certificate, key, until, made: false }));
    }
    let term = Term::of(AUTHORITY_GOOD_FOR);
    let authority = Authority::new(NAME, term)?;
    write(&key, &authority.key)?;
    write(&certificate, &authority.certificate)?;
    Ok((authority, Pair { certificate, key, until: instant(term.until), made: true }))
}

fn files(stem: &Path) -> (PathBuf, PathBuf) {
    let with = |ending: &str| PathBuf::from(format!("{}{ending}", stem.display()));
    (with(".pem"), with(".key"))
}

/// Until when a pair is good; none where it is not there, not for this holder, or about to end.
fn good_until(certificate: &Path, key: &Path, holder: Option<&Holder>) -> Option<Instant> {
    let pem = fs::read(certificate).ok()?;
    KeyPair::from_pem(&fs::read_to_string(key).ok()?).ok()?;
    let (_, pem) = parse_x509_pem(&pem).ok()?;
    let parsed = pem.parse_x509().ok()?;
    let names = parsed.subject_alternative_name().ok()?;
    let names = names.map_or(&[][..], |names| &names.value.general_names);
    let names: Option<BTreeSet<String>> = names.iter().map(name).collect();
    let until = Instant::from_micros(parsed.validity().not_after.timestamp().saturating_mul(1_000_000));
    let is_its = holder.is_none_or(|holder| names.as_ref() == Some(holder.names()));
    (is_its && until > instant(SystemTime::now() + RENEWED_BEFORE)).then_some(until)
}

/// A name as it was asked for; none where it is of a kind that is never asked for.
fn name(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::DNSName(name) | GeneralName::URI(name) = name {
        return Some((*name).to_owned());
    }
    let GeneralName::IPAddress(bytes) = name else { return None };
    let four = <[u8; 4]>::try_from(*bytes).map(|four| std::net::Ipv4Addr::from(four).to_string());
    let sixteen = <[u8; 16]>::try_from(*bytes).map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string());
    four.or(sixteen).ok()
}

fn instant(at: SystemTime) -> Instant {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000_000))
}

fn make_folder(dir: &Path) -> Result<(), PkiError> {
    let failed = |source| PkiError::Write { path: dir.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)
}

/// Replaces a file at once, readable by its owner alone.
fn write(path: &Path, text: &str) -> Result<(), PkiError> {
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let written = || {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(|source| PkiError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
