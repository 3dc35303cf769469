//! Records as Kafka has them.
//!
//! Kafka tells a key or value that is null from one of no bytes; a record of ours cannot, and both are read as no bytes.
//! Ours are written as no bytes. What a foreign writer made null so hashes like an empty one, for every reader.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use lienthong_log::{Header, Record, Stored};
use rdkafka::message::{
    BorrowedHeaders, BorrowedMessage, Header as KafkaHeader, Headers, Message, OwnedHeaders,
};

/// What stands for all headers of a record, where one has a name that is no UTF-8.
const NO_NAME: &str = "\u{fffd}";

/// Whether Kafka's C strings can carry the names of the headers.
pub(crate) fn has_names_without_nul(record: &Record) -> bool {
    record.headers.iter().all(|header| !header.name.contains('\0'))
}

/// The headers of a record, in their order.
pub(crate) fn headers(record: &Record) -> OwnedHeaders {
    let empty = OwnedHeaders::new_with_capacity(record.headers.len());
    record.headers.iter().fold(empty, |headers, header| {
        headers.insert(KafkaHeader { key: &header.name, value: Some(header.value.as_ref()) })
    })
}

/// A message as a record with its place and time.
pub(crate) fn stored(message: &BorrowedMessage<'_>) -> Stored {
    let bytes = |bytes: Option<&[u8]>| bytes.map_or_else(Bytes::new, Bytes::copy_from_slice);
    Stored {
        offset: u64::try_from(message.offset()).unwrap_or(0),
        appended_ms: message.timestamp().to_millis().unwrap_or(0),
        record: Record {
            key: bytes(message.key()),
            headers: message.headers().map(read_headers).unwrap_or_default(),
            value: bytes(message.payload()),
        },
    }
}

fn read_headers(headers: &BorrowedHeaders) -> Vec<Header> {
    let read = || {
        let all = (0..headers.count()).filter_map(|index| headers.try_get(index));
        let own = |header: KafkaHeader<'_, &[u8]>| {
            let value = header.value.map_or_else(Bytes::new, Bytes::copy_from_slice);
            Header { name: header.key.to_owned(), value }
        };
        all.map(own).collect()
    };
    // rdkafka panics at a name that is no UTF-8, which the protocol forbids and no broker checks.
    let nameless = || vec![Header { name: NO_NAME.to_owned(), value: Bytes::new() }];
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| nameless())
}
