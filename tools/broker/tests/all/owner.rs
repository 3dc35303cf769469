//! Whoever started a broker is gone: then so is the broker, and all it wrote.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::until;

#[test]
fn a_killed_owner_leaves_no_java_and_no_folder() {
    let home = TempDir::new().unwrap();
    let mut owner = start(home.path());
    let mut address = String::new();
    BufReader::new(owner.stdout.take().unwrap()).read_line(&mut address).unwrap();
    assert!(TcpStream::connect(address.trim_end()).is_ok());
    assert_ne!(processes_that_name(home.path()), 0);

    kill(&mut owner);
    until("nothing is left", || nothing_is_left(home.path()));
}

#[test]
fn an_owner_that_is_killed_while_it_starts_leaves_nothing_either() {
    let home = TempDir::new().unwrap();
    let mut owner = start(home.path());
    until("Java runs", || processes_that_name(home.path()) > 0);
    kill(&mut owner);
    until("nothing is left", || nothing_is_left(home.path()));
}

/// A developer's broker, whose folder is made in this one.
fn start(home: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafka"));
    command.env("TMPDIR", home).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// With SIGKILL: it does nothing any more.
fn kill(owner: &mut Child) {
    owner.kill().unwrap();
    owner.wait().unwrap();
}

fn nothing_is_left(home: &Path) -> bool {
    fs::read_dir(home).unwrap().next().is_none() && processes_that_name(home) == 0
}

/// Processes that have this folder in their command line: brokers, and those that become one.
fn processes_that_name(folder: &Path) -> usize {
    let mut ps = Command::new("sh");
    // Each process is a folder; those that have just ended cannot be read.
    ps.args(["-c", r#"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n'; true"#]);
    let lines = String::from_utf8_lossy(&ps.output().unwrap().stdout).into_owned();
    lines.lines().filter(|line| line.contains(&*folder.to_string_lossy())).count()
}
