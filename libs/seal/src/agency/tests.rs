use super::{AgencyKey, AgencyPublicKey, Wrap, WrapPlace, wrap};
use crate::{EnvelopeFault, Hash, WrappedHalf};

fn place() -> WrapPlace<'static> {
    WrapPlace { log_id: Hash::of(b"golden log"), code: "H56.13-250701-0001", agency: "land" }
}

fn half() -> WrappedHalf {
    WrappedHalf::from_bytes(&[0xa0; 32])
}

fn wrapped(key: &AgencyKey) -> Wrap {
    half().wrap(&key.public(), &place()).unwrap()
}

#[track_caller]
fn not_opened(key: &AgencyKey, wrap: &Wrap, place: &WrapPlace<'_>) {
    let opened = key.unwrap(wrap, place);
    assert!(matches!(opened, Err(EnvelopeFault::NotOpened)), "{opened:?}");
}

#[test]
fn a_wrap_opens_for_its_agency() {
    let key = AgencyKey::generate().unwrap();
    let wrap = wrapped(&key);
    assert_eq!(wrap.key_id, key.key_id());
    assert_eq!(wrap.ciphertext.len(), Wrap::CIPHERTEXT_BYTES);
    assert_eq!(key.unwrap(&wrap, &place()).unwrap().as_bytes(), half().as_bytes());
}

#[test]
fn two_wraps_of_the_same_never_look_alike() {
    let key = AgencyKey::generate().unwrap();
    let (one, two) = (wrapped(&key), wrapped(&key));
    assert_ne!(one.encapsulated, two.encapsulated);
    assert_ne!(one.ciphertext, two.ciphertext);
}

/// Wrapped by HPKE of pyca/cryptography 48, with the info put together in Python.
#[test]
fn golden_a_wrap_of_another_implementation_opens() {
    let key = AgencyKey::from_seed(&[2; 32]);
    assert_eq!(key.public().to_string(), "6080bbe51005ea9acc863580ce57317d46bef6333558d5bfa97e461342985005");
    assert_eq!(key.key_id().to_string(), "aaf0118a0e1ebea853a3e5207d9a19bf0eb9bd96b1245f61a024bf6cb5d23659");
    let encapsulated: Hash =
        "d46535384a0b70694658a5952c15a217ba8e08fb87ea347cedcfce612c297424".parse().unwrap();
    let ciphertext =
        "ece56a607182775b177e60e9d55dea98c88d160cad40a434b23c95fa90cd2576ddd380005875dd1b32e346d105f77833";
    let wrap = Wrap {
        key_id: key.key_id(),
        encapsulated: encapsulated.0,
        ciphertext: hex::decode(ciphertext).unwrap(),
    };
    assert_eq!(key.unwrap(&wrap, &place()).unwrap().as_bytes(), half().as_bytes());
}

