//! Requests that become commands.

use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::ward_desk::v1 as desk;
use tonic::Code;
use uuid::Uuid;

use super::*;
use crate::testing::*;

fn header(who: &str, when: &str) -> Option<pb::CommandHeader> {
    Some(pb::CommandHeader {
        command_id: Uuid::new_v4().to_string(),
        agency: who.to_owned(),
        actor: Some(pb::Actor {
            officer_id: "cb-01".to_owned(),
            name: "Lê Thị Mẫu".to_owned(),
            role: "Chuyên viên".to_owned(),
            power: pb::Power::Sign.into(),
        }),
        occurred_at: Some(timestamp(at(when))),
    })
}

fn receive(of: &str) -> desk::ReceiveRequest {
    desk::ReceiveRequest {
        header: header(DESK, "2026-11-02 08:15"),
        code: of.to_owned(),
        intake: Some(desk::Intake {
            procedure: "1.099001".to_owned(),
            commune: "14797".to_owned(),
            channel: pb::Channel::Direct.into(),
            applicant_kind: pb::ApplicantKind::Citizen.into(),
            documents: Vec::new(),
        }),
        details: None,
    }
}

fn reason_of(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}

async fn traces(site: &Site) -> Vec<Option<String>> {
    let records = site.records(CODE).await;
    let trace = |headers: &[lienthong_log::Header]| {
        let header = headers.iter().find(|header| header.name == "traceparent")?;
        Some(String::from_utf8(header.value.to_vec()).unwrap())
    };
    records.iter().map(|stored| trace(&stored.record.headers)).collect()
}

async fn call<R: IntoCommand + Message>(node: &Node, request: R, trace: &str) -> pb::Receipt {
    let mut request = from_here(request);
    request.metadata_mut().insert("traceparent", trace.parse().unwrap());
    carry_out(node, request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_call_s_trace_is_stored_with_its_record_and_a_malformed_one_ignored() {
    let site = Site::new();
    let node = site.desk().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let receipt = call(&node, receive(CODE), trace).await;
    assert_eq!((receipt.code.as_str(), receipt.position.unwrap().offset), (CODE, 1));
    assert!(receipt.training && !receipt.repeated);
    let (header, code) = (|when| header(DESK, when), CODE.to_owned());
    let (step, outcome) = ("tiep-nhan".to_owned(), "chuyen-ho-so".to_owned());
    let complete = casework::CompleteStepRequest {
        header: header("2026-11-02 09:00"),
        code: code.clone(),
        step,
        outcome,
        details: None,
    };
    call(&node, complete, "").await;
    let (to, medium) = (LAND.to_owned(), pb::Medium::Electronic.into());
    let offer =
        casework::OfferCustodyRequest { header: header("2026-11-02 09:05"), code: code.clone(), to, medium };
    call(&node, offer, "00-0-0-01").await;
    let withdraw = casework::WithdrawOfferRequest { header: header("2026-11-02 09:10"), code };
    call(&node, withdraw, &trace.to_uppercase()).await;
    assert_eq!(traces(&site).await, [Some(trace.to_owned()), None, None, None]);
    node.stop().await;
}

#[tokio::test]
async fn a_request_too_large_or_malformed_never_becomes_a_command() {
    let site = Site::new();
    let node = site.desk().await;
    let mut large = receive(CODE);
    large.intake.as_mut().unwrap().procedure = "x".repeat(REQUEST_BYTES_MAX);
    let refused = carry_out(&node, from_here(large)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::InvalidArgument, "TOO_LARGE".to_owned()));
    let headless = desk::ReceiveRequest { header: None, ..receive(CODE) };
    let refused = carry_out(&node, from_here(headless)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::InvalidArgument, "MISSING".to_owned()));
    assert_eq!(refused.get_details_error_info().unwrap().metadata["field"], "header");
    assert!(site.records(CODE).await.is_empty());
    node.stop().await;
}

#[tokio::test]
async fn who_comes_second_is_given_a_fresh_code() {
    let site = Site::new();
    let node = site.desk().await;
    carry_out(&node, from_here(receive(CODE))).await.unwrap();
    let second = carry_out(&node, from_here(receive(CODE))).await;
    let refused = fresh_code(&node, CODE, second).unwrap_err();
    assert_eq!(reason_of(&refused), (Code::AlreadyExists, "CODE_TAKEN".to_owned()));
    let fresh = refused.get_details_error_info().unwrap().metadata["fresh_code"].clone();
    assert_eq!(fresh, "H56.2-261102-0002");
    let third = carry_out(&node, from_here(receive(&fresh))).await;
    fresh_code(&node, &fresh, third).unwrap();
    let other = carry_out(&node, from_here(desk::ReceiveRequest { intake: None, ..receive(CODE) })).await;
    assert_eq!(reason_of(&fresh_code(&node, CODE, other).unwrap_err()).1, "MISSING");
    node.stop().await;
}
