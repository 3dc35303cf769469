//! A procedure nobody has heard of, with agencies of other kinds, is a file: no line of Rust is about it.

use std::path::Path;

use lienthong_wire::pb::casework::v1::end_wait_request::Wait;
use lienthong_wire::pb::casework::v1::*;
use lienthong_wire::pb::common::v1::{CommandHeader, Medium, Status, Subject};
use lienthong_wire::pb::ward_desk::v1::NextCodeRequest;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;

use super::support::clients::Service;
use super::support::command::{Command, Verb};
use super::support::denied::denied;
use super::support::on::{On, Place, on_every_log};
use super::support::story::{accept, carry_out, complete, hand_over, intake, issue, offer, receive, tell};
use super::support::{DESK, LAND, TAX};

on_every_log! {
    a_procedure_in_a_file_runs_from_reception_to_result_with_the_common_verbs
}

const DEPARTMENT: &str = "department";

fn pack() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shop-sign.yaml");
    file.to_str().unwrap().to_owned()
}

fn ask(to: &str) -> Verb {
    Verb::Refer(ReferRequest {
        to: to.to_owned(),
        subject: Subject::Opinion.into(),
        medium: Medium::Electronic.into(),
        ..ReferRequest::default()
    })
}

fn posting_ends() -> Verb {
    Verb::EndWait(EndWaitRequest { wait: Some(Wait::Step(StepWait {})), ..EndWaitRequest::default() })
}

fn silence_ends(referral: u32) -> Verb {
    Verb::EndWait(EndWaitRequest { wait: Some(Wait::Referral(referral)), ..EndWaitRequest::default() })
}

fn takes_on(referral: u32) -> Verb {
    Verb::AcceptReferral(AcceptReferralRequest { referral, ..AcceptReferralRequest::default() })
}

fn agrees(referral: u32) -> Verb {
    Verb::AnswerReferral(AnswerReferralRequest { referral, agreed: true, ..AnswerReferralRequest::default() })
}

/// The sign hangs in another commune than the desk's: its people's committee is another agency.
fn story(code: &str, commune: &str) -> Vec<Command> {
    tell(
        code,
        [
            (DESK, "2026-03-02 08:00", receive(intake("9.000042", "16522"))),
            (DESK, "2026-03-02 09:00", complete("nhan", "chuyen")),
            (DESK, "2026-03-02 09:05", offer(commune)),
            (commune, "2026-03-02 10:00", accept()),
            (commune, "2026-03-03 10:00", complete("kiem-tra-thuc-dia", "dat")),
            (commune, "2026-03-06 08:00", posting_ends()),
            (commune, "2026-03-06 08:05", offer(DEPARTMENT)),
            (DEPARTMENT, "2026-03-06 09:00", accept()),
            (DEPARTMENT, "2026-03-06 09:10", ask(LAND)),
            (DEPARTMENT, "2026-03-06 09:20", ask(TAX)),
            (LAND, "2026-03-09 09:00", takes_on(1)),
            (LAND, "2026-03-10 09:00", agrees(1)),
            (DEPARTMENT, "2026-03-11 08:00", silence_ends(2)),
            (DEPARTMENT, "2026-03-11 09:00", complete("tham-dinh", "dong-y")),
            (DEPARTMENT, "2026-03-12 09:00", issue("15/SVHTTDL", "da-ban-hanh")),
            (DEPARTMENT, "2026-03-12 09:10", offer(DESK)),
            (DESK, "2026-03-12 14:00", accept()),
            (DESK, "2026-03-13 08:00", hand_over()),
        ],
    )
}

async fn a_procedure_in_a_file_runs_from_reception_to_result_with_the_common_verbs(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&["--pack", &pack()]);
    let clients = up.clients();
    let mut desk = WardDeskClient::new(clients.channel(Service::WardDesk));
    let next = NextCodeRequest { agency: DESK.to_owned(), day: "2026-03-02".to_owned() };
    let code = desk.next_code(next).await.unwrap().into_inner().code;
    let commune = commune();
    assert_ne!(commune, DESK);
    let story = story(&code, &commune);
    let (posting, silence) = (5, 12);
    carry_out(&clients, &story[..posting]).await;
    // Nobody ends a wait before its time, and nothing is answered after it.
    let early = story[posting].afresh().with(|header| at(header, "2026-03-04 08:00"));
    assert_eq!(denied(&early.send(&clients).await.unwrap_err()).reason, "WAIT_RUNS");
    carry_out(&clients, &story[posting..silence]).await;
    let late = Command::new(&code, 90, TAX, "2026-03-11 07:45", takes_on(2));
    assert_eq!(denied(&late.send(&clients).await.unwrap_err()).reason, "LATE");
    carry_out(&clients, &story[silence..]).await;

    let dossier = clients.dossier(&code).await;
    assert_eq!(dossier.status(), Status::Delivered);
    assert_eq!((dossier.hand_offs, dossier.paper_hand_offs), (5, 0));
    assert_eq!(dossier.procedure.unwrap().name, "Chấp thuận biển hiệu trong khu vực bảo vệ di tích");
    let timeline = clients.timeline(&code).await;
    assert_eq!(timeline.len(), story.len());
    let parties: Vec<_> = timeline.iter().map(|entry| entry.agency.as_str()).collect();
    assert!([DESK, commune.as_str(), DEPARTMENT, LAND].iter().all(|agency| parties.contains(agency)));
    clients.digest_of_all().await;
    up.stop();

    // The pack is the log's: a later start finds it there, without the file.
    let up = place.up(&[]);
    let other = tell("H56.2-260303-0001", [(DESK, "2026-03-03 08:00", receive(intake("9.000042", "16522")))]);
    carry_out(&up.clients(), &other).await;
    up.stop();
}

/// The people's committee of the commune of the case: its desk, numbered in the order of communes.
fn commune() -> String {
    let communes = lienthong_registry::training::communes().unwrap();
    let place = communes.iter().position(|commune| commune.code.as_str() == "16522").unwrap();
    format!("H56.{}", place + 1)
}

fn at(header: &mut CommandHeader, when: &str) {
    header.occurred_at = Some(lienthong_wire::timestamp(super::support::story::at(when)));
}
