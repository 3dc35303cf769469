//! `bench`, small: its figures are of what really stands in the log.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::services::signal;
use super::support::{command, done_json, not_done, run};

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
    let commands = figures(&[&["commands", "--rate", "200"][..], &load].concat());
    are_there(
        &commands,
        &[
            "receptions_per_s",
            "reception_p50_us",
            "commands_per_s",
            "p50_us",
            "p99_us",
            "open_loop_p50_us",
            "open_loop_p99_us",
            "bulk_receptions_per_s",
            "bulk_commands_per_s",
            "one_client_p50_us",
            "beside_bulk_p50_us",
            "beside_bulk_p99_us",
            "beside_bulk_dossiers",
            "bare_append_p50_us",
        ],
    );
    assert_eq!((&commands["fsync"], &commands["acks"]), (&Value::Bool(true), &Value::Null));
    assert_eq!(commands["clients"], 4);
    // Two warm up, and two the bulk call; eight are measured, eight on time, eight in bulk, eight of the one client and eight of
    // the same beside a bulk call, which has as many as it says; each is received, and takes three commands.
    let dossiers = 2 * 2 + 5 * 8 + commands["beside_bulk_dossiers"].as_u64().unwrap();
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
fn a_history_is_what_nodes_would_have_written() {
    let place = tempfile::tempdir().unwrap();
    let log = format!("embedded:{}", place.path().join("log").display());
    let load = ["--dossiers", "40", "--commands", "4", "--signed-together", "8", "--log", &log];
    let replay = figures(&[&["replay"][..], &load].concat());
    are_there(&replay, &["records_per_s", "events_per_s", "peak_resident_mib", "log_bytes"]);
    assert_eq!((&replay["records"], &replay["signed_together"]), (&200.into(), &8.into()), "{replay}");
    let verified = done_json(&["audit", "verify", "--log", &log]);
    assert_eq!((&verified["records"], &verified["admitted"]), (&200.into(), &200.into()), "{verified}");
    // The desk that took the first dossier in opens what is personal, and so does the land office that it is offered to.
    for agency in ["H56.1", "land-office"] {
        let officer = ["--agency", agency, "--officer", "cb-01", "--purpose", "handling"];
        let read = ["dossier", "read", "H56.1-251215-0001", "--log", &log];
        let read = run(&[&read[..], &officer, &["--output", "json"]].concat());
        assert_eq!(read.code, Some(0), "{agency}: {}", read.stderr);
        assert!(read.stdout.contains("mau@congdan.example"), "{agency}: {}", read.stdout);
    }
}

