//! Envelopes: personal data, encrypted before it is hashed, under one data key per dossier.

use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, Payload};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hash::Concat as _;
use crate::{ErasableHalf, Hash, NoRandomness, WrappedHalf};

const DATA_KEY_INFO: &[u8] = b"lienthong-data-key-1";
const COMMAND_INFO: &[u8] = b"lienthong-command-1";

/// Why something is not encrypted, wrapped or opened. It never says what was inside.
#[derive(Debug, Error)]
pub enum EnvelopeFault {
    /// The operating system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The agency's public key is a point of low order.
    #[error("the public key cannot be one")]
    BadKey,
    /// The wrap names another key.
    #[error("the wrap is for another key")]
    OtherKey,
    /// Made with another key, for another place, or changed since.
    #[error("it does not open: made with another key, for another place, or changed")]
    NotOpened,
    /// Longer than the algorithm takes, or than [`WrapPlace`](crate::WrapPlace) allows.
    #[error("longer than can be encrypted")]
    TooLong,
}

/// Where an envelope belongs; at any other place it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopePlace<'a> {
    /// Id of the log.
    pub log_id: Hash,
    /// Code of the dossier.
    pub code: &'a str,
    /// Name of the envelope within the dossier.
    pub name: &'a str,
}

impl EnvelopePlace<'_> {
    /// Associated data: log id ‖ length ‖ code ‖ length ‖ name.
    fn associated_data(&self) -> Vec<u8> {
        self.log_id.0.to_vec().part(self.code.as_bytes()).part(self.name.as_bytes())
    }
}

/// Something encrypted under a data key with AES-256-GCM (NIST SP 800-38D). It hides what it holds, not how long it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// 96 random bits.
    pub nonce: [u8; 12],
    /// As long as the plaintext, and 16 bytes of tag.
    pub ciphertext: Vec<u8>,
}

impl Envelope {
    /// Bytes by which a ciphertext is longer than its plaintext.
    pub const TAG_BYTES: usize = 16;
}

/// The data key of one dossier, 32 bytes. Wiped from memory when dropped.
#[derive(Clone)]
pub struct DataKey {
    key: Zeroizing<[u8; 32]>,
    /// HMAC-SHA-256 under the key for commands, not fed with anything yet.
    commands: Hmac<Sha256>,
}

impl DataKey {
    /// HKDF-SHA-256 (RFC 5869) of a ‖ e, without salt, info `lienthong-data-key-1`.
    ///
    /// # Errors
    /// None that can happen: the lengths are fixed and short enough.
    pub fn derive(a: &WrappedHalf, e: &ErasableHalf) -> Result<Self, EnvelopeFault> {
        let mut halves = Zeroizing::new([0; 64]);
        halves[..32].copy_from_slice(a.as_bytes());
        halves[32..].copy_from_slice(e.as_bytes());
        let key = hkdf(halves.as_slice(), DATA_KEY_INFO)?;
        let commands = hkdf(key.as_slice(), COMMAND_INFO)?;
        let commands = Hmac::new_from_slice(commands.as_slice()).map_err(|_| EnvelopeFault::TooLong)?;
        Ok(Self { key, commands })
    }

    /// SHA-256 of the key, which the reception records. Whoever derives the key compares: GCM alone does not bind an
    /// envelope to one key.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        Hash::of(self.key.as_slice())
    }

    /// Encrypts `plaintext` for this place, with a new nonce.
    ///
    /// # Errors
    /// No randomness, or a plaintext of more than 64 GiB.
    pub fn encrypt(&self, place: &EnvelopePlace<'_>, plaintext: &[u8]) -> Result<Envelope, EnvelopeFault> {
        let mut nonce = [0; 12];
        getrandom::fill(&mut nonce).map_err(NoRandomness::from)?;
        let payload = Payload { msg: plaintext, aad: &place.associated_data() };
        let ciphertext = self.cipher().encrypt(&nonce.into(), payload).map_err(|_| EnvelopeFault::TooLong)?;
        Ok(Envelope { nonce, ciphertext })
    }

    /// What was encrypted with this key for this place. Wiped from memory when dropped.
    ///
    /// # Errors
    /// [`EnvelopeFault::NotOpened`] for another key or place, and for a changed envelope.
    pub fn decrypt(
        &self,
        place: &EnvelopePlace<'_>,
        envelope: &Envelope,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeFault> {
        let payload = Payload { msg: &envelope.ciphertext, aad: &place.associated_data() };
        let opened = self.cipher().decrypt(&envelope.nonce.into(), payload);
        opened.map(Zeroizing::new).map_err(|_| EnvelopeFault::NotOpened)
    }

    /// The keyed hash of a command: HMAC-SHA-256 (RFC 2104) of its canonical bytes, under HKDF of this key with info
    /// `lienthong-command-1`. A dossier recognises a repeated command by it, and nobody without the key can guess what
    /// was in it.
    #[must_use]
    pub fn command_hash(&self, canonical: &[u8]) -> Hash {
        Hash(self.commands.clone().chain_update(canonical).finalize().into_bytes().into())
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.key).into())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

fn hkdf(input: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, EnvelopeFault> {
    let mut output = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(None, input).expand(info, output.as_mut());
    expanded.map(|()| output).map_err(|_| EnvelopeFault::TooLong)
}

#[cfg(test)]
mod tests;
