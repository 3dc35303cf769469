//! The stored record: what lies in the log for decades, encoded in one way only.
//!
//! ```text
//! Body --encode_body--> bytes --leaf, sign--> Entry::Proposal { body, seal } --encode_entry--> value of a record
//! value --decode_entry--> Entry --decode_body--> Body, or a DecodeFault
//! Change --revision::seal_revision--> values of the registry's records --RegistryRecord, Part--> Change
//! ```
//!
//! Decoding is checked by encoding again: what does not give the very same bytes is refused. So unknown fields, fields
//! in another order, doubled or spelled-out defaults and texts in another form are all one fault, and old and new
//! binaries agree.

mod body;
mod entry;
mod envelope;
mod header;
mod read;
mod reads;
pub mod revision;
mod write;

use crate::Invalid;

pub use body::{BODY_BYTES_MAX, Body, Recipient, Witness, decode_body, encode_body};
pub use entry::{Entry, Fence, Proposal, decode_entry, encode_entry};
pub use envelope::{NamedEnvelope, RecipientWrap};
pub use header::{
    FENCE_TYPE, Header, PROPOSAL_TYPE, READ_TYPE, TraceParent, fence_headers, proposal_headers, read_headers,
};
pub use reads::{
    READ_BODY_BYTES_MAX, READ_CODES_MAX, Read, ReadBody, decode_read, decode_read_body, encode_read,
    encode_read_body,
};

/// Why bytes are not a stored record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// Longer than a record may be.
    #[error("{bytes} bytes, at most {bytes_max} are taken")]
    TooLarge {
        /// Bytes found.
        bytes: usize,
        /// Bytes allowed.
        bytes_max: usize,
    },
    /// Not protobuf, or a field of another type.
    #[error("not the encoding of a stored record")]
    Protobuf(#[source] prost::DecodeError),
    /// A field is missing, not of its form or out of its limits.
    #[error(transparent)]
    Field(#[from] Invalid),
    /// Encoded in another way than the one there is: unknown, doubled or misplaced fields, or spelled-out defaults.
    #[error("not the one encoding of what it says")]
    NotCanonical,
}

/// Whether what was decoded encodes to the bytes it was decoded from.
fn canonical(again: &[u8], bytes: &[u8]) -> Result<(), DecodeFault> {
    if again == bytes { Ok(()) } else { Err(DecodeFault::NotCanonical) }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
