//! The registry's chain, as it is stored: revisions, each in as many records of at most 64 KiB as it needs.
//!
//! ```text
//! RegistryParts + texts --seal_genesis(authority)--> values of the first records, log id
//! Change + texts        --seal_revision(authority)-> values of the next ones, the last with its fence
//! value --RegistryRecord::decode--> who signed what --part--> Part, one record's share of a revision
//! ```
//!
//! The log id is the leaf of the genesis' first body, which names the authority's key; each further record names the leaf
//! before it. Which records count, and what a revision adds up to, is admission's to say.

mod read;
mod write;

use bytes::Bytes;
use lienthong_registry::{Change, LogKind, RegistryParts, Rules, SealKey, WrapKey};
use lienthong_seal::{Hash, PublicKey, SealFault, Signature, SigningKey, leaf};
use prost::Message as _;

use super::entry::{read_fence, write_fence};
use super::{BODY_BYTES_MAX, DecodeFault, Fence, Witness, canonical};
use crate::Invalid;
use crate::field::{fixed, fixed_or_none, given};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;

/// A genesis as it goes into the registry's partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedGenesis {
    /// Id of the log.
    pub log_id: Hash,
    /// Values of the records, in their order.
    pub values: Vec<Bytes>,
}

/// Where a revision belongs: behind which record, and what its author had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Id of the log.
    pub log_id: Hash,
    /// Number of the revision.
    pub number: u64,
    /// The rules in force from it on.
    pub rules: Rules,
    /// Leaf of the record before it.
    pub prev: Hash,
    /// How much of the registry's partition its author had read, and the running hash there.
    pub history: Witness,
}

/// The texts that calendars and rates were published as, by version: what is stored are texts, never what was read
/// from them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Texts<'a> {
    /// Version and CSV of each calendar.
    pub calendars: &'a [(&'a str, &'a str)],
    /// Version and YAML of each set of rates.
    pub rates: &'a [(&'a str, &'a str)],
}

/// Why a revision cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionFault {
    /// A calendar or a set of rates comes without the text it was read from.
    #[error("{what} {version} comes without the text it was read from")]
    NoText {
        /// `calendar` or `rates`.
        what: &'static str,
        /// Its version.
        version: String,
    },
    /// One part alone is too large for a record.
    #[error("one part is {bytes} bytes, at most {bytes_max} fit in a record")]
    TooLarge {
        /// Bytes of the part.
        bytes: usize,
        /// Bytes that fit.
        bytes_max: usize,
    },
    /// The key that seals is not the authority's.
    #[error("the key is not the authority's")]
    NotAuthority,
}

/// Puts the first revision into records, sealed by the authority. The log id in `parts` is not looked at: it follows
/// from the result.
///
/// # Errors
/// A text is missing, a part is too large, or the key is not the authority's.
pub fn seal_genesis(
    name: &str,
    parts: &RegistryParts,
    recovery_key: PublicKey,
    texts: &Texts<'_>,
    authority: &SigningKey,
) -> Result<SealedGenesis, RevisionFault> {
    if authority.public().0 != parts.authority.public {
        return Err(RevisionFault::NotAuthority);
    }
    let genesis = pb::Genesis {
        kind: match parts.kind {
            LogKind::Production => pb::LogKind::Production.into(),
            LogKind::Training => pb::LogKind::Training.into(),
        },
        name: name.to_owned(),
        partitions: parts.partitions.into(),
        authority_key: Bytes::copy_from_slice(&parts.authority.public),
        recovery_key: Bytes::copy_from_slice(&recovery_key.0),
        recovery_wrap_key: Bytes::copy_from_slice(&parts.recovery.public),
        continues_log_id: Bytes::new(),
        continues_at: Vec::new(),
    };
    let next = pb::Revision { rules: parts.rules.0, ..pb::Revision::default() };
    let first = pb::Revision { genesis: Some(genesis), ..next.clone() };
    let mut revisions = write::spread(first, &next, write::items(&Change::of(parts), texts)?)?;
    announce(&mut revisions);
    let chained = chain(revisions, None, authority);
    let log_id = chained.first().map_or(Hash::ZERO, |(leaf, _)| *leaf);
    Ok(SealedGenesis { log_id, values: values(chained) })
}

