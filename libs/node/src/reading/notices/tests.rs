use lienthong_dossier::Action;
use tonic_types::StatusExt as _;

use super::*;
use crate::reading::support::*;

fn adjusted() -> Story {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 5_000_000);
    let action = Action::AdjustNotice {
        supersedes: paper("1/TB"),
        notice: paper("0/TB"),
        ground: ground("sai giá đất"),
        lines: vec![tax_line(FEE, 12_000_000, 0)],
    };
    story.tell("2026-11-09 09:00", TAX, action);
    story
}

#[test]
fn each_line_tells_what_is_paid_and_what_remains() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 5_000_000);
    let answer = notices(&story.state(), None).unwrap();
    let [notice] = answer.notices.as_slice() else { panic!("one notice") };
    assert_eq!((notice.issuer.as_str(), notice.referral), (TAX, 1));
    assert_eq!(notice.issued_at, Some(timestamp(at("2026-11-05 09:00"))));
    let sums: Vec<_> = notice.lines.iter().map(|line| (line.paid_dong, line.remaining_dong)).collect();
    assert_eq!(sums, [(5_000_000, 10_000_000), (0, 30_000_000)]);
    assert_eq!((notice.remaining_dong, answer.remaining_dong), (40_000_000, 40_000_000));
    assert_eq!(notice.lines[1].line.as_ref().unwrap().exempt_ground, "NĐ 10/2022 art. 10");
    assert!(!answer.fulfilled);
}

#[test]
fn a_superseded_notice_is_listed_first_with_nothing_that_remains() {
    let answer = notices(&adjusted().state(), None).unwrap();
    let [old, new] = answer.notices.as_slice() else { panic!("two notices") };
    assert_eq!((old.number.as_str(), old.state()), ("1/TB", common::NoticeState::Superseded));
    assert_eq!((old.superseded_by.as_str(), old.remaining_dong), ("0/TB", 0));
    assert_eq!((new.number.as_str(), new.state()), ("0/TB", common::NoticeState::Current));
    assert_eq!((new.remaining_dong, answer.remaining_dong), (7_000_000, 7_000_000));
    let issued = ["2026-11-05 09:00", "2026-11-09 09:00"].map(|when| Some(timestamp(at(when))));
    assert_eq!([old.issued_at, new.issued_at], issued);
}

#[test]
fn one_notice_is_found_by_its_number_and_an_unknown_one_is_not() {
    let state = adjusted().state();
    let answer = notices(&state, Some(&paper("1/TB"))).unwrap();
    assert_eq!(answer.notices.len(), 1);
    assert_eq!(answer.remaining_dong, 7_000_000);
    let unknown = paper("9/TB");
    assert_eq!(notices(&state, Some(&unknown)), Err(Denial::UnknownNotice { notice: unknown }));
}

#[test]
fn what_was_paid_too_much_is_shown_to_be_given_back() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 16_000_000);
    let answer = notices(&story.state(), None).unwrap();
    assert_eq!(answer.refunds, [common::Refund { account: Some(account(FEE)), amount_dong: 1_000_000 }]);
}

fn question() -> pb::AssessRequest {
    pb::AssessRequest {
        code: CODE.to_owned(),
        transaction: pb::Transaction::Transfer.into(),
        relation: pb::Relation::None.into(),
        table_value_dong: 1_000_000_000,
        contract_value_dong: Some(1_200_000_000),
        on: String::new(),
        registration_fee_taxpayer: 2,
        income_tax_taxpayer: 1,
        registration_fee_due_date: "2026-12-10".to_owned(),
        income_tax_due_date: "2026-12-10".to_owned(),
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[test]
fn an_assessment_uses_the_pinned_rates_and_the_day_of_reception() {
    let state = Story::with_notice().state();
    let answer = assess(&registry(), &state, &question()).unwrap();
    assert_eq!(answer.rates_version, state.dossier.live().unwrap().pins.rates);
    let due: Vec<_> = answer.lines.iter().map(|line| line.line.as_ref().unwrap().due_dong).collect();
    assert_eq!(due, [6_000_000, 24_000_000]);
    assert_eq!(answer.total_dong, 30_000_000);
    let explicit = pb::AssessRequest { on: "2026-11-02".to_owned(), ..question() };
    assert_eq!(assess(&registry(), &state, &explicit).unwrap(), answer);
}

#[test]
fn an_assessment_that_cannot_be_made_says_why() {
    let state = Story::with_notice().state();
    let before_all_rates = pb::AssessRequest { on: "1990-01-01".to_owned(), ..question() };
    let status = assess(&registry(), &state, &before_all_rates).unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (tonic::Code::FailedPrecondition, "NO_RATES"));
    let nonsense = pb::AssessRequest { on: "yesterday".to_owned(), ..question() };
    let status = assess(&registry(), &state, &nonsense).unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (tonic::Code::InvalidArgument, "MALFORMED"));
    let status =
        assess(&registry(), &crate::reading::support::state(imported(), 1), &question()).unwrap_err();
    assert_eq!(reason(&status), "IMPORTED");
}

#[test]
fn what_is_late_bears_interest_by_the_rates_that_the_dossier_pins() {
    // 15.000.000 and 30.000.000 đồng, to be paid by 10/12/2026.
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", INCOME, 30_000_000);
    let on =
        |story: &Story, day: &str| late(&registry(), &story.state(), None, day.parse().unwrap()).unwrap();
    assert_eq!(on(&story, "2026-12-10"), []);
    let due_date = story.case().money.lines()[0].line.due_date;
    let ten_days = due_date.checked_add(jiff::Span::new().days(10)).unwrap().to_string();
    let [line] = on(&story, &ten_days).try_into().unwrap();
    assert_eq!((line.days_late, line.interest_dong, line.notice.as_str()), (10, 45_000, "1/TB"));
    assert!(
        late(&registry(), &story.state(), Some(&paper("9/TB")), ten_days.parse().unwrap())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_payment_tells_its_receipt_and_its_statement() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 5_000_000);
    let payment = || PaymentId::parse("KB-1").unwrap();
    story.tell("2026-11-06 10:00", TAX, Action::IssueReceipt { payment: payment(), receipt: paper("BL-1") });
    let (amount, statement) = (lienthong_tax::Dong::new(5_000_000), paper("SK-1"));
    story.tell("2026-11-07 10:00", TAX, Action::ReconcilePayment { payment: payment(), amount, statement });
    let [paid] = payments(&story.case().money).try_into().unwrap();
    assert_eq!((paid.payment.as_str(), paid.notice.as_str(), paid.fee.as_str()), ("KB-1", "1/TB", ""));
    assert_eq!((paid.receipt.as_str(), paid.statement.as_str(), paid.cancelled), ("BL-1", "SK-1", false));
}
