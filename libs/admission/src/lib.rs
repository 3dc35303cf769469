//! Admission: what of the log counts, and why the rest does not. Pure.
//!
//! A record is only a proposal; the order of the log decides. Every reader runs the same total function over the same
//! records in the same order and so comes to the same verdicts: [`offered`] reads a record, [`admit`] checks it
//! against the state of its dossier, and [`Ledger`] keeps one partition's account of both.

mod admit;
mod ledger;
mod offered;
mod state;
#[cfg(test)]
mod testing;
mod void;
mod wraps;

pub use admit::{AHEAD_MS_MAX, EXPIRY_MS_MAX, History, Place, RECORDS_MAX, admit};
pub use ledger::{Applied, Changes, Cursor, Ledger, Row, Rows, Verdict, WITNESS_EVERY};
pub use offered::{ENTRY_BYTES_MAX, Incoming, Offered, offered};
pub use state::{Access, RecordRef, State, StateFault};
pub use void::{Reason, Void};
pub use wraps::wraps_due;
