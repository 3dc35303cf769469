use super::*;
use crate::{CommuneCode, Registry, ResolveError};

fn keys() -> TrainingKeys {
    TrainingKeys::made_up().unwrap()
}

pub(crate) fn registry() -> Registry {
    Registry::new(parts(&keys(), &[]).unwrap()).unwrap()
}

fn id(text: &str) -> AgencyId {
    AgencyId::parse(text).unwrap()
}

fn commune(code: &str) -> CommuneCode {
    CommuneCode::parse(code).unwrap()
}

#[test]
fn there_are_166_desks_in_order_of_commune_code() {
    let registry = registry();
    let desks = registry.agencies().iter().filter(|agency| agency.has_role(Role::WardDesk));
    assert_eq!(desks.count(), 166);
    let first = registry.agency(&id("H56.1")).unwrap();
    assert_eq!(first.name_on(date(2026, 1, 1)), Some("Trung tâm Phục vụ hành chính công phường Hàm Rồng"));
    assert_eq!(first.territory, [Dated::always(Territory::Commune(commune("14758")))]);
    let communes = communes().unwrap();
    let by_code =
        communes.iter().enumerate().map(|(number, commune)| (format!("H56.{}", number + 1), commune));
    for (desk, commune) in by_code {
        let found = registry.resolve(Role::WardDesk, &commune.code, date(2026, 11, 21)).unwrap();
        assert_eq!(found.id.as_str(), desk);
        let code = AgencyCode::parse(&desk).unwrap();
        assert_eq!(registry.agency_by_code(&code, date(2024, 8, 1)).unwrap().id, found.id);
    }
}

#[test]
fn one_land_office_and_one_tax_office_answer_for_every_commune() {
    let registry = registry();
    for commune in communes().unwrap() {
        let resolve = |role| registry.resolve(role, &commune.code, date(2026, 8, 3)).unwrap().id.as_str();
        assert_eq!([Role::LandRegistry, Role::TaxOffice].map(resolve), [LAND_OFFICE, TAX_OFFICE]);
    }
}

#[test]
fn the_city_answers_until_the_district_level_ends() {
    let registry = registry();
    let desk = commune("14797");
    assert_eq!(registry.resolve(Role::City, &desk, date(2025, 6, 30)).unwrap().id, id(CITY));
    let gone = registry.resolve(Role::City, &desk, date(2025, 7, 1)).unwrap_err();
    assert_eq!(gone, ResolveError::None { role: Role::City, commune: desk, date: date(2025, 7, 1) });
    assert_eq!(gone.to_string(), "no agency with role city answers for commune 14797 on 2025-07-01");
}

#[test]
fn every_role_of_the_shipped_packs_resolves_on_their_days() {
    let registry = registry();
    for pack in registry.packs() {
        let days = [pack.in_force().from, pack.in_force().to].into_iter().flatten();
        for day in days {
            assert_eq!(registry.gaps(pack, day), [], "{} on {day}", pack.file());
        }
    }
}

#[test]
fn a_pack_whose_agencies_are_gone_has_gaps_with_lines() {
    let registry = registry();
    let allowance = registry.packs().find(|pack| pack.procedure().as_str() == "1.001776").unwrap();
    let gaps: Vec<_> = registry.gaps(allowance, date(2025, 7, 1)).iter().map(ToString::to_string).collect();
    let line = allowance.steps().iter().find(|step| step.role == Role::City).unwrap().line;
    let said = format!(
        "social-allowance-three-levels.yaml:{line}: role city does not name one agency in 166 communes; no agency with \
         role city answers for commune 14758 on 2025-07-01"
    );
    assert_eq!((gaps.len(), &gaps[0]), (2, &said));
}

#[test]
fn three_nodes_seal_for_every_agency_once() {
    let registry = registry();
    let day = date(2026, 1, 1);
    let names: Vec<_> = registry.nodes().iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, [WARD_DESK_NODE, LAND_REGISTRY_NODE, TAX_OFFICE_NODE]);
    for agency in registry.agencies() {
        assert_eq!(registry.nodes().iter().filter(|node| node.may_seal(&agency.id, day)).count(), 1);
    }
    assert!(registry.may_seal(&[1; 32], &id(IMPORT_OFFICE), day));
    assert!(!registry.may_seal(&[1; 32], &id(LAND_OFFICE), day));
    assert!(registry.may_seal(&[2; 32], &id(LAND_OFFICE), day));
    assert!(registry.may_seal(&[3; 32], &id(TAX_OFFICE), day));
    assert!(!registry.may_seal(&[9; 32], &id(TAX_OFFICE), day));
}

#[test]
fn the_genesis_says_training_rules_1_and_48_partitions() {
    let registry = registry();
    assert_eq!(registry.kind(), LogKind::Training);
    assert_eq!((registry.rules(), registry.partitions(), registry.revision()), (Rules::ONE, 48, 0));
    assert_eq!(registry.packs().count(), 5);
    let day = date(2026, 11, 21);
    assert_eq!(registry.calendar_in_force(day).unwrap().version(), SHIPPED_CALENDAR_VERSION);
    assert_eq!(registry.rates_in_force(day).unwrap().version(), SHIPPED_RATES_VERSION);
}

#[test]
fn only_the_import_office_imports_and_from_any_source() {
    let registry = registry();
    assert!(registry.may_import(&id(IMPORT_OFFICE), "municipal-receipt"));
    assert!(!registry.may_import(&id("H56.1"), "municipal-receipt"));
}

#[test]
fn an_agency_without_a_key_is_named() {
    let mut keys = keys();
    keys.agencies.remove("city");
    assert_eq!(parts(&keys, &[]).unwrap_err().to_string(), "there is no key for agency city");
}

#[test]
fn offices_keep_the_names_of_their_days() {
    let registry = registry();
    let tax = registry.agency(&id(TAX_OFFICE)).unwrap();
    assert_eq!(tax.name_on(date(2024, 8, 1)), Some("Chi cục Thuế khu vực thành phố Thanh Hóa - Đông Sơn"));
    assert_eq!(tax.name_on(date(2026, 8, 1)), Some("Thuế cơ sở 1 tỉnh Thanh Hóa"));
}
