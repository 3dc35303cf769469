//! What a pack says of its service, put into a small sound pack; each lint at the line that breaks it.

use super::*;
use crate::Pack;

const PACK: &str = "\
procedure: '1.099009'
version: v1
name: Thủ tục thử
field: { code: G99-TT, name: Thử }
in_force: { from: 2026-01-01 }
territory: '38'
total: 1d
supplement: resume
";

const STEPS: &str = "\
steps:
  - id: nhan
    name: Nhận
    role: ward-desk
    kind: work
    limit: 0d
    outcomes:
      - { id: chuyen, name: Chuyển, next: xu-ly }
  - id: xu-ly
    name: Xử lý
    role: commune
    kind: work
    limit: 1d
    issues_result: true
    outcomes:
      - { id: xong, name: Xong, next: tra }
  - id: tra
    name: Trả
    role: ward-desk
    kind: wait-citizen
    limit: 0d
    outcomes:
      - { id: da-tra, name: Đã trả, end: approved }
";

const FEE: &str = "fees: [{ id: phi, name: Phí, amount: 1000, collected: reception }]\n";

fn parse(service: &str) -> Result<Pack, Vec<String>> {
    let text = format!("{PACK}{service}{STEPS}");
    Pack::parse("p.yaml", &text).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// What stands in line 9 and after it has these faults.
fn check(service: &str, faults: &[&str]) {
    let found = parse(service).err().unwrap_or_default();
    assert_eq!(found, faults.iter().map(|fault| format!("p.yaml:{fault}")).collect::<Vec<_>>(), "{service}");
}

#[test]
fn a_pack_that_says_nothing_restricts_nothing() {
    let pack = parse("documents: [{ id: don, name: Đơn }]\n").unwrap();
    assert_eq!(pack.service(), &Service::default());
    assert_eq!(pack.service().receive_by, ReceiveBy::ALL);
    assert_eq!((pack.service().level, &pack.service().presence), (None, &None));
}

#[test]
fn what_is_not_said_is_what_level_and_presence_allow() {
    let received =
        |said: &str| parse(&format!("service: {{ {said} }}\n")).unwrap().service().receive_by.clone();
    assert_eq!(received("level: 1"), [ReceiveBy::Direct, ReceiveBy::Postal]);
    assert_eq!(received("level: 3"), ReceiveBy::ALL);
    assert_eq!(received("level: 2, presence: required, presence_because: Di chúc"), [ReceiveBy::Direct]);
    assert_eq!(received("level: 3, receive_by: [online]"), [ReceiveBy::Online]);
    assert_eq!(parse("service: { level: 3 }\n").unwrap().service().pay_by, [PayBy::Cash]);
}

#[test]
fn words_and_numbers_are_of_closed_lists() {
    check("service: { level: 5 }\n", &["9: field `level`: `5` is no level from 1 to 4"]);
    check("service: { identity: 3 }\n", &["9: field `identity`: `3` is no level from 1 to 2"]);
    check(
        "service: { receive_by: [fax] }\n",
        &["9: field `receive_by`: `fax` is none of direct, online, postal"],
    );
    check("service:\n  level: 3\n  return_by: []\n", &["11: field `return_by` is empty"]);
    check("service: { levle: 3 }\n", &["9: unknown field `levle` of service"]);
}

#[test]
fn a_level_below_3_takes_nothing_online() {
    let fault = |level: u8| format!("11: level {level} takes nothing online, and receive_by names online");
    for level in [1, 2] {
        check(&format!("service:\n  level: {level}\n  receive_by: [direct, online]\n"), &[&fault(level)]);
        check(&format!("service:\n  level: {level}\n  receive_by: [direct, postal]\n"), &[]);
    }
}

#[test]
fn a_level_from_3_is_filed_online() {
    let fault =
        |level: u8| format!("10: level {level} promises filing online, and receive_by does not name online");
    check("service:\n  level: 3\n  receive_by: [direct]\n", &[&fault(3)]);
    check("service:\n  level: 4\n  receive_by: [postal]\n", &[&fault(4)]);
}

#[test]
fn level_3_refuses_payment_online() {
    for channel in ["wallet", "portal"] {
        let fault = format!("11: level 3 takes no payment online, and pay_by names {channel}");
        check(&format!("service:\n  level: 3\n  pay_by: [cash, {channel}]\n{FEE}"), &[&fault]);
        check(&format!("service:\n  level: 4\n  pay_by: [cash, {channel}]\n{FEE}"), &[]);
    }
}

#[test]
fn level_4_needs_a_way_to_pay_and_one_to_get_the_result() {
    let unpaid = "level 4 promises payment online, and pay_by names neither wallet nor portal";
    check(&format!("service:\n  level: 4\n{FEE}"), &[&format!("10: {unpaid}")]);
    check(&format!("service:\n  level: 4\n  pay_by: [cash, bank]\n{FEE}"), &[&format!("11: {unpaid}")]);
    // Nothing to pay, nothing to promise.
    check("service:\n  level: 4\n", &[]);
    let fetched = "11: level 4 promises the result online or by post, and return_by names the desk alone";
    check("service:\n  level: 4\n  return_by: [desk]\n", &[fetched]);
    check("service:\n  level: 4\n  return_by: [desk, postal]\n", &[]);
}

#[test]
fn presence_has_its_reason_and_no_other_channel_than_the_desk() {
    let alone = "9: presence and presence_because belong together: whoever must come is told why";
    check("service: { presence: required }\n", &[alone]);
    check("service: { presence_because: Chữ ký }\n", &[alone]);
    let required = "service:\n  presence: required\n  presence_because: Chứng thực chữ ký\n";
    check(required, &[]);
    check(
        &format!("{required}  receive_by: [direct, online, postal]\n"),
        &[
            "12: presence is required, and receive_by names online",
            "12: presence is required, and receive_by names postal",
        ],
    );
    for level in [3, 4] {
        let fault = format!("12: level {level} promises filing online, and presence is required");
        check(&format!("{required}  level: {level}\n"), &[&fault]);
    }
}

#[test]
fn paper_is_explained_where_dossiers_are_filed_online() {
    let with = |service: &str, document: &str| {
        parse(&format!("{service}documents:\n  - {{ id: don, name: Đơn{document} }}\n"))
            .err()
            .unwrap_or_default()
    };
    let fault = |copy: &str| {
        [format!(
            "p.yaml:11: document `don` is asked for on paper ({copy}) when filed online, and paper_because does not say why"
        )]
    };
    let online = "service: { level: 3 }\n";
    assert_eq!(with(online, ""), fault("original"));
    assert_eq!(with(online, ", copy: copy"), fault("copy"));
    assert_eq!(with(online, ", copy: electronic, online: original"), fault("original"));
    for explained in
        [", paper_because: Thu hồi bản gốc", ", online: electronic", ", copy: electronic", ", reuse: CSDL"]
    {
        assert_eq!(with(online, explained), [""; 0], "{explained}");
    }
    assert_eq!(with("service: { level: 2 }\n", ""), [""; 0]);
}

#[test]
fn a_step_on_paper_is_explained() {
    let text = |step: &str| format!("{PACK}{}", STEPS.replace("    issues_result: true\n", step));
    let with = |step: &str| Pack::parse("p.yaml", &text(&format!("    issues_result: true\n{step}")));
    let faults = with("    medium: paper\n").unwrap_err();
    let said = "p.yaml:23: step `xu-ly` hands over on paper, and paper_because does not say why";
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    let pack = with("    medium: paper\n    paper_because: Sổ gốc\n").unwrap();
    assert_eq!(pack.steps()[1].paper_because.as_deref(), Some("Sổ gốc"));
    assert_eq!(with("    medium: electronic\n").unwrap().steps()[1].paper_because, None);
}

#[test]
fn an_exemption_has_the_law_that_grants_it() {
    let fee = |said: &str| {
        format!("fees:\n  - {{ id: phi, name: Phí, amount: 1000, collected: return, {said} }}\n")
    };
    let fault =
        "10: fee `phi`: exempt and exempt_because belong together: an exemption has the law that grants it";
    check(&fee("exempt: [Hộ nghèo]"), &[fault]);
    check(&fee("exempt_because: Luật"), &[fault]);
    let pack = parse(&fee("exempt: [Hộ nghèo], exempt_because: Luật")).unwrap();
    assert_eq!(pack.fees()[0].exempt, ["Hộ nghèo"]);
    assert!(pack.fees()[0].collected.is_later());
}

#[test]
fn the_shipped_packs_say_their_level() {
    let said = |pack: &Pack| {
        let service = pack.service();
        (service.level.unwrap().number(), service.identity.unwrap().number(), service.receive_by.len())
    };
    let levels: Vec<_> = Pack::shipped().unwrap().iter().map(|pack| said(pack)).collect();
    assert_eq!(levels, [(3, 2, 3), (3, 2, 3), (3, 1, 3), (4, 2, 3), (4, 2, 3)]);
}