/// RFC 9180, A.1.1: `ikmR` and `pkRm`.
#[test]
fn a_key_is_derived_from_its_seed_as_in_rfc_9180() {
    let seed: Hash = "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037".parse().unwrap();
    let public = AgencyKey::from_seed(&seed.0).public();
    assert_eq!(public.to_string(), "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
}

#[test]
fn a_wrap_opens_at_its_place_alone() {
    let key = AgencyKey::generate().unwrap();
    let wrap = wrapped(&key);
    not_opened(&key, &wrap, &WrapPlace { log_id: Hash::ZERO, ..place() });
    not_opened(&key, &wrap, &WrapPlace { code: "H56.13-250701-0002", ..place() });
    not_opened(&key, &wrap, &WrapPlace { agency: "tax", ..place() });
    // A byte that goes over from code to agency.
    not_opened(&key, &wrap, &WrapPlace { code: "H56.13-250701-000", agency: "1land", ..place() });
}

#[test]
fn another_key_opens_nothing() {
    let (key, other) = (AgencyKey::generate().unwrap(), AgencyKey::generate().unwrap());
    let mut wrap = wrapped(&key);
    assert!(matches!(other.unwrap(&wrap, &place()), Err(EnvelopeFault::OtherKey)));
    wrap.key_id = other.key_id();
    not_opened(&other, &wrap, &place());
    assert!(matches!(key.unwrap(&wrap, &place()), Err(EnvelopeFault::OtherKey)));
}

#[test]
fn a_changed_wrap_does_not_open() {
    let key = AgencyKey::generate().unwrap();
    let wrap = wrapped(&key);
    for byte in 0..Wrap::CIPHERTEXT_BYTES {
        let mut changed = wrap.clone();
        changed.ciphertext[byte] ^= 1;
        not_opened(&key, &changed, &place());
    }
    // Also the last bit, which X25519 itself ignores.
    for bit in 0..256 {
        let mut changed = wrap.clone();
        changed.encapsulated[bit / 8] ^= 1 << (bit % 8);
        not_opened(&key, &changed, &place());
    }
    for length in [0, 15, 16, 47] {
        not_opened(&key, &Wrap { ciphertext: wrap.ciphertext[..length].to_vec(), ..wrap.clone() }, &place());
    }
    let longer = [wrap.ciphertext.as_slice(), &[0]].concat();
    not_opened(&key, &Wrap { ciphertext: longer, ..wrap }, &place());
}

#[test]
fn what_is_wrapped_but_no_half_is_refused() {
    let key = AgencyKey::generate().unwrap();
    for length in [0, 31, 33] {
        not_opened(&key, &wrap(&vec![0; length], &key.public(), &place()).unwrap(), &place());
    }
}

/// The points of low order of curve and twist, also in forms above p, the last with the bit that X25519 ignores.
const LOW_ORDER: [&str; 8] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn nothing_is_wrapped_to_a_key_of_low_order() {
    for text in LOW_ORDER {
        let public: AgencyPublicKey = text.parse().unwrap();
        assert!(matches!(public.check(), Err(EnvelopeFault::BadKey)), "{text}");
        assert!(matches!(half().wrap(&public, &place()), Err(EnvelopeFault::BadKey)), "{text}");
    }
    for _ in 0..16 {
        assert!(AgencyKey::generate().unwrap().public().check().is_ok());
    }
}

#[test]
fn a_wrap_with_an_encapsulated_key_of_low_order_does_not_open() {
    let key = AgencyKey::generate().unwrap();
    for text in LOW_ORDER {
        let encapsulated = text.parse::<Hash>().unwrap().0;
        not_opened(&key, &Wrap { encapsulated, ..wrapped(&key) }, &place());
    }
}

#[test]
fn a_place_has_a_limit() {
    let key = AgencyKey::generate().unwrap();
    let code = "x".repeat(WrapPlace::BYTES_MAX - 4);
    let most = WrapPlace { code: &code, ..place() };
    let wrap = half().wrap(&key.public(), &most).unwrap();
    assert!(key.unwrap(&wrap, &most).is_ok());
    let over = WrapPlace { agency: "land2", ..most };
    assert!(matches!(half().wrap(&key.public(), &over), Err(EnvelopeFault::TooLong)));
    assert!(matches!(key.unwrap(&wrap, &over), Err(EnvelopeFault::TooLong)));
}

#[test]
fn secrets_are_not_shown() {
    let key = AgencyKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), format!("AgencyKey {{ public: {:?}, .. }}", key.public()));
    assert_eq!(format!("{:?}", half()), "WrappedHalf(..)");
}

#[test]
fn a_wrap_is_stored_and_read_again() {
    let wrap = wrapped(&AgencyKey::generate().unwrap());
    let stored = postcard::to_stdvec(&wrap).unwrap();
    assert_eq!(stored.len(), 32 + 32 + 1 + 48);
    assert_eq!(postcard::from_bytes::<Wrap>(&stored), Ok(wrap));
}
