//! Who calls, as their certificate says.
//!
//! ```text
//! no TLS, so loopback ------------------------------> Believed: whatever the command says of agency and officer
//! certificate --URI SANs--> Certified { agencies, power, audits } --may_act_for, may--> the call goes on, or a fault
//! ```
//!
//! A certificate names its agencies by `lienthong://agency/ID`, and may cap what its holder does by one of
//! `lienthong://power/read`, `…/decide`, `…/sign`; without a cap it is `sign`. `lienthong://role/auditor` lets its holder see
//! who read personal data; an auditor needs to speak for no agency, everybody else speaks for at least one. What else it
//! says under `lienthong://` is not understood, so the certificate is refused rather than half believed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use lienthong_dossier::Power;
use lienthong_registry::AgencyId;
use rustls::pki_types::CertificateDer;
use tonic::{Extensions, Request, Status};
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::status::defect;

/// What a URI of ours begins with.
const OURS: &str = "lienthong://";
/// Before the id of an agency.
const AGENCY: &str = "agency/";
/// Before the most that the holder may do.
const POWER: &str = "power/";
/// That the holder audits.
const AUDITOR: &str = "role/auditor";
/// Agencies that one certificate may name; a node acts for a province's at most.
pub const AGENCIES_MAX: usize = 1_024;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A process of this machine, without TLS: what it says is believed.
    Believed,
    /// The holder of a certificate.
    Certified(Arc<Certified>),
}

/// What a client certificate says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// The agencies its holder may act for; none only for an auditor.
    pub agencies: BTreeSet<AgencyId>,
    /// The most its holder may do in their name.
    pub power: Power,
    /// Its holder may see who read personal data.
    pub audits: bool,
    /// Until when it is good, in seconds since the Unix epoch.
    pub not_after: i64,
}

/// Why a certificate that its authority vouches for names no caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// It is no X.509 certificate that can be read.
    #[error("cannot be read")]
    Unreadable,
    /// No URI names an agency, nor an auditor.
    #[error("names neither an agency nor an auditor")]
    NoAgency,
    /// It names more agencies than one certificate may.
    #[error("names more than {AGENCIES_MAX} agencies")]
    TooManyAgencies,
    /// A URI names an agency by what is no id.
    #[error("names an agency by what is no agency id")]
    AgencyId,
    /// It says more than once what its holder may do, or nothing that is known.
    #[error("does not say one of read, decide and sign")]
    Power,
    /// A URI of ours says something else.
    #[error("has a lienthong:// URI that is not understood")]
    Claim,
}

/// Why a call is refused for whom it comes from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallerFault {
    /// The certificate names nobody.
    #[error("the client certificate {0}")]
    Foreign(CertificateFault),
    /// It came to its end on a connection that still stands.
    #[error("the client certificate has come to its end")]
    Expired,
    /// It is another agency's.
    #[error("the client certificate does not name {agency}")]
    OtherAgency {
        /// The field that names the agency.
        field: &'static str,
        /// The agency that the call names.
        agency: AgencyId,
    },
    /// It lets its holder do less.
    #[error("the client certificate is good to {}, and this needs one to {}", .has.as_str(), .needed.as_str())]
    Power {
        /// What the call needs, or its officer is said to have.
        needed: Power,
        /// What the certificate gives.
        has: Power,
    },
    /// What is asked for is for auditors.
    #[error("the client certificate does not say that its holder audits")]
    NotAuditor,
}

/// A defect of ours: a face was reached by a way that asks nobody who they are.
#[derive(Debug, thiserror::Error)]
#[error("a call came past the gate, so nobody knows whom it is from")]
struct PastTheGate;

/// Who makes this call, as the gate in front of every face has found out.
///
/// # Errors
/// `INTERNAL` when it has not: then nobody is believed.
pub fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    caller_in(request.extensions())
}

/// The same from what goes with a request.
pub(crate) fn caller_in(extensions: &Extensions) -> Result<Caller, Status> {
    extensions.get().cloned().ok_or_else(|| defect(&PastTheGate))
}

