//! The partition of readings: who read personal data, checked from the records alone.
//!
//! Nothing is decided by these records, so there is no state to fold and no void: each either is what a node of this log
//! sealed, upon this history, or it is a fault of whoever wrote it or of whoever keeps the log. An auditor checks all of
//! them; a node needs of them only the running hash, for its own next record to name.
//!
//! There are no fences here, so in a production log append times say which revision a reading is judged by: one that was
//! the newest while the reading may have been made. A key that was revoked since gains nothing by the time that it says.

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_registry::{LogKind, Registry};
use lienthong_seal::{Hash, PublicKey, SealFault, Verifier, chain, read_leaf};
use lienthong_wire::stored::{self, DecodeFault, READ_BODY_BYTES_MAX, ReadBody};
use serde::{Deserialize, Serialize};

use crate::admit::{AHEAD_MS_MAX, EXPIRY_MS_MAX};
use crate::ledger::WITNESS_EVERY;
use crate::revisions::Revisions;

/// A stored record of a reading at most, in bytes: a body with its seal.
pub const READ_BYTES_MAX: usize = READ_BODY_BYTES_MAX + 4 * 1024;

/// A record as the log gives it.
#[derive(Debug, Clone, Copy)]
pub struct IncomingRead<'a> {
    /// Its offset.
    pub offset: u64,
    /// Append time, milliseconds since the epoch.
    pub appended_ms: i64,
    /// Its key, which is empty.
    pub key: &'a [u8],
    /// Its headers in record order; for tools, nothing here trusts them.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Its value.
    pub value: &'a Bytes,
}

/// A reading that a node sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRead {
    /// Its leaf.
    pub leaf: Hash,
    /// Who read what, when and what for.
    pub body: ReadBody,
}

/// What is the matter with a record of a reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// Larger than such a record may be.
    #[error("larger than a record of a reading may be")]
    Size,
    /// Not the one encoding of such a record.
    #[error("not the one encoding of a record of a reading")]
    Decoding(#[source] DecodeFault),
    /// It has a key, though it is of no single dossier.
    #[error("a record of a reading has no key")]
    Key,
    /// Made by rules that were not in force yet.
    #[error("made by rules that were not in force")]
    Rules,
    /// Made for another log, or upon another history of this partition.
    #[error("made for another log, or upon another history of this partition")]
    OtherHistory,
    /// The seal names no node that the registry had when it was made, or one that did not act for the agency.
    #[error("sealed with no key of a node that acted for the agency when the log took it")]
    OtherNode,
    /// The seal does not cover the body.
    #[error("the seal does not cover the body")]
    Seal(#[source] SealFault),
    /// It says a time that is later than the log took it.
    #[error("it says {at}, later than the log took it")]
    Ahead {
        /// What it says.
        at: Instant,
    },
    /// It says a time that is long before the log took it: dated back, or sealed and then held back. An honest node makes
    /// such a reading anew before it shows anything.
    #[error("it says {at}, more than {} s before the log took it", EXPIRY_MS_MAX / 1_000)]
    Expired {
        /// What it says.
        at: Instant,
    },
}

/// The running hash of the partition, as far as it was read. Stored with a projection, of which it is no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadsCursor {
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
}

impl ReadsCursor {
    /// Where nothing was read.
    #[must_use]
    pub fn start(log_id: Hash) -> Self {
        let chain = chain::start(log_id, chain::READS);
        Self { next: 0, count: 0, chain, last: None, witness: (0, chain) }
    }

    /// Takes the next record, whatever it is.
    pub fn count(&mut self, record: &IncomingRead<'_>) {
        self.last = Some((record.offset, self.chain));
        self.chain = extend(self.chain, record);
        self.next = record.offset + 1;
        self.count += 1;
        if self.count.is_multiple_of(WITNESS_EVERY) {
            self.witness = (self.count, self.chain);
        }
    }

    /// Whether the record at the last offset is the one that was read there.
    #[must_use]
    pub fn is_last(&self, record: &IncomingRead<'_>) -> bool {
        self.last
            .is_some_and(|(offset, before)| offset == record.offset && extend(before, record) == self.chain)
    }
}

fn extend(before: Hash, record: &IncomingRead<'_>) -> Hash {
    chain::extend(before, record.appended_ms, record.key, record.headers.iter().copied(), record.value)
}

