//! `log copy`: a log of services, copied, and used on.

use std::fs;
use std::path::Path;

use lienthong_log::RestoreLog as _;
use lienthong_log_embedded::EmbeddedRestore;

use crate::services::{Up, log_in};
use crate::support::{done, done_json, not_done, run};

/// What keys the services need besides the log.
fn copy_keys(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => copy_keys(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

#[test]
fn a_copied_log_is_the_same_to_every_service_and_goes_on() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [from, to, third] = [0, 1, 2].map(|folder| log_in(&folders[folder]));
    run(&["demo", "--dossiers", "3", "--log", &from]);

    let copied = done_json(&["log", "copy", &from, &to]);
    assert!(copied["records"].as_u64().unwrap() > 20, "{copied}");
    assert_eq!((&copied["training"], copied["digest"].as_str().unwrap().len()), (&true.into(), 64));
    let position = copied["position"].as_str().unwrap();
    assert!(position.starts_with("registry:") && position.contains(','), "{copied}");
    // A third one, from the copy, and told in words.
    let told = done(&["log", "copy", &to, &third]);
    assert!(told.starts_with("TẬP HUẤN"), "{told}");
    for word in [copied["digest"].as_str().unwrap(), position, &copied["records"].to_string()] {
        assert!(told.contains(word), "{word}: {told}");
    }

    copy_keys(&folders[0].path().join("log/keys"), &folders[1].path().join("log/keys"));
    let list = |log: &str| done_json(&["dossier", "list", "--log", log]);
    assert_eq!(list(&to), list(&from));
    // The demonstration replays the copy with its own new dossiers behind, and compares all digests.
    let on = run(&["demo", "--dossiers", "2", "--seed", "9", "--log", &to, "--output", "json"]);
    let on: serde_json::Value = serde_json::from_str(&on.stdout).unwrap();
    assert_eq!((&on["digests_agree"], &on["verified"]), (&true.into(), &true.into()), "{on}");
    assert_eq!(list(&to)["dossiers"].as_array().unwrap().len(), 5);
}

#[test]
fn what_cannot_be_copied_is_said_with_what_to_do() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [from, to] = [0, 1].map(|folder| log_in(&folders[folder]));
    not_done(&["log", "copy", &from, &to], 64, "there is no log at embedded:");
    not_done(&["log", "copy", &from, &from], 2, "");
    not_done(&["log", "copy", &from, "nowhere"], 2, "invalid value 'nowhere'");
    assert!(!folders[0].path().join("log").exists() && !folders[1].path().join("log").exists());

    run(&["demo", "--dossiers", "1", "--log", &from]);
    // Another name of the same folder is the same place.
    not_done(&["log", "copy", &from, &from.replace("/log", "/./log")], 2, "");
    done(&["log", "copy", &from, &to]);
    not_done(&["log", "copy", &from, &to], 1, "there is a log at embedded:");
}

#[test]
fn a_log_that_services_hold_is_not_copied() {
    let up = Up::start();
    let folder = tempfile::tempdir().unwrap();
    let to = log_in(&folder);
    not_done(&["log", "copy", &up.log(), &to], 69, "");
    let said = run(&["log", "copy", &up.log(), &to]).stderr;
    assert!(said.contains("open in another process") && said.contains("stop its services"), "{said}");
    assert!(!folder.path().join("log").exists());
}

#[test]
fn an_unfinished_copy_is_no_log_and_goes_on() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [from, to, other] = [0, 1, 2].map(|folder| log_in(&folders[folder]));
    run(&["demo", "--dossiers", "1", "--log", &from]);
    drop(EmbeddedRestore::open_or_create(folders[1].path().join("log"), 48).unwrap());
    for args in [
        ["dossier", "list", "--log", &to].as_slice(),
        &["demo", "--dossiers", "1", "--log", &to],
        &["log", "copy", &to, &other],
    ] {
        not_done(args, 64, "the log at embedded:");
        assert!(run(args).stderr.contains("an unfinished copy"), "{args:?}");
    }
    done(&["log", "copy", &from, &to]);

    // An unfinished copy of another log is left as it is.
    let copy = EmbeddedRestore::open_or_create(folders[2].path().join("log"), 48).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let record = lienthong_log::Record { key: "k".into(), headers: Vec::new(), value: "v".into() };
        let stored = lienthong_log::Stored { offset: 0, appended_ms: 1, record };
        copy.restore(lienthong_log::Partition::Registry, &[stored]).await.unwrap();
    });
    drop(copy);
    let error = "the target holds another history from registry 0 on";
    not_done(&["log", "copy", &from, &other], 1, error);
}
