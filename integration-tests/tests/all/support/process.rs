//! The command `lienthong` as a process: started, spoken to, ended.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::clients::{Clients, Service};

/// `lienthong up` that says it is ready.
pub(crate) struct Up {
    process: Process,
    addresses: BTreeMap<String, SocketAddr>,
}

/// How a process ended, and all it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A process whose output is read all the time.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

impl Up {
    /// A training log in this folder, on free ports; ready.
    pub(crate) fn training(place: &Path, more: &[&str]) -> Self {
        Self::ready(Self::starting(place, more))
    }

    /// The same, not waited for.
    pub(crate) fn starting(place: &Path, more: &[&str]) -> Process {
        let log = format!("embedded:{}", place.display());
        let up = ["up", "--training", "--free-ports", "--output", "json", "--log", &log];
        Process::start(&[&up, more].concat())
    }

    /// A log that is there, with its keys in this folder; ready.
    pub(crate) fn on(log: &str, dir: &Path) -> Self {
        let dir = dir.display().to_string();
        let up = ["up", "--free-ports", "--output", "json", "--log", log, "--dir", &dir];
        Self::ready(Process::start(&up))
    }

    pub(crate) fn ready(process: Process) -> Self {
        let mut addresses = BTreeMap::new();
        loop {
            let Ok(line) = process.lines.recv_timeout(PATIENCE) else {
                panic!("never ready: {:?}", process.kill());
            };
            let said: serde_json::Value = serde_json::from_str(&line).unwrap();
            if said["ready"] == true {
                return Self { process, addresses };
            }
            let address = said["address"].as_str().unwrap().parse().unwrap();
            addresses.insert(said["service"].as_str().unwrap().to_owned(), address);
        }
    }

    /// Clients of its services, with connections of their own.
    pub(crate) fn clients(&self) -> Clients {
        Clients::to(|service: Service| self.addresses[service.name()])
    }

    /// Where metrics are, if they were asked for.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.addresses["metrics"]
    }

    pub(crate) fn address(&self, service: Service) -> SocketAddr {
        self.addresses[service.name()]
    }

    /// SIGKILL.
    pub(crate) fn kill(self) -> Ended {
        self.process.kill()
    }

    /// SIGTERM; it ends by itself afterwards.
    pub(crate) fn terminate(&self) {
        self.process.terminate();
    }

    /// SIGTERM, and a good end.
    pub(crate) fn stop(self) -> Ended {
        self.terminate();
        let ended = self.ended();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    }

    /// How it ends by itself.
    pub(crate) fn ended(self) -> Ended {
        self.process.ended()
    }
}

impl Process {
    /// Starts the command.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_lienthong-under-test")).args(args))
    }

    /// Starts any.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (teller, lines) = channel();
        let stdout = std::thread::spawn(move || {
            let mut all = String::new();
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                all.push_str(&line);
                all.push('\n');
                // Nobody listens any more once it is ready.
                let _ = teller.send(line);
            }
            all
        });
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Self { child, lines, stdout: Some(stdout), stderr: Some(stderr) }
    }

    /// SIGTERM; it ends by itself afterwards.
    pub(crate) fn terminate(&self) {
        let term = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &term]).status().unwrap().success());
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.ended()
    }

    /// How it ends by itself, which it must in time.
    pub(crate) fn ended(mut self) -> Ended {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < PATIENCE, "the process does not end");
            // There is no wait with a timeout in the standard library.
            std::thread::sleep(Duration::from_millis(2));
        };
        let all = |reader: Option<JoinHandle<String>>| reader.unwrap().join().unwrap();
        Ended { code: status.code(), stdout: all(self.stdout.take()), stderr: all(self.stderr.take()) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already; a test that failed must not leave it behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
