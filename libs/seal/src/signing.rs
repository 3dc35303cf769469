//! Ed25519 keys (RFC 8032) of nodes and of the registry authority, and what they sign.
//!
//! Every message begins with the tag of its kind, and no tag is the beginning of another. So a signature of one kind
//! is never one of another, though one type of key makes them all.

use std::fmt;
use std::path::Path;

use ed25519_dalek::Signer as _;
use pkcs8::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use crate::bytes::fixed_bytes;
use crate::file::{KeyKind, Kind};
use crate::hash::{Concat as _, Finish as _};
use crate::{Hash, KeyFileFault, NoRandomness, Passphrase, Seal, SealFault, Tree, file, random};

const KEY_TAG: &[u8] = b"lienthong-key-1";
const SEAL_TAG: &[u8] = b"lienthong-seal-1";
const REVISION_TAG: &[u8] = b"lienthong-revision-1";
const FENCE_TAG: &[u8] = b"lienthong-fence-1";

/// Files with a secret key.
pub(crate) static KIND: Kind = Kind {
    kind: KeyKind::Signing,
    word: "lienthong-signing-key-1",
    algorithm: ObjectIdentifier::new_unwrap("1.3.101.112"),
    public: |secret| Some(SigningKey::from_seed(secret).public().0),
    id: |public| PublicKey(*public).key_id(),
};

fixed_bytes! {
    /// An Ed25519 signature, 64 bytes (RFC 8032, 5.1.6).
    Signature, 64
}

fixed_bytes! {
    /// An Ed25519 public key, 32 bytes (RFC 8032, 5.1.5). Any bytes fit in; [`PublicKey::check`] tells whether they
    /// can be a key, and no signature counts under bytes that cannot.
    PublicKey, 32
}

impl PublicKey {
    /// The key's id: SHA-256(`lienthong-key-1` ‖ public key).
    #[must_use]
    pub fn key_id(&self) -> Hash {
        Sha256::new().put(KEY_TAG).put(&self.0).hash()
    }

    /// Whether these bytes can be a key: to be asked before a key is published.
    ///
    /// # Errors
    /// [`SealFault::BadKey`] for what is no point of the curve, not its canonical encoding, or of low order (under such
    /// a key one signature fits every message).
    pub fn check(&self) -> Result<(), SealFault> {
        self.parse().map(drop)
    }

    /// Checks the authority's signature of a registry revision, see [`SigningKey::sign_revision`].
    ///
    /// # Errors
    /// [`SealFault::BadKey`] or [`SealFault::BadSignature`].
    pub fn verify_revision(&self, body: &[u8], signature: &Signature) -> Result<(), SealFault> {
        self.verify(&revision_message(body), signature)
    }

    /// Checks the authority's signature of a fence, see [`SigningKey::sign_fence`].
    ///
    /// # Errors
    /// [`SealFault::BadKey`] or [`SealFault::BadSignature`].
    pub fn verify_fence(
        &self,
        log_id: Hash,
        n: u64,
        hash: Hash,
        signature: &Signature,
    ) -> Result<(), SealFault> {
        self.verify(&fence_message(log_id, n, hash), signature)
    }

    /// Strict: a signature with a small-order R, or with an S that is not reduced, is refused. Never in batches, which
    /// accept what this refuses, so that every node says the same of every signature.
    pub(crate) fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SealFault> {
        verify(&self.parse()?, message, signature)
    }

    /// The key as a point of the curve: as dear as half a check of a signature, so who checks many keeps it.
    pub(crate) fn parse(&self) -> Result<ed25519_dalek::VerifyingKey, SealFault> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| SealFault::BadKey)?;
        let canonical = key.to_edwards().compress().to_bytes() == self.0;
        if canonical && !key.is_weak() { Ok(key) } else { Err(SealFault::BadKey) }
    }
}

