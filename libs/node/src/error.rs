//! Why a node does not start, does not go on, or does not carry a command out.

use std::error::Error;

use lienthong_admission::{StateFault, Void};
use lienthong_calendar::Instant;
use lienthong_dossier::Denial;
use lienthong_log::{AppendError, Copies, ReadError};
use lienthong_projection::StoreError;
use lienthong_registry::AgencyId;
use lienthong_seal::{EnvelopeFault, NoRandomness};

use crate::keys::KeyError;

/// On how many machines a production log with brokers is to be kept.
pub const REPLICAS_MIN: u16 = 3;
/// How many of them are to have a record before it counts as appended.
pub const IN_SYNC_MIN: u16 = 2;

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log has another number of partitions than its genesis fixed.
    #[error("the log has {log} dossier partitions, its genesis says {genesis}")]
    Partitions {
        /// Of the log.
        log: u16,
        /// Of the genesis.
        genesis: u16,
    },
    /// A production log on brokers keeps too few copies of a record: losing one machine could lose it.
    #[error(
        "a production log is kept on at least {REPLICAS_MIN} machines, {IN_SYNC_MIN} of them in sync before an answer; \
         this one has {} and {}", .0.replicas, .0.in_sync_min
    )]
    Copies(Copies),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// The projection cannot be opened.
    #[error("the projection cannot be opened")]
    Store(#[from] StoreError),
    /// The projector stopped before it had caught up; its own error is in the log of the process.
    #[error("the projector stopped before it had caught up")]
    Stopped,
}

/// Why a projector stops. The node is then not ready and its process ends.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// The projection cannot be read or written.
    #[error("the projection failed")]
    Store(#[from] StoreError),
    /// A row does not decode.
    #[error("a row of the projection does not decode")]
    Row(#[from] StateFault),
    /// A defect of ours.
    #[error("applying a batch panicked")]
    Panicked,
}

/// A query asked for more than the node has applied, and the time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("partition {partition} is applied up to {applied}, {} records short of {wanted}", wanted.saturating_sub(*applied))]
pub struct Lag {
    /// The partition.
    pub partition: u16,
    /// What was asked for.
    pub wanted: u64,
    /// What is applied.
    pub applied: u64,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A rule of the dossier.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The node does not seal for the agency.
    #[error("this node does not act for {agency}")]
    NotServed {
        /// The agency.
        agency: AgencyId,
    },
    /// The agency has no access to the dossier.
    #[error("{agency} has no part in the dossier")]
    NotAParty {
        /// The agency.
        agency: AgencyId,
    },
    /// The command id was used for other content.
    #[error("this command id was used for a command with other content")]
    OtherContent,
    /// `occurred_at` lies in the future.
    #[error("{said} lies in the future; the clock says {now}")]
    Ahead {
        /// What the caller says.
        said: Instant,
        /// What the clock says.
        now: Instant,
    },
    /// The record would be larger than a record may be.
    #[error("the record would be {bytes} bytes, at most {bytes_max} are taken")]
    TooLarge {
        /// What it would be.
        bytes: usize,
        /// What is taken.
        bytes_max: usize,
    },
    /// Too many calls of one kind are under way.
    #[error("{limit} such calls are under way, which is the limit")]
    Busy {
        /// The limit.
        limit: usize,
    },
    /// An agency has as many commands here as one agency may have; others go on.
    #[error("{agency} has {limit} commands waiting or under way here, which is its limit")]
    AgencyBusy {
        /// The agency.
        agency: AgencyId,
        /// The limit.
        limit: usize,
    },
    /// The node is stopping.
    #[error("the node is stopping")]
    Draining,
    /// The node cannot do its work, or could not in time. Nothing was offered to the log.
    #[error("the node is not ready: {why}")]
    NotReady {
        /// What keeps it from that.
        why: String,
    },
    /// The log takes no records just now. Nothing was offered to it.
    #[error("the log takes no records just now: {why}")]
    LogInTrouble {
        /// What is the matter with it, and what mends that.
        why: String,
    },
    /// Others were faster on every try.
    #[error("other nodes changed the dossier on each of {tries} tries")]
    Stale {
        /// The tries.
        tries: u32,
    },
    /// The record was appended and judged void for a reason that trying again does not mend.
    #[error("the record was not admitted: {0}")]
    Void(Void),
    /// Nobody knows whether the command is done; the same command again tells.
    #[error("it is not known whether the command was carried out")]
    Unknown,
    /// That somebody reads could not be recorded, so nothing was shown.
    #[error("the reading could not be recorded in the log, so nothing was shown")]
    ReadNotRecorded,
    /// The log did not take the record.
    #[error("the log did not take the record")]
    Append(#[source] AppendError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[source] ReadError),
    /// The projection cannot be read.
    #[error("the projection cannot be read")]
    Store(#[from] StoreError),
    /// A key that the node needs is not on this machine or cannot be used. Nothing was offered to the log.
    #[error("this node lacks a key that is needed for it")]
    Key(#[from] KeyError),
    /// The dossier's key is gone or cannot be opened.
    #[error("the dossier's key cannot be opened")]
    NoKey,
    /// Encryption failed.
    #[error("the dossier's details cannot be encrypted")]
    Envelope(#[from] EnvelopeFault),
    /// The system gives no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// What the log holds at an offset is not the record that was admitted there.
    #[error("the log holds another record than the one that was admitted")]
    Corrupt,
}

/// An error with everything that led to it, on one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
