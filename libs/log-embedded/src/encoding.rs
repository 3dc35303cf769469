//! A record as the bytes of a table row. Numbers are big-endian and of fixed width.
//!
//! ```text
//! u8 format = 1 | i64 appended ms | part key | u32 count, then per header: part name, part value | part value
//! part = u32 length, bytes
//! ```
//!
//! Nothing follows the value. Partition and offset are the row's key.

use bytes::{Buf, Bytes};
use lienthong_log::{Header, Record, Stored};

const FORMAT: u8 = 1;

/// Room for the headers that a record mostly has.
const HEADERS_MOSTLY: usize = 8;

/// What does not fit in bytes that should be a record.
pub(crate) type Damage = &'static str;

/// The row of a record. Its parts are far below 4 GiB: the log's limit was checked before.
pub(crate) fn encode(appended_ms: i64, record: &Record) -> Vec<u8> {
    let mut row = Vec::with_capacity(32 + record.bytes());
    row.push(FORMAT);
    row.extend_from_slice(&appended_ms.to_be_bytes());
    put_part(&mut row, &record.key);
    put_length(&mut row, record.headers.len());
    for header in &record.headers {
        put_part(&mut row, header.name.as_bytes());
        put_part(&mut row, &header.value);
    }
    put_part(&mut row, &record.value);
    row
}

/// The record of a row.
pub(crate) fn decode(offset: u64, row: &[u8]) -> Result<Stored, Damage> {
    // One copy of the row; the parts are views of it.
    let mut row = Bytes::copy_from_slice(row);
    if row.try_get_u8() != Ok(FORMAT) {
        return Err("unknown format");
    }
    let appended_ms = row.try_get_i64().map_err(|_| "no append time")?;
    let key = take_part(&mut row)?;
    let count = row.try_get_u32().map_err(|_| "no header count")?;
    let mut headers = Vec::with_capacity(HEADERS_MOSTLY);
    for _ in 0..count {
        let name = take_part(&mut row)?;
        let name = str::from_utf8(&name).map_err(|_| "a header's name is not UTF-8")?.to_owned();
        headers.push(Header { name, value: take_part(&mut row)? });
    }
    let value = take_part(&mut row)?;
    if !row.is_empty() {
        return Err("bytes after the value");
    }
    Ok(Stored { offset, appended_ms, record: Record { key, headers, value } })
}

fn put_length(row: &mut Vec<u8>, length: usize) {
    row.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_part(row: &mut Vec<u8>, part: &[u8]) {
    put_length(row, part.len());
    row.extend_from_slice(part);
}

fn take_part(row: &mut Bytes) -> Result<Bytes, Damage> {
    let length = row.try_get_u32().map_err(|_| "a part without its length")?;
    match usize::try_from(length) {
        Ok(length) if length <= row.len() => Ok(row.split_to(length)),
        Ok(_) | Err(_) => Err("a part longer than the row"),
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
