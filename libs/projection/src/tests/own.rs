//! The node's own rows: found by number, gone with the dossier, and in no sum.

use lienthong_admission::ReadsCursor;
use lienthong_seal::Hash;

use super::world::code;
use super::{filled, open_sound, place};
use crate::Indexed;

const ONE: Hash = Hash([1; 32]);
const OTHER: Hash = Hash([2; 32]);

fn indexed(next: u64, tokens: &[Hash]) -> Indexed {
    Indexed { next, tokens: tokens.to_vec() }
}

#[test]
fn a_number_finds_its_dossiers_by_pages_and_no_others() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 21, 5);
    let codes: Vec<_> = (0..7).map(|n| code(&format!("H56.12-261122-{n:04}"))).collect();
    for code in &codes {
        store.index(code, &indexed(1, &[ONE])).unwrap();
    }
    store.index(&code("other"), &indexed(1, &[OTHER])).unwrap();
    let (mut pages, mut from) = (Vec::new(), None);
    loop {
        let page = store.found(ONE, from.as_ref(), 3).unwrap();
        let Some(last) = page.last() else { break };
        from = Some(last.clone());
        pages.extend(page);
    }
    assert_eq!(pages, codes);
    assert_eq!(store.found(Hash([3; 32]), None, 10).unwrap(), []);
}

#[test]
fn what_a_dossier_no_longer_names_does_not_find_it() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 22, 5);
    let code = code("H56.12-261122-0001");
    store.index(&code, &indexed(3, &[ONE, OTHER])).unwrap();
    store.index(&code, &indexed(5, &[OTHER])).unwrap();
    assert_eq!(store.found(ONE, None, 10).unwrap(), []);
    assert_eq!(store.found(OTHER, None, 10).unwrap(), std::slice::from_ref(&code));
    assert_eq!(store.indexed(&code).unwrap(), Some(indexed(5, &[OTHER])));
    for _ in 0..2 {
        store.unindex(&code).unwrap();
        assert_eq!(store.found(OTHER, None, 10).unwrap(), []);
        assert_eq!(store.indexed(&code).unwrap(), None);
    }
}

#[test]
fn an_index_under_another_key_is_begun_anew() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 23, 5);
    assert!(store.index_under(ONE).unwrap());
    for n in 0..3_000 {
        store.index(&code(&format!("c{n}")), &indexed(1, &[ONE])).unwrap();
    }
    assert!(!store.index_under(ONE).unwrap());
    assert_eq!(store.found(ONE, None, usize::MAX).unwrap().len(), 3_000);
    assert!(store.index_under(OTHER).unwrap());
    assert_eq!(store.found(ONE, None, usize::MAX).unwrap(), []);
    assert_eq!(store.indexed(&code("c1")).unwrap(), None);
}

#[test]
fn the_nodes_own_rows_outlive_a_restart_and_change_no_digest() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 24, 5);
    let digests = store.digests().unwrap();
    let cursor = ReadsCursor { next: 9, count: 8, ..ReadsCursor::start(Hash([7; 32])) };
    assert_eq!(store.reads().unwrap(), None);
    store.set_reads(&cursor).unwrap();
    store.index_under(ONE).unwrap();
    store.index(&code("H56.12-261122-0001"), &indexed(1, &[ONE])).unwrap();
    assert_eq!(store.digests().unwrap(), digests);
    store.close().unwrap();
    let store = open_sound(&dir);
    assert_eq!(store.digests().unwrap(), digests);
    assert_eq!(store.reads().unwrap(), Some(cursor));
    assert_eq!(store.found(ONE, None, 10).unwrap(), [code("H56.12-261122-0001")]);
}
