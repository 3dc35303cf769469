//! The registry's chain: which of its records count, and the revisions that they add up to.
//!
//! ```text
//! genesis <--prev-- part <--prev-- part (last, with its fence) <--prev-- ...
//!    `- revision 0         `--------- revision 1
//! ```
//!
//! Whoever reads the registry's partition from its first record comes to the same revisions. A record that does not
//! count changes nothing and is kept in the count of records, so that the running hash covers it.

mod kept;

use std::sync::Arc;

use lienthong_registry::{Change, Registry, RegistryFault, Rules};
use lienthong_seal::{Hash, PublicKey, SealFault, chain};
use lienthong_wire::stored::revision::{Founding, Part, RegistryRecord};
use lienthong_wire::stored::{DecodeFault, Fence, Witness};

use crate::offered::Incoming;

pub use kept::{HISTORY_RECORDS_MAX, VOIDS_KEPT_MAX, VoidRevision};
use kept::{Hashes, Voids};

/// One revision, whole.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its number; 0 is the genesis.
    pub number: u64,
    /// Leaf of its last record.
    pub hash: Hash,
    /// All that it says.
    pub registry: Arc<Registry>,
    /// By which it takes effect in each dossier partition; none for the genesis, which is in force from the start.
    pub fence: Option<Fence>,
    /// Append time of its last record, milliseconds since the epoch.
    pub appended_ms: i64,
}

/// The registry's chain as far as it is read.
#[derive(Debug, Clone)]
pub struct Revisions {
    knows: Rules,
    log_id: Hash,
    founding: Founding,
    head: Hash,
    /// The offset after the last record read.
    next: u64,
    /// Append time of the last record that counted.
    last_ms: i64,
    history: Hashes,
    /// Without a gap, the oldest first.
    whole: Vec<Revision>,
    open: Option<Open>,
    voids: Voids,
}

/// A revision whose last record has not come.
#[derive(Debug, Clone)]
struct Open {
    number: u64,
    parts: u32,
    rules: Rules,
    signer: PublicKey,
    change: Change,
    /// What the next part of a genesis must say.
    next: Option<Hash>,
}

/// What became of a record of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chained {
    /// It counts, and its revision goes on.
    Part,
    /// It counts, and its revision is whole.
    Whole(u64),
    /// It does not count.
    Void(ChainFault),
}

/// Why a record of the registry does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// It cannot be read.
    #[error("it is unreadable: {0}")]
    Unreadable(DecodeFault),
    /// It is not the next of the chain: another number, part or predecessor, or a genesis where none belongs.
    #[error("it is not the next of the chain")]
    NotNext,
    /// Not the authority's, nor the recovery key's for a new authority.
    #[error("its signature does not count: {0}")]
    Signature(SealFault),
    /// Its author read another history of the registry's partition.
    #[error("its author read another history of the registry")]
    OtherHistory,
    /// A last record without the fence of its revision, or a fence where none belongs.
    #[error("its fence is not that of its revision")]
    Fence,
    /// With it the registry would not hold together.
    #[error("the registry would not hold together: {0}")]
    Content(RegistryFault),
}

/// The registry cannot be read any further by this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the registry puts rules {rules} in force, this release knows 1 to {knows}")]
pub struct UnknownRules {
    /// The rules met.
    pub rules: Rules,
    /// The newest ones known.
    pub knows: Rules,
}

/// Why there is no chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoGenesis {
    /// The first record is no genesis, or not a sound one.
    #[error("record 0 of the registry is no genesis: {0}")]
    First(ChainFault),
    /// It is the genesis of another log.
    #[error("the genesis is that of {found}, not of {pinned}")]
    OtherLog {
        /// The log that it begins.
        found: Hash,
        /// The log that was meant.
        pinned: Hash,
    },
    /// Its rules are not known.
    #[error(transparent)]
    UnknownRules(#[from] UnknownRules),
}

