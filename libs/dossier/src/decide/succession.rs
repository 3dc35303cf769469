//! Succession: an agency was merged, split or dissolved, and its successor takes its part in a dossier.
//!
//! The registry says who takes over, in which communes and from which day on. From then on the successor has the
//! predecessor's rights, whether or not the dossier says so yet. The event puts that on record: it gives the successor the
//! dossier's key, and either side may bring it. Clocks go on as if nothing had happened.

use lienthong_registry::AgencyId;

use super::Asked;
use crate::case::Case;
use crate::denial::Denial;
use crate::event::EventKind;
use crate::text::Line;

/// The event; none when the dossier says so already.
pub(super) fn succeed(
    asked: &Asked<'_>,
    case: &Case,
    predecessor: &AgencyId,
) -> Result<Option<EventKind>, Denial> {
    let unsucceeded = || Denial::NotSucceeded { agency: predecessor.clone() };
    let (registry, date) = (asked.registry, asked.at.date());
    let succession = registry.succession(predecessor, &case.commune, date).ok_or_else(unsucceeded)?;
    let successor = asked.now(case, predecessor);
    if asked.agency != predecessor && asked.agency != successor {
        return Err(Denial::NotSuccessor { successor: successor.clone() });
    }
    if !case.parties.contains(predecessor) {
        return Err(Denial::NotAParty { agency: predecessor.clone() });
    }
    Ok(case.awaits_succession(predecessor, successor).then(|| EventKind::CustodyTransferredBySuccession {
        from: predecessor.clone(),
        to: successor.clone(),
        legal_basis: Line::parse(&succession.legal_basis).ok(),
    }))
}
