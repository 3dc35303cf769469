//! What a caller is told.

use lienthong_admission::{State, Void};
use lienthong_calendar::Instant;
use lienthong_dossier::PaperNumber;
use lienthong_projection::StoreError;
use lienthong_seal::EnvelopeFault;

use super::*;
use crate::keys::KeyError;
use crate::testing::*;

/// Every error says its reason, which the contract lists, and what to do.
fn check(status: &Status, code: Code, why: &str) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!((status.code(), info.reason.as_str()), (code, why), "{status}");
    assert_eq!(info.domain, ERROR_DOMAIN);
    assert!(
        ErrorReason::from_str_name(&format!("ERROR_REASON_{why}")).is_some(),
        "{why} is not in the contract"
    );
    assert!(!info.metadata["advice"].is_empty(), "{why}");
    assert!(details.localized_message().unwrap().message.ends_with(&info.metadata["advice"]), "{why}");
    let delay = details.retry_info().and_then(|retry| retry.retry_delay);
    let delays = [(Code::ResourceExhausted, RETRY_WHEN_BUSY), (Code::Unavailable, RETRY_WHEN_UNAVAILABLE)];
    assert_eq!(delay, delays.into_iter().find_map(|(of, delay)| (of == code).then_some(delay)), "{why}");
    let field = info.metadata.get("field");
    assert_eq!(details.bad_request().map(|bad| &bad.field_violations[0].field), field, "{why}");
    assert_eq!(details.precondition_failure().is_some(), code == Code::FailedPrecondition, "{why}");
}

