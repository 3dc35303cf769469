//! Following a partition: read what is there, then wait for the tail to move.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::error::ReadError;
use crate::event_log::{EventLog, ReadLimit};
use crate::partition::Partition;
use crate::record::Stored;

/// The records of a partition from `from` on: first those there are, then each as it becomes visible, every record once
/// and in order, in batches that are never empty. Waits without polling, and never ends by itself.
///
/// An error is the last item. The stream ends without one when the log is closed.
#[must_use]
pub fn follow(
    log: Arc<dyn EventLog>,
    partition: Partition,
    from: u64,
) -> BoxStream<'static, Result<Vec<Stored>, ReadError>> {
    let start = State::Starting { log, partition, next: from };
    stream::unfold(start, |state| async {
        match state.batch().await {
            Ok((batch, follower)) => Some((Ok(batch), State::Following(follower))),
            Err(None | Some(ReadError::Closed)) => None,
            Err(Some(error)) => Some((Err(error), State::Done)),
        }
    })
    .fuse()
    .boxed()
}

enum State {
    Starting { log: Arc<dyn EventLog>, partition: Partition, next: u64 },
    Following(Follower),
    Done,
}

struct Follower {
    log: Arc<dyn EventLog>,
    partition: Partition,
    next: u64,
    tail: watch::Receiver<u64>,
}

impl State {
    /// The next batch, and where to go on from. `Err(None)` is the end.
    async fn batch(self) -> Result<(Vec<Stored>, Follower), Option<ReadError>> {
        let mut follower = match self {
            Self::Starting { log, partition, next } => {
                let tail = log.tail(partition)?;
                Follower { log, partition, next, tail }
            }
            Self::Following(follower) => follower,
            Self::Done => return Err(None),
        };
        let batch = follower.batch().await?;
        Ok((batch, follower))
    }
}

impl Follower {
    async fn batch(&mut self) -> Result<Vec<Stored>, Option<ReadError>> {
        loop {
            // Marked as seen before the read: what becomes visible during it wakes the wait below.
            let end = *self.tail.borrow_and_update();
            if end > self.next {
                let batch = self.log.read(self.partition, self.next, ReadLimit::default()).await?;
                // Nothing below the end: the partition ends in a gap.
                if let Some(last) = batch.last() {
                    self.next = last.offset + 1;
                    return Ok(batch);
                }
            }
            if self.tail.changed().await.is_err() {
                // Closed or failed: the log itself says which.
                self.log.end(self.partition).await?;
                return Err(None);
            }
        }
    }
}
