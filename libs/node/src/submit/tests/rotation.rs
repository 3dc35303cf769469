//! Keys are replaced while a node runs.

use std::sync::Arc;

use lienthong_registry::{Change, WrapKey};
use lienthong_seal::AgencyKey;

use super::*;
use crate::charter::SHIPPED_TEXTS;
use crate::keys::{KeyError, KeyFolder, NodeKeys};
use crate::node::NodeParts;
use crate::publish::{Publication, publish};

on_every_log! {
    a_key_is_replaced_while_the_node_runs
    what_was_wrapped_to_an_agency_s_former_key_is_opened_with_it
}

async fn a_key_is_replaced_while_the_node_runs(on: On) {
    let dir = tempfile::tempdir().unwrap();
    let folder = KeyFolder::open(dir.path()).unwrap();
    let old = folder.node("ward-desk").unwrap();
    let new = folder.new_node_key("ward-desk").unwrap();
    // The agencies' keys are those of the training registry of these tests.
    let founded = charter(|parts| {
        let desk = parts.nodes.iter_mut().find(|node| node.name == "ward-desk").unwrap();
        let mut next = desk.clone();
        (desk.key_id, desk.public) = (old.key_id().0, old.public().0);
        (next.key_id, next.public) = (new.key_id().0, new.public().0);
        desk.in_force.to = Some("2026-11-02".parse().unwrap());
        next.in_force.from = Some("2026-11-03".parse().unwrap());
        parts.nodes.push(next);
    });
    let site = Site::founded(on, &founded).await;
    let registry = Arc::clone(&site.charter.registry);
    for (id, key) in agency_keys() {
        key.save(&dir.path().join(format!("keys/agencies/{id}.key"))).unwrap();
    }
    let path = dir.path().join("keys/nodes");
    let file = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|file| file.contains('+'))
        .unwrap();
    // Not brought to this machine yet.
    std::fs::rename(path.join(&file), dir.path().join(&file)).unwrap();
    let store = site.store("desk");
    let keys = Some(folder.node_keys("ward-desk", &registry).unwrap());
    let desk = Node::start(NodeParts { keys, ..site.parts("ward-desk", &store) }).await.unwrap();
    desk.submit(reception()).await.unwrap();
    let step = || command(CODE, "2026-11-03 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    let refused = desk.submit(step()).await.unwrap_err();
    assert!(matches!(refused, Refusal::Key(KeyError::Missing { .. })), "{refused}");
    std::fs::rename(dir.path().join(&file), path.join(&file)).unwrap();
    desk.submit(step()).await.unwrap();
    let keys: Vec<_> = site.seals().await.into_iter().map(|seal| seal.key_id).collect();
    assert_eq!(keys, [old.key_id(), new.key_id()]);
    desk.stop().await;
}

async fn what_was_wrapped_to_an_agency_s_former_key_is_opened_with_it(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.stop().await;
    drop(desk);
    let (of, next) = (agency(DESK), AgencyKey::from_seed(&[9; 32]));
    let mut changed = site.charter.registry.agency(&of).unwrap().clone();
    changed.key = Some(WrapKey { id: next.key_id().0, public: next.public().0 });
    let change = Change { agencies: vec![Arc::new(changed)], ..Change::default() };
    let authority = signing_key("authority");
    let publication = Publication { change: &change, rules: None, texts: &SHIPPED_TEXTS, signer: &authority };
    publish(site.log.as_ref(), &publication).await.unwrap();
    let store = site.store("desk");
    let former = agency_keys().iter().map(|(id, key)| (id.clone(), key.clone()));
    let seals_with = [signing_key("ward-desk")];
    let both = NodeKeys::new(
        "ward-desk",
        seals_with.clone(),
        former.chain([(of.clone(), next.clone())]),
        index_key("ward-desk"),
    );
    let parts = || NodeParts { keys: None, ..site.parts("ward-desk", &store) };
    let desk = Node::start(NodeParts { keys: Some(both), ..parts() }).await.unwrap();
    desk.submit(first_step()).await.unwrap();
    desk.stop().await;
    drop(desk);
    // Without the former key it is said which one is lacking, and nothing is taken for erased.
    let only = NodeKeys::new("ward-desk", seals_with, [(of.clone(), next)], index_key("ward-desk"));
    let desk = Node::start(NodeParts { keys: Some(only), ..parts() }).await.unwrap();
    let refused = desk.submit(command(CODE, "2026-11-02 09:05", DESK, offer(LAND))).await.unwrap_err();
    let former = agency_keys()[&of].key_id();
    assert!(matches!(&refused, Refusal::Key(KeyError::Missing { id, .. }) if *id == former), "{refused}");
    desk.stop().await;
}
