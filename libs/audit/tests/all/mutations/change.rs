//! One random change of one copy of a log.

use bytes::Bytes;
use lienthong_log::Stored;
use lienthong_seal::{Hash, Seal, leaf};
use lienthong_wire::stored::{Entry, Proposal, decode_entry, encode_entry};

use super::sample::{PARTITIONS, Sample};
use crate::support::world::node_key;

/// Every kind of change.
pub(super) const KINDS: &[&str] = &[
    "a byte of the key",
    "a byte of a header's name",
    "a byte of a header's value",
    "the append time",
    "a byte of the value",
    "two records swapped",
    "a record removed",
    "a record repeated",
    "the seal of another record",
    "the seal of another partition's record",
    "a seal of another log",
    "a record moved to another partition",
];

/// What was changed, and where first.
pub(super) struct Change {
    pub(super) what: &'static str,
    pub(super) partitions: Vec<Changed>,
}

/// A partition that was changed at the record with this index first.
pub(super) struct Changed {
    pub(super) partition: u16,
    pub(super) first: usize,
    pub(super) records: Vec<Stored>,
}

/// Makes one; where a record has nothing of the kind, another one is looked for.
pub(super) fn change(sample: &Sample, random: &mut fastrand::Rng) -> Change {
    let kind = random.usize(..KINDS.len());
    loop {
        if let Some(partitions) = try_change(sample, random, kind) {
            return Change { what: KINDS[kind], partitions };
        }
    }
}

fn try_change(sample: &Sample, random: &mut fastrand::Rng, kind: usize) -> Option<Vec<Changed>> {
    let partition = random.u16(..PARTITIONS);
    let mut records = sample.partitions[usize::from(partition)].clone();
    let at = random.usize(..records.len());
    let first = match kind {
        0..=4 => {
            flip(&mut records[at], random, kind)?;
            at
        }
        5 => {
            let other = random.usize(..records.len());
            let ours = records[at].clone();
            if records[other].record == ours.record {
                return None;
            }
            // They change places, and each takes the offset of its place.
            let theirs = std::mem::replace(&mut records[other].record, ours.record);
            records[at].record = theirs;
            if random.bool() {
                let ours = std::mem::replace(&mut records[other].appended_ms, ours.appended_ms);
                records[at].appended_ms = ours;
            }
            at.min(other)
        }
        6 => {
            // The last one's removal is a truncation, which has a test of its own.
            if at + 1 == records.len() {
                return None;
            }
            records.remove(at);
            if random.bool() {
                renumber(&mut records);
            }
            at
        }
        7 => {
            // Repeated at the end it would be appended, which anybody may.
            let to = random.usize(..records.len());
            let again = records[at].clone();
            if records[to].record == again.record {
                return None;
            }
            records.insert(to, again);
            renumber(&mut records);
            to
        }
        8..=10 => {
            let seal = match kind {
                8 => seal_of(&records[random.usize(..records.len())])?,
                9 => {
                    let other = (partition + random.u16(1..PARTITIONS)) % PARTITIONS;
                    let other = &sample.partitions[usize::from(other)];
                    seal_of(&other[random.usize(..other.len())])?
                }
                _ => other_log(sample, &records[at])?,
            };
            reseal(&mut records[at], seal)?;
            at
        }
        _ => return moved(sample, random, partition, at),
    };
    Some(vec![Changed { partition, first, records }])
}

fn moved(sample: &Sample, random: &mut fastrand::Rng, partition: u16, at: usize) -> Option<Vec<Changed>> {
    let mut from = sample.partitions[usize::from(partition)].clone();
    if at + 1 == from.len() {
        return None;
    }
    let record = from.remove(at);
    renumber(&mut from);
    let target = (partition + random.u16(1..PARTITIONS)) % PARTITIONS;
    let mut to = sample.partitions[usize::from(target)].clone();
    let place = random.usize(..to.len());
    to.insert(place, record);
    renumber(&mut to);
    let from = Changed { partition, first: at, records: from };
    Some(vec![from, Changed { partition: target, first: place, records: to }])
}

/// Offsets without gaps, as if nothing had happened.
fn renumber(records: &mut [Stored]) {
    records.iter_mut().zip(0..).for_each(|(stored, offset)| stored.offset = offset);
}

fn flip(stored: &mut Stored, random: &mut fastrand::Rng, kind: usize) -> Option<()> {
    let record = &mut stored.record;
    match kind {
        0 => record.key = flipped(&record.key, random)?,
        1 => {
            let headers = record.headers.len();
            let header = (headers > 0).then(|| random.usize(..headers))?;
            let name = &mut record.headers[header].name;
            // Names are text, so the other byte is one of text.
            let at = random.usize(..name.len());
            let mut bytes = std::mem::take(name).into_bytes();
            bytes[at] ^= 1 << random.u8(..7);
            *name = String::from_utf8(bytes).unwrap();
        }
        2 => {
            let headers = record.headers.len();
            let header = (headers > 0).then(|| random.usize(..headers))?;
            record.headers[header].value = flipped(&record.headers[header].value, random)?;
        }
        3 => stored.appended_ms ^= 1 << random.u8(..63),
        _ => record.value = flipped(&record.value, random)?,
    }
    Some(())
}

fn flipped(bytes: &Bytes, random: &mut fastrand::Rng) -> Option<Bytes> {
    let mut bytes = bytes.to_vec();
    let at = (!bytes.is_empty()).then(|| random.usize(..bytes.len()))?;
    bytes[at] ^= random.u8(1..);
    Some(bytes.into())
}

fn proposal_of(stored: &Stored) -> Option<Proposal> {
    match decode_entry(&stored.record.value).ok()? {
        Entry::Proposal(proposal) => Some(proposal),
        Entry::Fence(_) => None,
    }
}

fn seal_of(stored: &Stored) -> Option<Seal> {
    proposal_of(stored).map(|proposal| proposal.seal)
}

/// What the same node would have sealed in another log.
fn other_log(sample: &Sample, stored: &Stored) -> Option<Seal> {
    let proposal = proposal_of(stored)?;
    let log_id: Hash = sample.other.trust().log_id();
    let keys = ["H56.2", "land-office", "tax-office"].map(node_key);
    let key = keys.into_iter().find(|key| key.key_id() == proposal.seal.key_id)?;
    Some(key.seal_all(log_id, &[leaf(&proposal.body)]).remove(0))
}

fn reseal(stored: &mut Stored, seal: Seal) -> Option<()> {
    let proposal = proposal_of(stored)?;
    if proposal.seal == seal {
        return None;
    }
    stored.record.value = encode_entry(&Entry::Proposal(Proposal { seal, ..proposal })).into();
    Some(())
}
