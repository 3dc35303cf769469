//! Where a log on Kafka is: `HOST:PORT[,HOST:PORT]/PREFIX`.

use std::fmt;
use std::str::FromStr;

use lienthong_log::Partition;

/// The most characters of a prefix: topic names may have 249, and the longest name after the dot is `registry`.
const PREFIX_CHARS_MAX: usize = 200;
/// What names the topics unless told otherwise.
const PREFIX_DEFAULT: &str = "lienthong";

/// Brokers to ask first, and what the names of the log's topics begin with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KafkaAddress {
    brokers: String,
    prefix: String,
}

/// A text that is no address of a log on Kafka.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no address of a log on Kafka: {problem}")]
pub struct KafkaAddressFault {
    /// What was given.
    pub text: String,
    /// What is the matter with it.
    pub problem: &'static str,
}

/// One of a log's topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    Registry,
    Dossiers,
    Reads,
    Erasable,
    /// Empty, and there only while the others are filled from another log.
    Copying,
}

impl Topic {
    /// Those of a log.
    pub(crate) const ALL: [Self; 4] = [Self::Registry, Self::Dossiers, Self::Reads, Self::Erasable];

    pub(crate) fn of(partition: Partition) -> Self {
        match partition {
            Partition::Registry => Self::Registry,
            Partition::Dossiers(_) => Self::Dossiers,
            Partition::Reads => Self::Reads,
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Dossiers => "dossiers",
            Self::Reads => "reads",
            Self::Erasable => "erasable",
            Self::Copying => "copying",
        }
    }
}

/// The number of a partition within its topic.
pub(crate) fn number(partition: Partition) -> i32 {
    match partition {
        Partition::Registry | Partition::Reads => 0,
        Partition::Dossiers(number) => i32::from(number),
    }
}

impl KafkaAddress {
    /// The brokers, as librdkafka takes them.
    #[must_use]
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// What the names of the topics begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The name of a topic.
    pub(crate) fn topic(&self, topic: Topic) -> String {
        format!("{}.{}", self.prefix, topic.suffix())
    }
}

impl FromStr for KafkaAddress {
    type Err = KafkaAddressFault;

    fn from_str(text: &str) -> Result<Self, KafkaAddressFault> {
        let fault = |problem| KafkaAddressFault { text: text.to_owned(), problem };
        let (brokers, prefix) = text.split_once('/').unwrap_or((text, PREFIX_DEFAULT));
        let prefix = if prefix.is_empty() { PREFIX_DEFAULT } else { prefix };
        for broker in brokers.split(',') {
            let (host, port) = broker
                .rsplit_once(':')
                .ok_or_else(|| fault("each broker is HOST:PORT, with a comma between two"))?;
            if host.is_empty() || host.contains(char::is_whitespace) {
                return Err(fault("a broker has no host"));
            }
            if !port.parse::<u16>().is_ok_and(|port| port > 0) {
                return Err(fault("a broker's port is no number from 1 to 65535"));
            }
        }
        let is_legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        if !prefix.chars().all(is_legal) {
            return Err(fault("the prefix may have letters, digits, dots, underscores and hyphens"));
        }
        if prefix.len() > PREFIX_CHARS_MAX {
            return Err(fault("the prefix is longer than 200 characters"));
        }
        Ok(Self { brokers: brokers.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for KafkaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.brokers, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_brokers_and_a_prefix() {
        for (text, brokers, prefix) in [
            ("kafka-1:9092", "kafka-1:9092", "lienthong"),
            ("kafka-1:9092/", "kafka-1:9092", "lienthong"),
            ("127.0.0.1:1,[::1]:2/thanh-hoa.v1", "127.0.0.1:1,[::1]:2", "thanh-hoa.v1"),
        ] {
            let address: KafkaAddress = text.parse().unwrap();
            assert_eq!((address.brokers(), address.prefix()), (brokers, prefix));
            assert_eq!(address.to_string().parse(), Ok(address));
        }
        let address: KafkaAddress = "a:1/p".parse().unwrap();
        assert_eq!(address.topic(Topic::Dossiers), "p.dossiers");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "host", "host:", "host:0", ":1", "a:1,", "a:1/ü", "a:1/b/c", "a b:1", "a:70000"] {
            assert!(text.parse::<KafkaAddress>().is_err(), "{text}");
        }
        assert!(format!("a:1/{}", "p".repeat(201)).parse::<KafkaAddress>().is_err());
    }
}
