//! Whole nodes over every log, asked through their faces.

mod many;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _};
use lienthong_dossier::Action;
use lienthong_log::{EventLog, Partition, Record};
use lienthong_registry::training;
use lienthong_seal::partition_of;
use lienthong_wire::pb::auditor::v1::auditor_server::Auditor as _;
use lienthong_wire::pb::auditor::v1::{RawRecord, StreamRecordsRequest};
use lienthong_wire::pb::common::v1::Position;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::pb::reading::v1::reading_server::Reading as _;
use lienthong_wire::pb::tax_office::v1::GetNoticeRequest;
use tempfile::TempDir;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::pull::Pulled;
use super::support::*;
use super::{AuditorService, ReadingService};
use crate::charter::{Charter, Founding};
use crate::keys::KeyFolder;
use crate::node::{Node, NodeParts, Replica};
use crate::submit::Receipt;
use crate::testing::{On, PARTITIONS, from_here, on_every_log};

on_every_log! {
    an_inbox_tells_what_others_did_and_goes_on_at_another_node
    an_inbox_goes_on_with_what_comes_and_loses_no_item_of_a_record
    an_inbox_takes_only_its_own_tokens
    every_node_tells_the_same_timeline_and_dossier
    a_watch_shows_the_dossier_now_and_after_each_change
    pages_of_a_list_join_without_gap_or_repeat
    a_query_for_more_than_is_applied_is_answered_with_the_lag
    voids_are_listed_newest_first_and_counted_in_the_digest
    raw_records_are_streamed_to_the_end_or_beyond
    a_node_serves_so_many_streams_and_a_place_is_given_back
}

/// The three nodes of a training log in one process.
struct Bus {
    log: Arc<dyn EventLog>,
    nodes: BTreeMap<&'static str, Node>,
    _dir: TempDir,
}

impl Bus {
    async fn start(on: On) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = on.fresh(dir.path(), PARTITIONS).await;
        let folder = KeyFolder::open(dir.path()).unwrap();
        let charter = Charter::found(log.as_ref(), &folder, &Founding::training(&[])).await.unwrap();
        let mut nodes = BTreeMap::new();
        for name in [training::WARD_DESK_NODE, training::LAND_REGISTRY_NODE, training::TAX_OFFICE_NODE] {
            let parts = NodeParts {
                name,
                log: Arc::clone(&log),
                charter: charter.clone(),
                keys: Some(folder.node_keys(name, &charter.registry).unwrap()),
                store: &dir.path().join(name),
                replica: Replica::default(),
            };
            nodes.insert(name, Node::start(parts).await.unwrap());
        }
        Self { log, nodes, _dir: dir }
    }

    /// With one land transfer whose notice is issued.
    async fn with_notice(on: On) -> Self {
        let bus = Self::start(on).await;
        bus.tell_to_the_notice(CODE).await;
        bus
    }

    async fn tell_to_the_notice(&self, code: &str) {
        for (when, who, action) in to_the_notice() {
            self.tell(code, when, who, action).await;
        }
    }

    fn node(&self, who: &str) -> &Node {
        match who {
            LAND => &self.nodes[training::LAND_REGISTRY_NODE],
            TAX => &self.nodes[training::TAX_OFFICE_NODE],
            _ => &self.nodes[training::WARD_DESK_NODE],
        }
    }

    fn reading(&self, who: &str) -> ReadingService {
        ReadingService::new(self.node(who).clone())
    }

    /// Carries a command out, and waits until every node has applied it.
    async fn tell(&self, code: &str, when: &str, who: &str, action: Action) -> Receipt {
        let receipt = self.node(who).submit(command(code, when, who, action)).await.unwrap();
        for node in self.nodes.values() {
            node.reach(receipt.partition, receipt.next, crate::node::WAIT_MAX).await.unwrap();
        }
        receipt
    }

    async fn inbox(&self, at: &str, agency: &str, token: &str) -> Result<Pulled<pb::InboxItem>, Status> {
        let request = pb::WatchInboxRequest { agency: agency.to_owned(), token: token.to_owned() };
        Ok(self.reading(at).watch_inbox(from_here(request)).await?.into_inner())
    }

    async fn stop(&self) {
        for node in self.nodes.values() {
            node.stop().await;
        }
    }
}

async fn take<T>(stream: &mut Pulled<T>, count: usize) -> Vec<T> {
    let mut items = Vec::new();
    while items.len() < count {
        items.push(stream.next().await.unwrap().unwrap());
    }
    items
}

