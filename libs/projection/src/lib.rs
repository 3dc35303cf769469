//! Projection: rows and cursor in one batch. Alone in naming sled.
//!
//! ```text
//! Ledger::settle --> Cursor, Changes --Store::take--> seen by every read --Store::write_out--> batches of rows:
//!                                                                  dossiers, index, witnesses, voids, cursor
//!
//! Advances --Store::sort--> Runs --Store::load--> the same rows, when a node is far behind
//!
//! Store::open --> sound ---------------------------------------------> Store
//!             `-> panic, error, difference, other log or format --> folder moved aside, empty Store
//! ```
//!
//! One sled tree holds everything, under keys that begin with what they are:
//!
//! | key | value |
//! |---|---|
//! | `d` code | canonical state of the dossier, to the byte |
//! | `o` partition, stretch | what reports count of the dossiers that were opened there, see [`Outline`](lienthong_report::Outline) |
//! | `a` agency `\0` code | why the dossier lies before the agency now, see [`Standing`], and who acted last for it |
//! | `f` facet, code | nothing: the dossier is found by it, see `facets` |
//! | `t` agency `\0` due, code | nothing: something of the dossier stands before the agency, see [`Task`] |
//! | `w` partition, count | offset and running hash at every multiple of 64 records |
//! | `v` partition, ordinal | the newest [`VOIDS_KEPT`] voids |
//! | `c` partition | the cursor, the sum over the partition's `o`, `a`, `f`, `t`, `w` and `v` rows, and a checksum of both |
//! | `p` | nothing: the store is being loaded, see `loading` |
//! | `m` | what the store is of: log, partitions, [`STATE_FORMAT`] |
//! | `n` token, code | nothing: the dossier names the number that has this token under the node's key |
//! | `i` code | the tokens of the dossier and how far it was looked into, with a checksum |
//! | `k` | fingerprint of the key that made the tokens, with a checksum |
//! | `r` | how far readings were read, with a checksum |
//!
//! The store is never the truth, the log is. So it need not be durable, only right: whatever it holds is exactly what
//! the cursor accounts for, or the store is not used. Each cursor carries the sum over all rows of its partition, rows
//! and cursor go in by one batch, and opening a store adds everything up again. What is found different is moved aside
//! and the node replays the log.
//!
//! The last four are the node's own: no other node has the like, no sum and no digest covers them, and they are made again
//! when they are gone.
//!
//! What sled 0.34 does, as read in its source and held by the tests:
//! - A batch on one tree is recovered whole or not at all. A batch that *fails* half-way is not undone, neither in
//!   memory nor on disk; after that a store answers [`StoreError::Broken`] and the next opening finds the difference.
//! - After SIGKILL it recovers to some batch boundary; batches not yet handed to the system are gone.
//! - On Linux its flush is `sync_file_range`, not fsync; its background thread and its closing do fsync.
//! - On damage it panics, answers an error, or silently recovers something else than there was: a damaged message
//!   ends the reading of its segment of 512 KiB and the reading goes on with the next one. Only the sums find that.
//! - A panic in its background thread lets its closing wait for ever (read, never seen); so closing has a time limit
//!   and a damaged store is not closed at all.
//! - Opening a damaged store rewrites its files, so what is moved aside is not quite as it was found.
//!
//! What this crate does not know: the log, admission's checks, and time.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod aside;
mod at_hand;
mod error;
mod facets;
mod find;
#[cfg(test)]
mod fuzz;
mod keys;
mod loading;
mod lock;
mod open;
mod outlines;
mod own;
mod quiet;
mod rows;
mod standing;
mod store;
mod sums;
mod tasks;
mod tree;
mod unwritten;
mod write;

pub use aside::ASIDE_KEPT;
pub use error::{Damage, StoreError};
pub use find::{Days, Found, Place, Query};
pub use loading::Run;
pub use open::{Identity, MovedAside, Opened, STATE_FORMAT};
pub use own::Indexed;
pub use rows::{DETAIL_BYTES_MAX, VoidRow, Witness};
pub use standing::Standing;
pub use store::Store;
pub use tasks::{Matter, Task, tasks};
pub use tree::{CACHE_BYTES, FLUSH_EVERY_MS, StoreConfig};
pub use write::{Advance, VOIDS_KEPT};

#[cfg(test)]
mod tests;
