//! Who reads what, what is recorded of it first, and what an erasure leaves.

use std::time::Duration;

use lienthong_admission::{IncomingRead, ReadsLedger, SealedRead};
use lienthong_dossier::{Command, Power, Private, Purpose};
use lienthong_log::{Partition, ReadLimit};
use lienthong_seal::Verifier;
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::personal::v1::{Applicant, Party, Plot};
use lienthong_wire::pb::personal_reading::v1::personal_server::Personal as _;
use tonic::{Code, Response, Status};

use super::*;
use crate::reads::{Asked, RECORDING_TRIES_MAX};
use crate::testing::outage::Outage;
use crate::testing::*;

on_every_log! {
    what_is_shown_was_recorded_and_nothing_is_shown_to_others
    a_person_is_found_by_number_where_the_agency_may_read
    a_plot_is_found_by_its_numbers_in_the_commune_of_the_case
    after_an_erasure_the_person_is_gone_and_all_else_stands
}

const NUMBER: &str = "038199004242";
const TAX_CODE: &str = "8412990077";

fn details() -> PersonalDetails {
    let person = Applicant {
        name: "Nguyễn Thị Bí Mật".to_owned(),
        id_number: NUMBER.to_owned(),
        ..Applicant::default()
    };
    let seller = Applicant { tax_code: TAX_CODE.to_owned(), ..Applicant::default() };
    PersonalDetails {
        applicant: Some(person),
        parties: vec![Party { ordinal: 1, person: Some(seller), ..Party::default() }],
        plots: vec![Plot { parcel: "112".to_owned(), map_sheet: "05".to_owned(), ..Plot::default() }],
        text: "hoàn cảnh".to_owned(),
        ..PersonalDetails::default()
    }
}

fn reader(who: &str) -> Option<pb::Reader> {
    let actor = common::Actor {
        officer_id: "cb-01".to_owned(),
        name: "Lê Thị Mẫu".to_owned(),
        role: "Chuyên viên".to_owned(),
        power: Power::Read.code().into(),
    };
    Some(pb::Reader {
        agency: who.to_owned(),
        actor: Some(actor),
        purpose: Purpose::Handling.code().into(),
        ..pb::Reader::default()
    })
}

async fn read(node: &Node, who: &str, of: &str) -> Result<pb::ReadPersonalResponse, Status> {
    let request =
        pb::ReadPersonalRequest { reader: reader(who), codes: vec![of.to_owned()], ..Default::default() };
    PersonalService::new(node.clone()).read_personal(from_here(request)).await.map(Response::into_inner)
}

async fn find(node: &Node, who: &str, number: &str) -> Result<pb::FindDossiersResponse, Status> {
    let request =
        pb::FindDossiersRequest { reader: reader(who), id_number: number.to_owned(), ..Default::default() };
    PersonalService::new(node.clone()).find_dossiers(from_here(request)).await.map(Response::into_inner)
}

/// Every record of `lienthong.reads`, as an auditor checks them.
async fn recorded(site: &Site) -> Vec<SealedRead> {
    let read = site.log.read(Partition::Reads, 0, ReadLimit::default()).await.unwrap();
    let mut ledger = ReadsLedger::new(site.charter.log_id);
    let each = read.iter().map(|stored| {
        let headers: Vec<(&str, &[u8])> = stored
            .record
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_ref()))
            .collect();
        let record = IncomingRead {
            offset: stored.offset,
            appended_ms: stored.appended_ms,
            key: &stored.record.key,
            headers: &headers,
            value: &stored.record.value,
        };
        ledger.apply(&site.charter.revisions, &Verifier::default(), &record).unwrap()
    });
    each.collect()
}

fn with_details(command: Command) -> Command {
    Command { private: Some(Private(details().encode_to_vec())), ..command }
}

/// Receives a dossier and offers it to the land office.
async fn told_and_offered(desk: &Node) {
    desk.submit(with_details(reception())).await.unwrap();
    desk.submit(with_details(first_step())).await.unwrap();
    desk.submit(command(CODE, "2026-11-02 09:05", DESK, offer(LAND))).await.unwrap();
}

