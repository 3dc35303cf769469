//! SHA-256 values, and the one rule by which parts are put together before they are hashed or signed.

use sha2::{Digest as _, Sha256};

use crate::bytes::fixed_bytes;

fixed_bytes! {
    /// A SHA-256 value (FIPS 180-4), 32 bytes: a leaf, a root, a running hash, a log id, a key id. Shown as 64 hex
    /// digits. All zeros stands for "none yet".
    Hash, 32
}

impl Hash {
    /// 32 zero bytes: where running hashes of verdicts begin. No known input has it as its hash.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`, without any tag.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Sha256::new().put(bytes).hash()
    }
}

/// Puts parts one behind another (`‖`), in a hash or in a buffer.
pub(crate) trait Concat: Sized {
    /// The bytes as they are: for tags and for parts of fixed length only.
    fn put(self, bytes: &[u8]) -> Self;

    /// A number of items or bytes, as a u32. Limits keep every part far below 4 GiB.
    fn count(self, count: usize) -> Self {
        self.put(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes())
    }

    /// A part of varying length: its length, then its bytes.
    fn part(self, bytes: &[u8]) -> Self {
        self.count(bytes.len()).put(bytes)
    }
}

impl Concat for Vec<u8> {
    fn put(mut self, bytes: &[u8]) -> Self {
        self.extend_from_slice(bytes);
        self
    }
}

impl Concat for Sha256 {
    fn put(mut self, bytes: &[u8]) -> Self {
        self.update(bytes);
        self
    }
}

/// Ends a hash.
pub(crate) trait Finish {
    fn hash(self) -> Hash;
}

impl Finish for Sha256 {
    fn hash(self) -> Hash {
        Hash(self.finalize().into())
    }
}
