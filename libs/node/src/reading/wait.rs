//! The door of queries: codes and positions are parsed, and `at_least` is waited for.

use std::time::Duration;

use lienthong_dossier::{Denial, DossierCode, TextFault};
use lienthong_registry::{AgencyId, IdFault};
use lienthong_wire::pb::common::v1::Position;
use tokio::time::Instant;
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::error::Refusal;
use crate::node::{Node, WAIT_MAX};
use crate::status::{invalid, lag, status};

/// The header that carries a call's deadline.
const GRPC_TIMEOUT: &str = "grpc-timeout";
/// Digits that the header may have.
const TIMEOUT_DIGITS_MAX: usize = 8;
/// The longest wait that a deadline may ask for.
const DEADLINE_MAX: Duration = Duration::from_secs(60 * 60);
/// Taken off the caller's deadline, so that the answer with the lag arrives before it.
const MARGIN_MAX: Duration = Duration::from_millis(250);

/// Until when a query may wait: a little before the call's own deadline, or [`WAIT_MAX`] from now.
pub(crate) fn deadline(metadata: &MetadataMap) -> Instant {
    let said = metadata.get(GRPC_TIMEOUT).and_then(|value| value.to_str().ok()).and_then(timeout);
    let wait = said.map_or(WAIT_MAX, |said| said - (said / 10).min(MARGIN_MAX));
    Instant::now() + wait.min(DEADLINE_MAX)
}

/// Up to eight digits and a unit, by the gRPC protocol; none when it is not of that form.
fn timeout(text: &str) -> Option<Duration> {
    let unit_at = text.len().checked_sub(1)?;
    let (digits, unit) = text.split_at_checked(unit_at)?;
    if digits.len() > TIMEOUT_DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

impl Node {
    /// Waits until the node has applied every position, at most until the deadline.
    ///
    /// # Errors
    /// A position is none of this log, or the node is behind it when the time is over.
    pub(crate) async fn reach_positions(
        &self,
        deadline: Instant,
        field: &str,
        positions: &[Position],
    ) -> Result<(), Status> {
        let positions_max = usize::from(self.registry().partitions());
        if positions.len() > positions_max {
            let problem = format!("has {} positions, at most {positions_max} are taken", positions.len());
            return Err(invalid(field, "TOO_MANY", problem));
        }
        for position in positions {
            let partition = self.partition(&format!("{field}.partition"), position.partition)?;
            let within = deadline.saturating_duration_since(Instant::now());
            self.reach(partition, position.offset, within).await.map_err(lag)?;
        }
        Ok(())
    }

    /// A dossier partition of this log.
    ///
    /// # Errors
    /// The log has no such partition.
    pub(crate) fn partition(&self, field: &str, number: u32) -> Result<u16, Status> {
        let partitions = self.registry().partitions();
        u16::try_from(number).ok().filter(|partition| *partition < partitions).ok_or_else(|| {
            let problem =
                format!("the log has no partition {number}: they are 0 to {}", partitions.saturating_sub(1));
            invalid(field, "UNKNOWN_PARTITION", problem)
        })
    }

    /// An agency of the registry.
    ///
    /// # Errors
    /// The id is malformed or unknown.
    pub(crate) fn known_agency(&self, field: &str, id: &str) -> Result<AgencyId, Status> {
        if id.is_empty() {
            return Err(invalid(field, "MISSING", "must be given".to_owned()));
        }
        // Never repeats the text: a name in the wrong field must not come back in an error.
        let malformed = |fault: IdFault| invalid(field, "MALFORMED", format!("is not {}", fault.expected));
        let agency = AgencyId::parse(id).map_err(malformed)?;
        match self.registry().agency(&agency) {
            Some(_) => Ok(agency),
            None => Err(status(Refusal::from(Denial::UnknownAgency { agency }))),
        }
    }
}

/// A dossier code.
///
/// # Errors
/// It is missing or not of its form.
pub(crate) fn parse_code(field: &str, code: &str) -> Result<DossierCode, Status> {
    DossierCode::parse(code).map_err(|fault| text_fault(field, &fault))
}

/// What is wrong with a text, as an error about its field.
pub(crate) fn text_fault(field: &str, fault: &TextFault) -> Status {
    let reason = match fault {
        TextFault::Empty => "MISSING",
        TextFault::TooLong { .. } => "TOO_LONG",
        TextFault::Control | TextFault::Form { .. } => "MALFORMED",
    };
    invalid(field, reason, fault.to_string())
}

#[cfg(test)]
mod tests;
