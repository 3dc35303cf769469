use super::{murmur2, partition_of};

/// From `UtilsTest.testMurmur2` of Apache Kafka.
#[test]
fn the_hash_is_that_of_kafkas_java_client() {
    let check = |text: &str, hash: i32| assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
    check("21", -973_932_308);
    check("foobar", -790_332_482);
    check("a-little-bit-long-string", -985_981_536);
    check("a-little-bit-longer-string", -1_486_304_829);
    check("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971);
    check("abc", 479_470_107);
}

#[test]
fn the_sign_is_cut_off_before_the_remainder() {
    // -973932308 & 0x7fffffff = 1173551340
    assert_eq!(partition_of("21", 48), 12);
    // 479470107 is positive already.
    assert_eq!(partition_of("abc", 48), 27);
    assert_eq!(partition_of("abc", u16::MAX), u16::try_from(479_470_107 % 65_535).unwrap());
}

#[test]
fn letters_of_several_bytes_count_as_their_bytes() {
    // The tail holds bytes above 0x7f, which Java sees as negative and masks.
    assert_eq!(murmur2("hồ sơ".as_bytes()), murmur2(&[0x68, 0xe1, 0xbb, 0x93, 0x20, 0x73, 0xc6, 0xa1]));
    assert_ne!(murmur2(&[0xff]), murmur2(&[0x7f]));
}

#[test]
fn one_partition_takes_all_and_none_counts_as_one() {
    assert_eq!(partition_of("21", 1), 0);
    assert_eq!(partition_of("21", 0), 0);
}
