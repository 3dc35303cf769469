//! The key under which a node finds dossiers by a personal number without writing the number anywhere.

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use pkcs8::ObjectIdentifier;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::file::{KeyKind, Kind};
use crate::hash::Concat as _;
use crate::{EnvelopeFault, Hash, KeyFileFault, NoRandomness, Passphrase, file, random};

pub(crate) static KIND: Kind = Kind {
    kind: KeyKind::Index,
    word: "lienthong-index-key-1",
    // hmacWithSHA256 (RFC 8018, B.1.2): what the secret is the key of.
    algorithm: ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"),
    public: |secret| IndexKey::from_seed(secret).fingerprint().ok().map(|fingerprint| fingerprint.0),
    id: |fingerprint| Hash(*fingerprint),
};
const NUMBER_TAG: &[u8] = b"lienthong-index-number-1";
const PLOT_TAG: &[u8] = b"lienthong-index-plot-1";
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
    /// There is no such file, others than its owner have access to it, it holds something else, or it is encrypted and the
    /// passphrase is another one or none.
    pub fn load_with(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, KeyFileFault> {
        file::load(path, &KIND, passphrase).map(Self)
    }

    /// Writes a new key file with mode 0600, encrypted where there is a passphrase; it is on disk when this returns.
    ///
    /// # Errors
    /// The file exists already, or cannot be written.
    pub fn save_with(&self, path: &Path, passphrase: Option<&Passphrase>) -> Result<(), KeyFileFault> {
        file::save(path, &KIND, &self.0, passphrase)
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

    /// What stands for a plot of land in the index: HMAC-SHA-256 of `lienthong-index-plot-1` ‖ log id ‖ commune, sheet and
    /// parcel, each with its length before it. Never the token of a number.
    ///
    /// # Errors
    /// None that can happen: the key has its length.
    pub fn plot_token(&self, log_id: Hash, plot: [&str; 3]) -> Result<Hash, EnvelopeFault> {
        let message = PLOT_TAG.to_vec().put(&log_id.0);
        let message = plot.iter().fold(message, |message, part| message.part(part.as_bytes()));
        self.mac(&Zeroizing::new(message))
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
