//! Files that the command line names: one rule for all commands.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::services::Up;
use crate::support::run;

/// It cannot be read or written, or it is a setting.
const CONFIG: i32 = 64;
/// It can be read, and does not say what it has to.
const REFUSED: i32 = 1;

const OFFICER: [&str; 6] = ["--agency", "H56.1", "--officer", "cb-01", "--purpose", "handling"];
const WINDOW: [&str; 4] = ["--from", "2026-11-02", "--to", "2026-11-30"];

/// Stands for the file.
const FILE: &str = "FILE";

fn check(args: &[&str], file: &str, code: i32) {
    let named: Vec<&str> = args.iter().map(|arg| if *arg == FILE { file } else { arg }).collect();
    let ended = run(&named);
    assert_eq!(ended.code, Some(code), "{named:?}: {}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.contains("error: ") && ended.stderr.lines().count() > 1,
        "{named:?}: {}",
        ended.stderr
    );
}

#[test]
fn what_cannot_be_read_is_bad_configuration_and_what_is_malformed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let of = |name: &str| dir.join(name).display().to_string();
    let (missing, directory, malformed) = (of("nowhere"), of("folder"), of("malformed"));
    fs::create_dir(&directory).unwrap();
    fs::write(&malformed, "<{\n}>\n").unwrap();
    fs::set_permissions(&malformed, fs::Permissions::from_mode(0o600)).unwrap();
    let up = Up::start();
    let (desk, log) = (up.address("ward-desk"), format!("embedded:{}", of("log")));
    let secure = ["--server", "https://127.0.0.1:1"];
    let tls = [&["dossier", "list"][..], &secure].concat();
    for (args, code) in [
        (vec!["pack", "check", FILE], REFUSED),
        (vec!["pack", "publish", FILE, "--log", &log], REFUSED),
        (vec!["up", "--training", "--free-ports", "--log", &log, "--pack", FILE], CONFIG),
        (vec!["registry", "init", "--log", &log, "--pack", FILE], CONFIG),
        (vec!["registry", "import", FILE, "--log", &log], REFUSED),
        (vec!["registry", "import", "--successions", FILE, "--log", &log], REFUSED),
        (
            vec!["registry", "calendar", FILE, "--version", "x", "--from", "2027-01-01", "--log", &log],
            REFUSED,
        ),
        (vec!["import", "xes", FILE, "--server", desk], REFUSED),
        (vec!["import", "sync", FILE, "--server", desk], REFUSED),
        (vec!["audit", "verify", "--server", up.address("auditor"), "--expect-file", FILE], REFUSED),
        ([&tls[..], &["--ca-file", FILE]].concat(), CONFIG),
        (
            vec![
                "keys",
                "encrypt",
                "--dir",
                up.log().strip_prefix("embedded:").unwrap(),
                "--passphrase-file",
                FILE,
            ],
            CONFIG,
        ),
    ] {
        check(&args, &missing, CONFIG);
        check(&args, &directory, CONFIG);
        check(&args, &malformed, code);
    }
    assert!(!dir.join("log").exists());
}

#[test]
fn what_cannot_be_written_is_bad_configuration() {
    let up = Up::start();
    let (desk, auditor) = (up.address("ward-desk"), up.address("auditor"));
    let nowhere = "/dev/null/file";
    for args in [
        vec!["schema", "--out", FILE],
        vec!["audit", "export", "--format", "csv", "--server", auditor, "--out", FILE],
        [&["report", "ii06", "--pdf", FILE, "--server", desk], &WINDOW[..]].concat(),
        [&["register", "--pdf", FILE, "--server", desk], &WINDOW[..], &OFFICER].concat(),
    ] {
        check(&args, nowhere, CONFIG);
    }
}

#[test]
fn a_file_whose_name_is_no_source_is_wrong_usage_and_so_is_none_at_all() {
    let long = format!("/nowhere/{}.xes", "s".repeat(41));
    check(&["import", "xes", FILE], &long, 2);
    for args in [&["import", "xes"][..], &["pack", "check"], &["registry", "import"]] {
        check(args, "", 2);
    }
}
