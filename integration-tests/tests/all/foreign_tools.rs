//! Whoever has the address of the brokers can write with Kafka's own tools: records without key, without value, of
//! noise, and in a transaction that never ends. All of it is void, and nobody has to wait.

use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use lienthong_wire::pb::reading::v1::VoidCount;

use super::support::PATIENCE;
use super::support::broker::{PERFORMANCE, PRODUCER, Site};
use super::support::clients::{Clients, Service};
use super::support::process::Up;
use super::support::story::{carry_out, code, transfer};

/// Records of a test's story before a stranger comes.
const BEFORE: usize = 4;
const NOISE: u64 = 40;
/// Largest of what a topic takes, and far more than an entry may have.
const NOISE_BYTES: &str = "102400";

/// Waits until so many records are void, or more, and gives how many are for which reason.
async fn are_void(clients: &Clients, count: u64) -> Vec<VoidCount> {
    let since = Instant::now();
    loop {
        let voids = clients.digest(Service::WardDesk).await.voids;
        if voids.iter().map(|void| void.count).sum::<u64>() >= count {
            return voids;
        }
        assert!(since.elapsed() < PATIENCE, "{voids:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_kafka_s_own_tools_write_is_void_and_holds_up_nobody() {
    let site = Site::new().await;
    site.init(&["--training"]);
    let up = Up::on(&site.log, site.dir.path());
    let (clients, story) = (up.clients(), transfer(&code(1)));
    carry_out(&clients, &story[..BEFORE]).await;

    let topic = site.topic("dossiers");
    // A null key, with a text, a null and no value at all; then keys of ours.
    console(&site, &topic, &[], "a letter\n\n");
    console(&site, &topic, &["null.marker=NULL"], "NULL\n");
    let keyed = ["parse.key=true", "key.separator=|", "null.marker=NULL"];
    console(&site, &topic, &keyed, &format!("{0}|NULL\n{0}|{{\"code\": 1}}\n", code(1)));
    let void = are_void(&clients, 5).await;
    assert_eq!(void, [VoidCount { reason: "Decoding".to_owned(), count: 5 }]);

    let noise = NOISE.to_string();
    let brokers = format!("bootstrap.servers={}", site.cluster.bootstrap());
    let perform = ["--topic", &topic, "--throughput", "-1", "--record-size", NOISE_BYTES];
    let perform = [&perform[..], &["--producer-props", &brokers, "partitioner.ignore.keys=true"]].concat();
    site.tool(PERFORMANCE, &[&perform[..], &["--num-records", &noise]].concat());
    let void = are_void(&clients, 5 + NOISE).await;
    assert!(void.contains(&VoidCount { reason: "Size".to_owned(), count: NOISE }), "{void:?}");

    let stranger = Stranger::begins(&site, &topic);
    are_void(&clients, 5 + NOISE + 3).await;
    // SIGKILL: it cannot end its transaction, and nothing of it comes any more.
    drop(stranger);
    // Beside it, behind it, and by who starts anew.
    carry_out(&clients, &story[BEFORE..]).await;
    carry_out(&clients, &transfer(&code(2))).await;
    let digest = clients.digest_of_all().await;
    assert_eq!((digest.dossiers, digest.admitted), (2, 2 * story.len() as u64));
    up.stop();
    std::fs::remove_dir_all(site.dir.path().join("stores")).unwrap();
    let up = Up::on(&site.log, site.dir.path());
    assert_eq!(up.clients().digest_of_all().await, digest);
    up.stop();
}

/// One record per line, as the console's producer sends them.
fn console(site: &Site, topic: &str, properties: &[&str], lines: &str) {
    let mut producer = site.cluster.tool(PRODUCER, ["--bootstrap-server", site.cluster.bootstrap()]);
    producer.args(["--topic", topic]);
    for property in properties {
        producer.args(["--property", property]);
    }
    let mut running =
        producer.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let ended = running.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !errors.contains("ERROR"), "{errors}");
}

/// Somebody who began a transaction, is gone and has not ended it.
struct Stranger(Child);

impl Stranger {
    fn begins(site: &Site, topic: &str) -> Self {
        let brokers = format!("bootstrap.servers={}", site.cluster.bootstrap());
        // A transaction of an hour, with a record every tenth of a second.
        let mut tool = site.cluster.tool(PERFORMANCE, ["--topic", topic, "--record-size", "100"]);
        tool.args(["--num-records", "100000", "--throughput", "10", "--transactional-id", "stranger"]);
        tool.args(["--transaction-duration-ms", "3600000", "--producer-props", &brokers]);
        tool.arg("transaction.timeout.ms=600000");
        Self(tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
