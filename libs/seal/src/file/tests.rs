use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::{AgencyKey, KeyFileFault, SigningKey};

const SIGNING: &str = "lienthong-signing-key-1";

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.key");
    (folder, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn with_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_saved_key_is_the_same_key_when_loaded() {
    let (_folder, path) = folder();
    let key = SigningKey::generate().unwrap();
    key.save(&path).unwrap();
    assert_eq!(SigningKey::load(&path).unwrap().public(), key.public());

    let path = path.with_extension("agency");
    let key = AgencyKey::generate().unwrap();
    key.save(&path).unwrap();
    assert_eq!(AgencyKey::load(&path).unwrap().public(), key.public());
}

#[test]
fn a_key_file_is_its_owners_alone_and_one_line() {
    let (_folder, path) = folder();
    SigningKey::from_seed(&[0xab; 32]).save(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{SIGNING} {}\n", "ab".repeat(32)));
}

#[test]
fn a_file_that_others_have_access_to_is_not_read() {
    let (_folder, path) = folder();
    SigningKey::generate().unwrap().save(&path).unwrap();
    for open in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660, 0o777] {
        with_mode(&path, open);
        let fault = SigningKey::load(&path).unwrap_err();
        assert!(matches!(fault, KeyFileFault::Exposed { mode, .. } if mode == open), "{fault}");
    }
    for closed in [0o600, 0o400, 0o700] {
        with_mode(&path, closed);
        assert!(SigningKey::load(&path).is_ok(), "{closed:o}");
    }
}

#[test]
fn a_link_does_not_hide_an_open_file() {
    let (folder, path) = folder();
    SigningKey::generate().unwrap().save(&path).unwrap();
    let link = folder.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(SigningKey::load(&link).is_ok());
    with_mode(&path, 0o644);
    assert!(matches!(SigningKey::load(&link), Err(KeyFileFault::Exposed { .. })));
}

#[test]
fn a_key_file_is_never_overwritten() {
    let (folder, path) = folder();
    let first = SigningKey::generate().unwrap();
    first.save(&path).unwrap();
    let fault = SigningKey::generate().unwrap().save(&path).unwrap_err();
    assert!(matches!(&fault, KeyFileFault::Exists { .. }), "{fault}");
    assert_eq!(SigningKey::load(&path).unwrap().public(), first.public());

    // Nor is a key written through a link that leads nowhere yet.
    let link = folder.path().join("link");
    symlink(folder.path().join("nowhere"), &link).unwrap();
    assert!(matches!(first.save(&link), Err(KeyFileFault::Exists { .. })));
}

#[test]
fn a_key_file_has_one_name_and_what_was_not_saved_has_none() {
    let (folder, path) = folder();
    let only = vec![path.clone()];
    let names =
        || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    SigningKey::generate().unwrap().save(&path).unwrap();
    assert_eq!(names(), only);
    assert!(SigningKey::generate().unwrap().save(&path).is_err());
    assert_eq!(names(), only);
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_key_of_another_kind_is_not_read() {
    let (_folder, path) = folder();
    AgencyKey::generate().unwrap().save(&path).unwrap();
    let fault = SigningKey::load(&path).unwrap_err();
    assert!(matches!(fault, KeyFileFault::Format { kind: SIGNING, .. }), "{fault}");
}

#[test]
fn a_damaged_key_file_is_refused_without_telling_what_is_in_it() {
    let (_folder, path) = folder();
    let digits = "ab".repeat(32);
    let texts = [
        String::new(),
        digits.clone(),
        format!("{SIGNING}{digits}\n"),
        format!("{SIGNING} {}\n", &digits[2..]),
        format!("{SIGNING} {digits}ab\n"),
        format!("{SIGNING} {digits}\n\n"),
        format!("{SIGNING} {digits}\nmore and more"),
        format!("{SIGNING} {}zz\n", &digits[2..]),
    ];
    for text in texts {
        fs::write(&path, &text).unwrap();
        with_mode(&path, 0o600);
        let fault = SigningKey::load(&path).unwrap_err();
        assert!(matches!(&fault, KeyFileFault::Format { .. }), "{text}");
        assert!(!format!("{fault:?} {fault}").contains("abab"));
    }
    fs::write(&path, format!("{SIGNING} {digits}")).unwrap();
    assert!(SigningKey::load(&path).is_ok(), "the end of the line may be missing");
}

#[test]
fn a_missing_file_and_a_missing_folder_are_told() {
    let (folder, path) = folder();
    assert!(matches!(SigningKey::load(&path), Err(KeyFileFault::Io { .. })));
    let nowhere = folder.path().join("no").join("folder");
    let fault = SigningKey::generate().unwrap().save(&nowhere).unwrap_err();
    assert!(matches!(&fault, KeyFileFault::Io { .. }), "{fault}");
}

#[test]
fn a_folder_is_no_key_file() {
    let folder = tempfile::tempdir().unwrap();
    with_mode(folder.path(), 0o700);
    assert!(matches!(SigningKey::load(folder.path()), Err(KeyFileFault::Io { .. })));
}
