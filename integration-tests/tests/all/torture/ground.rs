//! The ground that tortured services stand on: a small disk of their own, a user who is not root, and clocks that can be
//! put forward and back. What the machine does not give is left out, and said.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use super::super::support::programs::LIENTHONG;
use super::super::support::seat::Seat;

/// The disk while it is not full. What is written in a run is less, and memory is used as it is.
const DISK_KIB: u64 = 4 * 1024 * 1024;

/// Nobody: owner of all that services write when we are root, whom the modes of files do not bind.
const NOBODY: u32 = 65_534;

/// Mode of a folder into which the services look.
const READABLE: u32 = 0o755;

/// What holds the clocks, of Debian's package `faketime`.
const FAKETIME: &str = "faketime/libfaketimeMT.so.1";

pub(crate) struct Ground {
    // Dropped first: it takes the disk away from the folder under it.
    keeper: Keeper,
    /// On the small disk: log, keys and stores.
    disk: TempDir,
    /// Beside it: what processes say, and their clocks. Both have room while the disk is full.
    notes: TempDir,
    user: Option<u32>,
    faketime: Option<PathBuf>,
    is_small_disk: bool,
}

/// The process that cleans up behind us.
struct Keeper {
    child: Child,
    word: Mutex<Option<ChildStdin>>,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let (disk, notes) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (keeper, is_small_disk) = match Keeper::start(disk.path(), Some(DISK_KIB)) {
            Some(keeper) => (keeper, true),
            None => (Keeper::start(disk.path(), None).unwrap(), false),
        };
        fs::set_permissions(notes.path(), fs::Permissions::from_mode(READABLE)).unwrap();
        let is_root = fs::metadata(disk.path()).unwrap().uid() == 0;
        let user = Some(NOBODY).filter(|nobody| is_root && can_run_as(*nobody));
        if user.is_some() {
            chown(disk.path(), user, user).unwrap();
        }
        Self { keeper, disk, notes, user, faketime: faketime(), is_small_disk }
    }

    /// Folder of log, keys and stores.
    pub(crate) fn dir(&self) -> &Path {
        self.disk.path()
    }

    /// What is left out of a torture here, and why.
    pub(crate) fn left_out(&self) -> Vec<&'static str> {
        let mut left_out = Vec::new();
        if !self.can_fill() {
            left_out.push(
                "full disk: a disk of its own cannot be mounted (not root, or a container without the right)",
            );
        }
        if !self.can_forbid() {
            left_out.push("lost permissions: we are root, and nobody cannot run the programs where they lie");
        }
        if self.faketime.is_none() {
            left_out.push("clocks: libfaketime is not there (Debian: faketime)");
        }
        left_out
    }

    pub(crate) fn can_fill(&self) -> bool {
        self.is_small_disk
    }

    /// Whether modes of files bind the services.
    pub(crate) fn can_forbid(&self) -> bool {
        self.user.is_some() || fs::metadata(self.notes.path()).unwrap().uid() != 0
    }

    pub(crate) fn can_turn_clocks(&self) -> bool {
        self.faketime.is_some()
    }

    /// A command that runs here as the services' user.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_remove(lienthong_broker::LIENTHONG_KAFKA);
        if let Some(user) = self.user {
            // The folder of the tests may be closed to that user.
            command.uid(user).gid(user).current_dir("/");
        }
        command
    }

    /// A seat for a command, with a clock of its own.
    pub(crate) fn seat(&self, name: &str, mut command: Command) -> Seat {
        if let Some(faketime) = &self.faketime {
            self.turn_clock(name, 0);
            command
                .env("LD_PRELOAD", faketime)
                .env("FAKETIME_TIMESTAMP_FILE", self.clock(name))
                // Seconds until the file is looked at again.
                .env("FAKETIME_CACHE_DURATION", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("NO_FAKE_STAT", "1");
        }
        Seat::new(name, self.notes.path(), command)
    }

    /// Starts what belongs into a seat.
    pub(crate) fn start(&self, seat: &Seat) {
        if let Some(id) = seat.start() {
            self.keeper.tell("started", id);
        }
    }

    /// SIGKILL for what runs in a seat.
    pub(crate) fn kill(&self, seat: &Seat) {
        if let Some(id) = seat.kill() {
            self.gone(id);
        }
    }

    /// How what ran in a seat has ended by itself, once.
    pub(crate) fn ended(&self, seat: &Seat) -> Option<ExitStatus> {
        let (id, status) = seat.ended()?;
        self.gone(id);
        Some(status)
    }

    fn gone(&self, id: u32) {
        self.keeper.tell("ended", id);
        // What libfaketime leaves behind of a process that was killed, and another one of that id would stumble upon.
        for left in ["sem.faketime_sem_", "faketime_shm_"] {
            let _ = fs::remove_file(format!("/dev/shm/{left}{id}"));
        }
    }

    /// Puts a seat's clock so many seconds before or behind the true one.
    pub(crate) fn turn_clock(&self, name: &str, seconds: i64) {
        let clock = self.clock(name);
        // In one step, so that it is never read half.
        let next = clock.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n")).unwrap();
        fs::rename(next, clock).unwrap();
    }

    fn clock(&self, name: &str) -> PathBuf {
        self.notes.path().join(format!("{name}.clock"))
    }

    /// Makes the disk as small as what lies on it; false when somebody wrote in the same moment, too often.
    pub(crate) fn fill(&self) -> bool {
        const TRIES_MAX: u32 = 20;
        (0..TRIES_MAX).any(|_| self.used_kib().is_some_and(|kib| self.resize(kib)))
    }

    /// Gives it its room again.
    pub(crate) fn empty(&self) {
        assert!(self.resize(DISK_KIB));
    }

    fn resize(&self, kib: u64) -> bool {
        let size = format!("remount,size={kib}k");
        let mut mount = Command::new("mount");
        mount.args(["-o", &size]).arg(self.dir()).stderr(Stdio::null());
        mount.status().unwrap().success()
    }

    fn used_kib(&self) -> Option<u64> {
        let df = Command::new("df").args(["-k", "--output=used"]).arg(self.dir()).output().unwrap();
        String::from_utf8_lossy(&df.stdout).lines().nth(1)?.trim().parse().ok()
    }
}

impl Keeper {
    /// None where the disk cannot be had.
    fn start(dir: &Path, kib: Option<u64>) -> Option<Self> {
        let kib = kib.map_or_else(String::new, |kib| kib.to_string());
        let mut command = Command::new("sh");
        // A group of its own: Ctrl-C in a terminal is not for it.
        command.args(["-c", include_str!("keeper.sh"), "keeper"]).arg(dir).arg(kib).process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let word = Mutex::new(child.stdin.take());
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let keeper = Self { child, word };
        (said == "ready\n").then_some(keeper)
    }

    fn tell(&self, what: &str, id: u32) {
        let mut word = self.word.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(word.as_mut().unwrap(), "{what} {id}").unwrap();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.word.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = self.child.wait();
    }
}

/// Whether that user may run our programs where they lie.
fn can_run_as(user: u32) -> bool {
    let mut version = Command::new(LIENTHONG);
    version.arg("--version").uid(user).gid(user).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// Where libfaketime is, if it is.
fn faketime() -> Option<PathBuf> {
    let below = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path().join(FAKETIME));
    let here = Path::new("/usr/lib").join(FAKETIME);
    std::iter::once(here).chain(below).find(|path| path.exists())
}
