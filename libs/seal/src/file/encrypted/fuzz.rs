//! Key files that nobody meant to write: plain, encrypted, and what lies within an encrypted one.

use std::path::Path;

use lienthong_fuzz::Target;
use pkcs8::EncryptedPrivateKeyInfoRef;

use super::super::{Kind, open, text_of};
use super::*;

lienthong_fuzz::targets!(key_file, key_document);

const SECRET: [u8; 32] = [0x42; 32];

fn kinds() -> [&'static Kind; 3] {
    [&crate::signing::KIND, &crate::agency::KIND, &crate::index::KIND]
}

fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new("correct horse battery".to_owned())).unwrap().with_cost(Cost::FLOOR)
}

/// A plain file gives a secret, an encrypted one asks for its passphrase, and all else is a fault.
fn key_file() {
    let ours = passphrase();
    let plain = kinds().map(|kind| text_of(kind, &SECRET, None).unwrap().to_vec());
    let encrypted = kinds().map(|kind| write(kind, &SECRET, &ours).unwrap().to_vec());
    let words = ["-----BEGIN ", "ENCRYPTED PRIVATE KEY", "-----END ", "\n", "\r\n", "=", " "];
    Target::new(plain.into_iter().chain(encrypted)).words(words).check(|bytes| {
        for kind in kinds() {
            match open(Path::new("fuzz.key"), bytes, kind, None) {
                Ok(secret) => {
                    let again = text_of(kind, &secret, None).unwrap();
                    assert_eq!(open(Path::new("fuzz.key"), &again, kind, None).unwrap(), secret);
                }
                Err(fault) => assert!(!fault.to_string().is_empty()),
            }
        }
    });
}

/// The document of an encrypted file, and what it holds once it is decrypted: neither asks for more than is ever written.
fn key_document() {
    let ours = passphrase();
    let documents = kinds().map(|kind| {
        let text = write(kind, &SECRET, &ours).unwrap();
        parse(Path::new("fuzz.key"), &text, kind).unwrap().unwrap().document.as_bytes().to_vec()
    });
    let inner = kinds().map(|kind| private_key(kind, &SECRET).unwrap().to_vec());
    Target::new(documents.into_iter().chain(inner)).check(|bytes| {
        if let Ok(info) = EncryptedPrivateKeyInfoRef::from_der(bytes)
            && let Some((salting, _)) = parameters(&info)
        {
            assert!((Cost::FLOOR.log_n()..=Cost::CEILING.log_n()).contains(&salting.cost.log_n()));
        }
        for kind in kinds() {
            if let Some(secret) = secret_in(bytes, kind) {
                let again = private_key(kind, &secret).unwrap();
                assert_eq!(secret_in(&again, kind).as_deref(), Some(&*secret));
            }
        }
    });
}
