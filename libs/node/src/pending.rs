//! Commands that wait for the verdict on their own record. A node knows its record by its leaf, never by an offset.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use lienthong_admission::Void;
use lienthong_calendar::Instant;
use lienthong_dossier::Status;
use lienthong_seal::Hash;
use tokio::sync::oneshot;

/// What became of a node's own record.
#[derive(Debug)]
pub(crate) enum Outcome {
    Admitted(Stands),
    Void {
        void: Void,
        /// What the log's clock said, to the millisecond.
        appended: Instant,
    },
}

/// A dossier right after a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stands {
    pub(crate) offset: u64,
    pub(crate) status: Option<Status>,
    pub(crate) due: Option<Instant>,
}

/// Who waits for which record.
#[derive(Default)]
pub(crate) struct Pending {
    waiting: Mutex<HashMap<Hash, oneshot::Sender<Outcome>>>,
}

/// A wait that is given up when it is dropped.
pub(crate) struct Waiting<'a> {
    pending: &'a Pending,
    leaf: Hash,
    pub(crate) outcome: oneshot::Receiver<Outcome>,
}

impl Pending {
    /// Waits from now on for the verdict on `leaf`.
    pub(crate) fn expect(&self, leaf: Hash) -> Waiting<'_> {
        let (sender, outcome) = oneshot::channel();
        self.lock().insert(leaf, sender);
        Waiting { pending: self, leaf, outcome }
    }

    pub(crate) fn is_expected(&self, leaf: Hash) -> bool {
        self.lock().contains_key(&leaf)
    }

    pub(crate) fn tell(&self, leaf: Hash, outcome: Outcome) {
        if let Some(sender) = self.lock().remove(&leaf) {
            // Whoever waited may have given up meanwhile.
            let _ = sender.send(outcome);
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Hash, oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.pending.lock().remove(&self.leaf);
    }
}

#[cfg(test)]
mod tests;
