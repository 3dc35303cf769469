//! What the registry changes is put on record, once, by whoever seals for the agencies.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt as _, stream};
use lienthong_calendar::{Calendar, SHIPPED_CALENDAR};
use lienthong_dossier::{Case, Custody, History, Intake, Named, SourceName, Status, Told};
use lienthong_registry::{Change, CommuneCode, Dated, ProcedureCode, StepId, Succession};
use lienthong_report::{Column, Facts, Ii06, Outline, Rows, Settings, Window};
use lienthong_wire::stored::revision::Texts;

use super::*;
use crate::charter::SHIPPED_TEXTS;
use crate::publish::{Publication, publish};
use crate::testing::{command, *};

/// Open dossiers of the split.
const PENDING: usize = 10_000;

const COMMUNES: [(&str, &str); 2] = [("14797", "H56.3"), ("14758", "H56.4")];

async fn published(site: &Site, nodes: &[&Node], change: Change, texts: &Texts<'_>) {
    let authority = signing_key("authority");
    let publication = Publication { change: &change, rules: None, texts, signer: &authority };
    let number = publish(site.log.as_ref(), &publication).await.unwrap().number;
    for node in nodes {
        for partition in 0..PARTITIONS {
            node.watch(partition).wait_for(|progress| progress.revision >= number).await.unwrap();
        }
    }
}

/// The receiving desk is split by territory.
fn split() -> Change {
    let to = |(commune, successor): (&str, &str)| Succession {
        predecessor: agency(DESK),
        successor: agency(successor),
        communes: Some([CommuneCode::parse(commune).unwrap()].into()),
        effective: "2026-11-03".parse().unwrap(),
        legal_basis: "NQ 1686/NQ-UBTVQH15".to_owned(),
    };
    Change { successions: COMMUNES.map(to).to_vec(), ..Change::default() }
}

fn received(number: usize) -> Command {
    let Action::Receive(intake) = receive() else { panic!("a reception") };
    let commune = CommuneCode::parse(COMMUNES[number % 2].0).unwrap();
    let of = format!("{DESK}-261102-{number:05}");
    command(&of, "2026-11-02 08:15", DESK, Action::Receive(Intake { commune, ..intake }))
}

fn cases(node: &Node) -> BTreeMap<DossierCode, Case> {
    let mut cases = BTreeMap::new();
    let mut behind = None;
    loop {
        let page = node.0.store.list(behind.as_ref(), "", PAGE).unwrap();
        let Some((last, _)) = page.last() else { return cases };
        behind = Some(last.clone());
        let live = |(code, state): (DossierCode, State)| Some((code, state.dossier.live()?.clone()));
        cases.extend(page.into_iter().filter_map(live));
    }
}

/// Pending by II.06 (column 11).
fn c11(node: &Node) -> u64 {
    let window = Window::new("2025-12-15".parse().unwrap(), "2026-12-14".parse().unwrap()).unwrap();
    let mut report = Ii06::new(window, Rows::Agency, Settings::default());
    for (code, case) in cases(node) {
        let outline = Outline::of(&lienthong_dossier::Dossier::Live(Box::new(case)), u64::from);
        if let Some(facts) = Facts::of(&node.registry(), &code, &outline, u64::MAX) {
            report.count(&facts);
        }
    }
    report.total().column(Column::new(11).unwrap())
}

/// Every record by which a dossier was to go over, void ones too.
async fn transfers(site: &Site) -> usize {
    let mut count = 0;
    for partition in 0..PARTITIONS {
        let partition = lienthong_log::Partition::Dossiers(partition);
        let mut from = 0;
        loop {
            let read = site.log.read(partition, from, lienthong_log::ReadLimit::default()).await.unwrap();
            let Some(last) = read.last() else { break };
            from = last.offset + 1;
            count += read.iter().filter(|stored| is_transfer(&stored.record.value)).count();
        }
    }
    count
}

