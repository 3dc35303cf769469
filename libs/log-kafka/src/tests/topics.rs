//! What topics must be before a record is trusted to them.

use std::process::Command;

use lienthong_broker::{Cluster, Options};
use lienthong_log::{Condition, EventLog, Partition};
use rdkafka::admin::{AlterConfig, NewPartitions, ResourceSpecifier};
use rdkafka::{Offset, TopicPartitionList};

use super::{
    DOSSIERS, PLAN, address, address_at, admin, append, cluster, condition, create, is_fine, open, options,
    says, until,
};
use crate::address::{KafkaAddress, Topic};
use crate::{KafkaLog, OpenError, Security};

const RECORDS_KEPT: &[(&str, &str)] =
    &[("retention.ms", "-1"), ("retention.bytes", "-1"), ("message.timestamp.type", "LogAppendTime")];
const COMPACTED: &[(&str, &str)] = &[
    ("cleanup.policy", "compact"),
    ("min.compaction.lag.ms", "86400000"),
    ("message.timestamp.type", "LogAppendTime"),
];

/// Gives a topic the settings of a log but for one.
async fn change(address: &KafkaAddress, topic: Topic, name: &str, value: &str) {
    let own = if topic == Topic::Erasable { COMPACTED } else { RECORDS_KEPT };
    let topic = address.topic(topic);
    let mut change = AlterConfig::new(ResourceSpecifier::Topic(&topic));
    for (key, kept) in own.iter().filter(|(key, _)| *key != name) {
        change = change.set(key, kept);
    }
    change = change.set("max.message.bytes", "1000000").set(name, value);
    admin(address).alter_configs([&change], &options()).await.unwrap()[0].as_ref().unwrap();
}

async fn refused(address: &KafkaAddress) -> Condition {
    let mut found = None;
    // The broker says that it is changed before it knows.
    until(10, "the log is refused", async || {
        found = match KafkaLog::open(address, &Security::default()).await {
            Err(OpenError::Wrong { condition }) => Some(condition),
            Ok(_) => None,
            Err(error) => panic!("{error}"),
        };
        found.is_some()
    })
    .await;
    found.unwrap()
}

async fn opens(address: &KafkaAddress) {
    until(10, "the log opens", async || KafkaLog::open(address, &Security::default()).await.is_ok()).await;
}

/// Kafka's own program for the command that a trouble names.
fn tool(cluster: &Cluster, command: &str) -> Command {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("kafka-configs.sh"));
    cluster.tool("kafka.admin.ConfigCommand", words)
}

pub(super) async fn a_wrong_setting_is_refused_with_the_command_that_mends_it() {
    let cluster = cluster(Options::default()).await;
    let address = address_at(cluster.bootstrap());
    create(&address).await;
    opens(&address).await;
    for (topic, name, wrong, wanted, by_tool) in [
        (Topic::Registry, "cleanup.policy", "compact", "delete", false),
        (Topic::Dossiers, "retention.ms", "604800000", "-1", true),
        (Topic::Reads, "retention.bytes", "1000000000", "-1", false),
        (Topic::Dossiers, "message.timestamp.type", "CreateTime", "LogAppendTime", false),
        (Topic::Registry, "unclean.leader.election.enable", "true", "false", false),
        (Topic::Dossiers, "max.message.bytes", "999999", "1000000", true),
        (Topic::Erasable, "max.message.bytes", "999999", "1000000", false),
        (Topic::Erasable, "cleanup.policy", "delete", "compact", false),
        (Topic::Erasable, "cleanup.policy", "compact,delete", "compact", true),
        (Topic::Erasable, "min.compaction.lag.ms", "1000", "86400000", false),
    ] {
        change(&address, topic, name, wrong).await;
        let found = refused(&address).await;
        let [trouble] = &*found.troubles else { panic!("{found}") };
        let topic_name = address.topic(topic);
        let said = format!("topic {topic_name} has {name}={wrong}, and must have {wanted}");
        assert!(trouble.what.starts_with(&said), "{trouble}");
        let mend = trouble.mend.as_deref().unwrap();
        let expected = format!(
            "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {topic_name} \
             --add-config {name}={wanted}",
            address.brokers()
        );
        assert_eq!(mend, expected);
        if by_tool {
            let ran = tokio::task::block_in_place(|| tool(&cluster, mend).output()).unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        } else {
            change(&address, topic, name, wanted).await;
        }
        opens(&address).await;
    }
}

pub(super) async fn a_setting_changed_under_an_open_log_is_said_until_it_is_mended() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    change(&address, Topic::Dossiers, "retention.ms", "1000").await;
    let what = format!("topic {} has retention.ms=1000", address.topic(Topic::Dossiers));
    let found = condition(&log, "it is said", |condition| says(condition, &what)).await;
    assert!(found.troubles[0].mend.is_some());
    change(&address, Topic::Dossiers, "retention.ms", "-1").await;
    is_fine(&log).await;
    append(&log, DOSSIERS, "after it").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_lacks_a_topic_names_the_command_that_makes_one() {
    let address = address().await;
    let missing = || async {
        match KafkaLog::open(&address, &Security::default()).await.err() {
            Some(error @ OpenError::Missing { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let said = missing().await;
    assert!(said.contains(&format!("`lienthong registry init --log kafka://{address}`")), "{said}");
    create(&address).await;
    let name = address.topic(Topic::Reads);
    admin(&address).delete_topics(&[&name], &options()).await.unwrap()[0].as_ref().unwrap();
    until(10, "the topic is gone", async || KafkaLog::open(&address, &Security::default()).await.is_err())
        .await;
    let deleted = || async {
        match KafkaLog::open(&address, &Security::default()).await.err() {
            Some(error @ OpenError::Deleted { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let said = deleted().await;
    assert!(said.contains(&name) && said.contains("lienthong log copy"), "{said}");

    // Nothing was written yet, so it is made again; once something was, an empty topic would not be what is missing.
    create(&address).await;
    let log = open(&address).await;
    append(&log, Partition::Registry, "the genesis").await;
    log.close().await;
    admin(&address).delete_topics(&[&name], &options()).await.unwrap()[0].as_ref().unwrap();
    until(10, "the topic is gone", async || KafkaLog::open(&address, &Security::default()).await.is_err())
        .await;
    let made = KafkaLog::create(&address, &Security::default(), PLAN).await;
    assert!(matches!(made, Err(OpenError::Deleted { .. })), "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_first_records_were_deleted_is_refused() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    for number in 0..3 {
        append(&log, DOSSIERS, &number.to_string()).await;
    }
    let name = address.topic(Topic::Dossiers);
    let mut until = TopicPartitionList::new();
    until.add_partition_offset(&name, 0, Offset::Offset(2)).unwrap();
    admin(&address).delete_records(&until, &options()).await.unwrap();
    match KafkaLog::open(&address, &Security::default()).await.err() {
        Some(OpenError::Cut { topic, partition, start }) => {
            assert_eq!((topic, partition, start), (name, 0, 2));
        }
        other => panic!("{other:?}"),
    }
    // What was read before is still known.
    assert_eq!(log.end(DOSSIERS).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_added_under_an_open_log_are_said() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    let name = address.topic(Topic::Dossiers);
    let more = NewPartitions::new(&name, 5);
    admin(&address).create_partitions([&more], &options()).await.unwrap()[0].as_ref().unwrap();
    let what = "had 3 dossier partitions and now has 5";
    condition(&log, "it is said", |condition| says(condition, what)).await;
    append(&log, DOSSIERS, "still").await;
}
