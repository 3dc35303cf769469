//! Rows of a damaged file.

use bytes::Bytes;
use lienthong_fuzz::Target;
use lienthong_log::{Header, Record};

use super::{decode, encode};

lienthong_fuzz::targets!(row);

/// What is a record has no other row.
fn row() {
    let header = |name: &str| Header { name: name.to_owned(), value: Bytes::from_static(b"\xff") };
    let record = |headers: &[&str]| Record {
        key: Bytes::from_static(b"H56.2-261102-0001"),
        headers: headers.iter().map(|name| header(name)).collect(),
        value: Bytes::from_static(b"value"),
    };
    let seeds = [encode(-2, &record(&[])), encode(i64::MAX, &record(&["ce_id", "", "traceparent"]))];
    Target::new(seeds).words([[0, 0, 0, 1], [0xff; 4]]).check(|bytes| {
        if let Ok(stored) = decode(7, bytes) {
            assert_eq!(encode(stored.appended_ms, &stored.record), bytes);
        }
    });
}
