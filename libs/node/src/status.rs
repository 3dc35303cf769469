//! Errors as gRPC statuses: a code that says whether to mend, give up or try again, and `google.rpc` details that say
//! the reason, the field and what to do.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use lienthong_admission::Reason;
use lienthong_dossier::{Denial, DenialClass};
use lienthong_log::{AppendError, ReadError};
use lienthong_wire::pb::common::v1::ErrorReason;
use lienthong_wire::{ERROR_DOMAIN, Invalid, reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::caller::CallerFault;
use crate::codes::NoCode;
use crate::error::{Lag, Refusal};

/// When to come back after being told that a queue is full.
pub(crate) const RETRY_WHEN_BUSY: Duration = Duration::from_millis(200);
/// When to come back to a node or a log that is not available: both take a while to be well again.
pub(crate) const RETRY_WHEN_UNAVAILABLE: Duration = Duration::from_secs(1);

/// What an error tells its caller.
struct Told<'a> {
    code: Code,
    reason: &'a str,
    message: String,
    field: &'a str,
    advice: &'a str,
}

impl Told<'_> {
    fn status(self) -> Status {
        self.status_with(HashMap::new())
    }

    fn status_with(self, mut metadata: HashMap<String, String>) -> Status {
        let Told { code, reason, message, field, advice } = self;
        metadata.insert("advice".to_owned(), advice.to_owned());
        if !field.is_empty() {
            metadata.insert("field".to_owned(), field.to_owned());
        }
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, ERROR_DOMAIN, metadata);
        if !field.is_empty() {
            details.add_bad_request_violation(field, format!("{message}; {advice}"));
        }
        if code == Code::FailedPrecondition {
            details.add_precondition_failure_violation(reason, field, &message);
        }
        if code == Code::ResourceExhausted {
            details.set_retry_info(Some(RETRY_WHEN_BUSY));
        }
        if code == Code::Unavailable {
            details.set_retry_info(Some(RETRY_WHEN_UNAVAILABLE));
        }
        details.set_localized_message("en", format!("{message}; {advice}"));
        Status::with_error_details(code, message, details)
    }
}

/// A command that was not carried out.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub fn status(refusal: Refusal) -> Status {
    use ErrorReason as R;
    let text = refusal.to_string();
    let told = |code, why, field, advice| {
        Told { code, reason: reason(why), message: text.clone(), field, advice }.status()
    };
    match &refusal {
        Refusal::Denied(denial) => denied(denial),
        Refusal::NotServed { .. } => told(
            Code::PermissionDenied,
            R::AgencyNotServed,
            "header.agency",
            "send the command to the node that serves the agency",
        ),
        Refusal::NotAParty { agency } => denied(&Denial::NotAParty { agency: agency.clone() }),
        Refusal::OtherContent => told(
            Code::AlreadyExists,
            R::OtherContent,
            "header.command_id",
            "use a fresh UUID for a new command",
        ),
        Refusal::Ahead { .. } => told(
            Code::InvalidArgument,
            R::Ahead,
            "header.occurred_at",
            "give a time that is not in the future, or none",
        ),
        Refusal::TooLarge { .. } => {
            told(Code::InvalidArgument, R::TooLarge, "", "send less; files lie elsewhere under their hash")
        }
        Refusal::Busy { .. } => {
            told(Code::ResourceExhausted, R::Busy, "", "send the same command again after a pause")
        }
        Refusal::AgencyBusy { .. } => told(
            Code::ResourceExhausted,
            R::AgencyBusy,
            "header.agency",
            "send the same command again after a pause, and many commands over one bulk call, which paces them",
        ),
        Refusal::Draining => {
            told(Code::Unavailable, R::Draining, "", "send the same command to another node")
        }
        Refusal::NotReady { .. } => {
            told(Code::Unavailable, R::NotReady, "", "send the same command again, or to another node")
        }
        // No error line for each: the outage itself is logged once.
        Refusal::LogInTrouble { .. } | Refusal::Read(ReadError::Unavailable { .. }) => {
            told(Code::Unavailable, R::LogUnavailable, "", "ask the same again after a pause")
        }
        Refusal::Stale { .. } => told(Code::Aborted, R::Stale, "", "send the same command again"),
        Refusal::Void(void) if void.reason == Reason::Full => told(
            Code::FailedPrecondition,
            R::DossierFull,
            "code",
            "call the operator; no further record is taken for it",
        ),
        Refusal::Void(_) => told(
            Code::FailedPrecondition,
            R::Void,
            "",
            "look at the voids of the partition and call the operator",
        ),
        Refusal::Unknown | Refusal::Append(AppendError::Unknown { .. }) => told(
            Code::Unavailable,
            R::OutcomeUnknown,
            "",
            "send the same command again; its id makes that safe",
        ),
        Refusal::ReadNotRecorded => {
            told(Code::Unavailable, R::ReadNotRecorded, "", "ask the same again after a pause")
        }
        // Which key and where it belongs is the operator's to know, not the caller's.
        Refusal::Append(_) | Refusal::Read(_) | Refusal::Key(_) => {
            noted(&refusal);
            told(Code::Unavailable, R::NotReady, "", "send the same command again, or to another node")
        }
        // The process ends of it.
        Refusal::Store(error) if error.passes_with_the_process() => {
            noted(&refusal);
            told(Code::Unavailable, R::NotReady, "", "send the same command again, or to another node")
        }
        Refusal::Store(_)
        | Refusal::NoKey
        | Refusal::Envelope(_)
        | Refusal::NoRandomness(_)
        | Refusal::Corrupt => defect(&refusal),
    }
}

