use super::{DataKey, Envelope, EnvelopeFault, EnvelopePlace, hkdf};
use crate::{ErasableHalf, Hash, WrappedHalf};

const NAME: &str = "Nguyễn Văn A";

fn key(a: u8, e: u8) -> DataKey {
    DataKey::derive(&WrappedHalf::from_bytes(&[a; 32]), &ErasableHalf::from_bytes(&[e; 32])).unwrap()
}

fn place() -> EnvelopePlace<'static> {
    EnvelopePlace { log_id: Hash::of(b"golden log"), code: "H56.13-250701-0001", name: "applicant" }
}

#[track_caller]
fn not_opened(key: &DataKey, place: &EnvelopePlace<'_>, envelope: &Envelope) {
    let opened = key.decrypt(place, envelope);
    assert!(matches!(opened, Err(EnvelopeFault::NotOpened)), "{opened:?}");
}

/// Computed with pyca/cryptography 48.
#[test]
fn golden_key_command_and_envelope_of_another_implementation() {
    let key = key(0xa0, 0xe0);
    assert_eq!(
        key.fingerprint().to_string(),
        "4a6902ce0d47a835ce23d0c660c1606439daa7efcde5670105f5e32cc898c29a"
    );
    assert_eq!(
        key.command_hash(b"command").to_string(),
        "a97cf1c59d410ce0df2616d79265556e9c2a885db873a742bc5daf4584a7b977"
    );
    let ciphertext = hex::decode("ca1138d0f18a76d0a429368fadb51318c05a08e9afd4758fec24e2b04fa480").unwrap();
    let envelope = Envelope { nonce: std::array::from_fn(|i| u8::try_from(i).unwrap()), ciphertext };
    assert_eq!(key.decrypt(&place(), &envelope).unwrap().as_slice(), NAME.as_bytes());
}

/// RFC 5869, A.3, the first 32 of its 42 bytes.
#[test]
fn keys_are_derived_as_in_rfc_5869() {
    let output = hkdf(&[0x0b; 22], b"").unwrap();
    assert_eq!(hex::encode(output), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

#[test]
fn both_halves_and_their_order_make_the_key() {
    let fingerprint = key(1, 2).fingerprint();
    assert_eq!(fingerprint, key(1, 2).fingerprint());
    assert_ne!(fingerprint, key(2, 2).fingerprint());
    assert_ne!(fingerprint, key(1, 1).fingerprint());
    assert_ne!(fingerprint, key(2, 1).fingerprint());
}

#[test]
fn an_envelope_opens_with_its_key_at_its_place() {
    let envelope = key(1, 2).encrypt(&place(), NAME.as_bytes()).unwrap();
    assert_eq!(envelope.ciphertext.len(), NAME.len() + Envelope::TAG_BYTES);
    assert_eq!(key(1, 2).decrypt(&place(), &envelope).unwrap().as_slice(), NAME.as_bytes());

    let empty = key(1, 2).encrypt(&place(), b"").unwrap();
    assert_eq!(key(1, 2).decrypt(&place(), &empty).unwrap().as_slice(), b"");
}

#[test]
fn an_envelope_opens_nowhere_else() {
    let key = key(1, 2);
    let envelope = key.encrypt(&place(), NAME.as_bytes()).unwrap();
    not_opened(&key, &EnvelopePlace { log_id: Hash::ZERO, ..place() }, &envelope);
    not_opened(&key, &EnvelopePlace { code: "H56.13-250701-0002", ..place() }, &envelope);
    not_opened(&key, &EnvelopePlace { name: "owner", ..place() }, &envelope);
    // Code and name that are the same bytes, cut at another place or swapped.
    not_opened(&key, &EnvelopePlace { code: "H56.13-250701-0001a", name: "pplicant", ..place() }, &envelope);
    not_opened(&key, &EnvelopePlace { code: "H56.13-250701-0001applicant", name: "", ..place() }, &envelope);
    not_opened(&key, &EnvelopePlace { code: "applicant", name: "H56.13-250701-0001", ..place() }, &envelope);
}

#[test]
fn another_key_opens_no_envelope() {
    let envelope = key(1, 2).encrypt(&place(), NAME.as_bytes()).unwrap();
    not_opened(&key(1, 3), &place(), &envelope);
    not_opened(&key(3, 2), &place(), &envelope);
}

#[test]
fn a_changed_envelope_does_not_open() {
    let key = key(1, 2);
    let envelope = key.encrypt(&place(), NAME.as_bytes()).unwrap();
    for byte in 0..envelope.ciphertext.len() {
        let mut changed = envelope.clone();
        changed.ciphertext[byte] ^= 1;
        not_opened(&key, &place(), &changed);
        changed.ciphertext.truncate(byte);
        not_opened(&key, &place(), &changed);
    }
    for byte in 0..12 {
        let mut changed = envelope.clone();
        changed.nonce[byte] ^= 1;
        not_opened(&key, &place(), &changed);
    }
}

#[test]
fn the_same_text_never_looks_alike() {
    let key = key(1, 2);
    let nonces: std::collections::BTreeSet<_> =
        (0..100).map(|_| key.encrypt(&place(), b"same").unwrap().nonce).collect();
    assert_eq!(nonces.len(), 100);
}

#[test]
fn a_command_is_recognised_under_its_key_alone() {
    let hash = key(1, 2).command_hash(b"command");
    assert_eq!(hash, key(1, 2).command_hash(b"command"));
    assert_ne!(hash, key(1, 2).command_hash(b"commanc"));
    assert_ne!(hash, key(1, 3).command_hash(b"command"));
    assert_ne!(hash, Hash::of(b"command"));
}

#[test]
fn halves_are_drawn_anew_each_time() {
    let (one, two) = (WrappedHalf::generate().unwrap(), WrappedHalf::generate().unwrap());
    assert_ne!(one.as_bytes(), two.as_bytes());
    let (one, two) = (ErasableHalf::generate().unwrap(), ErasableHalf::generate().unwrap());
    assert_ne!(one.as_bytes(), two.as_bytes());
}

#[test]
fn secrets_are_not_shown() {
    assert_eq!(format!("{:?}", key(1, 2)), "DataKey(..)");
    assert_eq!(format!("{:?}", ErasableHalf::from_bytes(&[1; 32])), "ErasableHalf(..)");
    let envelope = key(1, 2).encrypt(&place(), NAME.as_bytes()).unwrap();
    let fault = key(1, 3).decrypt(&place(), &envelope).unwrap_err();
    assert!(!format!("{fault:?} {fault}").contains(NAME));
}

#[test]
fn an_envelope_is_stored_and_read_again() {
    let envelope = key(1, 2).encrypt(&place(), b"text").unwrap();
    let stored = postcard::to_stdvec(&envelope).unwrap();
    assert_eq!(stored.len(), 12 + 1 + 4 + Envelope::TAG_BYTES);
    assert_eq!(postcard::from_bytes::<Envelope>(&stored), Ok(envelope));
}
