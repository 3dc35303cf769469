//! Whose command goes next: every agency has its share of what the node does, however much another one asks.
//!
//! ```text
//! command --> queue of its agency --a place is free: the agencies take turns--> under way --answered, or some ms later--> place free
//!        `--its agency has AGENCY_COMMANDS_MAX there--> refused, with the agency's name
//! ```
//!
//! As long as places are free nobody waits. When none is, an agency that imports a million dossiers has as long a queue as it
//! likes, and whoever comes alone waits for the next turn of its agency, not for that queue. What an agency sends over bulk
//! calls has a queue of its own, so that it holds up none of its own desks either; and few places while somebody comes alone, for
//! it is the work under way that a lone command is slowed down by.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lienthong_registry::AgencyId;
use tokio::sync::oneshot;

use crate::error::Refusal;
use crate::node::COMMANDS_MAX;

/// Commands under way at once. Two cores are busy with so many on the embedded log; what more there are wait here, where turns are
/// taken, and not behind each other further on.
pub const PLACES_MAX: usize = 64;

/// Of these, those that commands of bulk calls have at most, so that whoever comes alone meets no more than that under way.
pub const BULK_PLACES_MAX: usize = 48;

/// Whoever came alone is at work for so long, and what comes in bulk has one place for two cores meanwhile.
pub const BESIDE: Duration = Duration::from_secs(1);

/// Commands of one agency that wait or are under way at most, those over bulk calls counted by themselves; one more is told
/// to come back.
pub const AGENCY_COMMANDS_MAX: usize = COMMANDS_MAX / 2;

/// How a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// In a call of its own: somebody waits for it.
    Alone,
    /// As one of many over one call.
    Bulk,
}

impl Way {
    /// How long a command holds its place. Mostly it is answered before. One whose partition's broker is away is answered late,
    /// and must not hold up what goes to other brokers; and of those in bulk, which may have one place, none waits for a broker.
    pub(crate) fn hold_max(self) -> Duration {
        match self {
            Self::Alone => Duration::from_millis(20),
            Self::Bulk => Duration::from_millis(2),
        }
    }

    /// How many commands go in one turn.
    fn weight(self) -> usize {
        match self {
            Self::Alone => 4,
            Self::Bulk => 1,
        }
    }

    /// Its name in metrics.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Bulk => "bulk",
        }
    }
}

type Share = (AgencyId, Way);

/// The places, and who waits for one.
#[derive(Clone)]
pub(crate) struct Shares(Arc<Mutex<Book>>);

struct Book {
    places: usize,
    free: usize,
    /// Places that commands of bulk calls have.
    in_bulk: usize,
    /// Those that they may have while somebody comes alone.
    bulk_beside: usize,
    /// When a command came alone last.
    alone: Option<Instant>,
    queues: HashMap<Share, Queue>,
    /// Whoever has a command that waits, in the order of their turns.
    round: VecDeque<Share>,
    /// Commands that the first of the round may still send in its turn.
    left: usize,
}

#[derive(Default)]
struct Queue {
    /// Waiting and under way.
    asked: usize,
    waiting: VecDeque<oneshot::Sender<Place>>,
    in_round: bool,
}

/// A command that counts against its agency's limit until this is dropped.
pub(crate) struct Asked {
    shares: Shares,
    share: Share,
}

/// A place, free again when this is dropped.
pub(crate) struct Place {
    shares: Shares,
    way: Way,
}

impl Default for Shares {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(PLACES_MAX, (cores / 2).max(1))
    }
}

impl Shares {
    fn of(places: usize, bulk_beside: usize) -> Self {
        Self(Arc::new(Mutex::new(Book {
            places,
            free: places,
            in_bulk: 0,
            bulk_beside,
            alone: None,
            queues: HashMap::new(),
            round: VecDeque::new(),
            left: 0,
        })))
    }

    /// Counts a command against its agency's limit.
    pub(crate) fn ask(&self, agency: &AgencyId, way: Way) -> Result<Asked, Refusal> {
        let share = (agency.clone(), way);
        let mut book = self.book();
        let queue = book.queues.entry(share.clone()).or_default();
        if queue.asked >= AGENCY_COMMANDS_MAX {
            return Err(Refusal::AgencyBusy { agency: agency.clone(), limit: AGENCY_COMMANDS_MAX });
        }
        queue.asked += 1;
        if way == Way::Alone {
            book.alone = Some(Instant::now());
        }
        drop(book);
        Ok(Asked { shares: self.clone(), share })
    }

