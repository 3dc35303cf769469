//! A log copied to Kafka and back is the same log: the same hashes, and the same digests when it is replayed.

use std::fs;
use std::path::Path;

use lienthong::replay::replay;
use lienthong_broker::{fresh_prefix, shared};
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::reading::v1::Digest;
use serde_json::Value;

use super::support::clients::Service;
use super::support::process::{Process, Up};
use super::support::story::{carry_out, code, transfer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_copied_to_kafka_and_back_replays_to_the_same_digests_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let [first, back] = ["first", "back"].map(|name| place.path().join(name));
    let brokers = tokio::task::spawn_blocking(shared).await.unwrap();
    let on_kafka = format!("kafka://{brokers}/{}", fresh_prefix());
    let up = Up::training(&first, &[]);
    for number in 1..=3 {
        carry_out(&up.clients(), &transfer(&code(number))).await;
    }
    up.stop();
    let embedded = |dir: &Path| format!("embedded:{}", dir.display());

    let there = copied(&embedded(&first), &on_kafka);
    let back_again = copied(&on_kafka, &embedded(&back));
    assert_eq!(there, back_again);
    assert_eq!(there["records"], 62);

    // Each with an empty projection, so from 0.
    let mut digests = Vec::new();
    for (log, dir) in [(embedded(&first), &first), (on_kafka.clone(), &back), (embedded(&back), &back)] {
        let _ = fs::remove_dir_all(dir.join("stores"));
        copy_keys(&first, dir);
        digests.push(replayed(&log, dir).await);
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);

    // What was a copy is a log: work goes on where it stood.
    let _ = fs::remove_dir_all(back.join("stores"));
    let up = Up::on(&on_kafka, &back);
    carry_out(&up.clients(), &transfer(&code(4))).await;
    assert_eq!(up.clients().digest_of_all().await.dossiers, 4);
    up.stop();
}

/// What the copy said of itself.
fn copied(from: &str, to: &str) -> Value {
    let ended = Process::start(&["log", "copy", from, to, "--output", "json"]).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// The digest of all services, which is that of a replay from the raw records.
async fn replayed(log: &str, dir: &Path) -> Digest {
    let up = Up::on(log, dir);
    let digest = up.clients().digest_of_all().await;
    let judged = replay(&mut AuditorClient::new(up.clients().channel(Service::Auditor))).await.unwrap();
    assert_eq!(judged.digest.to_string(), digest.digest);
    up.stop();
    digest
}

fn copy_keys(from: &Path, to: &Path) {
    if from == to {
        return;
    }
    for folder in ["keys", "keys/nodes", "keys/agencies"] {
        fs::create_dir_all(to.join(folder)).unwrap();
        for entry in fs::read_dir(from.join(folder)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
}
