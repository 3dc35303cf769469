//! The target of a copy: topics that take the append times they are given, until the copy is finished.
//!
//! Offsets are given by the brokers, one after the other from 0, so the source may leave none out. What says that the
//! topics are a copy and no log is their `message.timestamp.type`, which no log opens with.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;
use lienthong_log::{
    AppendError, Cause, Erasable, EventLog, Partition, ReadError, ReadLimit, Record, RestoreError,
    RestoreLog, Stored,
};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use crate::address::KafkaAddress;
use crate::error::OpenError;
use crate::open::make;
use crate::settings::{self, Security};
use crate::topics::{self, Times, TopicPlan};
use crate::{KafkaLog, SEEN_MAX};

/// A copy that is being made into topics.
pub struct KafkaRestore {
    log: KafkaLog,
    client: ClientConfig,
}

/// The brokers gave a record another offset than it has.
#[derive(Debug, thiserror::Error)]
#[error("a record of offset {expected} was given {given}: somebody else writes to the copy")]
struct OtherOffset {
    expected: u64,
    given: u64,
}

impl KafkaRestore {
    /// Begins a copy, making its topics, or goes on with one that was not finished.
    ///
    /// # Errors
    /// `Exists` where there is a log, `PartitionsDiffer`; else as for opening a log.
    pub async fn open_or_create(
        address: &KafkaAddress,
        security: &Security,
        plan: TopicPlan,
    ) -> Result<Self, OpenError> {
        let client = settings::client(address, security)?;
        let admin = topics::admin(&client).map_err(OpenError::Client)?;
        match topics::times(&admin, address).await {
            Ok(Times::LogAppend) => return Err(OpenError::Exists { address: address.clone() }),
            Ok(Times::Given) | Err(OpenError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
        let layout = make(&client, address, plan, Times::Given).await?;
        if layout.dossier_partitions != plan.dossier_partitions {
            let (found, wanted) = (layout.dossier_partitions, plan.dossier_partitions);
            return Err(OpenError::PartitionsDiffer { address: address.clone(), found, wanted });
        }
        // A copy that was about to be finished may have been left with some topics that are logs already.
        topics::configure(&admin, address, layout.replicas, Times::Given).await?;
        let log = KafkaLog::open_with(address, security, Times::Given).await?;
        Ok(Self { log, client })
    }

    /// Sends records in their order, and waits until they are read back.
    async fn send(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError> {
        let Some(last) = records.last() else { return Ok(()) };
        let senders = self.log.senders().map_err(refused)?;
        let sender =
            senders.partitions.get(&partition).ok_or(RestoreError::UnknownPartition { partition })?;
        let mut tail = self.log.tail(partition).map_err(unread)?;
        let sent = join_all(
            records.iter().map(|stored| sender.send(stored.record.clone(), Some(stored.appended_ms))),
        );
        for (stored, given) in records.iter().zip(sent.await) {
            let (expected, given) = (stored.offset, given.map_err(refused)?);
            if given != expected {
                return Err(RestoreError::Failed { source: Arc::new(OtherOffset { expected, given }) });
            }
        }
        match tokio::time::timeout(SEEN_MAX, tail.wait_for(|end| *end > last.offset)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(RestoreError::Unknown { source: Arc::new(KafkaError::NoMessageReceived) })
            }
        }
    }
}

#[async_trait]
impl RestoreLog for KafkaRestore {
    fn dossier_partitions(&self) -> u16 {
        self.log.dossier_partitions()
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.log.end(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.log.read(partition, from, limit).await
    }

    async fn restore(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError> {
        let end = self.end(partition).await.map_err(unread)?;
        RestoreError::check(partition, end, records, false)?;
        self.send(partition, records).await
    }

    async fn restore_erasables(&self, erasables: &[Erasable]) -> Result<(), RestoreError> {
        let senders = self.log.senders().map_err(refused)?;
        let mut read = self.log.state.erasables.read();
        let sent = join_all(erasables.iter().map(|(key, value)| {
            let value = value.map_or_else(Bytes::new, |value| Bytes::copy_from_slice(&value));
            let record = Record { key: Bytes::copy_from_slice(key.as_bytes()), headers: Vec::new(), value };
            senders.erasable.send(record, None)
        }));
        let mut last = None;
        for offset in sent.await {
            last = Some(offset.map_err(refused)?).max(last);
        }
        let Some(last) = last else { return Ok(()) };
        match tokio::time::timeout(SEEN_MAX, read.wait_for(|next| *next > last)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                Err(RestoreError::Unknown { source: Arc::new(KafkaError::NoMessageReceived) })
            }
        }
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        self.log.erasables(after, limit).await
    }

    async fn finish(&self) -> Result<(), RestoreError> {
        self.log.senders().map_err(refused)?;
        let failed = |source: Cause| RestoreError::Failed { source };
        let admin = topics::admin(&self.client).map_err(|error| failed(Arc::new(error)))?;
        let (address, replicas) = (&self.log.state.address, self.log.copies.replicas);
        let done = topics::configure(&admin, address, replicas, Times::LogAppend).await;
        done.map_err(|error| RestoreError::Unknown { source: Arc::new(error) })
    }

    async fn close(&self) {
        self.log.close().await;
    }
}

fn refused(error: AppendError) -> RestoreError {
    match error {
        AppendError::Closed => RestoreError::Closed,
        AppendError::UnknownPartition { partition } => RestoreError::UnknownPartition { partition },
        AppendError::Unknown { source } => RestoreError::Unknown { source },
        AppendError::Failed { source } => RestoreError::Failed { source },
        error @ (AppendError::TooLarge { .. } | AppendError::Erased | AppendError::Full { .. } | _) => {
            RestoreError::Failed { source: Arc::new(error) }
        }
    }
}

fn unread(error: ReadError) -> RestoreError {
    match error {
        ReadError::Closed => RestoreError::Closed,
        ReadError::UnknownPartition { partition } => RestoreError::UnknownPartition { partition },
        error
        @ (ReadError::Damaged { .. } | ReadError::Unavailable { .. } | ReadError::Failed { .. } | _) => {
            RestoreError::Failed { source: Arc::new(error) }
        }
    }
}
