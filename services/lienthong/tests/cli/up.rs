//! `up` and `demo`: what keeps a training log from being made, and what comes of one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::services::{Up, log_in, signal};
use crate::support::{command, not_done, run};

const PACK: &str = include_str!("../../../../libs/registry/packs/land-transfer-thanh-hoa.yaml");

/// A pack in a file of its own, changed as a newcomer would.
fn pack(folder: &tempfile::TempDir, changes: &[(&str, &str)]) -> String {
    let text = changes.iter().fold(PACK.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let path = folder.path().join("mine.yaml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_pack_that_does_not_fit_is_named_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let twin = pack(&folder, &[("version: \"2026-07-27\"", "version: mine-1")]);
    let args = ["up", "--training", "--free-ports", "--log", &log, "--pack", &twin];
    not_done(&args, 64, "");
    let gap = pack(&folder, &[("\"1.099001\"", "\"1.099009\""), ("role: land-registry", "role: treasury")]);
    let args = ["up", "--training", "--free-ports", "--log", &log, "--pack", &gap];
    let refused = run(&args);
    assert_eq!(refused.code, Some(64));
    assert!(
        refused.stderr.contains("treasury") && refused.stderr.contains("mine.yaml:"),
        "{}",
        refused.stderr
    );
    // The place is as empty as before, so the next start makes the log.
    assert_eq!(run(&["demo", "--dossiers", "1", "--log", &log]).code, Some(0));
}

#[test]
fn a_log_that_has_its_packs_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    run(&["demo", "--dossiers", "1", "--log", &log]);
    let mine = pack(&folder, &[("\"1.099001\"", "\"1.099009\"")]);
    let args = ["up", "--training", "--free-ports", "--log", &log, "--pack", &mine];
    not_done(&args, 64, "the log at ");
}

#[test]
fn only_the_services_that_were_asked_for_are_started() {
    let up = Up::with(&["--service", "tax-office", "--service", "ward-desk"]);
    let mut services = up.services();
    services.sort_unstable();
    assert_eq!(services, ["tax-office", "ward-desk"]);
    not_done(&["up", "--training", "--service", "treasury"], 2, "");
}

#[test]
fn the_demonstration_checks_itself_and_tells_its_figures() {
    let outcome = run(&["demo", "--dossiers", "14", "--seed", "7", "--output", "json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let outcome: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(outcome["dossiers"], 14);
    assert_eq!((&outcome["paper_hand_offs"], &outcome["voids"]), (&0.into(), &0.into()));
    assert_eq!((&outcome["digests_agree"], &outcome["verified"]), (&true.into(), &true.into()));
    let digests = outcome["digests"].as_object().unwrap();
    assert_eq!(digests.keys().collect::<Vec<_>>(), ["auditor", "land-registry", "tax-office", "ward-desk"]);
    assert!(digests.values().all(|digest| digest == &digests["auditor"]));
    for figure in ["events", "hand_offs", "elapsed_ms"] {
        assert!(outcome[figure].as_u64().unwrap() > 0, "{figure}");
    }
}

#[test]
fn whoever_ends_a_demonstration_finds_nothing_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = command(&["demo", "--dossiers", "100000"]);
    demo.env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    // Its first dossier is through.
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("H56.")));
    assert!(fs::read_dir(folder.path()).unwrap().count() > 0);
    signal(&demo, "TERM");
    lines.for_each(drop);
    let ended = demo.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(
        (ended.status.code(), said.lines().next()),
        (Some(1), Some("error: ended before all was shown"))
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
