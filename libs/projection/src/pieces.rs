//! Writing in pieces: what a partition far behind takes in is more than one batch should hold.
//!
//! ```text
//! mark, piece --> piece --> ... --> rest, cursor, mark gone
//!         `-- the process ends: opening finds the mark, and takes all rows of the partition away
//! ```
//!
//! Between the pieces a partition's rows are not what its cursor accounts for. So it is begun anew, and not the store.

use std::ops::Bound;

use lienthong_seal::partition_of;

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::tree::{Batch, Tree};

/// Dossiers of a partition that are written by one batch; of more, a piece each.
pub(crate) const WHOLE_MAX: usize = 4_096;
/// Dossiers of a piece. sled keeps some 70 KiB of each until its batch is done.
pub(crate) const PIECE: usize = 512;

/// Rows taken away at once.
const GONE_AT_ONCE: usize = 8_192;

/// Takes away every row of the partitions that were being written in pieces when the process ended.
///
/// # Errors
/// The store cannot be read or written.
pub(crate) fn begin_anew(tree: &Tree, partitions: u16) -> Result<(), StoreError> {
    let prefix = keys::piecewise_prefix();
    let end = keys::after_prefix(&prefix).map_or(Bound::Unbounded, Bound::Excluded);
    let marks = tree.range((Bound::Included(prefix), end)).map(|pair| pair.map(|(key, _)| key));
    let marks: Vec<_> = marks.collect::<Result<_, _>>()?;
    let marked: Vec<u16> = marks.iter().filter_map(|key| keys::parse_piecewise(key)).collect();
    if marked.is_empty() {
        return Ok(());
    }
    let mut gone = Batch::default();
    for pair in tree.range((Bound::Unbounded, Bound::Unbounded)) {
        let (key, _) = pair?;
        let partition = match Key::parse(&key, partitions) {
            Some(Key::Dossier { code }) => partition_of(code.as_str(), partitions),
            Some(Key::Other { partition } | Key::Cursor { partition }) => partition,
            // Of no partition, or a mark; a key that nobody writes is for the check to find.
            Some(Key::Identity | Key::Own) | None => continue,
        };
        if marked.contains(&partition) {
            gone.remove(key);
        }
        if gone.keys() == GONE_AT_ONCE {
            tree.apply(std::mem::take(&mut gone))?;
        }
    }
    for mark in marks {
        gone.remove(mark);
    }
    tracing::info!(partitions = ?marked, "began partitions anew that were being written when the process ended");
    tree.apply(gone)
}