fn names(items: &[pb::InboxItem]) -> Vec<(pb::InboxKind, &str)> {
    items.iter().map(|item| (item.kind(), item.fact.as_ref().unwrap().name.as_str())).collect()
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

use pb::InboxKind::{Accepted, Answer, Notice, Offer, Payment, Referral};

async fn an_inbox_tells_what_others_did_and_goes_on_at_another_node(on: On) {
    let bus = Bus::with_notice(on).await;
    let mut land = bus.inbox(LAND, LAND, "").await.unwrap();
    let items = take(&mut land, 3).await;
    let told = [(Offer, "CustodyOffered"), (Answer, "ReferralAccepted"), (Notice, "NoticeIssued")];
    assert_eq!(names(&items), told);
    for (index, item) in items.iter().enumerate().take(2) {
        let mut rest = bus.inbox(TAX, LAND, &item.token).await.unwrap();
        assert_eq!(names(&take(&mut rest, 2 - index).await), told[index + 1..]);
    }
    let mut desk = bus.inbox(DESK, DESK, "").await.unwrap();
    assert_eq!(names(&take(&mut desk, 2).await), [(Accepted, "CustodyAccepted"), (Notice, "NoticeIssued")]);
    let mut tax = bus.inbox(TAX, TAX, "").await.unwrap();
    assert_eq!(names(&take(&mut tax, 1).await), [(Referral, "ReferralSent")]);
    bus.stop().await;
}

async fn an_inbox_goes_on_with_what_comes_and_loses_no_item_of_a_record(on: On) {
    let bus = Bus::with_notice(on).await;
    let mut land = bus.inbox(LAND, LAND, "").await.unwrap();
    take(&mut land, 3).await;
    let (first, paid) = tokio::join!(take(&mut land, 1), async {
        bus.tell(CODE, "2026-11-06 09:00", TAX, pay("KB-1", FEE, 15_000_000)).await;
        bus.tell(CODE, "2026-11-06 09:30", TAX, pay("KB-2", INCOME, 30_000_000)).await
    });
    assert_eq!(names(&first), [(Payment, "PaymentReceived")]);
    let both = take(&mut land, 2).await;
    let told = [(Payment, "PaymentReceived"), (Payment, "ObligationFulfilled")];
    assert_eq!(names(&both), told);
    assert_eq!(both[1].position.as_ref().unwrap().offset, paid.next);
    let mut again = bus.inbox(LAND, LAND, &both[0].token).await.unwrap();
    assert_eq!(names(&take(&mut again, 2).await), told);
    let mut behind = bus.inbox(LAND, LAND, &both[1].token).await.unwrap();
    let other = "H56.2-261102-0002";
    let (next, ()) = tokio::join!(take(&mut behind, 1), bus.tell_to_the_notice(other));
    assert_eq!((next[0].code.as_str(), next[0].kind()), (other, Offer));
    bus.stop().await;
}

async fn an_inbox_takes_only_its_own_tokens(on: On) {
    let bus = Bus::with_notice(on).await;
    let token = take(&mut bus.inbox(LAND, LAND, "").await.unwrap(), 1).await.remove(0).token;
    let refused = |result: Result<Pulled<pb::InboxItem>, Status>| reason(&result.err().unwrap());
    assert_eq!(refused(bus.inbox(LAND, DESK, &token).await), "BAD_TOKEN");
    assert_eq!(refused(bus.inbox(LAND, LAND, &token[2..]).await), "BAD_TOKEN");
    assert_eq!(refused(bus.inbox(LAND, "nobody", "").await), "UNKNOWN_AGENCY");
    assert_eq!(refused(bus.inbox(LAND, "", "").await), "MISSING");
    assert_eq!(refused(Bus::start(on).await.inbox(LAND, LAND, &token).await), "BAD_TOKEN");
    bus.stop().await;
}

async fn every_node_tells_the_same_timeline_and_dossier(on: On) {
    let bus = Bus::with_notice(on).await;
    let mut told = Vec::new();
    for who in [DESK, LAND, TAX] {
        let request = pb::GetTimelineRequest { code: CODE.to_owned(), ..Default::default() };
        let timeline = bus.reading(who).get_timeline(Request::new(request)).await.unwrap().into_inner();
        let request = pb::GetDossierRequest { code: CODE.to_owned(), ..Default::default() };
        let dossier = bus.reading(who).get_dossier(Request::new(request)).await.unwrap().into_inner();
        told.push((timeline, dossier));
    }
    let (timeline, dossier) = &told[0];
    assert!(told.iter().all(|other| other == &told[0]));
    assert_eq!(timeline.entries.len(), 8);
    assert!(timeline.training);
    assert_eq!(timeline.entries[7].status, dossier.status);
    assert_eq!(dossier.notices[0].issued_at, timeline.entries[7].at);
    let request =
        GetNoticeRequest { code: CODE.to_owned(), notice: "1/TB".to_owned(), ..GetNoticeRequest::default() };
    let notice = bus.node(TAX).get_notice(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(notice.notices, dossier.notices);
    bus.stop().await;
}

async fn a_watch_shows_the_dossier_now_and_after_each_change(on: On) {
    let bus = Bus::with_notice(on).await;
    let request = pb::WatchDossierRequest { code: CODE.to_owned() };
    let mut watch = bus.reading(LAND).watch_dossier(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(take(&mut watch, 1).await[0].remaining_dong, 45_000_000);
    let (changed, _) = tokio::join!(
        take(&mut watch, 1),
        bus.tell(CODE, "2026-11-06 09:00", TAX, pay("KB-1", FEE, 15_000_000))
    );
    assert_eq!(changed[0].remaining_dong, 30_000_000);
    let request = pb::WatchDossierRequest { code: "H56.2-261102-9999".to_owned() };
    let unknown = bus.reading(LAND).watch_dossier(Request::new(request)).await.err().unwrap();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "UNKNOWN_DOSSIER"));
    bus.node(LAND).drain().await;
    let ended = watch.next().await.unwrap().unwrap_err();
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unavailable, "DRAINING"));
    assert!(watch.next().await.is_none());
    bus.stop().await;
}

