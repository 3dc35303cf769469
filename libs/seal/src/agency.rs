//! X25519 keys of agencies, and the wraps by which a dossier's access is given to them.
//!
//! HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (0x0020, 0x0001,
//! 0x0002). Base mode does not tell who wrapped; the seal of the event that carries the wrap does.

use std::fmt;
use std::path::Path;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, HpkeError, Kem as _, OpModeR, OpModeS, Serializable as _};
use pkcs8::ObjectIdentifier;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::bytes::fixed_bytes;
use crate::file::{KeyKind, Kind};
use crate::hash::{Concat as _, Finish as _};
use crate::random::with_system_rng;
use crate::{EnvelopeFault, Hash, KeyFileFault, NoRandomness, Passphrase, WrappedHalf, file, random};

type SecretKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

const KEY_TAG: &[u8] = b"lienthong-agency-key-1";

/// Files with a secret key.
pub(crate) static KIND: Kind = Kind {
    kind: KeyKind::Agency,
    word: "lienthong-agency-key-1",
    algorithm: ObjectIdentifier::new_unwrap("1.3.101.110"),
    public: |secret| Some(AgencyKey::new(SecretKey::from_bytes(secret).ok()?).public.0),
    id: |public| AgencyPublicKey(*public).key_id(),
};

/// Where a wrap belongs; at any other place it does not open. Code and agency together are at most
/// [`WrapPlace::BYTES_MAX`] bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrapPlace<'a> {
    /// Id of the log.
    pub log_id: Hash,
    /// Code of the dossier.
    pub code: &'a str,
    /// Id of the agency that gains access, or the name of the recovery key.
    pub agency: &'a str,
}

impl WrapPlace<'_> {
    /// Bytes that code and agency may have together; far below the 64 KiB at which HPKE ends.
    pub const BYTES_MAX: usize = 1024;

    /// HPKE's `info`: log id ‖ length ‖ code ‖ length ‖ agency ‖ key id.
    fn info(&self, key_id: Hash) -> Result<Vec<u8>, EnvelopeFault> {
        if self.code.len() + self.agency.len() > Self::BYTES_MAX {
            return Err(EnvelopeFault::TooLong);
        }
        Ok(self.log_id.0.to_vec().part(self.code.as_bytes()).part(self.agency.as_bytes()).put(&key_id.0))
    }
}

/// A wrapped half, which only the agency whose key it is wrapped to can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrap {
    /// Id of the agency's key, see [`AgencyPublicKey::key_id`].
    pub key_id: Hash,
    /// HPKE's encapsulated key (`enc`), 32 bytes.
    pub encapsulated: [u8; 32],
    /// The half encrypted, with its tag: 48 bytes.
    pub ciphertext: Vec<u8>,
}

impl Wrap {
    /// Bytes of every wrap's ciphertext: the half and a tag of 16.
    pub const CIPHERTEXT_BYTES: usize = 48;
}

impl WrappedHalf {
    /// Wraps this half to an agency's key, for one dossier. Two wraps of the same never look alike.
    ///
    /// # Errors
    /// The key cannot be one, code and agency are too long, or there was no randomness.
    pub fn wrap(&self, to: &AgencyPublicKey, place: &WrapPlace<'_>) -> Result<Wrap, EnvelopeFault> {
        wrap(self.as_bytes(), to, place)
    }
}

fixed_bytes! {
    /// An agency's X25519 public key, 32 bytes (RFC 7748). Any bytes fit in; [`AgencyPublicKey::check`] tells whether
    /// anything can be wrapped to them.
    AgencyPublicKey, 32
}

impl AgencyPublicKey {
    /// The key's id: SHA-256(`lienthong-agency-key-1` ‖ public key).
    #[must_use]
    pub fn key_id(&self) -> Hash {
        Sha256::new().put(KEY_TAG).put(&self.0).hash()
    }

    /// Whether these bytes can be a key: to be asked before a key is published.
    ///
    /// # Errors
    /// [`EnvelopeFault::BadKey`] for a point of low order, with which every shared secret would be zero (RFC 7748, 6.1).
    pub fn check(&self) -> Result<(), EnvelopeFault> {
        // Whether the result is zero does not depend on the secret: every one is a multiple of the cofactor.
        let secret = SecretKey::from_bytes(&[0; 32]).map_err(fault)?;
        let point = Encapsulated::from_bytes(&self.0).map_err(fault)?;
        hpke::setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &point, &[])
            .map(drop)
            .map_err(|_| EnvelopeFault::BadKey)
    }
}

