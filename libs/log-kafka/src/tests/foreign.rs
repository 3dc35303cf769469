//! Records that other programs wrote.

use bytes::Bytes;
use futures::future::join_all;
use lienthong_log::contract::read_all;
use lienthong_log::{EventLog, Header, Partition, ReadLimit, Record};
use rdkafka::message::{Header as KafkaHeader, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::{address, create, open, records, stranger, within};
use crate::KafkaAddress;
use crate::address::Topic;

/// Enough for batches that are compressed as one.
const RECORDS: usize = 300;

#[derive(Clone)]
struct Foreign {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    /// The value of the one header.
    header: Option<Vec<u8>>,
}

impl Foreign {
    /// As the log has it: what is null is of no bytes.
    fn read(&self) -> Record {
        let bytes = |bytes: &Option<Vec<u8>>| Bytes::from(bytes.clone().unwrap_or_default());
        let header = Header { name: "name".to_owned(), value: bytes(&self.header) };
        Record { key: bytes(&self.key), headers: vec![header], value: bytes(&self.value) }
    }
}

/// One of every kind of null, and many that compress well.
fn foreign() -> Vec<Foreign> {
    let whole = Foreign { key: Some(vec![0, 255]), value: Some(vec![7; 100]), header: Some(vec![1, 0, 2]) };
    let nulls = [
        Foreign { key: None, ..whole.clone() },
        Foreign { value: None, ..whole.clone() },
        Foreign { header: None, ..whole.clone() },
        Foreign { key: None, value: None, header: None },
    ];
    let many =
        (0..RECORDS).map(|number| Foreign { value: Some(vec![number as u8; number]), ..whole.clone() });
    nulls.into_iter().chain(many).collect()
}

async fn write(address: &KafkaAddress, compression: &str, all: &[Foreign]) {
    let producer: FutureProducer =
        stranger(address).set("compression.type", compression).set("linger.ms", "20").create().unwrap();
    let topic = address.topic(Topic::Reads);
    let sent = all.iter().map(|foreign| {
        let header = KafkaHeader { key: "name", value: foreign.header.as_ref() };
        let mut message = FutureRecord::<Vec<u8>, Vec<u8>>::to(&topic)
            .partition(0)
            .headers(OwnedHeaders::new().insert(header));
        message.key = foreign.key.as_ref();
        message.payload = foreign.value.as_ref();
        producer.send_result(message).map_err(|(error, _)| error).unwrap()
    });
    for delivery in within(20, "foreign records are written", join_all(sent)).await {
        delivery.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_records_are_read_byte_for_byte_whatever_compressed_them() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    let mut tail = log.tail(Partition::Reads).unwrap();
    let mut expected = Vec::new();
    for compression in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let all = foreign();
        write(&address, compression, &all).await;
        expected.extend(all.iter().map(Foreign::read));
        let end = expected.len() as u64;
        within(20, compression, tail.wait_for(|at| *at >= end)).await.unwrap();
        let read = read_all(&log, Partition::Reads, 0, ReadLimit::default()).await;
        assert!(records(read) == expected, "{compression}, at the tail");
        let anew = open(&address).await;
        let read = read_all(&anew, Partition::Reads, 0, ReadLimit::default()).await;
        assert!(records(read) == expected, "{compression}, from history");
    }
}
