use std::sync::Arc;
use std::thread;

use lienthong_admission::{Changes, Cursor, Reason, Row, Rows as _};
use lienthong_dossier::{Case, Custody, Dossier, NoticeState, ReferralState};
use lienthong_seal::{Hash, partition_of};

use super::world::{
    PARTITIONS, Past, agency, case, code, identity, imported, offered, referral, state, with_notice,
};
use super::{filled, open_sound, place};
use crate::facets::facet_keys;
use crate::keys;
use crate::outlines::{outline, stretch};
use crate::tasks::task_keys;
use crate::{Advance, STATE_FORMAT, Standing, Store, StoreError, VOIDS_KEPT, VoidRow};

#[test]
fn what_was_written_is_there_at_once_and_after_opening_again() {
    let (_place, dir) = place();
    let (store, world, past) = filled(&dir, 1, 40);
    let count: u64 = world.partitions.iter().map(|partition| partition.cursor.count).sum();
    assert_eq!(past.check(&store), count);
    store.close().unwrap();
    let store = open_sound(&dir);
    assert_eq!(past.check(&store), count);
}

#[test]
fn a_new_store_stands_at_the_start() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    for partition in 0..PARTITIONS {
        assert_eq!(store.cursor(partition).unwrap(), Cursor::start(identity().log_id, partition));
    }
    let missing = store.cursor(PARTITIONS).unwrap_err();
    assert!(matches!(missing, StoreError::NoPartition { partition: 3, partitions: 3 }));
}

#[test]
fn a_dossiers_bytes_are_kept_as_they_came() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 2, 10);
    for (code, state) in world.partitions.iter().flat_map(|partition| &partition.states) {
        assert_eq!(store.tree.get(&keys::dossier(code)).unwrap().unwrap(), state.encode().unwrap());
        assert_eq!(store.state(code).unwrap().as_ref(), Some(state));
    }
    for (partition, here) in (0..).zip(&world.partitions) {
        for (count, witness) in &here.witnesses {
            assert_eq!(store.chain_at(partition, *count).unwrap(), Some(witness.hash));
        }
        assert_eq!(store.chain_at(partition, 6_400).unwrap(), None);
    }
}

/// One dossier through a batch of its own each time.
fn hand_over(store: &Store, custody: Custody, before: Option<&Row>, records: u64) -> Row {
    let code = code("H56.12-261122-0001");
    let partition = partition_of(code.as_str(), PARTITIONS);
    let after = state(Dossier::Live(Box::new(Case { custody, ..case("ward") })), records);
    let before = before.map(|row| Arc::clone(&row.after));
    let row = Row::new(code, before, Arc::new(after), [].into()).unwrap();
    let cursor =
        Cursor { states: row.term, next: records, count: records, ..store.cursor(partition).unwrap() };
    let changes = Changes { rows: vec![row.clone()], witnesses: Vec::new() };
    store.write(Advance { partition, cursor, changes, voids: Vec::new() }).unwrap();
    row
}

#[test]
fn the_index_follows_custody() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let before = |id: &str| {
        let listed = store.list_of(&agency(id), None, 10).unwrap();
        listed.first().map(|(_, standing)| *standing)
    };
    let holds = Some(Standing { holds: true, ..Standing::default() });
    let offer = Some(Standing { offered: true, ..Standing::default() });

    let held = hand_over(&store, Custody::Held { by: agency("ward") }, None, 1);
    assert_eq!((before("ward"), before("land")), (holds, None));
    let offered = hand_over(&store, offered("ward", "land"), Some(&held), 2);
    assert_eq!((before("ward"), before("land")), (holds, offer));
    hand_over(&store, Custody::Held { by: agency("land") }, Some(&offered), 3);
    assert_eq!((before("ward"), before("land")), (None, holds));

    store.close().unwrap();
    open_sound(&dir);
}

fn void(offset: u64) -> VoidRow {
    let leaf = Hash::of(&offset.to_be_bytes());
    VoidRow { offset, appended_ms: 5, leaf, reason: Reason::Stale, detail: None, code: None }
}

fn with_voids(store: &Store, counted: u64, voids: Vec<VoidRow>) -> Advance {
    let cursor = store.cursor(0).unwrap();
    let cursor = Cursor { voids: [(Reason::Stale.code(), counted)].into(), next: counted, ..cursor };
    Advance { partition: 0, cursor, changes: Changes::default(), voids }
}

