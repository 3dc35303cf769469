use jiff::civil::date;

use super::*;

mod faults;

const VERSION_A: &str = include_str!("../../tests/packs/land-transfer-version-a.yaml");

fn shipped(file: &str) -> Pack {
    let (file, text) = SHIPPED_PACKS.into_iter().find(|(name, _)| *name == file).unwrap();
    Pack::parse(file, text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn step<'a>(pack: &'a Pack, id: &str) -> &'a Step {
    pack.step(&id.parse().unwrap()).unwrap()
}

#[test]
fn the_shipped_packs_are_valid() {
    for (file, text) in SHIPPED_PACKS {
        let pack = shipped(file);
        assert_eq!(pack.text().as_ref(), text);
        assert_eq!(pack.territory().as_str(), "38");
        assert_eq!(pack.entry(), &pack.steps()[0]);
    }
    assert_eq!(Pack::shipped().unwrap().len(), SHIPPED_PACKS.len());
}

#[test]
fn the_land_packs_take_104_hours_and_ask_the_tax_office_outside_them() {
    for file in ["land-transfer-thanh-hoa.yaml", "land-gift-thanh-hoa.yaml"] {
        let pack = shipped(file);
        assert_eq!(pack.total().minutes(), Some(104 * 60));
        assert_eq!(pack.supplement(), Supplement::Resume);
        let waiting = step(&pack, "nghia-vu-tai-chinh");
        assert!(!waiting.in_total && waiting.needs == [Need::ObligationFulfilled]);
        let asked = waiting.referral(Subject::TaxInformation, Role::TaxOffice).unwrap();
        assert!(asked.outside_clock && asked.silence == Silence::None && asked.limit == Limit::days(5));
        assert!(step(&pack, "ban-giao").issues_result);
        assert!(pack.is_in_force(date(2026, 11, 21)));
    }
}

#[test]
fn a_refusal_is_a_result_and_goes_through_the_desk() {
    let pack = shipped("land-transfer-thanh-hoa.yaml");
    let refused = step(&pack, "tham-dinh").outcome(&"khong-du-dieu-kien".parse().unwrap()).unwrap();
    assert_eq!(refused.next, Next::Step("tu-choi".parse().unwrap()));
    assert!(step(&pack, "tu-choi").issues_result);
    let desk = step(&pack, "tra-van-ban-tu-choi");
    assert_eq!((desk.role, &desk.outcomes[0].next), (Role::WardDesk, &Next::End(Ending::Refused)));
}

#[test]
fn the_allowance_ends_with_the_district_level() {
    let pack = shipped("social-allowance-three-levels.yaml");
    assert_eq!(pack.supplement(), Supplement::Restart);
    assert_eq!(pack.total(), Limit::days(17));
    assert!(pack.is_in_force(date(2025, 6, 30)) && !pack.is_in_force(date(2025, 7, 1)));
    let roles = [Role::WardDesk, Role::Commune, Role::City, Role::Department];
    assert_eq!(pack.roles().into_iter().collect::<Vec<_>>(), roles);
}

#[test]
fn a_pack_says_what_its_documents_are_called() {
    let pack = shipped("land-transfer-thanh-hoa.yaml");
    let name = |kind: &str| pack.document_name(&kind.parse().unwrap()).map(ToOwned::to_owned);
    assert_eq!(name("to-khai-01-lptb").as_deref(), Some("Tờ khai lệ phí trước bạ nhà đất"));
    assert_eq!(name("thong-bao-nop-tien").as_deref(), Some("Thông báo nộp tiền"));
    assert_eq!(name("ho-chieu"), None);
    assert!(pack.knows_document(&"giay-chung-nhan".parse().unwrap()));
}

#[test]
fn version_a_of_the_land_procedure_is_refused_with_file_line_and_both_sums() {
    let faults = Pack::parse("land-transfer-version-a.yaml", VERSION_A).unwrap_err();
    let [fault] = faults.as_slice() else { panic!("{faults:#?}") };
    let said = "land-transfer-version-a.yaml:9: the limits of the steps that count add up to 12 days, the declared \
                total is 13 days";
    assert_eq!(fault.to_string(), said);
    assert_eq!(VERSION_A.lines().nth(8), Some("total: 13d"));
}

#[test]
fn a_fault_is_file_line_and_text_in_json() {
    let faults = Pack::parse("a.yaml", VERSION_A).unwrap_err();
    let json = "[{\"file\":\"a.yaml\",\"line\":9,\"fault\":\"the limits of the steps that count add up to 12 days, the \
                declared total is 13 days\"}]";
    assert_eq!(serde_json::to_string(&faults).unwrap(), json);
}
