//! The genesis: the first records of the registry's chain, from which everything a log trusts is chained.
//!
//! ```text
//! RegistryParts + texts --seal(authority)--> [RegistryEntry 1, 2, … n] --open--> RegistryParts, log id
//!                                                 `prev`----^
//! ```
//!
//! It spans as many records of at most 64 KiB as it needs. The log id is the leaf of the first record's body, which names
//! the authority's key; each further record names the leaf before it and is signed with that key.

mod read;
mod write;

use bytes::Bytes;
use lienthong_registry::{LogKind, RegistryParts};
use lienthong_seal::{Hash, PublicKey, SealFault, Signature, SigningKey, leaf};
use prost::Message as _;

use super::entry::read_fence;
use super::{BODY_BYTES_MAX, DecodeFault, canonical};
use crate::field::{fixed, fixed_or_none, given};
use crate::pb::log::v1 as pb;

/// What a log is, and the first revision of its registry.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// Id of the log, also in the parts.
    pub log_id: Hash,
    /// What the log is called, for people.
    pub name: String,
    /// The key that may replace the authority's.
    pub recovery_key: PublicKey,
    /// The first revision.
    pub parts: RegistryParts,
    /// How many records of the chain it spans.
    pub records: usize,
}

/// A genesis as it goes into the registry's partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedGenesis {
    /// Id of the log.
    pub log_id: Hash,
    /// Values of the records, in their order.
    pub values: Vec<Bytes>,
}

/// The texts that calendars and rates were published as, by version: what is stored are texts, never what was read
/// from them.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// Version and CSV of each calendar.
    pub calendars: &'a [(&'a str, &'a str)],
    /// Version and YAML of each set of rates.
    pub rates: &'a [(&'a str, &'a str)],
}

/// Why there is no genesis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFault {
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
    /// A record is unreadable.
    #[error("record {record} is unreadable")]
    Unreadable {
        /// Which, from 0.
        record: usize,
        /// Why.
        #[source]
        fault: DecodeFault,
    },
    /// A record is not the next of the chain: another number, part or predecessor, or a genesis where none belongs.
    #[error("record {record} is not the next of the chain")]
    Chain {
        /// Which, from 0.
        record: usize,
    },
    /// A record's signature does not count.
    #[error("the signature of record {record} does not count")]
    Signature {
        /// Which, from 0.
        record: usize,
        /// Why.
        #[source]
        fault: SealFault,
    },
    /// The records end before the genesis does.
    #[error("the genesis is not complete")]
    Unfinished,
}

