//! Records that are judged: stories that are really told, and at each place in them what nobody meant to write.

use std::sync::OnceLock;

use bytes::Bytes;
use lienthong_dossier::{CommandId, Dossier};
use lienthong_fuzz::Target;
use lienthong_seal::{Hash, SigningKey, chain};
use lienthong_wire::stored::{self, Body, Entry, Proposal, Witness};
use uuid::Uuid;

use super::tests::properties;
use crate::testing::*;
use crate::*;

lienthong_fuzz::targets!(record, sealed, state);

/// Records of all stories at most: a place is one byte.
const PLACES_MAX: usize = 256;

/// A place in a story: the account before a record, and that record.
struct Place {
    reader: Reader,
    sent: Sent,
}

/// Every place of a few stories, with revisions and forgeries in them. The same in every run but for keys and nonces.
fn places() -> &'static [Place] {
    static PLACES: OnceLock<Vec<Place>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut places = Vec::new();
        for bench in properties::stories(8) {
            let mut reader = Reader::new(&bench.reader.world, bench.reader.partition);
            for sent in bench.log {
                places.push(Place { reader: reader.settled_twin(), sent: sent.clone() });
                reader.apply(&sent);
            }
        }
        places.truncate(PLACES_MAX);
        places
    })
}

fn place(which: u8) -> &'static Place {
    let places = places();
    &places[usize::from(which) % places.len()]
}

/// A seed for each place: its number, and what `of` makes of its record.
fn seeds(of: impl Fn(&Sent) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let places = places().iter().zip(0..=u8::MAX);
    places.filter_map(|(place, n)| Some([vec![n], of(&place.sent)?].concat())).collect()
}

fn proposal(value: &Bytes) -> Option<Proposal> {
    match stored::decode_entry(value) {
        Ok(Entry::Proposal(proposal)) => Some(proposal),
        Ok(Entry::Fence(_)) | Err(_) => None,
    }
}

/// Judges a record at a place. It counts or not; if not, nothing of the dossiers is another; if so, the state has one
/// encoding.
fn judge(place: &Place, sent: &Sent) {
    let before = &place.reader;
    let mut reader =
        Reader::from(&before.world, before.partition, before.ledger.cursor().clone(), before.rows.clone());
    reader.revisions = before.revisions.clone();
    let applied = match reader.try_apply(sent) {
        Ok(applied) => applied,
        Err(Halt::Revision(n)) => {
            assert!(reader.revisions.get(n).is_none(), "{n}");
            assert_eq!(reader.ledger.cursor(), before.ledger.cursor());
            return;
        }
        Err(Halt::Rows(fault)) => panic!("{fault}"),
    };
    let changed = reader.settle();
    match applied.verdict {
        Verdict::Admitted(offered) => {
            assert_eq!(changed, 1);
            let state = reader.state(offered.code()).unwrap();
            assert_eq!(state.head, applied.leaf);
            let bytes = state.encode().unwrap();
            assert_eq!(State::decode(&bytes).as_ref(), Ok(&state));
            asked(&state.dossier);
        }
        Verdict::Fence(n) => assert_eq!((changed, reader.ledger.cursor().revision), (0, n)),
        Verdict::Void { void, .. } => {
            assert_eq!((changed, &reader.rows.states), (0, &before.rows.states));
            assert!(!void.reason.name().is_empty());
        }
    }
    assert_eq!(reader.ledger.cursor().count, before.ledger.cursor().count + 1);
}

/// What everybody asks of a dossier, whatever happened to it.
fn asked(dossier: &Dossier) {
    let _ = (dossier.status(), dossier.last_at());
}

/// A place and the value of a record that comes there. Its key is what it would have to be.
fn record() {
    Target::new(seeds(|sent| Some(sent.value.to_vec()))).bytes_max(ENTRY_BYTES_MAX + 2).check(|bytes| {
        let Some((which, value)) = bytes.split_first() else { return };
        let place = place(*which);
        let value = Bytes::copy_from_slice(value);
        let body = proposal(&value).and_then(|proposal| stored::decode_body(&proposal.body).ok());
        let key = body.map(|body| body.act.code.as_str().as_bytes().to_vec()).unwrap_or_default();
        judge(place, &Sent { key, headers: Vec::new(), value, appended_ms: place.sent.appended_ms });
    });
}

/// A place and the body of a proposal, sealed by a node of the agency that it names: as if a node had gone wrong, or had been
/// taken over. Chain, witness, command and time are made to fit, so that the rules of dossiers are what is met.
fn sealed() {
    let body = |sent: &Sent| proposal(&sent.value).map(|proposal| proposal.body.to_vec());
    Target::new(seeds(body)).check(|bytes| {
        let Some((which, bytes)) = bytes.split_first() else { return };
        let place = place(*which);
        let Ok(mut body) = stored::decode_body(&Bytes::copy_from_slice(bytes)) else { return };
        fit(&mut body, &place.reader, Hash::of(bytes));
        let draft = Draft { signer: signer(&place.reader, &body), body };
        judge(place, &draft.sent());
    });
}

fn fit(body: &mut Body, reader: &Reader, id: Hash) {
    let log_id = reader.revisions.log_id();
    let state = reader.state(&body.act.code);
    body.log_id = log_id;
    body.prev = state.as_ref().map(|state| state.head);
    body.witness = Witness { count: 0, hash: chain::start(log_id, u32::from(reader.partition)) };
    body.command_id = CommandId(Uuid::from_slice(&id.0[..16]).unwrap());
    if let Some(state) = &state {
        body.act.at = body.act.at.max(state.dossier.last_at());
    }
}

fn signer(reader: &Reader, body: &Body) -> SigningKey {
    let registry = reader.registry();
    let may = |key: &SigningKey| registry.may_seal(&key.key_id().0, &body.act.agency, body.act.at.date());
    [DESK, LAND, TAX].map(node_key).into_iter().find(may).unwrap_or_else(|| node_key(DESK))
}

/// The row of a dossier in a damaged store: it is a state, with its own bytes, or none.
fn state() {
    let seeds: Vec<_> =
        places().iter().flat_map(|place| place.reader.rows.states.values().cloned()).take(60).collect();
    Target::new(seeds).check(|bytes| {
        if let Ok(state) = State::decode(bytes) {
            let again = state.encode().unwrap();
            assert_eq!(State::decode(&again), Ok(state));
        }
    });
}
