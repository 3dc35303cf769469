//! Where raw records come from: a log, or whoever streams one. None of it is believed.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt as _};
use lienthong_log::{EventLog, Partition, ReadLimit, Stored};

use crate::error::SourceError;

/// Records of a log, byte for byte.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// Whether what keeps the log promises that append times do not go back, so that one that does is a fault.
    fn times_rise(&self) -> bool;

    /// Where a partition ends just now, as far as that is told: for progress alone.
    async fn end(&self, partition: Partition) -> u64;

    /// The records of a partition from its start up to its end as it is when this is called, in batches.
    fn records(&self, partition: Partition) -> BoxStream<'static, Result<Vec<Stored>, SourceError>>;
}

/// The records of a log that this process reads.
pub struct LogSource {
    log: Arc<dyn EventLog>,
    times_rise: bool,
}

impl LogSource {
    /// A log in a file, whose append times do not go back.
    #[must_use]
    pub fn embedded(log: Arc<dyn EventLog>) -> Self {
        Self { log, times_rise: true }
    }

    /// A log whose append times come from the clocks of several machines.
    #[must_use]
    pub fn shared(log: Arc<dyn EventLog>) -> Self {
        Self { log, times_rise: false }
    }
}

#[async_trait]
impl Source for LogSource {
    fn times_rise(&self) -> bool {
        self.times_rise
    }

    async fn end(&self, partition: Partition) -> u64 {
        self.log.end(partition).await.unwrap_or_default()
    }

    fn records(&self, partition: Partition) -> BoxStream<'static, Result<Vec<Stored>, SourceError>> {
        let start = Reading { log: Arc::clone(&self.log), partition, next: 0, end: None };
        stream::try_unfold(start, |mut reading| async {
            let batch = reading.batch().await?;
            Ok((!batch.is_empty()).then_some((batch, reading)))
        })
        .boxed()
    }
}

struct Reading {
    log: Arc<dyn EventLog>,
    partition: Partition,
    next: u64,
    end: Option<u64>,
}

impl Reading {
    /// The next batch below the end; none when it is reached.
    async fn batch(&mut self) -> Result<Vec<Stored>, SourceError> {
        let unread = |error| SourceError::of(self.partition, error);
        let end = match self.end {
            Some(end) => end,
            None => self.log.end(self.partition).await.map_err(unread)?,
        };
        self.end = Some(end);
        if self.next >= end {
            return Ok(Vec::new());
        }
        let read = self.log.read(self.partition, self.next, ReadLimit::default()).await;
        let mut batch = read.map_err(unread)?;
        batch.truncate(batch.partition_point(|stored| stored.offset < end));
        self.next = batch.last().map_or(end, |last| last.offset.saturating_add(1));
        Ok(batch)
    }
}
