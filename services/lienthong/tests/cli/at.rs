//! Positions that the log has not come to.

use std::time::{Duration, Instant};

use crate::services::{SMALL, Up, log_in};
use crate::support::{not_done, run};

/// What a service waits for a position at most.
const WAIT: Duration = Duration::from_secs(10);
const BEYOND: &str = "partition 3 ends at ";
const WINDOW: [&str; 4] = ["--from", "2026-11-02", "--to", "2026-11-30"];
const OFFICER: [&str; 6] = ["--agency", "H56.1", "--officer", "cb-01", "--purpose", "handling"];

/// Refused with where the log ends, sooner than a service gives up.
fn refused(args: &[&str]) {
    let begun = Instant::now();
    not_done(args, 1, BEYOND);
    assert!(begun.elapsed() < WAIT, "{args:?}: {:?}", begun.elapsed());
    let told = run(args).stderr;
    assert!(told.contains("it has not come to 999\nname a position up to the end"), "{told}");
}

#[test]
fn a_position_beyond_the_end_is_refused_at_once_with_where_the_log_ends() {
    let up = Up::start();
    let (desk, auditor) = (up.address("ward-desk"), up.address("auditor"));
    let at = |server| ["--at", "3:999", "--server", server];
    for report in ["ii06", "shares", "payments", "indicators"] {
        refused(&[&["report", report][..], &WINDOW, &at(desk)].concat());
    }
    refused(&[&["report", "behind", "--column", "10"][..], &WINDOW, &at(desk)].concat());
    refused(&[&["register"][..], &WINDOW, &OFFICER, &at(desk)].concat());
    refused(&[&["export", "sync"][..], &OFFICER, &at(desk)].concat());
    for audit in [&["state"][..], &["export", "--format", "csv"], &["voids"]] {
        refused(&[&["audit"], audit, &at(auditor)].concat());
    }
    refused(&[&["audit", "report"][..], &WINDOW, &at(auditor)].concat());
    let unknown = [&["report", "ii06"][..], &WINDOW, &["--at", "4711:1", "--server", desk]].concat();
    not_done(&unknown, 2, "the log has no partition 4711: they are 0 to ");
}

#[test]
fn the_end_is_a_position_too() {
    let up = Up::start();
    let at = ["--at", "end", "--server", up.address("ward-desk")];
    for command in [
        [&["report", "ii06"][..], &WINDOW, &at].concat(),
        [&["register"][..], &WINDOW, &OFFICER, &at].concat(),
        [&["export", "sync"][..], &OFFICER, &at].concat(),
    ] {
        let done = run(&command);
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
    }
}

#[test]
fn a_log_at_hand_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    run(&["import", "xes", SMALL, "--log", &log]);
    refused(&[&["report", "ii06"][..], &WINDOW, &["--at", "3:999", "--log", &log]].concat());
    refused(&["audit", "state", "--at", "3:999", "--log", &log]);
}
