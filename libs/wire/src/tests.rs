//! The contract as a whole, held against its own descriptors.

mod contract;

use lienthong_calendar::Instant;
use proptest::prelude::*;
use serde_json::json;

use crate::json::{JsonFault, to_json};
use crate::pb::common::v1 as common;
use crate::{Timestamp, instant, timestamp};

#[test]
fn json_is_the_mapping_of_protobuf() {
    let receipt = common::Receipt {
        code: "H56.12-261122-0001".to_owned(),
        position: Some(common::Position { partition: 7, offset: 1 << 60 }),
        at: Some(Timestamp { seconds: 1_795_310_100, nanos: 250_000_000 }),
        status: common::Status::PaymentAwaited.into(),
        training: true,
        ..common::Receipt::default()
    };
    let expected = json!({
        "code": "H56.12-261122-0001",
        "position": { "partition": 7, "offset": "1152921504606846976" },
        "at": "2026-11-22T01:15:00.250Z",
        "status": "STATUS_PAYMENT_AWAITED",
        "training": true,
    });
    assert_eq!(to_json("lienthong.common.v1.Receipt", &receipt), Ok(expected));
}

#[test]
fn a_message_of_another_name_has_no_json() {
    let name = "lienthong.common.v1.Nothing";
    let unknown = JsonFault::UnknownMessage { name: name.to_owned() };
    assert_eq!(to_json(name, &common::Position::default()), Err(unknown));
}

#[test]
fn a_day_is_written_in_one_way() {
    for text in ["0000-01-01", "2026-11-22", "9999-12-31"] {
        assert_eq!(crate::time::date_field("day", text).unwrap().to_string(), text);
    }
    for text in ["-000001-01-01", "+002026-11-22", "2026-11-2", "20261122", "2026-02-29", "2026-11-22T00:00"]
    {
        assert!(crate::time::date_field("day", text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn instants_come_back(micros in Instant::MIN.as_micros()..=Instant::MAX.as_micros()) {
        let at = Instant::from_micros(micros);
        prop_assert_eq!(instant(&timestamp(at)), Some(at));
    }
}

#[test]
fn what_is_finer_than_a_microsecond_is_cut_off() {
    let at = instant(&Timestamp { seconds: -1, nanos: 999_999_999 }).unwrap();
    assert_eq!(at.as_micros(), -1);
    assert_eq!(instant(&Timestamp { seconds: 0, nanos: 1_000_000_000 }), None);
    assert_eq!(instant(&Timestamp { seconds: i64::MIN, nanos: 0 }), None);
}