/// An agency's X25519 secret key, held by every node that seals for it. Wiped from memory when dropped.
#[derive(Clone)]
pub struct AgencyKey {
    secret: SecretKey,
    public: AgencyPublicKey,
}

impl AgencyKey {
    /// A new key, drawn at random.
    ///
    /// # Errors
    /// The operating system gave no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        random::secret().map(|seed| Self::from_seed(&seed))
    }

    /// The key derived from this seed, 32 bytes (RFC 9180, 7.1.3).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::new(X25519HkdfSha256::derive_keypair(seed).0)
    }

    /// Reads a key file that is not encrypted.
    ///
    /// # Errors
    /// As [`AgencyKey::load_with`].
    pub fn load(path: &Path) -> Result<Self, KeyFileFault> {
        Self::load_with(path, None)
    }

    /// Reads a key file, an encrypted one with its passphrase.
    ///
    /// # Errors
    /// There is no such file, others than its owner have access to it, it holds something else, or it is encrypted and the
    /// passphrase is another one or none.
    pub fn load_with(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, KeyFileFault> {
        let bytes = file::load(path, &KIND, passphrase)?;
        let secret = SecretKey::from_bytes(bytes.as_slice());
        secret.map(Self::new).map_err(|_| KeyFileFault::Format { path: path.to_owned(), kind: KIND.word })
    }

    /// Writes a new key file with mode 0600, not encrypted; it is on disk when this returns.
    ///
    /// # Errors
    /// As [`AgencyKey::save_with`].
    pub fn save(&self, path: &Path) -> Result<(), KeyFileFault> {
        self.save_with(path, None)
    }

    /// The same, encrypted where there is a passphrase.
    ///
    /// # Errors
    /// The file exists already, or cannot be written.
    pub fn save_with(&self, path: &Path, passphrase: Option<&Passphrase>) -> Result<(), KeyFileFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.secret.write_exact(bytes.as_mut());
        file::save(path, &KIND, &bytes, passphrase)
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> AgencyPublicKey {
        self.public
    }

    /// The id of the public key.
    #[must_use]
    pub fn key_id(&self) -> Hash {
        self.public.key_id()
    }

    /// Opens a wrap that was made to this key for this place.
    ///
    /// # Errors
    /// [`EnvelopeFault::OtherKey`] when the wrap names another key, [`EnvelopeFault::NotOpened`] when it was made for
    /// another place or was changed.
    pub fn unwrap(&self, wrap: &Wrap, place: &WrapPlace<'_>) -> Result<WrappedHalf, EnvelopeFault> {
        let key_id = self.key_id();
        if wrap.key_id != key_id {
            return Err(EnvelopeFault::OtherKey);
        }
        let info = place.info(key_id)?;
        let encapsulated = Encapsulated::from_bytes(&wrap.encapsulated).map_err(fault)?;
        let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &encapsulated,
            &info,
            &wrap.ciphertext,
            &[],
        );
        let half = Zeroizing::new(opened.map_err(fault)?);
        half.as_slice().try_into().map(WrappedHalf::from_bytes).map_err(|_| EnvelopeFault::NotOpened)
    }

    fn new(secret: SecretKey) -> Self {
        let public = AgencyPublicKey(X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into());
        Self { secret, public }
    }
}

impl fmt::Debug for AgencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgencyKey").field("public", &self.public).finish_non_exhaustive()
    }
}

fn wrap(plaintext: &[u8], to: &AgencyPublicKey, place: &WrapPlace<'_>) -> Result<Wrap, EnvelopeFault> {
    let key_id = to.key_id();
    let info = place.info(key_id)?;
    let public = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&to.0).map_err(fault)?;
    let sealed = with_system_rng(|rng| {
        hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            &info,
            plaintext,
            &[],
            rng,
        )
    })?;
    let (encapsulated, ciphertext) = sealed.map_err(fault)?;
    Ok(Wrap { key_id, encapsulated: encapsulated.to_bytes().into(), ciphertext })
}

fn fault(error: HpkeError) -> EnvelopeFault {
    match error {
        HpkeError::EncapError | HpkeError::ValidationError => EnvelopeFault::BadKey,
        HpkeError::OpenError | HpkeError::DecapError => EnvelopeFault::NotOpened,
        HpkeError::MessageLimitReached
        | HpkeError::SealError
        | HpkeError::KdfOutputTooLong
        | HpkeError::IncorrectInputLength(..)
        | HpkeError::InvalidPskBundle => EnvelopeFault::TooLong,
    }
}

#[cfg(test)]
mod tests;
