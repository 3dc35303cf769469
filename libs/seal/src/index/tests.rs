//! Tokens: the same for one number under one key of one log, and for nothing else.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const NUMBER: &str = "038199004242";

#[test]
fn one_number_has_one_token_under_one_key_and_log() {
    let (key, other) = (IndexKey::from_seed(&[1; 32]), IndexKey::from_seed(&[2; 32]));
    let token = key.token(Hash([7; 32]), NUMBER).unwrap();
    assert_eq!(key.clone().token(Hash([7; 32]), NUMBER).unwrap(), token);
    let others = [
        key.token(Hash([8; 32]), NUMBER),
        key.token(Hash([7; 32]), "038199004243"),
        other.token(Hash([7; 32]), NUMBER),
        key.fingerprint(),
    ];
    assert!(others.into_iter().all(|other| other.unwrap() != token));
    assert_ne!(key.fingerprint().unwrap(), other.fingerprint().unwrap());
}

#[test]
fn a_token_is_the_mac_that_it_says() {
    // Computed with Python: hmac.new(b"\1" * 32, b"lienthong-index-number-1" + b"\7" * 32 + b"\0\0\0\x0c" + number, sha256)
    let token = IndexKey::from_seed(&[1; 32]).token(Hash([7; 32]), NUMBER).unwrap();
    assert_eq!(token.to_string(), "c5996ccdfa84ac2cb7b25386bca8fec1a36db78e1a556f8aa6c615b6396a70d5");
}

#[test]
fn a_plot_has_a_token_that_no_other_plot_and_no_number_has() {
    let key = IndexKey::from_seed(&[1; 32]);
    let token = |plot| key.plot_token(Hash([7; 32]), plot).unwrap();
    // Computed with Python as above, from b"lienthong-index-plot-1", the log id, and each part with its length before it.
    let expected = "2759873a90a7393b48c0bcad3f3f80699786157e421583b746ffaaa27972c68b";
    assert_eq!(token(["14797", "5", "12"]).to_string(), expected);
    for other in [["14797", "51", "2"], ["14797", "12", "5"], ["14798", "5", "12"]] {
        assert_ne!(token(other).to_string(), expected);
    }
}

#[test]
fn a_key_is_kept_for_its_owner_alone_and_shown_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ward-desk.key");
    let key = IndexKey::generate().unwrap();
    key.save_with(&path, None).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let token = |key: &IndexKey| key.token(Hash::ZERO, NUMBER).unwrap();
    assert_eq!(token(&IndexKey::load_with(&path, None).unwrap()), token(&key));
    assert!(matches!(key.save_with(&path, None), Err(KeyFileFault::Exists { .. })));
    assert_eq!(format!("{key:?}"), "IndexKey(..)");
}
