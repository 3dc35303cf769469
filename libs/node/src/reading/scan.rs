//! Reading several partitions side by side: what is there first, in turns, then whatever comes, without polling.

use std::sync::Arc;

use futures::future::select_all;
use lienthong_log::{EventLog, Partition, ReadError, ReadLimit, Stored};
use tokio::sync::watch;

use crate::projector::Progress;

/// Held for one reader at a time, so that a slow one costs no more than this.
const BATCH: ReadLimit = ReadLimit { records: 256, bytes: 1024 * 1024 };

/// How far a partition may be read.
pub(crate) trait Frontier: Copy + Send + Sync + 'static {
    /// The offset behind the last record that may be read.
    fn next(self) -> u64;
}

/// The log's end.
impl Frontier for u64 {
    fn next(self) -> u64 {
        self
    }
}

/// What a node has applied.
impl Frontier for Progress {
    fn next(self) -> u64 {
        self.next
    }
}

/// One partition of a scan.
pub(crate) struct Lane<F> {
    /// Which.
    pub(crate) partition: Partition,
    /// The next offset to read.
    pub(crate) next: u64,
    /// How far it may be read now.
    pub(crate) frontier: watch::Receiver<F>,
    /// Where it ends; none to go on with what comes.
    pub(crate) until: Option<u64>,
}

/// Several partitions, read in turns.
pub(crate) struct Scan<F> {
    log: Arc<dyn EventLog>,
    lanes: Vec<Lane<F>>,
    turn: usize,
}

impl<F: Frontier> Scan<F> {
    /// Reads those partitions, each from its own offset.
    pub(crate) fn new(log: Arc<dyn EventLog>, lanes: Vec<Lane<F>>) -> Self {
        Self { log, lanes, turn: 0 }
    }

    /// The next records and the number of their lane, at least one; waits until there are any. None when nothing more
    /// can come: every lane is where it ends, or the log was closed.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(crate) async fn batch(&mut self) -> Result<Option<(usize, Vec<Stored>)>, ReadError> {
        loop {
            for _ in 0..self.lanes.len() {
                let turn = self.turn % self.lanes.len();
                self.turn = turn + 1;
                if let Some(lane) = self.lanes.get_mut(turn)
                    && let Some(batch) = lane.read(&self.log).await?
                {
                    return Ok(Some((turn, batch)));
                }
            }
            if !self.wait().await {
                return Ok(None);
            }
        }
    }

    /// Waits until a lane may be read further; false when none ever can.
    async fn wait(&mut self) -> bool {
        let open = self.lanes.iter_mut().filter(|lane| lane.until.is_none());
        let changes: Vec<_> = open.map(|lane| Box::pin(lane.frontier.changed())).collect();
        if changes.is_empty() {
            return false;
        }
        let (changed, _, _) = select_all(changes).await;
        changed.is_ok()
    }
}

impl<F: Frontier> Lane<F> {
    async fn read(&mut self, log: &Arc<dyn EventLog>) -> Result<Option<Vec<Stored>>, ReadError> {
        // Marked as seen before the read: what becomes visible during it wakes the wait.
        let reached = self.frontier.borrow_and_update().next();
        let end = self.until.map_or(reached, |until| until.min(reached));
        if end <= self.next {
            return Ok(None);
        }
        let mut batch = log.read(self.partition, self.next, BATCH).await?;
        batch.retain(|stored| stored.offset < end);
        // No record below the end: a gap.
        self.next = batch.last().map_or(end, |last| last.offset + 1);
        Ok(if batch.is_empty() { None } else { Some(batch) })
    }
}

#[cfg(test)]
mod tests;
