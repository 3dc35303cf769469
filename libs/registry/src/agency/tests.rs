use jiff::civil::date;

use super::*;

fn tax_office() -> Agency {
    Agency {
        id: AgencyId::parse("tax-office").unwrap(),
        codes: vec![
            Dated::always(AgencyCode::parse("000.00.14.H56").unwrap()),
            Dated::since(date(2025, 7, 1), AgencyCode::parse("H56.202").unwrap()),
        ],
        names: vec![
            Dated::until(date(2025, 6, 30), "Chi cục Thuế khu vực".to_owned()),
            Dated::since(date(2025, 7, 1), "Thuế cơ sở 1".to_owned()),
        ],
        roles: vec![Role::TaxOffice],
        level: Level::Central,
        parent: Vec::new(),
        territory: vec![Dated::always(Territory::Province(ProvinceCode::parse("38").unwrap()))],
        active: Period::ALWAYS,
        hours: OfficeHours::default(),
        key: Some(WrapKey { id: [1; 32], public: [2; 32] }),
    }
}

#[test]
fn an_agency_keeps_for_ever_the_name_it_had_on_a_day() {
    let agency = tax_office();
    assert_eq!(agency.name_on(date(2024, 5, 1)), Some("Chi cục Thuế khu vực"));
    assert_eq!(agency.name_on(date(2025, 7, 1)), Some("Thuế cơ sở 1"));
}

#[test]
fn the_newer_scheme_of_codes_goes_first_where_there_is_one() {
    let agency = tax_office();
    let code = |day| agency.code_on(day).map(AgencyCode::as_str);
    assert_eq!(code(date(2025, 6, 30)), Some("000.00.14.H56"));
    assert_eq!(code(date(2025, 7, 1)), Some("H56.202"));
    assert!(!agency.has_code(&AgencyCode::parse("H56.202").unwrap(), date(2025, 6, 30)));
    assert!(agency.has_code(&AgencyCode::parse("000.00.14.H56").unwrap(), date(2026, 1, 1)));
}

#[test]
fn a_node_seals_for_its_agencies_while_its_key_is_in_force() {
    let ours = AgencyId::parse("tax-office").unwrap();
    let node = Node {
        key_id: [3; 32],
        public: [4; 32],
        name: "tax-office".to_owned(),
        agencies: BTreeSet::from([ours.clone()]),
        in_force: Period::until(date(2026, 12, 31)),
    };
    assert!(node.may_seal(&ours, date(2026, 12, 31)));
    assert!(!node.may_seal(&ours, date(2027, 1, 1)));
    assert!(!node.may_seal(&AgencyId::parse("city").unwrap(), date(2026, 1, 1)));
}
