use bytes::Bytes;
use lienthong_log::{Header, Record, Stored};

use super::{decode, encode};

fn record() -> Record {
    let header =
        |name: &str, value: &'static [u8]| Header { name: name.to_owned(), value: Bytes::from_static(value) };
    Record {
        key: Bytes::from_static(b"key"),
        headers: vec![header("name", b"\xff"), header("", b"")],
        value: Bytes::from_static(b"value"),
    }
}

#[test]
fn a_row_is_laid_out_as_the_module_says() {
    let row = encode(-2, &record());
    let expected = [
        &[1][..],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
        b"\0\0\0\x03key",
        b"\0\0\0\x02",
        b"\0\0\0\x04name",
        b"\0\0\0\x01\xff",
        b"\0\0\0\0",
        b"\0\0\0\0",
        b"\0\0\0\x05value",
    ]
    .concat();
    assert_eq!(row, expected);
    assert_eq!(decode(7, &row), Ok(Stored { offset: 7, appended_ms: -2, record: record() }));
}

#[test]
fn a_row_that_was_cut_or_lengthened_is_damage() {
    let row = encode(1, &record());
    for length in 0..row.len() {
        assert!(decode(0, &row[..length]).is_err(), "cut to {length}");
    }
    assert!(decode(0, &[&row[..], b"x"].concat()).is_err());
}

#[test]
fn an_unknown_format_and_a_name_that_is_no_text_are_damage() {
    let mut row = encode(1, &record());
    row[0] = 2;
    assert_eq!(decode(0, &row), Err("unknown format"));
    let mut row = encode(1, &record());
    let name = row.windows(4).position(|bytes| bytes == b"name").unwrap();
    row[name] = 0xff;
    assert_eq!(decode(0, &row), Err("a header's name is not UTF-8"));
}

#[test]
fn any_bytes_decode_or_are_damage() {
    // Every byte of a good row set to every value in turn: lengths that point anywhere must not panic.
    let row = encode(1, &record());
    for index in 0..row.len() {
        for byte in 0..=u8::MAX {
            let mut row = row.clone();
            row[index] = byte;
            let _ = decode(0, &row);
        }
    }
}
