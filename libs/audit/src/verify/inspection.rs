//! One partition, verified: every record judged, and what its authors testify of those before theirs.

use lienthong_admission::{Applied, Cursor, Offered, Place, Read, Reason, Verdict, offered};
use lienthong_log::{Partition, Stored};
use lienthong_seal::{Hash, PartitionDigest, PublicKey, chain};
use lienthong_wire::stored::{Header, TraceParent, fence_headers, proposal_headers};

use super::witnesses::Witnesses;
use crate::error::{AuditError, SourceError};
use crate::fault::{Fault, FaultKind, Faults};
use crate::lane::{Lane, with_incoming};
use crate::run::Pass;
use crate::trust::{Trust, check_offset};

/// The only header that a record may have beyond those that follow from its body.
const TRACE: &str = "traceparent";

/// One partition under verification.
#[derive(Clone)]
pub struct Inspection {
    lane: Lane,
    /// Whether append times that go back are a fault.
    times_rise: bool,
    faults: Faults,
    witnesses: Witnesses,
    /// Offset and append time of the record before.
    before: Option<(u64, i64)>,
    /// Offsets at which the hashes are wanted, ascending, those not reached yet.
    wanted: Vec<u64>,
    marks: Vec<Mark>,
    /// A fence was met whose revision is not there: what lies behind it cannot be judged.
    is_over: bool,
}

/// What a partition comes to at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The offset, exclusive: it need not be that of a record.
    pub at: u64,
    /// Running hash of the records below it.
    pub chain: Hash,
    /// What two services compare there.
    pub digest: PartitionDigest,
}

/// What was found in one partition.
#[derive(Debug, Clone)]
pub struct PartitionReport {
    /// The partition.
    pub partition: u16,
    /// Where its account stands at the end.
    pub cursor: Cursor,
    /// Below this offset everything stands as authors of later records had read it.
    pub covered: u64,
    /// What it comes to at the offsets that were asked for, as far as they were reached.
    pub marks: Vec<Mark>,
    /// What is wrong with it.
    pub faults: Faults,
}

impl Inspection {
    /// Before the first record. The hashes are wanted at these offsets.
    #[must_use]
    pub fn new(trust: &Trust, partition: u16, times_rise: bool, mut wanted: Vec<u64>) -> Self {
        wanted.sort_unstable_by(|one, other| other.cmp(one));
        wanted.dedup();
        Self {
            lane: Lane::new(trust, partition),
            times_rise,
            faults: Faults::default(),
            witnesses: Witnesses::default(),
            before: None,
            wanted,
            marks: Vec::new(),
            is_over: false,
        }
    }

