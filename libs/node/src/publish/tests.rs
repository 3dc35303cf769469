//! A revision takes effect at one place of each partition, for everybody.

use std::sync::Arc;

use lienthong_admission::Reason;
use lienthong_dossier::{Action, Denial, Medium};
use lienthong_registry::{Node as Sealer, Registry};
use lienthong_seal::partition_of;
use lienthong_wire::stored::{Entry, Fence, encode_entry};
use tokio::sync::watch;

use super::*;
use crate::charter::SHIPPED_TEXTS;
use crate::error::Refusal;
use crate::node::{Node, NodeParts};
use crate::readiness::Why;
use crate::testing::outage::Outage;
use crate::testing::*;

on_every_log! {
    a_revoked_key_seals_nothing_behind_the_fence_however_far_behind_a_reader_was
    a_publication_that_was_cut_off_between_fences_is_finished_by_a_node
    a_forged_fence_and_a_strangers_revision_change_nothing
    of_two_operators_at_once_one_is_told_that_the_other_was_faster
    a_node_stops_unready_at_rules_that_it_does_not_know_and_goes_on_once_it_does
}

fn authority() -> SigningKey {
    signing_key("authority")
}

fn partition() -> u16 {
    partition_of(CODE, PARTITIONS)
}

/// The node of that name loses its agencies.
fn revoked(registry: &Registry, name: &str) -> Change {
    let node = registry.nodes().iter().find(|node| node.name == name).unwrap();
    let node = Sealer { agencies: std::collections::BTreeSet::new(), ..node.clone() };
    Change { nodes: vec![node], ..Change::default() }
}

fn of<'a>(change: &'a Change, signer: &'a SigningKey) -> Publication<'a> {
    Publication { change, rules: None, texts: &SHIPPED_TEXTS, signer }
}

async fn comes_into_force(node: &Node, partition: u16, revision: u64) {
    node.watch(partition).wait_for(|progress| progress.revision >= revision).await.unwrap();
}

fn voids(node: &Node, reason: Reason) -> u64 {
    let (_, partitions) = node.digest().unwrap();
    partitions.iter().filter_map(|(_, cursor)| cursor.voids.get(&reason.code())).sum()
}

fn offer_to_land() -> Action {
    Action::OfferCustody { to: agency(LAND), medium: Medium::Electronic }
}

async fn a_revoked_key_seals_nothing_behind_the_fence_however_far_behind_a_reader_was(on: On) {
    let site = Site::on(on).await;
    let (desk, land) = (site.desk().await, site.land().await);
    offered(&desk).await;
    // A reader that stops before the revocation, and one that comes after it.
    let early = site.node("auditor", "early").await;
    early.stop().await;
    drop(early);
    let before = command(CODE, "2026-11-02 10:00", LAND, Action::AcceptCustody);
    land.submit(before).await.unwrap();
    let ground = lienthong_dossier::Ground::parse("chờ xác minh").unwrap();
    let after = command(CODE, "2026-11-02 11:00", LAND, Action::Extend { days: 1, ground });
    let sealed = sealed(&land, &after).await;
    let change = revoked(&land.registry(), "land-registry");
    let published = publish(site.log.as_ref(), &of(&change, &authority())).await.unwrap();
    assert_eq!(published.number, 1);
    comes_into_force(&land, partition(), 1).await;
    // The node itself knows that its key is revoked ...
    let refused = land.submit(after.clone()).await.unwrap_err();
    assert!(matches!(refused, Refusal::NotServed { .. }), "{refused}");
    // ... and what it sealed just before is void behind the fence.
    site.log.append(Partition::Dossiers(partition()), sealed).await.unwrap();
    let (again, late) = (site.node("auditor", "early").await, site.node("auditor", "late").await);
    for node in [&desk, &land, &again, &late] {
        node.catch_up().await.unwrap();
        assert_eq!(voids(node, Reason::Key), 1);
        assert_eq!(node.digest().unwrap().0, desk.digest().unwrap().0);
        node.stop().await;
    }
}

/// The record of a command, ready to be appended.
async fn sealed(node: &Node, command: &lienthong_dossier::Command) -> lienthong_log::Record {
    let state = node.store().state(&command.code).unwrap().unwrap();
    let registry = node.registry_of(partition());
    let events = lienthong_dossier::decide(registry.rules(), Some(&state.dossier), &registry, command);
    let body = crate::submit::tests::body_of(node, &state, command, events.unwrap()).await;
    let bytes = Bytes::from(lienthong_wire::stored::encode_body(&body));
    let seal =
        signing_key("land-registry").seal_all(node.log_id(), &[lienthong_seal::leaf(&bytes)]).remove(0);
    let entry = Entry::Proposal(lienthong_wire::stored::Proposal { body: bytes, seal });
    lienthong_log::Record {
        key: Bytes::from_static(CODE.as_bytes()),
        headers: Vec::new(),
        value: encode_entry(&entry).into(),
    }
}

