//! The target of a copy: topics that take the append times they are given, until the copy is finished.
//!
//! Offsets are given by the brokers, one after the other from 0, so the source may leave none out. What says that the
//! topics are a copy and no log is a topic of its own, `PREFIX.copying`, which is there before them and goes at last.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_log::{
    AppendError, Erasable, EventLog, Partition, ReadError, ReadLimit, Record, RestoreError, RestoreLog,
    Stored,
};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use crate::address::KafkaAddress;
use crate::brokers::Brokers;
use crate::error::OpenError;
use crate::open::{MADE_MAX, MADE_PAUSE, blocking, make, replicas};
use crate::settings::{self, Security};
use crate::topics::{self, Times, TopicPlan};
use crate::{KafkaLog, SEEN_MAX};

/// A copy that is being made into topics.
pub struct KafkaRestore {
    log: KafkaLog,
    client: ClientConfig,
}

/// Kafka takes a time of 0 for none, and refuses those before.
#[derive(Debug, thiserror::Error)]
#[error("the record of offset {offset} has the append time {appended_ms}, and Kafka keeps times from 1 on")]
struct NoTime {
    offset: u64,
    appended_ms: i64,
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
        let brokers = Brokers::new(address, &settings::asking(&client)).map_err(OpenError::Client)?;
        let brokers = Arc::new(brokers);
        if !blocking(&brokers, Brokers::is_copying).await? {
            if !blocking(&brokers, Brokers::present).await?.is_empty() {
                return Err(OpenError::Exists { address: address.clone() });
            }
            let replicas = replicas(&brokers, plan).await?;
            let begin = async |admin: &_| topics::begin_copy(admin, address, replicas).await;
            topics::asked(&client, begin).await?;
        }
        let layout = make(&client, address, plan, Times::Given).await?;
        if layout.dossier_partitions != plan.dossier_partitions {
            let (found, wanted) = (layout.dossier_partitions, plan.dossier_partitions);
            return Err(OpenError::PartitionsDiffer { address: address.clone(), found, wanted });
        }
        // A copy that was about to be finished may have been left with some topics that are logs already.
        let configure =
            async |admin: &_| topics::configure(admin, address, layout.replicas, Times::Given).await;
        topics::asked(&client, configure).await?;
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
        if let Some(stored) = records.iter().find(|stored| stored.appended_ms <= 0) {
            let (offset, appended_ms) = (stored.offset, stored.appended_ms);
            return Err(RestoreError::Failed { source: Arc::new(NoTime { offset, appended_ms }) });
        }
        let jobs = records.iter().map(|stored| (stored.record.clone(), Some(stored.appended_ms))).collect();
        let sent = sender.send_in_order(jobs).await.map_err(refused)?;
        for (stored, given) in records.iter().zip(sent) {
            let expected = stored.offset;
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
        let jobs = erasables.iter().map(|(key, value)| {
            let value = value.map_or_else(Bytes::new, |value| Bytes::copy_from_slice(&value));
            (Record { key: Bytes::copy_from_slice(key.as_bytes()), headers: Vec::new(), value }, None)
        });
        let sent = senders.erasable.send_in_order(jobs.collect()).await.map_err(refused)?;
        let Some(last) = sent.last().copied() else { return Ok(()) };
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
        let (address, replicas) = (&self.log.state.address, self.log.copies.replicas);
        let unknown = |error: OpenError| {
            // Without a client nobody was asked.
            if let OpenError::Client(source) = error {
                RestoreError::Failed { source: Arc::new(source) }
            } else {
                RestoreError::Unknown { source: Arc::new(error) }
            }
        };
        let end = async |admin: &_| {
            topics::configure(admin, address, replicas, Times::LogAppend).await?;
            topics::end_copy(admin, address).await
        };
        topics::asked(&self.client, end).await.map_err(unknown)?;
        // Brokers hear of it one after the other.
        let began = Instant::now();
        while blocking(&self.log.brokers, Brokers::is_copying).await.map_err(unknown)? {
            if began.elapsed() > MADE_MAX {
                return Err(unknown(OpenError::Unfinished { address: address.clone() }));
            }
            tokio::time::sleep(MADE_PAUSE).await;
        }
        Ok(())
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
