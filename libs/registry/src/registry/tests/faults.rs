//! One change to a sound registry for each kind of fault.

use super::*;

fn sound() -> RegistryParts {
    let mut parts = parts(vec![
        agency("desk", Role::WardDesk, in_commune("14758")),
        agency("land", Role::LandRegistry, in_province("38")),
    ]);
    parts.nodes = vec![node([5; 32], &["desk", "land"])];
    parts.packs = vec![pack("v1", "2024-08-01")];
    parts.imports = BTreeMap::from([(id("desk"), ImportRight::AnySource)]);
    parts
}

fn node(key_id: KeyId, agencies: &[&str]) -> Node {
    let agencies = agencies.iter().map(|agency| id(agency)).collect();
    Node { key_id, public: [0; 32], name: "node".to_owned(), agencies, in_force: Period::ALWAYS }
}

fn succession(predecessor: &str, successor: &str) -> Succession {
    Succession {
        predecessor: id(predecessor),
        successor: id(successor),
        communes: None,
        effective: DAY,
        legal_basis: String::new(),
    }
}

fn agency_of(parts: &mut RegistryParts, position: usize) -> &mut Agency {
    Arc::make_mut(&mut parts.agencies[position])
}

fn check(change: impl FnOnce(&mut RegistryParts), fault: &str) {
    let mut parts = sound();
    change(&mut parts);
    assert_eq!(Registry::new(parts).unwrap_err().to_string(), fault);
}

#[test]
fn the_sound_registry_is_sound() {
    assert!(Registry::new(sound()).is_ok());
}

#[test]
fn partitions() {
    check(|parts| parts.partitions = 0, "a log has at least one partition");
}

#[test]
fn things_that_are_there_twice() {
    check(|parts| parts.agencies.push(Arc::clone(&parts.agencies[0])), "agency desk is there twice");
    check(|parts| parts.communes.push(commune("14758", "38")), "commune 14758 is there twice");
    check(|parts| parts.nodes.push(node([5; 32], &[])), "the key of node node is there twice");
    check(|parts| parts.packs.push(pack("v1", "2025-01-01")), "pack 1.099001 version v1 is there twice");
    let together = "two versions of pack 1.099001 begin on one day: v1 and v2";
    check(|parts| parts.packs.push(pack("v2", "2024-08-01")), together);
}

#[test]
fn codes_on_the_same_day() {
    let held = |dated: Dated<&str>| {
        vec![Dated { value: AgencyCode::parse(dated.value).unwrap(), from: dated.from, to: dated.to }]
    };
    let both = |parts: &mut RegistryParts| {
        agency_of(parts, 0).codes = held(Dated::always("H56.1"));
        agency_of(parts, 1).codes = held(Dated::since(DAY, "H56.1"));
    };
    check(both, "code H56.1 belongs to desk and land on one day");
}

#[test]
fn agencies() {
    let now = |text: &str| Dated::since(DAY, text.to_owned());
    check(|parts| agency_of(parts, 0).names.clear(), "agency desk has no name");
    check(|parts| agency_of(parts, 0).names.push(now("x")), "agency desk has two names on one day");
    let reversed = Period { from: Some(date(2026, 2, 1)), to: Some(date(2026, 1, 1)) };
    let said = "agency desk has a period whose last day is before its first";
    check(|parts| agency_of(parts, 0).active = reversed, said);
    for parent in ["other", "desk"] {
        let said = format!("agency desk has parent {parent}, which is not another agency of the registry");
        check(|parts| agency_of(parts, 0).parent = vec![Dated::always(id(parent))], &said);
    }
    let twice = |parts: &mut RegistryParts| {
        agency_of(parts, 0).parent = vec![Dated::always(id("land")), Dated::always(id("land"))];
    };
    check(twice, "agency desk has two parents on one day");
}

#[test]
fn references() {
    let said = "node node seals for other, which is not in the registry";
    check(|parts| parts.nodes.push(node([6; 32], &["other"])), said);
    let import = |parts: &mut RegistryParts| {
        parts.imports.insert(id("other"), ImportRight::AnySource);
    };
    check(import, "agency other may import but is not in the registry");
}

#[test]
fn successions() {
    let said = "a succession names other, which is not in the registry";
    check(|parts| parts.successions = vec![succession("desk", "other")], said);
    let circle = vec![succession("desk", "land"), succession("land", "desk")];
    check(|parts| parts.successions = circle, "the successions lead from desk back to itself");
    let two = vec![succession("desk", "land"), succession("desk", "land")];
    check(
        |parts| parts.successions = two,
        "two agencies take over the same communes from desk: land and land",
    );
}

#[test]
fn calendars() {
    use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
    let calendar = Arc::new(Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR).unwrap());
    let together = vec![Dated::always(Arc::clone(&calendar)), Dated::always(Arc::clone(&calendar))];
    let said = "two versions of the calendar begin on one day: vn-2026-11 and vn-2026-11";
    check(|parts| parts.calendars = together, said);
    let again = vec![Dated::always(Arc::clone(&calendar)), Dated::since(DAY, calendar)];
    check(|parts| parts.calendars = again, "the calendar version vn-2026-11 is there twice");
}
