//! Writing rows: what several partitions have to write at one moment goes into the store in one batch.
//!
//! ```text
//! partition's projector --step--> queue --> one task: all that waits --> one batch --> each projector goes on
//! ```
//!
//! The records of one commit of the log mostly lie in many partitions, and a batch costs the store about as much as what is in it.
//! Nothing waits for company, except that whoever can be judged at once is judged first. What the only command under way waits
//! for does not go by the queue, so that it is answered two wake-ups earlier.

use std::sync::Arc;

use lienthong_admission::{Changes, Cursor};
use lienthong_projection::{Advance, Store, StoreError, VoidRow};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::error::ProjectError;
use crate::node::Node;

/// Partitions written in one batch at most; others go with the next one.
const TOGETHER_MAX: usize = 64;
/// Steps that wait to be written; one more waits before the queue. Each partition has one at most.
const WAITING_MAX: usize = 256;

/// A step of a partition, to be written.
pub(crate) struct Step {
    pub(crate) partition: u16,
    pub(crate) cursor: Cursor,
    pub(crate) changes: Changes,
    pub(crate) voids: Vec<VoidRow>,
}

impl Step {
    fn advance(&self) -> Advance<'_> {
        let Self { partition, cursor, changes, voids } = self;
        Advance { partition: *partition, cursor, changes, voids }
    }

    /// Writes it alone, on this thread.
    pub(crate) fn write(&self, store: &Store) -> Result<(), StoreError> {
        store.write_all(&[self.advance()])
    }
}

struct Job {
    step: Step,
    reply: oneshot::Sender<Result<(), Arc<StoreError>>>,
}

/// The way to the writing task.
pub(crate) struct Writer(mpsc::Sender<Job>);

/// The writing task's part.
pub(crate) struct Writing(mpsc::Receiver<Job>);

impl Writer {
    /// The way to a writing task, and the task, to be run.
    pub(crate) fn new() -> (Self, Writing) {
        let (jobs, queue) = mpsc::channel(WAITING_MAX);
        (Self(jobs), Writing(queue))
    }

    /// Writes a step together with all that waits just now, or alone for a command that is.
    pub(crate) async fn write(&self, node: &Node, step: Step) -> Result<(), ProjectError> {
        if node.0.shares.under_way() == 1 {
            return Ok(step.write(&node.0.store)?);
        }
        let (reply, written) = oneshot::channel();
        self.0.send(Job { step, reply }).await.map_err(|_| ProjectError::Panicked)?;
        written.await.map_err(|_| ProjectError::Panicked)?.map_err(ProjectError::Written)
    }
}

impl Writing {
    /// Writes until `stop`.
    pub(crate) async fn run(mut self, node: Node, stop: CancellationToken) {
        let written = stop.run_until_cancelled(async {
            while let Some(first) = self.0.recv().await {
                // Whose records came in the same commit of the log is about to be judged.
                tokio::task::yield_now().await;
                let mut jobs = vec![first];
                while jobs.len() < TOGETHER_MAX
                    && let Ok(job) = self.0.try_recv()
                {
                    jobs.push(job);
                }
                let advances: Vec<_> = jobs.iter().map(|job| job.step.advance()).collect();
                let done = node.0.store.write_all(&advances).map_err(Arc::new);
                for job in jobs {
                    // A projector that has stopped waits no more.
                    let _ = job.reply.send(done.clone());
                }
            }
        });
        written.await;
    }
}
