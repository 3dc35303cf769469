//! Which dossiers, of which window, at which position; and going through them.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_projection::{Store, StoreError};
use lienthong_registry::Registry;
use lienthong_report::{Facts, Outline, Rows, Settings, Window};
use lienthong_wire::pb::reporting::v1 as pb;
use tonic::Status;

use crate::error::Refusal;
use crate::node::Node;
use crate::reading::position;
use crate::status::{invalid, status};

/// Dossiers that are counted at once.
const TOGETHER: usize = 256;
/// Threads that go through dossiers for one report. Whoever gives commands meanwhile needs the others.
const THREADS_MAX: usize = 4;

/// A scope, parsed.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) window: Window,
    pub(super) settings: Settings,
    agency: Option<String>,
    /// The offset, exclusive, up to which each partition counts.
    cut: BTreeMap<u16, u64>,
}

/// Whoever goes through all dossiers is told when nobody waits for it any more.
#[derive(Debug, Default)]
pub(super) struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Asker {
    pub(super) fn is_gone(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// Why dossiers were not gone through to the end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfinished {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("nobody waits for the report any more")]
    Gone,
}

impl Scope {
    /// Reads a scope, whose `at_least` was waited for.
    pub(super) fn parse(node: &Node, scope: Option<pb::Scope>) -> Result<Self, Status> {
        let scope = scope.ok_or_else(|| invalid("scope", "MISSING", "must be given".to_owned()))?;
        let window = Window::new(day("scope.from", &scope.from)?, day("scope.to", &scope.to)?)
            .map_err(|fault| invalid("scope.to", "OUT_OF_RANGE", fault.to_string()))?;
        let window = match scope.as_of.as_str() {
            "" => window,
            text => window.measured_on(day("scope.as_of", text)?),
        };
        let mut cut = BTreeMap::new();
        for partition in 0..node.partitions() {
            let cursor = node.store().cursor(partition).map_err(|error| status(Refusal::Store(error)))?;
            cut.insert(partition, cursor.next);
        }
        let mut named = BTreeMap::new();
        for asked in &scope.position {
            let partition = node.partition("scope.position.partition", asked.partition)?;
            let applied = cut.get(&partition).copied().unwrap_or_default();
            if asked.offset > applied {
                let problem = format!(
                    "partition {partition} is applied up to {applied}, not to {}; ask with at_least to wait for it",
                    asked.offset
                );
                return Err(invalid("scope.position.offset", "OUT_OF_RANGE", problem));
            }
            named.insert(partition, asked.offset);
        }
        // What comes later into a partition that had no record then is no part of that position.
        let cut = if named.is_empty() { cut } else { named };
        Ok(Self {
            window,
            settings: Settings { stopped_is_solved: scope.stopped_is_solved },
            agency: Some(scope.agency).filter(|agency| !agency.is_empty()),
            cut,
        })
    }

    /// Goes through the facts of every dossier, in no order, and gives the instant of the newest record that was met. Reads
    /// the whole store: not for an async task.
    pub(super) fn survey(
        &self,
        node: &Node,
        registry: &Registry,
        gone: &AtomicBool,
        mut visit: impl FnMut(&Facts) + Send,
    ) -> Result<Option<Instant>, Unfinished> {
        let mut newest = None;
        let facts_of = |partition, code: &DossierCode, outline: &Outline| {
            let cut = self.cut.get(&partition).copied().unwrap_or_default();
            Facts::of(registry, code, outline, cut)
        };
        let partitions = self.cut.iter().filter(|(_, offset)| **offset > 0).map(|(partition, _)| *partition);
        survey(node.store(), partitions, facts_of, |all| {
            if gone.load(Ordering::Relaxed) {
                return Err(Unfinished::Gone);
            }
            for facts in all {
                newest = newest.max(Some(facts.newest));
                if self.agency.as_ref().is_none_or(|agency| facts.is_of(agency)) {
                    visit(facts);
                }
            }
            Ok(())
        })?;
        Ok(newest)
    }

    /// What a report was made of, whose newest record is of that instant.
    pub(super) fn basis(&self, training: bool, newest: Option<Instant>) -> pb::Basis {
        let read = self.cut.iter().filter(|(_, offset)| **offset > 0);
        pb::Basis {
            from: self.window.from().to_string(),
            to: self.window.to().to_string(),
            as_of: self.window.measured().to_string(),
            position: read.map(|(partition, offset)| position(*partition, *offset)).collect(),
            provisional: !newest.is_some_and(|newest| self.window.is_over_by(newest)),
            training,
        }
    }

    /// What a page's token is of: window, agency, settings, and the position.
    pub(super) fn question(&self, rows: Rows) -> Vec<String> {
        let cut = self.cut.iter().map(|(partition, offset)| format!("{partition}:{offset}"));
        vec![
            self.window.to_string(),
            self.agency.clone().unwrap_or_default(),
            self.settings.stopped_is_solved.to_string(),
            format!("{rows:?}"),
            cut.collect::<Vec<_>>().join(","),
        ]
    }
}

/// Makes the facts of all dossiers of these partitions, several partitions at once, and has them looked at, so many at a time.
pub(crate) fn survey<E: From<StoreError> + Send>(
    store: &Store,
    partitions: impl Iterator<Item = u16> + Send,
    facts_of: impl Fn(u16, &DossierCode, &Outline) -> Option<Facts> + Sync,
    look: impl FnMut(&[Facts]) -> Result<(), E> + Send,
) -> Result<(), E> {
    let (partitions, look) = (Mutex::new(partitions), Mutex::new(look));
    let next = || partitions.lock().unwrap_or_else(PoisonError::into_inner).next();
    let hand_over = |facts: &mut Vec<Facts>| {
        let mut look = look.lock().unwrap_or_else(PoisonError::into_inner);
        look(facts).inspect(|()| facts.clear())
    };
    let go_through = || {
        let mut facts = Vec::with_capacity(TOGETHER);
        while let Some(partition) = next() {
            for row in store.outlines(partition) {
                let (code, outline) = row?;
                facts.extend(facts_of(partition, &code, &outline));
                if facts.len() == TOGETHER {
                    hand_over(&mut facts)?;
                }
            }
            // Of a partition without facts, too: whoever looks may want no more.
            hand_over(&mut facts)?;
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(go_through)).collect();
        // A panic goes on where it would have been without threads.
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.fold(Ok(()), Result::and)
    })
}

fn day(field: &str, text: &str) -> Result<Date, Status> {
    if text.is_empty() {
        return Err(invalid(field, "MISSING", "must be given".to_owned()));
    }
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| invalid(field, "MALFORMED", "is not a day such as 2026-12-15".to_owned()))
}

#[cfg(test)]
mod tests;
