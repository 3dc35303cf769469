//! The target of a copy, by its URL: the one place that knows each kind.

use std::path::Path;

use lienthong_log::RestoreLog;
use lienthong_log_embedded::{EmbeddedRestore, OpenError};
use lienthong_log_kafka::{KafkaRestore, OpenError as KafkaError, Security, TopicPlan};
use lienthong_node::LogUrl;

use crate::exit::Failure;

/// Why a copy is not begun, or not gone on with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error(transparent)]
    Embedded(#[from] OpenError),
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// A defect of ours.
    #[error("opening the copy panicked")]
    Panicked,
}

/// Begins a copy, or goes on with the one that is there.
pub(crate) async fn open(
    url: &LogUrl,
    security: &Security,
    dossier_partitions: u16,
) -> Result<Box<dyn RestoreLog>, TargetError> {
    match url.clone() {
        LogUrl::Embedded(dir) => {
            let open = move || EmbeddedRestore::open_or_create(dir, dossier_partitions);
            let opened = tokio::task::spawn_blocking(open).await.map_err(|_| TargetError::Panicked)?;
            Ok(Box::new(opened?))
        }
        LogUrl::Kafka(address) => {
            let plan = TopicPlan { dossier_partitions, replicas: None };
            Ok(Box::new(KafkaRestore::open_or_create(&address, security, plan).await?))
        }
    }
}

/// Whether both name one place.
pub(crate) fn is_same(from: &LogUrl, to: &LogUrl) -> bool {
    match (from, to) {
        (LogUrl::Embedded(from), LogUrl::Embedded(to)) => is_same_folder(from, to),
        (LogUrl::Kafka(from), LogUrl::Kafka(to)) => from == to,
        (LogUrl::Embedded(_), LogUrl::Kafka(_)) | (LogUrl::Kafka(_), LogUrl::Embedded(_)) => false,
    }
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        // What is not there is no other name of something.
        (Ok(_) | Err(_), Err(_)) | (Err(_), Ok(_)) => one == other,
    }
}

impl TargetError {
    /// What it means to whoever gave the command.
    pub(crate) fn failure(&self, url: &LogUrl) -> Failure {
        match self {
            Self::Embedded(OpenError::Exists { .. }) | Self::Kafka(KafkaError::Exists { .. }) => {
                Failure::refused(
                    format!("there is a log at {url} already"),
                    "name an empty place: a log that is whole is never written over",
                )
            }
            Self::Embedded(OpenError::PartitionsDiffer { .. })
            | Self::Kafka(KafkaError::PartitionsDiffer { .. }) => Failure::refused(
                self,
                "the target is an unfinished copy of another log: name another place, or remove it",
            ),
            Self::Embedded(OpenError::NotALog { .. } | OpenError::PartitionsOutOfRange { .. }) => {
                Failure::config(self, "name an empty place")
            }
            Self::Embedded(OpenError::AlreadyOpen { .. }) => Failure::unreachable(
                self,
                "it is held by one process, such as another copy to the same place: wait until that is done",
            ),
            Self::Kafka(KafkaError::Security(_)) => {
                Failure::config(self, "set it by the variables LIENTHONG_KAFKA_…")
            }
            Self::Embedded(_) | Self::Kafka(_) => {
                Failure::unreachable(self, "mend what it names and run the same command again")
            }
            Self::Panicked => Failure::defect(self),
        }
    }
}