async fn what_is_shown_was_recorded_and_nothing_is_shown_to_others(on: On) {
    let site = Site::on(on).await;
    let (desk, land) = (site.desk().await, site.land().await);
    desk.submit(with_details(reception())).await.unwrap();
    // Nothing was offered to the land office yet.
    let refused = read(&land, LAND, CODE).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "NOT_A_PARTY".to_owned()));
    let refused = read(&desk, LAND, CODE).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "AGENCY_NOT_SERVED".to_owned()));
    let refused = read(&desk, "H56.9", CODE).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "NOT_A_PARTY".to_owned()));
    let refused = read(&desk, DESK, "H56.2-261102-0009").await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::NotFound, "UNKNOWN_DOSSIER".to_owned()));
    assert_eq!(recorded(&site).await, [], "what was refused was no reading");

    desk.submit(with_details(first_step())).await.unwrap();
    desk.submit(command(CODE, "2026-11-02 09:05", DESK, offer(LAND))).await.unwrap();
    for (node, who) in [(&desk, DESK), (&land, LAND)] {
        let shown = read(node, who, CODE).await.unwrap();
        let events: Vec<_> = shown.dossiers[0].events.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(events, ["DossierAccepted", "StepCompleted"]);
        assert!(shown.dossiers[0].events.iter().all(|event| event.details == Some(details())));
        let newest = recorded(&site).await.pop().unwrap();
        let receipt = shown.receipt.unwrap();
        assert_eq!(receipt.leaf, newest.leaf.to_string());
        assert_eq!(receipt.request_id, newest.body.request.to_string());
        assert_eq!((newest.body.agency.as_str(), newest.body.codes.as_slice()), (who, &[code(CODE)][..]));
        assert_eq!((newest.body.kind, newest.body.classes.len()), (ReadKind::Dossiers, 3));
    }
    // Only what is asked for is shown, and only that is recorded.
    let request = pb::ReadPersonalRequest {
        reader: reader(DESK),
        codes: vec![CODE.to_owned()],
        classes: vec![FieldClass::Property.code().into()],
        at_least: Vec::new(),
    };
    let shown = PersonalService::new(desk.clone()).read_personal(from_here(request)).await.unwrap();
    let property = PersonalDetails { plots: details().plots, ..PersonalDetails::default() };
    assert_eq!(shown.into_inner().dossiers[0].events[0].details, Some(property));
    assert_eq!(recorded(&site).await.pop().unwrap().body.classes, [FieldClass::Property]);
    desk.stop().await;
    land.stop().await;
}

async fn a_person_is_found_by_number_where_the_agency_may_read(on: On) {
    let site = Site::on(on).await;
    let (desk, land) = (site.desk().await, site.land().await);
    told_and_offered(&desk).await;
    let other = Command { code: code("H56.2-261102-0002"), ..with_details(reception()) };
    desk.submit(other).await.unwrap();
    land.see_all_of(&[code(CODE)]).await.unwrap();
    for number in [NUMBER, TAX_CODE, "038 199 004.242"] {
        assert_eq!(find(&desk, DESK, number).await.unwrap().codes, [CODE, "H56.2-261102-0002"]);
        assert_eq!(find(&land, LAND, number).await.unwrap().codes, [CODE], "{number}");
    }
    assert_eq!(find(&desk, "H56.9", NUMBER).await.unwrap().codes, Vec::<String>::new());
    assert_eq!(find(&desk, DESK, "038199004243").await.unwrap().codes, Vec::<String>::new());
    let searches = recorded(&site).await;
    assert!(searches.iter().all(|search| search.body.kind == ReadKind::Search));
    assert_eq!(searches[0].body.codes.len(), 2);
    assert_eq!(searches.len(), 3 * 2 + 2);

    let page = |page_token: String| pb::FindDossiersRequest {
        reader: reader(DESK),
        id_number: NUMBER.to_owned(),
        page_size: 1,
        page_token,
        plot: None,
    };
    let service = PersonalService::new(desk.clone());
    let first = service.find_dossiers(from_here(page(String::new()))).await.unwrap().into_inner();
    assert_eq!(first.codes, [CODE]);
    let next = page(first.next_page_token.clone());
    let next = service.find_dossiers(from_here(next)).await.unwrap().into_inner();
    assert_eq!((next.codes, next.next_page_token), (vec!["H56.2-261102-0002".to_owned()], String::new()));
    // A token belongs to its number.
    let other = pb::FindDossiersRequest { id_number: TAX_CODE.to_owned(), ..page(first.next_page_token) };
    let refused = service.find_dossiers(from_here(other)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::InvalidArgument, "BAD_TOKEN".to_owned()));
    for number in ["", "12345", "Nguyễn Thị Bí Mật"] {
        assert_eq!(find(&desk, DESK, number).await.unwrap_err().code(), Code::InvalidArgument);
    }
    desk.stop().await;
    // A projection made anew finds the same.
    let anew = site.node(lienthong_registry::training::WARD_DESK_NODE, "anew").await;
    assert_eq!(find(&anew, DESK, NUMBER).await.unwrap().codes, [CODE, "H56.2-261102-0002"]);
    anew.stop().await;
    land.stop().await;
}

