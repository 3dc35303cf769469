//! One small pack that is sound, and for each kind of fault the change that brings it in.

use super::*;

const SOUND: &str = "\
procedure: '1.099009'
version: v1
name: Thủ tục thử
field: { code: G99-TT, name: Thử }
in_force: { from: 2026-01-01, to: 2026-12-31 }
territory: '38'
total: 3d
supplement: resume
documents:
  - { id: don, name: Đơn }
results:
  - { id: ket-qua, name: Kết quả }
fees:
  - { id: phi, name: Phí, amount: 1000, collected: reception }
steps:
  - id: nhan
    name: Nhận
    role: ward-desk
    kind: work
    limit: 1d
    documents: [don]
    outcomes:
      - { id: chuyen, name: Chuyển, next: xu-ly }
  - id: xu-ly
    name: Xử lý
    role: commune
    kind: work
    limit: 2d
    referrals:
      - { subject: opinion, role: planning, limit: 1d, outside_clock: false, silence: agreed }
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

/// The faults after replacing what must be there exactly once.
fn faults(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = SOUND.to_owned();
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "{old} is not there once");
        text = text.replace(old, new);
    }
    match Pack::parse("p.yaml", &text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

/// One change, one fault: `p.yaml:LINE: TEXT`.
fn check(old: &str, new: &str, line: u32, fault: &str) {
    assert_eq!(faults(&[(old, new)]), [format!("p.yaml:{line}: {fault}")], "after {new}");
}

#[test]
fn the_sound_pack_is_sound() {
    assert_eq!(faults(&[]), [""; 0]);
}

#[test]
fn syntax() {
    let all = faults(&[("supplement: resume", "supplement: [resume")]);
    assert!(all.len() == 1 && all[0].starts_with("p.yaml:9: syntax: ") && all[0].len() > 25, "{all:?}");
    check("name: Thủ tục thử", "name: &n Thử", 3, "anchors, aliases and tags are not taken");
    check("name: Thủ tục thử", "name: !x Thử", 3, "anchors, aliases and tags are not taken");
    check("version: v1", "[v]: v1", 2, "a key must be a plain text");
    check(
        "supplement: resume",
        "supplement: resume\n---\na: b",
        9,
        "a second document begins; a pack is one",
    );
    let deep = format!("name: {}{}", "[".repeat(13), "]".repeat(13));
    check("name: Thủ tục thử", &deep, 3, "collections lie too deep in each other");
}

#[test]
fn a_text_that_is_no_pack() {
    let of = |text: &str| {
        Pack::parse("p.yaml", text).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(of(""), ["p.yaml:1: the text is empty"]);
    assert_eq!(of("# nothing\n"), ["p.yaml:1: the text is empty"]);
    assert_eq!(of("\n- a\n"), ["p.yaml:2: pack must be a mapping of fields"]);
    let long = format!("# {}\n", "x".repeat(PACK_BYTES_MAX));
    assert_eq!(of(&long), ["p.yaml:1: the text has 49155 bytes, at most 49152 fit a record"]);
}

#[test]
fn fields() {
    check("version: v1", "version: v1\nauthor: A", 3, "unknown field `author` of pack");
    check("    limit: 2d", "    limit: 2d\n    colour: red", 29, "unknown field `colour` of step");
    check("name: Xong,", "name: Xong, to: x,", 33, "unknown field `to` of outcome");
    check("version: v1", "version: v1\nversion: v2", 3, "field `version` is there twice");
    check("version: v1\n", "", 1, "field `version` of pack is missing");
    check("    name: Xử lý\n", "", 24, "field `name` of step is missing");
    check("name: Thủ tục thử", "name: ''", 3, "field `name` is empty");
    check("version: v1", "version: [v1]", 2, "field `version` must be a plain value");
    check("field: { code: G99-TT, name: Thử }", "field: thử", 4, "field must be a mapping of fields");
    check("    documents: [don]", "    documents: don", 21, "field `documents` must be a list");
}

#[test]
fn retention() {
    let with = |said: &str| faults(&[("supplement: resume", &format!("supplement: resume\n{said}"))]);
    assert_eq!(with("retention: permanent\nretention_source: Luật"), [""; 0]);
    assert_eq!(with("retention: 5\nretention_source: Luật"), [""; 0]);
    let alone = "retention and retention_source belong together: a period has the law that sets it";
    assert_eq!(with("retention: 5"), [format!("p.yaml:9: {alone}")]);
    assert_eq!(with("retention_source: Luật"), [format!("p.yaml:9: {alone}")]);
    let unreadable = "`5 years` is neither `permanent` nor a number of years from 0 to 100";
    assert_eq!(
        with("retention: 5 years\nretention_source: Luật"),
        [format!("p.yaml:9: field `retention`: {unreadable}")]
    );
}

#[test]
fn values() {
    let code =
        "field `procedure`: `1.0990` is not a procedure code such as 1.012756 or 2.000815.000.00.00.H55";
    check("'1.099009'", "'1.0990'", 1, code);
    check(
        "total: 3d",
        "total: 3 days",
        7,
        "field `total`: `3 days` is not a limit such as 13d, 0.5d, 4h or 30cd",
    );
    check(
        "supplement: resume",
        "supplement: again",
        8,
        "field `supplement`: `again` is none of resume, restart",
    );
    check(
        "issues_result: true",
        "issues_result: yes",
        31,
        "field `issues_result`: provided string was not `true` or `false`",
    );
    check("amount: 1000", "amount: -1", 14, "field `amount`: invalid digit found in string");
    let kinds = "field `kind`: `rest` is none of work, wait-citizen, wait-agency, posting";
    check("kind: wait-citizen", "kind: rest", 37, kinds);
    let all = faults(&[("role: commune", "role: mayor")]);
    assert!(
        all.len() == 1 && all[0].starts_with("p.yaml:26: field `role`: `mayor` is not a role; roles are"),
        "{all:?}"
    );
}

#[test]
fn dates() {
    let fault = "the last day in force, 2025-12-31, is before the first, 2026-01-01";
    check("to: 2026-12-31", "to: 2025-12-31", 5, fault);
}

#[test]
fn duplicates() {
    check("id: ket-qua", "id: don", 12, "document `don` is there already, in line 10");
    let fee = "phi, name: Phí, amount: 1, collected: return }\n  - { id: phi";
    check("phi", fee, 15, "fee `phi` is there already, in line 14");
    let twice = [
        "p.yaml:33: outcome `xong` goes on to step `tra`, which is not there",
        "p.yaml:34: step `xu-ly` is there already, in line 24",
    ];
    assert_eq!(faults(&[("  - id: tra\n", "  - id: xu-ly\n")]), twice);
    let outcome = "{ id: chuyen, name: Lại, next: xu-ly }\n      - { id: chuyen";
    check("{ id: chuyen", outcome, 24, "outcome `chuyen` is there already, in line 23");
    let again = "- { subject: opinion, role: planning, limit: 1d, outside_clock: true }\n      - { subject";
    check("- { subject", again, 31, "referral `opinion to planning` is there already, in line 30");
    check("[don]", "[don, don]", 21, "document `don` is there already, in line 21");
}

#[test]
fn references() {
    let fault = "document `ho-chieu` is named nowhere under documents, produced or results";
    check("[don]", "[don, ho-chieu]", 21, fault);
    check("next: xu-ly", "next: xu-li", 23, "outcome `chuyen` goes on to step `xu-li`, which is not there");
}

#[test]
fn outcomes() {
    check(", end: approved", "", 40, "outcome `da-tra` needs either next or end");
    check("end: approved", "end: approved, next: nhan", 40, "outcome `da-tra` needs either next or end");
    check("end: approved", "end: done", 40, "field `end`: `done` is none of approved, refused");
    // A stop is no outcome.
    check("end: approved", "end: stopped", 40, "field `end`: `stopped` is none of approved, refused");
}

#[test]
fn steps_without_outcome() {
    let gone = "    outcomes:\n      - { id: da-tra, name: Đã trả, end: approved }\n";
    let expected = [
        "p.yaml:15: no way leads to the end approved",
        "p.yaml:16: no way leads from step `nhan` to an end",
        "p.yaml:24: no way leads from step `xu-ly` to an end",
        "p.yaml:34: step `tra` has no outcome",
    ];
    assert_eq!(faults(&[(gone, "")]), expected);
}

#[test]
fn roles() {
    let fault = "a dossier enters at step `nhan`, whose role tax-office does not receive; the first step's role is ward-desk";
    check("role: ward-desk\n    kind: work", "role: tax-office\n    kind: work", 18, fault);
    check("role: commune", "role: import", 26, "role import takes part in no procedure");
    check("role: planning", "role: commune", 30, "step `xu-ly` refers to its own role commune");
}

#[test]
fn referrals() {
    let tax = "the silence of a tax office cannot count as agreement";
    check("subject: opinion, role: planning", "subject: tax-information, role: tax-office", 30, tax);
    let waits = [
        "p.yaml:7: the limits of the steps that count add up to 2 days, the declared total is 3 days",
        "p.yaml:16: step `nhan` waits for an agency but refers to none",
    ];
    let waiting = ("role: ward-desk\n    kind: work", "role: ward-desk\n    kind: wait-agency");
    assert_eq!(faults(&[waiting]), waits);
}

#[test]
fn limits() {
    let waits = "step `tra` is of kind wait-citizen, whose limit cannot count towards the total";
    check("limit: 0d", "limit: 0d\n    in_total: true", 39, waits);
    let calendar =
        "limit 2cd of step `xu-ly` is in calendar days and cannot count towards a total in working time";
    check("limit: 2d", "limit: 2cd", 28, calendar);
    check(
        "total: 3d",
        "total: 30cd",
        7,
        "the total is 30cd, in calendar days; a total is working time such as 13d",
    );
}

#[test]
fn a_posting_takes_calendar_days() {
    let posted = |limit: &str| {
        let posting = format!(
            "  - id: niem-yet\n    name: Niêm yết\n    role: commune\n    kind: posting\n    limit: {limit}\n    \
             outcomes:\n      - {{ id: het-han, name: Hết hạn, next: xu-ly }}\n  - id: xu-ly\n"
        );
        faults(&[("next: xu-ly", "next: niem-yet"), ("  - id: xu-ly\n", &posting)])
    };
    assert_eq!(posted("30cd"), [""; 0]);
    let fault =
        "p.yaml:28: step `niem-yet` is a posting, whose limit must be in calendar days such as 30cd, not 0d";
    assert_eq!(posted("0d"), [fault]);
}

#[test]
fn sums() {
    let sum = |steps: &str, total: &str| {
        format!("the limits of the steps that count add up to {steps}, the declared total is {total}")
    };
    check("total: 3d", "total: 4d", 7, &sum("3 days", "4 days"));
    check("limit: 2d", "limit: 1.5d", 7, &sum("2.5 days", "3 days"));
    check("limit: 2d", "limit: 3h", 7, &sum("1 days 3 h", "3 days"));
    check("limit: 2d", "limit: 2d\n    in_total: false", 7, &sum("1 day", "3 days"));
    let varies = "the limits of the steps that count add up to 1 day on one way to approval and 3 days on another, the \
                  declared total is 3 days";
    let short = "- { id: nhanh, name: Nhanh, next: tra }\n      - { id: chuyen";
    let expected = [
        format!("p.yaml:7: {varies}"),
        "p.yaml:41: on a way to the end approved no step before the last issues the result".to_owned(),
    ];
    assert_eq!(faults(&[("- { id: chuyen", short)]), expected);
    let after = "the limits of the steps that count add up to 3 days on a way to the end refused, more than the \
                 declared total of 2 days";
    let refused = [
        ("total: 3d", "total: 2d"),
        ("{ id: da-tra", "{ id: tu-choi, name: Từ chối, end: refused }\n      - { id: da-tra"),
    ];
    assert_eq!(
        faults(&refused),
        [format!("p.yaml:7: {}", sum("3 days", "2 days")), format!("p.yaml:7: {after}")]
    );
}

#[test]
fn ways() {
    let expected = [
        "p.yaml:7: the limits of the steps that count add up to 1 day, the declared total is 3 days",
        "p.yaml:24: step `xu-ly` is never reached",
        "p.yaml:40: on a way to the end approved no step before the last issues the result",
    ];
    assert_eq!(faults(&[("next: xu-ly", "next: tra")]), expected);
    let expected = [
        "p.yaml:15: no way leads to the end approved",
        "p.yaml:16: no way leads from step `nhan` to an end",
        "p.yaml:24: no way leads from step `xu-ly` to an end",
        "p.yaml:34: step `tra` is never reached",
    ];
    let circle = [("next: tra", "next: nhan"), ("end: approved", "end: refused")];
    let circle = faults(&circle);
    assert!(expected.iter().all(|fault| circle.iter().any(|found| found == fault)), "{circle:#?}");
    check("end: approved", "end: refused", 15, "no way leads to the end approved");
}

#[test]
fn steps_listed_against_their_flow() {
    let late = "  - id: muon\n    name: Muộn\n    role: commune\n    kind: work\n    limit: 0d\n    outcomes:\n      - \
                { id: di, name: Đi, next: nhan }\n";
    let found = faults(&[
        ("  - id: xu-ly\n", &format!("{late}  - id: xu-ly\n")),
        ("{ id: xong", "{ id: lai, name: Lại, next: muon }\n      - { id: xong"),
    ]);
    let expected = [
        "p.yaml:24: step `muon` is reached only by going back; steps are listed in the order of their flow",
        "p.yaml:40: outcome `lai` goes back after the result was issued",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_result_is_issued_once() {
    let late = "on a way to the end approved no step before the last issues the result";
    check("    issues_result: true\n", "", 39, late);
    let by_the_last =
        [("    issues_result: true\n", ""), ("    limit: 0d", "    limit: 0d\n    issues_result: true")];
    assert_eq!(faults(&by_the_last), [format!("p.yaml:40: {late}")]);
    let twice = [
        "p.yaml:21: a dossier enters at step `nhan`, which cannot issue the result: status 2 goes on to 4 before it \
         becomes 9",
        "p.yaml:29: step `xu-ly` comes after the result was issued, where no limit counts towards the total",
        "p.yaml:41: on a way to the end approved more than one step issues the result",
    ];
    assert_eq!(faults(&[("    documents: [don]", "    issues_result: true\n    documents: [don]")]), twice);
    let back = "outcome `da-tra` goes back after the result was issued";
    check("end: approved", "next: nhan }\n      - { id: x, name: X, end: approved", 40, back);
}

/// Else no dossier comes to an end: the desk's hand-over ends it, and status 2 does not become 9.
#[test]
fn what_no_dossier_can_finish() {
    let entry = "a dossier enters at step `nhan`, which cannot issue the result: status 2 goes on to 4 before it \
                 becomes 9";
    let by_the_entry = [
        ("    limit: 1d\n    documents", "    limit: 3d\n    issues_result: true\n    documents"),
        ("    limit: 2d", "    limit: 0d"),
        ("silence: agreed }\n    issues_result: true\n", "silence: agreed }\n"),
    ];
    assert_eq!(faults(&by_the_entry), [format!("p.yaml:21: {entry}")]);
    check(
        "    documents: [don]",
        "    issues_result: false\n    documents: [don]\n    colour: red",
        23,
        "unknown field `colour` of step",
    );

    let ends = |outcome: &str, step: &str| {
        format!(
            "outcome `{outcome}` ends the procedure at step `{step}`; it ends where the desk hands the result over, at \
             a step of kind wait-citizen and role ward-desk"
        )
    };
    check("kind: wait-citizen", "kind: work", 40, &ends("da-tra", "tra"));
    check(
        "role: ward-desk\n    kind: wait-citizen",
        "role: commune\n    kind: wait-citizen",
        40,
        &ends("da-tra", "tra"),
    );
    let refused = "{ id: khong, name: Không, end: refused }\n      - { id: xong";
    let expected = [
        format!("p.yaml:33: {}", ends("khong", "xu-ly")),
        "p.yaml:33: on a way to the end refused no step before the last issues the result".to_owned(),
    ];
    assert_eq!(faults(&[("{ id: xong", refused)]), expected);
}

/// Whatever is missing, what is refused is refused for a reason, at a line of the text.
#[test]
fn a_pack_without_one_of_its_lines_is_sound_or_has_faults() {
    for (file, text) in SHIPPED_PACKS {
        let lines: Vec<_> = text.lines().collect();
        for missing in 0..lines.len() {
            let kept =
                lines.iter().enumerate().filter(|(number, _)| *number != missing).map(|(_, line)| *line);
            let text = kept.collect::<Vec<_>>().join("\n");
            let Err(faults) = Pack::parse(file, &text) else { continue };
            let last = u32::try_from(lines.len()).unwrap();
            assert!(!faults.is_empty(), "{file} without line {}", missing + 1);
            assert!(faults.iter().all(|fault| (1..=last).contains(&fault.line)), "{faults:?}");
        }
    }
}

#[test]
fn every_fault_is_told_at_once_by_line() {
    let found = faults(&[
        ("version: v1", "version: v1\nauthor: A"),
        ("total: 3d", "total: 4d"),
        ("[don]", "[ho-chieu]"),
        ("    issues_result: true\n", ""),
        ("to: 2026-12-31", "to: 2025-12-31"),
    ]);
    let lines: Vec<_> = found.iter().map(|fault| fault.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["3", "6", "8", "22", "40"], "{found:#?}");
}
