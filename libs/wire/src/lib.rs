//! The public contract and the stored record: generated types and checked conversions. Alone in naming prost.
//!
//! ```text
//! proto/*.proto --build--> pb, DESCRIPTOR_SET
//! request  --IntoCommand--> dossier::Command, or Invalid { field, problem, reason }
//! Body     --stored::encode_body--> bytes --stored::decode_body--> Body, or DecodeFault
//! message  --json::to_json--> protobuf's JSON mapping
//! ```
//!
//! What this crate does not know: rules, states, keys in force, the log and the network. It says whether something is
//! well-formed, never whether it is allowed.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod code;
mod field;
mod invalid;
pub mod json;
#[expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "generated"
)]
pub mod pb;
pub mod request;
pub mod stored;
mod time;
mod told;

pub use code::Coded;
pub use invalid::{ERROR_DOMAIN, Invalid, reason};
pub use prost::Message;
pub use prost_types::{Any, Timestamp};
pub use request::IntoCommand;
pub use time::{instant, timestamp};

/// The descriptors of every file under `proto/` and of what they import, with comments: an encoded
/// `google.protobuf.FileDescriptorSet`, for reflection and the JSON mapping.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

#[cfg(test)]
mod tests;
