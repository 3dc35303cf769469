//! `bench` on Kafka: what can only be measured where several processes share a log.

use std::process::Command;

use lienthong_broker::{fresh_prefix, shared};
use serde_json::Value;

use super::support::process::Process;
use super::support::programs::LIENTHONG;

#[test]
fn a_hand_off_is_measured_between_two_processes() {
    let log = format!("kafka://{}/{}", shared(), fresh_prefix());
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new(LIENTHONG);
    command.current_dir(place.path()).args(["bench", "journey", "--log", &log, "--output", "json"]);
    command.args(["--dossiers", "2", "--clients", "2", "--runs", "1"]);
    let ended = Process::of(&mut command).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    let figure = |name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name}: {figures}"));
    // It may be seen before the answer, never before the call.
    assert!(figure("offer_seen_p50_us") > 0 && figure("offer_seen_apart_p50_us") > 0, "{figures}");
    assert!(figure("hand_off_apart_p50_us") < figure("offer_seen_apart_p50_us"), "{figures}");
    assert!(figure("hand_off_apart_p50_us") <= figure("hand_off_apart_p99_us"), "{figures}");
    assert_eq!((&figures["acks"], &figures["fsync"]), (&Value::from("all"), &Value::Bool(false)));
}
