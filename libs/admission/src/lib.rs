//! Admission: what of the log counts, and why the rest does not. Pure.
//!
//! A record is only a proposal; the order of the log decides. Every reader runs the same total function over the same
//! records in the same order and so comes to the same verdicts: [`Revisions`] reads the registry's chain, [`offered`] a
//! record, [`admit`] checks it against the state of its dossier under the revision that the last fence put in force, and
//! [`Ledger`] keeps one partition's account of all that. [`ReadsLedger`] checks who read personal data, of which nothing
//! depends.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod admit;
mod ledger;
mod offered;
mod reads;
mod revisions;
mod rows;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod vectors;
mod void;
mod wraps;

pub use admit::{AHEAD_MS_MAX, EXPIRY_MS_MAX, History, Place, RECORDS_MAX, admit};
pub use ledger::{Applied, Cursor, FENCE_LEAP_MAX, Halt, Ledger, Reading, Verdict, WITNESS_EVERY};
pub use offered::{ENTRY_BYTES_MAX, Incoming, Offered, Read, offered};
pub use reads::{IncomingRead, READ_BYTES_MAX, ReadFault, ReadsCursor, ReadsLedger, SealedRead};
pub use revisions::{
    ChainFault, Chained, HISTORY_RECORDS_MAX, NoGenesis, Revision, Revisions, UnknownRules, VOIDS_KEPT_MAX,
    VoidRevision,
};
pub use rows::{Changes, Row, Rows, StateRow};
pub use state::{Access, RecordRef, State, StateFault};
pub use void::{Reason, Void};
pub use wraps::wraps_due;
