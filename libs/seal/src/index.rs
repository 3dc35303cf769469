//! The key under which a node finds dossiers by a personal number without writing the number anywhere.

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hash::Concat as _;
use crate::{EnvelopeFault, Hash, KeyFileFault, NoRandomness, file, random};

const FILE_KIND: &str = "lienthong-index-key-1";
const NUMBER_TAG: &[u8] = b"lienthong-index-number-1";
const KEY_TAG: &[u8] = b"lienthong-index-key-1";

/// A node's own secret, 32 bytes. It is in no log and of no use to another node. Wiped from memory when dropped.
#[derive(Clone)]
pub struct IndexKey(Zeroizing<[u8; 32]>);

impl IndexKey {
    /// A new key, drawn at random.
    ///
    /// # Errors
    /// The operating system gave no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        random::secret().map(Self)
    }

    /// The key that is these 32 bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*seed))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// There is no such file, others than its owner have access to it, or it holds something else.
    pub fn load(path: &Path) -> Result<Self, KeyFileFault> {
        file::load(path, FILE_KIND).map(Self)
    }

    /// Writes a new key file with mode 0600; it is on disk when this returns.
    ///
    /// # Errors
    /// The file exists already, or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyFileFault> {
        file::save(path, FILE_KIND, &self.0)
    }

    /// What stands for a number in the index: HMAC-SHA-256 (RFC 2104) of `lienthong-index-number-1` ‖ log id ‖ length ‖
    /// number.
    ///
    /// # Errors
    /// None that can happen: the key has its length.
    pub fn token(&self, log_id: Hash, number: &str) -> Result<Hash, EnvelopeFault> {
        let message = Zeroizing::new(NUMBER_TAG.to_vec().put(&log_id.0).part(number.as_bytes()));
        self.mac(&message)
    }

    /// Names the key without telling it, so that an index made under another one is noticed.
    ///
    /// # Errors
    /// None that can happen: the key has its length.
    pub fn fingerprint(&self) -> Result<Hash, EnvelopeFault> {
        self.mac(KEY_TAG)
    }

    fn mac(&self, message: &[u8]) -> Result<Hash, EnvelopeFault> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).map_err(|_| EnvelopeFault::TooLong)?;
        Ok(Hash(mac.chain_update(message).finalize().into_bytes().into()))
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(..)")
    }
}

#[cfg(test)]
mod tests;
