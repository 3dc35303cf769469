//! One broker: a folder, its ports, and now and then a process.
//!
//! ```text
//! folder --format--> formatted --start--> running --answers--> in service
//!                        ^-----------kill-----'<------------------'
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::BrokerError;
use crate::config::{Ports, node_id};
use crate::files::{append_to, last_words};
use crate::java::LOG_FILE;
use crate::probe::{self, Known};
use crate::process::{Process, Watchdog};

/// How long a broker may take to be in service; two busy cores need a few seconds for three of them.
const READY_TIMEOUT: Duration = Duration::from_secs(90);

/// How often it is asked whether it is.
const READY_POLL: Duration = Duration::from_millis(20);

/// A broker of a cluster.
pub(crate) struct Broker {
    /// From 0.
    index: usize,
    folder: PathBuf,
    ports: Ports,
    /// Runs it, given its `server.properties`.
    command: Command,
    process: Mutex<Option<Process>>,
    watchdog: Arc<Watchdog>,
}

impl Broker {
    pub(crate) fn new(
        index: usize,
        folder: PathBuf,
        ports: Ports,
        command: Command,
        watchdog: &Arc<Watchdog>,
    ) -> Self {
        let watchdog = Arc::clone(watchdog);
        Self { index, folder, ports, command, process: Mutex::new(None), watchdog }
    }

    /// The processes that format these brokers' folders, at once; those that are formatted stay as they are.
    pub(crate) fn format(brokers: &[(&Self, Command)]) -> Result<(), BrokerError> {
        let mut under_way = Vec::new();
        for (broker, command) in brokers {
            if !broker.folder.join("data/meta.properties").exists() {
                let output = append_to(&broker.output())?;
                under_way.push((broker, Process::start(command, output, &broker.watchdog)?));
            }
        }
        for (broker, mut process) in under_way {
            if !process.wait().is_some_and(|status| status.success()) {
                let output = last_words(&[&broker.output()]);
                return Err(BrokerError::NotFormatted { broker: broker.index, output });
            }
        }
        Ok(())
    }

    /// Starts it, if it does not run.
    pub(crate) fn start(&self) -> Result<(), BrokerError> {
        let mut process = self.process();
        if process.as_mut().is_none_or(|process| process.ended().is_some()) {
            *process = Some(Process::start(&self.command, append_to(&self.output())?, &self.watchdog)?);
        }
        Ok(())
    }

    /// Ends it with SIGKILL, if it runs.
    pub(crate) fn kill(&self) {
        self.process().take();
    }

    pub(crate) fn signal(&self, name: &str) -> Result<(), BrokerError> {
        let sent = self.process().as_mut().map_or(Ok(false), |process| process.signal(name))?;
        if sent { Ok(()) } else { Err(BrokerError::NotRunning { broker: self.index }) }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process().as_mut().is_some_and(|process| process.ended().is_none())
    }

    /// Waits until it takes clients, and knows this many brokers in service, itself among them.
    pub(crate) fn wait_ready(&self, brokers: usize) -> Result<(), BrokerError> {
        let id = node_id(self.index);
        self.wait_until(|known| {
            let itself = known.brokers.iter().any(|known| usize::try_from(*known) == Ok(id));
            itself && known.brokers.len() >= brokers && probe::connect(self.ports.clients).is_ok()
        })
    }

    /// Waits until it knows something.
    pub(crate) fn wait_until(&self, is_so: impl Fn(&Known) -> bool) -> Result<(), BrokerError> {
        let start = Instant::now();
        loop {
            if probe::ask(self.ports.internal).is_ok_and(|known| is_so(&known)) {
                return Ok(());
            }
            match self.process().as_mut().map(Process::ended) {
                None => return Err(BrokerError::NotRunning { broker: self.index }),
                Some(Some(_)) => {
                    return Err(BrokerError::Ended { broker: self.index, log: self.last_words() });
                }
                Some(None) if start.elapsed() > READY_TIMEOUT => {
                    let seconds = READY_TIMEOUT.as_secs();
                    return Err(BrokerError::NotReady {
                        broker: self.index,
                        seconds,
                        log: self.last_words(),
                    });
                }
                Some(None) => thread::sleep(READY_POLL),
            }
        }
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What its processes write beside the log.
    fn output(&self) -> PathBuf {
        self.folder.join("output.log")
    }

    fn last_words(&self) -> String {
        last_words(&[&self.output(), &self.folder.join(LOG_FILE)])
    }
}

/// The folder of a broker of the cluster in this folder.
pub(crate) fn folder(cluster: &Path, index: usize) -> PathBuf {
    cluster.join(format!("broker-{index}"))
}

/// How many brokers the cluster in this folder has.
pub(crate) fn existing(cluster: &Path) -> usize {
    (0..).take_while(|index| fs::exists(folder(cluster, *index)).unwrap_or(false)).count()
}
