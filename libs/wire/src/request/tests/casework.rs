//! Verbs of any agency, and what ends a dossier: each request becomes the action of its name.

use lienthong_dossier::{Action, Delivery, Medium, Subject, Wait, Withdrawal};
use lienthong_registry::{AgencyId, StepId};
use lienthong_tax::Dong;

use super::*;
use crate::pb::casework::v1 as casework;
use crate::pb::ward_desk::v1 as ward_desk;

#[test]
fn custody() {
    let offer = request!(casework::OfferCustodyRequest { to: "land-office".to_owned(), medium: 1 });
    let to: AgencyId = text("land-office");
    check(offer.clone(), Action::OfferCustody { to, medium: Medium::Electronic });
    check_refused(casework::OfferCustodyRequest { to: String::new(), ..offer.clone() }, "to", "MISSING");
    check_refused(casework::OfferCustodyRequest { medium: 0, ..offer.clone() }, "medium", "MISSING");
    check_refused(casework::OfferCustodyRequest { medium: 9, ..offer }, "medium", "UNKNOWN_VALUE");
    check(request!(casework::WithdrawOfferRequest {}), Action::WithdrawOffer);
    check(request!(casework::AcceptCustodyRequest {}), Action::AcceptCustody);
    let back =
        request!(casework::ReturnCustodyRequest { ground: "thiếu trang 3".to_owned(), details: details() });
    check(back.clone(), Action::ReturnCustody { ground: text("thiếu trang 3") });
    let long = "x".repeat(101);
    check_refused(casework::ReturnCustodyRequest { ground: long, ..back }, "ground", "TOO_LONG");
}

#[test]
fn steps_and_waits() {
    let complete = request!(casework::CompleteStepRequest {
        step: "tham-dinh".to_owned(),
        outcome: "dat".to_owned(),
        details: None,
    });
    let step: StepId = text("tham-dinh");
    check(complete.clone(), Action::CompleteStep { step, outcome: text("dat") });
    check_refused(
        casework::CompleteStepRequest { step: "Thẩm định".to_owned(), ..complete },
        "step",
        "MALFORMED",
    );
    use casework::end_wait_request::Wait as W;
    let wait = |wait| request!(casework::EndWaitRequest { wait: wait });
    check(wait(Some(W::Step(casework::StepWait {}))), Action::EndWait(Wait::Step));
    check(wait(Some(W::Referral(2))), Action::EndWait(Wait::Referral(2)));
    check(wait(Some(W::Hold(3))), Action::EndWait(Wait::Hold(3)));
    check_refused(wait(None), "wait", "MISSING");
    check_refused(wait(Some(W::Hold(0))), "hold", "MISSING");
}

#[test]
fn supplements_holds_and_extension() {
    let ask = request!(casework::RequestSupplementRequest {
        documents: vec!["giay-chung-nhan".to_owned()],
        ground: "thiếu bản gốc".to_owned(),
        details: None,
    });
    let documents = vec![text("giay-chung-nhan")];
    check(ask.clone(), Action::RequestSupplement { documents, ground: text("thiếu bản gốc") });
    let many = vec!["a".to_owned(); 65];
    check_refused(
        casework::RequestSupplementRequest { documents: many, ..ask.clone() },
        "documents",
        "TOO_MANY",
    );
    let bad = vec!["a".to_owned(), "A".to_owned()];
    check_refused(casework::RequestSupplementRequest { documents: bad, ..ask }, "documents[1]", "MALFORMED");

    let hold = request!(casework::PlaceHoldRequest {
        ground: "kê biên".to_owned(),
        issuing_body: "Chi cục Thi hành án".to_owned(),
        document: "12/QĐ-CCTHADS".to_owned(),
        expires_at: Some(crate::timestamp(at())),
    });
    let place = Action::PlaceHold {
        ground: text("kê biên"),
        issuing_body: text("Chi cục Thi hành án"),
        document: text("12/QĐ-CCTHADS"),
        expires_at: Some(at()),
    };
    check(hold.clone(), place);
    let never = crate::Timestamp { seconds: 0, nanos: 1_000_000_000 };
    check_refused(
        casework::PlaceHoldRequest { expires_at: Some(never), ..hold },
        "expires_at",
        "OUT_OF_RANGE",
    );
    let lift = request!(casework::LiftHoldRequest { hold: 1, document: "15/QĐ".to_owned() });
    check(lift.clone(), Action::LiftHold { hold: 1, document: text("15/QĐ") });
    check_refused(casework::LiftHoldRequest { hold: 0, ..lift }, "hold", "MISSING");
    let extend = request!(casework::ExtendRequest { days: 3, ground: "quá tải".to_owned() });
    check(extend.clone(), Action::Extend { days: 3, ground: text("quá tải") });
    check_refused(casework::ExtendRequest { days: 0, ..extend }, "days", "MISSING");
}

