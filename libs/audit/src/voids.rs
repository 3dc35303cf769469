//! What was offered and does not count, and why: all of it, from the log.

use std::collections::BTreeMap;

use lienthong_admission::{Reason, Verdict};
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_log::Stored;
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, leaf};
use lienthong_wire::stored::{Entry, Proposal, decode_body, decode_entry};

use crate::error::AuditError;
use crate::lane::Lane;
use crate::position::At;
use crate::run::{Audit, Pass};
use crate::trust::Trust;

/// One void record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidFound {
    /// Its partition.
    pub partition: u16,
    /// Its offset.
    pub offset: u64,
    /// When the log took it.
    pub appended_at: Instant,
    /// The first check that failed.
    pub reason: Reason,
    /// The rule that was broken, where it was one of a dossier.
    pub detail: Option<String>,
    /// The dossier it claims to be about, where that could be read.
    pub code: Option<DossierCode>,
    /// The agency it claims to be of, where that could be read.
    pub agency: Option<AgencyId>,
    /// Hash of its body, where it has one.
    pub leaf: Option<Hash>,
}

/// Void records in the order of partition and offset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoidsFound {
    /// Those asked for.
    pub voids: Vec<VoidFound>,
    /// How many there are in all, by reason.
    pub counts: BTreeMap<Reason, u64>,
    /// There are more behind the last of them.
    pub more: bool,
}

/// Behind which record to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct After {
    /// Its partition.
    pub partition: u16,
    /// Its offset.
    pub offset: u64,
}

/// Lists at most `limit` void records behind `after`, of one partition or of all.
///
/// # Errors
/// The log cannot be read, or the watcher stops it.
pub async fn voids(
    audit: &Audit,
    at: &At,
    partition: Option<u16>,
    after: Option<After>,
    limit: usize,
) -> Result<VoidsFound, AuditError> {
    let last = audit.trust.partitions().saturating_sub(1);
    if let Some(partition) = partition.filter(|partition| *partition > last) {
        return Err(AuditError::Partition { partition, last });
    }
    let partitions = partition.map_or(0..=last, |one| one..=one);
    let start = |trust: &Trust, partition| Search {
        lane: Lane::new(trust, partition),
        after,
        limit,
        voids: Vec::new(),
        more: false,
    };
    let mut found = VoidsFound::default();
    for (counts, voids, more) in audit.over(at, partitions, start).await? {
        for (reason, count) in counts {
            *found.counts.entry(reason).or_default() += count;
        }
        let room = limit - found.voids.len();
        found.more |= more || voids.len() > room;
        found.voids.extend(voids.into_iter().take(room));
    }
    Ok(found)
}

struct Search {
    lane: Lane,
    after: Option<After>,
    limit: usize,
    voids: Vec<VoidFound>,
    more: bool,
}

impl Pass for Search {
    type Outcome = (Vec<(Reason, u64)>, Vec<VoidFound>, bool);

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        let applied = self.lane.take(trust, stored)?;
        let Verdict::Void { void, code } = applied.verdict else { return Ok(()) };
        let place = After { partition: self.lane.partition(), offset: stored.offset };
        if self.after.is_some_and(|after| place <= after) {
            return Ok(());
        }
        if self.voids.len() == self.limit {
            self.more = true;
            return Ok(());
        }
        let (leaf, agency) = named(stored);
        self.voids.push(VoidFound {
            partition: place.partition,
            offset: place.offset,
            appended_at: Instant::from_millis(stored.appended_ms),
            reason: void.reason,
            detail: void.detail,
            code,
            agency,
            leaf,
        });
        Ok(())
    }

    fn finish(self, _: &Trust) -> Result<Self::Outcome, AuditError> {
        Ok((Reason::counted(self.lane.cursor()), self.voids, self.more))
    }
}

/// What can be read of a record that may be none.
fn named(stored: &Stored) -> (Option<Hash>, Option<AgencyId>) {
    let Ok(Entry::Proposal(Proposal { body, .. })) = decode_entry(&stored.record.value) else {
        return (None, None);
    };
    (Some(leaf(&body)), decode_body(&body).ok().map(|body| body.act.agency))
}
