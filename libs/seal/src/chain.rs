//! The running hash of a partition, which makes every writer a witness of all that stands before its record.
//!
//! c₀ is [`start`], cₖ is [`extend`] of cₖ₋₁ by the k-th record; k counts records, not offsets.

use sha2::{Digest as _, Sha256};

use crate::Hash;
use crate::hash::{Concat as _, Finish as _};

const TAG: &[u8] = b"lienthong-chain-1";

/// Room for what is mostly hashed of a record before its value.
const BEFORE_VALUE_BYTES: usize = 640;

/// Number of the registry's partition where one is hashed. Dossier partitions have their own numbers, far below it.
pub const REGISTRY: u32 = u32::MAX;

/// Number of the partition of reads where one is hashed.
pub const READS: u32 = u32::MAX - 1;

/// c₀ = SHA-256(`lienthong-chain-1` ‖ log id ‖ partition as u32).
#[must_use]
pub fn start(log_id: Hash, partition: u32) -> Hash {
    Sha256::new().put(TAG).put(&log_id.0).put(&partition.to_be_bytes()).hash()
}

/// cₖ = SHA-256(cₖ₋₁ ‖ append time ‖ length ‖ key ‖ number of headers ‖ (length ‖ name ‖ length ‖ value)* ‖ length ‖
/// value), with the append time as i64 milliseconds since 1970 and the headers in the order of the record.
#[must_use]
pub fn extend<'a, H>(previous: Hash, append_time_ms: i64, key: &[u8], headers: H, value: &[u8]) -> Hash
where
    H: IntoIterator<Item = (&'a str, &'a [u8]), IntoIter: ExactSizeIterator>,
{
    let headers = headers.into_iter();
    // What is short is put together first: to hash it piece by piece takes longer.
    let before = Vec::with_capacity(BEFORE_VALUE_BYTES);
    let before = before.put(&previous.0).put(&append_time_ms.to_be_bytes()).part(key).count(headers.len());
    let before = headers.fold(before, |before, (name, value)| before.part(name.as_bytes()).part(value));
    Sha256::new().put(&before.count(value.len())).put(value).hash()
}

#[cfg(test)]
mod tests;
