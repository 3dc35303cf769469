//! What the registry in force asks of an open dossier: that its agencies' successors are put on record, and that it is timed
//! by the calendar in force.

use jiff::civil::Date;
use lienthong_registry::{AgencyId, Registry};

use crate::case::{Case, Dossier};
use crate::command::Action;
use crate::text::Line;

/// Who is to do what, in this order. Nothing for what is over, and nothing once it is done.
#[must_use]
pub fn follows_from_registry(registry: &Registry, dossier: &Dossier, on: Date) -> Vec<(AgencyId, Action)> {
    // Nothing is recorded before the last record, whose time a story may set.
    let on = on.max(dossier.last_at().date());
    match dossier {
        Dossier::Live(case) if case.erased.is_none() && !case.status().is_final() => {
            of_case(registry, case, on)
        }
        Dossier::Live(_) | Dossier::Imported(_) => Vec::new(),
    }
}

fn of_case(registry: &Registry, case: &Case, on: Date) -> Vec<(AgencyId, Action)> {
    let successor = |agency: &AgencyId| {
        registry.succession(agency, &case.commune, on)?;
        registry.successor(agency, &case.commune, on)
    };
    let mut follows: Vec<_> = case
        .parties
        .iter()
        .filter(|party| {
            successor(party).is_some_and(|successor| case.awaits_succession(party, &successor.id))
        })
        .map(|party| (party.clone(), Action::Succeed { predecessor: party.clone() }))
        .collect();
    let calendar = registry.calendar_in_force(on).map(|calendar| calendar.version());
    let other = calendar.filter(|version| *version != case.pins.calendar);
    if let Some(calendar) = other.and_then(|version| Line::parse(version).ok()) {
        let holder = case.custody.holder();
        let holder = successor(holder).map_or(holder, |successor| &successor.id);
        follows.push((holder.clone(), Action::Recompute { calendar }));
    }
    follows
}
