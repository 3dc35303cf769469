//! Real logs, for tests and benches: a genesis, nodes that decide, seal and append, and dossiers that go their way.
//!
//! ```text
//! World (keys, genesis) --> Author: decide on what it read, seal a batch, append, read --> records in a log
//! ```

pub(crate) mod author;
pub(crate) mod story;
pub(crate) mod world;