async fn pages_of_a_list_join_without_gap_or_repeat(on: On) {
    let bus = Bus::start(on).await;
    let codes: Vec<String> = (1..=5).map(|number| format!("H56.2-261102-{number:04}")).collect();
    for code in &codes {
        let (when, who, receive) = to_the_notice().remove(0);
        bus.tell(code, when, who, receive).await;
    }
    let service = bus.reading(LAND);
    for agency in ["", DESK] {
        let (mut found, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let request = pb::ListDossiersRequest {
                agency: agency.to_owned(),
                page_size: 2,
                page_token: token,
                ..pb::ListDossiersRequest::default()
            };
            let page = service.list_dossiers(Request::new(request)).await.unwrap().into_inner();
            found.extend(page.dossiers.into_iter().map(|dossier| dossier.code));
            (token, pages) = (page.next_page_token, pages + 1);
            if token.is_empty() {
                break;
            }
        }
        assert_eq!((&found, pages), (&codes, 3), "{agency}");
    }
    let ask = |agency: &str, token: &str| {
        let (agency, page_token) = (agency.to_owned(), token.to_owned());
        Request::new(pb::ListDossiersRequest { agency, page_token, page_size: 2, ..Default::default() })
    };
    assert!(service.list_dossiers(ask(LAND, "")).await.unwrap().into_inner().dossiers.is_empty());
    let token = service.list_dossiers(ask("", "")).await.unwrap().into_inner().next_page_token;
    let refused = service.list_dossiers(ask(DESK, &token)).await.err().unwrap();
    assert_eq!(reason(&refused), "BAD_TOKEN");
    bus.stop().await;
}

async fn a_query_for_more_than_is_applied_is_answered_with_the_lag(on: On) {
    let bus = Bus::with_notice(on).await;
    let partition = u32::from(partition_of(CODE, PARTITIONS));
    let ask = |partition, offset| {
        let at_least = Some(Position { partition, offset });
        let mut request =
            Request::new(pb::GetDossierRequest { code: CODE.to_owned(), at_least, as_of: None });
        request.set_timeout(std::time::Duration::from_millis(20));
        request
    };
    let service = bus.reading(DESK);
    assert_eq!(service.get_dossier(ask(partition, 8)).await.unwrap().into_inner().remaining_dong, 45_000_000);
    let lag = service.get_dossier(ask(partition, 9)).await.err().unwrap();
    assert_eq!((lag.code(), reason(&lag).as_str()), (Code::FailedPrecondition, "LAG"));
    let unknown = service.get_dossier(ask(PARTITIONS.into(), 0)).await.err().unwrap();
    assert_eq!(reason(&unknown), "UNKNOWN_PARTITION");
    let later = ask(partition, 9);
    let (found, _) = tokio::join!(
        async {
            let mut later = later;
            later.set_timeout(std::time::Duration::from_secs(60));
            service.get_dossier(later).await
        },
        bus.tell(CODE, "2026-11-06 09:00", TAX, pay("KB-1", FEE, 15_000_000))
    );
    assert_eq!(found.unwrap().into_inner().remaining_dong, 30_000_000);
    bus.stop().await;
}

