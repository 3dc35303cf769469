//! Why a log on Kafka cannot be opened.

use lienthong_log::{Condition, ReadError};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::address::KafkaAddress;
use crate::settings::SecurityFault;

/// Why a log on Kafka cannot be opened. All but a wrong configuration of ours may pass, or be mended over there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No broker answers.
    #[error("the brokers at {brokers} do not answer: {reason}")]
    Unreachable {
        /// Where they should be.
        brokers: String,
        /// What librdkafka says of it, such as which certificate it does not believe.
        reason: String,
        /// What came of it.
        source: Box<KafkaError>,
    },
    /// Not all of the log's topics are there.
    #[error(
        "there is no log at {address}: topic {topic} is not there; `lienthong registry init --log kafka://{address}` makes one"
    )]
    Missing {
        /// Where it should be.
        address: KafkaAddress,
        /// The first that is missing.
        topic: String,
    },
    /// A topic of a log is gone, and the others are there.
    #[error(
        "topic {topic} of the log at {address} is not there, though others are: if it was deleted, restore the log from a \
         copy into another prefix (`lienthong log copy`); if the log was just being made, run its `lienthong registry init` \
         again"
    )]
    Deleted {
        /// Where.
        address: KafkaAddress,
        /// The first that is gone.
        topic: String,
    },
    /// The log is being filled from another one.
    #[error(
        "the log at {address} is an unfinished copy of another one: finish it by the `lienthong log copy` that began it"
    )]
    Unfinished {
        /// Where.
        address: KafkaAddress,
    },
    /// A copy was to be made where there is a log.
    #[error("there is a log at {address} already")]
    Exists {
        /// Where.
        address: KafkaAddress,
    },
    /// An unfinished copy has another number of dossier partitions than what is copied there.
    #[error("the unfinished copy at {address} has {found} dossier partitions, and this one needs {wanted}")]
    PartitionsDiffer {
        /// Where.
        address: KafkaAddress,
        /// What is there.
        found: u16,
        /// What is needed.
        wanted: u16,
    },
    /// A topic does not have the settings that the log rests on.
    #[error("{condition}")]
    Wrong {
        /// Every setting, with the command that mends it.
        condition: Condition,
    },
    /// The first records of a partition are gone.
    #[error(
        "partition {partition} of topic {topic} begins with offset {start}: the records before it were deleted, and a \
         log begins with 0; restore it from a copy into another prefix (`lienthong log copy`)"
    )]
    Cut {
        /// Which topic.
        topic: String,
        /// Which partition of it.
        partition: i32,
        /// Where it begins.
        start: u64,
    },
    /// The brokers do not make or set up a topic.
    #[error("the brokers do not make topic {topic} as it must be: {code}")]
    NotMade {
        /// Which.
        topic: String,
        /// What they say.
        code: RDKafkaErrorCode,
    },
    /// The settings of a topic cannot be read.
    #[error(
        "the brokers do not tell the settings of topic {topic}; this user may have no right to describe them"
    )]
    Settings {
        /// Which.
        topic: String,
    },
    /// The last records cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// A number that no log has.
    #[error("topic {topic} has {found} partitions, a log has 1 to {max}")]
    Partitions {
        /// Which.
        topic: String,
        /// How many it has.
        found: usize,
        /// The most.
        max: u16,
    },
    /// Who we are to the brokers is not said in a way that can be used.
    #[error("security towards the brokers: {0}")]
    Security(#[from] SecurityFault),
    /// librdkafka cannot be set up.
    #[error("the Kafka client cannot be set up")]
    Client(#[source] KafkaError),
}

impl OpenError {
    /// For errors of requests to the brokers.
    pub(crate) fn brokers(address: &KafkaAddress) -> impl Fn(KafkaError) -> Self + '_ {
        |source| Self::unreachable(address, None, source)
    }

    /// That no broker answers, and why not, where that is known.
    pub(crate) fn unreachable(address: &KafkaAddress, reason: Option<String>, source: KafkaError) -> Self {
        let reason = reason.unwrap_or_else(|| source.to_string());
        Self::Unreachable { brokers: address.brokers().to_owned(), reason, source: Box::new(source) }
    }

    /// Whether waiting, or mending something at the brokers, may let it open.
    #[must_use]
    pub fn passes(&self) -> bool {
        !matches!(
            self,
            Self::Security(_) | Self::Client(_) | Self::Exists { .. } | Self::PartitionsDiffer { .. }
        )
    }
}