#[test]
fn referrals() {
    let refer = request!(casework::ReferRequest {
        to: "department".to_owned(),
        subject: 2,
        medium: 2,
        number: String::new(),
        details: details(),
    });
    let action = Action::Refer {
        to: text("department"),
        subject: Subject::Opinion,
        medium: Medium::Paper,
        number: None,
    };
    check(refer.clone(), action);
    check_refused(casework::ReferRequest { subject: 0, ..refer }, "subject", "MISSING");
    check(request!(casework::AcceptReferralRequest { referral: 1 }), Action::AcceptReferral { referral: 1 });
    check(
        request!(casework::ReturnReferralRequest { referral: 1, ground: "g".to_owned(), details: None }),
        Action::ReturnReferral { referral: 1, ground: text("g") },
    );
    check(
        request!(casework::AnswerReferralRequest { referral: 1, agreed: true, details: None }),
        Action::AnswerReferral { referral: 1, agreed: true },
    );
}

#[test]
fn endings() {
    use casework::decide_withdrawal_request::Answer;
    let decide = |answer| request!(casework::DecideWithdrawalRequest { answer: answer });
    check(
        decide(Some(Answer::GrantDecision("1/QĐ".to_owned()))),
        Action::DecideWithdrawal(Withdrawal::Grant(text("1/QĐ"))),
    );
    check(
        decide(Some(Answer::DeclineGround("đã ký".to_owned()))),
        Action::DecideWithdrawal(Withdrawal::Decline(text("đã ký"))),
    );
    check_refused(decide(None), "answer", "MISSING");
    check_refused(decide(Some(Answer::GrantDecision(String::new()))), "grant_decision", "MISSING");
    check(
        request!(casework::StopRequest { ground: "g".to_owned(), decision: "d".to_owned() }),
        Action::Stop { ground: text("g"), decision: text("d") },
    );
    check(
        request!(casework::ResumeRequest { decision: "d".to_owned() }),
        Action::Resume { decision: text("d") },
    );
    check(
        request!(casework::IssueResultRequest { number: "CN 1".to_owned(), outcome: "dat".to_owned() }),
        Action::IssueResult { number: text("CN 1"), outcome: text("dat") },
    );
    check(
        request!(casework::RecallResultRequest { ground: "sai tên".to_owned() }),
        Action::RecallResult { ground: text("sai tên") },
    );
    check(
        request!(casework::EraseRequest { ground: "hết thời hạn".to_owned() }),
        Action::Erase { ground: text("hết thời hạn") },
    );
    check_refused(request!(casework::EraseRequest { ground: String::new() }), "ground", "MISSING");
    let number = "ông 038199004242".to_owned();
    check_refused(request!(casework::EraseRequest { ground: number }), "ground", "MALFORMED");
    check(
        request!(ward_desk::HandOverResultRequest { delivery: 1, details: None }),
        Action::HandOverResult { channel: Delivery::Desk },
    );
    check(request!(ward_desk::RequestWithdrawalRequest { details: None }), Action::RequestWithdrawal);
}

#[test]
fn what_goes_beside_the_course_of_a_case() {
    check(
        request!(casework::AdoptRequest {
            procedure: "1.012756".to_owned(),
            commune: "14797".to_owned(),
            step: "tham-dinh".to_owned(),
        }),
        Action::Adopt { procedure: text("1.012756"), commune: text("14797"), step: text("tham-dinh") },
    );
    check(
        request!(casework::SucceedRequest { predecessor: "old-office".to_owned() }),
        Action::Succeed { predecessor: text("old-office") },
    );
    check(
        request!(casework::RecomputeRequest { calendar: "vn-2027".to_owned() }),
        Action::Recompute { calendar: text("vn-2027") },
    );
    check(
        request!(casework::IssueReceiptRequest { payment: "KB-9".to_owned(), receipt: "BL-1".to_owned() }),
        Action::IssueReceipt { payment: text("KB-9"), receipt: text("BL-1") },
    );
    check(
        request!(casework::ReconcilePaymentRequest {
            payment: "KB-9".to_owned(),
            amount_dong: 5,
            statement: "SK-1".to_owned(),
        }),
        Action::ReconcilePayment { payment: text("KB-9"), amount: Dong::new(5), statement: text("SK-1") },
    );
}
