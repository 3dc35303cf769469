//! What librdkafka is told, where no behaviour of a healthy broker shows it.

use rdkafka::ClientConfig;

use crate::settings;
use crate::{KafkaAddress, Security};

fn client() -> ClientConfig {
    let address: KafkaAddress = "a:1,b:2/prefix".parse().unwrap();
    settings::client(&address, &Security::default()).unwrap()
}

fn check(config: &ClientConfig, expected: &[(&str, &str)]) {
    for (key, value) in expected {
        assert_eq!(config.get(key), Some(*value), "{key}");
    }
}

#[test]
fn the_producer_answers_once_enough_brokers_have_a_record_once_and_in_order() {
    let config = settings::producer(&client());
    check(
        &config,
        &[
            ("bootstrap.servers", "a:1,b:2"),
            ("acks", "all"),
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("message.timeout.ms", "20000"),
            ("compression.type", "lz4"),
            ("message.max.bytes", "1000000"),
            ("queue.buffering.max.messages", "10000"),
        ],
    );
}

#[test]
fn every_reader_takes_all_that_is_there_and_skips_nothing() {
    for made in [settings::tail, settings::history, settings::asking] {
        check(
            &made(&client()),
            &[
                ("isolation.level", "read_uncommitted"),
                ("auto.offset.reset", "error"),
                ("check.crcs", "true"),
                ("fetch.queue.backoff.ms", "5"),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                ("allow.auto.create.topics", "false"),
            ],
        );
    }
}