/// Puts a later revision into records, sealed by the authority, or by the recovery key where that replaces the
/// authority's. The last record carries the fence.
///
/// # Errors
/// A text is missing, or a part is too large.
pub fn seal_revision(
    place: &Place,
    change: &Change,
    texts: &Texts<'_>,
    signer: &SigningKey,
) -> Result<Vec<Bytes>, RevisionFault> {
    let history = pb::Witness { count: place.history.count, hash: super::write::hash(place.history.hash) };
    let next = pb::Revision {
        number: place.number,
        rules: place.rules.0,
        history: Some(history),
        ..pb::Revision::default()
    };
    let authority = change.authority.map(|key| Bytes::copy_from_slice(&key.public));
    let first = pb::Revision { authority_key: authority.unwrap_or_default(), ..next.clone() };
    let revisions = write::spread(first, &next, write::items(change, texts)?)?;
    let mut chained = chain(revisions, Some(place.prev), signer);
    if let Some((leaf, entry)) = chained.last_mut() {
        let (log_id, n, hash) = (place.log_id, place.number, *leaf);
        let fence = Fence { log_id, n, hash, signature: signer.sign_fence(log_id, n, hash) };
        entry.fence = Some(write_fence(&fence));
    }
    Ok(values(chained))
}

fn values(chained: Vec<(Hash, pb::RegistryEntry)>) -> Vec<Bytes> {
    chained.into_iter().map(|(_, entry)| entry.encode_to_vec().into()).collect()
}

/// Lets each part of a genesis name what the next one says, the last one first: so the first covers them all.
fn announce(revisions: &mut [pb::Revision]) {
    count(revisions);
    let mut next = Bytes::new();
    for revision in revisions.iter_mut().rev() {
        revision.next_sha256 = next;
        next = super::write::hash(said(revision));
    }
}

/// What a part says, whatever comes before it.
fn said(revision: &pb::Revision) -> Hash {
    Hash::of(&pb::Revision { prev: Bytes::new(), ..revision.clone() }.encode_to_vec())
}

/// Numbers the parts of a revision.
fn count(revisions: &mut [pb::Revision]) {
    let records = revisions.len();
    for (index, revision) in revisions.iter_mut().enumerate() {
        revision.part = u32::try_from(index + 1).unwrap_or(u32::MAX);
        revision.last = index + 1 == records;
    }
}

/// The records of a revision, each naming the leaf before it.
fn chain(
    mut revisions: Vec<pb::Revision>,
    mut prev: Option<Hash>,
    signer: &SigningKey,
) -> Vec<(Hash, pb::RegistryEntry)> {
    count(&mut revisions);
    let mut chained = Vec::with_capacity(revisions.len());
    for mut revision in revisions {
        revision.prev = prev.map(super::write::hash).unwrap_or_default();
        let body = revision.encode_to_vec();
        let hash = leaf(&body);
        prev = Some(hash);
        let entry = pb::RegistryEntry {
            signature: signer.sign_revision(&body).0.to_vec().into(),
            signer_key_id: super::write::hash(signer.key_id()),
            body: body.into(),
            fence: None,
        };
        chained.push((hash, entry));
    }
    chained
}

/// A record of the registry's partition, as far as it can be read without knowing its rules.
#[derive(Debug, Clone)]
pub struct RegistryRecord {
    /// Leaf of its body.
    pub leaf: Hash,
    /// Id of the key that signed.
    pub signer: Hash,
    /// The rules that its revision puts in force.
    pub rules: Rules,
    /// Leaf of the record before it.
    pub prev: Option<Hash>,
    /// The fence by which the revision takes effect, in its last record.
    pub fence: Option<Fence>,
    body: Bytes,
    signature: Signature,
    is_canonical: bool,
}