    /// Whether nothing wrong was met so far.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.witnesses.agree()
    }

    /// Verifies the next record.
    ///
    /// # Errors
    /// A state cannot be encoded.
    pub fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        if self.is_over {
            return Ok(());
        }
        self.mark_up_to(Some(stored.offset))?;
        self.check_order(stored);
        // The greatest number there is leaves no offset behind it; no log comes near.
        if stored.offset == u64::MAX {
            return Ok(());
        }
        let read = self.lane.cursor().count;
        let applied = match self.lane.take(trust, stored) {
            Err(AuditError::NoRevision { offset, revision, .. }) => {
                self.faults.at(self.partition(), offset, FaultKind::NoRevision { revision });
                self.is_over = true;
                return Ok(());
            }
            applied => applied?,
        };
        self.weigh(trust, stored, &applied, read);
        let cursor = self.lane.cursor();
        self.witnesses.counted(cursor.count, cursor.next);
        Ok(())
    }

    /// What was found.
    ///
    /// # Errors
    /// A state cannot be encoded.
    pub fn finish(mut self) -> Result<PartitionReport, AuditError> {
        let end = self.lane.cursor().next;
        self.mark_up_to(None)?;
        self.lane.settle()?;
        self.witnesses.conclude(self.partition(), end, &mut self.faults);
        Ok(PartitionReport {
            partition: self.lane.partition(),
            cursor: self.lane.cursor().clone(),
            covered: self.witnesses.covered(),
            marks: self.marks,
            faults: self.faults,
        })
    }

    fn partition(&self) -> Partition {
        Partition::Dossiers(self.lane.partition())
    }

    fn check_order(&mut self, stored: &Stored) {
        let partition = self.partition();
        check_offset(&mut self.faults, partition, self.before.map(|(offset, _)| offset), stored.offset);
        if let Some((before, before_ms)) = self.before
            && self.times_rise
            && stored.appended_ms < before_ms
        {
            let kind = FaultKind::Time { by_ms: before_ms.abs_diff(stored.appended_ms) };
            // Either of the two may be the one that was changed.
            let (offset, until) = (before.min(stored.offset), stored.offset.saturating_add(1));
            self.faults.push(Fault { partition: Some(partition), offset, until, kind });
        }
        self.before = Some((stored.offset, stored.appended_ms));
    }

    /// What a verdict says of the log.
    fn weigh(&mut self, trust: &Trust, stored: &Stored, applied: &Applied, read: u64) {
        match &applied.verdict {
            Verdict::Admitted(offered) => {
                self.witnesses.agreed(offered.body.witness.count);
                if !are_headers_of(stored, offered) {
                    self.faults.at(self.partition(), stored.offset, FaultKind::Headers);
                }
            }
            Verdict::Fence(revision) => {
                if !trust.fence(*revision).is_some_and(|fence| frames(stored, &fence_headers(fence))) {
                    self.faults.at(self.partition(), stored.offset, FaultKind::Headers);
                }
            }
            Verdict::Void { void, .. } if void.reason == Reason::OtherHistory => {
                let place = trust.place(self.lane.partition(), self.lane.cursor().revision);
                match other_history(&place, stored) {
                    Some(count) => self.witnesses.differ(stored.offset, count),
                    None => self.witnesses.void(read, stored.offset, void.reason),
                }
            }
            Verdict::Void { void, .. } => self.witnesses.void(read, stored.offset, void.reason),
        }
    }

    /// Notes the hashes at the wanted offsets that lie at or before the next record, or before the end.
    fn mark_up_to(&mut self, next: Option<u64>) -> Result<(), AuditError> {
        let end = self.lane.cursor().next;
        while let Some(at) = self.wanted.last().copied().filter(|at| *at <= next.unwrap_or(end)) {
            self.wanted.pop();
            self.lane.settle()?;
            let cursor = self.lane.cursor();
            let digest = PartitionDigest { next: at, ..cursor.digest(self.lane.partition()) };
            self.marks.push(Mark { at, chain: cursor.chain, digest });
        }
        Ok(())
    }
}

impl Pass for Inspection {
    type Outcome = PartitionReport;

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        Self::take(self, trust, stored)
    }

    fn damaged(&mut self, error: SourceError) -> Result<(), AuditError> {
        let SourceError::Damaged { offset, what, .. } = error else { return Err(error.into()) };
        self.faults.push(Fault {
            partition: Some(self.partition()),
            offset,
            until: offset.saturating_add(1),
            kind: FaultKind::Damaged { what },
        });
        Ok(())
    }

    fn finish(self, _: &Trust) -> Result<PartitionReport, AuditError> {
        Self::finish(self)
    }
}

/// The running hash of a partition before its first record.
pub(super) fn start(trust: &Trust, partition: u16) -> Hash {
    chain::start(trust.log_id(), u32::from(partition))
}

/// The count that a record names whose author is good in all else: a node of the registry, whose seal covers the body.
/// None for what a stranger wrote, or was made for another log.
fn other_history(place: &Place<'_>, stored: &Stored) -> Option<u64> {
    let Read::Proposal(proposal) = with_incoming(stored, |record| offered(place, record)).ok()? else {
        return None;
    };
    let Offered { leaf, body, seal } = *proposal;
    if body.log_id != place.log_id {
        return None;
    }
    let node = place.registry.node(&seal.key_id.0)?;
    place.verifier.verify(&seal, place.log_id, &PublicKey(node.public), leaf).ok()?;
    Some(body.witness.count)
}

/// Whether the headers are those that the author of the body gave it, with or without a trace.
fn are_headers_of(stored: &Stored, offered: &Offered) -> bool {
    let trace = stored.record.headers.last().filter(|header| header.name == TRACE);
    let trace = trace.and_then(|header| TraceParent::parse(std::str::from_utf8(&header.value).ok()?));
    frames(stored, &proposal_headers(offered.leaf, &offered.body.act, trace.as_ref()))
}

/// Whether the record has just these headers.
fn frames(stored: &Stored, due: &[Header]) -> bool {
    let due = due.iter().map(|header| (header.name, &header.value));
    due.eq(stored.record.headers.iter().map(|header| (header.name.as_str(), &header.value)))
}
