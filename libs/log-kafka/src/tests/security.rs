//! Brokers that ask who one is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lienthong_broker::Options;

use super::{DOSSIERS, PLAN, address_at, append, cluster, names, timed};
use crate::{KafkaAddress, KafkaLog, Mechanism, OpenError, Protocol, Security};

fn password_file(dir: &Path, password: &str) -> Option<PathBuf> {
    let path = dir.join(format!("{password}.txt"));
    std::fs::write(&path, format!("{password}\n")).unwrap();
    Some(path)
}

async fn refused(address: &KafkaAddress, security: &Security) -> String {
    let (took, opened) = timed(KafkaLog::open(address, security)).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    match opened.err() {
        Some(error @ OpenError::Unreachable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_log_opens_with_a_password_over_tls_and_says_what_is_wrong_with_another() {
    let scram = Some(("lienthong".to_owned(), "right".to_owned()));
    let cluster = cluster(Options { scram, tls: true, ..Options::default() }).await;
    let address = address_at(cluster.bootstrap());
    let dir = tempfile::tempdir().unwrap();
    let security = Security {
        protocol: Protocol::SaslSsl,
        mechanism: Mechanism::ScramSha512,
        username: Some("lienthong".to_owned()),
        password_file: password_file(dir.path(), "right"),
        ca_file: cluster.ca_file().map(Path::to_path_buf),
        ..Security::default()
    };
    KafkaLog::create(&address, &security, PLAN).await.unwrap();
    let log = KafkaLog::open(&address, &security).await.unwrap();
    append(&log, DOSSIERS, "one").await;
    assert_eq!(names(&log, DOSSIERS).await, ["one"]);

    let other = Security { password_file: password_file(dir.path(), "wrong"), ..security.clone() };
    let said = refused(&address, &other).await;
    assert!(said.to_lowercase().contains("authentication"), "{said}");
    let other = Security { ca_file: None, ..security };
    let said = refused(&address, &other).await;
    assert!(said.to_lowercase().contains("certificate"), "{said}");
}
