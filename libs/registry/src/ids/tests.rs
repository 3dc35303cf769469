use super::*;

fn check<T, E>(parse: impl Fn(&str) -> Result<T, E>, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(parse(text).is_ok(), "{text} should be taken");
    }
    for text in bad {
        assert!(parse(text).is_err(), "{text} should be refused");
    }
}

#[test]
fn an_agency_id_is_1_to_32_plain_bytes() {
    let longest = "a".repeat(32);
    let too_long = "a".repeat(33);
    check(AgencyId::parse, &["H56.1", "land-office", "A_9", &longest], &["", "a b", "xã", &too_long]);
}

#[test]
fn agency_codes_are_taken_in_both_schemes() {
    let qd20 = ["H56", "H56.12", "H55.242", "G09.20", "H56.12.3"];
    let qcvn102 = ["000.00.14.H20", "000.00.00.G22", "002.00.20.H13", "28.22.H17"];
    check(
        AgencyCode::parse,
        &qd20,
        &["h56.1", "H5", "H56.", "H56.1234", "56.H1", "H56-1", "H56.1.2.3.4.5.6.7.8.9.10.11.12.13"],
    );
    check(
        AgencyCode::parse,
        &qcvn102,
        &["00.00.14.H20", "000.00.14.h20", "000.00.14", "22.H17", "0000.00.14.H20"],
    );
    assert!(qd20.iter().all(|code| AgencyCode::parse(code).unwrap().scheme() == CodeScheme::Qd20));
    assert!(qcvn102.iter().all(|code| AgencyCode::parse(code).unwrap().scheme() == CodeScheme::Qcvn102));
}

#[test]
fn places_are_numbers_of_fixed_length() {
    check(CommuneCode::parse, &["14758"], &["1475", "147580", "1475a", ""]);
    check(ProvinceCode::parse, &["38", "01"], &["3", "380", "3a"]);
}

#[test]
fn procedure_codes_are_national_local_or_a_service() {
    let good = ["1.012756", "2.000815", "2.000815.000.00.00.H55", "2.000815.000.00.00.H55.02"];
    check(
        ProcedureCode::parse,
        &good,
        &["1.01275", "12.000815", "2.000815.H55", "2.000815.000.00.00", "1,012756", ""],
    );
}

#[test]
fn ids_in_packs_are_kebab_case() {
    let longest = "a".repeat(64);
    let too_long = "a".repeat(65);
    let bad = ["", "-a", "a-", "a--b", "Tiep-nhan", "tiếp-nhận", "tiep_nhan", &too_long];
    check(StepId::parse, &["tiep-nhan", "a", "b2-3", &longest], &bad);
    check(OutcomeId::parse, &["dat"], &bad);
    check(DocumentKind::parse, &["to-khai-01-lptb"], &bad);
}

#[test]
fn serde_checks_what_it_reads() {
    let id: AgencyId = serde_json::from_str("\"H56.1\"").unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"H56.1\"");
    let fault = serde_json::from_str::<CommuneCode>("\"1475\"").unwrap_err();
    assert!(fault.to_string().starts_with("`1475` is not a commune code of 5 digits"), "{fault}");
}

#[test]
fn a_fault_repeats_only_the_beginning_of_a_text() {
    assert_eq!(StepId::parse(&"A".repeat(1_000)).unwrap_err().text.len(), SHOWN_CHARS_MAX);
}
