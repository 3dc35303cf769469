//! Opening: a store is used only when every row of it is accounted for, and otherwise made anew.

use std::fs::{read_dir, remove_dir_all};
use std::io;
use std::path::{Path, PathBuf};

use lienthong_seal::Hash;
use serde::{Deserialize, Serialize};
use tracing::info;

use crate::aside::move_folder;
use crate::error::{Damage, StoreError};
use crate::keys;
use crate::lock::Lock;
use crate::rows::{decode_checked, encode_checked};
use crate::store::Store;
use crate::sums::check;
use crate::tree::{Batch, StoreConfig, Tree};

/// Format of the states and rows. One more whenever a state, a cursor or a row is written in another form: a test
/// fails when the bytes of a state change and this does not.
pub const STATE_FORMAT: u16 = 4;

/// What a store is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The log that it projects.
    pub log_id: Hash,
    /// How many dossier partitions the log has.
    pub partitions: u16,
}

/// A store, and what had to be done to get it.
#[derive(Debug)]
#[must_use]
pub struct Opened {
    /// The store, sound or empty.
    pub store: Store,
    /// The store found before it, when that could not be used: for the caller to log and to count.
    pub moved_aside: Option<MovedAside>,
    /// Why there is none of it, where one was found that is of no use to anybody: likewise.
    pub removed: Option<Damage>,
}

/// A store that could not be used.
#[derive(Debug)]
pub struct MovedAside {
    /// Where its folder is now. Opening may have changed the files in it.
    pub to: PathBuf,
    /// Why.
    pub why: Damage,
}

impl Store {
    /// Opens the store in `dir` with the usual [`StoreConfig`], see [`Store::open_with`].
    ///
    /// # Errors
    /// As [`Store::open_with`].
    pub fn open(dir: &Path, identity: &Identity) -> Result<Opened, StoreError> {
        Self::open_with(dir, identity, &StoreConfig::default())
    }

    /// Opens the store in `dir` and reads all of it. If anything in it is not what its cursors account for, or it
    /// belongs to another log or format, or sled panics or fails on it, its folder is renamed to `<dir>.damaged-<n>`,
    /// of which the newest [`ASIDE_KEPT`](crate::ASIDE_KEPT) stay, and an empty store is made. One that was being loaded when
    /// its process ended is of no use to anybody: it is removed, and an empty store made.
    ///
    /// `dir` must be a folder that can be renamed, so no mount point; `<dir>.lock` is made beside it. The caller still
    /// has to compare the cursors with the log and to [`Store::move_aside`] a store of a log made anew.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a living process has it open; [`StoreError::Io`] and [`StoreError::Sled`] when the
    /// file system refuses, by which a store is not damaged.
    pub fn open_with(dir: &Path, identity: &Identity, config: &StoreConfig) -> Result<Opened, StoreError> {
        open_locked(dir, identity, config, Lock::take(dir)?)
    }

    /// Closes the store, moves its folder aside and makes an empty one in its place: for a log that was made anew, or
    /// a store that failed while in use.
    ///
    /// # Errors
    /// The file system refuses, or the store cannot be closed: [`StoreError::Stuck`] is a reason to end the process,
    /// the next one opens the store from the start.
    pub fn move_aside(self, why: Damage) -> Result<Opened, StoreError> {
        let (tree, dir, identity, config, lock) = self.into_parts();
        tree.close()?;
        let moved = aside(&dir, why)?;
        let store = make(&dir, &identity, &config, lock)?;
        Ok(Opened { store, moved_aside: Some(moved), removed: None })
    }
}

fn open_locked(
    dir: &Path,
    identity: &Identity,
    config: &StoreConfig,
    lock: Lock,
) -> Result<Opened, StoreError> {
    if is_absent(dir)? {
        return Ok(Opened { store: make(dir, identity, config, lock)?, moved_aside: None, removed: None });
    }
    match open_sound(dir, identity, config) {
        Ok(tree) => {
            let store = Store::of(tree, dir, *identity, *config, lock);
            Ok(Opened { store, moved_aside: None, removed: None })
        }
        Err(why @ Damage::HalfLoaded) => {
            remove_dir_all(dir).map_err(|source| StoreError::Io {
                doing: "remove",
                path: dir.to_owned(),
                source,
            })?;
            let store = make(dir, identity, config, lock)?;
            Ok(Opened { store, moved_aside: None, removed: Some(why) })
        }
        Err(error) => {
            let moved = aside(dir, against_store(error)?)?;
            let store = make(dir, identity, config, lock)?;
            Ok(Opened { store, moved_aside: Some(moved), removed: None })
        }
    }
}

