//! Raw records as an auditor's service streams them. Nothing of it is believed: it is judged like a log of one's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use lienthong_audit::{Source, SourceError};
use lienthong_log::{Header, Partition, Record, Stored};
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::auditor::v1::{RawRecord, StreamRecordsRequest, Topic};
use lienthong_wire::pb::common::v1::ErrorReason;
use lienthong_wire::reason;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

/// Records judged in one go: those that have come meanwhile, at most so many.
const BATCH_RECORDS: usize = 512;

/// The records of whoever answers at the other end.
pub(crate) struct RawSource {
    auditor: AuditorClient<Channel>,
    /// Where partitions end, as somebody says; for progress alone.
    ends: BTreeMap<u16, u64>,
}

/// The other end does not keep to the contract.
#[derive(Debug, thiserror::Error)]
#[error("records of a partition came that was not asked for")]
struct NotAskedFor;

impl RawSource {
    pub(crate) fn new(auditor: AuditorClient<Channel>, ends: BTreeMap<u16, u64>) -> Self {
        Self { auditor, ends }
    }
}

#[async_trait]
impl Source for RawSource {
    /// What keeps the log behind the service is not known.
    fn times_rise(&self) -> bool {
        false
    }

    async fn end(&self, partition: Partition) -> u64 {
        match partition {
            Partition::Dossiers(number) => self.ends.get(&number).copied().unwrap_or_default(),
            Partition::Registry | Partition::Reads => 0,
        }
    }

    fn records(&self, partition: Partition) -> BoxStream<'static, Result<Vec<Stored>, SourceError>> {
        let (topic, number) = match partition {
            Partition::Registry => (Topic::Registry, 0),
            Partition::Dossiers(number) => (Topic::Dossiers, u32::from(number)),
            Partition::Reads => (Topic::Reads, 0),
        };
        let mut auditor = self.auditor.clone();
        let opened = async move {
            let (partitions, from) = (vec![number], Vec::new());
            let request = StreamRecordsRequest { topic: topic.into(), partitions, from, follow: false };
            let records =
                auditor.stream_records(request).await.map_err(|status| cut_off(partition, status))?;
            Ok(records.into_inner().map_err(move |status| cut_off(partition, status)))
        };
        let records = stream::once(opened).try_flatten().and_then(move |record| async move {
            let asked_for = record.topic == i32::from(topic) && record.partition == number;
            let unasked = SourceError::Unreadable { partition, source: Arc::new(NotAskedFor) };
            if asked_for { Ok(stored(record)) } else { Err(unasked) }
        });
        // What came before an error is judged first.
        records.try_ready_chunks(BATCH_RECORDS).map_err(|error| error.1).boxed()
    }
}

fn cut_off(partition: Partition, status: Status) -> SourceError {
    let why = status.get_details_error_info().map(|info| info.reason);
    let withheld = why.is_some_and(|why| why == reason(ErrorReason::NotAuditor));
    let source = Arc::new(status);
    if withheld {
        SourceError::Withheld { partition, source }
    } else {
        SourceError::Unreadable { partition, source }
    }
}

fn stored(record: RawRecord) -> Stored {
    let header = |header: lienthong_wire::pb::auditor::v1::RawHeader| Header {
        name: header.name,
        value: header.value,
    };
    Stored {
        offset: record.offset,
        appended_ms: record.append_time_ms,
        record: Record {
            key: record.key,
            headers: record.headers.into_iter().map(header).collect(),
            value: record.value,
        },
    }
}
