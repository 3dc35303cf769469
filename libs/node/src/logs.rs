//! Opening the log that a URL names.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use lienthong_log::EventLog;
use lienthong_log_embedded::{EmbeddedLog, OpenError};
use lienthong_log_kafka::{
    KafkaAddress, KafkaAddressFault, KafkaLog, OpenError as KafkaError, Security, TopicPlan,
};
use serde::{Deserialize, Serialize};

/// How often a log is tried again that another process holds.
const HELD_TRIES_MAX: u32 = 10;
/// How long to wait before each.
const HELD_PAUSE: Duration = Duration::from_millis(100);

/// Where keys and projections of a log without a folder are, under its prefix.
const FOLDER_DEFAULT: &str = "lienthong-data";

/// Where a log is: `embedded:DIR` or `kafka://HOST:PORT[,HOST:PORT]/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LogUrl {
    /// One file in this folder, held by one process.
    Embedded(PathBuf),
    /// Topics of Kafka's, shared by any number of processes.
    Kafka(KafkaAddress),
}

/// A text that names no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogUrlFault {
    /// It is of neither kind.
    #[error("{text:?} names no log; write embedded:DIR or kafka://HOST:PORT/PREFIX")]
    Kind {
        /// What was given.
        text: String,
    },
    /// The brokers or the prefix.
    #[error(transparent)]
    Kafka(#[from] KafkaAddressFault),
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenLogError {
    /// The embedded log.
    #[error(transparent)]
    Embedded(#[from] OpenError),
    /// The log on Kafka.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// A defect of ours.
    #[error("opening the log panicked")]
    Panicked,
}

impl OpenLogError {
    /// Whether opening may end better later, without anything changed on this machine.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Kafka(error) => error.passes(),
            Self::Embedded(_) | Self::Panicked => false,
        }
    }
}

impl FromStr for LogUrl {
    type Err = LogUrlFault;
    fn from_str(text: &str) -> Result<Self, LogUrlFault> {
        match text.split_once(':') {
            Some(("embedded", dir)) if !dir.is_empty() => Ok(Self::Embedded(PathBuf::from(dir))),
            Some(("kafka", address)) if address.starts_with("//") => Ok(Self::Kafka(address[2..].parse()?)),
            Some(_) | None => Err(LogUrlFault::Kind { text: text.to_owned() }),
        }
    }
}

impl TryFrom<String> for LogUrl {
    type Error = LogUrlFault;
    fn try_from(text: String) -> Result<Self, LogUrlFault> {
        text.parse()
    }
}

impl From<LogUrl> for String {
    fn from(url: LogUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for LogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(dir) => write!(f, "embedded:{}", dir.display()),
            Self::Kafka(address) => write!(f, "kafka://{address}"),
        }
    }
}

impl LogUrl {
    /// The folder for keys and projections when none is named.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Embedded(dir) => dir.clone(),
            Self::Kafka(address) => Path::new(FOLDER_DEFAULT).join(address.prefix()),
        }
    }
}

/// Opens the log, as `security` has it where it is on Kafka; with `partitions`, makes it where there is none.
///
/// # Errors
/// It is not there, it is held by another process, or it cannot be read.
pub async fn open_log(
    url: &LogUrl,
    security: &Security,
    partitions: Option<u16>,
) -> Result<Arc<dyn EventLog>, OpenLogError> {
    match url {
        LogUrl::Embedded(dir) => open_embedded(dir, partitions).await,
        LogUrl::Kafka(address) => {
            if let Some(dossier_partitions) = partitions {
                let plan = TopicPlan { dossier_partitions, replicas: None };
                KafkaLog::create(address, security, plan).await?;
            }
            Ok(Arc::new(KafkaLog::open(address, security).await?))
        }
    }
}

async fn open_embedded(dir: &Path, partitions: Option<u16>) -> Result<Arc<dyn EventLog>, OpenLogError> {
    let mut tries = 0;
    loop {
        let dir = dir.to_owned();
        let open = move || match partitions {
            Some(partitions) => EmbeddedLog::open_or_create(&dir, partitions),
            None => EmbeddedLog::open(&dir),
        };
        match tokio::task::spawn_blocking(open).await.map_err(|_| OpenLogError::Panicked)? {
            Ok(log) => return Ok(Arc::new(log)),
            // The process that held it may just be ending; nothing tells when it has.
            Err(OpenError::AlreadyOpen { .. }) if tries < HELD_TRIES_MAX => tries += 1,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(HELD_PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_named_by_its_kind_and_place() {
        let url: LogUrl = "embedded:/var/lib/lienthong".parse().unwrap();
        assert_eq!(url, LogUrl::Embedded(PathBuf::from("/var/lib/lienthong")));
        assert_eq!(url.to_string(), "embedded:/var/lib/lienthong");
        let url: LogUrl = "kafka://a:1,b:2/thanh-hoa".parse().unwrap();
        assert_eq!(url.to_string(), "kafka://a:1,b:2/thanh-hoa");
        assert_eq!("kafka://a:1".parse::<LogUrl>().unwrap().to_string(), "kafka://a:1/lienthong");
        for wrong in ["", "embedded:", "/var/lib", "http://x", "kafka:a:1/p", "kafka://", "kafka://a/p"] {
            assert!(wrong.parse::<LogUrl>().is_err(), "{wrong}");
        }
    }
}
