//! The land registry's and the tax office's requests.

use jiff::civil::date;
use lienthong_dossier::{Account, Action, Medium, NoticeLine, PaymentChannel, Subject};
use lienthong_tax::Dong;

use super::*;
use crate::pb::common::v1 as common;
use crate::pb::land_registry::v1 as land_registry;
use crate::pb::personal::v1 as personal;
use crate::pb::tax_office::v1 as tax_office;

#[test]
fn land_registry_requests() {
    let slip = PersonalDetails {
        parties: vec![personal::Party { ordinal: 1, ..personal::Party::default() }],
        plots: vec![personal::Plot::default()],
        ..PersonalDetails::default()
    };
    let send = request!(land_registry::SendTaxInformationRequest {
        to: "tax-office".to_owned(),
        medium: 1,
        number: "17/PCTT".to_owned(),
        details: Some(slip.clone()),
    });
    let action = Action::Refer {
        to: text("tax-office"),
        subject: Subject::TaxInformation,
        medium: Medium::Electronic,
        number: Some(text("17/PCTT")),
    };
    check(send.clone(), action);
    type Send = land_registry::SendTaxInformationRequest;
    let with = |change: fn(&mut PersonalDetails)| {
        let mut details = slip.clone();
        change(&mut details);
        Send { details: Some(details), ..send.clone() }
    };
    check_refused(Send { number: String::new(), ..send.clone() }, "number", "MISSING");
    check_refused(Send { details: None, ..send.clone() }, "details", "MISSING");
    check_refused(with(|slip| slip.plots.clear()), "details.plots", "MISSING");
    check_refused(with(|slip| slip.parties.clear()), "details.parties", "MISSING");
    check_refused(with(|slip| slip.parties[0].ordinal = 0), "details.parties[0].ordinal", "MISSING");
    check_refused(
        with(|slip| slip.parties.push(slip.parties[0].clone())),
        "details.parties[1].ordinal",
        "OUT_OF_RANGE",
    );
    check(
        request!(land_registry::EnterLandRegisterRequest { entry: "Q1/T2".to_owned(), details: None }),
        Action::EnterLandRegister { entry: text("Q1/T2") },
    );
}

fn line() -> common::NoticeLine {
    common::NoticeLine {
        account: Some(common::Account { taxpayer: 1, item: 2801 }),
        due_date: "2026-12-22".to_owned(),
        taxable_dong: 3_000_000_000,
        due_dong: 15_000_000,
        exempt_dong: 0,
        exempt_ground: String::new(),
    }
}

#[test]
fn tax_office_requests() {
    let account = Account { taxpayer: 1, item: 2801 };
    let lines = vec![NoticeLine {
        account,
        due_date: date(2026, 12, 22),
        taxable: Dong::new(3_000_000_000),
        due: Dong::new(15_000_000),
        exempt: Dong::ZERO,
        exempt_ground: None,
    }];
    check(request!(tax_office::AcceptSlipRequest { referral: 1 }), Action::AcceptReferral { referral: 1 });
    check(
        request!(tax_office::ReturnSlipRequest { referral: 1, ground: "g".to_owned(), details: None }),
        Action::ReturnReferral { referral: 1, ground: text("g") },
    );
    let issue = request!(tax_office::IssueNoticeRequest {
        referral: 1,
        notice: "TB-1".to_owned(),
        lines: vec![line()],
    });
    let issued = Action::IssueNotice { referral: 1, notice: text("TB-1"), lines: lines.clone() };
    check(issue.clone(), issued);
    check(
        request!(tax_office::AdjustNoticeRequest {
            supersedes: "TB-1".to_owned(),
            notice: "TB-2".to_owned(),
            ground: "g".to_owned(),
            lines: vec![line()],
        }),
        Action::AdjustNotice { supersedes: text("TB-1"), notice: text("TB-2"), ground: text("g"), lines },
    );
    check(
        request!(tax_office::CancelNoticeRequest { notice: "TB-2".to_owned(), ground: "g".to_owned() }),
        Action::CancelNotice { notice: text("TB-2"), ground: text("g") },
    );
    let pay = request!(tax_office::RecordPaymentRequest {
        payment: "KB-9".to_owned(),
        notice: "TB-1".to_owned(),
        account: Some(common::Account { taxpayer: 1, item: 2801 }),
        amount_dong: 15_000_000,
        channel: 2,
        into: "3511.0.1".to_owned(),
    });
    let paid = Action::RecordPayment {
        payment: text("KB-9"),
        notice: text("TB-1"),
        account,
        amount: Dong::new(15_000_000),
        channel: PaymentChannel::Bank,
        into: Some("3511.0.1".parse().unwrap()),
    };
    check(pay.clone(), paid);
    let spaced = tax_office::RecordPaymentRequest { into: "3511 0 1".to_owned(), ..pay.clone() };
    check_refused(spaced, "into", "MALFORMED");
    check_refused(tax_office::RecordPaymentRequest { account: None, ..pay }, "account", "MISSING");
    check(
        request!(tax_office::CancelPaymentRequest { payment: "KB-9".to_owned(), ground: "g".to_owned() }),
        Action::CancelPayment { payment: text("KB-9"), ground: text("g") },
    );
    check(
        request!(tax_office::RecordDebtRequest { decision: "5/QĐ".to_owned() }),
        Action::RecordDebt { decision: text("5/QĐ") },
    );
    let with = |change: fn(&mut common::NoticeLine)| {
        let mut line = line();
        change(&mut line);
        tax_office::IssueNoticeRequest { lines: vec![self::line(), line], ..issue.clone() }
    };
    check_refused(with(|line| line.account = None), "lines[1].account", "MISSING");
    check_refused(
        with(|line| line.account.as_mut().unwrap().taxpayer = 0),
        "lines[1].account.taxpayer",
        "MISSING",
    );
    check_refused(with(|line| line.due_date.clear()), "lines[1].due_date", "MISSING");
    check_refused(with(|line| line.due_date = "22/12/2026".to_owned()), "lines[1].due_date", "MALFORMED");
    let many = tax_office::IssueNoticeRequest { lines: vec![line(); 33], ..issue };
    check_refused(many, "lines", "TOO_MANY");
}