async fn voids_are_listed_newest_first_and_counted_in_the_digest(on: On) {
    let bus = Bus::start(on).await;
    for _ in 0..3 {
        let record =
            Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::from_static(b"no entry") };
        bus.log.append(Partition::Dossiers(7), record).await.unwrap();
    }
    let service = bus.reading(DESK);
    let at_least = vec![Position { partition: 7, offset: 3 }];
    let digest =
        service.get_digest(Request::new(pb::GetDigestRequest { at_least })).await.unwrap().into_inner();
    assert_eq!(digest.partitions.len(), usize::from(PARTITIONS));
    assert_eq!(digest.voids, [pb::VoidCount { reason: "Decoding".to_owned(), count: 3 }]);
    let ask = |page_token: &str| {
        let page_token = page_token.to_owned();
        Request::new(pb::ListVoidsRequest { partition: 7, page_size: 2, page_token })
    };
    let first = service.list_voids(ask("")).await.unwrap().into_inner();
    let second = service.list_voids(ask(&first.next_page_token)).await.unwrap().into_inner();
    let offsets: Vec<_> = first.voids.iter().chain(&second.voids).map(|void| void.offset).collect();
    assert_eq!(offsets, [2, 1, 0]);
    assert_eq!((first.voids[0].leaf.as_str(), first.voids[0].agency.as_str()), ("", ""));
    assert!(second.next_page_token.is_empty());
    assert_eq!(first.counts, digest.voids);
    bus.stop().await;
}

async fn raw_records_are_streamed_to_the_end_or_beyond(on: On) {
    let bus = Bus::with_notice(on).await;
    let partition = u32::from(partition_of(CODE, PARTITIONS));
    let service = AuditorService::new(bus.node(DESK).clone());
    let ask = |topic, follow| {
        let from = vec![Position { partition: if topic == 2 { 0 } else { partition }, offset: 1 }];
        from_here(StreamRecordsRequest { topic, partitions: Vec::new(), from, follow })
    };
    let whole = service.stream_records(ask(1, false)).await.unwrap().into_inner();
    let raw: Vec<RawRecord> = whole.map(Result::unwrap).collect().await;
    assert_eq!(raw.iter().map(|record| record.offset).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    let read = bus.log.read(Partition::Dossiers(partition.try_into().unwrap()), 1, Default::default()).await;
    for (raw, stored) in raw.iter().zip(read.unwrap()) {
        assert_eq!((raw.append_time_ms, &raw.value), (stored.appended_ms, &stored.record.value));
        assert_eq!(raw.headers.len(), stored.record.headers.len());
    }
    let registry = service.stream_records(ask(2, false)).await.unwrap().into_inner();
    let end = bus.log.end(Partition::Registry).await.unwrap();
    assert_eq!(registry.map(Result::unwrap).collect::<Vec<_>>().await.len() as u64, end - 1);
    let mut following = service.stream_records(ask(1, true)).await.unwrap().into_inner();
    take(&mut following, 7).await;
    let (next, _) = tokio::join!(
        take(&mut following, 1),
        bus.tell(CODE, "2026-11-06 09:00", TAX, pay("KB-1", FEE, 15_000_000))
    );
    assert_eq!(next[0].offset, 8);
    let from = vec![Position { partition, offset: 99 }];
    let beyond = StreamRecordsRequest { topic: 1, partitions: vec![partition], from, follow: false };
    let refused = service.stream_records(from_here(beyond)).await.err().unwrap();
    assert_eq!(reason(&refused), "OUT_OF_RANGE");
    bus.stop().await;
}

async fn a_node_serves_so_many_streams_and_a_place_is_given_back(on: On) {
    let bus = Bus::with_notice(on).await;
    let service = ReadingService::new(bus.node(DESK).clone());
    let watch = || service.watch_dossier(Request::new(pb::WatchDossierRequest { code: CODE.to_owned() }));
    let mut open = Vec::new();
    for _ in 0..crate::node::STREAMS_MAX {
        open.push(watch().await.unwrap());
    }
    let refused = watch().await.err().unwrap();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "BUSY");
    open.pop();
    assert!(watch().await.is_ok());
}