#[test]
fn every_denial_has_its_reason_in_the_contract_and_says_what_to_do() {
    assert!(Denial::REASONS.len() > 50);
    for (reason, advice) in Denial::REASONS {
        assert!(ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        assert!(!advice.is_empty(), "{reason}");
    }
    let paper = PaperNumber::parse("1/TB").unwrap();
    for (denial, code) in [
        (Denial::CodeNotOfAgency { agency: agency(DESK) }, Code::InvalidArgument),
        (Denial::UnknownNotice { notice: paper.clone() }, Code::NotFound),
        (Denial::NoticeTaken { notice: paper }, Code::AlreadyExists),
        (Denial::NotHolder { holder: agency(LAND) }, Code::PermissionDenied),
        (Denial::NoOffer, Code::FailedPrecondition),
    ] {
        let reason = denial.reason();
        check(&status(denial.into()), code, reason);
    }
}

/// One refusal of every kind. The match below does not compile when one is added and not placed.
fn refusals() -> Vec<Refusal> {
    let void = |reason: Reason| Refusal::Void(Void::from(reason));
    let cause = || std::sync::Arc::new(std::io::Error::other("the disk is gone"));
    vec![
        Refusal::Denied(Denial::CodeTaken),
        Refusal::NotServed { agency: agency(DESK) },
        Refusal::NotAParty { agency: agency(DESK) },
        Refusal::OtherContent,
        Refusal::Ahead { said: Instant::from_micros(2), now: Instant::from_micros(1) },
        Refusal::TooLarge { bytes: 2, bytes_max: 1 },
        Refusal::Busy { limit: 1 },
        Refusal::AgencyBusy { agency: agency("ward"), limit: 1 },
        Refusal::Draining,
        Refusal::NotReady { why: "catching up".to_owned() },
        Refusal::LogInTrouble { why: "too few copies".to_owned() },
        Refusal::Stale { tries: 8 },
        void(Reason::Full),
        void(Reason::Expired),
        Refusal::Unknown,
        Refusal::ReadNotRecorded,
        Refusal::Append(AppendError::Unknown { source: cause() }),
        Refusal::Append(AppendError::Failed { source: cause() }),
        Refusal::Read(ReadError::Closed),
        Refusal::Read(ReadError::Unavailable { source: cause() }),
        Refusal::Store(StoreError::Broken),
        Refusal::Store(StoreError::Row { kind: 'd' }),
        Refusal::Key(KeyError::NoNode { name: "ward-desk".to_owned() }),
        Refusal::NoKey,
        Refusal::Envelope(EnvelopeFault::NotOpened),
        Refusal::Corrupt,
    ]
}

fn expected(refusal: &Refusal) -> (Code, &'static str) {
    match refusal {
        Refusal::Denied(_) => (Code::AlreadyExists, "CODE_TAKEN"),
        Refusal::NotServed { .. } => (Code::PermissionDenied, "AGENCY_NOT_SERVED"),
        Refusal::NotAParty { .. } => (Code::PermissionDenied, "NOT_A_PARTY"),
        Refusal::OtherContent => (Code::AlreadyExists, "OTHER_CONTENT"),
        Refusal::Ahead { .. } => (Code::InvalidArgument, "AHEAD"),
        Refusal::TooLarge { .. } => (Code::InvalidArgument, "TOO_LARGE"),
        Refusal::Busy { .. } => (Code::ResourceExhausted, "BUSY"),
        Refusal::AgencyBusy { .. } => (Code::ResourceExhausted, "AGENCY_BUSY"),
        Refusal::Draining => (Code::Unavailable, "DRAINING"),
        Refusal::Stale { .. } => (Code::Aborted, "STALE"),
        Refusal::Void(void) if void.reason == Reason::Full => (Code::FailedPrecondition, "DOSSIER_FULL"),
        Refusal::Void(_) => (Code::FailedPrecondition, "VOID"),
        Refusal::Unknown | Refusal::Append(AppendError::Unknown { .. }) => {
            (Code::Unavailable, "OUTCOME_UNKNOWN")
        }
        Refusal::ReadNotRecorded => (Code::Unavailable, "READ_NOT_RECORDED"),
        Refusal::LogInTrouble { .. } | Refusal::Read(ReadError::Unavailable { .. }) => {
            (Code::Unavailable, "LOG_UNAVAILABLE")
        }
        Refusal::NotReady { .. } | Refusal::Append(_) | Refusal::Read(_) | Refusal::Key(_) => {
            (Code::Unavailable, "NOT_READY")
        }
        Refusal::Store(StoreError::Broken) => (Code::Unavailable, "NOT_READY"),
        Refusal::Store(_)
        | Refusal::NoKey
        | Refusal::Envelope(_)
        | Refusal::NoRandomness(_)
        | Refusal::Corrupt => (Code::Internal, "DEFECT"),
    }
}

#[test]
fn every_refusal_has_its_status_its_reason_and_its_advice() {
    for refusal in refusals() {
        let (code, why) = expected(&refusal);
        check(&status(refusal), code, why);
    }
}

#[test]
fn a_defect_keeps_its_cause_to_itself() {
    let told = status(Refusal::Envelope(EnvelopeFault::NotOpened));
    assert_eq!(told.message(), "a defect of this node kept it from answering");
    let row = State::decode(b"").unwrap_err();
    assert!(!defect(&row).message().contains("row"));
}

#[test]
fn queries_are_told_as_much() {
    let behind = lag(Lag { partition: 7, wanted: 5, applied: 3 });
    check(&behind, Code::FailedPrecondition, "LAG");
    let info = behind.get_details_error_info().unwrap();
    let number = |name: &str| info.metadata[name].as_str();
    assert_eq!((number("partition"), number("wanted"), number("applied")), ("7", "5", "3"));
    check(&unknown_dossier(), Code::NotFound, "UNKNOWN_DOSSIER");
    check(&no_code(&NoCode::NoAgencyCode), Code::InvalidArgument, "UNKNOWN_AGENCY");
    let exhausted = NoCode::Exhausted { prefix: "H56.2-261102-".to_owned() };
    check(&no_code(&exhausted), Code::FailedPrecondition, "OUT_OF_RANGE");
    check(&no_code(&NoCode::Store(StoreError::Broken)), Code::Unavailable, "NOT_READY");
    check(&no_code(&NoCode::Store(StoreError::Row { kind: 'd' })), Code::Internal, "DEFECT");
    let fresh = code_taken("H56.2-261102-0002");
    check(&fresh, Code::AlreadyExists, "CODE_TAKEN");
    assert_eq!(fresh.get_details_error_info().unwrap().metadata["fresh_code"], "H56.2-261102-0002");
}
