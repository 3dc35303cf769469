//! What counts as a reading that a node sealed, and what is found to be the matter with the rest.

use std::sync::Arc;

use lienthong_dossier::{Actor, DossierCode, FieldClass, Line, OfficerId, Purpose, ReadKind};
use lienthong_registry::Change;
use lienthong_seal::{Seal, SigningKey, chain, leaf};
use lienthong_wire::stored::revision::seal_revision;
use lienthong_wire::stored::{Read, Witness};
use uuid::Uuid;

use super::*;
use crate::testing::chain::{TEXTS, authority, place, revoked};
use crate::testing::*;
use crate::{Chained, Incoming};

/// Append time of every record here.
const NOW_MS: i64 = 1_793_840_400_000;

fn body() -> ReadBody {
    ReadBody {
        log_id: LOG_ID,
        rules: lienthong_registry::Rules::ONE,
        at: Instant::from_millis(NOW_MS),
        agency: agency(DESK),
        actor: Actor {
            officer: OfficerId::parse("cb-01").unwrap(),
            name: Line::parse("Lê Thị Mẫu").unwrap(),
            role: Line::parse("Chuyên viên").unwrap(),
            power: lienthong_dossier::Power::Read,
        },
        purpose: Purpose::Handling,
        ground: None,
        kind: ReadKind::Dossiers,
        codes: vec![DossierCode::parse(CODE).unwrap()],
        classes: vec![FieldClass::Persons],
        witness: Witness { count: 0, hash: chain::start(LOG_ID, chain::READS) },
        request: Uuid::from_u128(1),
    }
}

fn seal(key: &SigningKey, leaf: Hash) -> Seal {
    key.seal_all(LOG_ID, &[leaf]).remove(0)
}

/// The value of a record, sealed by the desks' node.
fn value(body: &ReadBody) -> Bytes {
    let bytes = Bytes::from(stored::encode_read_body(body));
    let seal = seal(&node_key(DESK), read_leaf(&bytes));
    Bytes::from(stored::encode_read(&Read { body: bytes, seal }))
}

fn record<'a>(offset: u64, value: &'a Bytes) -> IncomingRead<'a> {
    IncomingRead { offset, appended_ms: NOW_MS, key: b"", headers: &[], value }
}

fn check(value: &Bytes) -> Result<SealedRead, ReadFault> {
    let world = World::training();
    ReadsLedger::new(LOG_ID).apply(&world.revisions, &world.verifier, &record(0, value))
}

#[test]
fn a_sealed_reading_says_who_read_what() {
    let read = check(&value(&body())).unwrap();
    assert_eq!(read.body, body());
    assert_eq!(read.leaf, read_leaf(&stored::encode_read_body(&body())));
}

#[test]
fn what_is_not_sealed_as_a_reading_by_a_node_of_the_agency_is_a_fault() {
    let bytes = Bytes::from(stored::encode_read_body(&body()));
    let with = |seal| check(&Bytes::from(stored::encode_read(&Read { body: bytes.clone(), seal })));
    // A seal over the same bytes as a proposal's.
    let as_proposal = with(seal(&node_key(DESK), leaf(&bytes)));
    assert_eq!(as_proposal, Err(ReadFault::Seal(SealFault::BadSignature)));
    assert_eq!(with(seal(&node_key(LAND), read_leaf(&bytes))), Err(ReadFault::OtherNode));
    assert_eq!(with(seal(&SigningKey::from_seed(&[9; 32]), read_leaf(&bytes))), Err(ReadFault::OtherNode));
}

#[test]
fn another_log_another_history_other_rules_and_a_later_time_are_faults() {
    let changed = |change: fn(&mut ReadBody)| {
        let mut body = body();
        change(&mut body);
        check(&value(&body)).unwrap_err()
    };
    assert_eq!(changed(|body| body.log_id = Hash([8; 32])), ReadFault::OtherHistory);
    assert_eq!(changed(|body| body.witness.hash = Hash([8; 32])), ReadFault::OtherHistory);
    assert_eq!(changed(|body| body.witness.count = 64), ReadFault::OtherHistory);
    assert_eq!(changed(|body| body.rules = lienthong_registry::Rules(2)), ReadFault::Rules);
    let at = Instant::from_millis(NOW_MS + 5_001);
    let late = ReadBody { at, ..body() };
    assert_eq!(check(&value(&late)), Err(ReadFault::Ahead { at }));
    assert!(matches!(check(&Bytes::from_static(b"none")), Err(ReadFault::Decoding(_))));
    assert_eq!(check(&Bytes::from(vec![0; READ_BYTES_MAX + 1])), Err(ReadFault::Size));
    let world = World::training();
    let value = value(&body());
    let keyed = IncomingRead { key: b"H56.2", ..record(0, &value) };
    let fault = ReadsLedger::new(LOG_ID).apply(&world.revisions, &world.verifier, &keyed);
    assert_eq!(fault, Err(ReadFault::Key));
}

