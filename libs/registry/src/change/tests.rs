use jiff::civil::date;

use super::*;
use crate::{AgencyId, Period, training};

fn keys() -> training::TrainingKeys {
    training::TrainingKeys::made_up().unwrap()
}

fn registry() -> Registry {
    Registry::new(training::parts(&keys(), &[]).unwrap()).unwrap()
}

fn id(text: &str) -> AgencyId {
    AgencyId::parse(text).unwrap()
}

#[test]
fn what_is_named_again_stands_in_the_place_of_what_had_that_id() {
    let before = registry();
    let mut land = before.agency(&id("land-office")).unwrap().clone();
    land.names = vec![Dated::always("Tên khác".to_owned())];
    let mut node = before.node(&[2; 32]).unwrap().clone();
    node.in_force = Period::until(date(2026, 11, 1));
    let fresh = Node { key_id: [6; 32], ..node.clone() };
    let change = Change { agencies: vec![Arc::new(land)], nodes: vec![node, fresh], ..Change::default() };
    let after = before.amended(Rules::ONE, change).unwrap();
    assert_eq!(after.revision(), before.revision() + 1);
    assert_eq!(after.agencies().len(), before.agencies().len());
    assert_eq!(after.nodes().len(), before.nodes().len() + 1);
    let day = date(2026, 11, 2);
    assert_eq!(after.agency(&id("land-office")).unwrap().name_on(day), Some("Tên khác"));
    assert!(!after.may_seal(&[2; 32], &id("land-office"), day));
    assert!(after.may_seal(&[2; 32], &id("land-office"), date(2026, 11, 1)));
    assert!(before.may_seal(&[2; 32], &id("land-office"), day));
}

#[test]
fn what_dossiers_pin_is_never_replaced() {
    let before = registry();
    let shipped = before.packs().next().unwrap();
    let text = format!("{}\n# changed\n", shipped.text());
    let changed = Arc::new(Pack::parse(shipped.file(), &text).unwrap());
    let change = Change { packs: vec![changed], ..Change::default() };
    let fault = before.amended(Rules::ONE, change).unwrap_err();
    assert!(matches!(fault, RegistryFault::Pinned { .. }), "{fault}");
    let again = Change { packs: vec![Arc::clone(shipped)], ..Change::default() };
    assert_eq!(before.amended(Rules::ONE, again).unwrap().packs().count(), before.packs().count());
    let calendar = &before.parts().calendars[0].value;
    let cutoff = jiff::civil::time(16, 0, 0, 0);
    let moved = Dated::always(Arc::new(calendar.as_ref().clone().with_cutoff(cutoff)));
    let change = Change { calendars: vec![moved], ..Change::default() };
    assert!(matches!(before.amended(Rules::ONE, change), Err(RegistryFault::Pinned { .. })));
}

#[test]
fn the_whole_must_hold_together() {
    let before = registry();
    let mut land = before.agency(&id("land-office")).unwrap().clone();
    land.parent = vec![Dated::always(id("nobody"))];
    let change = Change { agencies: vec![Arc::new(land)], ..Change::default() };
    assert!(matches!(before.amended(Rules::ONE, change), Err(RegistryFault::UnknownParent { .. })));
    assert!(Change::default().is_empty());
}
