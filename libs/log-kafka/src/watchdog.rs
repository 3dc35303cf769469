//! The watchdog: every other second it asks the brokers how things are, and says what is the matter.
//!
//! It looks for what no call notices by itself: brokers that are away, topics that were changed, deleted or made anew, a
//! reader that stands still while the log goes on, and erasable values that lost a race.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use lienthong_log::{Condition, Partition, Record, Trouble};
use rdkafka::admin::AdminClient;
use tokio::task::JoinHandle;

use crate::address::number;
use crate::beside::{NoAnswer, beside, in_time};
use crate::brokers::{Brokers, Layout, Stranger};
use crate::context::Context;
use crate::error::OpenError;
use crate::history::History;
use crate::sender::Sender;
use crate::settings::STATISTICS_EVERY;
use crate::state::{Names, PanicGuard, State};
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

/// Erasable values put right by one look; the next one takes the next.
const PUT_RIGHT_MAX: usize = 100;

pub(crate) struct Watchdog {
    pub(crate) state: Arc<State>,
    pub(crate) tail: Arc<Tail>,
    pub(crate) brokers: Arc<Brokers>,
    pub(crate) history: Arc<History>,
    /// Not held on to, so that it can end.
    pub(crate) erasable: Weak<Sender>,
    pub(crate) admin: AdminClient<Context>,
    pub(crate) replicas: u16,
    pub(crate) times: Times,
}

/// What the reader at the tail reads one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Lane {
    Partition(Partition),
    Erasable,
}

/// What one look found.
struct Look {
    layout: Result<Layout, OpenError>,
    ends: Vec<(Lane, u64)>,
    /// Whether every broker that leads a partition told where it ends.
    ends_known: bool,
    /// A partition whose first records are gone, and where it begins now.
    cut: Option<(Partition, u64)>,
    stranger: Option<Stranger>,
}

impl Watchdog {
    pub(crate) async fn run(self) {
        let _guard = PanicGuard(Arc::clone(&self.state));
        self.watch().await;
        // A client waits for its threads when it is let go of.
        tokio::task::spawn_blocking(move || drop(self));
    }

    async fn watch(&self) {
        let mut still = Still::default();
        let mut suspected: Option<Instant> = None;
        let mut settings = (Instant::now(), Vec::new());
        let mut putting_right: Option<JoinHandle<()>> = None;
        loop {
            tokio::select! {
                () = self.state.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.tail.doubt() => {}
            }
            let Some(look) = self.look().await else { return };
            // A leader that was cut off may say wrong things for a moment; what two looks see is so.
            match (look.stranger, suspected) {
                (Some(stranger), Some(since)) if since.elapsed() >= LOOK_EVERY => {
                    return self.state.fail(stranger);
                }
                (Some(_), since) => suspected = since.or_else(|| Some(Instant::now())),
                (None, _) => suspected = None,
            }
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
            troubles.extend(look.cut.map(|(partition, start)| self.beheaded(partition, start)));
            if still.see(&look.ends, |lane| self.stands(lane), Instant::now()) {
                tracing::warn!("the reader at the tail stands still while the log goes on; building it anew");
                self.tail.build_anew();
            }
            troubles.extend(still.stuck().map(|lane| self.stuck(lane)));
            self.say(Condition { troubles });
            if putting_right.as_ref().is_none_or(JoinHandle::is_finished) {
                putting_right = self.put_right();
            }
        }
    }

    async fn look(&self) -> Option<Look> {
        let (brokers, state, history) =
            (Arc::clone(&self.brokers), Arc::clone(&self.state), Arc::clone(&self.history));
        let look = beside(move || {
            history.tidy();
            look(&brokers, &state)
        });
        match look.await {
            Ok(look) => Some(look),
            Err(stuck @ NoAnswer::Stuck) => Some(Look::of(Err(stuck.into()))),
            Err(NoAnswer::Panicked(panicked)) => {
                self.state.fail(panicked);
                None
            }
        }
    }

    /// How far the reader is: what it fetches next has passed what is no record, such as the end of a transaction.
    fn stands(&self, lane: Lane) -> u64 {
        let names = Names::of(&self.state.address);
        let (next, name, number) = match lane {
            Lane::Partition(partition) => {
                (self.state.next(partition), names.of_partition(partition), number(partition))
            }
            Lane::Erasable => (*self.state.erasables.read().borrow(), names.erasable.as_str(), 0),
        };
        next.max(self.tail.fetching(name, number).unwrap_or(0))
    }

    fn stuck(&self, lane: Lane) -> Trouble {
        let place = match lane {
            Lane::Partition(partition) => format!("partition {partition}"),
            Lane::Erasable => "the erasable values".to_owned(),
        };
        let why = self.tail.error().map(|error| format!("; it last met: {error}")).unwrap_or_default();
        let what =
            format!("the reader of {place} stands still while the log goes on, and was built anew{why}");
        Trouble { what, mend: None }
    }

