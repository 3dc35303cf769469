use std::collections::BTreeSet;

use lienthong_dossier::DossierCode;
use lienthong_seal::service_digest;

use super::world::{PARTITIONS, World, agency, code};
use super::{filled, open_sound, place};
use crate::keys;
use crate::store::after;

fn codes(world: &World) -> Vec<DossierCode> {
    let mut codes: Vec<_> =
        world.partitions.iter().flat_map(|partition| partition.states.keys().cloned()).collect();
    codes.sort();
    codes
}

#[test]
fn a_list_goes_on_where_the_last_page_ended() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 11, 30);
    let (mut pages, mut from) = (Vec::new(), None);
    loop {
        let page = store.list(from.as_ref(), "H56.12-", 7).unwrap();
        let Some((last, _)) = page.last() else { break };
        from = Some(last.clone());
        pages.extend(page.into_iter().map(|(code, _)| code));
    }
    assert_eq!(pages, codes(&world));
}

#[test]
fn an_agencys_list_goes_on_where_the_last_page_ended() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 12, 30);
    let land = agency("land");
    let all = store.list_of(&land, None, usize::MAX).unwrap();
    let (mut pages, mut from) = (Vec::new(), None);
    loop {
        let page = store.list_of(&land, from.as_ref(), 3).unwrap();
        let Some((last, _)) = page.last() else { break };
        from = Some(last.clone());
        pages.extend(page);
    }
    assert!(all.len() > 3);
    assert_eq!(pages, all);
    assert_eq!(store.list_of(&agency("lan"), None, 10).unwrap(), []);
}

#[test]
fn a_prefix_bounds_a_list_at_both_ends() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 13, 30);
    let expected: Vec<_> =
        codes(&world).into_iter().filter(|code| code.as_str().starts_with("H56.12-261122-003")).collect();
    let listed = |from: Option<&str>| -> Vec<DossierCode> {
        let from = from.map(code);
        let rows = store.list(from.as_ref(), "H56.12-261122-003", usize::MAX).unwrap();
        rows.into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(listed(None), expected);
    assert_eq!(listed(Some("A")), expected);
    assert_eq!(listed(Some("H56.12-261122-0040")), []);
    assert_eq!(listed(Some("Z")), []);
    assert_eq!(store.list(None, "", 0).unwrap(), []);
}

#[test]
fn codes_come_from_both_ends() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 14, 20);
    let codes = codes(&world);
    let forwards: Vec<_> = store.codes_with_prefix("H56.12-").map(Result::unwrap).collect();
    let mut backwards: Vec<_> = store.codes_with_prefix("H56.12-").rev().map(Result::unwrap).collect();
    backwards.reverse();
    assert_eq!(forwards, codes);
    assert_eq!(backwards, codes);
    assert!(store.codes_with_prefix("H56.13-").next().is_none());
}

/// A report reads all of these rows, and what a row costs it is there however little stands in it.
#[test]
fn outlines_of_what_was_opened_within_64_offsets_are_one_row() {
    let (_place, dir) = place();
    let (store, mut world) = (open_sound(&dir), World::wide(17));
    for records in [40, 200, 2_000] {
        world.batch_of(0, records).write(&store);
    }
    let here = &world.partitions[0];
    let opened: BTreeSet<u64> = here.states.values().map(|state| state.records[0].offset / 64).collect();
    let rows = store.tree.range(after(None, keys::outlines_prefix(0))).count();
    assert_eq!(rows, opened.len());
    assert!(rows * 20 < here.states.len(), "{rows} rows of {} dossiers", here.states.len());
}

#[test]
fn voids_are_read_backwards_from_any_ordinal() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 15, 30);
    let all: Vec<_> = (0..).zip(world.partitions[1].voids.clone()).collect();
    assert!(all.len() > 10);
    let mut read = store.voids(1, Some(8), 5).unwrap();
    read.reverse();
    assert_eq!(read, all[3..8]);
    assert_eq!(store.voids(1, Some(0), 5).unwrap(), []);
}

#[test]
fn digests_are_those_of_the_cursors_in_order() {
    let (_place, dir) = place();
    let (store, world, _) = filled(&dir, 16, 10);
    let expected =
        (0..PARTITIONS).zip(&world.partitions).map(|(partition, here)| here.cursor.digest(partition));
    let digests = store.digests().unwrap();
    assert_eq!(digests, expected.collect::<Vec<_>>());
    store.close().unwrap();
    let again = open_sound(&dir).digests().unwrap();
    assert_eq!(service_digest(again), service_digest(digests));
}
