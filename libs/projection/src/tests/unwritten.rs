//! What was taken in and is not written.

use lienthong_admission::{Changes, Rows as _};
use lienthong_dossier::Dossier;

use super::world::{Past, World, case, code, identity, state};
use super::{open_sound, place};
use crate::{Advance, Store, StoreError};

/// A store that has taken in that many batches and written none, and every point it has been at.
fn taken(dir: &std::path::Path, seed: u64, batches: u64) -> (Store, World, Past) {
    let (store, mut world) = (open_sound(dir), World::new(seed));
    let mut past = Past::of(&world);
    for _ in 0..batches {
        store.take(world.batch().0).unwrap();
        past.remember(&world);
    }
    (store, world, past)
}

#[test]
fn every_read_sees_what_was_taken_in() {
    let (_place, dir) = place();
    let (store, world, past) = taken(&dir, 61, 30);
    let waiting = store.unwritten();
    let dossiers: usize = world.partitions.iter().map(|partition| partition.states.len()).sum();
    // Each dossier once, however often it has moved.
    assert_eq!(waiting, dossiers);
    for (number, here) in (0..).zip(&world.partitions) {
        assert_eq!(store.cursor(number).unwrap(), here.cursor);
        for (code, state) in &here.states {
            assert_eq!(store.state(code).unwrap().as_ref(), Some(state));
        }
        for (count, witness) in &here.witnesses {
            assert_eq!(store.chain_at(number, *count).unwrap(), Some(witness.hash));
        }
    }
    // For none of these anything had to be written; for what is read as rows it is.
    assert_eq!(store.unwritten(), waiting);
    let found = store.find(&crate::Query::default(), None, usize::MAX).unwrap();
    assert_eq!(found.dossiers.len(), dossiers);
    assert_eq!(store.unwritten(), 0);
    past.check(&store);
    store.close().unwrap();
    past.check(&open_sound(&dir));
}

#[test]
fn closing_writes_what_was_taken_in_and_dropping_leaves_it_to_the_log() {
    let (_place, dir) = place();
    let (store, world, past) = taken(&dir, 62, 12);
    store.close().unwrap();
    let count: u64 = world.partitions.iter().map(|partition| partition.cursor.count).sum();
    let store = open_sound(&dir);
    assert_eq!(past.check(&store), count);
    drop(store);

    let (_place, dir) = place();
    let (store, _, past) = taken(&dir, 63, 12);
    drop(store);
    assert_eq!(past.check(&open_sound(&dir)), 0);
}

#[test]
fn rows_that_are_written_again_and_again_are_those_that_are_written_once() {
    let (_place, dir) = place();
    let (once, mut world, past) = taken(&dir.join("once"), 64, 40);
    let often = open_sound(&dir.join("often"));
    let mut same = World::new(64);
    for batch in 0..40 {
        often.take(same.batch().0).unwrap();
        if batch % 3 == 0 {
            often.write_out().unwrap();
        }
    }
    assert_eq!(past.check(&often), past.check(&once));
    let dossiers = |store: &Store| store.find(&crate::Query::default(), None, usize::MAX).unwrap().dossiers;
    assert_eq!(dossiers(&once), dossiers(&often));
    // And they go on alike.
    let batch = world.batch().0;
    for store in [once, often] {
        store.write(batch.clone()).unwrap();
        store.close().unwrap();
    }
    open_sound(&dir.join("once"));
    open_sound(&dir.join("often"));
}

#[test]
fn of_a_broken_store_not_even_what_was_taken_in_is_read() {
    let (_place, dir) = place();
    let (store, world, _) = taken(&dir, 65, 5);
    let known = world.partitions.iter().find_map(|partition| partition.states.keys().next()).unwrap();
    assert!(store.state(known).unwrap().is_some());
    store.tree.break_down();
    assert!(matches!(store.write_out(), Err(StoreError::Broken)));
    assert!(matches!(store.state(known), Err(StoreError::Broken)));
    assert!(matches!(store.cursor(0), Err(StoreError::Broken)));
    assert!(matches!(store.list(None, "", 1), Err(StoreError::Broken)));
    assert!(matches!(store.codes_with_prefix("").next(), Some(Err(StoreError::Broken))));
}

/// What cannot be written was told already, so nothing may be answered that does not have it.
#[test]
fn a_store_that_cannot_write_what_it_has_taken_in_is_broken() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let cursor = store.cursor(0).unwrap();
    let mut batch = crate::tree::Batch::default();
    batch.insert(crate::keys::cursor(0), &b"no cursor"[..]);
    store.tree.apply(batch).unwrap();
    store.take(Advance { partition: 1, cursor, changes: Changes::default(), voids: Vec::new() }).unwrap();
    let cursor = lienthong_admission::Cursor::start(identity().log_id, 0);
    let advance = Advance { partition: 0, cursor, changes: Changes::default(), voids: Vec::new() };
    store.unwritten.take(advance);
    assert!(matches!(store.write_out(), Err(StoreError::Row { kind: 'c' })));
    assert!(matches!(store.state(&code("H56.12-261122-0001")), Err(StoreError::Broken)));
}

#[test]
fn a_state_that_was_read_is_decoded_once() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let code = code("H56.12-261122-0001");
    let bytes = state(Dossier::Live(Box::new(case("ward"))), 3).encode().unwrap();
    let mut batch = crate::tree::Batch::default();
    batch.insert(crate::keys::dossier(&code), bytes);
    store.tree.apply(batch).unwrap();
    let first = store.state(&code).unwrap().unwrap();
    let again = store.state(&code).unwrap().unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &again));
}
