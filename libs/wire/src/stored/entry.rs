//! Entries: the value of a record in a dossier partition.

use bytes::Bytes;
use lienthong_seal::{Hash, Seal, Signature};
use prost::Message as _;

use super::{DecodeFault, canonical, write};
use crate::Invalid;
use crate::field::{fixed, given, list};
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::entry::Entry as Kind;

/// The longest path of a seal: a tree has fewer than 2⁶⁴ leaves.
const PATH_MAX: usize = 64;

/// What stands in a dossier partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Offered to the log.
    Proposal(Proposal),
    /// A revision of the registry takes effect.
    Fence(Fence),
}

/// A body and its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The body, byte for byte as it was sealed.
    pub body: Bytes,
    /// The node's seal of it.
    pub seal: Seal,
}

/// From here on a revision is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// Id of the log.
    pub log_id: Hash,
    /// Number of the revision.
    pub n: u64,
    /// Leaf of the revision's last record.
    pub hash: Hash,
    /// The authority's signature of all this.
    pub signature: Signature,
}

/// The one encoding of an entry.
#[must_use]
pub fn encode_entry(entry: &Entry) -> Vec<u8> {
    let kind = match entry {
        Entry::Proposal(Proposal { body, seal }) => {
            Kind::Proposal(pb::Proposal { body: body.clone(), seal: Some(write_seal(seal)) })
        }
        Entry::Fence(fence) => Kind::Fence(write_fence(fence)),
    };
    pb::Entry { entry: Some(kind) }.encode_to_vec()
}

/// The entry that has just this encoding. The body within a proposal is not looked into, nor is its length.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode_entry(value: &Bytes) -> Result<Entry, DecodeFault> {
    let message = pb::Entry::decode(value.clone()).map_err(DecodeFault::Protobuf)?;
    // Numbers and bytes of fixed lengths have one form each, so that what was decoded says as much as what is made of it.
    let again = message.encode_to_vec();
    let entry = match given("entry", message.entry)? {
        Kind::Proposal(proposal) => {
            let seal = given("proposal.seal", proposal.seal)?;
            if proposal.body.is_empty() {
                return Err(Invalid::missing("proposal.body").into());
            }
            let seal = read_seal(seal).map_err(|invalid| invalid.within("proposal.seal"))?;
            Entry::Proposal(Proposal { body: proposal.body, seal })
        }
        Kind::Fence(fence) => Entry::Fence(read_fence(&fence).map_err(|invalid| invalid.within("fence"))?),
    };
    canonical(&again, value)?;
    Ok(entry)
}

pub(super) fn write_seal(seal: &Seal) -> pb::Seal {
    pb::Seal {
        key_id: write::hash(seal.key_id),
        tree_size: seal.tree_size,
        leaf_index: seal.leaf_index,
        path: seal.path.iter().copied().map(write::hash).collect(),
        signature: seal.signature.0.to_vec().into(),
    }
}

pub(super) fn read_seal(seal: pb::Seal) -> Result<Seal, Invalid> {
    let hash = |bytes: Bytes| fixed("hash", &bytes).map(Hash);
    Ok(Seal {
        key_id: Hash(fixed("key_id", &seal.key_id)?),
        tree_size: seal.tree_size,
        leaf_index: seal.leaf_index,
        path: list("path", seal.path, PATH_MAX, hash)?,
        signature: Signature(fixed("signature", &seal.signature)?),
    })
}

pub(super) fn write_fence(fence: &Fence) -> pb::Fence {
    pb::Fence {
        log_id: write::hash(fence.log_id),
        n: fence.n,
        hash: write::hash(fence.hash),
        signature: fence.signature.0.to_vec().into(),
    }
}

pub(super) fn read_fence(fence: &pb::Fence) -> Result<Fence, Invalid> {
    Ok(Fence {
        log_id: Hash(fixed("log_id", &fence.log_id)?),
        n: fence.n,
        hash: Hash(fixed("hash", &fence.hash)?),
        signature: Signature(fixed("signature", &fence.signature)?),
    })
}