impl Revisions {
    /// Begins with the first record of the registry's partition, which is the genesis' first. `knows` are the newest rules
    /// that the reader knows.
    ///
    /// # Errors
    /// It is no genesis, or not the one that is pinned.
    pub fn begin(first: &Incoming<'_>, pinned: Option<Hash>, knows: Rules) -> Result<Self, NoGenesis> {
        let unreadable = |fault| NoGenesis::First(ChainFault::Unreadable(fault));
        let record = RegistryRecord::decode(first.value).map_err(unreadable)?;
        if let Some(pinned) = pinned
            && pinned != record.leaf
        {
            return Err(NoGenesis::OtherLog { found: record.leaf, pinned });
        }
        if !record.rules.are_known_to(knows) {
            return Err(UnknownRules { rules: record.rules, knows }.into());
        }
        let part = record.part().map_err(unreadable)?;
        let founding = part.founding.clone().ok_or(NoGenesis::First(ChainFault::NotNext))?;
        let is_first = part.number == 0 && part.part == 1 && part.prev.is_none();
        if !is_first || part.change.authority.is_some() || !part.announces_what_it_must() {
            return Err(NoGenesis::First(ChainFault::NotNext));
        }
        let signed = record.verify(&founding.authority);
        signed.map_err(|fault| NoGenesis::First(ChainFault::Signature(fault)))?;
        let mut begun = Self {
            knows,
            log_id: record.leaf,
            head: record.leaf,
            next: 0,
            last_ms: first.appended_ms,
            history: Hashes::start(chain::start(record.leaf, chain::REGISTRY)),
            whole: Vec::new(),
            open: None,
            voids: Voids::default(),
            founding,
        };
        begun.takes(&record, part, first.appended_ms).map_err(NoGenesis::First)?;
        begun.count(first);
        Ok(begun)
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// The authority put rules in force that the reader does not know. Nothing was taken: whoever knows them goes on here.
    pub fn apply(&mut self, record: &Incoming<'_>) -> Result<Chained, UnknownRules> {
        let chained = match self.judge(record)? {
            Ok((decoded, part)) => match self.takes(&decoded, part, record.appended_ms) {
                Ok(chained) => {
                    self.last_ms = record.appended_ms;
                    chained
                }
                Err(fault) => Chained::Void(fault),
            },
            Err(fault) => Chained::Void(fault),
        };
        if let Chained::Void(fault) = &chained {
            self.voids.push(VoidRevision { offset: record.offset, fault: fault.clone() });
        }
        self.count(record);
        Ok(chained)
    }

    /// Everything that can be said of a record before it is taken.
    fn judge(
        &self,
        record: &Incoming<'_>,
    ) -> Result<Result<(RegistryRecord, Part), ChainFault>, UnknownRules> {
        let decoded = match RegistryRecord::decode(record.value) {
            Ok(decoded) => decoded,
            Err(fault) => return Ok(Err(ChainFault::Unreadable(fault))),
        };
        let signers = [self.authority(), self.founding.recovery_key];
        let signed = signers.iter().map(|key| decoded.verify(key)).reduce(Result::or);
        if let Some(Err(fault)) = signed {
            return Ok(Err(ChainFault::Signature(fault)));
        }
        if decoded.prev != Some(self.head) {
            return Ok(Err(ChainFault::NotNext));
        }
        // Only now: neither a stranger nor what was overtaken stops anybody.
        if !decoded.rules.are_known_to(self.knows) {
            return Err(UnknownRules { rules: decoded.rules, knows: self.knows });
        }
        Ok(match decoded.part() {
            Ok(part) => self.is_next(&decoded, &part).map(|()| (decoded, part)),
            Err(fault) => Err(ChainFault::Unreadable(fault)),
        })
    }

    fn is_next(&self, record: &RegistryRecord, part: &Part) -> Result<(), ChainFault> {
        if part.founding.is_some() {
            return Err(ChainFault::NotNext);
        }
        let number = self.whole.last().map_or(0, |whole| whole.number + 1);
        let goes_on = self.open.as_ref().is_some_and(|open| {
            part.number == open.number
                && part.part == open.parts + 1
                && record.rules == open.rules
                && record.signer == open.signer.key_id()
                && open.next.is_none_or(|next| next == part.said)
        });
        // A genesis cannot begin anew: nobody could tell which log it is.
        let begins = part.part == 1 && part.number == number && number > 0;
        if !goes_on && !begins || !part.announces_what_it_must() {
            return Err(ChainFault::NotNext);
        }
        // The recovery key replaces the authority's and does nothing else.
        let by_recovery = record.signer != self.authority().key_id();
        if by_recovery && !(part.last && part.part == 1 && part.change.is_authority_alone()) {
            return Err(ChainFault::Signature(SealFault::OtherKey));
        }
        // A genesis knows no history; whoever comes later names what he read.
        let named = match (part.history, part.number) {
            (None, 0) => true,
            (Some(history), 1..) => self.history.after(history.count) == Some(history.hash),
            (Some(_), 0) | (None, 1..) => false,
        };
        if named { Ok(()) } else { Err(ChainFault::OtherHistory) }
    }

    /// Takes a part that is the next one; one that does not fit leaves everything as it was.
    fn takes(
        &mut self,
        record: &RegistryRecord,
        part: Part,
        appended_ms: i64,
    ) -> Result<Chained, ChainFault> {
        let signer = match record.signer == self.authority().key_id() {
            true => self.authority(),
            false => self.founding.recovery_key,
        };
        let fence = self.fence_of(record, part.number, part.last, &signer)?;
        let begun = self.open.as_ref().filter(|_| part.part > 1);
        if !part.last {
            let mut change = match begun {
                Some(_) => self.open.take().map(|open| open.change).unwrap_or_default(),
                None => Change::default(),
            };
            change.extend(part.change);
            let (number, parts, rules, next) = (part.number, part.part, record.rules, part.next);
            self.open = Some(Open { number, parts, rules, signer, change, next });
            self.head = record.leaf;
            return Ok(Chained::Part);
        }
        // A copy, so that a last part which does not hold leaves those before it as they were.
        let mut change = begun.map(|open| open.change.clone()).unwrap_or_default();
        change.extend(part.change);
        let registry = match self.whole.last() {
            Some(before) => before.registry.amended(record.rules, change),
            None => Registry::new(self.founding.parts(self.log_id, record.rules, change)),
        };
        let registry = Arc::new(registry.map_err(ChainFault::Content)?);
        let (number, hash) = (part.number, record.leaf);
        self.whole.push(Revision { number, hash, registry, fence, appended_ms });
        (self.open, self.head) = (None, record.leaf);
        Ok(Chained::Whole(part.number))
    }

    /// The fence that a record must carry: its own in the last one of a later revision, else none.
    fn fence_of(
        &self,
        record: &RegistryRecord,
        number: u64,
        last: bool,
        signer: &PublicKey,
    ) -> Result<Option<Fence>, ChainFault> {
        match &record.fence {
            None if !last || number == 0 => Ok(None),
            Some(fence) if last && number > 0 => {
                let Fence { log_id, n, hash, signature } = fence;
                let named = (*log_id, *n, *hash) == (self.log_id, number, record.leaf);
                if !named || signer.verify_fence(*log_id, *n, *hash, signature).is_err() {
                    return Err(ChainFault::Fence);
                }
                Ok(Some(fence.clone()))
            }
            None | Some(_) => Err(ChainFault::Fence),
        }
    }

    fn count(&mut self, record: &Incoming<'_>) {
        let before = self.chain();
        let headers = record.headers.iter().copied();
        let after = chain::extend(before, record.appended_ms, record.key, headers, record.value);
        self.history.push(after);
        self.next = record.offset + 1;
    }

    /// The log's id: the leaf of the genesis' first record, which by what it announces covers all of the genesis.
    #[must_use]
    pub fn log_id(&self) -> Hash {
        self.log_id
    }

    /// What the genesis says of the log.
    #[must_use]
    pub fn founding(&self) -> &Founding {
        &self.founding
    }

    /// The authority's key after the last whole revision.
    #[must_use]
    pub fn authority(&self) -> PublicKey {
        let whole = self.whole.last().map(|revision| PublicKey(revision.registry.authority().public));
        whole.unwrap_or(self.founding.authority)
    }

    /// The last whole revision; none while the genesis is half-made.
    #[must_use]
    pub fn latest(&self) -> Option<&Revision> {
        self.whole.last()
    }

    /// The revision of that number, unless it has not come or was dropped.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Revision> {
        let first = self.whole.first()?.number;
        self.whole.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// All that are kept, the oldest first.
    #[must_use]
    pub fn all(&self) -> &[Revision] {
        &self.whole
    }

    /// Those that were the newest at some moment of that span of append times, the newest first.
    pub fn newest_within(&self, from_ms: i64, until_ms: i64) -> impl Iterator<Item = &Revision> {
        let end_ms = |index: usize| self.whole.get(index + 1).map_or(i64::MAX, |next| next.appended_ms);
        let newest_first = self.whole.iter().enumerate().rev();
        newest_first
            .filter(move |(index, revision)| revision.appended_ms <= until_ms && end_ms(*index) >= from_ms)
            .map(|(_, revision)| revision)
    }

    /// Drops what is older than that revision: no partition stands before it any more.
    pub fn drop_before(&mut self, number: u64) {
        let older = self.whole.iter().take_while(|revision| revision.number < number).count();
        // The last one always stays.
        self.whole.drain(..older.min(self.whole.len().saturating_sub(1)));
    }

    /// Leaf of the last record that counts: what the next one names as `prev`.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// The offset after the last record read.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The running hash after the last record read.
    #[must_use]
    pub fn chain(&self) -> Hash {
        self.history.last()
    }

    /// What was read, as the next revision's author names it.
    #[must_use]
    pub fn history(&self) -> Witness {
        Witness { count: self.records(), hash: self.chain() }
    }

    /// Records read.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.history.records
    }

    /// The newest records that do not count, at most [`VOIDS_KEPT_MAX`], the oldest first.
    pub fn voids(&self) -> impl Iterator<Item = &VoidRevision> {
        self.voids.newest.iter()
    }

    /// How many records do not count.
    #[must_use]
    pub fn void_records(&self) -> u64 {
        self.voids.records
    }

    /// The number of a revision that was begun and is not whole, and when its last record was appended (milliseconds
    /// since the epoch).
    #[must_use]
    pub fn half_made(&self) -> Option<(u64, i64)> {
        self.open.as_ref().map(|open| (open.number, self.last_ms))
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
