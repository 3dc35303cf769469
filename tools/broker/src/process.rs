//! The processes of a cluster, and the one that ends them.
//!
//! ```text
//! we --spawn--> gate --our word--> java --> ended
//!  `--"started PID"--> watchdog: kills what is started and not ended, once our end of its pipe is closed
//! ```
//!
//! A process that is killed runs no destructor, and neither does a static. So a watchdog gets to know each process
//! before that does anything: until then it is a shell that waits for our word, and ends when we are gone.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::BrokerError;

/// Becomes its arguments once it has read a line.
const GATE: &str = r#"read -r word && exec "$@" </dev/null"#;

/// The shell that outlives us for a moment.
pub(crate) struct Watchdog {
    child: Child,
    pipe: Mutex<Option<ChildStdin>>,
}

impl Watchdog {
    /// One that also removes this folder, if any.
    pub(crate) fn start(folder: Option<&Path>) -> Result<Arc<Self>, BrokerError> {
        let mut command = shell(include_str!("watchdog.sh"), "watchdog");
        command.arg(folder.map_or(OsStr::new(""), Path::as_os_str));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(not_run("sh"))?;
        let pipe = Mutex::new(child.stdin.take());
        Ok(Arc::new(Self { child, pipe }))
    }

    fn tell(&self, what: &str, process: &Child) -> io::Result<()> {
        let pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.as_ref().map_or(Ok(()), |mut pipe| writeln!(pipe, "{what} {}", process.id()))
    }
}

impl Drop for Watchdog {
    /// Ends when the folder is removed.
    fn drop(&mut self) {
        drop(self.pipe.lock().unwrap_or_else(PoisonError::into_inner).take());
        // It cannot be helped here if somebody else has ended it.
        let _ = self.child.wait();
    }
}

/// A process that does not outlive us. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    ended: Option<ExitStatus>,
    watchdog: Arc<Watchdog>,
}

impl Process {
    /// Runs a command, of which only program and arguments count. What it says goes to this file.
    pub(crate) fn start(
        command: &Command,
        output: File,
        watchdog: &Arc<Watchdog>,
    ) -> Result<Self, BrokerError> {
        let program = command.get_program();
        let failed = |error| not_run(&program.to_string_lossy())(error);
        let errors = output.try_clone().map_err(failed)?;
        let mut gate = shell(GATE, "gate");
        gate.arg(program).args(command.get_args());
        gate.stdin(Stdio::piped()).stdout(output).stderr(errors);
        let mut child = gate.spawn().map_err(failed)?;
        let word = child.stdin.take();
        // From here on, dropping it kills it.
        let process = Self { child, ended: None, watchdog: Arc::clone(watchdog) };
        watchdog.tell("started", &process.child).map_err(failed)?;
        word.map_or(Ok(()), |mut word| writeln!(word, "go")).map_err(failed)?;
        Ok(process)
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
            self.forget_if_ended();
        }
        self.ended
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.wait().ok();
            self.forget_if_ended();
        }
        self.ended
    }

    /// Sends it a signal; false if it has ended. Until we have seen that, the system gives its id to nobody else.
    pub(crate) fn signal(&mut self, name: &str) -> Result<bool, BrokerError> {
        if self.ended().is_some() {
            return Ok(false);
        }
        // The shell has it built in; as a program, not every system has it.
        let mut kill = shell(r#"kill -s "$1" "$2""#, "kill");
        kill.args([name, &self.child.id().to_string()]).stderr(Stdio::null());
        Ok(kill.status().map_err(not_run("sh"))?.success())
    }

    /// Ends it with SIGKILL; it is gone on return.
    pub(crate) fn kill(&mut self) {
        if self.ended().is_none() {
            // Fails only for one that has ended.
            let _ = self.child.kill();
            self.wait();
        }
    }

    fn forget_if_ended(&self) {
        if self.ended.is_some() {
            // Nobody is there to be told when somebody else has ended the watchdog.
            let _ = self.watchdog.tell("ended", &self.child);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A script in a process group of its own: Ctrl-C in a terminal is for us alone.
fn shell(script: &str, name: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, name]).process_group(0);
    command
}

pub(crate) fn not_run(program: &str) -> impl FnOnce(io::Error) -> BrokerError {
    let program = program.to_owned();
    |source| BrokerError::Program { program, source }
}
