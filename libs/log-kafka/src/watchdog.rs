//! The watchdog: every other second it asks the brokers how things are, and says what is the matter.
//!
//! It looks for what no call notices by itself: brokers that are away, topics that were changed, deleted or made anew, a
//! reader that stands still while the log goes on, and erasable values that lost a race.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use lienthong_log::{Condition, Partition, Record, Trouble};
use rdkafka::ClientConfig;

use crate::address::number;
use crate::brokers::{Brokers, Layout, Stranger};
use crate::error::OpenError;
use crate::history::History;
use crate::sender::Sender;
use crate::settings::STATISTICS_EVERY;
use crate::state::{Names, State};
use crate::tail::Tail;
use crate::topics::{self, Times};

/// How often it looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often it looks at the settings of the topics.
const SETTINGS_EVERY: Duration = Duration::from_secs(10);
/// A reader that stands still for this long while its partition's end lies ahead is built anew. Longer than it takes
/// librdkafka to say where it stands.
pub const STILL_MAX: Duration = Duration::from_secs(10);
const _: () = assert!(STILL_MAX.as_millis() > 2 * STATISTICS_EVERY.as_millis());

pub(crate) struct Watchdog {
    pub(crate) state: Arc<State>,
    pub(crate) tail: Arc<Tail>,
    pub(crate) brokers: Arc<Brokers>,
    pub(crate) history: Arc<History>,
    /// Not held on to, so that it can end.
    pub(crate) erasable: Weak<Sender>,
    pub(crate) client: ClientConfig,
    pub(crate) replicas: u16,
    pub(crate) times: Times,
}

/// What one look found.
struct Look {
    layout: Result<Layout, OpenError>,
    ends: Vec<(Partition, u64)>,
    /// Whether every partition's leader has said its end.
    ends_known: bool,
    /// The first partition that ended before what had been read of it when its end was asked for, and where.
    cut: Option<(Partition, u64)>,
    stand: Result<(), Stranger>,
}

impl Watchdog {
    pub(crate) async fn run(self) {
        let names = Names::of(&self.state.address);
        let mut still = Still::default();
        let mut behind: Option<Partition> = None;
        let mut settings = (Instant::now(), Vec::new());
        loop {
            tokio::select! {
                () = self.state.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.tail.doubt() => {}
            }
            let Some(look) = self.look().await else { return };
            let mut troubles = Vec::new();
            match look.layout {
                Ok(layout) => {
                    troubles.extend(self.grown(&layout));
                    troubles.extend(layout.troubles);
                    if settings.0.elapsed() > SETTINGS_EVERY || !settings.1.is_empty() {
                        settings = (Instant::now(), self.settings().await);
                    }
                    troubles.extend(settings.1.iter().cloned());
                }
                Err(error) => troubles.push(Trouble { what: error.to_string(), mend: None }),
            }
            if !look.ends_known {
                troubles.push(self.silent());
            }
            if let Err(stranger) = look.stand {
                return self.state.fail(stranger);
            }
            // A new leader may say less for a moment; twice in a row it means what it says.
            if let Some((partition, end)) = look.cut
                && behind == Some(partition)
            {
                return self.state.fail(self.brokers.stranger(partition, end));
            }
            behind = look.cut.map(|(partition, _)| partition);
            let stands = |partition| {
                let next = self.state.next(partition);
                let fetching = self.tail.fetching(names.of_partition(partition), number(partition));
                next.max(fetching.unwrap_or(0))
            };
            if let Some(partition) = still.see(&look.ends, stands, Instant::now()) {
                tracing::warn!(%partition, "the reader at the tail stands still while the log goes on; building it anew");
                let what = format!("the reader of partition {partition} stood still and is being built anew");
                troubles.push(Trouble { what, mend: None });
                self.tail.build_anew();
            }
            self.say(Condition { troubles });
            self.put_right();
        }
    }

