//! `bench`, small: its figures are of what really stands in the log.

use serde_json::Value;

use super::support::{not_done, run};

fn figures(args: &[&str]) -> Value {
    let run = run(&[&["bench"], args, &["--runs", "1", "--output", "json"]].concat());
    assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Each of these was measured.
fn are_there(figures: &Value, names: &[&str]) {
    for name in names {
        assert!(figures[name].as_u64().is_some_and(|figure| figure > 0), "{name}: {figures}");
    }
}

#[test]
fn what_commands_write_is_what_replay_and_rebuild_read() {
    let place = tempfile::tempdir().unwrap();
    let log = format!("embedded:{}", place.path().join("log").display());
    let load = ["--clients", "4", "--dossiers", "8", "--commands", "3", "--log", &log];
    let commands = figures(&[&["commands"][..], &load].concat());
    are_there(
        &commands,
        &[
            "receptions_per_s",
            "reception_p50_us",
            "commands_per_s",
            "p50_us",
            "p99_us",
            "bulk_receptions_per_s",
            "bulk_commands_per_s",
            "one_client_p50_us",
            "beside_bulk_p50_us",
            "beside_bulk_p99_us",
            "bare_append_p50_us",
        ],
    );
    assert_eq!((&commands["fsync"], &commands["acks"]), (&Value::Bool(true), &Value::Null));
    assert_eq!(commands["clients"], 4);
    // Two warm up, eight are measured, eight in bulk, eight of the one client; each is received, and takes three commands.
    let dossiers = 2 + 8 + 8 + 8;
    let replay = figures(&["replay", "--log", &log]);
    are_there(&replay, &["records_per_s", "events_per_s"]);
    assert_eq!(replay["records"], dossiers * 4);
    let rebuild = figures(&["rebuild", "--log", &log]);
    are_there(&rebuild, &["events_per_s", "store_bytes"]);
    assert_eq!(rebuild["dossiers"], dossiers);
    let again = figures(&["replay", "--log", &log]);
    assert_eq!(again["records"], replay["records"], "measuring a log that is there writes nothing to it");
}

#[test]
fn a_journey_goes_through_every_agency() {
    let journey = figures(&["journey", "--clients", "2", "--dossiers", "3"]);
    are_there(&journey, &["hand_off_p99_us", "journeys_per_s", "journey_commands_per_s"]);
    assert!(journey["commands"].as_u64().unwrap() > 3 * 3, "{journey}");
}

#[test]
fn where_no_log_can_be_it_is_not_measured() {
    not_done(&["bench", "commands", "--log", "kafka://127.0.0.1:1/nowhere", "--dossiers", "1"], 69, "");
}
