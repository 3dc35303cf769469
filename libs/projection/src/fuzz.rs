//! Places in a list, which tokens bring back, and the keys and rows of a damaged store.

use lienthong_admission::{Cursor, State};
use lienthong_dossier::DossierCode;
use lienthong_fuzz::Target;
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, StateSum};

use crate::keys::{self, Key};
use crate::outlines::Outlines;
use crate::rows::{self, CursorRow};
use crate::{Indexed, Place, Task, VoidRow};

lienthong_fuzz::targets!(place, key, row);

fn code() -> DossierCode {
    DossierCode::parse("H56.2-261102-0001").unwrap()
}

/// Whatever is a place is told by the same bytes again.
fn place() {
    let task = |due: [u8; 8], matter: u8, ordinal: u32| {
        [&due[..], &[matter], &ordinal.to_be_bytes(), code().as_str().as_bytes()].concat()
    };
    let due = [0x80, 6, 0x5f, 0x53, 0, 0, 0, 0];
    let seeds = [
        code().as_str().as_bytes().to_vec(),
        [code().as_str().as_bytes(), &[0]].concat(),
        task(due, 1, 0),
        task(due, 2, 7),
        task([0xff; 8], 3, 0),
        task([0; 8], 4, 0),
    ];
    Target::new(seeds).check(|bytes| {
        if let Some(place) = Place::parse(bytes) {
            assert_eq!(place.as_bytes(), bytes);
        }
        if let Some(task) = Task::parse(bytes) {
            assert_eq!(task.place(), bytes);
        }
    });
}

/// Keys of any kind, and of none.
fn key() {
    const PARTITIONS: u16 = 48;
    let agency = AgencyId::parse("land-office").unwrap();
    let seeds = [
        keys::dossier(&code()),
        keys::outlines(3, 1),
        keys::index(&agency, &code()),
        keys::number(Hash([7; 32]), &code()),
        keys::indexed(&code()),
        keys::witness(3, 64),
        keys::void(3, 1),
        keys::cursor(3),
    ];
    Target::new(seeds).check(|bytes| {
        if let Some(Key::Cursor { partition } | Key::Other { partition }) = Key::parse(bytes, PARTITIONS) {
            assert!(partition < PARTITIONS);
        }
        if let Some(after) = keys::after_prefix(bytes) {
            assert!(after.as_slice() > bytes && !after.starts_with(bytes));
        }
        assert!(keys::parse_index(bytes).is_none_or(|(agency, code)| keys::index(&agency, &code) == bytes));
        assert!(keys::parse_number(bytes).is_none() || bytes.len() > 33);
        let _ = (keys::parse_ordinal(bytes), keys::kind(bytes), crate::facets::parse_facet(bytes));
    });
}

/// Rows: each kind is what it was written as, or damage.
fn row() {
    let cursor = Cursor::start(Hash([7; 32]), 3);
    let cursor = CursorRow { cursor, others: StateSum::default() };
    let indexed = Indexed { next: 7, tokens: vec![Hash([1; 32]), Hash([2; 32])] };
    let key = keys::indexed(&code());
    let seeds = [
        rows::encode(&cursor).unwrap(),
        rows::encode(&indexed).unwrap(),
        rows::encode_checked(&key, &indexed).unwrap(),
    ];
    Target::new(seeds).check(move |bytes| {
        let _ = rows::decode::<VoidRow>(&key, bytes);
        let _ = rows::decode::<Outlines>(&key, bytes);
        let _ = rows::decode_checked::<Indexed>(&key, bytes);
        let _ = State::decode(bytes);
        if let Ok(row) = rows::decode::<CursorRow>(&key, bytes) {
            let again = rows::encode(&row).unwrap();
            assert_eq!(rows::decode::<CursorRow>(&key, &again).unwrap(), row);
        }
    });
}
