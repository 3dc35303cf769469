//! Revisions of the registry that nobody meant to publish, by whoever holds the authority's key.

use bytes::Bytes;
use lienthong_fuzz::Target;
use lienthong_seal::leaf;
use lienthong_wire::Message as _;
use lienthong_wire::pb::log::v1 as pb;
use lienthong_wire::stored::revision::seal_revision;

use crate::testing::chain::*;
use crate::testing::*;
use crate::*;

lienthong_fuzz::targets!(registry, revision);

/// A record's value as it comes behind the genesis. It counts or not, and the registry goes on.
fn registry() {
    let revisions = World::founded().revisions.clone();
    let next = place(&revisions);
    let values = [revoked(&revisions, TAX), make_up("2026-11-02"), succession(LAND, TAX, "2026-12-01")]
        .map(|change| seal_revision(&next, &change, &TEXTS, &authority()).unwrap().remove(0));
    Target::new(values.map(|value| value.to_vec())).check(move |bytes| {
        check(&revisions, &Bytes::copy_from_slice(bytes));
    });
}

/// A revision alone, sealed by the authority as the next and only record of its revision.
fn revision() {
    let revisions = World::founded().revisions.clone();
    let next = place(&revisions);
    let changes = [revoked(&revisions, TAX), make_up("2026-11-02"), succession(LAND, TAX, "2026-12-01")];
    let sealed = changes.map(|change| seal_revision(&next, &change, &TEXTS, &authority()).unwrap().remove(0));
    let genesis = genesis_with(&[]);
    let bodies = sealed
        .iter()
        .chain(&genesis)
        .map(|value| pb::RegistryEntry::decode(value.clone()).unwrap().body.to_vec());
    let words =
        ["2026-12-01", "9999-12-31", "H56.2", "land-office", "07:30-11:30,13:30-17:30", "ward-desk", "38"];
    Target::new(bodies.collect::<Vec<_>>()).words(words).check(move |bytes| {
        let Ok(mut revision) = pb::Revision::decode(bytes) else { return };
        let place = place(&revisions);
        revision.genesis = None;
        (revision.number, revision.part, revision.last) = (place.number, 1, true);
        revision.rules = place.rules.0;
        revision.prev = place.prev.0.to_vec().into();
        revision.next_sha256 = Bytes::new();
        revision.history =
            Some(pb::Witness { count: place.history.count, hash: place.history.hash.0.to_vec().into() });
        let body = Bytes::from(revision.encode_to_vec());
        let hash = leaf(&body);
        let signer = authority();
        let fence = pb::Fence {
            log_id: place.log_id.0.to_vec().into(),
            n: place.number,
            hash: hash.0.to_vec().into(),
            signature: signer.sign_fence(place.log_id, place.number, hash).0.to_vec().into(),
        };
        let entry = pb::RegistryEntry {
            signature: signer.sign_revision(&body).0.to_vec().into(),
            signer_key_id: signer.key_id().0.to_vec().into(),
            body,
            fence: Some(fence),
        };
        check(&revisions, &entry.encode_to_vec().into());
    });
}

fn check(revisions: &Revisions, value: &Bytes) {
    let mut after = revisions.clone();
    match after.apply(&incoming(revisions.next(), value)) {
        Ok(Chained::Void(fault)) => {
            assert!(!fault.to_string().is_empty());
            assert_eq!((after.head(), after.half_made()), (revisions.head(), revisions.half_made()));
        }
        Ok(Chained::Part | Chained::Whole(_)) => assert_ne!(after.head(), revisions.head()),
        Err(UnknownRules { rules, knows }) => assert!(rules > knows),
    }
}
