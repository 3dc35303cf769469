//! Rows: what the values are, but for the dossiers' own, which are admission's canonical states.

use lienthong_admission::{Applied, Cursor, Reason, Verdict};
use lienthong_dossier::DossierCode;
use lienthong_seal::{Hash, StateSum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;

/// How much of a void's detail is kept, in bytes of UTF-8.
pub const DETAIL_BYTES_MAX: usize = 256;

/// A record that counts for nothing, as a projection keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidRow {
    /// Its offset.
    pub offset: u64,
    /// Append time, milliseconds since the epoch.
    pub appended_ms: i64,
    /// Hash of its body, or of its value where there is no body.
    pub leaf: Hash,
    /// The check it failed.
    #[serde(with = "by_code")]
    pub reason: Reason,
    /// More about the reason, never a person's data; what exceeds [`DETAIL_BYTES_MAX`] is cut off.
    pub detail: Option<String>,
    /// The dossier it claims to be about, where that could be read.
    pub code: Option<DossierCode>,
}

impl VoidRow {
    /// The row of a record that was void; none for one that was admitted.
    #[must_use]
    pub fn of(applied: &Applied, appended_ms: i64) -> Option<Self> {
        match &applied.verdict {
            Verdict::Admitted(_) | Verdict::Fence(_) => None,
            Verdict::Void { void, code } => Some(Self {
                offset: applied.offset,
                appended_ms,
                leaf: applied.leaf,
                reason: void.reason,
                detail: void.detail.as_deref().map(|detail| cut(detail).to_owned()),
                code: code.clone(),
            }),
        }
    }
}

/// The running hash at a multiple of 64 records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Offset of the last record counted.
    pub offset: u64,
    /// Running hash after it.
    pub hash: Hash,
}

/// A partition's cursor and the sum over its rows other than dossiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CursorRow {
    pub(crate) cursor: Cursor,
    pub(crate) others: StateSum,
}

/// One row's part in a sum: SHA-256(length of key ‖ key ‖ value).
pub(crate) fn term(key: &[u8], value: &[u8]) -> StateSum {
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes();
    StateSum(Hash::of(&[&length[..], key, value].concat()).0)
}

/// A void as it is kept.
pub(crate) fn encode_void(row: &VoidRow) -> Result<Vec<u8>, StoreError> {
    let detail = row.detail.as_deref().map(|detail| cut(detail).to_owned());
    encode(&VoidRow { detail, ..row.clone() })
}

pub(crate) fn encode<T: Serialize>(row: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(row).map_err(StoreError::Encode)
}

pub(crate) fn decode<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(value).map_err(|_| StoreError::Row { kind: keys::kind(key) })
}

/// A row that no sum covers carries SHA-256(key ‖ row) behind it.
pub(crate) fn encode_checked<T: Serialize>(key: &[u8], row: &T) -> Result<Vec<u8>, StoreError> {
    let mut value = encode(row)?;
    let check = checksum(key, &value);
    value.extend_from_slice(&check.0);
    Ok(value)
}

/// A row of [`encode_checked`]; none when it is not what was written under this key.
pub(crate) fn decode_checked<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Option<T> {
    let (row, check) = value.split_last_chunk()?;
    if checksum(key, row) == Hash(*check) { postcard::from_bytes(row).ok() } else { None }
}

fn checksum(key: &[u8], row: &[u8]) -> Hash {
    Hash::of(&[key, row].concat())
}

fn cut(detail: &str) -> &str {
    let whole = |at: &usize| detail.is_char_boundary(*at);
    let end = detail.len().min(DETAIL_BYTES_MAX);
    &detail[..(0..=end).rev().find(whole).unwrap_or(0)]
}

/// A reason is kept by its published code, not by its place in the list.
mod by_code {
    use lienthong_admission::Reason;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    // serde calls this with a reference.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(reason.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Reason, D::Error> {
        let code = u8::deserialize(deserializer)?;
        Reason::from_code(code).ok_or_else(|| D::Error::custom("no such reason"))
    }
}
