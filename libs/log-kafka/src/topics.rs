//! The topics of a log: how they are made, and what must be so before a record is trusted to them.
//!
//! | topic | partitions | what |
//! |---|---|---|
//! | `PREFIX.registry` | 1 | the registry |
//! | `PREFIX.dossiers` | P, for good | the dossiers |
//! | `PREFIX.reads` | 1 | who read personal data |
//! | `PREFIX.erasable` | 1, compacted | the erasable halves of data keys |

use lienthong_log::{Copies, Trouble};
use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigResource, NewTopic, OwnedResourceSpecifier,
    ResourceSpecifier, TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::address::{KafkaAddress, Topic};
use crate::beside::{in_time, let_go};
use crate::context::Context;
use crate::error::OpenError;
use crate::settings::{MESSAGE_BYTES_MAX, REQUEST_MAX};

/// A lost race for an erasable value must be put right before it is compacted away; see `erasables`.
const COMPACTION_LAG_MS: &str = "86400000";
/// An erased value is gone from the brokers' disks at the latest after this.
const COMPACTION_LAG_MAX_MS: &str = "604800000";
/// A segment is closed after this, since what is being written is never compacted.
const SEGMENT_MS: &str = "86400000";
/// As far from the broker's clock as can be.
const ANY_TIME_MS: &str = "9223372036854775807";

/// How the topics of a new log are made.
#[derive(Clone, Copy, Debug)]
pub struct TopicPlan {
    /// Dossier partitions, for good.
    pub dossier_partitions: u16,
    /// Brokers that keep each record; three where there are as many, else all, unless said.
    pub replicas: Option<u16>,
}

/// Where a topic gets its append times from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// The broker's clock.
    LogAppend,
    /// Whoever writes: while a log is being copied here.
    Given,
}

impl Times {
    fn value(self) -> &'static str {
        match self {
            Self::LogAppend => "LogAppendTime",
            Self::Given => "CreateTime",
        }
    }
}

/// How many brokers must have a record before an append is answered.
pub(crate) fn in_sync_min(replicas: u16) -> u16 {
    if replicas >= 3 { 2 } else { 1 }
}

/// One setting of a topic, and what it must be.
struct Setting {
    name: &'static str,
    value: String,
    /// Whether a larger number does as well.
    at_least: bool,
}

fn settings(topic: Topic, replicas: u16, times: Times) -> Vec<Setting> {
    let exact = |name, value: &str| Setting { name, value: value.to_owned(), at_least: false };
    let at_least = |name, value: String| Setting { name, value, at_least: true };
    let mut settings = vec![
        exact("unclean.leader.election.enable", "false"),
        at_least("min.insync.replicas", in_sync_min(replicas).to_string()),
        at_least("max.message.bytes", MESSAGE_BYTES_MAX.to_string()),
    ];
    match topic {
        Topic::Registry | Topic::Dossiers | Topic::Reads | Topic::Copying => settings.extend([
            exact("cleanup.policy", "delete"),
            exact("retention.ms", "-1"),
            exact("retention.bytes", "-1"),
            exact("message.timestamp.type", times.value()),
        ]),
        Topic::Erasable => settings.extend([
            exact("cleanup.policy", "compact"),
            // Whose clock is wrong must not bring compaction forward.
            exact("message.timestamp.type", Times::LogAppend.value()),
            at_least("min.compaction.lag.ms", COMPACTION_LAG_MS.to_owned()),
        ]),
    }
    settings
}

/// Settings that are given to a new topic and may be changed afterwards.
fn suggestions(topic: Topic, times: Times) -> Vec<(&'static str, &'static str)> {
    let mut suggestions = match topic {
        // The copies on the brokers keep the compression of what was sent.
        Topic::Registry | Topic::Dossiers | Topic::Reads | Topic::Copying => {
            vec![("compression.type", "producer")]
        }
        Topic::Erasable => vec![("max.compaction.lag.ms", COMPACTION_LAG_MAX_MS), ("segment.ms", SEGMENT_MS)],
    };
    if times == Times::Given {
        // The clock of whoever made the source may have been ahead of this one.
        suggestions.push(("message.timestamp.after.max.ms", ANY_TIME_MS));
    }
    suggestions
}

pub(crate) fn admin(client: &ClientConfig) -> Result<AdminClient<Context>, KafkaError> {
    client.create_with_context(Context::default())
}

/// Asks by a client of its own, which is let go of then.
pub(crate) async fn asked<T>(
    client: &ClientConfig,
    ask: impl AsyncFnOnce(&AdminClient<Context>) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let admin = admin(client).map_err(OpenError::Client)?;
    let answer = in_time(ask(&admin)).await;
    let_go(admin);
    answer?
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(2 * REQUEST_MAX)).operation_timeout(Some(2 * REQUEST_MAX))
}