/// A rule of the dossier that a command breaks.
fn denied(denial: &Denial) -> Status {
    denied_with(denial, HashMap::new())
}

/// The same about one of several dossiers: the details give its place in the request, from 0. The code is not repeated, for
/// it may be anything that somebody took for one.
pub(crate) fn denied_about(denial: &Denial, index: usize) -> Status {
    denied_with(denial, HashMap::from([("index".to_owned(), index.to_string())]))
}

fn denied_with(denial: &Denial, metadata: HashMap<String, String>) -> Status {
    let code = match denial.class() {
        DenialClass::Invalid => Code::InvalidArgument,
        DenialClass::Missing => Code::NotFound,
        DenialClass::Exists => Code::AlreadyExists,
        DenialClass::Forbidden => Code::PermissionDenied,
        DenialClass::NotNow => Code::FailedPrecondition,
    };
    let message = denial.to_string();
    let told =
        Told { code, reason: denial.reason(), message, field: denial.field(), advice: denial.advice() };
    told.status_with(metadata)
}

/// A call refused for whom it comes from.
#[must_use]
pub(crate) fn caller_refused(fault: &CallerFault) -> Status {
    use ErrorReason as R;
    let told = |code, why, field, advice| {
        Told { code, reason: reason(why), message: fault.to_string(), field, advice }.status()
    };
    match fault {
        CallerFault::Foreign(_) => told(
            Code::Unauthenticated,
            R::ForeignCertificate,
            "",
            "connect with a certificate that has a URI lienthong://agency/ID, or lienthong://role/auditor",
        ),
        CallerFault::Expired => told(
            Code::Unauthenticated,
            R::ExpiredCertificate,
            "",
            "connect again with the certificate in force",
        ),
        CallerFault::OtherAgency { field, .. } => told(
            Code::PermissionDenied,
            R::OtherCertificate,
            field,
            "connect with the certificate of the agency that acts",
        ),
        CallerFault::Power { .. } => told(
            Code::PermissionDenied,
            R::CertificatePower,
            "header.actor.power",
            "connect with a certificate of that power, or leave it to an officer who has one",
        ),
        CallerFault::NotAuditor => told(
            Code::PermissionDenied,
            R::NotAuditor,
            "topic",
            "connect with a certificate that has the URI lienthong://role/auditor",
        ),
    }
}

/// A reception whose code is taken, with a fresh one.
#[must_use]
pub(crate) fn code_taken(fresh: &str) -> Status {
    let denial = Denial::CodeTaken;
    let told = Told {
        code: Code::AlreadyExists,
        reason: denial.reason(),
        message: denial.to_string(),
        field: denial.field(),
        advice: denial.advice(),
    };
    told.status_with(HashMap::from([("fresh_code".to_owned(), fresh.to_owned())]))
}

/// A request that is not well-formed.
#[must_use]
pub(crate) fn malformed(invalid: &Invalid) -> Status {
    let advice = "give the field in the form that the contract describes";
    let message = invalid.to_string();
    let told =
        Told { code: Code::InvalidArgument, reason: invalid.reason, message, field: &invalid.field, advice };
    told.status()
}

/// A field of a query that is not well-formed.
#[must_use]
pub fn invalid(field: &str, why: &str, message: String) -> Status {
    let advice = "give the field in the form that the contract describes";
    Told { code: Code::InvalidArgument, reason: why, message, field, advice }.status()
}

/// A query that the node could not catch up with in time.
#[must_use]
pub(crate) fn lag(lag: Lag) -> Status {
    let told = Told {
        code: Code::FailedPrecondition,
        reason: reason(ErrorReason::Lag),
        message: lag.to_string(),
        field: "at_least",
        advice: "ask again, or ask another node",
    };
    let number = |number: u64| number.to_string();
    told.status_with(HashMap::from([
        ("partition".to_owned(), lag.partition.to_string()),
        ("wanted".to_owned(), number(lag.wanted)),
        ("applied".to_owned(), number(lag.applied)),
    ]))
}

/// No dossier has the code.
#[must_use]
pub fn unknown_dossier() -> Status {
    denied(&Denial::UnknownDossier)
}

/// There is no next code.
#[must_use]
pub fn no_code(error: &NoCode) -> Status {
    match error {
        // To come back later would not help: the numbers of a day never come free.
        NoCode::Exhausted { .. } => Told {
            code: Code::FailedPrecondition,
            reason: reason(ErrorReason::OutOfRange),
            message: error.to_string(),
            field: "day",
            advice: "use another day",
        }
        .status(),
        NoCode::NoAgencyCode => Told {
            code: Code::InvalidArgument,
            reason: "UNKNOWN_AGENCY",
            message: error.to_string(),
            field: "agency",
            advice: "use an agency that is active on that day",
        }
        .status(),
        NoCode::Store(store) if store.passes_with_the_process() => {
            noted(error);
            Told {
                code: Code::Unavailable,
                reason: reason(ErrorReason::NotReady),
                message: error.to_string(),
                field: "",
                advice: "ask the same again, or another node",
            }
            .status()
        }
        NoCode::Form(_) | NoCode::Store(_) => defect(error),
    }
}

/// A defect of ours: the cause goes to the process's log, not to the caller.
pub(crate) fn defect(error: &dyn Error) -> Status {
    noted(error);
    Told {
        code: Code::Internal,
        reason: reason(ErrorReason::Defect),
        message: "a defect of this node kept it from answering".to_owned(),
        field: "",
        advice: "call the operator",
    }
    .status()
}

fn noted(error: &dyn Error) {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    tracing::error!(error = %error, ?causes, "a call failed");
}

#[cfg(test)]
mod tests;
