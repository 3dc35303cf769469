//! Integrating systems do not poll: an agency's inbox and a dossier's changes come by themselves.

use std::collections::BTreeMap;

use lienthong_wire::pb::reading::v1::{
    Dossier, InboxItem, InboxKind, WatchDossierRequest, WatchInboxRequest,
};
use tonic::{Code, Streaming};

use super::support::clients::{Clients, Service};
use super::support::denied::denied;
use super::support::nodes::Bus;
use super::support::on::{On, on_every_log};
use super::support::story::{carry_out, code, transfer};
use super::support::{DESK, LAND, PATIENCE, TAX};

on_every_log! {
    each_agency_is_told_what_is_put_before_it_in_order_of_the_dossier
    an_inbox_goes_on_at_another_node_behind_what_was_dealt_with
    a_watched_dossier_shows_every_change_that_is_waited_for
}

async fn inbox(clients: &Clients, service: Service, agency: &str, token: &str) -> Streaming<InboxItem> {
    let request = WatchInboxRequest { agency: agency.to_owned(), token: token.to_owned() };
    let mut request = tonic::Request::new(request);
    // A stream goes on for as long as it is read.
    request.set_timeout(PATIENCE);
    clients.reading(service).watch_inbox(request).await.unwrap().into_inner()
}

async fn next<T>(stream: &mut Streaming<T>) -> T {
    tokio::time::timeout(PATIENCE, stream.message()).await.expect("something comes").unwrap().unwrap()
}

async fn take(stream: &mut Streaming<InboxItem>, count: usize) -> Vec<InboxItem> {
    let mut items = Vec::new();
    while items.len() < count {
        items.push(next(stream).await);
    }
    items
}

fn told(items: &[InboxItem]) -> Vec<(InboxKind, &str)> {
    items.iter().map(|item| (item.kind(), item.fact.as_ref().unwrap().name.as_str())).collect()
}

/// What each agency is told in the course of a land transfer.
fn expected(agency: &str) -> Vec<(InboxKind, &'static str)> {
    match agency {
        LAND => vec![
            (InboxKind::Offer, "CustodyOffered"),
            (InboxKind::Answer, "ReferralAccepted"),
            (InboxKind::Notice, "NoticeIssued"),
            (InboxKind::Payment, "PaymentReceived"),
            (InboxKind::Payment, "PaymentReceived"),
            (InboxKind::Payment, "ObligationFulfilled"),
            (InboxKind::Accepted, "CustodyAccepted"),
        ],
        TAX => vec![(InboxKind::Referral, "ReferralSent")],
        _ => vec![
            (InboxKind::Accepted, "CustodyAccepted"),
            (InboxKind::Notice, "NoticeIssued"),
            (InboxKind::Payment, "PaymentReceived"),
            (InboxKind::Payment, "PaymentReceived"),
            (InboxKind::Payment, "ObligationFulfilled"),
            (InboxKind::Result, "ResultIssued"),
            (InboxKind::Offer, "CustodyOffered"),
        ],
    }
}

async fn each_agency_is_told_what_is_put_before_it_in_order_of_the_dossier(on: On) {
    let bus = Bus::new(on).await;
    let services = bus.replica(0, 1).await;
    let clients = &services.clients;
    let mut streams = Vec::new();
    for (service, agency) in
        [(Service::LandRegistry, LAND), (Service::TaxOffice, TAX), (Service::WardDesk, DESK)]
    {
        streams.push((agency, inbox(clients, service, agency, "").await));
    }
    const DOSSIERS: usize = 5;
    let stories = (1..=DOSSIERS).map(|number| {
        let clients = services.more_clients();
        tokio::spawn(async move { carry_out(&clients, &transfer(&code(number))).await })
    });
    let stories: Vec<_> = stories.collect();
    for (agency, stream) in &mut streams {
        let expected = expected(agency);
        let items = take(stream, expected.len() * DOSSIERS).await;
        let mut by_dossier: BTreeMap<String, Vec<InboxItem>> = BTreeMap::new();
        for item in items {
            by_dossier.entry(item.code.clone()).or_default().push(item);
        }
        assert_eq!(by_dossier.len(), DOSSIERS, "{agency}");
        for items in by_dossier.values() {
            assert_eq!(told(items), expected, "{agency}");
        }
    }
    for story in stories {
        story.await.unwrap();
    }
    services.stop().await;
}

async fn an_inbox_goes_on_at_another_node_behind_what_was_dealt_with(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    carry_out(&here.clients, &transfer(&code(1))).await;
    there.catch_up().await;
    let expected = expected(LAND);
    let all = take(&mut inbox(&here.clients, Service::LandRegistry, LAND, "").await, expected.len()).await;
    assert_eq!(told(&all), expected);
    for (place, item) in all.iter().enumerate() {
        let rest = expected.len() - place - 1;
        let mut behind = inbox(&there.clients, Service::Auditor, LAND, &item.token).await;
        // At least once: within one record the token before the last item repeats the record.
        let same_record = |other: &&InboxItem| other.position == item.position;
        let repeated = match all[place + 1..].iter().find(same_record) {
            Some(_) => all[..=place].iter().filter(same_record).count(),
            None => 0,
        };
        let items = take(&mut behind, rest + repeated).await;
        assert_eq!(told(&items), expected[place + 1 - repeated..], "behind {place}");
    }
    // Nothing is left, and what comes then is new.
    let last = &all.last().unwrap().token;
    let mut behind = inbox(&there.clients, Service::LandRegistry, LAND, last).await;
    carry_out(&here.clients, &transfer(&code(2))[..3]).await;
    let item = next(&mut behind).await;
    assert_eq!((item.code, InboxKind::try_from(item.kind).unwrap()), (code(2), InboxKind::Offer));
    // The token of one inbox is none of another.
    let request = WatchInboxRequest { agency: TAX.to_owned(), token: last.clone() };
    let status = there.clients.reading(Service::TaxOffice).watch_inbox(request).await.unwrap_err();
    assert_eq!((denied(&status).code, denied(&status).reason.as_str()), (Code::InvalidArgument, "BAD_TOKEN"));
    here.stop().await;
    there.stop().await;
}

async fn a_watched_dossier_shows_every_change_that_is_waited_for(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let story = transfer(&code(1));
    carry_out(&here.clients, &story[..1]).await;
    there.catch_up().await;
    let request = WatchDossierRequest { code: code(1) };
    // At another node than the one that is commanded.
    let mut watched =
        there.clients.reading(Service::Auditor).watch_dossier(request).await.unwrap().into_inner();
    let first: Dossier = next(&mut watched).await;
    assert_eq!(first.status, 2);
    for command in &story[1..] {
        let last = command.send(&here.clients).await.unwrap();
        let dossier: Dossier = next(&mut watched).await;
        assert_eq!((dossier.position, dossier.status), (last.position, last.status));
    }
    let unknown = WatchDossierRequest { code: code(99) };
    let status = there.clients.reading(Service::WardDesk).watch_dossier(unknown).await.unwrap_err();
    assert_eq!(denied(&status).reason, "UNKNOWN_DOSSIER");
    // A node that stops ends its streams, so that the reader goes on elsewhere.
    let ends = tokio::spawn(async move { watched.message().await });
    there.stop().await;
    let status = tokio::time::timeout(PATIENCE, ends).await.unwrap().unwrap().unwrap_err();
    assert_eq!(denied(&status).reason, "DRAINING");
    here.stop().await;
}
