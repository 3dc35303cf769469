use std::fs;
use std::path::PathBuf;

use super::*;
use crate::{AgencyKey, SigningKey};

/// The keys of these seeds under `correct horse battery`, made by OpenSSL 3.0.19: `pkcs8 -topk8 -scrypt -scrypt_N 16384`.
const SIGNING: ([u8; 32], &str) = (
    [0xab; 32],
    "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAjS+ClaIdK2mQICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBCH1bB/aCITJZUOW/yZyY0pBEAs1IlG0vlcnTQb
GCGYcYXtepYo5UPN7E/KsXffNnLDAIhcQYdXDs7CUbl7XdmeyGuw4uSY7pz67w73
kWw2ICDh
-----END ENCRYPTED PRIVATE KEY-----
",
);
const AGENCY: ([u8; 32], &str) = (
    [0x42; 32],
    "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAiVJf+kl6qTnQICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBAEipeu2TTFYmDqci/kWdf3BEBBIiKCqgxkFiV8
2h+Tz/IpB6ZR1v3H1tvyKm6aw/cSDW7fm+gB45DpcIQPl26aNorl9uQwiE7NGXJ6
26V64sRj
-----END ENCRYPTED PRIVATE KEY-----
",
);

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap().with_cost(Cost::FLOOR)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.key");
    (folder, path)
}

#[test]
fn what_openssl_encrypted_is_opened() {
    let ours = passphrase("correct horse battery");
    for (kind, (secret, pem)) in [(&crate::signing::KIND, SIGNING), (&crate::agency::KIND, AGENCY)] {
        let public = (kind.public)(&secret).unwrap();
        let (_, document) = SecretDocument::from_pem(pem).unwrap();
        let file = Encrypted { public, document };
        assert_eq!(*file.open(Path::new("file"), kind, &ours).unwrap(), secret);
    }
}

#[test]
fn a_key_is_the_same_key_behind_its_passphrase_and_costs_one_derivation_in_a_folder() {
    let (_folder, path) = folder();
    let ours = passphrase("correct horse battery");
    let key = SigningKey::generate().unwrap();
    key.save_with(&path, Some(&ours)).unwrap();
    assert_eq!(SigningKey::load_with(&path, Some(&ours)).unwrap().public(), key.public());
    let agency = path.with_extension("agency");
    let key = AgencyKey::generate().unwrap();
    key.save_with(&agency, Some(&ours)).unwrap();
    // Another process knows no salt before it has opened a file, and takes that one for all.
    let theirs = passphrase("correct horse battery");
    assert_eq!(AgencyKey::load_with(&agency, Some(&theirs)).unwrap().public(), key.public());
    assert_eq!(theirs.for_new().unwrap().0, ours.for_new().unwrap().0);
}

#[test]
fn nothing_of_the_secret_is_in_the_file_and_two_files_of_one_key_differ() {
    let (_folder, path) = folder();
    let ours = passphrase("correct horse battery");
    let key = SigningKey::from_seed(&[0xab; 32]);
    key.save_with(&path, Some(&ours)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&"ab".repeat(4)) && text.contains(&key.public().to_string()), "{text}");
    let again = path.with_extension("again");
    key.save_with(&again, Some(&ours)).unwrap();
    assert_ne!(fs::read_to_string(&again).unwrap(), text);
}

#[test]
fn a_missing_and_a_wrong_passphrase_are_told_apart_from_damage() {
    let (_folder, path) = folder();
    let ours = passphrase("correct horse battery");
    SigningKey::generate().unwrap().save_with(&path, Some(&ours)).unwrap();
    let missing = SigningKey::load(&path).unwrap_err();
    assert!(matches!(missing, KeyFileFault::NoPassphrase { .. }), "{missing}");
    for text in ["another horse battery", "Correct horse battery", "correct horse battery "] {
        let wrong = SigningKey::load_with(&path, Some(&passphrase(text))).unwrap_err();
        assert!(matches!(wrong, KeyFileFault::WrongPassphrase { .. }), "{wrong}");
    }
    let other = AgencyKey::load_with(&path, Some(&ours)).unwrap_err();
    assert!(matches!(other, KeyFileFault::Format { .. }), "{other}");
    let text = fs::read_to_string(&path).unwrap();
    let mut damaged = 0;
    for (index, byte) in text.bytes().enumerate() {
        // The end of a line may be missing, and its kind says whose file it is.
        if index < crate::signing::KIND.word.len() + 1 || byte == b'\n' {
            continue;
        }
        let mut bytes = text.clone().into_bytes();
        bytes[index] = if byte == b'A' { b'B' } else { b'A' };
        fs::write(&path, bytes).unwrap();
        // Above the PEM, case means nothing.
        let Err(fault) = SigningKey::load_with(&path, Some(&ours)) else {
            assert!(byte == b'a', "{index}");
            continue;
        };
        assert!(
            matches!(fault, KeyFileFault::Damaged { .. } | KeyFileFault::Format { .. }),
            "{index}: {fault}"
        );
        damaged += usize::from(matches!(fault, KeyFileFault::Damaged { .. }));
    }
    assert!(damaged > text.len() * 9 / 10 - crate::signing::KIND.word.len(), "{damaged} of {}", text.len());
    for length in [text.len() / 2, text.len() - 5] {
        fs::write(&path, &text[..length]).unwrap();
        let fault = SigningKey::load_with(&path, Some(&ours)).unwrap_err();
        assert!(matches!(fault, KeyFileFault::Damaged { .. }), "{length}: {fault}");
    }
}

#[test]
fn a_file_that_asks_for_little_or_far_too_much_is_not_opened() {
    let ours = passphrase("correct horse battery");
    let kind = &crate::signing::KIND;
    let public = (kind.public)(&SIGNING.0).unwrap();
    // N stands in the DER as the integer 0x4000: 2^13, 2^30, and no power of two.
    for n in [[0x20, 0x00], [0x7f, 0xff], [0x40, 0x01]] {
        let (_, document) = SecretDocument::from_pem(SIGNING.1).unwrap();
        let mut bytes = document.as_bytes().to_vec();
        let at = bytes.windows(4).position(|four| four == [0x02, 0x02, 0x40, 0x00]).unwrap();
        bytes[at + 2..at + 4].copy_from_slice(&n);
        let file = Encrypted { public, document: SecretDocument::try_from(bytes).unwrap() };
        let fault = file.open(Path::new("file"), kind, &ours).unwrap_err();
        assert!(matches!(fault, KeyFileFault::Cost { .. }), "{fault}");
    }
}
