use bytes::Bytes;
use jiff::civil::date;
use lienthong_registry::{Period, SHIPPED_COMMUNES, parse_communes};
use lienthong_seal::SigningKey;
use lienthong_wire::stored::revision::{Place, seal_revision};

use super::*;
use crate::testing::chain::{
    self, TEXTS, authority, begun_by, genesis_with, incoming, place, recovery, seal_key,
};
use crate::testing::node_key;

impl Revisions {
    /// A chain that consists of one registry alone, as if its genesis had been read.
    pub(crate) fn of(registry: &Arc<Registry>) -> Self {
        let authority = PublicKey(registry.authority().public);
        let log_id = Hash(*registry.log_id());
        Self {
            knows: Rules::NEWEST,
            log_id,
            founding: Founding {
                kind: registry.kind(),
                name: String::new(),
                partitions: registry.partitions(),
                authority,
                recovery_key: authority,
                recovery: *registry.recovery(),
            },
            head: log_id,
            next: 1,
            last_ms: 0,
            history: Hashes::start(lienthong_seal::chain::start(log_id, lienthong_seal::chain::REGISTRY)),
            whole: vec![Revision {
                number: 0,
                hash: log_id,
                registry: Arc::clone(registry),
                fence: None,
                appended_ms: 0,
            }],
            open: None,
            voids: Voids::default(),
        }
    }
}

fn genesis() -> Vec<Bytes> {
    genesis_with(&[])
}

fn begun() -> Revisions {
    begun_by(&genesis(), Rules::NEWEST).unwrap()
}

/// The land registry's node is revoked.
fn revoked(revisions: &Revisions) -> Change {
    chain::revoked(revisions, crate::testing::LAND)
}

/// Enough for several records.
fn long() -> Change {
    Change { communes: parse_communes(SHIPPED_COMMUNES).unwrap(), ..Change::default() }
}

fn sealed(revisions: &Revisions, change: &Change) -> Vec<Bytes> {
    seal_revision(&place(revisions), change, &TEXTS, &authority()).unwrap()
}

fn take(revisions: &mut Revisions, value: &Bytes) -> Chained {
    revisions.apply(&incoming(revisions.next(), value)).unwrap()
}

fn take_all(revisions: &mut Revisions, values: &[Bytes]) -> Vec<Chained> {
    values.iter().map(|value| take(revisions, value)).collect()
}

fn void(fault: ChainFault) -> Chained {
    Chained::Void(fault)
}

#[test]
fn a_genesis_and_what_is_published_upon_it_make_revisions() {
    let mut revisions = begun();
    let land = node_key(crate::testing::LAND).key_id();
    let agency = crate::testing::agency(crate::testing::LAND);
    let day = date(2026, 11, 2);
    assert!(revisions.latest().unwrap().registry.may_seal(&land.0, &agency, day));
    let values = sealed(&revisions, &revoked(&revisions));
    assert_eq!(take_all(&mut revisions, &values), [Chained::Whole(1)]);
    assert!(!revisions.latest().unwrap().registry.may_seal(&land.0, &agency, day));
    assert!(revisions.get(0).unwrap().registry.may_seal(&land.0, &agency, day));
    let values = sealed(&revisions, &long());
    let chained = take_all(&mut revisions, &values);
    assert!(chained.len() > 2);
    assert_eq!(chained.last(), Some(&Chained::Whole(2)));
    assert_eq!(revisions.latest().unwrap().registry.parts().communes.len(), 3_321);
    assert_eq!(revisions.latest().unwrap().registry.revision(), 2);
    assert_eq!(revisions.void_records(), 0);
    revisions.drop_before(2);
    assert!(revisions.get(1).is_none());
    assert_eq!(revisions.get(2).map(|revision| revision.number), Some(2));
}

#[test]
fn nothing_but_the_pinned_genesis_begins_a_log() {
    let values = genesis();
    let log_id = begun().log_id();
    let other = Hash([9; 32]);
    let refused = Revisions::begin(&incoming(0, &values[0]), Some(other), Rules::NEWEST).unwrap_err();
    assert_eq!(refused, NoGenesis::OtherLog { found: log_id, pinned: other });
    let garbage = Bytes::from_static(b"no genesis");
    assert!(matches!(
        Revisions::begin(&incoming(0, &garbage), None, Rules::NEWEST),
        Err(NoGenesis::First(ChainFault::Unreadable(_)))
    ));
    let mut revisions = begun();
    // A second genesis, the same one too, is void.
    assert_eq!(take(&mut revisions, &values[0]), void(ChainFault::NotNext));
    assert_eq!(revisions.void_records(), 1);
}

