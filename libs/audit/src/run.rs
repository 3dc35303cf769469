//! Going over a log: partition by partition, two at once for each core.

use std::sync::Arc;

use futures::future::join;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use lienthong_log::{Partition, Stored};

use crate::error::{AuditError, SourceError};
use crate::lane::lanes;
use crate::position::At;
use crate::source::Source;
use crate::trust::{RegistryReport, Trust};

/// Who watches, and may stop it.
pub trait Watcher: Send + Sync + 'static {
    /// It leads over so many offsets, as far as is known.
    fn begins(&self, offsets: u64);
    /// So many more records are done.
    fn advances(&self, records: u64);
    /// Asked between two batches: whether to stop there.
    fn stops(&self) -> bool;
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn begins(&self, _: u64) {}

    fn advances(&self, _: u64) {}

    fn stops(&self) -> bool {
        false
    }
}

/// What is made of one partition.
pub(crate) trait Pass: Send + 'static {
    /// What comes of it.
    type Outcome: Send + 'static;

    /// The next record.
    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError>;

    /// A record cannot be given back; it is the end.
    fn damaged(&mut self, error: SourceError) -> Result<(), AuditError> {
        Err(error.into())
    }

    /// All records are there.
    fn finish(self, trust: &Trust) -> Result<Self::Outcome, AuditError>;
}

/// A log that can be judged: its records, and by what.
#[derive(Clone)]
pub struct Audit {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) registry: RegistryReport,
    pub(crate) watcher: Arc<dyn Watcher>,
}

impl Audit {
    /// Reads the registry of a log.
    ///
    /// # Errors
    /// The log is empty or cannot be read; `Registry` when its chain does not hold.
    pub async fn open(source: Arc<dyn Source>, watcher: Arc<dyn Watcher>) -> Result<Self, AuditError> {
        let mut records = Vec::new();
        let mut batches = source.records(Partition::Registry);
        while let Some(batch) = batches.try_next().await? {
            records.extend(batch);
        }
        if records.is_empty() {
            return Err(AuditError::Empty);
        }
        let trust = Trust::read(&records)
            .map_err(|broken| AuditError::Registry { offset: broken.offset, what: broken.what })?;
        let registry = RegistryReport::of(&trust, &records);
        Ok(Self { source, trust: Arc::new(trust), registry, watcher })
    }

    /// What the log is judged by.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Goes over these partitions up to `at`; what comes of each, in their order.
    pub(crate) async fn over<P: Pass>(
        &self,
        at: &At,
        partitions: impl IntoIterator<Item = u16>,
        start: impl Fn(&Trust, u16) -> P,
    ) -> Result<Vec<P::Outcome>, AuditError> {
        let mut outcomes = Vec::new();
        let keep = |outcome| {
            outcomes.push(outcome);
            Ok(())
        };
        self.each(at, partitions, start, keep).await?;
        Ok(outcomes)
    }

    /// The same, each given away as soon as those before it are.
    pub(crate) async fn each<P: Pass>(
        &self,
        at: &At,
        partitions: impl IntoIterator<Item = u16>,
        start: impl Fn(&Trust, u16) -> P,
        mut give: impl FnMut(P::Outcome) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        self.check(at).await?;
        let partitions: Vec<u16> = partitions.into_iter().collect();
        self.announce(at, &partitions).await;
        let judged = partitions.into_iter().map(|partition| {
            let pass = start(&self.trust, partition);
            self.clone().one(at.clone(), partition, pass)
        });
        let mut outcomes = stream::iter(judged).buffered(lanes());
        while let Some(outcome) = outcomes.try_next().await? {
            give(outcome)?;
        }
        Ok(())
    }

    /// Refuses what cannot be asked of this log, such as a position behind its end: what it was there is not known yet.
    pub(crate) async fn check(&self, at: &At) -> Result<(), AuditError> {
        at.check(&self.trust)?;
        let At::Position(position) = at else { return Ok(()) };
        for (&partition, &wanted) in &position.0 {
            let of = Partition::Dossiers(partition);
            let told = self.source.end(of).await;
            if wanted <= told {
                continue;
            }
            // Whoever tells the end may be behind: the records show whether it is so.
            let (mut batches, mut end) = (self.source.records(of), told);
            while wanted > end {
                match batches.try_next().await {
                    Ok(Some(batch)) => {
                        end = batch.last().map_or(end, |last| end.max(last.offset.saturating_add(1)));
                    }
                    Ok(None) => return Err(AuditError::Beyond { partition, wanted, end }),
                    // What is damaged is told by whoever goes over it.
                    Err(SourceError::Damaged { .. }) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    async fn announce(&self, at: &At, partitions: &[u16]) {
        let mut offsets = 0;
        for partition in partitions {
            let end = self.source.end(Partition::Dossiers(*partition)).await;
            offsets += match at {
                At::Position(position) => position.0.get(partition).copied().unwrap_or_default().min(end),
                At::End | At::Instant(_) => end,
            };
        }
        self.watcher.begins(offsets);
    }

    async fn one<P: Pass>(self, at: At, partition: u16, mut pass: P) -> Result<P::Outcome, AuditError> {
        let mut batches = self.source.records(Partition::Dossiers(partition));
        // What lies behind a position may be damaged, and is not looked at.
        let mut read = if at.ends_before(partition, 0) { Ok(None) } else { batches.try_next().await };
        loop {
            if self.watcher.stops() {
                return Err(AuditError::Stopped);
            }
            let mut batch = match read {
                Ok(Some(batch)) => batch,
                Ok(None) => break,
                Err(error @ SourceError::Damaged { .. }) => {
                    pass.damaged(error)?;
                    break;
                }
                Err(error) => return Err(error.into()),
            };
            let all = batch.len();
            let next = batch.last().map_or(0, |last| last.offset.saturating_add(1));
            let covered = batch.iter().position(|stored| !at.covers(partition, stored)).unwrap_or(all);
            batch.truncate(covered);
            let records = covered as u64;
            let trust = Arc::clone(&self.trust);
            let judge = beside(move || {
                batch.iter().try_for_each(|stored| pass.take(&trust, stored))?;
                Ok(pass)
            });
            if covered < all || at.ends_before(partition, next) {
                pass = judge.await?;
                self.watcher.advances(records);
                break;
            }
            // The next batch is read meanwhile: of a log that memory does not hold, a disk makes wait for each.
            let (judged, next) = join(judge, batches.try_next()).await;
            (pass, read) = (judged?, next);
            self.watcher.advances(records);
        }
        let trust = Arc::clone(&self.trust);
        beside(move || pass.finish(&trust)).await
    }
}

/// Work for a core of its own.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuditError> + Send + 'static,
) -> Result<T, AuditError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AuditError::Panicked)?
}
