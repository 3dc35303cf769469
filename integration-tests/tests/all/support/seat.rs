//! A seat: what runs in it comes and goes, by us or by itself.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lines of what a process said that are shown when something is wrong with it.
const LAST_LINES: usize = 25;

/// Where a process runs, one after the other.
pub(crate) struct Seat {
    name: String,
    /// What its processes write, beside each other: `NAME.out` of the newest, `NAME.err` of all.
    notes: PathBuf,
    sitting: Mutex<Sitting>,
}

struct Sitting {
    command: Command,
    child: Option<Child>,
}

impl Seat {
    /// Empty; `command` is what will run in it, and `notes` a folder for what that says.
    pub(crate) fn new(name: &str, notes: &Path, command: Command) -> Self {
        let sitting = Mutex::new(Sitting { command, child: None });
        Self { name: name.to_owned(), notes: notes.to_owned(), sitting }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Starts it where nothing runs; gives the new process's id.
    pub(crate) fn start(&self) -> Option<u32> {
        let mut sitting = self.sitting();
        if sitting.child.is_some() {
            return None;
        }
        let out = File::create(self.out()).unwrap();
        let err = File::options().create(true).append(true).open(self.err()).unwrap();
        let command = &mut sitting.command;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap();
        let id = child.id();
        sitting.child = Some(child);
        Some(id)
    }

    /// SIGKILL; it is gone on return. Gives the id that it had.
    pub(crate) fn kill(&self) -> Option<u32> {
        let mut child = self.sitting().child.take()?;
        // Fails only for one that has ended.
        let _ = child.kill();
        child.wait().unwrap();
        Some(child.id())
    }

    /// Sends a signal; false where nothing runs.
    pub(crate) fn signal(&self, name: &str) -> bool {
        let mut sitting = self.sitting();
        let Some(child) = sitting.child.as_mut() else { return false };
        // While it is not waited for, the system gives its id to nobody else. The shell has `kill` built in.
        let kill = format!("kill -s {name} {}", child.id());
        let sent = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status().unwrap();
        sent.success()
    }

    /// What ended by itself, once, and how; the seat is empty then.
    pub(crate) fn ended(&self) -> Option<(u32, ExitStatus)> {
        let mut sitting = self.sitting();
        let child = sitting.child.as_mut()?;
        let ended = child.try_wait().unwrap()?;
        let id = child.id();
        sitting.child = None;
        Some((id, ended))
    }

    /// What the newest process has written to stdout so far.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.out()).unwrap_or_default()
    }

    /// What all its processes have written to stderr.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.err()).unwrap_or_default()).into_owned()
    }

    /// The end of that.
    pub(crate) fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<_> = said.lines().rev().take(LAST_LINES).collect();
        format!("{}:\n{}\n", self.name, lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }

    fn out(&self) -> PathBuf {
        self.notes.join(format!("{}.out", self.name))
    }

    fn err(&self) -> PathBuf {
        self.notes.join(format!("{}.err", self.name))
    }

    fn sitting(&self) -> MutexGuard<'_, Sitting> {
        self.sitting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.kill();
    }
}