#[test]
fn the_newest_voids_are_kept_and_no_more() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let mut total = 0;
    for given in [3, VOIDS_KEPT - 3, 1, 500, VOIDS_KEPT, VOIDS_KEPT + 7, 0] {
        let rows: Vec<_> = (total..total + given).map(void).collect();
        total += given;
        store.write(with_voids(&store, total, rows)).unwrap();
        let kept: Vec<u64> =
            store.voids(0, None, usize::MAX).unwrap().into_iter().map(|(ordinal, _)| ordinal).collect();
        assert_eq!(kept, (total.saturating_sub(VOIDS_KEPT)..total).rev().collect::<Vec<_>>());
    }
    store.close().unwrap();
    open_sound(&dir);
}

#[test]
fn of_a_long_batch_the_newest_voids_are_enough() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let rows: Vec<_> = (5_000 - VOIDS_KEPT..5_000).map(void).collect();
    store.write(with_voids(&store, 5_000, rows)).unwrap();
    let newest = store.voids(0, None, 1).unwrap();
    assert_eq!(newest, [(4_999, void(4_999))]);
    store.close().unwrap();
    open_sound(&dir);
}

#[test]
fn a_voids_detail_is_cut_at_a_whole_character() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let long = VoidRow { detail: Some("đ".repeat(200)), ..void(0) };
    store.write(with_voids(&store, 1, vec![long])).unwrap();
    let kept = store.voids(0, None, 1).unwrap();
    assert_eq!(kept[0].1.detail, Some("đ".repeat(128)));
}

#[test]
fn partitions_are_written_and_read_side_by_side() {
    let (_place, dir) = place();
    let (store, mut world, _) = filled(&dir, 4, 0);
    let batches: Vec<_> = (0..60).map(|_| world.batch()).collect();
    thread::scope(|scope| {
        for partition in 0..PARTITIONS {
            let mine = batches.iter().filter(move |batch| batch.0.partition == partition);
            let store = &store;
            scope.spawn(move || mine.for_each(|batch| batch.clone().write(store)));
        }
        for _ in 0..20 {
            for (code, state) in store.list(None, "", 50).unwrap() {
                assert!(store.state(&code).unwrap().unwrap().records.len() >= state.records.len());
            }
        }
    });
    let past = Past::of(&world);
    past.check(&store);
    store.close().unwrap();
    past.check(&open_sound(&dir));
}

#[test]
fn changes_that_do_not_belong_together_are_not_written() {
    let (_place, dir) = place();
    let (store, mut world, past) = filled(&dir, 3, 5);
    let batch = world.batch().0;
    let elsewhere = (batch.partition + 1) % PARTITIONS;
    let cursor = store.cursor(elsewhere).unwrap();
    let astray = Advance { partition: elsewhere, cursor, changes: batch.changes, voids: Vec::new() };
    let refused = store.write(astray).unwrap_err();
    assert!(matches!(refused, StoreError::OtherPartition { .. }));
    let cursor = store.cursor(0).unwrap();
    let unheard = Advance { partition: 0, cursor, changes: Changes::default(), voids: vec![void(0)] };
    let refused = store.write(unheard).unwrap_err();
    assert!(matches!(refused, StoreError::Voids { given: 1, counted: 0 }));
    past.check(&store);
}

#[test]
fn a_change_of_the_stored_form_raises_the_format() {
    let full = Case {
        custody: offered("ward", "land"),
        referrals: [(1, referral("ward", "tax", ReferralState::Sent))].into(),
        ..with_notice(case("ward"), "tax", NoticeState::Current)
    };
    let states = [Dossier::Live(Box::new(full)), imported("import")].map(|dossier| state(dossier, 2));
    let mut bytes: Vec<u8> = states.iter().flat_map(|state| state.encode().unwrap()).collect();
    bytes.extend(crate::rows::encode(&Cursor::start(identity().log_id, 0)).unwrap());
    bytes.extend(crate::rows::encode(&void(1)).unwrap());
    for state in &states {
        let code = code("H56.12-261122-0001");
        facet_keys(&code, state).chain(task_keys(&code, state)).for_each(|key| bytes.extend(key));
        let outline = outline(state);
        bytes.extend(keys::outlines(3, stretch(&outline)));
        bytes.extend(crate::rows::encode(&vec![(code, outline)]).unwrap());
    }
    let golden = (STATE_FORMAT, Hash::of(&bytes).to_string());
    let (format, hash) = GOLDEN;
    assert_eq!(
        golden,
        (format, hash.to_owned()),
        "raise STATE_FORMAT, unless this one was never released, and put the new pair here"
    );
}

const GOLDEN: (u16, &str) = (4, "9c6c45df6af307b4ac28f53f643a2b0759970523dbba169cde18d458d61c0017");
