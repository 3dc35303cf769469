use super::*;

#[test]
fn a_deadline_is_read_in_every_unit() {
    let cases = [
        ("2H", Some(Duration::from_secs(7_200))),
        ("3M", Some(Duration::from_secs(180))),
        ("10S", Some(Duration::from_secs(10))),
        ("250m", Some(Duration::from_millis(250))),
        ("7u", Some(Duration::from_micros(7))),
        ("99999999n", Some(Duration::from_nanos(99_999_999))),
        ("", None),
        ("S", None),
        ("10", None),
        ("10s", None),
        ("-1S", None),
        ("123456789S", None),
        ("1ừ", None),
    ];
    for (text, expected) in cases {
        assert_eq!(timeout(text), expected, "{text}");
    }
}

#[test]
fn without_a_deadline_a_query_waits_for_so_long_and_with_one_a_little_less() {
    let left = |metadata: &MetadataMap| deadline(metadata).saturating_duration_since(Instant::now());
    assert!(left(&MetadataMap::new()) <= WAIT_MAX);
    let with = |said: &'static str| {
        let mut metadata = MetadataMap::new();
        metadata.insert(GRPC_TIMEOUT, said.parse().unwrap());
        left(&metadata)
    };
    assert!(with("1S") <= Duration::from_millis(900));
    assert!(with("100S") > WAIT_MAX);
    assert!(with("99999999H") <= DEADLINE_MAX);
}
