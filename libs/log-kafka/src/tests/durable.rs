//! What is answered stands on enough of three brokers.

use std::time::Duration;

use lienthong_broker::Options;
use lienthong_log::contract::record;
use lienthong_log::{AppendError, Condition, Copies, EventLog, Partition};
use rdkafka::admin::{AlterConfig, ResourceSpecifier};
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::{
    address_at, admin, append, cluster, condition, is_fine, names, open, options, stranger, timed, within,
};
use crate::address::Topic;
use crate::{KafkaAddress, KafkaLog, OpenError, Security, TopicPlan};

pub(super) async fn with_one_of_three_brokers_left_no_append_is_confirmed() {
    let cluster = cluster(Options { brokers: 3, ..Options::default() }).await;
    let address = address_at(cluster.bootstrap());
    let plan = TopicPlan { dossier_partitions: 3, replicas: None };
    KafkaLog::create(&address, &Security::default(), plan).await.unwrap();
    fewer_in_sync_are_refused(&address_at(cluster.bootstrap())).await;
    let log = open(&address).await;
    assert_eq!(log.copies(), Some(Copies { replicas: 3, in_sync_min: 2 }));
    // One whose leader is the one that is left, and would say yes to less than all.
    let partition = led_by_the_first(&address);
    append(&log, partition, "before").await;

    tokio::task::block_in_place(|| cluster.kill(1).and_then(|()| cluster.kill(2))).unwrap();
    let (took, answer) = timed(log.append(partition, record("open"))).await;
    assert!(matches!(answer, Err(AppendError::Unknown { .. })), "{answer:?}");
    assert!((15..30).contains(&took.as_secs()), "{took:?}");
    condition(&log, "brokers are missed", |condition| !condition.is_fine()).await;

    let back = || {
        cluster.start_again(1)?;
        cluster.start_again(2)?;
        cluster.wait_ready(1)?;
        cluster.wait_ready(2)
    };
    tokio::task::block_in_place(back).unwrap();
    append(&log, partition, "after").await;
    is_fine(&log).await;
    let mut found = names(&log, partition).await;
    assert_eq!(found, names(&open(&address).await, partition).await);
    found.retain(|name| name != "open");
    assert_eq!(found, ["before", "after"]);
}

/// The number of a dossier partition whose leader is the first broker, which Kafka counts from 1.
fn led_by_the_first(address: &KafkaAddress) -> Partition {
    let asking: BaseConsumer = stranger(address).create().unwrap();
    let name = address.topic(Topic::Dossiers);
    let metadata = asking.fetch_metadata(Some(&name), Duration::from_secs(10)).unwrap();
    let partitions = metadata.topics()[0].partitions();
    let led = partitions.iter().find(|partition| partition.leader() == 1).unwrap();
    Partition::Dossiers(u16::try_from(led.id()).unwrap())
}

/// Three replicas of which one is enough are no durable log.
async fn fewer_in_sync_are_refused(address: &KafkaAddress) {
    let plan = TopicPlan { dossier_partitions: 1, replicas: Some(3) };
    KafkaLog::create(address, &Security::default(), plan).await.unwrap();
    let name = address.topic(Topic::Reads);
    let mut change = AlterConfig::new(ResourceSpecifier::Topic(&name));
    for (key, value) in [
        ("retention.ms", "-1"),
        ("retention.bytes", "-1"),
        ("message.timestamp.type", "LogAppendTime"),
        ("min.insync.replicas", "1"),
    ] {
        change = change.set(key, value);
    }
    admin(address).alter_configs([&change], &options()).await.unwrap()[0].as_ref().unwrap();
    let refused = async {
        loop {
            match KafkaLog::open(address, &Security::default()).await {
                Err(OpenError::Wrong { condition }) => return condition,
                // All brokers have yet to hear of the change.
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let found: Condition = within(20, "fewer in sync are refused", refused).await;
    let what = format!("topic {name} has min.insync.replicas=1, and must have 2 or more");
    assert!(found.troubles.iter().any(|trouble| trouble.what == what), "{found}");
}
