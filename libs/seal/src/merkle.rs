//! Merkle trees and inclusion paths as in RFC 9162 (Certificate Transparency 2.0), section 2.1, over SHA-256.

use sha2::{Digest as _, Sha256};

use crate::Hash;
use crate::hash::{Concat as _, Finish as _};

/// The leaf of a body: SHA-256(0x00 ‖ body), RFC 9162, 2.1.1.
#[must_use]
pub fn leaf(body: &[u8]) -> Hash {
    Sha256::new().put(&[0x00]).put(body).hash()
}

/// The leaf of a record of who read personal data: SHA-256(0x02 ‖ body). No body of another kind has it, so that a seal
/// of one kind never fits one of another.
#[must_use]
pub fn read_leaf(body: &[u8]) -> Hash {
    Sha256::new().put(&[0x02]).put(body).hash()
}

/// An inner node: SHA-256(0x01 ‖ left ‖ right), RFC 9162, 2.1.1.
#[must_use]
pub fn node(left: Hash, right: Hash) -> Hash {
    Sha256::new().put(&[0x01]).put(&left.0).put(&right.0).hash()
}

/// A Merkle tree over leaves in a given order.
///
/// RFC 9162 splits n leaves at the greatest power of two below n. From the bottom that is: pair neighbours, and let a
/// last node without a neighbour rise as it is.
#[derive(Debug, Clone)]
pub struct Tree {
    /// From the leaves up to the root; no level is empty, unless the tree is.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over `leaves`, which are values of [`leaf`].
    #[must_use]
    pub fn new(leaves: &[Hash]) -> Self {
        let mut level = leaves.to_vec();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level.chunks(2).filter_map(|pair| pair.iter().copied().reduce(node)).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { levels }
    }

    /// The root. One leaf is its own root; without leaves it is SHA-256 of nothing (RFC 9162, 2.1.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(|| Hash::of(&[]))
    }

    /// The inclusion path of the leaf at `index` (RFC 9162, 2.1.3.1), from its neighbour upwards: at most
    /// ⌈log₂ size⌉ nodes. Empty also when there is no such leaf.
    #[must_use]
    pub fn path(&self, index: usize) -> Vec<Hash> {
        if self.levels.first().is_none_or(|leaves| index >= leaves.len()) {
            return Vec::new();
        }
        self.levels
            .iter()
            .enumerate()
            .filter_map(|(height, level)| level.get((index >> height) ^ 1))
            .copied()
            .collect()
    }
}

/// The root that `path` leads to from the leaf at `index` of a tree of `size` leaves (RFC 9162, 2.1.3.2).
///
/// `None` when there is no such leaf, or when the path is longer or shorter than that leaf's.
#[must_use]
pub fn root_from_path(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    // `at` is the node's place in its level, `last` the place of the last one there (fn and sn in the RFC).
    let (mut at, mut last) = (index, size - 1);
    let mut root = leaf;
    for neighbour in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 {
            root = node(*neighbour, root);
        } else if at < last {
            root = node(root, *neighbour);
        } else {
            // A last node without a neighbour rose to here. It is not 0, since `last` is not.
            let rise = at.trailing_zeros();
            (at, last) = (at >> rise, last >> rise);
            root = node(*neighbour, root);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

#[cfg(test)]
mod tests;
