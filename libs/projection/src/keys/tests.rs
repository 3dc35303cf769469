use lienthong_dossier::Dossier;

use super::*;
use crate::facets::facet_keys;
use crate::tasks::task_keys;
use crate::tests::world::{case, imported, state};

fn code(text: &str) -> DossierCode {
    DossierCode::parse(text).unwrap()
}

fn agency(text: &str) -> AgencyId {
    AgencyId::parse(text).unwrap()
}

#[test]
fn every_key_says_what_it_names() {
    let dossier_code = code("H56.12-261122-0001");
    let other = Some(Key::Other { partition: partition_of(dossier_code.as_str(), 48) });
    assert_eq!(Key::parse(IDENTITY, 48), Some(Key::Identity));
    assert_eq!(Key::parse(&cursor(47), 48), Some(Key::Cursor { partition: 47 }));
    assert_eq!(Key::parse(&dossier(&dossier_code), 48), Some(Key::Dossier { code: dossier_code.clone() }));
    assert_eq!(Key::parse(&outlines(47, 1), 48), Some(Key::Other { partition: 47 }));
    assert_eq!(Key::parse(&index(&agency("ward"), &dossier_code), 48), other);
    assert_eq!(Key::parse(&witness(3, 64), 48), Some(Key::Other { partition: 3 }));
    assert_eq!(Key::parse(&void(4, 0), 48), Some(Key::Other { partition: 4 }));
    let states = [Dossier::Live(Box::new(case("ward"))), imported("ward")].map(|dossier| state(dossier, 1));
    for state in &states {
        for key in facet_keys(&dossier_code, state).chain(task_keys(&dossier_code, state)) {
            assert_eq!(Key::parse(&key, 48), other, "{key:?}");
        }
    }
    let own =
        [number(Hash([0; 32]), &dossier_code), indexed(&dossier_code), INDEX_KEY.to_vec(), READS.to_vec()];
    for key in own {
        assert_eq!(Key::parse(&key, 48), Some(Key::Own), "{key:?}");
    }
}

#[test]
fn a_key_that_is_never_written_is_none() {
    let strange: [&[u8]; 18] = [
        b"",
        b"d",
        b"d\xff",
        b"mm",
        b"x",
        b"award",
        b"a\0code",
        b"award\0",
        b"c\0\0\0",
        b"n",
        b"ncode",
        b"i",
        b"kk",
        b"fs",
        b"fs\x04",
        b"fp1.012756",
        b"fu\x042026-11-22",
        b"tward\0code",
    ];
    for key in strange {
        assert_eq!(Key::parse(key, 48), None, "{key:?}");
    }
    assert_eq!(Key::parse(&cursor(48), 48), None);
    assert_eq!(Key::parse(&outlines(48, 0), 48), None);
    assert_eq!(Key::parse(&witness(48, 64), 48), None);
    assert_eq!(Key::parse(&void(48, 64), 48), None);
}

#[test]
fn an_index_key_gives_back_agency_and_code() {
    let (ward, dossier) = (agency("ward"), code("Nguồn cũ/17"));
    assert_eq!(parse_index(&index(&ward, &dossier)), Some((ward, dossier)));
}

#[test]
fn no_key_lies_between_a_prefix_and_what_comes_after_it() {
    assert_eq!(after_prefix(b"dH56"), Some(b"dH57".to_vec()));
    assert_eq!(after_prefix(b"d\xff\xff"), Some(b"e".to_vec()));
    assert_eq!(after_prefix(b"\xff"), None);
}
