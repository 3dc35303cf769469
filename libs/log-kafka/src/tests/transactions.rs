//! Transactions of strangers, which decide nothing.

use std::time::Duration;

use lienthong_log::contract::EVERY_KIND;
use lienthong_log::{EventLog, Partition, ReadLimit};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{DOSSIERS, address, append, create, names, open, stranger, within};
use crate::address::{KafkaAddress, Topic, number};
use crate::{LOOK_EVERY, STILL_MAX};

const MAX: Duration = Duration::from_secs(20);

/// A transaction that has a record in each of these partitions, and goes on.
fn begin(address: &KafkaAddress, partitions: &[Partition]) -> BaseProducer {
    let producer: BaseProducer =
        stranger(address).set("transactional.id", address.prefix()).create().unwrap();
    producer.init_transactions(MAX).unwrap();
    producer.begin_transaction().unwrap();
    for partition in partitions {
        let topic = address.topic(Topic::of(*partition));
        let message = BaseRecord::to(&topic).partition(number(*partition)).key("foreign").payload("");
        producer.send(message).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(MAX).unwrap();
    producer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_transaction_stops_nobody() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    let _open = tokio::task::block_in_place(|| begin(&address, &[DOSSIERS]));
    let offset = within(10, "an append behind it", append(&log, DOSSIERS, "behind it")).await;
    assert_eq!(offset, 1);
    assert_eq!(names(&log, DOSSIERS).await, ["foreign", "behind it"]);
    let anew = open(&address).await;
    assert_eq!(anew.end(DOSSIERS).await.unwrap(), 2);
    assert_eq!(names(&anew, DOSSIERS).await, ["foreign", "behind it"]);
}

pub(super) async fn the_end_of_a_transaction_is_no_record_and_nobody_waits_for_it() {
    let address = address().await;
    create(&address).await;
    let log = open(&address).await;
    for partition in EVERY_KIND {
        append(&log, partition, "ours").await;
    }
    tokio::task::block_in_place(|| begin(&address, &EVERY_KIND).abort_transaction(MAX)).unwrap();
    let anew = open(&address).await;
    for log in [&log, &anew] {
        for partition in EVERY_KIND {
            let mut tail = log.tail(partition).unwrap();
            assert_eq!(*within(5, "it is read", tail.wait_for(|end| *end >= 2)).await.unwrap(), 2);
            assert_eq!(names(log, partition).await, ["ours", "foreign"]);
            assert_eq!(log.read(partition, 2, ReadLimit::default()).await.unwrap(), []);
        }
    }
    // Long enough for a watchdog that mistakes it for a record.
    let calm = async |log: &crate::KafkaLog| {
        let mut condition = log.condition();
        assert!(condition.borrow_and_update().is_fine());
        let said = tokio::time::timeout(STILL_MAX + 2 * LOOK_EVERY, condition.changed()).await;
        assert!(said.is_err(), "{}", *condition.borrow());
    };
    futures::future::join(calm(&log), calm(&anew)).await;
    for (log, offset) in [(&log, 3), (&anew, 4)] {
        assert_eq!(append(log, DOSSIERS, "behind it").await, offset);
    }
    assert_eq!(names(&anew, DOSSIERS).await, ["ours", "foreign", "behind it", "behind it"]);
}
