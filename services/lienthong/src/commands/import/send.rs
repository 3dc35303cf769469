//! Sending one case: again where that is safe and may help, and what its answer means for the rest of the file.

use std::time::Duration;

use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::history::v1::ImportHistoryRequest;
use tonic::{Code, Status};

use crate::bulk::Bulk;
use crate::connection::reason;

/// The name of what is sent.
const IMPORT: &str = "lienthong.history.v1.ImportHistoryRequest";

/// Tries of one case.
const TRIES_MAX: u32 = 8;
/// The pause after the first try; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(100);
/// A pause is not longer than this.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// What became of a case.
#[derive(Debug)]
pub(super) enum Sent {
    /// It stands in the log.
    Taken {
        /// It stood there before, with the same content.
        repeated: bool,
        /// The log is a training log.
        training: bool,
    },
    /// It was not taken; the others may be.
    Refused(String),
    /// It was not taken, and no other will be.
    Halted(Box<Status>),
}

/// Sends a case. Its command id follows from its name, so sending it again doubles nothing.
pub(super) async fn send(bulk: &Bulk, request: &ImportHistoryRequest) -> Sent {
    let mut pause = PAUSE;
    let mut tries_left = TRIES_MAX;
    loop {
        tries_left -= 1;
        let status = match bulk.submit(IMPORT, request).await {
            Ok(Receipt { repeated, training, .. }) => return Sent::Taken { repeated, training },
            Err(status) => status,
        };
        if tries_left == 0 || !may_help(&status) {
            return judge(status);
        }
        tokio::time::sleep(pause.mul_f64(1.0 + fastrand::f64())).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Whether sending the same again may end otherwise.
fn may_help(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::ResourceExhausted | Code::Aborted | Code::DeadlineExceeded => true,
        // A connection that broke; the next try makes a new one.
        Code::Cancelled | Code::Unknown | Code::Internal => reason(status).is_empty(),
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// Whether an answer that is no receipt is about the case or about whoever sends it.
fn judge(status: Status) -> Sent {
    let about_the_case = match status.code() {
        Code::InvalidArgument => reason(&status) != "UNKNOWN_AGENCY",
        Code::AlreadyExists | Code::FailedPrecondition | Code::OutOfRange | Code::Aborted => true,
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::NotFound
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss
        | Code::Unauthenticated => false,
    };
    if !about_the_case {
        return Sent::Halted(Box::new(status));
    }
    if reason(&status) == "OTHER_CONTENT" {
        return Sent::Refused(
            "it stands in the log with other content; what the source told then stays, and rows of progress tell how it went on"
                .to_owned(),
        );
    }
    if reason(&status) == "CODE_TAKEN" {
        return Sent::Refused(
            "a dossier with this code exists, of another source or of the bus itself; --source names the source it is of"
                .to_owned(),
        );
    }
    Sent::Refused(status.message().to_owned())
}
