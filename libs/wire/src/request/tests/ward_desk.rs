//! What comes in at the desk, with its papers.

use lienthong_dossier::{Action, ApplicantKind, Channel, CopyForm, Document, Intake, PaymentChannel};
use lienthong_registry::FeeId;
use lienthong_tax::Dong;

use super::*;
use crate::pb::common::v1 as common;
use crate::pb::ward_desk::v1 as ward_desk;

fn paper(kind: &str, secrecy: &str) -> common::Document {
    common::Document {
        kind: kind.to_owned(),
        form: 1,
        copies: 2,
        sha256: vec![7; 32],
        secrecy: secrecy.to_owned(),
    }
}

fn intake(documents: Vec<common::Document>) -> Option<ward_desk::Intake> {
    Some(ward_desk::Intake {
        procedure: "1.012756".to_owned(),
        commune: "14758".to_owned(),
        channel: 1,
        applicant_kind: 1,
        documents,
    })
}

fn taken() -> Intake {
    Intake {
        procedure: text("1.012756"),
        commune: text("14758"),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: vec![document()],
    }
}

fn document() -> Document {
    Document { kind: text("don"), form: CopyForm::Original, copies: 2, sha256: Some([7; 32]) }
}

#[test]
fn intake_at_the_desk() {
    let receive =
        request!(ward_desk::ReceiveRequest { intake: intake(vec![paper("don", "")]), details: details() });
    check(receive.clone(), Action::Receive(taken()));
    check(
        request!(ward_desk::FileRequest { intake: receive.intake.clone(), details: None }),
        Action::File(taken()),
    );
    let refuse = request!(ward_desk::RefuseRequest {
        intake: receive.intake.clone(),
        ground: "không thuộc thẩm quyền".to_owned(),
        details: None,
    });
    let ground = text("không thuộc thẩm quyền");
    check(refuse.clone(), Action::Refuse { intake: Some(taken()), ground });
    let ground = text("không thuộc thẩm quyền");
    check(ward_desk::RefuseRequest { intake: None, ..refuse }, Action::Refuse { intake: None, ground });
    let supplement =
        request!(ward_desk::HandInSupplementRequest { documents: vec![paper("don", "")], details: None });
    check(supplement.clone(), Action::HandInSupplement { documents: vec![document()] });
    check_refused(
        ward_desk::HandInSupplementRequest { documents: vec![], ..supplement },
        "documents",
        "MISSING",
    );
}

#[test]
fn a_fault_of_an_intake_names_its_field() {
    let refused = |change: fn(&mut ward_desk::Intake), field, reason| {
        let mut request =
            request!(ward_desk::ReceiveRequest { intake: intake(vec![paper("don", "")]), details: None });
        request.intake.as_mut().map(change).unwrap();
        check_refused(request, field, reason);
    };
    refused(|intake| intake.procedure.clear(), "intake.procedure", "MISSING");
    refused(|intake| intake.commune = "1".to_owned(), "intake.commune", "MALFORMED");
    refused(|intake| intake.channel = 0, "intake.channel", "MISSING");
    refused(|intake| intake.applicant_kind = 7, "intake.applicant_kind", "UNKNOWN_VALUE");
    refused(|intake| intake.documents[0].kind.clear(), "intake.documents[0].kind", "MISSING");
    refused(|intake| intake.documents[0].copies = 0, "intake.documents[0].copies", "OUT_OF_RANGE");
    refused(|intake| intake.documents[0].copies = 65_536, "intake.documents[0].copies", "OUT_OF_RANGE");
    refused(|intake| intake.documents[0].sha256 = vec![1], "intake.documents[0].sha256", "MALFORMED");
    refused(|intake| intake.documents = vec![paper("don", ""); 65], "intake.documents", "TOO_MANY");
    let none = request!(ward_desk::ReceiveRequest { intake: None, details: None });
    check_refused(none, "intake", "MISSING");
}

#[test]
fn a_secrecy_label_on_any_paper_goes_along() {
    let papers = vec![paper("don", ""), paper("ban-do", "mật")];
    let receive = request!(ward_desk::ReceiveRequest { intake: intake(papers.clone()), details: None });
    let refuse = request!(ward_desk::RefuseRequest {
        intake: receive.intake.clone(),
        ground: "g".to_owned(),
        details: None,
    });
    let supplement = request!(ward_desk::HandInSupplementRequest { documents: papers, details: None });
    for command in [receive.into_command(at()), refuse.into_command(at()), supplement.into_command(at())] {
        assert_eq!(command.unwrap().secrecy, Some(text("mật")));
    }
}

#[test]
fn fees_at_the_desk() {
    let collect = request!(ward_desk::CollectFeeRequest {
        payment: "BL-1".to_owned(),
        fee: "phi-tham-dinh".to_owned(),
        amount_dong: 100_000,
        channel: 1,
        into: String::new(),
    });
    let action = Action::CollectFee {
        payment: text("BL-1"),
        fee: FeeId::parse("phi-tham-dinh").unwrap(),
        amount: Dong::new(100_000),
        channel: PaymentChannel::Cash,
        into: None,
    };
    check(collect.clone(), action);
    check_refused(ward_desk::CollectFeeRequest { fee: "Phí".to_owned(), ..collect }, "fee", "MALFORMED");
    check(
        request!(ward_desk::CancelFeeRequest { payment: "BL-1".to_owned(), ground: "g".to_owned() }),
        Action::CancelPayment { payment: text("BL-1"), ground: text("g") },
    );
}
