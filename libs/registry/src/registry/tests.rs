use std::collections::BTreeSet;

use jiff::civil::date;
use lienthong_calendar::OfficeHours;

use super::*;
use crate::{CommuneKind, Level, Period, ProvinceCode};

mod faults;
mod scale;

const DAY: Date = date(2026, 3, 2);

fn id(text: &str) -> AgencyId {
    AgencyId::parse(text).unwrap()
}

fn commune_code(code: &str) -> CommuneCode {
    CommuneCode::parse(code).unwrap()
}

fn in_province(code: &str) -> Territory {
    Territory::Province(ProvinceCode::parse(code).unwrap())
}

fn in_commune(code: &str) -> Territory {
    Territory::Commune(commune_code(code))
}

fn agency(name: &str, role: Role, territory: Territory) -> Agency {
    Agency {
        id: id(name),
        codes: Vec::new(),
        names: vec![Dated::always(name.to_owned())],
        roles: vec![role],
        level: Level::Province,
        parent: Vec::new(),
        territory: vec![Dated::always(territory)],
        active: Period::ALWAYS,
        hours: OfficeHours::default(),
        key: Some(WrapKey { id: [0; 32], public: [0; 32] }),
    }
}

fn commune(code: &str, province: &str) -> Commune {
    Commune {
        code: commune_code(code),
        name: format!("Xã {code}"),
        kind: CommuneKind::Commune,
        province: ProvinceCode::parse(province).unwrap(),
        province_name: province.into(),
    }
}

fn parts(agencies: Vec<Agency>) -> RegistryParts {
    RegistryParts {
        log_id: [7; 32],
        revision: 3,
        rules: Rules::ONE,
        kind: LogKind::Production,
        partitions: 48,
        authority: SealKey { id: [1; 32], public: [1; 32] },
        recovery: WrapKey { id: [2; 32], public: [2; 32] },
        communes: vec![commune("14758", "38"), commune("14797", "38"), commune("00004", "01")],
        agencies: agencies.into_iter().map(Arc::new).collect(),
        successions: Vec::new(),
        nodes: Vec::new(),
        packs: Vec::new(),
        calendars: Vec::new(),
        rates: Vec::new(),
        imports: BTreeMap::new(),
    }
}

fn registry(agencies: Vec<Agency>) -> Registry {
    Registry::new(parts(agencies)).unwrap()
}

/// A pack of that version, in force from that day on.
fn pack(version: &str, from: &str) -> Arc<Pack> {
    let (file, text) = crate::SHIPPED_PACKS[0];
    let text = text.replace("\"2026-07-27\"", version).replace("from: 2024-08-01", &format!("from: {from}"));
    Arc::new(Pack::parse(file, &text).unwrap())
}

#[test]
fn an_agency_of_the_commune_goes_before_one_of_the_province() {
    let land = |name, territory| agency(name, Role::LandRegistry, territory);
    let registry = registry(vec![land("branch", in_commune("14758")), land("office", in_province("38"))]);
    let resolve = |code| {
        registry.resolve(Role::LandRegistry, &commune_code(code), DAY).map(|agency| agency.id.as_str())
    };
    assert_eq!(resolve("14758"), Ok("branch"));
    assert_eq!(resolve("14797"), Ok("office"));
    let elsewhere =
        ResolveError::None { role: Role::LandRegistry, commune: commune_code("00004"), date: DAY };
    assert_eq!(resolve("00004"), Err(elsewhere));
    assert_eq!(resolve("99999"), Err(ResolveError::UnknownCommune { commune: commune_code("99999") }));
}

#[test]
fn two_agencies_for_one_part_are_told_by_name() {
    let tax = |name| agency(name, Role::TaxOffice, in_province("38"));
    let registry = registry(vec![tax("tax-b"), tax("tax-a")]);
    let error = registry.resolve(Role::TaxOffice, &commune_code("14758"), DAY).unwrap_err();
    let said = "several agencies with role tax-office answer for commune 14758 on 2026-03-02: tax-a, tax-b";
    assert_eq!(error.to_string(), said);
}

#[test]
fn territory_and_life_end_on_their_days() {
    let mut old = agency("old", Role::City, in_province("38"));
    old.active = Period::until(date(2025, 6, 30));
    let mut new = agency("new", Role::City, in_province("38"));
    new.territory = vec![Dated::since(date(2025, 7, 1), in_commune("14758"))];
    let registry = registry(vec![old, new]);
    let resolve = |day| registry.resolve(Role::City, &commune_code("14758"), day).unwrap().id.as_str();
    assert_eq!([date(2025, 6, 30), date(2025, 7, 1)].map(resolve), ["old", "new"]);
}

