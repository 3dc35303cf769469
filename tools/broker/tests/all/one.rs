//! One broker.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lienthong_broker::{BrokerError, Cluster, Options, fresh_prefix, shared};
use tempfile::TempDir;

use crate::support::{receive, send, topics};

#[test]
fn what_a_broker_has_acknowledged_outlives_its_kill_and_in_a_folder_of_ones_own_its_cluster() {
    let dir = TempDir::new().unwrap();
    let options = Options { dir: Some(dir.path().to_owned()), ..Options::default() };
    let cluster = Cluster::start(options.clone()).unwrap();
    topics(&cluster, &["--create", "--topic", "kept"]);
    send(&cluster, "kept", "one");
    cluster.kill(0).unwrap();
    assert!(!cluster.is_running(0));
    assert!(TcpStream::connect(cluster.bootstrap()).is_err());
    assert!(matches!(cluster.pause(0), Err(BrokerError::NotRunning { broker: 0 })));
    cluster.restart(0).unwrap();
    assert_eq!(topics(&cluster, &["--list"]), "kept\n");
    cluster.stop();

    let three = Cluster::start(Options { brokers: 3, ..options.clone() });
    assert!(matches!(three, Err(BrokerError::BadOptions { .. })));
    let cluster = Cluster::start(options).unwrap();
    assert_eq!(receive(&cluster, "kept", 1), ["one"]);
}

#[test]
fn a_paused_broker_answers_when_it_goes_on() {
    // `ApiVersions` of version 0: length; API key 18, version; correlation id; no client id.
    const QUESTION: &[u8] = b"\0\0\0\x0a\0\x12\0\0\0\0\0\x07\xff\xff";
    let cluster = Cluster::start(Options::default()).unwrap();
    let mut stream = TcpStream::connect(cluster.bootstrap()).unwrap();
    cluster.pause(0).unwrap();
    assert!(cluster.is_running(0));
    stream.write_all(QUESTION).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut answer = [0; 8];
    assert_eq!(stream.read(&mut answer).unwrap_err().kind(), ErrorKind::WouldBlock);
    cluster.resume(0).unwrap();
    stream.set_read_timeout(None).unwrap();
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[4..], QUESTION[8..12]);
}

#[test]
fn the_shared_broker_is_one_and_each_prefix_another() {
    let address = shared();
    assert!(TcpStream::connect(address.split(',').next().unwrap()).is_ok());
    assert_eq!(shared(), address);
    let (one, other) = (fresh_prefix(), fresh_prefix());
    assert_ne!(one, other);
    assert!(one.chars().all(|char| char.is_ascii_alphanumeric() || char == '-'), "{one}");
}

#[test]
fn a_broker_that_does_not_start_tells_why() {
    let extra = vec![("log.cleaner.dedupe.buffer.size".to_owned(), "1".to_owned())];
    let Err(BrokerError::NotFormatted { output, .. } | BrokerError::Ended { log: output, .. }) =
        Cluster::start(Options { extra, ..Options::default() })
    else {
        panic!("it started");
    };
    assert!(output.contains("log.cleaner.dedupe.buffer.size"), "{output}");
}

#[test]
fn what_makes_no_cluster_is_refused() {
    let refused = |options| matches!(Cluster::start(options), Err(BrokerError::BadOptions { .. }));
    assert!(refused(Options { brokers: 2, ..Options::default() }));
    let scram = Some(("user".to_owned(), "a,b]".to_owned()));
    assert!(refused(Options { scram, ..Options::default() }));
}
