use std::fs;

use super::*;

fn words(text: &str) -> Result<Passphrase, PassphraseFault> {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

#[test]
fn a_passphrase_is_one_line_of_some_length() {
    for text in ["", "eleven char", "two lines\nof words", "with a nul\0 inside", &"x".repeat(1025)] {
        assert!(matches!(words(text), Err(PassphraseFault::Form)), "{text:?}");
    }
    for text in ["twelve chars", "mật khẩu của sở", &"x".repeat(1024)] {
        assert!(words(text).is_ok(), "{text:?}");
    }
}

#[test]
fn a_file_of_the_group_is_read_and_one_that_others_see_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    fs::write(&path, "correct horse battery\r\nand a remark\n").unwrap();
    let with = |mode: u32| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        Passphrase::read(&path)
    };
    for mode in [0o600, 0o400, 0o440, 0o640] {
        assert!(with(mode).unwrap().is_same(&words("correct horse battery").unwrap()), "{mode:o}");
    }
    for open in [0o644, 0o444, 0o660, 0o620, 0o601, 0o650] {
        assert!(matches!(with(open), Err(PassphraseFault::Exposed { mode, .. }) if mode == open), "{open:o}");
    }
    let missing = Passphrase::read(&folder.path().join("nowhere"));
    assert!(matches!(missing, Err(PassphraseFault::Io { .. })));
    with(0o600).unwrap();
    for bytes in [&b"short\n"[..], b"", b"\xff\xfe no text at all", b"\nthe second line"] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Passphrase::read(&path), Err(PassphraseFault::Form)), "{bytes:?}");
    }
}

#[test]
fn a_cost_is_neither_cheap_nor_more_than_a_machine_has() {
    for log_n in [0, 13, 21, 63, 255] {
        assert!(matches!(Cost::new(log_n), Err(PassphraseFault::Cost { given }) if given == log_n));
    }
    for cost in [Cost::FLOOR, Cost::DEFAULT, Cost::CEILING] {
        assert_eq!(Cost::of_n(cost.n()), Some(cost));
    }
    for n in [0, 1, 1 << 13, (1 << 14) + 1, 1 << 21, u64::MAX] {
        assert_eq!(Cost::of_n(n), None, "{n}");
    }
}

#[test]
fn the_key_of_a_salt_is_derived_once() {
    let passphrase = words("correct horse battery").unwrap().with_cost(Cost::FLOOR);
    let (salting, key) = passphrase.for_new().unwrap();
    for _ in 0..3 {
        let (again, same) = passphrase.for_new().unwrap();
        assert_eq!(again, salting);
        assert!(Arc::ptr_eq(&same, &key) && Arc::ptr_eq(&passphrase.key(&salting).unwrap(), &key));
    }
    let other = words("another horse battery").unwrap().key(&salting).unwrap();
    assert_ne!(**other, **key);
    // What is asked for at another cost has a salt of its own.
    let (dearer, _) = passphrase.with_cost(Cost::new(15).unwrap()).for_new().unwrap();
    assert_ne!(dearer.salt, salting.salt);
}

#[test]
fn nothing_of_a_passphrase_is_shown() {
    let shown = format!("{:?}", words("correct horse battery").unwrap());
    assert!(!shown.contains("horse"), "{shown}");
}
