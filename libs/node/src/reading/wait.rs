//! The door of queries: codes and positions are parsed, and `at_least` is waited for.

use lienthong_dossier::{Denial, DossierCode, TextFault};
use lienthong_registry::{AgencyId, IdFault};
use lienthong_wire::pb::common::v1::Position;
use tokio::time::Instant;
use tonic::Status;

use crate::error::Refusal;
use crate::node::Node;
use crate::status::{invalid, lag, status};

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
        let positions_max = usize::from(self.partitions());
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
        let partitions = self.partitions();
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
