//! The auditor: a log judged from its raw records alone. No service is believed, and none is needed.
//!
//! ```text
//! Source --registry--> Trust --partition by partition--> Inspection --> Verified: counts, faults, hashes to keep
//! (a log, or whoever                                  `--> Lane --> state as it was, exports, voids
//!  streams one)
//! ```
//!
//! # What verification finds
//!
//! Each record is read and judged as every node does: size, encoding, place, history, command, order, time, seal and
//! path, key in force, rules of the dossier, wraps. A record that fails is void, which alone is no fault: whoever can write
//! to a log can write anything, and what does not count is counted. A **fault** is what shows that the log is not as it was
//! written:
//!
//! - The registry's chain does not hold: a record is not readable, not chained, not signed, or has another key or header.
//! - Offsets do not begin at 0, or do not rise; append times of an embedded log go back.
//! - The headers of an admitted record do not follow from its body. (Its key does, or it would be void.)
//! - **A good author had read another history.** Every body names k, a multiple of 64, and the running hash of the first k
//!   records of its partition as its author's node had applied them: offsets aside, every byte of them and their append times.
//!   A record sealed by a node of the registry that names another hash, or more records than there are, testifies that one of
//!   the first k was changed, swapped, removed, repeated, moved here or away, or had its seal replaced. The first such change
//!   lies behind the greatest count that an admitted record confirms: the fault names this stretch, and the void records in it.
//! - The log is not what was expected: shorter than a position, or with another hash there.
//!
//! So of a partition every change **below the greatest k that an admitted record names** is found. Where authors keep up with
//! their partition, these are all but its newest 64 records. What each verification covers is told, as `covered`, the
//! offset below which nothing can be changed unseen.
//!
//! # What it does not find without an expectation
//!
//! - A change among the records that no admitted record names yet: at most the newest 64 of a partition, and as many more as
//!   came in one stroke (one batch, or while an author lagged behind). Of these it still finds what breaks a header, and
//!   shows what breaks a seal or body as void.
//! - Records cut off from the end of a partition, however many. This is why an auditor keeps the hashes that a verification
//!   tells, and expects them the next time: with them every change below their offsets is found.
//! - Records appended at the end by whoever could write: they are judged like all others, and void unless a node sealed them.
//! - Append times of a partition's uncovered records, within the limits that admission sets in a production log.
//! - Append times of registry records, and anything there behind the genesis. The registry's hash is to be expected, too.
//! - Another log in the place of this one, genesis and all. Log id and hashes tell them apart.
//! - More than the first change of a partition: what stands behind it is no longer what its authors had read.
//! - What whoever holds the keys of a node does with them, beyond what the rules forbid that node.
//!
//! What this crate does not know: how a log is kept, networks, and services.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod error;
mod export;
mod fault;
mod lane;
mod position;
mod report;
mod run;
mod source;
mod state;
mod trust;
mod verify;
mod voids;

pub use error::{AuditError, SourceError};
pub use export::{Format, export};
pub use fault::{Fault, FaultKind, Faults};
pub use lane::Lane;
pub use position::{At, Position, PositionFault};
pub use report::{Question, ReportAsOf, report_as_of};
pub use run::{Audit, Unwatched, Watcher};
pub use source::{LogSource, Source};
pub use state::{DossierAsOf, LogAsOf, dossier_as_of, log_as_of};
pub use trust::Trust;
pub use verify::{
    Expectation, ExpectationFault, Expected, Inspection, Mark, PartitionHash, PartitionReport, Verified,
    verify,
};
pub use voids::{After, VoidFound, VoidsFound, voids};
