//! Reading a record: size, decoding, and whether it lies where its code belongs.

use bytes::Bytes;
use lienthong_dossier::DossierCode;
use lienthong_seal::{Hash, Seal, leaf, partition_of};
use lienthong_wire::stored::{self, BODY_BYTES_MAX, Body, Entry, Fence};

use crate::admit::Place;
use crate::void::{Reason, Void};

/// A stored entry at most, in bytes: a body with its seal.
pub const ENTRY_BYTES_MAX: usize = BODY_BYTES_MAX + 4 * 1024;

/// A record as the log gives it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Its offset.
    pub offset: u64,
    /// Append time, milliseconds since the epoch.
    pub appended_ms: i64,
    /// Its key.
    pub key: &'a [u8],
    /// Its headers in record order; for tools, admission trusts none of them.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Its value.
    pub value: &'a Bytes,
}

/// A proposal that could be read.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Hash of the body.
    pub leaf: Hash,
    /// The body.
    pub body: Body,
    /// The seal over it.
    pub seal: Seal,
}

impl Offered {
    /// The dossier it is about.
    #[must_use]
    pub fn code(&self) -> &DossierCode {
        &self.body.act.code
    }
}

/// What a record turned out to be.
#[derive(Debug, Clone)]
pub enum Read {
    /// Offered to the log.
    Proposal(Box<Offered>),
    /// A revision of the registry is to take effect.
    Fence {
        /// Hash of the record's value.
        leaf: Hash,
        /// The fence.
        fence: Fence,
    },
}

/// Reads a record. The hash is that of the body, or of the value where no body can be read.
///
/// # Errors
/// What keeps it from being a proposal or a fence.
pub fn offered(place: &Place<'_>, record: &Incoming<'_>) -> Result<Read, (Hash, Void)> {
    let unread = |reason: Reason| (leaf(record.value), Void::from(reason));
    if record.value.len() > ENTRY_BYTES_MAX {
        return Err(unread(Reason::Size));
    }
    let entry = stored::decode_entry(record.value).map_err(|fault| {
        (leaf(record.value), Void { reason: Reason::Decoding, detail: Some(fault.to_string()) })
    })?;
    let (bytes, seal) = match entry {
        Entry::Proposal(proposal) => (proposal.body, proposal.seal),
        Entry::Fence(fence) => return Ok(Read::Fence { leaf: leaf(record.value), fence }),
    };
    let leaf = leaf(&bytes);
    if bytes.len() > BODY_BYTES_MAX {
        return Err((leaf, Reason::Size.into()));
    }
    let body = stored::decode_body(&bytes)
        .map_err(|fault| (leaf, Void { reason: Reason::Decoding, detail: Some(fault.to_string()) }))?;
    if body.rules != place.registry.rules() {
        return Err((leaf, Reason::Decoding.into()));
    }
    let code = body.act.code.as_str();
    if record.key != code.as_bytes() || partition_of(code, place.registry.partitions()) != place.partition {
        return Err((leaf, Reason::Partition.into()));
    }
    Ok(Read::Proposal(Box::new(Offered { leaf, body, seal })))
}
