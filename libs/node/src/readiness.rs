//! Whether a node can do its work, and what keeps it from that.
//!
//! ```text
//! CatchingUp --all applied--> ready --the log in trouble--> Log
//!                              `--rules that it does not know--> UnknownRules, until it is upgraded
//!                               ^-----the log well again-----'
//! Draining and Failed come on top of any of these, for good.
//! ```

use std::fmt;
use std::sync::atomic::Ordering;

use lienthong_admission::UnknownRules;
use lienthong_log::{Condition, Partition};
use tokio::sync::watch;

use crate::error::{Lag, Refusal, StartError};
use crate::node::Node;

/// One thing that keeps a node from its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It has not applied what the log held when it was started.
    CatchingUp,
    /// The registry puts rules in force that this release does not know.
    UnknownRules(UnknownRules),
    /// Its log cannot be used as it should be. The log takes this back by itself.
    Log(Condition),
    /// It is stopping.
    Draining,
    /// One of its tasks met something it cannot go on from.
    Failed(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CatchingUp => f.write_str("catching up with the log"),
            Self::UnknownRules(unknown) => write!(f, "{unknown}; upgrade this service"),
            Self::Log(condition) => write!(f, "{condition}"),
            Self::Draining => f.write_str("the node is stopping"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// Everything that keeps a node from its work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Empty when the node is ready.
    pub why: Vec<Why>,
}

impl Readiness {
    /// Whether the node takes commands.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.why.is_empty()
    }

    /// Whether nobody needs to look into it: it belongs to every start and every end.
    fn is_routine(&self) -> bool {
        self.why.iter().all(|why| matches!(why, Why::CatchingUp | Why::Draining))
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, why) in self.why.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{why}")?;
        }
        Ok(())
    }
}

impl Node {
    /// Whether the node takes commands, to be waited on.
    #[must_use]
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.0.readiness.subscribe()
    }

    /// What keeps the node from its work, in words that say how far it has come.
    #[must_use]
    pub fn why_not(&self) -> Vec<String> {
        let now = self.ready_now();
        let told = now.why.iter().map(|why| match why {
            Why::CatchingUp => format!("{why}: {}", self.how_far()),
            Why::UnknownRules(_) | Why::Log(_) | Why::Draining | Why::Failed(_) => why.to_string(),
        });
        told.collect()
    }

    /// The partitions in which the log holds more than is applied.
    #[must_use]
    pub fn lagging(&self) -> Vec<Lag> {
        let partitions = 0..self.partitions();
        partitions.map(|partition| self.lag(partition)).filter(|lag| lag.applied < lag.wanted).collect()
    }

    /// Waits until everything is applied that the log holds now, and is ready from then on.
    ///
    /// # Errors
    /// As [`Node::catch_up`].
    pub async fn caught_up(&self) -> Result<(), StartError> {
        self.catch_up().await?;
        self.0.caught_up.store(true, Ordering::Release);
        self.settle();
        Ok(())
    }

    /// Whether it has ever caught up, and so may answer queries.
    pub(crate) fn has_caught_up(&self) -> bool {
        self.0.caught_up.load(Ordering::Acquire)
    }

    /// Looks again at what keeps the node from its work. Each change is one line of the process's log.
    pub(crate) fn settle(&self) {
        self.0.readiness.send_if_modified(|now| {
            let next = self.ready_now();
            if *now == next {
                return false;
            }
            let node = &self.0.name;
            match &next {
                next if next.is_ready() => tracing::info!(node, "ready"),
                next if next.is_routine() => tracing::info!(node, why = %next, "not ready"),
                next => tracing::warn!(node, why = %next, "not ready"),
            }
            *now = next;
            true
        });
    }

    /// Is not ready any more, for good, and says why.
    pub(crate) fn fail(&self, why: String) {
        // The first failure is the one to be told; others may only follow from it.
        let _ = self.0.failure.set(why);
        self.0.failed.cancel();
        self.settle();
    }

    /// The refusal of a command because its node does not go on.
    pub(crate) fn not_ready(&self) -> Refusal {
        Refusal::NotReady { why: self.why_not().join("; ") }
    }

    /// The refusal of a command that would have to be appended while the log is in trouble; none while it is well.
    pub(crate) fn trouble(&self) -> Option<Refusal> {
        if let Some(unknown) = self.0.unknown_rules.get() {
            return Some(Refusal::NotReady { why: Why::UnknownRules(*unknown).to_string() });
        }
        let condition = self.0.condition.borrow();
        (!condition.is_fine()).then(|| Refusal::LogInTrouble { why: condition.to_string() })
    }

    fn ready_now(&self) -> Readiness {
        let inner = &self.0;
        let condition = inner.condition.borrow().clone();
        let failure =
            || inner.failure.get().map_or("it stopped; the log of the process says why", String::as_str);
        let why = [
            (!self.has_caught_up()).then_some(Why::CatchingUp),
            inner.unknown_rules.get().copied().map(Why::UnknownRules),
            (!condition.is_fine()).then_some(Why::Log(condition)),
            inner.draining.is_cancelled().then_some(Why::Draining),
            inner.failed.is_cancelled().then(|| Why::Failed(failure().to_owned())),
        ];
        Readiness { why: why.into_iter().flatten().collect() }
    }

    fn lag(&self, partition: u16) -> Lag {
        let applied = self.watch(partition).borrow().next;
        // A log that is closed or failed has no end to be behind.
        let end = self.0.log.tail(Partition::Dossiers(partition)).map_or(applied, |tail| *tail.borrow());
        Lag { partition, wanted: end, applied }
    }

    fn how_far(&self) -> String {
        let (mut applied, mut end) = (0, 0);
        for lag in (0..self.partitions()).map(|partition| self.lag(partition)) {
            applied += lag.applied;
            end += lag.wanted.max(lag.applied);
        }
        let judged = match self.0.judged.load(Ordering::Relaxed) {
            0 => String::new(),
            judged => format!(", {judged} of them judged"),
        };
        format!("{applied} of {end} records applied, {} to go{judged}", end - applied)
    }
}

/// Keeps the readiness true until the node stops.
pub(crate) async fn watch_over(node: Node) {
    let inner = &node.0;
    let mut condition = inner.condition.clone();
    loop {
        // Asked before all is looked at again: what happens meanwhile wakes the wait below.
        condition.mark_unchanged();
        let (failed, draining) = (inner.failed.is_cancelled(), inner.draining.is_cancelled());
        node.settle();
        tokio::select! {
            () = changed(&mut condition) => {}
            () = inner.failed.cancelled(), if !failed => {}
            () = inner.draining.cancelled(), if !draining => {}
            () = inner.stop.cancelled() => return,
        }
    }
}

/// Waits until the condition is another one; for ever when the log is closed, whose condition no longer changes.
pub(crate) async fn changed(condition: &mut watch::Receiver<Condition>) {
    if condition.changed().await.is_err() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests;
