use std::{fs, path::PathBuf};

use serde_json::json;

use crate::support::{done, done_json, run};

fn registry(path: &str) -> String {
    format!("{}/../../libs/registry/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> Vec<String> {
    let files = fs::read_dir(registry("packs")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.to_str().unwrap().to_owned()).collect()
}

fn check(files: &[String]) -> Vec<&str> {
    ["pack", "check"].into_iter().chain(files.iter().map(String::as_str)).collect()
}

fn write(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn shipped_packs_have_no_fault() {
    let files = shipped();
    assert!(files.len() >= 3, "{files:?}");
    assert_eq!(done_json(&check(&files)), json!([]));
}

#[test]
fn a_sound_pack_is_told_by_procedure_version_steps_and_total() {
    let file = registry("packs/land-transfer-thanh-hoa.yaml");
    let text = done(&["pack", "check", &file]);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with(&format!("{file}: hợp lệ. Thủ tục 1.")), "{text}");
    assert!(text.contains("(Đăng ký biến động"), "{text}");
    assert!(text.ends_with("11 bước, tổng thời hạn 13 ngày làm việc\n"), "{text}");
}

#[test]
fn steps_that_do_not_add_up_are_a_fault_with_its_line() {
    let refused = registry("tests/packs/land-transfer-version-a.yaml");
    let pack = fs::read_to_string(&refused).unwrap();
    let line = 1 + pack.lines().position(|line| line.starts_with("total:")).unwrap();
    let fault = "the limits of the steps that count add up to 12 days, the declared total is 13 days";

    let text = run(&["pack", "check", &refused]);
    assert_eq!(text.code, Some(1));
    assert_eq!(text.stdout, format!("{refused}:{line}: {fault}\n"));
    assert_eq!(
        text.stderr,
        "error: files with faults: 1 of 1\nmend each line named on stdout and check again\n"
    );

    let json = run(&["--output", "json", "pack", "check", &refused]);
    assert_eq!(json.code, Some(1));
    let told: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(told, json!([{ "file": refused, "line": line, "fault": fault }]));
}

#[test]
fn every_file_is_checked_whatever_is_wrong_with_another() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere.yaml");
    let latin = write(&dir, "latin.yaml", b"# one\nname: \xe9t\xe9\n");
    let endless = write(&dir, "endless.yaml", &vec![b'#'; 1024 * 1024 + 1]);
    let empty = write(&dir, "empty.yaml", b"");
    let paths = [missing, latin, dir.path().to_owned(), endless, empty];
    let mut files = paths.map(|path| path.to_str().unwrap().to_owned()).to_vec();
    files.push(registry("packs/land-gift-thanh-hoa.yaml"));

    let checked = run(&[&["--output", "json"], &check(&files)[..]].concat());
    assert_eq!(checked.code, Some(64));
    assert!(checked.stderr.starts_with("error: files with faults: 5 of 6\n"), "{}", checked.stderr);
    let told: Vec<serde_json::Value> = serde_json::from_str(&checked.stdout).unwrap();
    let begins = [
        (0, "cannot be read: No such file"),
        (2, "the text is not UTF-8"),
        (0, "cannot be read: Is a directory"),
        (0, "the file has over 1048576 bytes"),
        (1, "the text is empty"),
    ];
    assert_eq!(told.len(), begins.len(), "{told:?}");
    for ((fault, file), (line, text)) in told.iter().zip(&files).zip(begins) {
        assert_eq!((&fault["file"], &fault["line"]), (&json!(file), &json!(line)));
        assert!(fault["fault"].as_str().unwrap().starts_with(text), "{fault}");
    }

    let text = run(&check(&files));
    assert_eq!(text.code, Some(64));
    assert_eq!(text.stdout.lines().count(), 6);
    assert!(text.stdout.lines().last().unwrap().contains(": hợp lệ. "), "{}", text.stdout);
}

#[test]
fn checking_nothing_is_wrong_usage() {
    crate::support::not_done(&["pack", "check"], 2, "the following required arguments");
}
