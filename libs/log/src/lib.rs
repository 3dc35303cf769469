//! The event log: records in partitions, appended, read, followed.
//!
//! ```text
//! append --> Partition: 0 1 2 3 .. --> read (from an offset)
//!                              ^ end --> tail (wakes followers)
//! ```
//!
//! [`EventLog`] states the whole contract. What implements it knows nothing of dossiers: a record is a key, headers and
//! bytes. [`MemoryLog`] is for tests; the embedded log and the Kafka log are crates of their own, and all of them run
//! the checks of `contract` (feature `contract`). [`RestoreLog`] is a log that is still being copied from another one.

mod clock;
mod condition;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod error;
mod event_log;
mod follow;
mod memory;
mod partition;
mod record;
mod restore;

pub use clock::{Clock, system_clock};
pub use condition::{Condition, Copies, Trouble};
pub use error::{AppendError, Cause, ReadError};
pub use event_log::{
    ERASABLE_BYTES, ERASABLE_KEY_BYTES_MAX, ERASABLES_LISTED_MAX, Erasable, EventLog, READ_BYTES_MAX,
    READ_RECORDS_MAX, ReadLimit, check_erasable_key,
};
pub use follow::follow;
pub use memory::{MemoryLog, MemoryRestore};
pub use partition::{DOSSIER_PARTITIONS_MAX, Partition};
pub use record::{HEADER_BYTES, Header, RECORD_BYTES_MAX, Record, Stored};
pub use restore::{RestoreError, RestoreLog};
