use super::{Seal, SealFault, Signed, Verifier};
use crate::{Hash, PublicKey, Signature, SigningKey, leaf};

fn log_id() -> Hash {
    Hash::of(b"log")
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn leaves(count: u8) -> Vec<Hash> {
    (0..count).map(|i| leaf(&[i])).collect()
}

/// Both ways to check say the same.
#[track_caller]
fn check(seal: &Seal, log_id: Hash, public: &PublicKey, leaf: Hash, expected: Result<(), SealFault>) {
    let verifier = Verifier::default();
    assert_eq!(seal.verify(log_id, public, leaf), expected);
    assert_eq!(verifier.verify(seal, log_id, public, leaf), expected);
    assert_eq!(verifier.verify(seal, log_id, public, leaf), expected, "the second time");
}

fn remembered(verifier: &Verifier) -> usize {
    let good = verifier.good.lock().unwrap();
    good.young.len() + good.old.len()
}

#[test]
fn every_seal_of_a_tree_counts_for_its_leaf_alone() {
    for count in 1..=17 {
        let leaves = leaves(count);
        let seals = key(1).seal_all(log_id(), &leaves);
        assert_eq!(seals.len(), leaves.len());
        for (i, seal) in seals.iter().enumerate() {
            for (j, leaf) in leaves.iter().enumerate() {
                let counts = seal.verify(log_id(), &key(1).public(), *leaf);
                assert_eq!(counts.is_ok(), i == j, "seal {i}, leaf {j} of {count}");
            }
        }
    }
}

#[test]
fn a_body_sent_alone_is_its_own_root() {
    let seal = &key(1).seal_all(log_id(), &leaves(1))[0];
    assert_eq!((seal.tree_size, seal.leaf_index, seal.path.len()), (1, 0, 0));
    check(seal, log_id(), &key(1).public(), leaf(&[0]), Ok(()));
}

#[test]
fn nothing_to_seal_gives_no_seals() {
    assert_eq!(key(1).seal_all(log_id(), &[]), []);
}

#[test]
fn every_changed_part_is_refused() {
    let leaves = leaves(5);
    let (public, seal) = (key(1).public(), &key(1).seal_all(log_id(), &leaves)[2]);
    let refuse = |change: &dyn Fn(&mut Seal), fault| {
        let mut changed = seal.clone();
        change(&mut changed);
        check(&changed, log_id(), &public, leaves[2], Err(fault));
    };
    check(seal, log_id(), &public, leaves[2], Ok(()));
    refuse(&|seal| seal.key_id.0[0] ^= 1, SealFault::OtherKey);
    refuse(&|seal| seal.tree_size = 0, SealFault::Path);
    refuse(&|seal| seal.tree_size = 4, SealFault::Path);
    // As long a path as for 5 leaves: here only the signed size tells.
    refuse(&|seal| seal.tree_size = 8, SealFault::BadSignature);
    refuse(&|seal| seal.tree_size = 1 << 40, SealFault::Path);
    refuse(&|seal| seal.leaf_index = 3, SealFault::BadSignature);
    refuse(&|seal| seal.leaf_index = 5, SealFault::Path);
    refuse(&|seal| seal.leaf_index = u64::MAX, SealFault::Path);
    refuse(&|seal| seal.path[1].0[31] ^= 1, SealFault::BadSignature);
    refuse(&|seal| seal.path.swap(0, 1), SealFault::BadSignature);
    refuse(&|seal| seal.path.truncate(2), SealFault::Path);
    refuse(&|seal| seal.path.push(Hash::ZERO), SealFault::Path);
    refuse(&|seal| seal.path.clear(), SealFault::Path);
    refuse(&|seal| seal.signature.0[0] ^= 1, SealFault::BadSignature);
    refuse(&|seal| seal.signature.0[32] ^= 1, SealFault::BadSignature);
    check(seal, log_id(), &public, leaf(b"other"), Err(SealFault::BadSignature));
    check(seal, Hash::ZERO, &public, leaves[2], Err(SealFault::BadSignature));
}

#[test]
fn another_key_does_not_count_whatever_the_seal_names() {
    let leaves = leaves(2);
    let mut seal = key(1).seal_all(log_id(), &leaves)[0].clone();
    check(&seal, log_id(), &key(2).public(), leaves[0], Err(SealFault::OtherKey));
    seal.key_id = key(2).key_id();
    check(&seal, log_id(), &key(2).public(), leaves[0], Err(SealFault::BadSignature));
    check(&seal, log_id(), &key(1).public(), leaves[0], Err(SealFault::OtherKey));
}

#[test]
fn a_key_of_low_order_seals_nothing() {
    let public = PublicKey(std::array::from_fn(|i| u8::from(i == 0)));
    let signature = format!("58{}01{}", "66".repeat(31), "00".repeat(31)).parse().unwrap();
    let seal = Seal { key_id: public.key_id(), tree_size: 1, leaf_index: 0, path: Vec::new(), signature };
    check(&seal, log_id(), &public, leaf(b"any"), Err(SealFault::BadKey));
}

#[test]
fn many_records_under_one_signature_cost_one_check() {
    let (leaves, verifier, public) = (leaves(100), Verifier::default(), key(1).public());
    for (seal, leaf) in key(1).seal_all(log_id(), &leaves).iter().zip(&leaves) {
        assert_eq!(verifier.verify(seal, log_id(), &public, *leaf), Ok(()));
        assert_eq!(remembered(&verifier), 1);
    }
}

#[test]
fn a_remembered_signature_is_good_for_nothing_else() {
    let (leaves, verifier, public) = (leaves(4), Verifier::default(), key(1).public());
    let seals = key(1).seal_all(log_id(), &leaves);
    assert_eq!(verifier.verify(&seals[0], log_id(), &public, leaves[0]), Ok(()));
    let seal = &seals[1];
    assert_eq!(verifier.verify(seal, log_id(), &public, leaves[0]), Err(SealFault::BadSignature));
    assert_eq!(verifier.verify(seal, Hash::ZERO, &public, leaves[1]), Err(SealFault::BadSignature));
    assert_eq!(verifier.verify(seal, log_id(), &key(2).public(), leaves[1]), Err(SealFault::OtherKey));
    let changed = Seal { signature: Signature([0; 64]), ..seal.clone() };
    assert_eq!(verifier.verify(&changed, log_id(), &public, leaves[1]), Err(SealFault::BadSignature));
    assert_eq!(remembered(&verifier), 1, "what is not good is not remembered");
}

#[test]
fn what_a_signature_is_remembered_by_says_all_that_went_into_its_check() {
    let (one, other) = (Hash::of(b"one"), Hash::of(b"other"));
    let signed = Signed { log_id: one, key_id: one, tree_size: 1, root: one, signature: Signature([1; 64]) };
    let others = [
        Signed { log_id: other, ..signed },
        Signed { key_id: other, ..signed },
        Signed { tree_size: 2, ..signed },
        Signed { root: other, ..signed },
        Signed { signature: Signature([2; 64]), ..signed },
    ];
    for changed in others {
        assert_ne!(changed.fingerprint(), signed.fingerprint(), "{changed:?}");
    }
    assert_eq!(signed.fingerprint(), { signed }.fingerprint());
}

#[test]
fn what_is_remembered_is_bounded_and_what_is_used_stays() {
    let verifier = Verifier::new(8);
    let signed = |n: u64| {
        let key_id = Hash::ZERO;
        let signed = Signed {
            log_id: log_id(),
            key_id,
            tree_size: n,
            root: Hash::ZERO,
            signature: Signature([0; 64]),
        };
        signed.fingerprint()
    };
    for n in 1..1000 {
        verifier.remember(signed(n));
        verifier.remember(signed(n));
        assert!(remembered(&verifier) <= 8);
        assert!(verifier.remembers(signed(n)));
        assert!(verifier.remembers(signed(1)), "the first is used all the time");
    }
    assert!(!verifier.remembers(signed(500)));
}

#[test]
fn the_smallest_verifier_works() {
    let (leaves, verifier) = (leaves(1), Verifier::new(0));
    for seed in 1..10 {
        let seal = &key(seed).seal_all(log_id(), &leaves)[0];
        assert_eq!(verifier.verify(seal, log_id(), &key(seed).public(), leaves[0]), Ok(()));
        assert!(remembered(&verifier) <= 2);
    }
}

#[test]
fn a_seal_is_stored_and_read_again() {
    let seal = &key(1).seal_all(log_id(), &leaves(3))[1];
    let stored = postcard::to_stdvec(seal).unwrap();
    // Key id, size, index, length of the path, two nodes, signature.
    assert_eq!(stored.len(), 32 + 1 + 1 + 1 + 64 + 64);
    assert_eq!(postcard::from_bytes::<Seal>(&stored).as_ref(), Ok(seal));
}
