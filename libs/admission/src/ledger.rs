//! One partition's account: what was admitted, what was void and why, and the hashes by which two readers compare.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lienthong_dossier::{Dossier, DossierCode, OfficerId};
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, PartitionDigest, PublicKey, StateSum, Verifier, chain, verdict};
use lienthong_wire::stored::Fence;
use serde::{Deserialize, Serialize};

use crate::admit::{History, Place, admit};
use crate::offered::{Incoming, Offered, Read, offered};
use crate::revisions::{Revision, Revisions};
use crate::rows::{Changes, Row, Rows, StateRow};
use crate::state::{State, StateFault};
use crate::void::{Reason, Void};

/// The running hash is kept, and may be named as witness, at every multiple of this.
pub const WITNESS_EVERY: u64 = 64;

/// How many revisions a fence may be ahead of the one in force in its partition. Whoever finds more of them missing there
/// appends them in their order.
pub const FENCE_LEAP_MAX: u64 = 64;

/// Where a partition's account stands. It is stored with the rows it accounts for, in one batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The next offset to read.
    pub next: u64,
    /// Records read so far.
    pub count: u64,
    /// Running hash after the last record.
    pub chain: Hash,
    /// The last record's offset and the running hash before it, to notice a log made anew under the cursor.
    pub last: Option<(u64, Hash)>,
    /// The newest witness: a multiple of 64 and the running hash there.
    pub witness: (u64, Hash),
    /// The registry's revision in force: that of the last fence.
    pub revision: u64,
    /// Running hash of verdicts.
    pub verdict: Hash,
    /// Sum of the states.
    pub states: StateSum,
    /// Records admitted, fences too.
    pub admitted: u64,
    /// Events in them.
    pub events: u64,
    /// Dossiers, imported ones too.
    pub dossiers: u64,
    /// Records void, by reason code.
    pub voids: BTreeMap<u8, u64>,
    /// Hand-offs of all dossiers of the partition.
    pub hand_offs: u64,
    /// Those of them that went with paper.
    pub paper_hand_offs: u64,
}

impl Cursor {
    /// The cursor of a partition that nothing was read of.
    #[must_use]
    pub fn start(log_id: Hash, partition: u16) -> Self {
        let chain = chain::start(log_id, u32::from(partition));
        Self {
            next: 0,
            count: 0,
            chain,
            last: None,
            witness: (0, chain),
            revision: 0,
            verdict: Hash::ZERO,
            states: StateSum::default(),
            admitted: 0,
            events: 0,
            dossiers: 0,
            voids: BTreeMap::new(),
            hand_offs: 0,
            paper_hand_offs: 0,
        }
    }

    /// What two readers compare.
    #[must_use]
    pub fn digest(&self, partition: u16) -> PartitionDigest {
        PartitionDigest {
            partition: u32::from(partition),
            next: self.next,
            verdict: self.verdict,
            state: self.states,
        }
    }
}

/// What became of one record.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Its offset.
    pub offset: u64,
    /// Hash of its body, or of its value where there is no body.
    pub leaf: Hash,
    /// Whether it counts.
    pub verdict: Verdict,
}

/// Whether a record counts.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It does.
    Admitted(Box<Offered>),
    /// It is a fence that counts: from here on this revision is in force.
    Fence(u64),
    /// It does not.
    Void {
        /// Why.
        void: Void,
        /// The dossier it claims to be about, where that could be read.
        code: Option<DossierCode>,
    },
}

/// What one partition is read by.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The log.
    pub log_id: Hash,
    /// The dossier partition.
    pub partition: u16,
    /// The registry's chain, as far as it is read.
    pub revisions: &'a Revisions,
    /// Remembers which signatures are good.
    pub verifier: &'a Verifier,
}

/// Why a record is not judged. The ledger is as it was.
#[derive(Debug)]
pub enum Halt<E> {
    /// It is a fence, or lies behind one, whose revision the reader has not read yet: to be read first.
    Revision(u64),
    /// The rows cannot be read.
    Rows(E),
}

impl<E> From<E> for Halt<E> {
    fn from(error: E) -> Self {
        Self::Rows(error)
    }
}

#[derive(Clone)]
struct Touched {
    before: Option<StateRow>,
    state: Option<Arc<State>>,
    officers: BTreeMap<AgencyId, OfficerId>,
}

