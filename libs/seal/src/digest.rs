//! Digests by which two nodes at one position find out whether they agree.

use std::ops::{Add, AddAssign, Sub, SubAssign};

use sha2::{Digest as _, Sha256};

use crate::Hash;
use crate::bytes::fixed_bytes;
use crate::hash::{Concat as _, Finish as _};

/// The verdict digest of a partition after one more record: SHA-256(previous ‖ offset ‖ leaf ‖ reason), beginning at
/// [`Hash::ZERO`]. `reason` is 0 for admitted, else the number of the reason for which the record is void.
#[must_use]
pub fn verdict(previous: Hash, offset: u64, leaf: Hash, reason: u8) -> Hash {
    Sha256::new().put(&previous.0).put(&offset.to_be_bytes()).put(&leaf.0).put(&[reason]).hash()
}

fixed_bytes! {
    /// The state digest of a partition: the sum modulo 2²⁵⁶ of [`StateSum::of`] over its dossiers, 32 bytes
    /// big-endian. When a dossier changes, its old term is subtracted and its new one added, so the order of dossiers
    /// is of no matter. It compares honest nodes; it is no commitment against somebody who may choose the states.
    StateSum, 32
}

impl StateSum {
    /// The sum over no dossier.
    pub const ZERO: Self = Self([0; 32]);

    /// The term of one dossier: SHA-256(length ‖ code ‖ length ‖ canonical state).
    #[must_use]
    pub fn of(code: &str, state: &[u8]) -> Self {
        Self(Sha256::new().part(code.as_bytes()).part(state).hash().0)
    }

    /// Limbs of 64 bits, the lowest first.
    fn limbs(self) -> [u64; 4] {
        let (limbs, _) = self.0.as_chunks();
        let mut limbs = limbs.iter().rev().map(|limb| u64::from_be_bytes(*limb));
        std::array::from_fn(|_| limbs.next().unwrap_or_default())
    }

    fn from_limbs(limbs: [u64; 4]) -> Self {
        let mut bytes = [0; 32];
        for (part, limb) in bytes.as_chunks_mut().0.iter_mut().rev().zip(limbs) {
            *part = limb.to_be_bytes();
        }
        Self(bytes)
    }

    /// Adds or subtracts limb by limb from the lowest; what is carried out of the highest falls away.
    fn carry(self, other: Self, step: impl Fn(u64, u64) -> (u64, bool)) -> Self {
        let (left, right) = (self.limbs(), other.limbs());
        let mut carried = false;
        Self::from_limbs(std::array::from_fn(|i| {
            let (limb, first) = step(left[i], right[i]);
            let (limb, second) = step(limb, u64::from(carried));
            carried = first || second;
            limb
        }))
    }
}

impl Default for StateSum {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Add for StateSum {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.carry(other, u64::overflowing_add)
    }
}

impl Sub for StateSum {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.carry(other, u64::overflowing_sub)
    }
}

impl AddAssign for StateSum {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for StateSum {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// What one partition contributes to [`service_digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionDigest {
    /// Number of the partition.
    pub partition: u32,
    /// Offset of the next record, exclusive.
    pub next: u64,
    /// Running hash of its verdicts, see [`verdict`].
    pub verdict: Hash,
    /// Sum over the states of its dossiers.
    pub state: StateSum,
}

/// A service's digest: SHA-256 over (partition as u32 ‖ next offset as u64 ‖ verdict digest ‖ state digest) of each
/// partition, in ascending order of the partitions however they are given.
#[must_use]
pub fn service_digest(partitions: impl IntoIterator<Item = PartitionDigest>) -> Hash {
    let mut partitions: Vec<_> = partitions.into_iter().collect();
    partitions.sort_by_key(|digest| digest.partition);
    let each = |hash: Sha256, digest: PartitionDigest| {
        hash.put(&digest.partition.to_be_bytes())
            .put(&digest.next.to_be_bytes())
            .put(&digest.verdict.0)
            .put(&digest.state.0)
    };
    partitions.into_iter().fold(Sha256::new(), each).hash()
}

/// What one partition contributes to [`log_digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionChain {
    /// Number of the partition; [`chain::REGISTRY`](crate::chain::REGISTRY) and [`chain::READS`](crate::chain::READS)
    /// stand for the other two.
    pub partition: u32,
    /// Offset after the last record.
    pub next: u64,
    /// Running hash of its records, see [`chain`](crate::chain).
    pub chain: Hash,
}

/// The digest of the bytes of a log, whatever they mean: SHA-256 over (partition as u32 ‖ next offset as u64 ‖ running
/// hash) of each partition, in ascending order of the partitions however they are given.
#[must_use]
pub fn log_digest(partitions: impl IntoIterator<Item = PartitionChain>) -> Hash {
    let mut partitions: Vec<_> = partitions.into_iter().collect();
    partitions.sort_by_key(|chain| chain.partition);
    let each = |hash: Sha256, chain: PartitionChain| {
        hash.put(&chain.partition.to_be_bytes()).put(&chain.next.to_be_bytes()).put(&chain.chain.0)
    };
    partitions.into_iter().fold(Sha256::new(), each).hash()
}

#[cfg(test)]
mod tests;