/// A production log, in which time counts.
fn production() -> Arc<World> {
    World::with(|parts| parts.kind = LogKind::Production)
}

#[test]
fn a_time_of_long_before_the_log_took_it_is_a_fault_but_for_training() {
    let production = production();
    let at = |ms: i64| value(&ReadBody { at: Instant::from_millis(NOW_MS - ms), ..body() });
    let found = |world: &World, value: &Bytes| {
        ReadsLedger::new(LOG_ID).apply(&world.revisions, &world.verifier, &record(0, value)).err()
    };
    assert_eq!(found(&production, &at(30_000)), None);
    let dated_back = Instant::from_millis(NOW_MS - 30_001);
    assert_eq!(found(&production, &at(30_001)), Some(ReadFault::Expired { at: dated_back }));
    assert_eq!(found(&World::training(), &at(86_400_000)), None);
}

/// The log's own time says that the key was at its end, whatever its holder says.
#[test]
fn a_key_revoked_since_reads_nothing_more_and_a_key_to_come_nothing_yet() {
    let (revoked_ms, restored_ms) = (NOW_MS + 100_000, NOW_MS + 200_000);
    let found = |world: &World, appended_ms: i64, said_ms: i64| {
        let mut revisions = world.revisions.clone();
        let node = world.registry.node(&node_key(DESK).key_id().0).unwrap().clone();
        let restored = Change { nodes: vec![node], ..Change::default() };
        for (change, appended_ms) in [(revoked(&revisions, DESK), revoked_ms), (restored, restored_ms)] {
            let values = seal_revision(&place(&revisions), &change, &TEXTS, &authority()).unwrap();
            let offset = revisions.next();
            let record = Incoming { offset, appended_ms, key: &[], headers: &[], value: &values[0] };
            assert!(matches!(revisions.apply(&record), Ok(Chained::Whole(_))));
        }
        let value = value(&ReadBody { at: Instant::from_millis(said_ms), ..body() });
        let record = IncomingRead { appended_ms, ..record(0, &value) };
        ReadsLedger::new(LOG_ID).apply(&revisions, &world.verifier, &record).err()
    };
    let production = production();
    assert_eq!(found(&production, NOW_MS, NOW_MS), None);
    assert_eq!(found(&production, revoked_ms + 30_000, revoked_ms), None, "made before, and then held up");
    assert_eq!(found(&production, revoked_ms + 30_001, revoked_ms + 1), Some(ReadFault::OtherNode));
    assert_eq!(found(&production, restored_ms - 5_001, restored_ms - 5_001), Some(ReadFault::OtherNode));
    assert_eq!(found(&production, restored_ms - 5_000, restored_ms - 5_000), None, "clocks differ");
    assert_eq!(
        found(&World::training(), revoked_ms + 30_001, NOW_MS),
        None,
        "nothing of it is valid anywhere"
    );
}

#[test]
fn a_record_that_was_changed_moved_or_removed_is_found_by_the_next_that_names_it() {
    let world = World::training();
    let first: Vec<Bytes> =
        (0..64).map(|n| value(&ReadBody { request: Uuid::from_u128(n), ..body() })).collect();
    let read = |values: &[Bytes]| {
        let mut ledger = ReadsLedger::new(LOG_ID);
        for (offset, value) in (0..).zip(values) {
            ledger.apply(&world.revisions, &world.verifier, &record(offset, value)).unwrap();
        }
        ledger
    };
    let mut honest = read(&first);
    let (count, hash) = honest.cursor().witness;
    assert_eq!(count, 64);
    let next = value(&ReadBody { witness: Witness { count, hash }, ..body() });
    assert!(honest.apply(&world.revisions, &world.verifier, &record(64, &next)).is_ok());

    let mut swapped = first.clone();
    swapped.swap(3, 4);
    let mut replaced = first.clone();
    replaced[5] = value(&ReadBody { codes: Vec::new(), ..body() });
    let removed = [&first[..7], &first[8..], &first[..1]].concat();
    for other in [swapped, replaced, removed] {
        let mut ledger = read(&other);
        let found = ledger.apply(&world.revisions, &world.verifier, &record(64, &next));
        assert_eq!(found, Err(ReadFault::OtherHistory));
    }
}

#[test]
fn a_cursor_knows_its_last_record_again() {
    let (value, other) = (value(&body()), Bytes::from_static(b"other"));
    let mut cursor = ReadsCursor::start(LOG_ID);
    assert!(!cursor.is_last(&record(0, &value)));
    cursor.count(&record(0, &value));
    assert!(cursor.is_last(&record(0, &value)));
    assert!(!cursor.is_last(&record(0, &other)));
    assert!(!cursor.is_last(&record(1, &value)));
}
