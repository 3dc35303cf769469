//! Erasure: when a dossier's personal data may be destroyed, and by whom.
//!
//! The pack that the dossier pins says how long its data is kept, counted from the end of the case. History from
//! elsewhere has no pack and is kept as long as what says nothing.

use lienthong_calendar::Instant;
use lienthong_registry::Retention;

use super::{Asked, steps};
use crate::case::{Case, Dossier, Imported};
use crate::denial::Denial;
use crate::event::EventKind;
use crate::text::Ground;

pub(super) fn erase(asked: &Asked<'_>, dossier: &Dossier, ground: &Ground) -> Result<EventKind, Denial> {
    match dossier {
        Dossier::Live(case) => of_case(asked, case, ground),
        Dossier::Imported(imported) => of_imported(asked, imported, ground),
    }
}

/// The denial of whatever is asked of a dossier whose data is gone.
pub(super) fn erased(at: Instant) -> Denial {
    Denial::Erased { on: at.date() }
}

pub(super) fn of_case(asked: &Asked<'_>, case: &Case, ground: &Ground) -> Result<EventKind, Denial> {
    asked.received(case).or_else(|desk| asked.holds(case).map_err(|_| desk))?;
    if let Some(at) = case.erased {
        return Err(erased(at));
    }
    let status = case.status();
    if !status.is_final() {
        return Err(Denial::NotInStatus { status });
    }
    let retention = steps::pack(asked, case)?.retention();
    over(asked, retention, case.last_at, ground)
}

/// A source that tells no status tells of what is past.
fn of_imported(asked: &Asked<'_>, imported: &Imported, ground: &Ground) -> Result<EventKind, Denial> {
    if &imported.by != asked.agency {
        return Err(Denial::NotReceivingDesk { desk: imported.by.clone() });
    }
    if let Some(at) = imported.erased {
        return Err(erased(at));
    }
    if let Some(status) = imported.status.filter(|status| !status.is_final()) {
        return Err(Denial::NotInStatus { status });
    }
    over(asked, Retention::default(), imported.last_at, ground)
}

/// The event, once the period that began with the end of the case is over.
fn over(
    asked: &Asked<'_>,
    retention: Retention,
    ended: Instant,
    ground: &Ground,
) -> Result<EventKind, Denial> {
    let kept_until = retention.until(ended.date()).ok_or(Denial::KeptPermanently)?;
    if asked.at.date() < kept_until {
        return Err(Denial::RetentionRuns { until: kept_until });
    }
    Ok(EventKind::DossierErased { ground: ground.clone(), kept_until })
}