/// Puts the first revision into records, sealed by the authority. The log id in `parts` is not looked at: it follows
/// from the result, and [`open`] fills it in.
///
/// # Errors
/// A text is missing, a part is too large, or the key is not the authority's.
pub fn seal(
    name: &str,
    parts: &RegistryParts,
    recovery_key: PublicKey,
    texts: &Texts<'_>,
    authority: &SigningKey,
) -> Result<SealedGenesis, GenesisFault> {
    if authority.public().0 != parts.authority.public {
        return Err(GenesisFault::NotAuthority);
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
    let first = pb::Revision { rules: parts.rules.0, genesis: Some(genesis), ..pb::Revision::default() };
    let revisions = write::spread(first, write::items(parts, texts)?)?;
    Ok(chain(revisions, authority))
}

fn chain(revisions: Vec<pb::Revision>, authority: &SigningKey) -> SealedGenesis {
    let records = revisions.len();
    let (mut log_id, mut prev) = (None, None::<Hash>);
    let mut values = Vec::with_capacity(records);
    for (part, mut revision) in (1..).zip(revisions) {
        revision.part = part;
        revision.last = values.len() + 1 == records;
        revision.prev = prev.map(super::write::hash).unwrap_or_default();
        let body = revision.encode_to_vec();
        let hash = leaf(&body);
        (log_id, prev) = (log_id.or(Some(hash)), Some(hash));
        let entry = pb::RegistryEntry {
            signature: authority.sign_revision(&body).0.to_vec().into(),
            signer_key_id: super::write::hash(authority.key_id()),
            body: body.into(),
            fence: None,
        };
        values.push(entry.encode_to_vec().into());
    }
    SealedGenesis { log_id: log_id.unwrap_or(Hash::ZERO), values }
}

/// Reads the genesis from the first values of the registry's partition; what follows it is left alone. Whether the parts
/// make a registry is for `Registry::new` to say, and whether this is the log that was meant for who pins its id.
///
/// # Errors
/// The first record that is unreadable, not chained or not signed, or [`GenesisFault::Unfinished`].
pub fn open(values: &[Bytes]) -> Result<Genesis, GenesisFault> {
    let mut reading = None::<(Head, read::Lists)>;
    let mut prev = None;
    for (record, value) in values.iter().enumerate() {
        let unreadable = |fault| GenesisFault::Unreadable { record, fault };
        let (entry, revision) = read_record(value).map_err(unreadable)?;
        let hash = leaf(&entry.body);
        let part = usize::try_from(revision.part).ok();
        let follows = revision.number == 0
            && part == Some(record + 1)
            && revision.prev == prev.map(super::write::hash).unwrap_or_default();
        let (head, lists) = match (reading.take(), &revision.genesis) {
            (None, Some(genesis)) => {
                let head = Head::read(hash, revision.rules, genesis).map_err(unreadable)?;
                (head, read::Lists::default())
            }
            (Some(reading), None) => reading,
            (None, None) | (Some(_), Some(_)) => return Err(GenesisFault::Chain { record }),
        };
        if !follows || revision.rules != head.rules {
            return Err(GenesisFault::Chain { record });
        }
        head.check(&entry).map_err(|fault| GenesisFault::Signature { record, fault })?;
        let last = revision.last;
        let lists = lists.extended(revision).map_err(|invalid| unreadable(invalid.into()))?;
        if last {
            return Ok(head.genesis(lists, record + 1));
        }
        (reading, prev) = (Some((head, lists)), Some(hash));
    }
    Err(GenesisFault::Unfinished)
}

/// What the first record says of the log.
struct Head {
    log_id: Hash,
    rules: u32,
    kind: LogKind,
    name: String,
    partitions: u16,
    authority: PublicKey,
    recovery_key: PublicKey,
    recovery: [u8; 32],
}

impl Head {
    fn read(log_id: Hash, rules: u32, genesis: &pb::Genesis) -> Result<Self, DecodeFault> {
        Ok(Self {
            log_id,
            rules,
            kind: read::log_kind(genesis.kind)?,
            name: genesis.name.clone(),
            partitions: read::partitions(genesis.partitions)?,
            authority: PublicKey(fixed("genesis.authority_key", &genesis.authority_key)?),
            recovery_key: PublicKey(fixed("genesis.recovery_key", &genesis.recovery_key)?),
            recovery: fixed("genesis.recovery_wrap_key", &genesis.recovery_wrap_key)?,
        })
    }

    fn check(&self, entry: &Signed) -> Result<(), SealFault> {
        if entry.signer != self.authority.key_id() {
            return Err(SealFault::OtherKey);
        }
        self.authority.verify_revision(&entry.body, &entry.signature)
    }

    fn genesis(self, lists: read::Lists, records: usize) -> Genesis {
        let Self { log_id, rules, kind, name, partitions, authority, recovery_key, recovery } = self;
        let parts = lists.parts(&read::Said { log_id, rules, kind, partitions, authority, recovery });
        Genesis { log_id, name, recovery_key, parts, records }
    }
}

/// A record's body with who signed it.
struct Signed {
    body: Bytes,
    signer: Hash,
    signature: Signature,
}

fn read_record(value: &Bytes) -> Result<(Signed, pb::Revision), DecodeFault> {
    let message = pb::RegistryEntry::decode(value.clone()).map_err(DecodeFault::Protobuf)?;
    canonical(&message.encode_to_vec(), value)?;
    let bytes = message.body.len();
    if bytes > BODY_BYTES_MAX {
        return Err(DecodeFault::TooLarge { bytes, bytes_max: BODY_BYTES_MAX });
    }
    let revision = pb::Revision::decode(message.body.clone()).map_err(DecodeFault::Protobuf)?;
    canonical(&revision.encode_to_vec(), &message.body)?;
    fixed_or_none::<32>("prev", &revision.prev)?;
    fixed_or_none::<32>("authority_key", &revision.authority_key)?;
    if let Some(fence) = &message.fence {
        read_fence(fence)?;
    }
    let signed = Signed {
        signer: Hash(fixed("signer_key_id", &message.signer_key_id)?),
        signature: Signature(fixed("signature", &message.signature)?),
        body: given("body", Some(message.body).filter(|body| !body.is_empty()))?,
    };
    Ok((signed, revision))
}

#[cfg(test)]
mod tests;
