//! Runs the built binary and checks what it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run of the command led to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary with arguments, as yet to be started.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(args).stdin(Stdio::null());
    command
}

pub(crate) fn run(args: &[&str]) -> Run {
    let output = command(args).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// It is done: exit 0, nothing on stderr. What stands on stdout.
pub(crate) fn done(args: &[&str]) -> String {
    let Run { code, stdout, stderr } = run(args);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    stdout
}

/// The same in JSON.
pub(crate) fn done_json(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&done(&[args, &["--output", "json"]].concat())).unwrap()
}

/// It is not done: this exit code, nothing on stdout, and on stderr an error of two lines at least that begins so.
pub(crate) fn not_done(args: &[&str], exit: i32, error: &str) {
    let Run { code, stdout, stderr } = run(args);
    assert_eq!((code, stdout.as_str()), (Some(exit), ""), "{args:?}: {stderr}");
    let begins = format!("error: {error}");
    assert!(stderr.starts_with(&begins) && stderr.lines().count() > 1, "{args:?}: {stderr}");
}

/// A command in JSON that prints a form into a file, and nothing else to stderr but that it did: the data, and the bytes.
pub(crate) fn printed(args: &[&str], file: &Path) -> (serde_json::Value, Vec<u8>) {
    let told = ["--pdf", file.to_str().unwrap(), "--output", "json"];
    let Run { code, stdout, stderr } = run(&[args, &told].concat());
    assert_eq!((code, stderr), (Some(0), format!("printed into {}\n", file.display())), "{args:?}");
    (serde_json::from_str(&stdout).unwrap(), fs::read(file).unwrap())
}