#[test]
fn what_is_rebuilt_is_read_and_nothing_is_left_behind() {
    let place = tempfile::tempdir().unwrap();
    let log = format!("embedded:{}", place.path().join("log").display());
    let load = ["--dossiers", "30", "--commands", "2", "--signed-together", "1", "--log", &log];
    let rebuild = figures(&[&["rebuild"][..], &load].concat());
    let figures = ["events_per_s", "get_p50_us", "get_p99_us", "search_p50_us", "search_p95_us", "report_us"];
    are_there(&rebuild, &figures);
    are_there(&rebuild, &["peak_resident_mib", "resident_mib", "answering_peak_resident_mib", "log_bytes"]);
    assert_eq!((&rebuild["dossiers"], &rebuild["events"]), (&30.into(), &90.into()), "{rebuild}");
    let mut left: Vec<_> =
        fs::read_dir(place.path().join("log")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort_unstable();
    assert_eq!(left, ["keys", "log.redb"], "stores, their locks and what was kept while writing are gone");
}

#[test]
fn a_log_that_grows_is_measured_at_each_size_and_drawn() {
    let place = tempfile::tempdir().unwrap();
    let (log, file) = (place.path().join("log"), place.path().join("growth.svg"));
    let log = format!("embedded:{}", log.display());
    let grow = ["growth", "--events", "400,80", "--commands", "3", "--open", "7", "--log", &log, "--picture"];
    let rows = figures(&[&grow[..], &[file.to_str().unwrap()]].concat());
    let rows = rows.as_array().unwrap();
    let sizes: Vec<_> = rows.iter().map(|row| (&row["events"], &row["records"], &row["dossiers"])).collect();
    assert_eq!(sizes, [(&80.into(), &80.into(), &20.into()), (&400.into(), &400.into(), &100.into())]);
    for row in rows {
        for (figure, value) in row.as_object().unwrap() {
            assert!(value.as_u64().is_some_and(|value| value > 0), "{figure}: {row}");
        }
        are_there(row, &["replay_ms", "replay_peak_resident_mib", "rebuild_ms", "rebuild_peak_resident_mib"]);
        are_there(row, &["log_bytes", "store_bytes", "report_us", "search_p95_us", "get_p99_us"]);
    }
    assert!(rows[0]["store_bytes"].as_u64() < rows[1]["store_bytes"].as_u64(), "{rows:?}");
    // Eight costs, each with a point for each size; the reader refuses what is not well-formed.
    let picture = fs::read_to_string(file).unwrap();
    let mut reader = Reader::from_str(&picture);
    let (mut points, mut depth) = (0, 0);
    loop {
        let event = reader.read_event().unwrap();
        depth += i32::from(matches!(event, Event::Start(_))) - i32::from(matches!(event, Event::End(_)));
        if let Event::Empty(element) = &event {
            points += i32::from(element.name().as_ref() == "circle");
        }
        if let Event::Eof = event {
            break;
        }
    }
    assert_eq!((points, depth), (8 * 2, 0));
    let again = [&["bench"], &grow[..9]].concat();
    not_done(&again, 1, "there is a log at");
}

#[test]
fn a_journey_goes_through_every_agency() {
    let journey = figures(&["journey", "--clients", "2", "--dossiers", "3"]);
    are_there(&journey, &["offer_seen_p50_us", "journeys_per_s", "journey_commands_per_s"]);
    // It may be seen before the answer, never before the call.
    assert!(
        journey["hand_off_p50_us"].as_u64().unwrap() < journey["offer_seen_p50_us"].as_u64().unwrap(),
        "{journey}"
    );
    assert!(journey["commands"].as_u64().unwrap() > 3 * 3, "{journey}");
}

#[test]
fn where_no_log_can_be_it_is_not_measured() {
    not_done(&["bench", "commands", "--log", "kafka://127.0.0.1:1/nowhere", "--dossiers", "1"], 69, "");
}

/// A measurement that takes a while, in a folder that it makes below this one.
fn begun(folder: &Path, args: &[&str]) -> Child {
    let mut bench = command(&[&["bench", "replay"], args].concat());
    bench.env("TMPDIR", folder).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Once something is there.
fn once<T>(look: impl Fn() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match look() {
            Some(found) => return found,
            None => assert!(Instant::now() < until, "it did not come"),
        }
        sleep(Duration::from_millis(20));
    }
}

fn ends_and_leaves_nothing(bench: Child, folder: &Path) {
    signal(&bench, "INT");
    let ended = bench.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(
        (ended.status.code(), said.lines().next()),
        (Some(1), Some("error: ended before all was measured"))
    );
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn whoever_ends_it_while_it_writes_finds_nothing_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let bench = begun(folder.path(), &["--dossiers", "1000000"]);
    let has_log = |made: fs::DirEntry| made.path().join("log.redb").exists().then_some(());
    once(|| fs::read_dir(folder.path()).unwrap().find_map(|made| has_log(made.unwrap())));
    ends_and_leaves_nothing(bench, folder.path());
}

#[test]
fn whoever_ends_it_ends_the_process_that_measures_too() {
    let folder = tempfile::tempdir().unwrap();
    let bench = begun(folder.path(), &["--dossiers", "100", "--runs", "100"]);
    let id = bench.id();
    let measuring = once(|| {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children.split_whitespace().next().map(str::to_owned)
    });
    ends_and_leaves_nothing(bench, folder.path());
    assert!(!Path::new("/proc").join(measuring).exists());
}