async fn find_plot(node: &Node, who: &str, plot: [&str; 3]) -> Result<pb::FindDossiersResponse, Status> {
    let [commune, map_sheet, parcel] = plot.map(str::to_owned);
    let plot = Some(pb::PlotNumber { commune, map_sheet, parcel });
    let request = pb::FindDossiersRequest { reader: reader(who), plot, ..Default::default() };
    PersonalService::new(node.clone()).find_dossiers(from_here(request)).await.map(Response::into_inner)
}

async fn a_plot_is_found_by_its_numbers_in_the_commune_of_the_case(on: On) {
    let site = Site::on(on).await;
    let (desk, land) = (site.desk().await, site.land().await);
    desk.submit(with_details(reception())).await.unwrap();
    let commune = desk.store().state(&code(CODE)).unwrap().unwrap();
    let commune = commune.dossier.live().unwrap().commune.to_string();
    let nothing = Vec::<String>::new();
    for plot in [["5", "112"], ["005", " 0112 "]] {
        let found = find_plot(&desk, DESK, [&commune, plot[0], plot[1]]).await.unwrap();
        assert_eq!(found.codes, [CODE], "{plot:?}");
        assert_eq!(find_plot(&land, LAND, [&commune, plot[0], plot[1]]).await.unwrap().codes, nothing);
    }
    for other in [["14798", "5", "112"], [commune.as_str(), "112", "5"], [commune.as_str(), "5", "12"]] {
        assert_eq!(find_plot(&desk, DESK, other).await.unwrap().codes, nothing, "{other:?}");
    }
    let searches = recorded(&site).await;
    assert_eq!(searches.len(), 2 * 2 + 3);
    assert_eq!((searches[0].body.kind, searches[0].body.codes.len()), (ReadKind::Search, 1));
    assert!(searches.iter().all(|search| search.body.classes == [FieldClass::Property]));
    for strange in [["", "5", "112"], [commune.as_str(), "", "112"], [commune.as_str(), "5", "11,2"]] {
        let refused = find_plot(&desk, DESK, strange).await.unwrap_err();
        assert_eq!(reason_of(&refused), (Code::InvalidArgument, "MALFORMED".to_owned()), "{strange:?}");
    }
    let both = pb::FindDossiersRequest {
        reader: reader(DESK),
        id_number: NUMBER.to_owned(),
        plot: Some(pb::PlotNumber::default()),
        ..Default::default()
    };
    let refused = PersonalService::new(desk.clone()).find_dossiers(from_here(both)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::InvalidArgument, "MALFORMED".to_owned()));
    desk.stop().await;
    land.stop().await;
}

