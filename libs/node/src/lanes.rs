//! One command at a time per dossier. A node queues its own commands, so that a stale proposal means that another node
//! was faster, or that a record has landed whose caller could not wait for it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use lienthong_dossier::DossierCode;
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

/// The queues of the dossiers that have a command under way. What bounds their number is the node's gate.
#[derive(Default)]
pub(crate) struct Lanes {
    queues: Mutex<HashMap<DossierCode, Lane>>,
}

/// A dossier's queue, and how many hold or wait for its turn.
#[derive(Default)]
struct Lane {
    queue: Arc<Queue<()>>,
    users: usize,
}

/// A dossier's turn; the next command of the dossier waits until it is dropped.
pub(crate) struct Turn<'a> {
    lanes: &'a Lanes,
    code: DossierCode,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Lanes {
    /// Waits for the dossier's turn, first come, first served.
    pub(crate) async fn turn(&self, code: &DossierCode) -> Turn<'_> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let lane = queues.entry(code.clone()).or_default();
            lane.users += 1;
            Arc::clone(&lane.queue)
        };
        // Counted before the wait and uncounted on drop, so that a caller who gives up leaves nothing behind.
        let mut turn = Turn { lanes: self, code: code.clone(), guard: None };
        turn.guard = Some(queue.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut queues = self.lanes.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = queues.entry(self.code.clone()) {
            entry.get_mut().users -= 1;
            if entry.get().users == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dossier_has_one_turn_at_a_time_and_leaves_no_queue_behind() {
        let lanes = Lanes::default();
        let code = DossierCode::parse("H56.1-261122-0001").unwrap();
        let other = DossierCode::parse("H56.1-261122-0002").unwrap();
        let first = lanes.turn(&code).await;
        let _other = lanes.turn(&other).await;
        let mut second = Box::pin(lanes.turn(&code));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
        drop(lanes.turn(&other));
        assert_eq!(lanes.queues.lock().unwrap().len(), 1);
    }
}
