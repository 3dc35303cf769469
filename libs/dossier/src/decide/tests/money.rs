//! Notices, payments, refunds, debts.

use lienthong_registry::FeeId;
use lienthong_tax::Dong;

use crate::testing::*;
use crate::*;

fn adjust(from: &str, to: &str, lines: Vec<NoticeLine>) -> Action {
    Action::AdjustNotice { supersedes: paper(from), notice: paper(to), ground: ground("tính lại"), lines }
}

#[test]
fn a_notice_with_nothing_to_pay_fulfils_the_obligation_at_once() {
    let mut story = Story::at_the_tax_office();
    let lines = vec![line(FEE, 15_000_000, 15_000_000), line(INCOME, 0, 0)];
    assert_eq!(
        story.tell("2026-11-05 09:00", TAX, notice("1", lines)),
        ["NoticeIssued", "ObligationFulfilled"]
    );
    assert_eq!(story.case().status(), Status::Processing);
}

#[test]
fn what_exceeds_the_due_is_to_be_refunded_in_the_same_record() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    assert_eq!(
        story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 150)),
        ["PaymentReceived", "RefundDue", "ObligationFulfilled"]
    );
    assert_eq!(story.case().money.refund(FEE), Dong::new(50));
    assert_eq!(story.tell("2026-11-06 10:00", TAX, pay("p2", "1", FEE, 7)), ["PaymentReceived", "RefundDue"]);
    assert_eq!(story.case().money.refund(FEE), Dong::new(57));
    assert_eq!(story.try_it(TAX, pay("p1", "1", FEE, 150)), Ok(vec![]), "an equal payment is a repeat");
    assert!(matches!(story.try_it(TAX, pay("p1", "1", FEE, 151)), Err(Denial::PaymentTaken { .. })));
}

#[test]
fn a_void_voucher_makes_the_citizen_owe_again() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 150));
    let cancel = || Action::CancelPayment { payment: PaymentId::parse("p1").unwrap(), ground: ground("sai") };
    assert_eq!(story.tell("2026-11-09 09:00", TAX, cancel()), ["PaymentCancelled", "RefundDue"]);
    assert_eq!(story.case().status(), Status::PaymentAwaited);
    assert_eq!(
        (story.case().money.refund(FEE), story.case().money.remaining()),
        (Dong::ZERO, Dong::new(100))
    );
    assert_eq!(story.try_it(TAX, cancel()), Ok(vec![]));
    assert!(matches!(story.try_it(TAX, pay("p1", "1", FEE, 150)), Err(Denial::PaymentTaken { .. })));
}

#[test]
fn every_notice_keeps_when_it_was_issued_whatever_becomes_of_it() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("2", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-06 10:00", TAX, adjust("2", "1", vec![line(FEE, 80, 0)]));
    let cancel = Action::CancelNotice { notice: paper("1"), ground: ground("nhầm hồ sơ") };
    story.tell("2026-11-06 11:00", TAX, cancel);
    let issued = |number: &str| story.case().money.notices[&paper(number)].issued_at;
    assert_eq!((issued("2"), issued("1")), (at("2026-11-05 09:00"), at("2026-11-06 10:00")));
}

#[test]
fn a_notice_is_adjusted_by_another_and_payments_stay() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 60));
    assert_eq!(
        story.tell("2026-11-06 10:00", TAX, adjust("1", "2", vec![line(FEE, 80, 0)])),
        ["NoticeAdjusted"]
    );
    assert_eq!(story.case().money.remaining(), Dong::new(20));
    assert!(matches!(
        story.try_it(TAX, adjust("1", "3", vec![line(FEE, 1, 0)])),
        Err(Denial::UnknownNotice { .. })
    ));
    assert_eq!(
        story.tell("2026-11-06 11:00", TAX, adjust("2", "3", vec![line(FEE, 50, 0)])),
        ["NoticeAdjusted", "RefundDue", "ObligationFulfilled"]
    );
    assert_eq!(
        story.tell("2026-11-06 12:00", TAX, adjust("3", "4", vec![line(FEE, 100, 0)])),
        ["NoticeAdjusted", "RefundDue"]
    );
    assert_eq!(
        (story.case().money.remaining(), story.case().status()),
        (Dong::new(40), Status::PaymentAwaited)
    );
}