    fn beheaded(&self, partition: Partition, start: u64) -> Trouble {
        let what = format!(
            "partition {partition} of the log at {} begins with offset {start}: the records before it were deleted; restore \
             the log from a copy into another prefix (`lienthong log copy`)",
            self.state.address
        );
        Trouble { what, mend: None }
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
        let checked = in_time(topics::check(&self.admin, &self.state.address, self.replicas, self.times));
        let checked = checked.await.map_err(OpenError::from).flatten();
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
    fn put_right(&self) -> Option<JoinHandle<()>> {
        let overwritten = self.state.erasables.overwritten(PUT_RIGHT_MAX);
        let erasable = self.erasable.upgrade().filter(|_| !overwritten.is_empty())?;
        Some(tokio::spawn(async move {
            for (key, value) in overwritten {
                let value = value.map_or_else(Bytes::new, |value| Bytes::copy_from_slice(&value));
                let record = Record { key: Bytes::from(key), headers: Vec::new(), value };
                // What fails is found again.
                if erasable.send(record).await.is_err() {
                    return;
                }
            }
        }))
    }
}

impl Look {
    fn of(layout: Result<Layout, OpenError>) -> Self {
        Self { layout, ends: Vec::new(), ends_known: true, cut: None, stranger: None }
    }
}

/// Asks the brokers everything.
fn look(brokers: &Brokers, state: &State) -> Look {
    let mut look = Look::of(brokers.layout());
    if look.layout.is_err() {
        return look;
    }
    // Before the ends: the log goes on while they are asked for.
    let read: HashMap<Partition, u64> =
        state.partitions().map(|partition| (partition, state.next(partition))).collect();
    let ends = brokers.ends(state.partitions());
    look.ends_known = ends.is_ok();
    let ends = ends.unwrap_or_default();
    let short = ends.iter().find(|(partition, end)| *end < read[partition]);
    let stranger = short.map(|(partition, end)| brokers.stranger(*partition, *end));
    look.stranger = stranger.or_else(|| brokers.stand(state).err());
    let starts = brokers.starts(state.partitions()).unwrap_or_default();
    look.cut = starts.into_iter().find(|(_, start)| *start > 0);
    look.ends = ends.into_iter().map(|(partition, end)| (Lane::Partition(partition), end)).collect();
    look.ends.extend(brokers.erasable_end().ok().map(|end| (Lane::Erasable, end)));
    look
}

/// Since when each reader has stood where it stands, while the end lay ahead.
#[derive(Default)]
struct Still {
    since: HashMap<Lane, (u64, Instant)>,
    /// Those that stood still for too long, until they have passed the end that was ahead then.
    stuck: BTreeMap<Lane, u64>,
}

impl Still {
    /// Whether a reader has stood still for too long. It then has its time again.
    fn see(&mut self, ends: &[(Lane, u64)], stands: impl Fn(Lane) -> u64, now: Instant) -> bool {
        let mut found = false;
        for (lane, end) in ends {
            let at = stands(*lane);
            if self.stuck.get(lane).is_some_and(|passed| at >= *passed) {
                self.stuck.remove(lane);
            }
            if at >= *end {
                self.since.remove(lane);
                continue;
            }
            let since = self.since.entry(*lane).or_insert((at, now));
            if since.0 != at {
                *since = (at, now);
            } else if now.duration_since(since.1) >= STILL_MAX {
                *since = (at, now);
                self.stuck.entry(*lane).or_insert(*end);
                found = true;
            }
        }
        found
    }

    fn stuck(&self) -> impl Iterator<Item = Lane> + '_ {
        self.stuck.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stands_still_only_while_the_end_lies_ahead_and_it_does_not_move() {
        let lane = Lane::Partition(Partition::Dossiers(0));
        let start = Instant::now();
        let mut still = Still::default();
        let mut see = |end, at, seconds| {
            let found = still.see(&[(lane, end)], |_| at, start + Duration::from_secs(seconds));
            (found, still.stuck().count())
        };
        assert_eq!(see(5, 5, 0), (false, 0));
        // At the end, however long.
        assert_eq!(see(5, 5, 1000), (false, 0));
        assert_eq!(see(6, 5, 1002), (false, 0));
        // It moves, if slowly.
        assert_eq!(see(9, 6, 1008), (false, 0));
        assert_eq!(see(9, 6, 1017), (false, 0));
        assert_eq!(see(9, 6, 1018), (true, 1));
        // Built anew, it has its time again, and stays a trouble until it has passed what lay ahead.
        assert_eq!(see(9, 6, 1020), (false, 1));
        assert_eq!(see(12, 6, 1028), (true, 1));
        assert_eq!(see(12, 9, 1030), (false, 0));
        assert_eq!(see(12, 12, 1032), (false, 0));
    }
}
