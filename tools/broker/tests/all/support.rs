//! Kafka's own tools, as clients.

use std::io::Write;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use lienthong_broker::Cluster;

pub(crate) const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";

/// How long anything may take that a test waits for.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Waits until something is so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < WAIT_MAX, "not so after {WAIT_MAX:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a tool with the cluster's address, and what gets it in.
pub(crate) fn topics(cluster: &Cluster, args: &[&str]) -> String {
    let mut tool = cluster.tool(TOPICS, ["--bootstrap-server", cluster.bootstrap()]);
    tool.arg("--command-config").arg(cluster.client_properties()).args(args);
    said(&tool.output().unwrap())
}

/// Sends one record, which all replicas in sync must have, and again until there is a leader that takes it.
pub(crate) fn send(cluster: &Cluster, topic: &str, record: &str) {
    let args = ["--bootstrap-server", cluster.bootstrap(), "--topic", topic];
    let mut tool = cluster.tool("org.apache.kafka.tools.ConsoleProducer", args);
    tool.args(["--request-required-acks", "all", "--message-send-max-retries", "1000"]);
    let mut running =
        tool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(running.stdin.take().unwrap(), "{record}").unwrap();
    said(&running.wait_with_output().unwrap());
}

/// So many records, from the first.
pub(crate) fn receive(cluster: &Cluster, topic: &str, count: usize) -> Vec<String> {
    let count = count.to_string();
    let args = ["--bootstrap-server", cluster.bootstrap(), "--topic", topic, "--from-beginning"];
    let mut tool = cluster.tool("org.apache.kafka.tools.consumer.ConsoleConsumer", args);
    tool.args(["--max-messages", &count, "--timeout-ms", "20000"]);
    said(&tool.output().unwrap()).lines().map(str::to_owned).collect()
}

/// What it has written to stdout.
fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    // The producer of the console ends well whether or not its record was taken.
    assert!(output.status.success() && !errors.contains("ERROR"), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}
