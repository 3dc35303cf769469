//! Two processes and one log: the second is refused, and a killed one loses nothing it was answered.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use lienthong_log::contract::{read_all, record};
use lienthong_log::{EventLog, Partition, ReadLimit};

use crate::{EmbeddedLog, OpenError};

const DIR: &str = "LIENTHONG_TEST_LOG_DIR";
const APPENDS: usize = 40;

/// What the other process does: opens the log and appends without end, telling each offset it is answered.
#[tokio::test]
#[ignore = "is started by the other tests, with a folder"]
async fn appends_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let log = EmbeddedLog::open_or_create(dir, 1).unwrap();
    for number in 0.. {
        let offset = log.append(Partition::Registry, record(&format!("{number}"))).await.unwrap();
        // Not `println`, which the test harness takes.
        writeln!(std::io::stdout().lock(), "answered {offset}").unwrap();
    }
}

fn other_process(dir: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::process::appends_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

/// The next offset that the other process was answered.
fn next_answer(lines: &mut impl BufRead) -> Option<u64> {
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        // The harness begins lines of its own, and does not always end them.
        if let Some((_, offset)) = line.trim_end().rsplit_once("answered ") {
            return Some(offset.parse().unwrap());
        }
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_was_answered_and_lets_go_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = 0;
    for _ in 0..3 {
        let (mut child, mut lines) = other_process(dir.path());
        for _ in 0..APPENDS {
            next_answer(&mut lines).unwrap();
        }
        assert!(matches!(EmbeddedLog::open(dir.path()), Err(OpenError::AlreadyOpen { .. })));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still wrote before it was killed was answered too.
        let last = std::iter::from_fn(|| next_answer(&mut lines)).last();

        let log = EmbeddedLog::open(dir.path()).unwrap();
        let records = read_all(&log, Partition::Registry, 0, ReadLimit::default()).await;
        assert!(records.len() >= kept + APPENDS);
        assert!(last.is_none_or(|last| last < records.len() as u64));
        for (number, stored) in records[kept..].iter().enumerate() {
            assert_eq!(stored.record, record(&number.to_string()));
        }
        kept = records.len();
    }
}
