//! Messages in protobuf's JSON mapping: lowerCamelCase names, 64-bit numbers as strings, defaults left out.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

use crate::DESCRIPTOR_SET;

/// Why a message has no JSON. Each is a defect of ours: the types and the descriptors are built from the same files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// The embedded descriptors are no descriptors.
    #[error("the embedded descriptors are unreadable")]
    Descriptors,
    /// The contract has no message of that name.
    #[error("the contract has no message {name}")]
    UnknownMessage {
        /// The full name asked for.
        name: String,
    },
    /// The message is not one of that name.
    #[error("the message is no {name}")]
    OtherMessage {
        /// The full name asked for.
        name: String,
    },
}

/// The message in the JSON mapping. `name` is its full name, such as `lienthong.reading.v1.Dossier`.
///
/// # Errors
/// The contract has no message of that name, or this is none.
pub fn to_json(name: &str, message: &impl Message) -> Result<Value, JsonFault> {
    let other = || JsonFault::OtherMessage { name: name.to_owned() };
    let descriptor = descriptor(name)?;
    let dynamic =
        DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(|_| other())?;
    dynamic
        .serialize_with_options(serde_json::value::Serializer, &SerializeOptions::new())
        .map_err(|_| other())
}

fn descriptor(name: &str) -> Result<MessageDescriptor, JsonFault> {
    let pool = pool().ok_or(JsonFault::Descriptors)?;
    pool.get_message_by_name(name).ok_or_else(|| JsonFault::UnknownMessage { name: name.to_owned() })
}

fn pool() -> Option<&'static DescriptorPool> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(DESCRIPTOR_SET).ok()).as_ref()
}