#[test]
fn a_cancelled_notice_leaves_the_slip_to_be_answered_again() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    assert_eq!(story.try_it(LAND, slip()), Err(Denial::ReferralOpenAlready { referral: 1 }));
    story.tell("2026-11-05 10:00", TAX, Action::CancelNotice { notice: paper("1"), ground: ground("nhầm") });
    assert_eq!(story.case().referrals[&1].state, ReferralState::Accepted);
    assert!(story.case().is_paused());
    story.tell("2026-11-05 11:00", TAX, notice("2", vec![line(FEE, 0, 0)]));
    assert_eq!(story.case().hand_offs, 3, "a second answer is no further hand-off");
}

#[test]
fn a_debt_recorded_by_a_decision_fulfils_the_obligation() {
    let mut story = Story::at_the_tax_office();
    let debt = || Action::RecordDebt { decision: paper("88/QĐ") };
    assert_eq!(story.try_it(TAX, debt()), Err(Denial::NothingOwed));
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-05 10:00", TAX, debt());
    assert_eq!(story.case().status(), Status::Processing);
    assert_eq!(story.try_it(TAX, debt()), Err(Denial::NothingOwed));
    story.tell("2026-11-05 11:00", LAND, complete("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"));
}

#[test]
fn lines_must_be_sound() {
    let story = Story::at_the_tax_office();
    let tries = |lines| story.try_it(TAX, notice("1", lines));
    assert_eq!(tries(vec![]), Err(Denial::NoLines));
    assert_eq!(tries(vec![line(FEE, 1, 0), line(FEE, 2, 0)]), Err(Denial::LineTwice { account: FEE }));
    assert_eq!(tries(vec![line(FEE, 1, 2)]), Err(Denial::LineAmounts { account: FEE }));
    let mut unsaid = line(FEE, 2, 1);
    unsaid.exempt_ground = None;
    assert_eq!(tries(vec![unsaid]), Err(Denial::LineAmounts { account: FEE }));
    assert_eq!(tries(vec![line(FEE, u64::MAX, 0)]), Err(Denial::AmountOutOfRange));
    let many: Vec<_> = (0..33).map(|n| line(Account { taxpayer: n, item: 2801 }, 1, 0)).collect();
    assert!(matches!(tries(many), Err(Denial::TooMany { count_max: 32, .. })));
    let wide: Vec<_> = (0..11).map(|n| line(Account { taxpayer: n, item: 2801 }, 1, 0)).collect();
    assert!(matches!(tries(wide), Err(Denial::TooMany { what: "accounts", count_max: 10, .. })));
}

#[test]
fn payments_fill_instalments_in_the_order_of_their_due_dates() {
    let mut story = Story::at_the_tax_office();
    let mut later = line(FEE, 50, 0);
    later.due_date = "2027-02-10".parse().unwrap();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![later, line(FEE, 50, 0)]));
    story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 70));
    let paid: Vec<_> =
        story.case().money.lines().iter().map(|line| (line.paid.get(), line.remaining.get())).collect();
    assert_eq!(paid, [(50, 0), (20, 30)]);
    assert_eq!(story.try_it(TAX, pay("p2", "1", INCOME, 1)), Err(Denial::UnknownAccount { account: INCOME }));
    assert_eq!(story.try_it(TAX, pay("p2", "1", FEE, 0)), Err(Denial::AmountOutOfRange));
}