async fn after_an_erasure_the_person_is_gone_and_all_else_stands(on: On) {
    let site = Site::founded(on, &erasable_charter()).await;
    let desk = site.desk().await;
    let refused = refusal(CODE, &details());
    desk.submit(refused.clone()).await.unwrap();
    assert_eq!(find(&desk, DESK, NUMBER).await.unwrap().codes, [CODE]);
    let (_, before) = desk.digest().unwrap();
    let erasure = erase(CODE);
    let receipt = desk.submit(erasure.clone()).await.unwrap();
    assert_eq!(receipt.status.map(|status| status.code()), Some(3));

    let erased = (Code::FailedPrecondition, "ERASED".to_owned());
    assert_eq!(reason_of(&read(&desk, DESK, CODE).await.unwrap_err()), erased);
    assert_eq!(find(&desk, DESK, NUMBER).await.unwrap().codes, Vec::<String>::new());
    desk.0.upkeep.done().await;
    assert_eq!(site.log.erasable(CODE).await.unwrap(), None);
    assert_eq!(desk.store().indexed(&code(CODE)).unwrap(), None);
    assert_eq!(desk.upkeep(), crate::UpkeepCounts { forgotten: 1, ..Default::default() });
    // The same command again gets the same answer; of one before the erasure the id alone counts.
    assert!(desk.submit(erasure).await.unwrap().repeated);
    assert!(desk.submit(Command { private: None, ..refused }).await.unwrap().repeated);
    let again = crate::status::status(desk.submit(erase(CODE)).await.unwrap_err());
    assert_eq!(reason_of(&again), erased);
    let late = command(CODE, "2026-11-02 10:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    let step = desk.submit(late).await.unwrap_err();
    assert_eq!(reason_of(&crate::status::status(step)), erased);

    let (digest, after) = desk.digest().unwrap();
    let counts = |partitions: &[(_, lienthong_admission::Cursor)]| -> Vec<_> {
        partitions.iter().map(|(_, cursor)| (cursor.dossiers, cursor.hand_offs)).collect()
    };
    assert_eq!(counts(&before), counts(&after));
    desk.stop().await;
    // Whoever reads the log anew comes to the same, and shows nobody.
    let anew = site.node(lienthong_registry::training::WARD_DESK_NODE, "anew").await;
    assert_eq!(anew.digest().unwrap().0, digest);
    assert_eq!(reason_of(&read(&anew, DESK, CODE).await.unwrap_err()), erased);
    assert_eq!(find(&anew, DESK, NUMBER).await.unwrap().codes, Vec::<String>::new());
    assert_eq!(anew.upkeep(), crate::UpkeepCounts::default());
    anew.stop().await;
}

#[tokio::test]
async fn nothing_is_shown_while_nobody_knows_whether_it_is_recorded() {
    let outage = Outage::new(PARTITIONS, None);
    let site = Site::over(outage.clone(), &training_charter());
    let desk = site.desk().await;
    desk.submit(with_details(reception())).await.unwrap();
    find(&desk, DESK, NUMBER).await.unwrap();
    outage.hold_appends();
    let mut request = from_here(pb::ReadPersonalRequest {
        reader: reader(DESK),
        codes: vec![CODE.to_owned()],
        ..Default::default()
    });
    request.set_timeout(Duration::from_millis(200));
    let refused = PersonalService::new(desk.clone()).read_personal(request).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::Unavailable, "READ_NOT_RECORDED".to_owned()));
    outage.land().await;
    assert_eq!(read(&desk, DESK, CODE).await.unwrap().dossiers.len(), 1);
    desk.stop().await;
}

/// Dated long before the log took it, it would be a fault in a production log.
#[tokio::test]
async fn a_reading_that_the_log_took_late_is_made_anew_and_never_shown() {
    let site = Site::new();
    let desk = site.desk().await;
    let keys = desk.keys_of(&agency(DESK)).unwrap();
    let reader = Reader::read(reader(DESK)).unwrap();
    let (request, kind) = (uuid::Uuid::from_u128(7), ReadKind::Search);
    let asked = Asked { reader: &reader, request, kind, codes: Vec::new(), classes: Vec::new() };
    // Every append takes longer than nothing.
    let refused = desk.record_within(Duration::ZERO, keys, &asked).await.unwrap_err();
    assert!(matches!(refused, Refusal::ReadNotRecorded), "{refused:?}");
    let made = recorded(&site).await;
    assert_eq!(made.len(), RECORDING_TRIES_MAX as usize);
    assert!(made.is_sorted_by(|one, next| one.body.at < next.body.at), "each has its own time");
    assert!(made.iter().all(|reading| reading.body.request == request));
    let shown = desk.record_within(Duration::MAX, keys, &asked).await.unwrap();
    let made = recorded(&site).await;
    assert_eq!((made.len(), made.last().unwrap().leaf), (RECORDING_TRIES_MAX as usize + 1, shown.leaf));
    desk.stop().await;
}

#[tokio::test]
async fn every_reader_is_a_witness_of_the_readings_before() {
    let site = Site::new();
    let desk = site.desk().await;
    desk.submit(with_details(reception())).await.unwrap();
    for _ in 0..64 {
        read(&desk, DESK, CODE).await.unwrap();
    }
    desk.0.reads.followed(64).await;
    read(&desk, DESK, CODE).await.unwrap();
    assert_eq!(recorded(&site).await.pop().unwrap().body.witness.count, 64);
    desk.stop().await;
    drop(desk);
    // A node that comes later knows it from its own rows, and goes on.
    let again = site.desk().await;
    again.0.reads.followed(64).await;
    read(&again, DESK, CODE).await.unwrap();
    assert_eq!(recorded(&site).await.pop().unwrap().body.witness.count, 64);
    again.stop().await;
}