/// See [`PublicKey::verify`].
pub(crate) fn verify(
    key: &ed25519_dalek::VerifyingKey,
    message: &[u8],
    signature: &Signature,
) -> Result<(), SealFault> {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    key.verify_strict(message, &signature).map_err(|_| SealFault::BadSignature)
}

/// An Ed25519 secret key: a node's, or the registry authority's. Wiped from memory when dropped.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new key, drawn at random.
    ///
    /// # Errors
    /// The operating system gave no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        random::secret().map(|seed| Self::from_seed(&seed))
    }

    /// The key of this seed, 32 bytes (RFC 8032, 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Reads a key file that is not encrypted.
    ///
    /// # Errors
    /// As [`SigningKey::load_with`].
    pub fn load(path: &Path) -> Result<Self, KeyFileFault> {
        Self::load_with(path, None)
    }

    /// Reads a key file, an encrypted one with its passphrase.
    ///
    /// # Errors
    /// There is no such file, others than its owner have access to it, it holds something else, or it is encrypted and the
    /// passphrase is another one or none.
    pub fn load_with(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, KeyFileFault> {
        file::load(path, &KIND, passphrase).map(|seed| Self::from_seed(&seed))
    }

    /// Writes a new key file with mode 0600, not encrypted; it is on disk when this returns.
    ///
    /// # Errors
    /// As [`SigningKey::save_with`].
    pub fn save(&self, path: &Path) -> Result<(), KeyFileFault> {
        self.save_with(path, None)
    }

    /// The same, encrypted where there is a passphrase.
    ///
    /// # Errors
    /// The file exists already, or cannot be written.
    pub fn save_with(&self, path: &Path, passphrase: Option<&Passphrase>) -> Result<(), KeyFileFault> {
        file::save(path, &KIND, self.0.as_bytes(), passphrase)
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The id of the public key.
    #[must_use]
    pub fn key_id(&self) -> Hash {
        self.public().key_id()
    }

    /// Seals bodies that are sent together, given by their leaves, with one signature: `lienthong-seal-1` ‖ log id ‖
    /// key id ‖ tree size as u64 ‖ root. One seal for each leaf, in their order.
    #[must_use]
    pub fn seal_all(&self, log_id: Hash, leaves: &[Hash]) -> Vec<Seal> {
        let (tree, tree_size, key_id) = (Tree::new(leaves), leaves.len() as u64, self.key_id());
        let signature = self.sign(&seal_message(log_id, key_id, tree_size, tree.root()));
        let seal =
            |index| Seal { key_id, tree_size, leaf_index: index as u64, path: tree.path(index), signature };
        (0..leaves.len()).map(seal).collect()
    }

    /// Signs a registry revision: `lienthong-revision-1` ‖ length ‖ body.
    #[must_use]
    pub fn sign_revision(&self, body: &[u8]) -> Signature {
        self.sign(&revision_message(body))
    }

    /// Signs a fence: `lienthong-fence-1` ‖ log id ‖ n as u64 ‖ hash of revision n.
    #[must_use]
    pub fn sign_fence(&self, log_id: Hash, n: u64, hash: Hash) -> Signature {
        self.sign(&fence_message(log_id, n, hash))
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public()).finish_non_exhaustive()
    }
}

pub(crate) fn seal_message(log_id: Hash, key_id: Hash, tree_size: u64, root: Hash) -> Vec<u8> {
    let length = SEAL_TAG.len() + 3 * size_of::<Hash>() + size_of::<u64>();
    let message = Vec::with_capacity(length).put(SEAL_TAG);
    message.put(&log_id.0).put(&key_id.0).put(&tree_size.to_be_bytes()).put(&root.0)
}

fn revision_message(body: &[u8]) -> Vec<u8> {
    REVISION_TAG.to_vec().part(body)
}

fn fence_message(log_id: Hash, n: u64, hash: Hash) -> Vec<u8> {
    FENCE_TAG.to_vec().put(&log_id.0).put(&n.to_be_bytes()).put(&hash.0)
}

#[cfg(test)]
mod tests;
