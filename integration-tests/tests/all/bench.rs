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
    for name in ["hand_off_p50_us", "hand_off_apart_p50_us", "hand_off_apart_p99_us"] {
        assert!(figures[name].as_u64().is_some_and(|figure| figure > 0), "{name}: {figures}");
    }
    assert_eq!((&figures["acks"], &figures["fsync"]), (&Value::from("all"), &Value::Bool(false)));
}