#[test]
fn a_strangers_revision_is_void() {
    let mut revisions = begun();
    let stranger = SigningKey::from_seed(&[99; 32]);
    let change = revoked(&revisions);
    let forged = seal_revision(&place(&revisions), &change, &TEXTS, &stranger).unwrap();
    assert_eq!(take(&mut revisions, &forged[0]), void(ChainFault::Signature(SealFault::OtherKey)));
    // Of the recovery key too, unless it replaces the authority's.
    let recovered = seal_revision(&place(&revisions), &change, &TEXTS, &recovery()).unwrap();
    assert_eq!(take(&mut revisions, &recovered[0]), void(ChainFault::Signature(SealFault::OtherKey)));
    assert_eq!(revisions.latest().unwrap().number, 0);
    let good = sealed(&revisions, &change);
    assert_eq!(take(&mut revisions, &good[0]), Chained::Whole(1));
}

#[test]
fn the_authoritys_key_is_replaced_by_itself_or_by_the_recovery_key() {
    for signer in [authority(), recovery()] {
        let mut revisions = begun();
        let fresh = SigningKey::from_seed(&[55; 32]);
        let change = Change { authority: Some(seal_key(&fresh)), ..Change::default() };
        let values = seal_revision(&place(&revisions), &change, &TEXTS, &signer).unwrap();
        assert_eq!(take(&mut revisions, &values[0]), Chained::Whole(1));
        assert_eq!(revisions.authority(), fresh.public());
        let by_the_old = sealed(&revisions, &revoked(&revisions));
        assert_eq!(take(&mut revisions, &by_the_old[0]), void(ChainFault::Signature(SealFault::OtherKey)));
        let by_the_new = seal_revision(&place(&revisions), &revoked(&revisions), &TEXTS, &fresh).unwrap();
        assert_eq!(take(&mut revisions, &by_the_new[0]), Chained::Whole(2));
    }
}

#[test]
fn of_two_operators_at_once_the_first_in_the_log_wins() {
    let mut revisions = begun();
    let (one, other) = (sealed(&revisions, &long()), sealed(&revisions, &revoked(&revisions)));
    assert_eq!(take(&mut revisions, &one[0]), Chained::Part);
    assert_eq!(take(&mut revisions, &other[0]), void(ChainFault::NotNext));
    let rest = take_all(&mut revisions, &one[1..]);
    assert_eq!(rest.last(), Some(&Chained::Whole(1)));
    assert_eq!(revisions.void_records(), 1);
}

#[test]
fn a_revision_left_half_made_is_begun_anew() {
    let mut revisions = begun();
    let values = sealed(&revisions, &long());
    take(&mut revisions, &values[0]);
    assert_eq!(revisions.half_made().map(|(number, _)| number), Some(1));
    let again = sealed(&revisions, &revoked(&revisions));
    assert_eq!(take(&mut revisions, &again[0]), Chained::Whole(1));
    assert_eq!(revisions.half_made(), None);
    // What was given up does not go on.
    assert_eq!(take(&mut revisions, &values[1]), void(ChainFault::NotNext));
    assert_eq!(revisions.latest().unwrap().registry.parts().communes.len(), 166);
}

#[test]
fn a_revision_that_would_not_hold_together_is_void() {
    let mut revisions = begun();
    let mut node = revisions.latest().unwrap().registry.nodes()[0].clone();
    node.agencies.insert(crate::testing::agency("nobody"));
    let wrong = sealed(&revisions, &Change { nodes: vec![node], ..Change::default() });
    assert!(matches!(take(&mut revisions, &wrong[0]), Chained::Void(ChainFault::Content(_))));
    let good = sealed(&revisions, &revoked(&revisions));
    assert_eq!(take(&mut revisions, &good[0]), Chained::Whole(1));
}

#[test]
fn every_revision_is_a_witness_of_all_that_stands_before_it() {
    let revisions = begun();
    let values = sealed(&revisions, &revoked(&revisions));
    for change in [0, 1] {
        // The same records, one of them appended at another time or under another header.
        let genesis = genesis();
        let headers = [("content-type", &b"x"[..])];
        let first = match change {
            0 => Incoming { appended_ms: 7, ..incoming(0, &genesis[0]) },
            _ => Incoming { headers: &headers, ..incoming(0, &genesis[0]) },
        };
        let mut changed = Revisions::begin(&first, None, Rules::NEWEST).unwrap();
        take_all(&mut changed, &genesis[1..]);
        assert_eq!(take(&mut changed, &values[0]), void(ChainFault::OtherHistory));
    }
    // What slips in between the author's reading and his record is no fault of his.
    let mut between = revisions;
    take(&mut between, &Bytes::from_static(b"garbage"));
    assert_eq!(take(&mut between, &values[0]), Chained::Whole(1));
}

#[test]
fn rules_that_are_not_known_stop_the_reader_until_it_knows_them() {
    let mut old = begun();
    let change = revoked(&old);
    let next = Place { rules: Rules(2), ..place(&old) };
    let values = seal_revision(&next, &change, &TEXTS, &authority()).unwrap();
    let stranger = SigningKey::from_seed(&[99; 32]);
    let forged = seal_revision(&next, &change, &TEXTS, &stranger).unwrap();
    assert_eq!(take(&mut old, &forged[0]), void(ChainFault::Signature(SealFault::OtherKey)));
    let met = old.apply(&incoming(old.next(), &values[0])).unwrap_err();
    assert_eq!(met, UnknownRules { rules: Rules(2), knows: Rules::ONE });
    assert_eq!(old.latest().unwrap().number, 0);
    // What knows them goes on from the same records.
    let mut all = genesis();
    all.extend([forged[0].clone(), values[0].clone()]);
    let new = begun_by(&all, Rules(2)).unwrap();
    assert_eq!(new.latest().unwrap().registry.rules(), Rules(2));
}

