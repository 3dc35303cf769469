//! What makes the clocks stand still or gives them more time: supplements, holds, the one extension.

use lienthong_registry::DocumentKind;

use super::{Asked, intake, steps};
use crate::case::{Case, Phase};
use crate::clock::{Clock, Timing};
use crate::command::Action;
use crate::denial::Denial;
use crate::event::{DOCUMENTS_MAX, Document, EventKind};
use crate::text::{Ground, PaperNumber};

/// Working days of the one extension at most.
pub const EXTENSION_DAYS_MAX: u32 = 60;
/// Holds of one dossier at most.
pub const HOLDS_MAX: usize = 64;

pub(super) fn request(
    asked: &Asked<'_>,
    case: &Case,
    documents: &[DocumentKind],
    ground: &Ground,
) -> Result<EventKind, Denial> {
    if case.phase != Phase::Filed {
        asked.not_stopped(case)?;
    }
    if case.supplement.is_some() {
        return Err(Denial::SupplementOpen);
    }
    if documents.is_empty() {
        return Err(Denial::NoDocuments);
    }
    if documents.len() > DOCUMENTS_MAX {
        return Err(Denial::TooMany { what: "documents", count: documents.len(), count_max: DOCUMENTS_MAX });
    }
    let pack = steps::pack(asked, case)?;
    if let Some(kind) = documents.iter().find(|kind| !pack.knows_document(kind)) {
        return Err(Denial::UnknownDocument { kind: kind.clone() });
    }
    Ok(EventKind::SupplementRequested {
        documents: documents.to_vec(),
        ground: ground.clone(),
        detail: asked.envelope("SupplementRequested"),
    })
}

pub(super) fn hand_in(asked: &Asked<'_>, case: &Case, documents: &[Document]) -> Result<EventKind, Denial> {
    if case.supplement.as_ref().is_none_or(|supplement| supplement.received) {
        return Err(Denial::NoSupplement);
    }
    if documents.is_empty() {
        return Err(Denial::NoDocuments);
    }
    let pack = steps::pack(asked, case)?;
    intake::known_documents(documents, |document| pack.knows_document(&document.kind))?;
    Ok(EventKind::SupplementReceived {
        documents: documents.to_vec(),
        detail: asked.envelope("SupplementReceived"),
    })
}

pub(super) fn place_hold(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<EventKind, Denial> {
    let Action::PlaceHold { ground, issuing_body, document, expires_at } = action else {
        return Err(Denial::Consequences);
    };
    asked.not_stopped(case)?;
    if let Some(expires_at) = expires_at
        && *expires_at <= asked.at
    {
        return Err(Denial::HoldOver { expires_at: *expires_at });
    }
    if case.holds.len() >= HOLDS_MAX {
        return Err(Denial::TooMany { what: "holds", count: HOLDS_MAX + 1, count_max: HOLDS_MAX });
    }
    Ok(EventKind::HoldPlaced {
        hold: next_number(case.holds.keys()),
        ground: ground.clone(),
        issuing_body: issuing_body.clone(),
        document: document.clone(),
        expires_at: *expires_at,
    })
}

pub(super) fn lift_hold(
    asked: &Asked<'_>,
    case: &Case,
    hold: u32,
    document: &PaperNumber,
) -> Result<EventKind, Denial> {
    asked.in_work(case)?;
    if case.holds.get(&hold).is_some_and(|hold| hold.open) {
        Ok(EventKind::HoldLifted { hold, document: document.clone() })
    } else {
        Err(Denial::UnknownHold { hold })
    }
}

/// The apology with its one extension (NĐ 61/2018 art. 19; TT 03/2025, Mẫu 04).
pub(super) fn extend(
    asked: &Asked<'_>,
    case: &Case,
    days: u32,
    ground: &Ground,
) -> Result<EventKind, Denial> {
    asked.not_stopped(case)?;
    if case.extension.is_some() {
        return Err(Denial::ExtendedAlready);
    }
    if !(1..=EXTENSION_DAYS_MAX).contains(&days) {
        return Err(Denial::DaysOutOfRange { days, days_max: EXTENSION_DAYS_MAX });
    }
    let Clock::Running { due, .. } = case.clock else { return Err(Denial::ClockNotRunning) };
    let working = Timing::of(case, asked.registry)?.working(case, &case.received_by)?;
    let until = working.last_moment_to_extend(due)?;
    if asked.at > until {
        return Err(Denial::ExtensionTooLate { until });
    }
    Ok(EventKind::ApologyIssued { days, ground: ground.clone() })
}

/// The ordinal after the last one given.
pub(super) fn next_number<'a>(numbers: impl DoubleEndedIterator<Item = &'a u32>) -> u32 {
    numbers.last().map_or(1, |last| last.saturating_add(1))
}