impl RegistryRecord {
    /// Reads who signed what.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn decode(value: &Bytes) -> Result<Self, DecodeFault> {
        let message = pb::RegistryEntry::decode(value.clone()).map_err(DecodeFault::Protobuf)?;
        let is_canonical = canonical(&message.encode_to_vec(), value).is_ok();
        let bytes = message.body.len();
        if bytes > BODY_BYTES_MAX {
            return Err(DecodeFault::TooLarge { bytes, bytes_max: BODY_BYTES_MAX });
        }
        let body = given("body", Some(message.body).filter(|body| !body.is_empty()))?;
        let revision = pb::Revision::decode(body.clone()).map_err(DecodeFault::Protobuf)?;
        if revision.rules == 0 {
            return Err(Invalid::new("rules", "begin with 1", ErrorReason::Missing).into());
        }
        Ok(Self {
            leaf: leaf(&body),
            signer: Hash(fixed("signer_key_id", &message.signer_key_id)?),
            rules: Rules(revision.rules),
            prev: fixed_or_none("prev", &revision.prev)?.map(Hash),
            fence: message.fence.as_ref().map(read_fence).transpose()?,
            signature: Signature(fixed("signature", &message.signature)?),
            body,
            is_canonical,
        })
    }

    /// Checks the signature with the signer's key.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify(&self, signer: &PublicKey) -> Result<(), SealFault> {
        if self.signer != signer.key_id() {
            return Err(SealFault::OtherKey);
        }
        signer.verify_revision(&self.body, &self.signature)
    }

    /// The share of a revision that it is, read under rules that this release knows.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn part(&self) -> Result<Part, DecodeFault> {
        let revision = pb::Revision::decode(self.body.clone()).map_err(DecodeFault::Protobuf)?;
        canonical(&revision.encode_to_vec(), &self.body)?;
        if !self.is_canonical {
            return Err(DecodeFault::NotCanonical);
        }
        Ok(read::part(revision)?)
    }
}

/// One record's share of a revision.
#[derive(Debug, Clone)]
pub struct Part {
    /// Number of the revision; 0 for the genesis.
    pub number: u64,
    /// Leaf of the record before it; none for the genesis' first.
    pub prev: Option<Hash>,
    /// Which record of the revision it is, from 1.
    pub part: u32,
    /// It is the revision's last record.
    pub last: bool,
    /// What its author had read of the registry's partition; none in the genesis.
    pub history: Option<Witness>,
    /// Hash of what the part says, whatever comes before it.
    pub said: Hash,
    /// What the next part of the genesis says; none in its last part, and in every later revision.
    pub next: Option<Hash>,
    /// What a log is, in the genesis' first record.
    pub founding: Option<Founding>,
    /// What it says.
    pub change: Change,
}

impl Part {
    /// Whether it says what comes next just where that is to be said: in a genesis that goes on.
    #[must_use]
    pub fn announces_what_it_must(&self) -> bool {
        self.next.is_some() == (self.number == 0 && !self.last)
    }
}

/// What a log is, said once and for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// What it is for.
    pub kind: LogKind,
    /// What it is called, for people.
    pub name: String,
    /// Partitions for dossiers.
    pub partitions: u16,
    /// The authority's key.
    pub authority: PublicKey,
    /// The key that may replace the authority's.
    pub recovery_key: PublicKey,
    /// The key to which every dossier's key is wrapped too.
    pub recovery: WrapKey,
}

impl Founding {
    /// The first revision's parts.
    #[must_use]
    pub fn parts(&self, log_id: Hash, rules: Rules, change: Change) -> RegistryParts {
        let Change { agencies, nodes, packs, calendars, rates, communes, imports, successions, .. } = change;
        RegistryParts {
            log_id: log_id.0,
            revision: 0,
            rules,
            kind: self.kind,
            partitions: self.partitions,
            authority: seal_key(self.authority),
            recovery: self.recovery,
            communes,
            agencies,
            successions,
            nodes,
            packs,
            calendars,
            rates,
            imports,
        }
    }
}

fn seal_key(key: PublicKey) -> SealKey {
    SealKey { id: key.key_id().0, public: key.0 }
}

#[cfg(test)]
mod tests;
