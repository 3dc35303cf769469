//! Three brokers.

use lienthong_broker::{Cluster, Options};

use crate::support::{receive, send, topics};

#[test]
fn two_of_three_brokers_take_records_and_the_third_comes_back() {
    // Sooner than by default, a broker that is not heard of is taken out of service.
    let extra = vec![("broker.session.timeout.ms".to_owned(), "3000".to_owned())];
    let cluster = Cluster::start(Options { brokers: 3, extra, ..Options::default() }).unwrap();
    assert_eq!(cluster.bootstrap().split(',').count(), 3);
    topics(&cluster, &["--create", "--topic", "kept"]);
    let described = topics(&cluster, &["--describe", "--topic", "kept"]);
    assert!(described.contains("ReplicationFactor: 3"), "{described}");
    assert!(described.contains("min.insync.replicas=2"), "{described}");

    cluster.kill(0).unwrap();
    send(&cluster, "kept", "by two");
    cluster.restart(0).unwrap();
    cluster.wait_in_sync().unwrap();
    assert_eq!(receive(&cluster, "kept", 1), ["by two"]);
}
