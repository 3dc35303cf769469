//! What a form refuses to say.

use lienthong_tax::Dong;

use super::samples;
use crate::*;

#[track_caller]
fn check<F: Form>(form: &F, fault: FormError) {
    assert_eq!(pdf(form), Err(fault));
}

#[test]
fn a_form_has_a_subject() {
    let mut receipt = samples::receipt();
    receipt.case.dossier = " ".to_owned();
    check(&receipt, FormError::Empty { field: "dossier" });
    let mut apology = samples::apology();
    apology.case.applicant.name = String::new();
    check(&apology, FormError::Empty { field: "applicant.name" });
    let mut request = samples::supplement_request();
    request.items = vec![];
    check(&request, FormError::Empty { field: "items" });
    let mut stop = samples::stop_notice();
    stop.reason = String::new();
    check(&stop, FormError::Empty { field: "reason" });
}

#[test]
fn a_refusal_needs_its_legal_ground() {
    let mut refusal = samples::refusal();
    refusal.legal_ground = "\n ".to_owned();
    check(&refusal, FormError::NoLegalGround);
}

#[test]
fn there_is_one_extension_and_it_extends() {
    for ordinal in [0, 2] {
        check(&Apology { ordinal, ..samples::apology() }, FormError::NotFirstExtension { ordinal });
    }
    // Later on the same day is no later day.
    let extended = samples::at("2026-11-19T17:00");
    let (promised, day) = (samples::apology().promised.date(), extended.date());
    check(&Apology { extended, ..samples::apology() }, FormError::NotLater { promised, extended: day });
}

#[test]
fn each_line_of_a_notice_adds_up() {
    let fault = |due, exempt, paid, remaining| {
        let mut notice = samples::tax_notice();
        let line = &mut notice.lines[1];
        (line.due, line.exempt) = (Dong::new(due), Dong::new(exempt));
        (line.paid, line.remaining) = (Dong::new(paid), Dong::new(remaining));
        let levy = line.levy.clone();
        check(&notice, FormError::DoesNotAddUp { levy, due, exempt, paid, remaining });
    };
    fault(100, 30, 20, 51);
    fault(100, 30, 20, 49);
    // More is paid than was due: that is a refund, not a line of nothing.
    fault(100, 0, 101, 0);
    fault(100, u64::MAX, 101, 0);
}

#[test]
fn sums_that_cannot_be_held_are_told() {
    let mut notice = samples::tax_notice();
    for line in &mut notice.lines {
        let most = Dong::new(u64::MAX);
        (line.due, line.exempt, line.paid, line.remaining) = (most, Dong::ZERO, Dong::ZERO, most);
    }
    check(&notice, FormError::TooLarge { field: "remaining" });
    let mut report = samples::report();
    report.groups[0].rows[0].counts.online = u64::MAX;
    check(&report, FormError::TooLarge { field: "counts" });
}

#[test]
fn what_was_received_is_solved_or_pending() {
    let mut report = samples::report();
    report.groups[0].rows[0].counts.pending_late += 1;
    let row = "Đất đai".to_owned();
    check(&report, FormError::Unbalanced { row, received: 26_356, solved: 25_969, pending: 388 });
}

#[test]
fn tables_and_qr_codes_have_a_greatest_size() {
    let mut register = samples::register(1);
    register.entries = vec![samples::entry(1); ROWS_MAX + 1];
    check(&register, FormError::TooManyRows { rows: ROWS_MAX + 1, max: ROWS_MAX });
    let mut receipt = samples::receipt();
    receipt.qr = "x".repeat(3_000);
    check(&receipt, FormError::Qr { bytes: 3_000 });
}

#[test]
fn a_text_that_turns_the_line_around_is_refused() {
    let mut refusal = samples::refusal();
    refusal.case.applicant.name = "An \u{202E}hniB".to_owned();
    check(&refusal, FormError::Unprintable { character: '\u{202E}' });
}

#[test]
fn a_form_is_known_by_number_and_circular() {
    let circular = "Thông tư số 03/2025/TT-VPCP";
    assert_eq!(Kind::StopNotice.source(), Some(Source { number: "Mẫu số 05", instrument: circular }));
    assert_eq!(Kind::ControlSlip.source(), Some(Source { number: "Mẫu số 06", instrument: circular }));
    assert_eq!(Kind::TaxNotice.source(), None);
}