/// No folder, or an empty one.
fn is_absent(dir: &Path) -> Result<bool, StoreError> {
    match read_dir(dir).and_then(|mut entries| entries.next().transpose()) {
        Ok(entry) => Ok(entry.is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        // A file where the folder belongs is moved aside as well.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(source) => Err(StoreError::Io { doing: "read", path: dir.to_owned(), source }),
    }
}

/// The tree, if every row of it is accounted for.
fn open_sound(dir: &Path, identity: &Identity, config: &StoreConfig) -> Result<Tree, Damage> {
    let tree = Tree::open_to_check(dir, config)?;
    match check(&tree, identity) {
        Ok(()) => tree.close()?,
        Err(Damage::HalfLoaded) => {
            tree.close()?;
            return Err(Damage::HalfLoaded);
        }
        Err(why) => {
            tree.abandon();
            return Err(why);
        }
    }
    Ok(Tree::open(dir, config)?)
}

/// Why the store cannot be used, or the error when that speaks against the machine it lies on.
fn against_store(why: Damage) -> Result<Damage, StoreError> {
    let Damage::Failed(error) = why else { return Ok(why) };
    match *error {
        StoreError::Sled(error) if is_of_machine(&error) => Err(StoreError::Sled(error)),
        StoreError::Sled(error) => Ok(Damage::Unreadable(error)),
        StoreError::Panicked { message } => Ok(Damage::Panicked { message }),
        // A file where the folder belongs.
        StoreError::Io { source, .. } if source.kind() == io::ErrorKind::NotADirectory => {
            Ok(Damage::NoIdentity)
        }
        error @ (StoreError::Io { .. } | StoreError::Locked { .. } | StoreError::NoPartition { .. }) => {
            Err(error)
        }
        error @ (StoreError::Stuck { .. }
        | StoreError::Broken
        | StoreError::Row { .. }
        | StoreError::State(_)
        | StoreError::Encode(_)
        | StoreError::OtherPartition { .. }
        | StoreError::Voids { .. }) => Ok(Damage::Failed(Box::new(error))),
    }
}

/// Whether sled failed for want of room, rights or handles.
fn is_of_machine(error: &sled::Error) -> bool {
    // Too many open files, by all processes or by this one, have no kind of their own.
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    let sled::Error::Io(error) = error else { return false };
    let handles = error.raw_os_error().is_some_and(|code| code == ENFILE || code == EMFILE);
    let others = [
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::StorageFull,
        io::ErrorKind::QuotaExceeded,
        io::ErrorKind::ReadOnlyFilesystem,
        io::ErrorKind::OutOfMemory,
    ];
    handles || others.contains(&error.kind())
}

fn aside(dir: &Path, why: Damage) -> Result<MovedAside, StoreError> {
    let to = move_folder(dir)?;
    Ok(MovedAside { to, why })
}

/// An empty store. What it is of is flushed at once, so that a store killed young is not taken for a damaged one.
fn make(dir: &Path, identity: &Identity, config: &StoreConfig, lock: Lock) -> Result<Store, StoreError> {
    let tree = Tree::open(dir, config)?;
    let mut batch = Batch::default();
    batch.insert(keys::IDENTITY, StoreIdentity::of(identity).encode()?);
    tree.apply(batch)?;
    tree.flush()?;
    info!(dir = %dir.display(), log_id = %identity.log_id, "empty store made");
    Ok(Store::of(tree, dir, *identity, *config, lock))
}

/// An identity as it is stored.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct StoreIdentity {
    format: u16,
    log_id: Hash,
    partitions: u16,
}

impl StoreIdentity {
    fn of(identity: &Identity) -> Self {
        Self { format: STATE_FORMAT, log_id: identity.log_id, partitions: identity.partitions }
    }

    fn encode(self) -> Result<Vec<u8>, StoreError> {
        encode_checked(keys::IDENTITY, &self)
    }

    pub(crate) fn read(tree: &Tree) -> Result<Self, Damage> {
        let value = tree.get(keys::IDENTITY)?;
        value.and_then(|value| decode_checked(keys::IDENTITY, &value)).ok_or(Damage::NoIdentity)
    }

    pub(crate) fn fits(self, identity: &Identity) -> Result<(), Damage> {
        if self.format != STATE_FORMAT {
            Err(Damage::OtherFormat { found: self.format })
        } else if self.log_id != identity.log_id {
            Err(Damage::OtherLog { found: self.log_id })
        } else if self.partitions != identity.partitions {
            Err(Damage::OtherPartitions { found: self.partitions })
        } else {
            Ok(())
        }
    }
}