async fn a_publication_that_was_cut_off_between_fences_is_finished_by_a_node(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let change = revoked(&desk.registry(), "tax-office");
    let (_, partitions, fences) =
        write(site.log.as_ref(), &of(&change, &authority()), Rules::NEWEST, OUTCOME_MAX).await.unwrap();
    assert_eq!(partitions, PARTITIONS);
    for partition in 0..2 {
        chain::append(site.log.as_ref(), partition, &fences).await.unwrap();
    }
    for partition in 0..PARTITIONS {
        comes_into_force(&desk, partition, 1).await;
    }
    desk.catch_up().await.unwrap();
    assert_eq!(voids(&desk, Reason::Fence), 0);
    desk.stop().await;
}

async fn a_forged_fence_and_a_strangers_revision_change_nothing(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let stranger = signing_key("stranger");
    let (log, log_id) = (site.log.as_ref(), site.charter.log_id);
    let hash = Hash([1; 32]);
    let forged =
        |signer: &SigningKey, n| Fence { log_id, n, hash, signature: signer.sign_fence(log_id, n, hash) };
    chain::append(log, partition(), &[forged(&stranger, 1), forged(&authority(), 0)]).await.unwrap();
    // A revision that a stranger signed, and its fence.
    let change = revoked(&desk.registry(), "ward-desk");
    let refused = publish(log, &of(&change, &stranger)).await.unwrap_err();
    assert!(matches!(refused, PublishError::NotAuthority), "{refused}");
    let place = place(&site.charter.revisions, Rules::ONE);
    for value in seal_revision(&place, &change, &SHIPPED_TEXTS, &stranger).unwrap() {
        log.append(Partition::Registry, registry_record(value)).await.unwrap();
    }
    // Somebody's dossier under a fence's value: the key is not a fence's.
    let mut record = site
        .log
        .read(Partition::Dossiers(partition()), 0, lienthong_log::ReadLimit::default())
        .await
        .unwrap()[0]
        .record
        .clone();
    record.key = Bytes::from_static(CODE.as_bytes());
    record.value = encode_entry(&Entry::Fence(forged(&authority(), 1))).into();
    log.append(Partition::Dossiers(partition()), record).await.unwrap();
    desk.catch_up().await.unwrap();
    offered(&desk).await;
    assert_eq!((voids(&desk, Reason::Fence), voids(&desk, Reason::Partition)), (2, 1));
    // What the authority says next is heard all the same.
    let change = revoked(&desk.registry(), "tax-office");
    assert_eq!(publish(log, &of(&change, &authority())).await.unwrap().number, 1);
    comes_into_force(&desk, partition(), 1).await;
    desk.stop().await;
}

async fn of_two_operators_at_once_one_is_told_that_the_other_was_faster(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let (tax, land) = (revoked(&desk.registry(), "tax-office"), revoked(&desk.registry(), "land-registry"));
    let key = authority();
    let (one, other) = (of(&tax, &key), of(&land, &key));
    let (one, other) = tokio::join!(publish(site.log.as_ref(), &one), publish(site.log.as_ref(), &other));
    let stands: Vec<_> = [&one, &other].into_iter().filter_map(|done| done.as_ref().ok()).collect();
    // Both may have come one after the other; never do two stand under one number.
    assert!(!stands.is_empty());
    for refused in [&one, &other].into_iter().filter_map(|done| done.as_ref().err()) {
        assert!(
            matches!(refused, PublishError::Overtaken { number: 1 } | PublishError::UnderWay { number: 1 }),
            "{refused}"
        );
    }
    let newest = stands.iter().map(|published| published.number).max().unwrap();
    assert_eq!(newest as usize, stands.len());
    comes_into_force(&desk, partition(), newest).await;
    let nothing = publish(site.log.as_ref(), &of(&Change::default(), &key)).await.unwrap_err();
    assert!(matches!(nothing, PublishError::Nothing), "{nothing}");
    desk.stop().await;
}

/// A node of a later release: it knows one more version of the rules, by which it judges as by those before.
async fn later(site: &Site, store: &str) -> Node {
    let charter = Charter::open_knowing(site.log.as_ref(), None, Rules(2)).await.unwrap();
    let store = site.store(store);
    let keys = node_keys("ward-desk", &charter.registry);
    let parts = NodeParts { charter, keys, ..site.parts("ward-desk", &store) };
    Node::open(parts).await.unwrap()
}

async fn becomes_unready(readiness: &mut watch::Receiver<crate::readiness::Readiness>) {
    let unknown = |why: &Why| matches!(why, Why::UnknownRules(_));
    readiness.wait_for(|now| now.why.iter().any(unknown)).await.unwrap();
}

