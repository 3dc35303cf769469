use lienthong_log::Header;
use tonic_types::StatusExt as _;

use super::*;
use crate::reading::support::stored;

fn wanted(topic: i32, partitions: &[u32], from: &[(u32, u64)]) -> Result<Wanted, String> {
    let from = from.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset });
    let request = pb::StreamRecordsRequest {
        topic,
        partitions: partitions.to_vec(),
        from: from.collect(),
        follow: false,
    };
    Wanted::parse(&request, 4).map_err(|status| status.get_details_error_info().unwrap().reason)
}

#[test]
fn without_partitions_all_are_wanted() {
    let all = wanted(0, &[], &[(2, 7)]).unwrap();
    assert_eq!(all.topic, Topic::Dossiers);
    assert_eq!(all.partitions, BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(all.from, BTreeMap::from([(2, 7)]));
    assert_eq!(wanted(2, &[], &[]).unwrap().partitions, BTreeSet::from([0]));
    assert_eq!(wanted(1, &[3, 1, 3], &[]).unwrap().partitions, BTreeSet::from([1, 3]));
}

#[test]
fn what_the_log_does_not_have_is_refused() {
    assert_eq!(wanted(4, &[], &[]), Err("UNKNOWN_VALUE".to_owned()));
    assert_eq!(wanted(1, &[4], &[]), Err("UNKNOWN_PARTITION".to_owned()));
    for topic in [2, 3] {
        assert_eq!(wanted(topic, &[1], &[]), Err("UNKNOWN_PARTITION".to_owned()));
    }
    assert_eq!(wanted(1, &[], &[(70_000, 0)]), Err("UNKNOWN_PARTITION".to_owned()));
    assert_eq!(wanted(1, &[0; 5], &[]), Err("TOO_MANY".to_owned()));
}

#[test]
fn a_record_comes_out_byte_for_byte() {
    let mut record = stored(9);
    record.appended_ms = -5;
    record.record.key = "H56.2-261102-0001".into();
    let header = |name: &str, value: &'static [u8]| Header { name: name.to_owned(), value: value.into() };
    record.record.headers = vec![header("b", &[0xff]), header("a", b""), header("b", b"2")];
    let raw = raw(Topic::Dossiers, 3, record.clone());
    assert_eq!((raw.topic, raw.partition, raw.offset, raw.append_time_ms), (1, 3, 9, -5));
    assert_eq!((raw.key, raw.value), (record.record.key, record.record.value));
    let headers: Vec<_> =
        raw.headers.iter().map(|header| (header.name.as_str(), &header.value[..])).collect();
    assert_eq!(headers, [("b", &[0xff][..]), ("a", b""), ("b", b"2")]);
}