#[test]
fn a_last_record_carries_the_fence_of_its_revision() {
    let revisions = begun();
    let values = sealed(&revisions, &long());
    let (last, before) = values.split_last().unwrap();
    let other = sealed(&revisions, &revoked(&revisions)).remove(0);
    let fence = RegistryRecord::decode(last).unwrap().fence.unwrap();
    assert_eq!((fence.n, fence.hash), (1, RegistryRecord::decode(last).unwrap().leaf));
    assert!(before.iter().all(|value| RegistryRecord::decode(value).unwrap().fence.is_none()));
    // A field of length-delimited bytes, number 4, from the other revision's record.
    let fence_of = |value: &Bytes| {
        let at = value.len() - 140;
        let tail = value.slice(at..);
        let start = tail.iter().position(|byte| *byte == 0x22).unwrap();
        value.slice(at + start..)
    };
    let tail = fence_of(last).len();
    let swapped: Bytes = [&last[..last.len() - tail], &fence_of(&other)].concat().into();
    let mut taken = revisions;
    take_all(&mut taken, before);
    assert_eq!(take(&mut taken, &swapped), void(ChainFault::Fence));
    let without: Bytes = last.slice(..last.len() - tail);
    assert_eq!(take(&mut taken, &without), void(ChainFault::Fence));
    assert_eq!(take(&mut taken, last), Chained::Whole(1));
}

#[test]
fn the_days_of_a_key_may_be_closed() {
    let mut revisions = begun();
    let id = node_key(crate::testing::LAND).key_id();
    let mut node = revisions.latest().unwrap().registry.node(&id.0).unwrap().clone();
    node.in_force = Period::until(date(2026, 11, 2));
    let values = sealed(&revisions, &Change { nodes: vec![node], ..Change::default() });
    take(&mut revisions, &values[0]);
    let agency = crate::testing::agency(crate::testing::LAND);
    let registry = &revisions.latest().unwrap().registry;
    assert!(registry.may_seal(&id.0, &agency, date(2026, 11, 2)));
    assert!(!registry.may_seal(&id.0, &agency, date(2026, 11, 3)));
}

#[test]
fn the_recovery_key_replaces_the_authoritys_and_does_nothing_else() {
    let mut revisions = begun();
    let fresh = SigningKey::from_seed(&[55; 32]);
    let more = Change { authority: Some(seal_key(&fresh)), ..revoked(&revisions) };
    let values = seal_revision(&place(&revisions), &more, &TEXTS, &recovery()).unwrap();
    assert_eq!(take(&mut revisions, &values[0]), void(ChainFault::Signature(SealFault::OtherKey)));
    let values = seal_revision(&place(&revisions), &more, &TEXTS, &authority()).unwrap();
    assert_eq!(take(&mut revisions, &values[0]), Chained::Whole(1));
}

#[test]
fn what_was_overtaken_stops_nobody_whatever_its_rules() {
    let mut revisions = begun();
    let later = Place { rules: Rules(9_999), ..place(&revisions) };
    let overtaken = seal_revision(&later, &Change::default(), &TEXTS, &authority()).unwrap();
    let first = sealed(&revisions, &revoked(&revisions));
    assert_eq!(take(&mut revisions, &first[0]), Chained::Whole(1));
    assert_eq!(take(&mut revisions, &overtaken[0]), void(ChainFault::NotNext));
}

#[test]
fn whoever_floods_the_registry_fills_nobody_s_memory_and_is_counted() {
    let mut revisions = begun();
    let kept = VOIDS_KEPT_MAX as u64;
    let first = revisions.next();
    for _ in 0..kept + 3 {
        take(&mut revisions, &Bytes::from_static(b"garbage"));
    }
    assert_eq!((revisions.void_records(), revisions.voids().count() as u64), (kept + 3, kept));
    assert_eq!(revisions.voids().next().map(|void| void.offset), Some(first + 3));
    let values = sealed(&revisions, &revoked(&revisions));
    assert_eq!(take(&mut revisions, &values[0]), Chained::Whole(1));
}

#[test]
fn a_revision_whose_author_read_too_long_before_is_void() {
    let revisions = begun();
    let values = sealed(&revisions, &revoked(&revisions));
    let after = |records: usize| {
        let mut flooded = revisions.clone();
        for _ in 0..records {
            take(&mut flooded, &Bytes::from_static(b"garbage"));
        }
        assert_eq!(flooded.records(), revisions.records() + records as u64);
        take(&mut flooded, &values[0])
    };
    assert_eq!(after(HISTORY_RECORDS_MAX), Chained::Whole(1));
    assert_eq!(after(HISTORY_RECORDS_MAX + 1), void(ChainFault::OtherHistory));
}