async fn a_node_stops_unready_at_rules_that_it_does_not_know_and_goes_on_once_it_does(on: On) {
    let site = Site::on(on).await;
    let (old, new) = (site.desk().await, later(&site, "new").await);
    new.caught_up().await.unwrap();
    offered(&old).await;
    new.catch_up().await.unwrap();
    assert_eq!(new.digest().unwrap(), old.digest().unwrap());
    let before = old.digest().unwrap();
    let change = Change::default();
    let key = authority();
    let publication = Publication { rules: Some(Rules(2)), ..of(&change, &key) };
    publish_knowing(site.log.as_ref(), &publication, Rules(2), OUTCOME_MAX).await.unwrap();
    comes_into_force(&new, partition(), 1).await;
    becomes_unready(&mut old.readiness()).await;
    // It answers what it knows, and takes no command.
    let accept = command(CODE, "2026-11-02 10:00", LAND, Action::AcceptCustody);
    let refused = old.submit(command(CODE, "2026-11-02 10:00", DESK, Action::WithdrawOffer)).await;
    assert!(matches!(refused, Err(Refusal::NotReady { .. })), "{refused:?}");
    assert!(old.store().state(&code(CODE)).unwrap().is_some());
    new.submit(command(CODE, "2026-11-02 10:00", DESK, Action::WithdrawOffer)).await.unwrap();
    let denied = new.submit(accept).await.unwrap_err();
    assert!(matches!(denied, Refusal::NotServed { .. }), "{denied}");
    assert_eq!(old.digest().unwrap(), before, "it neither voids nor guesses");
    old.stop().await;
    drop(old);
    // The same store under a release that knows the rules goes on behind the fence.
    let upgraded = later(&site, "desk").await;
    upgraded.caught_up().await.unwrap();
    new.catch_up().await.unwrap();
    assert_eq!(upgraded.digest().unwrap(), new.digest().unwrap());
    assert_eq!(voids(&upgraded, Reason::Decoding), 0);
    upgraded.submit(command(CODE, "2026-11-02 11:00", DESK, offer_to_land())).await.unwrap();
    upgraded.stop().await;
    new.stop().await;
}

/// A log whose answers are lost, and a change for it.
async fn unanswering() -> (Arc<Outage>, Site, Change) {
    let log = Outage::new(PARTITIONS, None);
    let site = Site::over(log.clone(), &training_charter());
    let change = revoked(&site.charter.registry, "tax-office");
    log.lose_answers();
    (log, site, change)
}

#[tokio::test]
async fn a_revision_that_came_without_an_answer_stands_and_is_said_to() {
    let (log, site, change) = unanswering().await;
    let key = authority();
    let publication = of(&change, &key);
    let late = async {
        log.unanswered(1).await;
        log.land().await;
    };
    let (published, ()) = tokio::join!(publish(site.log.as_ref(), &publication), late);
    assert_eq!(published.unwrap().number, 1);
    let charter = Charter::open(site.log.as_ref(), None).await.unwrap();
    assert_eq!(charter.revisions.latest().unwrap().number, 1);
}

#[tokio::test]
async fn of_a_revision_that_gets_no_answer_and_does_not_come_nothing_is_claimed() {
    let (log, site, change) = unanswering().await;
    let key = authority();
    let publication = of(&change, &key);
    let soon = Duration::from_millis(400);
    let unknown = publish_knowing(site.log.as_ref(), &publication, Rules::NEWEST, soon).await.unwrap_err();
    assert!(matches!(unknown, PublishError::Unknown { number: 1, .. }), "{unknown}");
    assert!(unknown.to_string().contains("`lienthong registry show`"), "{unknown}");
    // And it may come after all.
    log.land().await;
    let charter = Charter::open(site.log.as_ref(), None).await.unwrap();
    assert_eq!(charter.revisions.latest().unwrap().number, 1);
}

#[tokio::test]
async fn what_no_node_serves_is_offered_nothing() {
    let site = Site::new();
    let desk = site.desk().await;
    let mut land = desk.registry().agency(&agency(LAND)).unwrap().clone();
    land.key = None;
    let change = Change { agencies: vec![Arc::new(land)], ..Change::default() };
    publish(site.log.as_ref(), &of(&change, &authority())).await.unwrap();
    comes_into_force(&desk, partition(), 1).await;
    desk.submit(reception()).await.unwrap();
    desk.submit(first_step()).await.unwrap();
    let offer = command(CODE, "2026-11-02 09:05", DESK, offer_to_land());
    let refused = desk.submit(offer).await.unwrap_err();
    let Refusal::Denied(denial) = refused else { panic!("{refused}") };
    assert_eq!(denial, Denial::NotOnTheBus { agency: agency(LAND) });
    desk.stop().await;
}
