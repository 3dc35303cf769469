//! What every command has that reads or adds to a registry: where the log is, and who signs.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use lienthong_log::EventLog;
use lienthong_log_embedded::OpenError;
use lienthong_log_kafka::OpenError as KafkaError;
use lienthong_node::{
    Charter, CharterError, KeyFolder, LogUrl, OpenLogError, Publication, PublishError, Published,
    SHIPPED_TEXTS, open_log, publish, telemetry,
};
use lienthong_registry::Change;
use lienthong_seal::SigningKey;
use lienthong_wire::stored::revision::Texts;

use crate::commands::security;
use crate::exit::{Failure, with_causes};
use crate::passphrase::{advice, key_folder};

const AGAIN: &str = "run the same command again";

/// Where the registry is.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// The log: embedded:DIR (its services stopped) or kafka://HOST:PORT[,HOST:PORT]/PREFIX
    #[arg(long, value_name = "URL", default_value = "embedded:lienthong-data")]
    log: LogUrl,
    /// Folder of the keys [default: the log's own]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

/// An open log and its registry.
pub(crate) struct Opened {
    log: Arc<dyn EventLog>,
    pub(crate) charter: Charter,
}

impl At {
    /// Opens the log and reads its registry. Whoever opens it closes it.
    pub(crate) async fn open(&self) -> Result<Opened, Failure> {
        telemetry::start(&self.log_filter);
        let opened = open_log(&self.log, &security()?, None).await;
        let log = opened.map_err(|error| unopened(&self.log, &error))?;
        match Charter::open(log.as_ref(), None).await {
            Ok(charter) => Ok(Opened { log, charter }),
            Err(error) => {
                log.close().await;
                Err(no_registry(&self.log, &error))
            }
        }
    }

    /// The folder of keys.
    pub(crate) fn keys(&self) -> Result<KeyFolder, Failure> {
        let dir = self.dir.clone().unwrap_or_else(|| self.log.folder());
        key_folder(&dir).map_err(|error| {
            Failure::config(with_causes(&error), advice(&error, "mend that, or name another --dir"))
        })
    }

    /// The authority's key, which must be there.
    pub(crate) fn authority(&self) -> Result<SigningKey, Failure> {
        authority_of(&self.keys()?)
    }
}

/// The authority's key in a folder.
pub(super) fn authority_of(keys: &KeyFolder) -> Result<SigningKey, Failure> {
    keys.existing_authority().map_err(|error| {
        Failure::config(
            with_causes(&error),
            advice(&error, "put keys/authority.key of this log into the folder, or name --dir"),
        )
    })
}

impl Opened {
    /// Publishes a change; none when the registry says it already.
    pub(crate) async fn publish(
        &self,
        change: &Change,
        authority: &SigningKey,
    ) -> Result<Option<Published>, Failure> {
        self.publish_with(change, &SHIPPED_TEXTS, authority).await
    }

    /// The same for a change that names calendars or rates of these texts.
    pub(crate) async fn publish_with(
        &self,
        change: &Change,
        texts: &Texts<'_>,
        authority: &SigningKey,
    ) -> Result<Option<Published>, Failure> {
        let publication = Publication { change, rules: None, texts, signer: authority };
        match publish(self.log.as_ref(), &publication).await {
            Ok(published) => Ok(Some(published)),
            Err(PublishError::Nothing) => Ok(None),
            Err(error) => Err(unpublished(&error)),
        }
    }

    pub(crate) async fn close(self) {
        self.log.close().await;
    }
}

fn unopened(url: &LogUrl, error: &OpenLogError) -> Failure {
    match error {
        OpenLogError::Embedded(OpenError::Missing { .. })
        | OpenLogError::Kafka(KafkaError::Missing { .. }) => Failure::config(
            format!("there is no log at {url}"),
            "make one with `lienthong registry init`, or name it with --log",
        ),
        OpenLogError::Embedded(OpenError::AlreadyOpen { .. }) => Failure::unreachable(
            error,
            "an embedded log is held by one process: stop its services, run this, and start them again",
        ),
        OpenLogError::Embedded(_) | OpenLogError::Kafka(_) | OpenLogError::Panicked => {
            Failure::unreachable(error, "mend what it names and run the same command again")
        }
    }
}

fn no_registry(url: &LogUrl, error: &CharterError) -> Failure {
    match error {
        CharterError::Empty | CharterError::Unfinished { .. } => {
            Failure::config(with_causes(error), "make its genesis with `lienthong registry init`")
        }
        CharterError::OtherGenesis
        | CharterError::Gaps { .. }
        | CharterError::Genesis(_)
        | CharterError::Unwritten(_)
        | CharterError::Registry(_)
        | CharterError::OtherLog { .. }
        | CharterError::Read(_)
        | CharterError::Append(_)
        | CharterError::Key(_)
        | CharterError::Training(_) => {
            Failure::unreachable(error, format!("look whether {url} is the log that you mean"))
        }
    }
}

fn unpublished(error: &PublishError) -> Failure {
    match error {
        PublishError::NotAuthority => {
            Failure::refused(error, "only the registry's authority publishes: give its key with --dir")
        }
        PublishError::UnderWay { .. } => Failure::refused(
            error,
            "wait until that is done, or half a minute after it was stopped, and run this again",
        ),
        PublishError::Overtaken { .. } => Failure::refused(error, AGAIN),
        PublishError::Registry(_) | PublishError::Revision(_) => {
            Failure::refused(with_causes(error), "mend what it names; nothing was published")
        }
        PublishError::Unknown { .. } => {
            Failure::unreachable(error, "look at the registry first; publish again only what is not in it")
        }
        PublishError::Fence { .. } => Failure::unreachable(error, "start a service, if none runs"),
        PublishError::Nothing
        | PublishError::Unreadable(_)
        | PublishError::Charter(_)
        | PublishError::Read(_)
        | PublishError::Append(_) => Failure::unreachable(error, AGAIN),
    }
}
