//! Rows of the node's own, beside the projection and no part of it: which dossiers name which number, under the node's
//! key, and how far it has read the readings. No sum covers them, and no digest.

use std::ops::Bound;

use lienthong_admission::ReadsCursor;
use lienthong_dossier::DossierCode;
use lienthong_seal::Hash;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::rows::{decode_checked, encode_checked};
use crate::store::{Store, after};
use crate::tree::Batch;

/// Rows removed in one batch, when the whole index goes.
const REMOVED_AT_ONCE: usize = 1_024;

/// What the index has of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Indexed {
    /// The offset behind the last record that was looked into.
    pub next: u64,
    /// The tokens of the numbers that it names, ascending, each once.
    pub tokens: Vec<Hash>,
}

impl Store {
    /// What the index has of a dossier; none when it has nothing, or not what was written.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn indexed(&self, code: &DossierCode) -> Result<Option<Indexed>, StoreError> {
        let key = keys::indexed(code);
        Ok(self.tree.get(&key)?.and_then(|value| decode_checked(&key, &value)))
    }

    /// Puts a dossier into the index in place of what is there.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn index(&self, code: &DossierCode, indexed: &Indexed) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for gone in self.indexed(code)?.unwrap_or_default().tokens {
            if !indexed.tokens.contains(&gone) {
                batch.remove(keys::number(gone, code));
            }
        }
        for token in &indexed.tokens {
            batch.insert(keys::number(*token, code), []);
        }
        let key = keys::indexed(code);
        let value = encode_checked(&key, indexed)?;
        batch.insert(key, value);
        self.tree.apply(batch)
    }

    /// Takes a dossier out of the index.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn unindex(&self, code: &DossierCode) -> Result<(), StoreError> {
        let Some(indexed) = self.indexed(code)? else { return Ok(()) };
        let mut batch = Batch::default();
        for token in indexed.tokens {
            batch.remove(keys::number(token, code));
        }
        batch.remove(keys::indexed(code));
        self.tree.apply(batch)
    }

    /// The first `limit` dossiers after `from` that name a number, in the order of their codes' bytes.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn found(
        &self,
        token: Hash,
        from: Option<&DossierCode>,
        limit: usize,
    ) -> Result<Vec<DossierCode>, StoreError> {
        let range = after(from.map(|code| keys::number(token, code)), keys::number_prefix(token));
        let each = |(key, _): (sled::IVec, sled::IVec)| {
            keys::parse_number(&key).ok_or(StoreError::Row { kind: keys::kind(&key) })
        };
        self.tree.range(range).take(limit).map(|pair| pair.and_then(each)).collect()
    }

    /// Begins the index anew unless it was made under the key of this fingerprint; true when it was begun anew.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn index_under(&self, fingerprint: Hash) -> Result<bool, StoreError> {
        let found = self.tree.get(keys::INDEX_KEY)?;
        if found.and_then(|value| decode_checked(keys::INDEX_KEY, &value)) == Some(fingerprint) {
            return Ok(false);
        }
        for prefix in keys::index_prefixes() {
            while self.remove_some(&prefix)? {}
        }
        let mut batch = Batch::default();
        batch.insert(keys::INDEX_KEY, encode_checked(keys::INDEX_KEY, &fingerprint)?);
        self.tree.apply(batch)?;
        Ok(true)
    }

    fn remove_some(&self, prefix: &[u8]) -> Result<bool, StoreError> {
        let end = keys::after_prefix(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        let range = (Bound::Included(prefix.to_vec()), end);
        let mut batch = Batch::default();
        let mut any = false;
        for pair in self.tree.range(range).take(REMOVED_AT_ONCE) {
            batch.remove(pair?.0.to_vec());
            any = true;
        }
        self.tree.apply(batch)?;
        Ok(any)
    }

    /// How far readings were read; none when they were not, or not what was written.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn reads(&self) -> Result<Option<ReadsCursor>, StoreError> {
        Ok(self.tree.get(keys::READS)?.and_then(|value| decode_checked(keys::READS, &value)))
    }

    /// Notes how far readings were read.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn set_reads(&self, cursor: &ReadsCursor) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.insert(keys::READS, encode_checked(keys::READS, cursor)?);
        self.tree.apply(batch)
    }
}
