//! Handing the dossier over: offer (giao), acceptance (nhận), return.

use lienthong_registry::AgencyId;

use super::{Asked, steps};
use crate::case::{Case, Phase};
use crate::custody::Custody;
use crate::denial::Denial;
use crate::event::{EventKind, Medium};
use crate::text::Ground;

pub(super) fn offer(
    asked: &Asked<'_>,
    case: &Case,
    to: &AgencyId,
    medium: Medium,
) -> Result<EventKind, Denial> {
    if case.phase != Phase::Issued {
        asked.not_stopped(case)?;
    }
    let step = case.step.as_ref().ok_or(Denial::NoStep)?;
    if step.begun.is_some() {
        return Err(Denial::NoHandOver);
    }
    let expected = steps::performer(asked, case, &step.id)?;
    match redirected(asked, case, to, &expected) {
        Some(redirected_from) => Ok(EventKind::CustodyOffered { to: expected, medium, redirected_from }),
        None => Err(Denial::WrongReceiver { expected }),
    }
}

/// Whether something addressed to `to` reaches `expected`, and the address when that agency is no more: what comes late to
/// one that was succeeded goes to its successor, and says so.
#[expect(clippy::option_option, reason = "whether it arrives, and whether it was sent on")]
pub(super) fn redirected(
    asked: &Asked<'_>,
    case: &Case,
    to: &AgencyId,
    expected: &AgencyId,
) -> Option<Option<AgencyId>> {
    if to == expected {
        return Some(None);
    }
    (asked.now(case, to) == expected).then(|| Some(to.clone()))
}

pub(super) fn withdraw_offer(case: &Case) -> Result<EventKind, Denial> {
    match &case.custody {
        Custody::Offered { .. } => Ok(EventKind::CustodyOfferWithdrawn),
        Custody::Held { .. } => Err(Denial::NoOffer),
    }
}

pub(super) fn accept(case: &Case) -> Result<EventKind, Denial> {
    offered(case).map(|()| EventKind::CustodyAccepted)
}

pub(super) fn give_back(asked: &Asked<'_>, case: &Case, ground: &Ground) -> Result<EventKind, Denial> {
    offered(case)?;
    Ok(EventKind::CustodyReturned { ground: ground.clone(), detail: asked.envelope("CustodyReturned") })
}

fn offered(case: &Case) -> Result<(), Denial> {
    match &case.custody {
        Custody::Offered { .. } => Ok(()),
        Custody::Held { .. } => Err(Denial::NoOffer),
    }
}
