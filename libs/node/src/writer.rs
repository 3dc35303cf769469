//! Writing rows: what the projectors took into the store goes into its rows every [`WRITE_EVERY`], of many partitions together.
//!
//! ```text
//! partition's projector --take--> store: seen by every read --WRITE_EVERY, or UNWRITTEN_MAX dossiers--> rows
//!                       `--tell--> commands, waiters
//! ```
//!
//! Nobody waits for rows but whoever reads them: a verdict is told when it is taken in. So a dossier that moves several times
//! meanwhile is written once, and what a batch costs the store is shared by all that moved. What a killed process has not
//! written it reads again from the log.

use std::time::Duration;

use lienthong_projection::StoreError;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::ProjectError;
use crate::node::Node;

/// How long what was taken in waits for more.
pub const WRITE_EVERY: Duration = Duration::from_millis(50);

/// Dossiers that wait to be written at most; the projector that brings more writes them first.
pub const UNWRITTEN_MAX: usize = 1_024;

/// Who writes rows.
#[derive(Default)]
pub(crate) struct Writer {
    taken: Notify,
}

impl Writer {
    /// Has what was taken in written soon, or writes it when it is too much to wait.
    pub(crate) async fn ask(&self, node: &Node) -> Result<(), ProjectError> {
        self.taken.notify_one();
        if node.0.store.unwritten() >= UNWRITTEN_MAX { Ok(write_out(node).await?) } else { Ok(()) }
    }

    /// Writes until `stop`.
    pub(crate) async fn run(node: Node, stop: CancellationToken) {
        let writing = async {
            loop {
                node.0.writer.taken.notified().await;
                tokio::time::sleep(WRITE_EVERY).await;
                // A store that cannot be written is broken, which the node is told by the store.
                if write_out(&node).await.is_err() {
                    break;
                }
            }
        };
        stop.run_until_cancelled(writing).await;
    }
}

/// Beside the tasks, for a batch takes as long as there is much in it.
async fn write_out(node: &Node) -> Result<(), StoreError> {
    let node = node.clone();
    let written = tokio::task::spawn_blocking(move || node.0.store.write_out()).await;
    // sled's panics are caught where it is called.
    written.unwrap_or(Err(StoreError::Broken))
}
