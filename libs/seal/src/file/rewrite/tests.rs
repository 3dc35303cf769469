use std::os::unix::fs::symlink;

use zeroize::Zeroizing;

use super::*;
use crate::{AgencyKey, Cost, SigningKey};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap().with_cost(Cost::FLOOR)
}

fn with_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_is_encrypted_gets_another_passphrase_and_is_decrypted_and_stays_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("H56.1.key");
    let key = AgencyKey::generate().unwrap();
    key.save(&path).unwrap();
    let plain = fs::read(&path).unwrap();
    with_mode(&path, 0o400);
    let (one, other) = (passphrase("correct horse battery"), passphrase("another horse battery"));
    for (from, to) in [(None, Some(&one)), (Some(&one), Some(&other)), (Some(&other), None)] {
        KeyFile::look(&path).unwrap().rewrite(from, to).unwrap();
        let file = KeyFile::look(&path).unwrap();
        assert_eq!((file.id, file.is_encrypted, file.mode), (key.key_id(), to.is_some(), 0o400));
        assert_eq!(AgencyKey::load_with(&path, to).unwrap().public(), key.public());
        file.check(to).unwrap();
    }
    assert_eq!(fs::read(&path).unwrap(), plain);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_opened_is_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.key");
    let (one, other) = (passphrase("correct horse battery"), passphrase("another horse battery"));
    SigningKey::generate().unwrap().save_with(&path, Some(&one)).unwrap();
    let before = fs::read(&path).unwrap();
    let file = KeyFile::look(&path).unwrap();
    assert!(matches!(file.rewrite(Some(&other), None), Err(KeyFileFault::WrongPassphrase { .. })));
    assert!(matches!(file.rewrite(None, None), Err(KeyFileFault::NoPassphrase { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_link_stays_a_link_and_an_exposed_file_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("node.key"), folder.path().join("link.key"));
    SigningKey::generate().unwrap().save(&path).unwrap();
    with_mode(&path, 0o644);
    symlink(&path, &link).unwrap();
    let file = KeyFile::look(&link).unwrap();
    assert_eq!(file.mode, 0o644);
    file.rewrite(None, Some(&passphrase("correct horse battery"))).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let file = KeyFile::look(&path).unwrap();
    assert_eq!((file.is_encrypted, file.mode), (true, 0o600));
}

#[test]
fn what_a_killed_process_left_is_swept_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.key");
    SigningKey::generate().unwrap().save(&path).unwrap();
    fs::write(unsaved(&path).unwrap(), "half of a key").unwrap();
    fs::write(folder.path().join(".hidden"), "not ours").unwrap();
    assert_eq!(sweep(folder.path()).unwrap(), 1);
    assert_eq!(sweep(folder.path()).unwrap(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_is_no_key_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.key");
    for text in ["", "a shopping list\n", "lienthong-signing-key-1 abc\n", "lienthong-signing-key-10 00\n"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(KeyFile::look(&path), Err(KeyFileFault::Format { .. })), "{text}");
    }
}
