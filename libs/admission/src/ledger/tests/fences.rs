//! Fences: from where on which revision is in force.

use lienthong_dossier::Action;
use lienthong_registry::Change;
use lienthong_seal::{Hash, SigningKey};
use lienthong_wire::stored::Fence;

use super::reason;
use crate::testing::chain::*;
use crate::testing::*;
use crate::*;

/// A land transfer that the land office is to accept.
fn offered() -> Bench {
    let mut bench = Bench::at_the_offer(&World::founded());
    bench.tell("2026-11-02 09:05", DESK, offer(LAND));
    bench.now = at("2026-11-02 10:00");
    bench
}

fn replaced(by: &SigningKey) -> Change {
    Change { authority: Some(seal_key(by)), ..Change::default() }
}

/// Two revisions, read by the bench: one revokes the land office's node, one restores it.
fn revoked_and_restored(bench: &mut Bench) -> [Fence; 2] {
    let revisions = &mut bench.reader.revisions;
    let change = revoked(revisions, LAND);
    [publish(revisions, &change, &authority()), publish(revisions, &restored(LAND), &authority())]
}

fn fenced(applied: &Applied) -> Option<u64> {
    match applied.verdict {
        Verdict::Fence(n) => Some(n),
        Verdict::Admitted(_) | Verdict::Void { .. } => None,
    }
}

/// Reads a log from its start, in batches of so many records.
fn read(bench: &Bench, batch: usize) -> Reader {
    let mut reader = Reader::new(&bench.reader.world, bench.reader.partition);
    reader.revisions = bench.reader.revisions.clone();
    for batch in bench.log.chunks(batch) {
        batch.iter().for_each(|sent| drop(reader.apply(sent)));
        reader.settle();
    }
    reader
}

#[test]
fn a_fence_changes_the_registry_for_what_follows_in_the_same_batch() {
    let mut bench = offered();
    let [revokes, restores] = revoked_and_restored(&mut bench);
    let accept = bench.draft(LAND, Action::AcceptCustody);
    assert_eq!(fenced(&bench.append(fence_record(&revokes))), Some(1));
    assert_eq!(reason(&bench.append(accept.sent())), Some(Reason::Key));
    assert_eq!(fenced(&bench.append(fence_record(&restores))), Some(2));
    assert_eq!(reason(&bench.append(accept.sent())), None);
    let cursor = bench.reader.ledger.cursor();
    // Three records before the fences, the fences, and the acceptance.
    assert_eq!((cursor.revision, cursor.admitted, cursor.count), (2, 6, 7));
    assert_eq!(bench.reader.settle(), 1);
}

#[test]
fn a_revision_is_in_force_from_its_fence_on_and_not_from_its_publication() {
    let mut bench = offered();
    let [revokes, _] = revoked_and_restored(&mut bench);
    let accept = bench.draft(LAND, Action::AcceptCustody);
    assert_eq!(reason(&bench.append(accept.sent())), None);
    assert_eq!(fenced(&bench.append(fence_record(&revokes))), Some(1));
}

#[test]
fn a_fence_whose_revision_is_not_read_leaves_the_ledger_as_it_was_until_it_is() {
    let mut bench = offered();
    let [revokes, _] = revoked_and_restored(&mut bench);
    let accept = bench.draft(LAND, Action::AcceptCustody);
    let mut waiting = bench.reader.settled_twin();
    waiting.revisions = bench.reader.world.revisions.clone();
    let before = waiting.ledger.cursor().clone();
    for _ in 0..2 {
        let halt = waiting.try_apply(&fence_record(&revokes)).unwrap_err();
        assert!(matches!(halt, Halt::Revision(1)), "{halt:?}");
        assert_eq!(waiting.ledger.cursor(), &before);
        assert_eq!(waiting.settle(), 0);
    }
    waiting.revisions = bench.reader.revisions.clone();
    for reader in [&mut waiting, &mut bench.reader] {
        assert_eq!(fenced(&reader.apply(&fence_record(&revokes))), Some(1));
        assert_eq!(reason(&reader.apply(&accept.sent())), Some(Reason::Key));
        reader.settle();
    }
    assert_eq!(waiting.ledger.cursor(), bench.reader.ledger.cursor());
}

#[test]
fn behind_a_fence_nothing_is_judged_before_its_revision_is_read() {
    let mut bench = offered();
    let [revokes, _] = revoked_and_restored(&mut bench);
    let accept = bench.draft(LAND, Action::AcceptCustody);
    bench.append(fence_record(&revokes));
    // A store that was kept, under a registry that is read anew.
    let mut waiting = bench.reader.settled_twin();
    waiting.revisions = bench.reader.world.revisions.clone();
    let before = waiting.ledger.cursor().clone();
    for sent in [accept.sent(), Sent::raw(&b"no entry"[..])] {
        assert!(matches!(waiting.try_apply(&sent), Err(Halt::Revision(1))));
        assert_eq!(waiting.ledger.cursor(), &before);
    }
    waiting.revisions = bench.reader.revisions.clone();
    assert_eq!(reason(&waiting.apply(&accept.sent())), Some(Reason::Key));
}

#[test]
fn a_fence_counts_once_and_never_backwards() {
    let mut bench = offered();
    let [revokes, restores] = revoked_and_restored(&mut bench);
    // Over a revision that changed no key of the authority a fence may leap.
    assert_eq!(fenced(&bench.append(fence_record(&restores))), Some(2));
    for old in [&restores, &revokes] {
        assert_eq!(reason(&bench.append(fence_record(old))), Some(Reason::Fence));
        assert_eq!(bench.reader.ledger.cursor().revision, 2);
    }
}

