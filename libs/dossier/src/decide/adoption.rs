//! Adoption: the competent agency goes on with an open dossier that another system told of.
//!
//! ```text
//! Imported (status 2, 4, 5, 6 or 8) --adopt--> Live, in processing at the step that the agency names
//! ```
//!
//! The promise stays what the source says. Whoever adopts it holds it, and is the agency on record as having received it; a
//! step of another agency waits until that one has accepted it.

use lienthong_registry::{CommuneCode, ProcedureCode, Role, StepId, StepKind};

use super::Asked;
use super::intake::pinned;
use crate::case::Imported;
use crate::denial::Denial;
use crate::event::{Adoption, EventKind};
use crate::status::Status;

pub(super) fn adopt(
    asked: &Asked<'_>,
    imported: &Imported,
    procedure: &ProcedureCode,
    commune: &CommuneCode,
    step: &StepId,
) -> Result<EventKind, Denial> {
    let competent = imported.competent.as_ref().ok_or(Denial::NobodyCompetent)?;
    let now = asked.registry.successor(competent, commune, asked.at.date());
    if now.is_none_or(|now| &now.id != asked.agency) {
        return Err(Denial::NotCompetent { agency: competent.clone() });
    }
    if let Some(at) = imported.erased {
        return Err(super::erasure::erased(at));
    }
    match imported.status {
        Some(
            Status::Accepted
            | Status::Processing
            | Status::SupplementRequested
            | Status::PaymentAwaited
            | Status::Stopped,
        ) => {}
        Some(
            status @ (Status::Filed
            | Status::Refused
            | Status::Withdrawn
            | Status::Issued
            | Status::Delivered),
        ) => return Err(Denial::NotInStatus { status }),
        None => return Err(Denial::NobodyCompetent),
    }
    let told = imported.told.as_ref().map(|(_, told)| told.procedure.code.as_str()).unwrap_or_default();
    if ProcedureCode::parse(told).is_ok() && told != procedure.as_str() {
        return Err(Denial::FilingDiffers);
    }
    let (pack, pins) = pinned(asked, procedure, commune)?;
    let unknown = || Denial::UnknownStep { step: step.clone() };
    let at = pack.step(step).ok_or_else(unknown)?;
    // What is handed over or posted begins on the bus, or is over.
    if at.kind == StepKind::Posting {
        return Err(unknown());
    }
    // The adopting agency is the case's desk.
    let performer = if at.role == Role::WardDesk {
        asked.agency
    } else {
        &asked.registry.resolve(at.role, commune, asked.at.date())?.id
    };
    Ok(EventKind::DossierAdopted(Adoption {
        procedure: procedure.clone(),
        pins,
        commune: commune.clone(),
        step: step.clone(),
        begins: performer == asked.agency,
    }))
}
