//! Making and opening the file.
//!
//! ```text
//! Nothing --made, locked--> Empty file --redb's header--> Empty database --one commit--> Log
//!                                                                 `--one commit--> Copy --finish--> Log
//! ```
//!
//! A crash may stop it at any arrow; whoever wants a new log goes on from there. Only logs and copies hold anything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthong_log::{Cause, DOSSIER_PARTITIONS_MAX};
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend};
use thiserror::Error;

use crate::FILE_NAME;
use crate::store::{Contents, Kind, Store, contents, initialise};

/// Memory that redb may use for pages. Its own default is 1 GiB.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// redb's header has the first page; it writes its magic number only when all else of a new file is there.
const HEADER_PAGE_BYTES: u64 = 4096;
const MAGIC_BYTES: u64 = 9;

/// A file larger than this was not left behind by the making of a log.
const UNFINISHED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Why a log was not opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another handle of this one, holds the log. It can be opened once that is gone.
    #[error("the log {path} is open in another process")]
    AlreadyOpen {
        /// The file.
        path: PathBuf,
    },
    /// There is no log, or one whose making never came to an end.
    #[error("there is no log {path}")]
    Missing {
        /// Where the file would be.
        path: PathBuf,
    },
    /// There is a log already.
    #[error("the log {path} exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The log is being copied from another one, and is no log before that is done.
    #[error("the log {path} is an unfinished copy of another log")]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// The log was created with another number of dossier partitions, which is for good.
    #[error("the log {path} has {found} dossier partitions, not {wanted}")]
    PartitionsDiffer {
        /// The file.
        path: PathBuf,
        /// Of the log.
        found: u16,
        /// Asked for.
        wanted: u16,
    },
    /// No log can have so many.
    #[error("{wanted} dossier partitions where 1 to {DOSSIER_PARTITIONS_MAX} are possible")]
    PartitionsOutOfRange {
        /// Asked for.
        wanted: u16,
    },
    /// A database of something else, or of a later version of this.
    #[error("{path} is a database, but not a log that this version knows")]
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be made, read or repaired.
    #[error("the log {path} could not be opened")]
    Failed {
        /// The file, or a folder above it.
        path: PathBuf,
        /// What failed.
        source: Cause,
    },
}

/// Which log is wanted.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    New {
        dossier_partitions: u16,
    },
    Existing,
    Either {
        dossier_partitions: u16,
    },
    /// A copy, begun or to be begun.
    Copy {
        dossier_partitions: u16,
    },
}

/// A log that is open, without its writer.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) store: Store,
    pub(crate) dossier_partitions: u16,
}

/// Opens the log in a folder.
pub(crate) fn in_dir(dir: &Path, want: Want) -> Result<Opened, OpenError> {
    let path = dir.join(FILE_NAME);
    let failed = |error: io::Error| OpenError::Failed { path: path.clone(), source: Arc::new(error) };
    let may_make = want.new_partitions()?.is_some();
    if may_make {
        make_dir(dir).map_err(failed)?;
    }
    let file = OpenOptions::new().read(true).write(true).create(may_make).truncate(false).open(&path);
    let mut file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(OpenError::Missing { path }),
        Err(error) => return Err(failed(error)),
    };
    // redb locks it too, but what follows must not meet another process in the middle of making the log. A file system
    // without such locks is left to redb's.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(OpenError::AlreadyOpen { path });
    }
    if is_unfinished(&mut file).map_err(failed)? {
        if !may_make {
            return Err(OpenError::Missing { path });
        }
        file.set_len(0).map_err(failed)?;
    }
    let backend = FileBackend::new(file).map_err(|error| database_error(&path, error))?;
    let opened = on_backend(path.clone(), backend, want)?;
    if may_make {
        sync_dir(dir).map_err(failed)?;
    }
    Ok(opened)
}