#[test]
fn a_code_names_the_agency_that_had_it_on_the_day() {
    let code = AgencyCode::parse("H56.12").unwrap();
    let mut old = agency("old", Role::Commune, in_commune("14758"));
    old.codes = vec![Dated::until(date(2025, 6, 30), code.clone())];
    let mut new = agency("new", Role::Commune, in_commune("14797"));
    new.codes = vec![Dated::since(date(2025, 7, 1), code.clone())];
    let registry = registry(vec![old, new]);
    let named = |day| registry.agency_by_code(&code, day).unwrap().id.as_str();
    assert_eq!([date(2025, 6, 30), date(2025, 7, 1)].map(named), ["old", "new"]);
}

#[test]
fn of_the_packs_in_force_the_one_that_began_last_is_taken() {
    let mut parts = parts(Vec::new());
    parts.packs = vec![pack("v1", "2024-08-01"), pack("v2", "2026-07-27")];
    let registry = Registry::new(parts).unwrap();
    let procedure = ProcedureCode::parse("1.099001").unwrap();
    let version = |day| registry.pack_in_force(&procedure, day).map(|pack| pack.version().as_str());
    let days = [date(2024, 7, 31), date(2024, 8, 1), date(2026, 7, 26), date(2026, 7, 27)];
    assert_eq!(days.map(version), [None, Some("v1"), Some("v1"), Some("v2")]);
    let old = registry.pack(&procedure, &PackVersion::parse("v1").unwrap()).unwrap();
    assert_eq!(old.version().as_str(), "v1");
    assert!(registry.pack(&procedure, &PackVersion::parse("v3").unwrap()).is_none());
}

#[test]
fn a_pack_of_another_province_has_a_gap() {
    let mut parts = parts(Vec::new());
    parts.communes = vec![commune("00004", "01")];
    let gaps = Registry::new(parts).unwrap().gaps(&pack("v1", "2024-08-01"), DAY);
    let said: Vec<_> = gaps.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["land-transfer-thanh-hoa.yaml:1: the registry has no commune of province 38"]);
}

#[test]
fn who_took_over_is_followed_by_commune_and_day() {
    let mut parts =
        parts(["a", "b", "c"].map(|name| agency(name, Role::TaxOffice, in_province("38"))).into());
    let succession = |predecessor, successor, communes: Option<&str>, effective| Succession {
        predecessor: id(predecessor),
        successor: id(successor),
        communes: communes.map(|code| BTreeSet::from([commune_code(code)])),
        effective,
        legal_basis: "NQ 1686/NQ-UBTVQH15".to_owned(),
    };
    parts.successions = vec![
        succession("a", "b", Some("14758"), date(2025, 7, 1)),
        succession("a", "c", Some("14797"), date(2025, 7, 1)),
        succession("b", "c", None, date(2026, 1, 1)),
    ];
    let registry = Registry::new(parts).unwrap();
    let answers =
        |commune, day| registry.successor(&id("a"), &commune_code(commune), day).unwrap().id.as_str();
    assert_eq!(answers("14758", date(2025, 6, 30)), "a");
    assert_eq!(answers("14758", date(2025, 7, 1)), "b");
    assert_eq!(answers("14797", date(2025, 7, 1)), "c");
    assert_eq!(answers("14758", date(2026, 1, 1)), "c");
    assert!(registry.successor(&id("d"), &commune_code("14758"), DAY).is_none());
}

#[test]
fn imports_are_for_those_named_and_their_sources() {
    let mut parts = parts(vec![agency("office", Role::Import, in_province("38"))]);
    parts.imports =
        BTreeMap::from([(id("office"), ImportRight::Sources(BTreeSet::from(["portal".to_owned()])))]);
    let registry = Registry::new(parts).unwrap();
    assert!(registry.may_import(&id("office"), "portal"));
    assert!(!registry.may_import(&id("office"), "elsewhere"));
    assert!(!registry.may_import(&id("other"), "portal"));
}

#[test]
fn every_agency_of_the_nation_is_found() {
    const AGENCIES: u32 = 120_000;
    let code =
        |number: u32| AgencyCode::parse(&format!("H56.{}.{}", number / 1_000, number % 1_000)).unwrap();
    let place = |number: u32| format!("{:05}", number % 100_000);
    let agencies = (0..AGENCIES).map(|number| Agency {
        codes: vec![Dated::always(code(number))],
        roles: vec![if number < 100_000 { Role::Commune } else { Role::Police }],
        ..agency(&format!("a{number}"), Role::Commune, in_commune(&place(number)))
    });
    let mut parts = parts(agencies.collect());
    parts.communes = (0..100_000).map(|number| commune(&place(number), "38")).collect();
    let registry = Registry::new(parts).unwrap();
    assert_eq!(registry.agencies().len(), 120_000);
    for number in 0..AGENCIES {
        let role = if number < 100_000 { Role::Commune } else { Role::Police };
        let resolved = registry.resolve(role, &commune_code(&place(number)), DAY).unwrap();
        assert_eq!(resolved.id, registry.agency_by_code(&code(number), DAY).unwrap().id);
        assert_eq!(resolved.id, registry.agency(&id(&format!("a{number}"))).unwrap().id);
    }
}