impl Caller {
    /// The holder of a certificate whose authority was checked.
    ///
    /// # Errors
    /// It names nobody whom we know.
    pub fn certified(certificate: &CertificateDer<'_>) -> Result<Self, CertificateFault> {
        Certified::read(certificate).map(|certified| Self::Certified(Arc::new(certified)))
    }

    /// Whether the caller may act, or ask, in the name of an agency.
    #[must_use]
    pub fn may_act_for(&self, agency: &AgencyId) -> bool {
        match self {
            Self::Believed => true,
            Self::Certified(certified) => certified.agencies.contains(agency),
        }
    }

    /// Whether the caller may do as much as this.
    #[must_use]
    pub fn may(&self, power: Power) -> bool {
        match self {
            Self::Believed => true,
            Self::Certified(certified) => certified.power >= power,
        }
    }

    pub(crate) fn acts_for(&self, field: &'static str, agency: &AgencyId) -> Result<(), CallerFault> {
        if self.may_act_for(agency) {
            return Ok(());
        }
        Err(CallerFault::OtherAgency { field, agency: agency.clone() })
    }

    /// Whether the caller may command what an officer with this power commands.
    pub(crate) fn commands_with(&self, officer: Power) -> Result<(), CallerFault> {
        // A command is at least handled, whatever its officer is said to be.
        self.acts_with(officer.max(Power::Decide))
    }

    /// Whether the caller may let an officer with this power act.
    pub(crate) fn acts_with(&self, officer: Power) -> Result<(), CallerFault> {
        match self {
            Self::Certified(certified) if certified.power < officer => {
                Err(CallerFault::Power { needed: officer, has: certified.power })
            }
            Self::Believed | Self::Certified(_) => Ok(()),
        }
    }

    /// Whether the caller may see who read personal data.
    pub(crate) fn audits(&self) -> Result<(), CallerFault> {
        match self {
            Self::Certified(certified) if !certified.audits => Err(CallerFault::NotAuditor),
            Self::Believed | Self::Certified(_) => Ok(()),
        }
    }

    /// Whether the caller's certificate is still good.
    pub(crate) fn still_good(&self, now: SystemTime) -> Result<(), CallerFault> {
        let seconds = now.duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_secs().try_into().ok());
        // A clock that tells no time vouches for nothing.
        let seconds: i64 = seconds.unwrap_or(i64::MAX);
        match self {
            Self::Certified(certified) if seconds > certified.not_after => Err(CallerFault::Expired),
            Self::Believed | Self::Certified(_) => Ok(()),
        }
    }
}

impl Certified {
    fn read(certificate: &CertificateDer<'_>) -> Result<Self, CertificateFault> {
        let unreadable = |_| CertificateFault::Unreadable;
        let (_, parsed) = parse_x509_certificate(certificate).map_err(unreadable)?;
        let names = parsed.subject_alternative_name().map_err(|_| CertificateFault::Unreadable)?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let (mut agencies, mut power, mut audits) = (BTreeSet::new(), None, false);
        for claim in names.iter().filter_map(claim) {
            if let Some(id) = claim.strip_prefix(AGENCY) {
                agencies.insert(AgencyId::parse(id).map_err(|_| CertificateFault::AgencyId)?);
            } else if let Some(word) = claim.strip_prefix(POWER) {
                let known = Power::ALL.iter().copied().find(|power| power.as_str() == word);
                let said = known.ok_or(CertificateFault::Power)?;
                if power.replace(said).is_some() {
                    return Err(CertificateFault::Power);
                }
            } else if claim == AUDITOR {
                audits = true;
            } else {
                return Err(CertificateFault::Claim);
            }
        }
        match agencies.len() {
            0 if !audits => Err(CertificateFault::NoAgency),
            0..=AGENCIES_MAX => Ok(Self {
                agencies,
                power: power.unwrap_or(Power::Sign),
                audits,
                not_after: parsed.validity().not_after.timestamp(),
            }),
            _ => Err(CertificateFault::TooManyAgencies),
        }
    }
}

/// What a name says of its holder; none where it is not a URI of ours.
fn claim<'a>(name: &GeneralName<'a>) -> Option<&'a str> {
    if let GeneralName::URI(uri) = name { uri.strip_prefix(OURS) } else { None }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