#[test]
fn a_fence_that_is_not_that_of_its_revision_is_void() {
    let mut bench = offered();
    let [revokes, _] = revoked_and_restored(&mut bench);
    let (log_id, n, hash) = (revokes.log_id, revokes.n, revokes.hash);
    let by = |key: &SigningKey, log_id, n, hash| Fence {
        log_id,
        n,
        hash,
        signature: key.sign_fence(log_id, n, hash),
    };
    let (stranger, other) = (SigningKey::from_seed(&[99; 32]), Hash([9; 32]));
    for (what, fence) in [
        ("signed by a stranger", by(&stranger, log_id, n, hash)),
        ("signed by a node", by(&node_key(DESK), log_id, n, hash)),
        ("of another log", by(&authority(), other, n, hash)),
        ("of another revision under that number", by(&authority(), log_id, n, other)),
        ("of the genesis", by(&authority(), log_id, 0, log_id)),
        ("of a revision to come, by a stranger", by(&stranger, log_id, 77, other)),
        ("far ahead, by the authority itself", by(&authority(), log_id, FENCE_LEAP_MAX + 1, other)),
        ("as far ahead as there are numbers", by(&authority(), log_id, u64::MAX, other)),
        ("the signature of another one", Fence { n: 2, ..revokes.clone() }),
    ] {
        assert_eq!(reason(&bench.append(fence_record(&fence))), Some(Reason::Fence), "{what}");
        assert_eq!(bench.reader.ledger.cursor().revision, 0, "{what}");
    }
    let keyed = fence_record(&revokes).with(|sent| sent.key = CODE.into());
    assert_eq!(reason(&bench.append(keyed)), Some(Reason::Partition));
    assert_eq!(fenced(&bench.append(fence_record(&revokes))), Some(1));
}

#[test]
fn a_fence_does_not_leap_over_a_replaced_key_of_the_authority() {
    let fresh = SigningKey::from_seed(&[55; 32]);
    for signer in [authority(), recovery()] {
        let mut bench = offered();
        let accept = bench.draft(LAND, Action::AcceptCustody);
        let revisions = &mut bench.reader.revisions;
        let replaces = publish(revisions, &replaced(&fresh), &signer);
        let change = revoked(revisions, LAND);
        let revokes = publish(revisions, &change, &fresh);
        let log = [&revokes, &replaces, &revokes].map(fence_record);
        // Who has read nothing of it yet says the same of the leap as who has read all.
        let mut behind = bench.reader.settled_twin();
        behind.revisions = bench.reader.world.revisions.clone();
        assert_eq!(reason(&behind.apply(&log[0])), Some(Reason::Fence));
        assert!(matches!(behind.try_apply(&log[1]), Err(Halt::Revision(1))));
        assert_eq!(reason(&bench.append(log[0].clone())), Some(Reason::Fence));
        assert_eq!(fenced(&bench.append(log[1].clone())), Some(1));
        assert_eq!(fenced(&bench.append(log[2].clone())), Some(2));
        assert_eq!(reason(&bench.append(accept.sent())), Some(Reason::Key));
        behind.revisions = bench.reader.revisions.clone();
        log[1..].iter().for_each(|sent| drop(behind.apply(sent)));
        assert_eq!(reason(&behind.apply(&accept.sent())), Some(Reason::Key));
        assert_eq!(behind.ledger.cursor(), bench.reader.ledger.cursor());
    }
}

#[test]
fn a_fence_under_the_replaced_key_is_void_once_the_new_one_is_in_force() {
    let mut bench = offered();
    let fresh = SigningKey::from_seed(&[55; 32]);
    let revisions = &mut bench.reader.revisions;
    let replaces = publish(revisions, &replaced(&fresh), &authority());
    let change = revoked(revisions, LAND);
    let revokes = publish(revisions, &change, &fresh);
    assert_eq!(fenced(&bench.append(fence_record(&replaces))), Some(1));
    let signature = authority().sign_fence(revokes.log_id, revokes.n, revokes.hash);
    let by_the_old = Fence { signature, ..revokes.clone() };
    assert_eq!(reason(&bench.append(fence_record(&by_the_old))), Some(Reason::Fence));
    assert_eq!(fenced(&bench.append(fence_record(&revokes))), Some(2));
}

#[test]
fn two_readers_agree_however_they_cut_a_log_with_fences_into_batches() {
    let mut bench = offered();
    let [revokes, restores] = revoked_and_restored(&mut bench);
    let accept = bench.draft(LAND, Action::AcceptCustody).sent();
    let fences = [&revokes, &revokes, &restores].map(fence_record);
    bench.append(fences[0].clone());
    bench.append(accept.clone());
    bench.append(fences[1].clone());
    bench.append(fences[2].clone());
    bench.append(accept);
    bench.tell("2026-11-03 10:00", LAND, complete("tham-dinh", "du-dieu-kien"));
    bench.append(fences[0].clone());
    bench.reader.settle();
    assert_eq!(bench.reader.ledger.cursor().revision, 2);
    for batch in 1..=bench.log.len() {
        let reader = read(&bench, batch);
        assert_eq!(reader.ledger.cursor(), bench.reader.ledger.cursor(), "batches of {batch}");
        assert_eq!(reader.rows, bench.reader.rows, "batches of {batch}");
    }
}
