use super::{extend, start};
use crate::Hash;

const CODE: &[u8] = b"H56.13-250701-0001";

fn log_id() -> Hash {
    Hash::of(b"golden log")
}

/// c₁ of a record; `|` stands between a header's name and value.
fn one(time: i64, key: &str, headers: &[&str], value: &str) -> Hash {
    let headers = headers.iter().map(|header| header.split_once('|').unwrap());
    extend(
        start(log_id(), 7),
        time,
        key.as_bytes(),
        headers.map(|(n, v)| (n, v.as_bytes())),
        value.as_bytes(),
    )
}

#[test]
fn golden_the_running_hash_keeps_its_bytes() {
    let c0 = start(log_id(), 7);
    assert_eq!(c0.to_string(), "286df494b21c0729bed3987cfe210d6f13c70eb987a0b9bdce9df2ff9838c159");
    let headers: [(&str, &[u8]); 2] = [("ce_id", b"abc"), ("ce_sờ", b"")];
    let c1 = extend(c0, 1_751_331_600_123, CODE, headers, &[1, 2, 3]);
    assert_eq!(c1.to_string(), "6da24b75109cc676972453aa4f36932223a5cec07d484a28b42a02e2208c2b7e");
    let c2 = extend(c1, -1, b"", [], b"");
    assert_eq!(c2.to_string(), "9bbfabd3a30deed0ecbaaf9cfffa888c75093c65a31ad56832b89351d78609db");
}

#[test]
fn a_chain_begins_with_its_log_and_partition() {
    assert_ne!(start(log_id(), 7), start(log_id(), 8));
    assert_ne!(start(log_id(), 7), start(Hash::ZERO, 7));
}

#[test]
fn every_field_moves_the_hash() {
    let record = one(1, "key", &["name|value"], "body");
    assert_ne!(record, one(2, "key", &["name|value"], "body"));
    assert_ne!(record, one(1, "kez", &["name|value"], "body"));
    assert_ne!(record, one(1, "key", &["namf|value"], "body"));
    assert_ne!(record, one(1, "key", &["name|valuf"], "body"));
    assert_ne!(record, one(1, "key", &["name|value"], "bodz"));
    let elsewhere = extend(start(log_id(), 8), 1, b"key", [("name", b"value".as_slice())], b"body");
    assert_ne!(record, elsewhere);
}

#[test]
fn a_byte_that_changes_its_place_moves_the_hash() {
    let all = [
        one(0, "ab", &["c|d", "e|f"], "gh"),
        one(0, "abc", &["|d", "e|f"], "gh"),
        one(0, "ab", &["cd|", "e|f"], "gh"),
        one(0, "ab", &["|cd", "e|f"], "gh"),
        one(0, "ab", &["c|de", "|f"], "gh"),
        one(0, "ab", &["c|d", "ef|"], "gh"),
        one(0, "ab", &["c|d", "e|fg"], "h"),
        one(0, "ab", &["c|d", "e|"], "fgh"),
        one(0, "ab", &["e|f", "c|d"], "gh"),
        one(0, "ab", &["c|d"], "efgh"),
        one(0, "ab", &[], "cdefgh"),
        one(0, "abcd", &["e|f"], "gh"),
        one(0, "", &["abc|d", "e|f"], "gh"),
        one(0, "abcdefgh", &[], ""),
        one(0, "", &[], "abcdefgh"),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn a_value_that_looks_like_a_header_is_none() {
    let header = one(0, "", &["a|b"], "");
    let value = extend(start(log_id(), 7), 0, b"", [], &[0, 0, 0, 1, b'a', 0, 0, 0, 1, b'b', 0, 0, 0, 0]);
    assert_ne!(header, value);
}

#[test]
fn the_order_of_records_moves_the_hash() {
    let c0 = start(log_id(), 7);
    let step = |before, value: &[u8]| extend(before, 0, b"", [], value);
    assert_ne!(step(step(c0, b"a"), b"b"), step(step(c0, b"b"), b"a"));
}
