//! Seals: one signature over a tree of bodies, carried by each with the path to its leaf.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::hash::{Concat as _, Finish as _};
use crate::signing::{self, seal_message};
use crate::{Hash, PublicKey, Signature, root_from_path};

/// Why a seal, or a signature of the registry authority, does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealFault {
    /// The seal names another key than the one it is checked with.
    #[error("the seal names another key")]
    OtherKey,
    /// The index is not in the tree, or the path is not as long as the index and the size of the tree demand.
    #[error("the path does not fit the tree")]
    Path,
    /// The public key is no point of the curve, not in canonical form, or of low order.
    #[error("the public key cannot be one")]
    BadKey,
    /// The signature is not the key's signature of this: another log, size, root, body or key, or a changed signature.
    #[error("the signature is not good")]
    BadSignature,
}

/// The seal of one body: a signature over the root of a tree, and the path from the body's leaf to that root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Id of the key that signed, see [`PublicKey::key_id`].
    pub key_id: Hash,
    /// Number of leaves in the tree; 1 for a body sent alone.
    pub tree_size: u64,
    /// Place of the body's leaf, from 0.
    pub leaf_index: u64,
    /// Inclusion path (RFC 9162, 2.1.3), from the leaf's neighbour upwards; empty for a body sent alone.
    pub path: Vec<Hash>,
    /// Ed25519 signature of `lienthong-seal-1` ‖ log id ‖ key id ‖ tree size as u64 ‖ root.
    pub signature: Signature,
}

impl Seal {
    /// Checks the seal of the body with this leaf. Whoever checks many does it with a [`Verifier`].
    ///
    /// It says nothing of whether the key is in force.
    ///
    /// # Errors
    /// Why the seal does not count.
    pub fn verify(&self, log_id: Hash, public: &PublicKey, leaf: Hash) -> Result<(), SealFault> {
        self.signed(log_id, public, leaf)?.verify(public)
    }

    /// What the signature must cover if this seal is the leaf's: found by hashing alone.
    fn signed(&self, log_id: Hash, public: &PublicKey, leaf: Hash) -> Result<Signed, SealFault> {
        let Self { key_id, tree_size, leaf_index, ref path, signature } = *self;
        if key_id != public.key_id() {
            return Err(SealFault::OtherKey);
        }
        let root = root_from_path(leaf, leaf_index, tree_size, path).ok_or(SealFault::Path)?;
        Ok(Signed { log_id, key_id, tree_size, root, signature })
    }
}

/// All that goes into one check of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signed {
    log_id: Hash,
    key_id: Hash,
    tree_size: u64,
    root: Hash,
    signature: Signature,
}

impl Signed {
    /// `public` is the key that `key_id` is the id of.
    fn verify(&self, public: &PublicKey) -> Result<(), SealFault> {
        public.verify(&self.message(), &self.signature)
    }

    fn message(&self) -> Vec<u8> {
        let Self { log_id, key_id, tree_size, root, signature: _ } = self;
        seal_message(*log_id, *key_id, *tree_size, *root)
    }

    /// Stands for all of it: no two that differ have the same.
    fn fingerprint(&self) -> Hash {
        Sha256::new().put(&self.message()).put(&self.signature.0).hash()
    }
}

/// Checks seals and remembers good signatures, so that many records under one signature cost one curve operation.
///
/// What is remembered is that a signature is good, never that its key is in force; only the roots last used are kept,
/// and to forget one costs time, not correctness. To be shared by all partitions, over which one tree is spread.
#[derive(Debug)]
pub struct Verifier {
    good: Mutex<Generations>,
    /// Keys as points of the curve, at most [`Verifier::KEYS_MAX`].
    keys: Mutex<HashMap<PublicKey, ed25519_dalek::VerifyingKey>>,
    generation_max: usize,
}

/// When the young are too many they become the old, and the old are forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashSet<Hash>,
    old: HashSet<Hash>,
}

impl Verifier {
    /// Signatures that [`Verifier::default`] remembers, 40 bytes each.
    pub const SIGNATURES_MAX: usize = 4096;

    /// Keys whose points a verifier remembers: more than a log has nodes.
    pub const KEYS_MAX: usize = 1024;

    /// A verifier that remembers at most `signatures_max` signatures (at least 2).
    #[must_use]
    pub fn new(signatures_max: usize) -> Self {
        Self { good: Mutex::default(), keys: Mutex::default(), generation_max: (signatures_max / 2).max(1) }
    }

    /// The same answer as [`Seal::verify`], quicker when the signature was good before.
    ///
    /// # Errors
    /// Why the seal does not count.
    pub fn verify(&self, seal: &Seal, log_id: Hash, public: &PublicKey, leaf: Hash) -> Result<(), SealFault> {
        let signed = seal.signed(log_id, public, leaf)?;
        let fingerprint = signed.fingerprint();
        if self.remembers(fingerprint) {
            return Ok(());
        }
        // Not under the lock: at worst two threads check one signature at the same time.
        signing::verify(&self.key(public)?, &signed.message(), &signed.signature)?;
        self.remember(fingerprint);
        Ok(())
    }

    fn key(&self, public: &PublicKey) -> Result<ed25519_dalek::VerifyingKey, SealFault> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(public) {
            return Ok(*key);
        }
        let key = public.parse()?;
        if keys.len() >= Self::KEYS_MAX {
            keys.clear();
        }
        keys.insert(*public, key);
        Ok(key)
    }

    fn remembers(&self, signed: Hash) -> bool {
        let good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.young.contains(&signed) {
            return true;
        }
        let old = good.old.contains(&signed);
        drop(good);
        if old {
            self.remember(signed);
        }
        old
    }

    fn remember(&self, signed: Hash) {
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.young.len() >= self.generation_max && !good.young.contains(&signed) {
            good.old = std::mem::take(&mut good.young);
        }
        good.young.insert(signed);
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new(Self::SIGNATURES_MAX)
    }
}

#[cfg(test)]
mod tests;
