use super::{PublicKey, Signature, SigningKey};
use crate::{Hash, SealFault, leaf};

fn log_id() -> Hash {
    Hash::of(b"golden log")
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// `signature` with the group order ℓ added to S: the same equation holds, but S is not reduced.
fn unreduced(signature: Signature) -> Signature {
    let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut changed = signature;
    let mut carry = 0;
    for (byte, add) in changed.0[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    changed
}

/// RFC 8032, 7.1, tests 1 and 2.
#[test]
fn the_vectors_of_rfc_8032_come_out() {
    let check = |seed, public, message: &[u8], signature: &str| {
        let key = SigningKey::from_seed(&bytes(seed));
        assert_eq!(key.public().to_string(), public);
        assert_eq!(key.sign(message).to_string(), signature);
        assert_eq!(key.public().verify(message, &signature.parse().unwrap()), Ok(()));
    };
    check(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    check(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        &[0x72],
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
}

#[test]
fn golden_what_is_signed_keeps_its_bytes() {
    let key = SigningKey::from_seed(&[1; 32]);
    assert_eq!(key.key_id().to_string(), "905777635eb4b807526af2799925e93fbcfea37c6106fbb2320b37b4f9a34602");

    let leaves = [leaf(b"a"), leaf(b"b"), leaf(b"c")];
    let root: Hash = "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1".parse().unwrap();
    for (seal, leaf) in key.seal_all(log_id(), &leaves).iter().zip(leaves) {
        assert_eq!(crate::root_from_path(leaf, seal.leaf_index, seal.tree_size, &seal.path), Some(root));
        assert_eq!(
            seal.signature.to_string(),
            "33ecc38c0600e2eaa441a3f3f5b53e28112ab4e2e18b70baa9fca2c5f9f87a35f94cf58562636d855367dd09e105396c2b7f4e38bf7b5736601c49c115f55601"
        );
    }
    assert_eq!(
        key.sign_revision(b"revision").to_string(),
        "0f704b2fcfc734077b9fae1f4ef51a36fc3441af511a86eb5d33ac839a56056a0b3a5cadb420a99a45ec235437eb5edfffdb664f8c0c2d4e62c14bb18776640b"
    );
    assert_eq!(
        key.sign_fence(log_id(), 5, root).to_string(),
        "2ec9c2cf36bda38f8c1979f482ee3378249d21bbb3e00ad3fa8d1ad809fe953f32b7df8385b9efd38d1023acb28656dd04bce2a0e059a5617fe6a376b2498903"
    );
}

#[test]
fn a_revision_is_signed_as_it_is() {
    let key = SigningKey::generate().unwrap();
    let (public, signature) = (key.public(), key.sign_revision(b"body"));
    assert_eq!(public.verify_revision(b"body", &signature), Ok(()));
    assert_eq!(public.verify_revision(b"bodz", &signature), Err(SealFault::BadSignature));
    assert_eq!(public.verify_revision(b"", &signature), Err(SealFault::BadSignature));
    let other = SigningKey::generate().unwrap().public();
    assert_eq!(other.verify_revision(b"body", &signature), Err(SealFault::BadSignature));
}

#[test]
fn a_fence_is_signed_for_its_log_number_and_revision() {
    let key = SigningKey::generate().unwrap();
    let (public, hash) = (key.public(), leaf(b"revision"));
    let signature = key.sign_fence(log_id(), 5, hash);
    assert_eq!(public.verify_fence(log_id(), 5, hash, &signature), Ok(()));
    assert_eq!(public.verify_fence(Hash::ZERO, 5, hash, &signature), Err(SealFault::BadSignature));
    assert_eq!(public.verify_fence(log_id(), 6, hash, &signature), Err(SealFault::BadSignature));
    assert_eq!(public.verify_fence(log_id(), 5, Hash::ZERO, &signature), Err(SealFault::BadSignature));
}

#[test]
fn a_signature_of_one_kind_is_none_of_another() {
    let key = SigningKey::generate().unwrap();
    let fence = key.sign_fence(log_id(), 5, Hash::ZERO);
    let rest = [&log_id().0[..], &5_u64.to_be_bytes(), &[0; 32]].concat();
    assert_eq!(key.public().verify_revision(&rest, &fence), Err(SealFault::BadSignature));
    let revision = key.sign_revision(&rest);
    assert_eq!(key.public().verify_fence(log_id(), 5, Hash::ZERO, &revision), Err(SealFault::BadSignature));
}

#[test]
fn every_changed_bit_of_a_signature_is_noticed() {
    let key = SigningKey::generate().unwrap();
    let signature = key.sign_revision(b"body");
    for bit in 0..512 {
        let mut changed = signature;
        changed.0[bit / 8] ^= 1 << (bit % 8);
        assert!(key.public().verify_revision(b"body", &changed).is_err(), "bit {bit}");
    }
}

#[test]
fn a_signature_has_one_form() {
    let key = SigningKey::generate().unwrap();
    let signature = key.sign_revision(b"body");
    let changed = unreduced(signature);
    assert_ne!(changed, signature);
    assert_eq!(key.public().verify_revision(b"body", &changed), Err(SealFault::BadSignature));
}

/// All encodings of the eight points of low order, and more than the canonical ones.
const LOW_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn a_key_of_low_order_is_none() {
    for text in LOW_ORDER {
        let public: PublicKey = text.parse().unwrap();
        assert_eq!(public.check(), Err(SealFault::BadKey), "{text}");
    }
    // Under the neutral point the plain equation R = S·B holds for every message: here with S = 1.
    let neutral: PublicKey = LOW_ORDER[0].parse().unwrap();
    let skeleton: Signature = format!("58{}01{}", "66".repeat(31), "00".repeat(31)).parse().unwrap();
    let lax = ed25519_dalek::VerifyingKey::from_bytes(&neutral.0).unwrap();
    let plain = ed25519_dalek::Signature::from_bytes(&skeleton.0);
    assert!(ed25519_dalek::Verifier::verify(&lax, b"any message", &plain).is_ok());
    assert!(lax.verify_strict(b"any message", &plain).is_err());
    assert_eq!(neutral.verify(b"any message", &skeleton), Err(SealFault::BadKey));
}

#[test]
fn a_signature_with_an_r_of_low_order_is_refused() {
    // S = 0 and R neutral would fit if the key were of low order; strict refuses R before it looks at the key.
    let public = SigningKey::generate().unwrap().public();
    for text in LOW_ORDER {
        let signature: Signature = format!("{text}{}", "00".repeat(32)).parse().unwrap();
        assert_eq!(public.verify(b"", &signature), Err(SealFault::BadSignature));
    }
}

#[test]
fn a_key_is_a_point_in_its_canonical_form() {
    // 2 is the y of no point; p + 3 encodes the point with y = 3 a second time.
    let none: PublicKey = format!("02{}", "00".repeat(31)).parse().unwrap();
    assert_eq!(none.check(), Err(SealFault::BadKey));
    let canonical: PublicKey = format!("03{}", "00".repeat(31)).parse().unwrap();
    assert_eq!(canonical.check(), Ok(()));
    let second: PublicKey = format!("f0{}7f", "ff".repeat(30)).parse().unwrap();
    assert!(ed25519_dalek::VerifyingKey::from_bytes(&second.0).is_ok());
    assert_eq!(second.check(), Err(SealFault::BadKey));
}

#[test]
fn secrets_are_not_shown() {
    let key = SigningKey::from_seed(&[0xab; 32]);
    let shown = format!("{key:?}");
    assert!(!shown.contains("abab") && !shown.contains("171, 171"), "{shown}");
    assert!(shown.contains(&key.public().to_string()));
}
