//! What librdkafka is told. Each setting here is one that the log's promises rest on, or that keeps memory flat.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use serde::{Deserialize, Serialize};

use crate::address::KafkaAddress;
use crate::topic_ids;

/// How long a record may take from the queue to enough brokers; after that nobody knows.
pub const DELIVERY_MAX: Duration = Duration::from_secs(20);
/// The same while a copy is restored, which somebody watches: long enough for brokers to come back.
pub(crate) const RESTORE_MAX: Duration = Duration::from_secs(600);
/// The most bytes of a message and of a batch of them, for producer and topic alike. A record has at most
/// [`lienthong_log::RECORD_BYTES_MAX`], so it always fits.
pub const MESSAGE_BYTES_MAX: usize = 1_000_000;
/// How long one request to a broker may take.
pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(5);
/// What a reader of history fetches of one partition at once, and keeps in its queue of it, each.
const FETCH_BYTES_MAX: usize = 256 * 1024;
/// Records kept for sending at once, over all partitions.
pub(crate) const SENDING_RECORDS_MAX: usize = 10_000;
/// Of all of them together.
const SENDING_KIB_MAX: usize = 64 * 1024;
/// The group that readers must name and never join: nothing is committed, and no group ever exists.
const NO_GROUP: &str = "lienthong-assigns-by-itself";

/// How brokers are spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// In clear, and nobody is asked who they are. On a machine or network of one's own.
    #[default]
    Plaintext,
    /// TLS; with a certificate of one's own, the broker knows who it is.
    Ssl,
    /// User and password, in clear otherwise.
    SaslPlaintext,
    /// User and password over TLS.
    SaslSsl,
}

/// How a user proves to know the password, which never goes over the wire (RFC 5802).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// SCRAM with SHA-256.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// SCRAM with SHA-512.
    #[default]
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        })
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        })
    }
}

/// Who a client is to the brokers, and whom it believes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// How brokers are spoken to.
    pub protocol: Protocol,
    /// For the two SASL protocols.
    pub mechanism: Mechanism,
    /// For the two SASL protocols.
    pub username: Option<String>,
    /// File with the password, its first line; for the two SASL protocols.
    pub password_file: Option<PathBuf>,
    /// File with the certificates of authorities to believe, PEM; the system's when not given.
    pub ca_file: Option<PathBuf>,
    /// File with the client's own certificate, PEM.
    pub certificate_file: Option<PathBuf>,
    /// File with the key of that certificate, PEM.
    pub key_file: Option<PathBuf>,
}

/// A security setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecurityFault {
    /// SASL needs both.
    #[error("the protocol asks for a user name and a password file")]
    NoUser,
    /// The password cannot be had.
    #[error("cannot read the password file {path}: {problem}")]
    Password {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A certificate without its key, or the other way round.
    #[error("a certificate and its key are given together or not at all")]
    HalfACertificate,
}

impl Security {
    fn apply(&self, config: &mut ClientConfig) -> Result<(), SecurityFault> {
        config.set("security.protocol", self.protocol.to_string());
        if matches!(self.protocol, Protocol::SaslPlaintext | Protocol::SaslSsl) {
            let (Some(username), Some(path)) = (&self.username, &self.password_file) else {
                return Err(SecurityFault::NoUser);
            };
            let text = std::fs::read_to_string(path).map_err(|error| SecurityFault::Password {
                path: path.clone(),
                problem: error.to_string(),
            })?;
            config.set("sasl.mechanism", self.mechanism.to_string());
            config.set("sasl.username", username);
            config.set("sasl.password", text.lines().next().unwrap_or_default());
        }
        if self.certificate_file.is_some() != self.key_file.is_some() {
            return Err(SecurityFault::HalfACertificate);
        }
        let files = [
            ("ssl.ca.location", &self.ca_file),
            ("ssl.certificate.location", &self.certificate_file),
            ("ssl.key.location", &self.key_file),
        ];
        for (key, path) in files {
            if let Some(path) = path {
                config.set(key, path.display().to_string());
            }
        }
        Ok(())
    }
}

/// What every client is told.
pub(crate) fn client(address: &KafkaAddress, security: &Security) -> Result<ClientConfig, SecurityFault> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address.brokers())
        .set("client.id", "lienthong")
        .set("socket.timeout.ms", ms(2 * REQUEST_MAX))
        .set("socket.connection.setup.timeout.ms", ms(REQUEST_MAX))
        .set("socket.keepalive.enable", "true")
        .set("socket.nagle.disable", "true")
        // A broker that comes back is noticed within a second.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000");
    security.apply(&mut config)?;
    Ok(config)
}

/// For sending: an answer means that enough brokers have the record, once and in order.
pub(crate) fn producer(client: &ClientConfig) -> ClientConfig {
    let mut config = client.clone();
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "0")
        .set("message.timeout.ms", ms(DELIVERY_MAX))
        .set("request.timeout.ms", ms(2 * REQUEST_MAX))
        .set("retry.backoff.ms", "50")
        .set("compression.type", "lz4")
        .set("message.max.bytes", MESSAGE_BYTES_MAX.to_string())
        .set("queue.buffering.max.messages", SENDING_RECORDS_MAX.to_string())
        .set("queue.buffering.max.kbytes", SENDING_KIB_MAX.to_string());
    config
}

/// For restoring a copy: a record that fails must not be followed by those behind it, so a broken connection is waited out,
/// and what cannot be is the end of the producer.
pub(crate) fn restorer(client: &ClientConfig) -> ClientConfig {
    let mut config = producer(client);
    config.set("enable.gapless.guarantee", "true").set("message.timeout.ms", ms(RESTORE_MAX));
    config
}

/// For reading: partitions are assigned, offsets are ours, and nothing is skipped without an error.
fn reader(client: &ClientConfig) -> ClientConfig {
    let mut config = client.clone();
    config
        .set("group.id", NO_GROUP)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A transaction decides nothing here, and one that a stranger left open must not stop readers.
        .set("isolation.level", "read_uncommitted")
        // An offset that is gone is an error, never a jump.
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("allow.auto.create.topics", "false")
        .set("fetch.error.backoff.ms", "100")
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.message.max.bytes", FETCH_BYTES_MAX.to_string())
        .set("queued.max.messages.kbytes", (FETCH_BYTES_MAX / 1024).to_string());
    config
}

/// For the reader at the tail, which waits at the brokers for what comes.
pub(crate) fn tail(client: &ClientConfig) -> ClientConfig {
    let mut config = reader(client);
    listen(&mut config);
    config
        .set("fetch.wait.max.ms", "500")
        .set("queued.max.messages.kbytes", "8192")
        .set("statistics.interval.ms", ms(STATISTICS_EVERY));
    config
}

/// For readers of what lies before the tail, which is all there, and who want to know where a partition ends.
pub(crate) fn history(client: &ClientConfig) -> ClientConfig {
    let mut config = asking(client);
    listen(&mut config);
    config
}

/// For asking, and reading a record now and then.
pub(crate) fn asking(client: &ClientConfig) -> ClientConfig {
    let mut config = reader(client);
    config.set("fetch.wait.max.ms", "10").set("enable.partition.eof", "true");
    config
}

/// Lets a reader hear of topics that were made anew.
fn listen(config: &mut ClientConfig) {
    config.set("debug", topic_ids::DEBUG).set_log_level(RDKafkaLogLevel::Debug);
}

/// How often librdkafka says how it is doing.
pub(crate) const STATISTICS_EVERY: Duration = Duration::from_secs(2);

pub(crate) fn ms(duration: Duration) -> String {
    duration.as_millis().to_string()
}
