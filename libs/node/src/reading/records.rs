//! Records back from the log: the events of a dossier stand there and nowhere else.

use std::collections::VecDeque;

use lienthong_admission::State;
use lienthong_log::{Partition, ReadLimit, Stored};
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, leaf};
use lienthong_wire::stored::{self, Body, Entry, Proposal};

use crate::error::Refusal;
use crate::node::Node;

/// Records of a dossier that lie no further apart than this are read in one go, with what lies between them.
const GAP_MAX: u64 = 16;
/// Offsets spanned by one read at most.
const SPAN_MAX: u64 = 256;
/// Bytes of one read at most.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// A record that was admitted, as it stands in the log.
#[derive(Debug, Clone)]
pub(crate) struct Stood {
    /// Its offset.
    pub(crate) offset: u64,
    /// Append time, milliseconds since the epoch.
    pub(crate) appended_ms: i64,
    /// Hash of the body.
    pub(crate) leaf: Hash,
    /// The body.
    pub(crate) body: Body,
}

impl Stood {
    /// Reads a record as a proposal; none when it is not one.
    pub(crate) fn of(stored: &Stored) -> Option<Self> {
        let Ok(Entry::Proposal(Proposal { body: bytes, .. })) = stored::decode_entry(&stored.record.value)
        else {
            return None;
        };
        let body = stored::decode_body(&bytes).ok()?;
        Some(Self { offset: stored.offset, appended_ms: stored.appended_ms, leaf: leaf(&bytes), body })
    }
}

/// What can be read of a record that may be none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    /// It has a body, whose hash is its leaf.
    pub(crate) has_body: bool,
    /// The agency that the body names.
    pub(crate) agency: Option<AgencyId>,
}

impl Named {
    /// Reads as much as there is.
    pub(crate) fn by(stored: &Stored) -> Self {
        let Ok(Entry::Proposal(Proposal { body, .. })) = stored::decode_entry(&stored.record.value) else {
            return Self::default();
        };
        Self { has_body: true, agency: stored::decode_body(&body).ok().map(|body| body.act.agency) }
    }
}

impl Node {
    /// The record at just that offset.
    ///
    /// # Errors
    /// The log cannot be read, or has no proposal there.
    pub(crate) async fn stored(&self, partition: u16, offset: u64) -> Result<Stood, Refusal> {
        let limit = ReadLimit { records: 1, bytes: 0 };
        let read = self.log().read(Partition::Dossiers(partition), offset, limit).await;
        let first = read.map_err(Refusal::Read)?.into_iter().next();
        first.filter(|stored| stored.offset == offset).as_ref().and_then(Stood::of).ok_or(Refusal::Corrupt)
    }

    /// All records of a dossier, to be read one after the other.
    pub(crate) fn records(&self, partition: u16, state: &State) -> Records {
        self.records_from(partition, state, 0)
    }

    /// The same from an offset on.
    pub(crate) fn records_from(&self, partition: u16, state: &State, from: u64) -> Records {
        let offsets = state.records.iter().map(|record| record.offset);
        Records {
            node: self.clone(),
            partition,
            wanted: offsets.filter(|offset| *offset >= from).collect(),
            ahead: VecDeque::new(),
        }
    }
}

/// The records of a dossier, oldest first. Holds one read of them at a time.
pub(crate) struct Records {
    node: Node,
    partition: u16,
    /// Offsets not given yet, ascending.
    wanted: VecDeque<u64>,
    /// Records of them that are read already.
    ahead: VecDeque<Stored>,
}

impl Records {
    /// The next record; none after the last.
    ///
    /// # Errors
    /// The log cannot be read, or does not hold the record that was admitted.
    pub(crate) async fn next(&mut self) -> Result<Option<Stood>, Refusal> {
        let Some(offset) = self.wanted.front().copied() else { return Ok(None) };
        if self.ahead.is_empty() {
            self.ahead = self.read(offset).await?;
        }
        let stored =
            self.ahead.pop_front().filter(|stored| stored.offset == offset).ok_or(Refusal::Corrupt)?;
        self.wanted.pop_front();
        Stood::of(&stored).ok_or(Refusal::Corrupt).map(Some)
    }

    async fn read(&self, first: u64) -> Result<VecDeque<Stored>, Refusal> {
        let span = span(first, self.wanted.iter().copied());
        let limit = ReadLimit { records: usize::try_from(span).unwrap_or(usize::MAX), bytes: READ_BYTES_MAX };
        let partition = Partition::Dossiers(self.partition);
        let read = self.node.log().read(partition, first, limit).await.map_err(Refusal::Read)?;
        Ok(read.into_iter().filter(|stored| self.wanted.binary_search(&stored.offset).is_ok()).collect())
    }
}

/// How many offsets to read from `first` on to get the wanted ones that lie near.
fn span(first: u64, wanted: impl Iterator<Item = u64>) -> u64 {
    let mut last = first;
    for offset in wanted {
        if offset.saturating_sub(last) > GAP_MAX || offset.saturating_sub(first) >= SPAN_MAX {
            break;
        }
        last = offset;
    }
    last.saturating_sub(first) + 1
}

#[cfg(test)]
mod tests;