#[test]
fn every_account_can_be_refunded_in_one_record() {
    let mut story = Story::at_the_tax_office();
    let lines: Vec<_> = (0..10).map(|n| line(Account { taxpayer: n, item: 2801 }, 5, 0)).collect();
    story.tell("2026-11-05 09:00", TAX, notice("1", lines));
    for taxpayer in 0..10 {
        story.tell(
            "2026-11-06 09:00",
            TAX,
            pay(&format!("p{taxpayer}"), "1", Account { taxpayer, item: 2801 }, 5),
        );
    }
    let cancel = Action::CancelNotice { notice: paper("1"), ground: ground("nhầm") };
    assert_eq!(story.tell("2026-11-06 10:00", TAX, cancel).len(), 11);
}

fn fee(payment: &str, amount: u64, channel: PaymentChannel, into: Option<&str>) -> Action {
    Action::CollectFee {
        payment: PaymentId::parse(payment).unwrap(),
        fee: FeeId::parse("phi-tham-dinh").unwrap(),
        amount: Dong::new(amount),
        channel,
        into: into.map(|number| number.parse().unwrap()),
    }
}

/// The account of every desk in the pack.
const ACCOUNT: &str = "3511.0.9990001";

#[test]
fn a_fee_is_paid_once_in_its_amount_into_the_account_of_the_pack() {
    use PaymentChannel::{Bank, Cash, Portal, Wallet};

    let mut story = Story::at_the_slip();
    story.now = at("2026-11-03 13:30");
    let denied = |action| story.try_it(DESK, action).unwrap_err().reason();
    assert_eq!(denied(fee("p1", 90_000, Cash, None)), "FEE_AMOUNT");
    assert_eq!(denied(fee("p1", 100_000, Wallet, Some(ACCOUNT))), "PAY_CHANNEL_NOT_TAKEN");
    assert_eq!(denied(fee("p1", 100_000, Bank, None)), "NO_PAYEE_ACCOUNT");
    assert_eq!(denied(fee("p1", 100_000, Bank, Some("3511.0.9990002"))), "WRONG_PAYEE");
    let unknown = Action::CollectFee {
        payment: PaymentId::parse("p1").unwrap(),
        fee: FeeId::parse("le-phi").unwrap(),
        amount: Dong::new(100_000),
        channel: Cash,
        into: None,
    };
    assert_eq!(denied(unknown), "UNKNOWN_FEE");
    assert!(matches!(
        story.try_it(LAND, fee("p1", 100_000, Cash, None)),
        Err(Denial::NotReceivingDesk { .. })
    ));
    let due = story.case().clock;
    assert_eq!(
        story.tell("2026-11-03 13:30", DESK, fee("p1", 100_000, Bank, Some(ACCOUNT))),
        ["FeeReceived"]
    );
    assert_eq!((story.case().clock, story.case().status()), (due, Status::Processing));
    assert_eq!(story.try_it(DESK, fee("p1", 100_000, Bank, Some(ACCOUNT))), Ok(vec![]), "a repeat");
    for another in [fee("p1", 100_000, Portal, Some(ACCOUNT)), fee("p1", 100_000, Bank, None)] {
        assert_eq!(story.try_it(DESK, another).unwrap_err().reason(), "PAYMENT_TAKEN");
    }
    let paid = Denial::FeePaid {
        fee: FeeId::parse("phi-tham-dinh").unwrap(),
        payment: PaymentId::parse("p1").unwrap(),
    };
    assert_eq!(story.try_it(DESK, fee("p2", 100_000, Cash, None)), Err(paid), "not twice");
    let void = Action::CancelPayment { payment: PaymentId::parse("p1").unwrap(), ground: ground("sai") };
    assert_eq!(story.tell("2026-11-03 13:40", DESK, void), ["PaymentCancelled"]);
    assert_eq!(story.tell("2026-11-03 13:50", DESK, fee("p2", 100_000, Cash, None)), ["FeeReceived"]);
}