/// One partition's account, with the changes since the last [`Ledger::settle`].
#[derive(Clone)]
pub struct Ledger {
    partition: u16,
    cursor: Cursor,
    touched: HashMap<DossierCode, Touched>,
    witnesses: Vec<(u64, u64, Hash)>,
}

impl Ledger {
    /// Goes on from a cursor.
    #[must_use]
    pub fn new(partition: u16, cursor: Cursor) -> Self {
        Self { partition, cursor, touched: HashMap::new(), witnesses: Vec::new() }
    }

    /// Where it stands; states count from the last [`Ledger::settle`] only.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The state of a dossier as far as this ledger has read, `None` when it has not touched it since it settled.
    #[must_use]
    pub fn touched(&self, code: &DossierCode) -> Option<&State> {
        self.touched.get(code).and_then(|touched| touched.state.as_deref())
    }

    /// How many dossiers it holds since it settled.
    #[must_use]
    pub fn held(&self) -> usize {
        self.touched.len()
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// Why it cannot be judged yet; the ledger is as it was.
    pub fn apply<R: Rows>(
        &mut self,
        reading: &Reading<'_>,
        rows: &R,
        record: &Incoming<'_>,
    ) -> Result<Applied, Halt<R::Error>> {
        let in_force = reading.revisions.get(self.cursor.revision);
        let in_force = in_force.ok_or(Halt::Revision(self.cursor.revision))?;
        let Reading { log_id, partition, verifier, .. } = *reading;
        let place = &Place { log_id, partition, registry: &in_force.registry, verifier };
        let (leaf, verdict) = match offered(place, record) {
            Err((leaf, void)) => (leaf, Verdict::Void { void, code: None }),
            Ok(Read::Fence { leaf, fence }) => match counts(reading.revisions, in_force, record, &fence) {
                Err(reason) => (leaf, Verdict::Void { void: reason.into(), code: None }),
                Ok(None) => return Err(Halt::Revision(fence.n)),
                Ok(Some(n)) => (leaf, Verdict::Fence(n)),
            },
            Ok(Read::Proposal(offered)) => {
                let named = offered.body.witness.count;
                let known = self.chain_at(place, rows, named).map_err(Halt::Rows)?;
                let code = offered.code().clone();
                let touched = self.touch(rows, &code).map_err(Halt::Rows)?;
                let history = Named { count: named, hash: known };
                let state = &mut touched.state;
                match admit(place, &history, state, &offered, record.offset, record.appended_ms) {
                    Ok(()) => {
                        let act = &offered.body.act;
                        touched.officers.insert(act.agency.clone(), act.actor.officer.clone());
                        (offered.leaf, Verdict::Admitted(offered))
                    }
                    Err(void) => (offered.leaf, Verdict::Void { void, code: Some(code) }),
                }
            }
        };
        self.count(record, leaf, &verdict);
        Ok(Applied { offset: record.offset, leaf, verdict })
    }

    /// Closes a batch: the state sum is brought up to date and what changed is handed out to be written.
    ///
    /// # Errors
    /// A state cannot be encoded.
    pub fn settle(&mut self) -> Result<Changes, StateFault> {
        let mut rows = Vec::new();
        let mut all: Vec<_> = self.touched.drain().collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (code, touched) in all {
            let Some(after) = touched.state else { continue };
            if touched.before.as_ref().is_some_and(|before| before.state.head == after.head) {
                continue;
            }
            if let Some(before) = &touched.before {
                self.cursor.states -= before.term;
            }
            self.cursor.dossiers += u64::from(touched.before.is_none());
            let before = touched.before.map(|before| before.state);
            let (was, is) = (hand_offs(before.as_deref()), hand_offs(Some(&after)));
            self.cursor.hand_offs += is.0.saturating_sub(was.0);
            self.cursor.paper_hand_offs += is.1.saturating_sub(was.1);
            let row = Row::new(code, before, after, touched.officers)?;
            self.cursor.states += row.term;
            rows.push(row);
        }
        Ok(Changes { rows, witnesses: std::mem::take(&mut self.witnesses) })
    }

    fn touch<R: Rows>(&mut self, rows: &R, code: &DossierCode) -> Result<&mut Touched, R::Error> {
        match self.touched.entry(code.clone()) {
            Entry::Occupied(touched) => Ok(touched.into_mut()),
            Entry::Vacant(free) => {
                let before = rows.state(code)?;
                let state = before.as_ref().map(|before| Arc::clone(&before.state));
                Ok(free.insert(Touched { before, state, officers: BTreeMap::new() }))
            }
        }
    }

    fn chain_at<R: Rows>(&self, place: &Place<'_>, rows: &R, count: u64) -> Result<Option<Hash>, R::Error> {
        if count > self.cursor.count || !count.is_multiple_of(WITNESS_EVERY) {
            return Ok(None);
        }
        // The beginning is no row: it follows from the log id.
        if count == 0 {
            return Ok(Some(chain::start(place.log_id, u32::from(self.partition))));
        }
        if count == self.cursor.witness.0 {
            return Ok(Some(self.cursor.witness.1));
        }
        // They ascend. Whoever writes to a log, seal or none, chooses what is looked for.
        match self.witnesses.binary_search_by_key(&count, |(at, _, _)| *at) {
            Ok(place) => Ok(Some(self.witnesses[place].2)),
            Err(_) => rows.chain_at(self.partition, count),
        }
    }

    fn count(&mut self, record: &Incoming<'_>, leaf: Hash, given: &Verdict) {
        let cursor = &mut self.cursor;
        let code = match given {
            Verdict::Admitted(offered) => {
                cursor.admitted += 1;
                cursor.events += offered.body.act.events.len() as u64;
                0
            }
            Verdict::Fence(n) => {
                cursor.admitted += 1;
                cursor.revision = *n;
                0
            }
            Verdict::Void { void, .. } => {
                *cursor.voids.entry(void.reason.code()).or_insert(0) += 1;
                void.reason.code()
            }
        };
        cursor.last = Some((record.offset, cursor.chain));
        cursor.chain = chain::extend(
            cursor.chain,
            record.appended_ms,
            record.key,
            record.headers.iter().copied(),
            record.value,
        );
        cursor.verdict = verdict(cursor.verdict, record.offset, leaf, code);
        cursor.next = record.offset + 1;
        cursor.count += 1;
        if cursor.count.is_multiple_of(WITNESS_EVERY) {
            cursor.witness = (cursor.count, cursor.chain);
            self.witnesses.push((cursor.count, record.offset, cursor.chain));
        }
    }
}

/// Whether a fence counts: it is newer than the last one, signed by who may, and that of its revision. None when the
/// revision is not read yet: the authority writes it before the fence, so whoever meets the fence can wait for it.
///
/// The authority is that of the revision in force here, or the recovery key, which never changes. So every reader asks for
/// the same keys, however far it has read the registry, and what a replaced authority's successor signs counts only behind
/// the fence that brought it.
fn counts(
    revisions: &Revisions,
    in_force: &Revision,
    record: &Incoming<'_>,
    fence: &Fence,
) -> Result<Option<u64>, Reason> {
    if !record.key.is_empty() {
        return Err(Reason::Partition);
    }
    let Fence { log_id, n, hash, signature } = fence;
    let authority = PublicKey(in_force.registry.authority().public);
    let signers = [authority, revisions.founding().recovery_key];
    let signed = signers.iter().any(|key| key.verify_fence(*log_id, *n, *hash, signature).is_ok());
    // A fence far ahead, for a revision that may never come, must not stop anybody for good.
    let leap = n.checked_sub(in_force.number).filter(|leap| (1..=FENCE_LEAP_MAX).contains(leap));
    if *log_id != revisions.log_id() || leap.is_none() || !signed {
        return Err(Reason::Fence);
    }
    match revisions.get(*n) {
        None => Ok(None),
        Some(revision) if revision.fence.as_ref() == Some(fence) => Ok(Some(*n)),
        Some(_) => Err(Reason::Fence),
    }
}

fn hand_offs(state: Option<&State>) -> (u64, u64) {
    match state.map(|state| &state.dossier) {
        Some(Dossier::Live(case)) => (u64::from(case.hand_offs), u64::from(case.paper_hand_offs)),
        Some(Dossier::Imported(_)) | None => (0, 0),
    }
}

struct Named {
    count: u64,
    hash: Option<Hash>,
}

impl History for Named {
    fn chain_at(&self, count: u64) -> Option<Hash> {
        if count == self.count { self.hash } else { None }
    }
}

impl Reason {
    /// Voids by reason, as counted by a cursor.
    #[must_use]
    pub fn counted(cursor: &Cursor) -> Vec<(Self, u64)> {
        cursor
            .voids
            .iter()
            .filter_map(|(code, n)| Self::from_code(*code).map(|reason| (reason, *n)))
            .collect()
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
