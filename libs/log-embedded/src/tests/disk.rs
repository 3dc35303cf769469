//! A disk that a test can cut the power of.
//!
//! Reads see every write; a power cut keeps what was synced, and of what was not as much as the test says.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use redb::StorageBackend;
use tokio::sync::watch;

/// Writes survive in pieces of this size.
const SECTOR_BYTES: usize = 512;

#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    seen: Vec<u8>,
    synced: Vec<u8>,
    unsynced: VecDeque<Change>,
    syncs: usize,
    /// How many more writes and syncs there will be.
    steps_left: Option<u64>,
    is_next_sync_failing: bool,
    is_next_sync_panicking: bool,
    held_sync: Option<watch::Sender<bool>>,
}

#[derive(Debug)]
enum Change {
    Length(usize),
    Write { at: usize, bytes: Vec<u8> },
}

/// What a power cut leaves of the changes that were not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Survivors {
    /// Nothing: the disk wrote only what it was made to.
    None,
    /// The changes up to some point, the last of them torn: the disk wrote in order.
    Prefix,
    /// Any of the sectors, and any of the lengths: the disk wrote as it liked.
    Any,
}

/// The next sync, held up until it is released.
pub(crate) struct HeldSync {
    disk: Disk,
    reached: watch::Receiver<bool>,
}

/// Numbers that look random and are the same for a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn is_heads(&mut self) -> bool {
        self.below(2) == 0
    }
}

impl Disk {
    pub(crate) fn syncs(&self) -> usize {
        self.state().syncs
    }

    pub(crate) fn fail_next_sync(&self) {
        self.state().is_next_sync_failing = true;
    }

    pub(crate) fn panic_in_next_sync(&self) {
        self.state().is_next_sync_panicking = true;
    }

    pub(crate) fn hold_next_sync(&self) -> HeldSync {
        let (holding, reached) = watch::channel(false);
        self.state().held_sync = Some(holding);
        HeldSync { disk: self.clone(), reached }
    }

    /// Lets so many more writes and syncs happen, and none after them.
    pub(crate) fn cut_power_after(&self, steps: u64) {
        self.state().steps_left = Some(steps);
    }

    /// The disk with its power back.
    pub(crate) fn after_power_cut(&self, survivors: Survivors, dice: &mut Dice) -> Self {
        let state = self.state();
        let mut bytes = state.synced.clone();
        let kept = match survivors {
            Survivors::None => 0,
            Survivors::Prefix => dice.below(state.unsynced.len() as u64 + 1) as usize,
            Survivors::Any => state.unsynced.len(),
        };
        for (index, change) in state.unsynced.iter().take(kept).enumerate() {
            let is_torn = index + 1 == kept;
            match (survivors, change) {
                (Survivors::None, _) => {}
                (Survivors::Prefix, Change::Length(length)) => bytes.resize(*length, 0),
                (Survivors::Prefix, Change::Write { at, bytes: written }) => {
                    let sectors = written.len().div_ceil(SECTOR_BYTES) as u64;
                    let whole = if is_torn { dice.below(sectors + 1) as usize } else { sectors as usize };
                    put(&mut bytes, *at, &written[..written.len().min(whole * SECTOR_BYTES)]);
                }
                (Survivors::Any, Change::Length(length)) => {
                    if dice.is_heads() {
                        bytes.resize(*length, 0);
                    }
                }
                (Survivors::Any, Change::Write { at, bytes: written }) => {
                    for (sector, written) in written.chunks(SECTOR_BYTES).enumerate() {
                        if dice.is_heads() {
                            put(&mut bytes, at + sector * SECTOR_BYTES, written);
                        }
                    }
                }
            }
        }
        let state = State { seen: bytes.clone(), synced: bytes, ..State::default() };
        Self(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }))
    }

    /// The bytes of the disk, to lay them down as a file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }
}

impl HeldSync {
    /// Waits until the disk is in the sync.
    pub(crate) async fn reached(&self) {
        self.reached.clone().wait_for(|reached| *reached).await.unwrap();
    }

    pub(crate) fn release(self) {
        self.disk.state().held_sync = None;
        self.disk.0.changed.notify_all();
    }
}

impl State {
    fn check_power(&self) -> io::Result<()> {
        match self.steps_left {
            Some(0) => Err(io::Error::new(ErrorKind::BrokenPipe, "no power")),
            _ => Ok(()),
        }
    }

    /// Takes one of the steps that are left; the last one is begun and not finished.
    fn step(&mut self) -> io::Result<()> {
        self.check_power()?;
        if let Some(left) = &mut self.steps_left {
            *left -= 1;
        }
        Ok(())
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, written: &[u8]) {
    let end = at + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(written);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let state = self.state();
        state.check_power()?;
        Ok(state.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        state.check_power()?;
        let at = offset as usize;
        let bytes = state.seen.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.seen.resize(len as usize, 0);
        state.unsynced.push_back(Change::Length(len as usize));
        state.check_power()
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.syncs += 1;
        if let Some(holding) = &state.held_sync {
            holding.send_replace(true);
            state = self.0.changed.wait_while(state, |state| state.held_sync.is_some()).unwrap();
        }
        if std::mem::take(&mut state.is_next_sync_panicking) {
            drop(state);
            panic!("the disk met a bug");
        }
        if std::mem::take(&mut state.is_next_sync_failing) {
            return Err(io::Error::other("the sync failed"));
        }
        // A sync that the power cut interrupts made nothing certain.
        state.check_power()?;
        state.synced = state.seen.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        put(&mut state.seen, offset as usize, data);
        state.unsynced.push_back(Change::Write { at: offset as usize, bytes: data.to_vec() });
        state.check_power()
    }
}
