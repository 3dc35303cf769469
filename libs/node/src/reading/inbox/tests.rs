use super::*;

#[test]
fn offsets_of_any_size_come_back() {
    let offsets = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX];
    let bytes = write_offsets(&offsets);
    assert_eq!(read_offsets(&bytes, 8).as_deref(), Some(&offsets[..]));
}

#[test]
fn offsets_of_another_number_of_partitions_are_none() {
    let bytes = write_offsets(&[1, 2, 3]);
    assert!(read_offsets(&bytes, 2).is_none());
    assert!(read_offsets(&bytes, 4).is_none());
    assert!(read_offsets(&[0x80], 1).is_none());
    assert!(read_offsets(&[0xff; 11], 1).is_none());
}

#[test]
fn a_young_log_has_short_tokens() {
    let scope = TokenScope::new(lienthong_seal::Hash::ZERO, "inbox", &["H56.2"]);
    assert_eq!(scope.write(&write_offsets(&[0; 48])).len(), 2 * (8 + 48));
}
