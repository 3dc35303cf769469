//! A process of the bus: the command path, the projector, and what every service needs around them.
//!
//! ```text
//! config -> telemetry -> log -> charter -> node -> faces over gRPC -> drain
//! ```
//!
//! What this crate does not know: how a log is stored beyond opening one, how rows are stored, and which verbs are
//! special to which service.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

#[cfg(not(fuzzing))]
mod allocator;
mod bulk;
mod caller;
mod casework;
mod chain;
mod charter;
mod codes;
pub mod config;
mod deadline;
mod door;
mod error;
mod face;
mod following;
mod gate;
mod incoming;
mod keys;
mod lanes;
mod loading;
mod logs;
pub mod metrics;
mod node;
mod numbers;
mod opening;
mod pause;
mod pending;
mod personal;
pub mod process;
mod projector;
mod publish;
mod readiness;
pub mod reading;
mod reads;
mod repeat;
mod reporting;
mod sealer;
pub mod server;
mod shares;
mod status;
mod submit;
mod tally;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod tls;
mod upkeep;
mod vault;
mod writer;

pub use bulk::BulkService;
pub use caller::{AGENCIES_MAX, Caller, CallerFault, CertificateFault, Certified, caller};
pub use casework::CaseworkService;
pub use chain::FENCE_PATIENCE;
pub use charter::{Charter, CharterError, Founding, SHIPPED_TEXTS};
pub use codes::NoCode;
pub use door::Door;
pub use error::{IN_SYNC_MIN, Lag, ProjectError, REPLICAS_MIN, Refusal, StartError};
pub use face::{REQUEST_BYTES_MAX, carry_out, fresh_code};
pub use incoming::{HANDSHAKE_MAX, HANDSHAKES_MAX, HANDSHAKES_OF_HOST_MAX};
pub use keys::{KeyError, KeyFolder, NodeKeys};
pub use logs::{LogUrl, LogUrlFault, OpenLogError, open_log};
pub use node::{COMMANDS_MAX, Node, NodeParts, Replica, STREAMS_MAX, WAIT_MAX};
pub use personal::{FOUND_MAX, PersonalService};
pub use projector::Progress;
pub use publish::{HALF_MADE_PATIENCE, OUTCOME_MAX, Publication, PublishError, Published, publish};
pub use readiness::{Readiness, Why};
pub use reporting::{REPORTS_MAX, ReportingService, ii06};
pub use sealer::{BATCH_MAX, BATCHES_MAX, GATHER_MAX, GATHER_MIN, HOLD_MAX, SEALING_MAX};
pub use shares::{AGENCY_COMMANDS_MAX, BESIDE, BULK_PLACES_MAX, PLACES_MAX, Way};
pub use status::{invalid, no_code, status, unknown_dossier};
pub use submit::{AHEAD_MAX, CATCH_UP_MAX, Receipt, TRIES_MAX, Terms, VERDICT_WAIT_MAX};
pub use upkeep::{CHORES_MAX, UpkeepCounts};
pub use writer::{UNWRITTEN_MAX, WRITE_EVERY};