    async fn look(&self) -> Option<Look> {
        let (brokers, state, history) =
            (Arc::clone(&self.brokers), Arc::clone(&self.state), Arc::clone(&self.history));
        let look = tokio::task::spawn_blocking(move || {
            history.tidy();
            let layout = brokers.layout();
            let mut look = Look { layout, ends: Vec::new(), ends_known: true, cut: None, stand: Ok(()) };
            if look.layout.is_ok() {
                // Before the ends: the log goes on while they are asked for.
                let read: HashMap<Partition, u64> =
                    state.partitions().map(|partition| (partition, state.next(partition))).collect();
                let ends = brokers.ends(state.partitions());
                look.ends_known = ends.is_ok();
                look.ends = ends.unwrap_or_default();
                look.cut = look.ends.iter().copied().find(|(partition, end)| *end < read[partition]);
                look.stand = brokers.stand(&state);
            }
            look
        });
        match look.await {
            Ok(look) => Some(look),
            Err(panicked) => {
                self.state.fail(panicked);
                None
            }
        }
    }

    /// A topic that somebody gave more partitions.
    fn grown(&self, layout: &Layout) -> Option<Trouble> {
        let (was, is) = (self.state.dossier_partitions, layout.dossier_partitions);
        let what = format!(
            "the log at {} had {was} dossier partitions and now has {is}; their number is fixed for good, so restore it \
             from a copy (`lienthong log copy`)",
            self.state.address
        );
        (was != is).then_some(Trouble { what, mend: None })
    }

    /// Brokers that are gone though the others have not missed them: they never do when too few are left.
    fn silent(&self) -> Trouble {
        let what =
            format!("not every broker that leads a partition of the log at {} answers", self.state.address);
        Trouble { what, mend: None }
    }

    async fn settings(&self) -> Vec<Trouble> {
        let checked = match topics::admin(&self.client) {
            Ok(admin) => topics::check(&admin, &self.state.address, self.replicas, self.times).await,
            Err(error) => Err(OpenError::Client(error)),
        };
        checked.unwrap_or_else(|error| vec![Trouble { what: error.to_string(), mend: None }])
    }

    fn say(&self, condition: Condition) {
        self.state.condition.send_if_modified(|before| {
            if *before == condition {
                return false;
            }
            if condition.is_fine() {
                tracing::info!(log = %self.state.address, "nothing is the matter with the log any more");
            } else {
                tracing::warn!(log = %self.state.address, %condition, "something is the matter with the log");
            }
            *before = condition;
            true
        });
    }

    /// Writes what stands behind erasable values that lost a race, before compaction forgets the first one.
    fn put_right(&self) {
        for (key, value) in self.state.erasables.overwritten() {
            let Some(erasable) = self.erasable.upgrade() else { return };
            let value = value.map_or_else(Bytes::new, |value| Bytes::copy_from_slice(&value));
            let record = Record { key: Bytes::from(key), headers: Vec::new(), value };
            // Not waited for: it is tried again at the next look.
            tokio::spawn(async move { erasable.send(record, None).await });
        }
    }
}

/// Since when each partition's reader has stood where it stands, while the end lay ahead.
#[derive(Default)]
struct Still(HashMap<Partition, (u64, Instant)>);

impl Still {
    /// The first partition whose reader has stood still for too long. It then has its time again.
    fn see(
        &mut self,
        ends: &[(Partition, u64)],
        stands: impl Fn(Partition) -> u64,
        now: Instant,
    ) -> Option<Partition> {
        let mut found = None;
        for (partition, end) in ends {
            let at = stands(*partition);
            if at >= *end {
                self.0.remove(partition);
                continue;
            }
            let since = self.0.entry(*partition).or_insert((at, now));
            if since.0 != at {
                *since = (at, now);
            } else if now.duration_since(since.1) >= STILL_MAX {
                *since = (at, now);
                found = found.or(Some(*partition));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stands_still_only_while_the_end_lies_ahead_and_it_does_not_move() {
        let partition = Partition::Dossiers(0);
        let start = Instant::now();
        let mut still = Still::default();
        let mut see = |end, at, seconds| {
            still.see(&[(partition, end)], |_| at, start + Duration::from_secs(seconds)).is_some()
        };
        assert!(!see(5, 5, 0));
        // At the end, however long.
        assert!(!see(5, 5, 1000));
        assert!(!see(6, 5, 1002));
        // It moves, if slowly.
        assert!(!see(9, 6, 1008));
        assert!(!see(9, 6, 1017));
        assert!(see(9, 6, 1018));
        // Built anew, it has its time again.
        assert!(!see(9, 6, 1020));
        assert!(see(9, 6, 1028));
        assert!(!see(9, 9, 1030));
    }
}