/// Opens the log of a backend that nobody else has.
pub(crate) fn on_backend(
    path: PathBuf,
    backend: impl StorageBackend,
    want: Want,
) -> Result<Opened, OpenError> {
    let new_partitions = want.new_partitions()?;
    let database = match database(&path, backend) {
        Ok(database) => database,
        Err(error) => return Err(database_error(&path, error)),
    };
    let failed = |error: redb::Error| OpenError::Failed { path: path.clone(), source: Arc::new(error) };
    let found = contents(&database).map_err(failed)?;
    let dossier_partitions = match (found, want) {
        (Contents::Unknown, _) => return Err(OpenError::NotALog { path }),
        (Contents::Log { kind: Kind::Whole, .. }, Want::New { .. } | Want::Copy { .. }) => {
            return Err(OpenError::Exists { path });
        }
        (Contents::Log { kind: Kind::Copy, .. }, Want::New { .. } | Want::Existing | Want::Either { .. }) => {
            return Err(OpenError::Unfinished { path });
        }
        (
            Contents::Log { dossier_partitions: found, .. },
            Want::Existing | Want::Either { .. } | Want::Copy { .. },
        ) => match new_partitions {
            Some(wanted) if wanted != found => {
                return Err(OpenError::PartitionsDiffer { path, found, wanted });
            }
            Some(_) | None => found,
        },
        (Contents::Nothing, _) => match new_partitions {
            Some(dossier_partitions) => {
                initialise(&database, dossier_partitions, want.kind()).map_err(failed)?;
                dossier_partitions
            }
            None => return Err(OpenError::Missing { path }),
        },
    };
    Ok(Opened { path, store: Store::new(database), dossier_partitions })
}

impl Want {
    /// How many dossier partitions a log that is made gets; none where none may be made.
    fn new_partitions(self) -> Result<Option<u16>, OpenError> {
        match self {
            Self::Existing => Ok(None),
            Self::New { dossier_partitions: wanted }
            | Self::Either { dossier_partitions: wanted }
            | Self::Copy { dossier_partitions: wanted } => {
                if wanted == 0 || wanted > DOSSIER_PARTITIONS_MAX {
                    return Err(OpenError::PartitionsOutOfRange { wanted });
                }
                Ok(Some(wanted))
            }
        }
    }

    /// What is made where there is nothing.
    fn kind(self) -> Kind {
        match self {
            Self::Copy { .. } => Kind::Copy,
            Self::New { .. } | Self::Existing | Self::Either { .. } => Kind::Whole,
        }
    }
}

fn database(path: &Path, backend: impl StorageBackend) -> Result<Database, DatabaseError> {
    let path = path.to_owned();
    let is_told = std::cell::Cell::new(false);
    Builder::new()
        .set_cache_size(CACHE_BYTES)
        .set_repair_callback(move |_| {
            if !is_told.replace(true) {
                tracing::warn!(path = %path.display(), "the log was not closed: reading all of it");
            }
        })
        .create_with_backend(backend)
}

fn database_error(path: &Path, error: DatabaseError) -> OpenError {
    let path = path.to_owned();
    if matches!(error, DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) {
        return OpenError::AlreadyOpen { path };
    }
    OpenError::Failed { path, source: Arc::new(error) }
}

/// Whether the file is what a crash leaves of a log that was being made: empty, or with a header that lacks its magic
/// number and nothing behind it. A log whose header was destroyed is not: it has records behind it.
fn is_unfinished(file: &mut File) -> io::Result<bool> {
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let mut magic = Vec::new();
    file.take(MAGIC_BYTES).read_to_end(&mut magic)?;
    if !is_zero(&magic) || file.metadata()?.len() > UNFINISHED_BYTES_MAX {
        return Ok(false);
    }
    let mut behind = Vec::new();
    file.seek(SeekFrom::Start(HEADER_PAGE_BYTES))?;
    file.take(UNFINISHED_BYTES_MAX).read_to_end(&mut behind)?;
    Ok(is_zero(&behind))
}

/// Makes a folder and those above it, each durable in the one above.
fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().unwrap_or(Path::new(""));
    make_dir(above)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    sync_dir(above)
}

/// Makes the entries of a folder durable.
fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir)?.sync_all()
}
