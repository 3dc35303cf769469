use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::services::{SMALL, Up, log_in};
use crate::support::{Run, done_json, not_done, run};

const BROKEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/small-broken.xes");

/// Imports in JSON: the exit code, the report, and what was said beside it.
fn import(args: &[&str]) -> (i32, Value, String) {
    let Run { code, stdout, stderr } = run(&[&["import", "xes", "--output", "json"], args].concat());
    (code.unwrap(), serde_json::from_str(&stdout).unwrap_or_default(), stderr)
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "imported", "repeated", "refused", "activities"].map(|key| report[key].as_u64().unwrap())
}

/// A process-mining log of cases with one activity each, whose name is told.
fn write(path: &Path, cases: &[(&str, &str)]) -> String {
    let traces: String = cases
        .iter()
        .map(|(case, activity)| {
            format!(
                "<trace>\n<string key=\"concept:name\" value=\"{case}\"/>\n<event>\
                 <string key=\"concept:name\" value=\"{activity}\"/>\
                 <date key=\"time:timestamp\" value=\"2026-03-02T08:00:00+07:00\"/></event>\n</trace>\n"
            )
        })
        .collect();
    fs::write(path, format!("<log>\n{traces}</log>")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_empty_place_becomes_a_training_log_and_a_second_import_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let (code, report, said) = import(&[SMALL, "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [5, 4, 0, 1, 8]), "{said}");
    assert_eq!(report["faults"], json!([{ "line": 78, "fault": "activities: must be given" }]));
    assert!(
        said.starts_with(&format!(
            "made a training log (TẬP HUẤN) at {log}\nerror: records not taken: 1 of 5"
        )),
        "{said}"
    );

    let (code, report, said) = import(&[SMALL, "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [5, 0, 4, 1, 8]));
    assert!(said.starts_with("error: records not taken: 1 of 5"), "{said}");
    assert_eq!(report["training"], true);
}

#[test]
fn a_log_that_was_made_and_never_founded_is_an_empty_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = log.parse().unwrap();
        lienthong_node::open_log(&url, &lienthong_log_kafka::Security::default(), Some(48))
            .await
            .unwrap()
            .close()
            .await;
    });
    not_done(&["dossier", "list", "--log", &log], 64, "there is no log at");
    let file = write(&folder.path().join("s.xes"), &[("1", "a")]);
    let (code, report, said) = import(&[&file, "--log", &log]);
    assert_eq!((code, counts(&report)), (0, [1, 1, 0, 0, 1]), "{said}");
    assert_eq!(said, format!("made a training log (TẬP HUẤN) at {log}\n"));
}

#[test]
fn a_file_without_fault_is_done() {
    let up = Up::start();
    let server = up.address("ward-desk");
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder.path().join("town.log.xes"), &[("1", "a"), ("2", "b")]);
    let (code, report, said) = import(&[&file, "--server", server]);
    assert_eq!((code, counts(&report), said.as_str()), (0, [2, 2, 0, 0, 2], ""));
    let (code, report, _) = import(&[&file, "--server", server]);
    assert_eq!((code, counts(&report)), (0, [2, 0, 2, 0, 2]));
    // Another source is other history.
    let (code, report, _) = import(&[&file, "--server", server, "--source", "city"]);
    assert_eq!((code, counts(&report)), (0, [2, 2, 0, 0, 2]));
    let listed = done_json(&["dossier", "list", "--imported", "true", "--server", server]);
    let codes: Vec<_> =
        listed["dossiers"].as_array().unwrap().iter().map(|dossier| &dossier["code"]).collect();
    assert_eq!(codes, ["city/1", "city/2", "town.log/1", "town.log/2"]);
}

#[test]
fn what_is_wrong_with_a_case_is_told_with_its_line_and_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let (code, report, _) = import(&[BROKEN, "--log", &log]);
    let lines = report["faults"].as_array().unwrap().iter().map(|fault| fault["line"].as_u64().unwrap());
    // The last one ends the reading and is no case.
    assert_eq!(lines.collect::<Vec<_>>(), [5, 13, 30, 33, 39, 41, 49]);
    assert_eq!((code, counts(&report)), (1, [7, 1, 0, 6, 1]));

    let long = "c".repeat(60);
    let file = write(&folder.path().join("s.xes"), &[("1", "a"), (&long, "a"), ("2", "a")]);
    let (code, report, _) = import(&[&file, "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [3, 2, 0, 1, 2]));
    assert_eq!(report["faults"], json!([{ "line": 6, "fault": "code: is 62 bytes, at most 50 are taken" }]));
}

#[test]
fn other_content_under_a_known_name_is_a_fault_and_no_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let file = folder.path().join("s.xes");
    import(&[&write(&file, &[("1", "a"), ("2", "a")]), "--log", &log]);
    let (code, report, _) = import(&[&write(&file, &[("1", "a"), ("2", "b"), ("3", "a")]), "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [3, 1, 1, 1, 2]));
    let fault = "it stands in the log with other content; what the source told then stays, and rows of progress tell how it went on";
    assert_eq!(report["faults"], json!([{ "line": 6, "fault": fault }]));
    let timeline = done_json(&["dossier", "timeline", "s/2", "--log", &log]);
    assert_eq!(timeline["entries"][0]["facts"][0]["activities"][0]["name"], "a");
}

#[test]
fn a_record_over_64_kib_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let name = "x".repeat(15_000);
    let event = format!(
        "<event><string key=\"concept:name\" value=\"a\"/><string key=\"note\" value=\"{name}\"/>\
         <date key=\"time:timestamp\" value=\"2026-03-02T08:00:00+07:00\"/></event>"
    );
    let file = folder.path().join("big.xes");
    let case = |name: &str, events: usize| {
        format!("<trace>\n<string key=\"concept:name\" value=\"{name}\"/>{}</trace>\n", event.repeat(events))
    };
    fs::write(&file, format!("<log>\n{}{}{}</log>", case("fits", 4), case("over", 5), case("far-over", 100)))
        .unwrap();
    let (code, report, _) = import(&[file.to_str().unwrap(), "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [3, 1, 0, 2, 4]), "{report}");
    for fault in report["faults"].as_array().unwrap() {
        assert!(fault["fault"].as_str().unwrap().contains("at most"), "{fault}");
    }
}

#[test]
fn what_no_case_can_help_stops_the_import() {
    let up = Up::start();
    let server = up.address("ward-desk");
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder.path().join("s.xes"), &[("1", "a"), ("2", "a")]);
    let wrong = |args: &[&str]| import(&[&[file.as_str()], args].concat());
    let (code, report, said) = wrong(&["--server", server, "--agency", "H56.1"]);
    assert_eq!((code, counts(&report)), (1, [0; 5]));
    assert!(said.starts_with("error: the registry does not let H56.1 import from this source"), "{said}");
    let (code, _, said) = wrong(&["--server", server, "--agency", "nope"]);
    assert_eq!((code, said.lines().next()), (1, Some("error: the registry has no agency nope")));
    let (code, _, said) = wrong(&["--server", up.address("auditor")]);
    assert_eq!(code, 1);
    assert!(said.contains("does not offer this\nname the address of ward-desk"), "{said}");
    let (code, _, said) = wrong(&["--log", &up.log()]);
    assert_eq!(code, 69);
    assert!(said.contains("--server"), "{said}");
    not_done(
        &["import", "xes", SMALL, "--server", "127.0.0.1:1"],
        69,
        "no service answers at http://127.0.0.1:1",
    );
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    not_done(&["import", "xes", "/nowhere.xes", "--log", &log], 64, "cannot read /nowhere.xes: No such file");
    let long = "s".repeat(41);
    not_done(
        &["import", "xes", SMALL, "--source", &long, "--log", &log],
        2,
        &format!("invalid value '{long}'"),
    );
    not_done(&["import", "xes", SMALL, "--agency", "", "--log", &log], 2, "invalid value ''");
    let file = write(&folder.path().join(format!("{long}.xes")), &[("1", "a")]);
    not_done(
        &["import", "xes", &file, "--log", &log],
        2,
        "the file's name is no name of a source: it is 41 bytes",
    );
    assert!(!folder.path().join("log").exists());
}

#[test]
fn a_real_municipality_comes_in_whole_and_once() {
    let file =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/municipal-receipt.xes.gz"));
    if !file.exists() {
        eprintln!("not tested: {} is absent; it is not ours to pass on", file.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let (code, report, said) = import(&[file.to_str().unwrap(), "--log", &log]);
    assert_eq!((code, counts(&report)), (0, [1434, 1434, 0, 0, 8577]), "{said}");
    assert_eq!(report["faults"], json!([]));
    let (code, report, _) = import(&[file.to_str().unwrap(), "--log", &log]);
    assert_eq!((code, counts(&report)), (0, [1434, 0, 1434, 0, 8577]));

    let listed = done_json(&["dossier", "list", "--imported", "true", "--log", &log]);
    let dossiers = listed["dossiers"].as_array().unwrap();
    let activities: u64 =
        dossiers.iter().map(|dossier| dossier["imported"]["activities"].as_u64().unwrap()).sum();
    assert_eq!((dossiers.len(), activities), (1434, 8577));
    let case = "municipal-receipt/case-10011";
    let timeline = done_json(&["dossier", "timeline", case, "--log", &log]);
    let first = &timeline["entries"][0]["facts"][0]["activities"][0];
    assert_eq!((&first["at"], &first["offsetMinutes"]), (&json!("2011-10-11T11:45:40.276Z"), &json!(120)));
    let shown = run(&["dossier", "timeline", case, "--log", &log]).stdout;
    assert!(shown.contains("2011-10-11T13:45:40.276+02:00"), "{shown}");
}
