//! An auditor needs the log alone: beside running services or long after, it comes to what they came to, tells what it was
//! and what happened, and finds what was changed.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use lienthong_log::{Header, Partition, ReadLimit, Record, RestoreLog as _, Stored};
use lienthong_log_embedded::EmbeddedRestore;
use lienthong_registry::training;
use lienthong_seal::partition_of;
use serde_json::Value;

use super::support::clients::Service;
use super::support::on::{On, Place, on_every_log};
use super::support::process::{Ended, Process};
use super::support::reading::read;
use super::support::story::{IN_CLEAR, PLANTED, carry_out, code, transfer};
use super::support::{DESK, LAND};

on_every_log! {
    an_auditor_comes_to_what_the_services_came_to_and_tells_it_the_same_every_time
}

fn audit(args: &[&str]) -> Ended {
    Process::start(&[&["audit"], args].concat()).ended()
}

/// What it says in JSON, and that it is done.
fn told(args: &[&str]) -> Value {
    let ended = audit(&[args, &["--output", "json"]].concat());
    assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// What it says in JSON when it found something.
fn found(args: &[&str]) -> Value {
    let ended = audit(&[args, &["--output", "json"]].concat());
    assert_eq!(ended.code, Some(3), "{args:?}: {}", ended.stderr);
    assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

async fn an_auditor_comes_to_what_the_services_came_to_and_tells_it_the_same_every_time(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    for number in 1..=3 {
        carry_out(&up.clients(), &transfer(&code(number))).await;
    }
    for (service, agency) in [(Service::WardDesk, DESK), (Service::LandRegistry, LAND)] {
        read(&up.clients(), service, agency, &code(1)).await.unwrap();
    }
    let digest = up.clients().digest_of_all().await;
    let server = format!("http://{}", up.address(Service::Auditor));
    let beside = told(&["verify", "--server", &server]);
    up.stop();
    let log = place.log.to_string();
    let verified = told(&["verify", "--log", &log]);
    assert_eq!(beside, verified);
    assert_eq!(
        (&verified["digest"], &verified["faults"]),
        (&digest.digest.into(), &Value::Array(Vec::new()))
    );
    assert_eq!((&verified["records"], &verified["admitted"]), (&60.into(), &60.into()));
    assert_eq!((&verified["dossiers"], &verified["training"]), (&3.into(), &true.into()));
    assert_eq!(verified["read_records"], 2);

    as_it_was(&log, verified["position"].as_str().unwrap());
    exports(&log, place.path()).await;
    what_does_not_count_is_listed_and_is_no_fault(&place, &log).await;
    what_was_kept_is_expected(&log, place.path(), &verified);
    a_reading_that_nobody_sealed_is_a_fault(&place, &log).await;
}

async fn a_reading_that_nobody_sealed_is_a_fault(place: &Place, log: &str) {
    let held = place.open(None).await;
    let mut forged = held.read(Partition::Reads, 0, ReadLimit::default()).await.unwrap().remove(0).record;
    let mut value = forged.value.to_vec();
    *value.last_mut().unwrap() ^= 1;
    forged.value = value.into();
    let at = held.append(Partition::Reads, forged).await.unwrap();
    held.close().await;
    let found = found(&["verify", "--log", log]);
    let [fault] = &found["faults"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!(
        (&fault["partition"], &fault["offset"], &fault["kind"]),
        (&"reads".into(), &at.into(), &"Reading".into())
    );
}

/// State after the first record, after the last, and at an instant of a training log.
fn as_it_was(log: &str, position: &str) {
    let all = told(&["state", "--log", log, "--at", position]);
    assert_eq!(all, told(&["state", "--log", log, "--at", "end"]));
    assert_eq!((&all["dossiers"], &all["statuses"]["10"]), (&3.into(), &3.into()));
    let code = code(1);
    let partition = partition_of(&code, training::PARTITIONS);
    let first = told(&["state", "--log", log, "--at", &format!("{partition}:1"), &code]);
    assert_eq!((&first["status"], &first["holder"]), (&2.into(), &"H56.2".into()));
    assert_eq!(first["records"], serde_json::json!([0]));
    let last = told(&["state", "--log", log, "--at", "end", &code]);
    assert_eq!((&last["status"], &last["paid_dong"]), (&10.into(), &75_000_000.into()));
    for (at, exit) in [("2026-11-24T08:00:00+07:00", 1), ("0:0", 1), ("48:1", 2), ("yesterday", 2)] {
        assert_eq!(audit(&["state", "--log", log, "--at", at, &code]).code, Some(exit), "{at}");
    }
}

/// The same bytes every time, nobody's name in them, and a log that another tool reads: here, our own import.
async fn exports(log: &str, dir: &Path) {
    for format in ["jsonl", "csv", "xes"] {
        let export = || audit(&["export", "--log", log, "--format", format]);
        let (one, other) = (export(), export());
        assert_eq!((one.code, &one.stdout), (Some(0), &other.stdout), "{}", one.stderr);
        for private in PLANTED.iter().chain(&IN_CLEAR[..1]) {
            assert!(!one.stdout.contains(private), "{format}: {private}");
        }
        assert!(one.stdout.contains(IN_CLEAR[1]) && one.stdout.contains("training"), "{format}");
        assert_eq!(one.stdout.matches("ResultDelivered").count() % 3, 0, "{format}");
        fs::write(dir.join(format!("events.{format}")), &one.stdout).unwrap();
    }
    let lines = fs::read_to_string(dir.join("events.jsonl")).unwrap();
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let place = |row: &Value| ["partition", "offset", "row"].map(|key| row[key].as_u64().unwrap());
    assert!(rows.is_sorted_by(|one, other| place(one) < place(other)));
    assert_eq!(fs::read_to_string(dir.join("events.csv")).unwrap().lines().count(), rows.len() + 1);

    let elsewhere = tempfile::tempdir().unwrap();
    let (file, to) = (dir.join("events.xes"), format!("embedded:{}", elsewhere.path().join("log").display()));
    let import = ["import", "xes", &file.display().to_string(), "--source", "bus", "--log", &to];
    let ended = Process::start(&[&import[..], &["--output", "json"]].concat()).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&report["imported"], &report["activities"]), (&3.into(), &rows.len().into()));
    // History from elsewhere is exported again, activity by activity, under its own names.
    let again = audit(&["export", "--log", &to, "--format", "xes"]).stdout;
    assert_eq!(again.matches("<event>").count(), rows.len());
    assert_eq!(again.matches("\"StepCompleted tham-dinh\"").count(), 3);
}

async fn what_does_not_count_is_listed_and_is_no_fault(place: &Place, log: &str) {
    let held = place.open(None).await;
    let header = Header { name: "x".to_owned(), value: Bytes::from_static(b"y") };
    let torn = Record { key: "torn".into(), headers: vec![header], value: "no entry".into() };
    for _ in 0..3 {
        held.append(Partition::Dossiers(7), torn.clone()).await.unwrap();
    }
    held.close().await;
    let verified = told(&["verify", "--log", log]);
    assert_eq!((&verified["voids"]["Decoding"], &verified["records"]), (&3.into(), &63.into()));
    let page = told(&["voids", "--log", log, "--limit", "2"]);
    assert_eq!((page["voids"].as_array().unwrap().len(), &page["counts"]["Decoding"]), (2, &3.into()));
    let next = page["next"].as_str().unwrap();
    let rest = told(&["voids", "--log", log, "--after", next, "--partition", "7"]);
    let [last] = &rest["voids"].as_array().unwrap()[..] else { panic!("{rest}") };
    assert_eq!((&last["partition"], &last["reason"]), (&7.into(), &"Decoding".into()));
    assert_eq!(rest["next"], Value::Null);
}

fn what_was_kept_is_expected(log: &str, dir: &Path, kept: &Value) {
    let file = dir.join("kept.json");
    fs::write(&file, kept.to_string()).unwrap();
    let file = file.display().to_string();
    // The log has grown since.
    told(&["verify", "--log", log, "--expect-file", &file]);
    let (position, digest) = (kept["position"].as_str().unwrap(), kept["digest"].as_str().unwrap());
    told(&["verify", "--log", log, "--expect", &format!("{position}={digest}")]);
    let hash = &kept["hashes"][1];
    let (partition, offset) = (&hash["partition"], hash["offset"].as_u64().unwrap());
    let beyond = format!("{partition}:{}={}", offset + 1000, hash["hash"].as_str().unwrap());
    let short = &found(&["verify", "--log", log, "--expect", &beyond])["faults"][0];
    assert_eq!((&short["kind"], &short["partition"]), (&"Short".into(), partition));
    let other = format!("{partition}:{offset}={digest}");
    let differs = &found(&["verify", "--log", log, "--expect", &other])["faults"][0];
    assert_eq!((&differs["kind"], &differs["until"]), (&"Expected".into(), &offset.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_copy_of_a_file_is_found_out() {
    let place = Place::new(On::Embedded).await;
    let up = place.up(&[]);
    carry_out(&up.clients(), &transfer(&code(1))).await;
    up.stop();
    let log = place.log.to_string();
    let file = place.path().join("kept.json").display().to_string();
    fs::write(&file, told(&["verify", "--log", &log]).to_string()).unwrap();
    let partition = Partition::Dossiers(partition_of(&code(1), training::PARTITIONS));
    let number = partition_of(&code(1), training::PARTITIONS);

    // A header tells of itself; a time among the newest only by what was kept.
    let header = |stored: &mut Stored| stored.record.headers[3].value = "/agencies/H56.9".into();
    let changed = changed_copy(&place, partition, 5, header).await;
    let fault = &found(&["verify", "--log", &changed])["faults"][0];
    assert_eq!(
        (&fault["kind"], &fault["partition"], &fault["offset"]),
        (&"Headers".into(), &number.into(), &5.into())
    );
    let changed = changed_copy(&place, partition, 19, |stored| stored.appended_ms += 1).await;
    told(&["verify", "--log", &changed]);
    let fault = &found(&["verify", "--log", &changed, "--expect-file", &file])["faults"][0];
    assert_eq!((&fault["kind"], &fault["partition"]), (&"Expected".into(), &number.into()));
    // A seal that does not hold is void, and what was made upon the record with it.
    let flip = |stored: &mut Stored| {
        let mut value = stored.record.value.to_vec();
        *value.last_mut().unwrap() ^= 1;
        stored.record.value = value.into();
    };
    let changed = changed_copy(&place, partition, 12, flip).await;
    let verified = told(&["verify", "--log", &changed]);
    assert_eq!(verified["voids"], serde_json::json!({"Seal": 1, "Stale": 7}));
    assert_eq!(
        found(&["verify", "--log", &changed, "--expect-file", &file])["faults"][0]["kind"],
        "Expected"
    );
}

/// A copy of the log in which one record is another one.
async fn changed_copy(
    place: &Place,
    partition: Partition,
    offset: u64,
    change: impl Fn(&mut Stored),
) -> String {
    let dir = place.path().join(format!("changed-{offset}"));
    let source = place.open(None).await;
    let copy = EmbeddedRestore::open_or_create(&dir, training::PARTITIONS).unwrap();
    for lane in Partition::all(training::PARTITIONS) {
        let mut records = source.read(lane, 0, ReadLimit::default()).await.unwrap();
        if let Some(stored) = records.iter_mut().find(|stored| lane == partition && stored.offset == offset) {
            change(stored);
        }
        if !records.is_empty() {
            copy.restore(lane, &records).await.unwrap();
        }
    }
    copy.finish().await.unwrap();
    copy.close().await;
    source.close().await;
    format!("embedded:{}", dir.display())
}