#[test]
fn receipts_and_reconciliation_are_events_of_their_own_also_after_the_end() {
    let receipt = |payment: &str, number: &str| Action::IssueReceipt {
        payment: PaymentId::parse(payment).unwrap(),
        receipt: paper(number),
    };
    let reconcile = |payment: &str, amount, statement: &str| Action::ReconcilePayment {
        payment: PaymentId::parse(payment).unwrap(),
        amount: Dong::new(amount),
        statement: paper(statement),
    };
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 100));
    assert_eq!(story.tell("2026-11-06 09:01", TAX, receipt("p1", "BL-1")), ["ReceiptIssued"]);
    assert_eq!(story.try_it(TAX, receipt("p1", "BL-1")), Ok(vec![]));
    let denied = |who, action| story.try_it(who, action).unwrap_err().reason();
    assert_eq!(denied(TAX, receipt("p1", "BL-2")), "RECEIPT_TAKEN");
    assert_eq!(denied(TAX, receipt("p9", "BL-2")), "UNKNOWN_PAYMENT");
    assert_eq!(denied(LAND, receipt("p1", "BL-1")), "NOT_ISSUER");
    assert_eq!(denied(TAX, reconcile("p1", 99, "SK-1")), "NOT_ON_STATEMENT");
    story.tell("2026-11-06 10:00", DESK, Action::RequestWithdrawal);
    story.tell("2026-11-06 10:30", LAND, Action::DecideWithdrawal(Withdrawal::Grant(paper("1/QĐ"))));
    // The bank's statement comes when the dossier is over.
    assert_eq!(story.tell("2026-11-09 09:00", TAX, reconcile("p1", 100, "SK-1")), ["PaymentReconciled"]);
    assert_eq!(story.try_it(TAX, reconcile("p1", 100, "SK-1")), Ok(vec![]));
    assert_eq!(story.try_it(TAX, reconcile("p1", 100, "SK-2")).unwrap_err().reason(), "RECONCILED_ALREADY");
    let payment = story.case().money.payments.values().next().unwrap();
    assert_eq!(payment.reconciled.as_ref().map(|(statement, _)| statement), Some(&paper("SK-1")));
}

#[test]
fn what_a_void_voucher_brought_is_neither_receipted_nor_reconciled() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    story.tell("2026-11-06 09:00", TAX, pay("p1", "1", FEE, 100));
    let payment = || PaymentId::parse("p1").unwrap();
    story.tell("2026-11-06 10:00", TAX, Action::CancelPayment { payment: payment(), ground: ground("sai") });
    let receipt = Action::IssueReceipt { payment: payment(), receipt: paper("BL-1") };
    assert_eq!(story.try_it(TAX, receipt), Err(Denial::PaymentVoid { payment: payment() }));
}

#[test]
fn what_came_or_remains_after_its_day_is_late_part_by_part() {
    let on = |day: &str| day.parse().unwrap();
    let mut story = Story::at_the_tax_office();
    // To be paid by 10/12.
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 15_000_000, 0), line(INCOME, 900, 0)]));
    story.tell("2026-12-10 16:00", TAX, pay("p1", "1", INCOME, 900));
    story.tell("2026-12-15 09:00", TAX, pay("p2", "1", FEE, 5_000_000));
    let late = |day| -> Vec<_> {
        let parts = story.case().money.late(on(day)).into_iter();
        parts.filter(|(_, parts)| !parts.is_empty()).map(|(view, parts)| (view.line.account, parts)).collect()
    };
    assert_eq!(late("2026-12-10"), [(FEE, vec![(Dong::new(5_000_000), 5)])], "what came stays late");
    let parts = vec![(Dong::new(5_000_000), 5), (Dong::new(10_000_000), 10)];
    assert_eq!(late("2026-12-20"), [(FEE, parts)]);
}

#[test]
fn what_a_decision_records_as_debt_is_not_late_and_what_came_late_before_it_stays_so() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 15_000_000, 0)]));
    story.tell("2026-12-15 09:00", TAX, pay("p1", "1", FEE, 5_000_000));
    story.tell("2026-12-16 09:00", TAX, Action::RecordDebt { decision: paper("88/QĐ") });
    let late = story.case().money.late("2027-01-31".parse().unwrap());
    let parts: Vec<_> = late.into_iter().map(|(_, parts)| parts).collect();
    assert_eq!(parts, [vec![(Dong::new(5_000_000), 5)]]);
}