    /// How many commands have a place.
    pub(crate) fn under_way(&self) -> usize {
        let book = self.book();
        book.places - book.free
    }

    /// How many commands wait for a place, of whom.
    pub(crate) fn waiting(&self) -> BTreeMap<(AgencyId, Way), usize> {
        let book = self.book();
        let waiting = |queue: &Queue| queue.waiting.iter().filter(|waiter| !waiter.is_closed()).count();
        book.queues.iter().map(|(share, queue)| (share.clone(), waiting(queue))).collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the free places to those whose turn it is.
    fn let_in(&self) {
        loop {
            let Some((next, way)) = self.book().next() else { return };
            // Whoever has given up meanwhile gives it back by not taking it.
            let _ = next.send(Place { shares: self.clone(), way });
        }
    }
}

impl Book {
    /// Takes a place, if there is one for a command that came so.
    fn take(&mut self, way: Way) -> bool {
        let is_beside = || self.alone.is_some_and(|alone| alone.elapsed() < BESIDE);
        let bulk_max = || if is_beside() { self.bulk_beside } else { BULK_PLACES_MAX };
        if self.free == 0 || (way == Way::Bulk && self.in_bulk >= bulk_max()) {
            return false;
        }
        self.free -= 1;
        self.in_bulk += usize::from(way == Way::Bulk);
        true
    }

    /// Whose turn it is, with a place taken.
    fn next(&mut self) -> Option<(oneshot::Sender<Place>, Way)> {
        // Each of the round once: who may have none of the free places is passed over.
        for _ in 0..self.round.len() {
            if self.free == 0 {
                return None;
            }
            let share = self.round.front()?.clone();
            if self.left == 0 {
                self.left = share.1.weight();
            }
            let is_waiting = self.queues.get_mut(&share).is_some_and(Queue::is_waiting);
            if is_waiting && !self.take(share.1) {
                self.left = 0;
                self.round.rotate_left(1);
                continue;
            }
            let waiter = self.queues.get_mut(&share).and_then(|queue| queue.waiting.pop_front());
            self.left -= 1;
            if !self.queues.get_mut(&share).is_some_and(Queue::is_waiting) {
                self.leave_round(&share);
            } else if self.left == 0 {
                self.round.rotate_left(1);
            }
            if let Some(waiter) = waiter {
                return Some((waiter, share.1));
            }
        }
        None
    }

    fn leave_round(&mut self, share: &Share) {
        if let Some(queue) = self.queues.get_mut(share) {
            queue.in_round = false;
        }
        self.round.pop_front();
        self.left = 0;
    }
}

impl Queue {
    /// Whether somebody still waits, who is then the first.
    fn is_waiting(&mut self) -> bool {
        while self.waiting.front().is_some_and(oneshot::Sender::is_closed) {
            self.waiting.pop_front();
        }
        !self.waiting.is_empty()
    }
}

impl Asked {
    /// Waits for a place.
    pub(crate) async fn place(&self) -> Option<Place> {
        let placed = {
            let mut book = self.shares.book();
            let way = self.share.1;
            if book.round.is_empty() && book.take(way) {
                return Some(Place { shares: self.shares.clone(), way });
            }
            let (waiter, placed) = oneshot::channel();
            let Book { queues, round, .. } = &mut *book;
            let queue = queues.entry(self.share.clone()).or_default();
            queue.waiting.push_back(waiter);
            if !std::mem::replace(&mut queue.in_round, true) {
                round.push_back(self.share.clone());
            }
            placed
        };
        self.shares.let_in();
        placed.await.ok()
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut book = self.shares.book();
        let Entry::Occupied(mut entry) = book.queues.entry(self.share.clone()) else { return };
        entry.get_mut().asked -= 1;
        if entry.get().asked > 0 {
            return;
        }
        // Of those who asked nobody is left, so nobody waits either.
        if entry.remove().in_round {
            if book.round.front() == Some(&self.share) {
                book.left = 0;
            }
            book.round.retain(|share| share != &self.share);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.shares.book();
        book.free += 1;
        book.in_bulk -= usize::from(self.way == Way::Bulk);
        drop(book);
        self.shares.let_in();
    }
}

#[cfg(test)]
mod tests;
