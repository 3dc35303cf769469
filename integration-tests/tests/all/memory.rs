//! Memory stays flat, however long the log is.
//!
//! The run in the tests replays 700,000 records, which a node that kept them would not fit in; `REPLAY_RECORDS=2000000` makes it a long one.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lienthong_broker::{Cluster, Options};

use super::support::process::Process;
use super::support::programs::not_ready;

const RECORDS: u64 = 700_000;
/// What a node may take while it replays, whatever the length of the log: see the README.
const RESIDENT_KIB_MAX: u64 = 512 * 1024;
/// How long it may take over two million records on a machine with other work.
const REPLAY_MAX: Duration = Duration::from_secs(600);

/// A service that is gone with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_replays_a_long_log_takes_no_more_memory_than_is_stated() {
    let records = std::env::var("REPLAY_RECORDS").ok().and_then(|text| text.parse().ok());
    let records: u64 = records.unwrap_or(RECORDS);
    let cluster = tokio::task::spawn_blocking(|| Cluster::start(Options::default()).unwrap()).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let log = format!("kafka://{}/long", cluster.bootstrap());
    let dir = place.path().display().to_string();
    let made = Process::start(&["registry", "init", "--training", "--log", &log, "--dir", &dir]).ended();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    fill(&cluster, records);

    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let auditor = start(&log, place.path(), address);
    let since = Instant::now();
    while let Some(why) = not_ready(address).await {
        assert!(since.elapsed() < REPLAY_MAX, "never ready: {why}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let peak = peak_kib(auditor.0.id());
    println!("{records} records in {:?}, at most {peak} KiB resident", since.elapsed());
    assert!(peak <= RESIDENT_KIB_MAX, "{peak} KiB");
}

/// Records of nobody's: each is void, and takes the way of any other.
fn fill(cluster: &Cluster, records: u64) {
    let records = records.to_string();
    let brokers = format!("bootstrap.servers={}", cluster.bootstrap());
    let filled = cluster
        .tool(
            "org.apache.kafka.tools.ProducerPerformance",
            [
                "--topic",
                "long.dossiers",
                "--num-records",
                &records,
                "--record-size",
                "300",
                "--throughput",
                "-1",
            ],
        )
        .args(["--producer-props", &brokers, "acks=all", "linger.ms=5"])
        .output()
        .unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
}

fn start(log: &str, dir: &Path, address: SocketAddr) -> Running {
    let auditor = Command::new(env!("CARGO_BIN_EXE_auditor-under-test"))
        .args(["--log", log, "--listen", &address.to_string(), "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Running(auditor.unwrap())
}

/// The most that a process ever had resident.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