/// Makes the topics that are not there.
pub(crate) async fn create(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    dossier_partitions: u16,
    replicas: u16,
    times: Times,
) -> Result<(), OpenError> {
    for topic in Topic::ALL {
        let partitions = if topic == Topic::Dossiers { dossier_partitions } else { 1 };
        make(admin, address, topic, partitions, replicas, times).await?;
    }
    Ok(())
}

/// Makes a topic unless it is there.
async fn make(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    topic: Topic,
    partitions: u16,
    replicas: u16,
    times: Times,
) -> Result<(), OpenError> {
    let name = address.topic(topic);
    let replication = TopicReplication::Fixed(i32::from(replicas));
    let settings = settings(topic, replicas, times);
    let mut fresh = NewTopic::new(&name, i32::from(partitions), replication);
    for setting in &settings {
        fresh = fresh.set(setting.name, &setting.value);
    }
    for (key, value) in suggestions(topic, times) {
        fresh = fresh.set(key, value);
    }
    let made = admin.create_topics([&fresh], &options()).await.map_err(OpenError::brokers(address))?;
    for outcome in made {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(OpenError::NotMade { topic, code }),
        }
    }
    Ok(())
}

/// Sets where append times come from, with everything else that a topic must have.
pub(crate) async fn configure(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    replicas: u16,
    times: Times,
) -> Result<(), OpenError> {
    for topic in Topic::ALL {
        let name = address.topic(topic);
        let settings = settings(topic, replicas, times);
        let mut change = AlterConfig::new(ResourceSpecifier::Topic(&name));
        for setting in &settings {
            change = change.set(setting.name, &setting.value);
        }
        for (key, value) in suggestions(topic, times) {
            change = change.set(key, value);
        }
        let changed =
            admin.alter_configs([&change], &options()).await.map_err(OpenError::brokers(address))?;
        for outcome in changed {
            outcome.map_err(|(_, code)| OpenError::NotMade { topic: name.clone(), code })?;
        }
    }
    Ok(())
}

/// What is wrong with the settings of the topics.
pub(crate) async fn check(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    replicas: u16,
    times: Times,
) -> Result<Vec<Trouble>, OpenError> {
    let names = Topic::ALL.map(|topic| address.topic(topic));
    let asked: Vec<_> = names.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
    let described = admin.describe_configs(&asked, &options()).await.map_err(OpenError::brokers(address))?;
    // In whatever order the brokers answer. What they do not tell has no entries: rdkafka drops the reason.
    let described: Vec<ConfigResource> = described.into_iter().flatten().collect();
    let mut troubles = Vec::new();
    for (topic, name) in Topic::ALL.into_iter().zip(names) {
        let asked = OwnedResourceSpecifier::Topic(name.clone());
        let told = |resource: &&ConfigResource| resource.specifier == asked && !resource.entries.is_empty();
        let Some(described) = described.iter().find(told) else {
            return Err(OpenError::Settings { topic: name });
        };
        troubles.extend(faults(address, topic, replicas, times, described));
    }
    Ok(troubles)
}

/// Marks the topics as a copy that is not finished, before the first of them is there.
pub(crate) async fn begin_copy(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    replicas: u16,
) -> Result<(), OpenError> {
    make(admin, address, Topic::Copying, 1, replicas, Times::Given).await
}

/// Takes the mark away, after all else is done.
pub(crate) async fn end_copy(admin: &AdminClient<Context>, address: &KafkaAddress) -> Result<(), OpenError> {
    let name = address.topic(Topic::Copying);
    let gone = admin.delete_topics(&[&name], &options()).await.map_err(OpenError::brokers(address))?;
    for outcome in gone {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
            Err((topic, code)) => return Err(OpenError::NotMade { topic, code }),
        }
    }
    Ok(())
}

fn faults(
    address: &KafkaAddress,
    topic: Topic,
    replicas: u16,
    times: Times,
    described: &ConfigResource,
) -> Vec<Trouble> {
    let name = address.topic(topic);
    let wrong = settings(topic, replicas, times).into_iter().filter_map(|setting| {
        let found = described.get(setting.name).and_then(|entry| entry.value.as_deref()).unwrap_or("not set");
        let fits = match (setting.at_least, found.parse::<i64>(), setting.value.parse::<i64>()) {
            (true, Ok(found), Ok(wanted)) => found >= wanted,
            _ => found == setting.value,
        };
        (!fits).then(|| trouble(address, &name, &setting, found))
    });
    wrong.collect()
}

fn trouble(address: &KafkaAddress, topic: &str, setting: &Setting, found: &str) -> Trouble {
    let Setting { name, value, at_least } = setting;
    let more = if *at_least { " or more" } else { "" };
    Trouble {
        what: format!("topic {topic} has {name}={found}, and must have {value}{more}"),
        mend: Some(format!(
            "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {topic} --add-config \
             {name}={value}",
            address.brokers()
        )),
    }
}

/// What the log keeps of each record, from the topics' own settings.
pub(crate) fn copies(replicas: u16) -> Copies {
    Copies { replicas, in_sync_min: in_sync_min(replicas) }
}