/// Checks a whole partition of readings, from its first record on.
pub struct ReadsLedger {
    log_id: Hash,
    cursor: ReadsCursor,
    /// The running hash at every multiple of 64, of which there is one for each 64 records.
    witnesses: Vec<Hash>,
}

impl ReadsLedger {
    /// Before the first record.
    #[must_use]
    pub fn new(log_id: Hash) -> Self {
        let cursor = ReadsCursor::start(log_id);
        Self { log_id, witnesses: vec![cursor.chain], cursor }
    }

    /// How far it has come, with the running hash by which two copies of a log are compared.
    #[must_use]
    pub fn cursor(&self) -> &ReadsCursor {
        &self.cursor
    }

    /// Takes the next record and says what it tells. It is good if it is by one of the revisions that were the newest while
    /// it may have been made, in a training log by any. A record with a fault counts for the running hash too.
    ///
    /// # Errors
    /// What is the matter with it, by the newest of those revisions.
    pub fn apply(
        &mut self,
        revisions: &Revisions,
        verifier: &Verifier,
        record: &IncomingRead<'_>,
    ) -> Result<SealedRead, ReadFault> {
        let read = self.check(revisions, verifier, record);
        self.cursor.count(record);
        if self.cursor.count.is_multiple_of(WITNESS_EVERY) {
            self.witnesses.push(self.cursor.chain);
        }
        read
    }

    fn check(
        &self,
        revisions: &Revisions,
        verifier: &Verifier,
        record: &IncomingRead<'_>,
    ) -> Result<SealedRead, ReadFault> {
        if record.value.len() > READ_BYTES_MAX {
            return Err(ReadFault::Size);
        }
        let read = stored::decode_read(record.value).map_err(ReadFault::Decoding)?;
        let body = stored::decode_read_body(&read.body).map_err(ReadFault::Decoding)?;
        if !record.key.is_empty() {
            return Err(ReadFault::Key);
        }
        let named = body.witness;
        if body.log_id != self.log_id || self.chain_at(named.count) != Some(named.hash) {
            return Err(ReadFault::OtherHistory);
        }
        // A time may differ from the log's as that of a dossier's record may.
        let made_by = record.appended_ms.saturating_add(AHEAD_MS_MAX);
        let at = body.at;
        if at.as_micros() > made_by.saturating_mul(1_000) {
            return Err(ReadFault::Ahead { at });
        }
        let (made_from, made_by) = match revisions.founding().kind {
            LogKind::Production => (record.appended_ms.saturating_sub(EXPIRY_MS_MAX), made_by),
            // Where times are told as one likes, they rule nothing out.
            LogKind::Training => (i64::MIN, i64::MAX),
        };
        if at.as_micros() < made_from.saturating_mul(1_000) {
            return Err(ReadFault::Expired { at });
        }
        let leaf = read_leaf(&read.body);
        let mut fault = None;
        for revision in revisions.newest_within(made_from, made_by) {
            match sealed(&revision.registry, verifier, &read, &body, leaf) {
                Ok(()) => return Ok(SealedRead { leaf, body }),
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        // Before the log had a registry nobody was its node.
        Err(fault.unwrap_or(ReadFault::OtherNode))
    }

    fn chain_at(&self, count: u64) -> Option<Hash> {
        if count > self.cursor.count || !count.is_multiple_of(WITNESS_EVERY) {
            return None;
        }
        self.witnesses.get(usize::try_from(count / WITNESS_EVERY).ok()?).copied()
    }
}

/// Whether a node that acts for the agency by this registry sealed the body.
fn sealed(
    registry: &Registry,
    verifier: &Verifier,
    read: &stored::Read,
    body: &ReadBody,
    leaf: Hash,
) -> Result<(), ReadFault> {
    if body.rules > registry.rules() {
        return Err(ReadFault::Rules);
    }
    let key = read.seal.key_id.0;
    let node = registry.node(&key).ok_or(ReadFault::OtherNode)?;
    verifier.verify(&read.seal, body.log_id, &PublicKey(node.public), leaf).map_err(ReadFault::Seal)?;
    if registry.may_seal(&key, &body.agency, body.at.date()) { Ok(()) } else { Err(ReadFault::OtherNode) }
}

#[cfg(test)]
mod tests;
