//! Files that TLS is made of.

use super::*;
use crate::testing::pki::Authority;

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    let (other, files) = (authority.server(), authority.server().write(dir.path(), &authority));
    let fault = |files: &TlsFiles| Tls::load(files).err().unwrap().to_string();
    write(&files.key, &other.key);
    assert!(fault(&files).ends_with("server.key cannot be used together"), "{}", fault(&files));
    for (path, what) in
        [(&files.client_ca, "certificate"), (&files.key, "private key"), (&files.certificate, "certificate")]
    {
        write(path, "nothing");
        assert_eq!(fault(&files), format!("{} holds no {what} in PEM", path.display()));
    }
    std::fs::remove_file(&files.key).unwrap();
    assert_eq!(fault(&files), format!("cannot read {}", files.key.display()));
}

#[test]
fn changed_files_replace_what_is_in_force_only_when_they_can_be_used() {
    let (authority, dir) = (Authority::new(), tempfile::tempdir().unwrap());
    let files = authority.server().write(dir.path(), &authority);
    let (tls, mut keeper) = Tls::load(&files).unwrap();
    let in_force = || Arc::clone(&tls.0.borrow().service);
    let look = |keeper: &mut Keeper| keeper.saw(Contents::read(&files).map_err(|error| error.to_string()));
    let first = in_force();
    look(&mut keeper);
    assert!(Arc::ptr_eq(&first, &in_force()), "nothing changed");
    // Half of a new pair, as whoever replaces two files leaves it for a moment; and no file at all.
    let second = authority.server();
    write(&files.key, &second.key);
    look(&mut keeper);
    std::fs::remove_file(&files.certificate).unwrap();
    look(&mut keeper);
    assert!(Arc::ptr_eq(&first, &in_force()), "it cannot be used");
    write(&files.certificate, &second.certificate);
    look(&mut keeper);
    assert!(!Arc::ptr_eq(&first, &in_force()), "it can");
}

#[test]
fn the_table_is_whole_or_empty() {
    let path = || Some(PathBuf::from("x"));
    let settings = |certificate_file, key_file, client_ca_file| {
        TlsSettings { certificate_file, key_file, client_ca_file }.files().map(|files| files.is_some())
    };
    assert_eq!(settings(None, None, None), Ok(false));
    assert_eq!(settings(path(), path(), path()), Ok(true));
    assert_eq!(settings(None, path(), path()), Err("tls.certificate_file"));
    assert_eq!(settings(path(), None, path()), Err("tls.key_file"));
    assert_eq!(settings(path(), path(), None), Err("tls.client_ca_file"));
}