fn is_transfer(value: &bytes::Bytes) -> bool {
    use lienthong_wire::stored::{Entry, decode_body, decode_entry};
    let Ok(Entry::Proposal(proposal)) = decode_entry(value) else { return false };
    let events = decode_body(&proposal.body).unwrap().act.events;
    events.iter().any(|event| event.kind.name() == "CustodyTransferredBySuccession")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_open_dossier_of_a_split_agency_goes_over_by_one_event_and_a_second_pass_finds_none() {
    let site = Site::new();
    let (desk, twin) = (site.desk().await, site.node("ward-desk", "twin").await);
    let receptions = stream::iter((0..PENDING).map(received)).map(|reception| desk.submit(reception));
    receptions.buffer_unordered(64).for_each(|done| async { drop(done.unwrap()) }).await;
    let (before, pending_before) = (cases(&desk), c11(&desk));
    assert_eq!((before.len(), pending_before), (PENDING, PENDING as u64));

    published(&site, &[&desk, &twin], split(), &SHIPPED_TEXTS).await;
    desk.0.following.passed().await;
    twin.0.following.passed().await;
    desk.catch_up().await.unwrap();

    assert_eq!(desk.0.following.recorded() + twin.0.following.recorded(), PENDING as u64);
    let after = cases(&desk);
    for (code, case) in &after {
        let was = &before[code];
        let (_, successor) = COMMUNES.iter().find(|(commune, _)| *commune == case.commune.as_str()).unwrap();
        assert_eq!(case.custody, Custody::Held { by: agency(successor) });
        assert_eq!((case.clock, case.step_clock), (was.clock, was.step_clock), "{code}");
        assert_eq!(case.received_by, agency(DESK), "who received it stays on record");
        assert_eq!(case.status(), Status::Accepted);
        assert_eq!(case.records, 2, "two nodes at once, and one event each");
    }
    assert_eq!(c11(&desk), pending_before);

    let offered = transfers(&site).await;
    desk.0.following.passed().await;
    let again = site.node("ward-desk", "again").await;
    again.0.following.passed().await;
    assert_eq!(transfers(&site).await, offered, "nothing more was even tried");
    for node in [desk, twin, again] {
        node.stop().await;
    }
}

#[tokio::test]
async fn a_successor_on_another_node_opens_what_its_predecessor_could() {
    let site = Site::new();
    let (desk, land) = (site.desk().await, site.land().await);
    offered(&desk).await;
    desk.submit(refused_code()).await.unwrap();
    let succession = Succession {
        predecessor: agency(LAND),
        successor: agency("planning"),
        communes: None,
        ..split().successions[0].clone()
    };
    let change = Change { successions: vec![succession], ..Change::default() };
    published(&site, &[&desk, &land], change, &SHIPPED_TEXTS).await;
    land.0.following.passed().await;
    desk.catch_up().await.unwrap();
    // The desks' node seals for the planning department, and had no key of this dossier for it before.
    let taken = command(CODE, "2026-11-02 10:00", "planning", Action::AcceptCustody);
    let taken = Command { occurred_at: None, ..taken };
    desk.submit(taken).await.unwrap();
    let late = command(CODE, "2026-11-02 10:00", LAND, Action::AcceptCustody);
    let refusal = land.submit(Command { occurred_at: None, ..late }).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Denied(_)), "{refusal}");
    desk.stop().await;
    land.stop().await;
}

#[tokio::test]
async fn the_successor_of_a_competent_agency_adopts_what_was_imported_for_that_one() {
    let site = Site::new();
    let desk = site.desk().await;
    let now = |who, action| Command { occurred_at: None, ..command(CODE, "2026-11-02 10:00", who, action) };
    let named = |code: &str| Named { code: code.to_owned(), name: String::new() };
    let told = Told {
        procedure: named("1.099001"),
        agency: named(DESK),
        received_at: Some(at("2026-10-26 08:00")),
        due: Some(at("2026-12-16 16:30")),
        ..Told::default()
    };
    let history = History {
        source: SourceName::parse("mot-cua-cu").unwrap(),
        record: "1".to_owned(),
        activities: Vec::new(),
        status: Some(Status::Processing),
        told: Some(told),
    };
    desk.submit(now("import-office", Action::ImportHistory(Box::new(history)))).await.unwrap();
    published(&site, &[&desk], split(), &SHIPPED_TEXTS).await;
    let adopt = Action::Adopt {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        commune: CommuneCode::parse(COMMUNES[0].0).unwrap(),
        step: StepId::parse("tham-dinh").unwrap(),
    };
    let (_, successor) = COMMUNES[0];
    for stranger in [DESK, COMMUNES[1].1] {
        let refusal = desk.submit(now(stranger, adopt.clone())).await.unwrap_err();
        assert!(matches!(refusal, Refusal::Denied(_)), "{stranger}: {refusal}");
    }
    desk.submit(now(successor, adopt)).await.unwrap();
    // Its own key opens what it does next.
    desk.submit(now(successor, offer(LAND))).await.unwrap();
    desk.stop().await;
}

/// Another dossier, which the land office has no part in.
fn refused_code() -> Command {
    command("H56.2-261102-0009", "2026-11-02 08:20", DESK, receive())
}

#[tokio::test]
async fn a_calendar_that_comes_into_force_moves_open_due_dates_by_recorded_events() {
    let site = Site::new();
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.submit(refusal_of_another()).await.unwrap();
    let version = "vn-2027";
    let rows = format!("{SHIPPED_CALENDAR}\n");
    let calendar = Calendar::parse(version, &rows).unwrap();
    let calendars = vec![Dated::since("2026-11-20".parse().unwrap(), Arc::new(calendar))];
    let texts = Texts { calendars: &[(version, &rows)], rates: SHIPPED_TEXTS.rates };
    let before = cases(&desk);
    published(&site, &[&desk], Change { calendars, ..Change::default() }, &texts).await;
    desk.0.following.passed().await;
    let after = cases(&desk);
    assert_eq!(after[&code(CODE)].pins.calendar, version);
    assert_eq!(
        after[&code(CODE)].clock.due(),
        before[&code(CODE)].clock.due(),
        "it says the same of these days"
    );
    let closed = code("H56.2-261102-0009");
    assert_eq!(after[&closed], before[&closed], "what is over is as it was");
    assert_eq!(desk.0.following.recorded(), 1);
    desk.0.following.passed().await;
    assert_eq!(desk.0.following.recorded(), 1);
    desk.stop().await;
}

fn refusal_of_another() -> Command {
    let Action::Receive(intake) = receive() else { panic!("a reception") };
    let ground = lienthong_dossier::Ground::parse("không thuộc thẩm quyền").unwrap();
    let action = Action::Refuse { intake: Some(intake), ground };
    command("H56.2-261102-0009", "2026-11-02 08:20", DESK, action)
}
