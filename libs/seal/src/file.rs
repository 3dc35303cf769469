//! Key files: one line of text, `KIND HEX`, that only its owner may read. Unix only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use zeroize::Zeroizing;

/// Why a key file is not read or not written.
#[derive(Debug, Error)]
pub enum KeyFileFault {
    /// The file cannot be opened, read or written.
    #[error("key file {path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A key file is never overwritten.
    #[error("key file {path} is already there")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read, write or run the file.
    #[error("key file {path} has mode {mode:04o}: only its owner may have access (chmod 600)")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else, or a key of another kind.
    #[error("{path} is no file of the kind {kind}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The word that such a file begins with.
        kind: &'static str,
    },
}

/// The secret in the key file of this kind.
pub(crate) fn load(path: &Path, kind: &'static str) -> Result<Zeroizing<[u8; 32]>, KeyFileFault> {
    let fault = |source| KeyFileFault::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(fault)?;
    // Asked of the open file, not of its name, which may stand for another file a moment later.
    let mode = file.metadata().map_err(fault)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileFault::Exposed { path: path.to_owned(), mode });
    }
    // Room for one byte more than a key file has, so that a longer one is noticed and the buffer never moves.
    let length = kind.len() + 1 + 64 + 1;
    let mut text = Zeroizing::new(Vec::with_capacity(length + 1));
    file.take(length as u64 + 1).read_to_end(&mut text).map_err(fault)?;
    parse(&text, kind).ok_or_else(|| KeyFileFault::Format { path: path.to_owned(), kind })
}

/// Writes a new key file with mode 0600. It is on disk when this returns, and whoever is killed on the way leaves a whole
/// one or none, with at most a file of another name beside it.
pub(crate) fn save(path: &Path, kind: &'static str, secret: &[u8; 32]) -> Result<(), KeyFileFault> {
    let fault = |source: io::Error| {
        let path = path.to_owned();
        if source.kind() == ErrorKind::AlreadyExists {
            KeyFileFault::Exists { path }
        } else {
            KeyFileFault::Io { path, source }
        }
    };
    let unsaved = unsaved(path).map_err(fault)?;
    // A second name for the whole file: unlike renaming, this overwrites nothing.
    let saved = write(&unsaved, kind, secret).and_then(|()| fs::hard_link(&unsaved, path));
    // Of no use any more; whether its removal works changes nothing of what happened.
    let _ = fs::remove_file(&unsaved);
    saved.and_then(|()| File::open(folder_of(path))?.sync_all()).map_err(fault)
}

/// A name beside the key file that nothing else has.
fn unsaved(path: &Path) -> io::Result<PathBuf> {
    static SAVES: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
    let (process, save) = (std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed));
    let unsaved = folder_of(path).join(format!(".{name}.unsaved-{process}-{save}"));
    // A process of the same number may have been killed here.
    match fs::remove_file(&unsaved) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(unsaved),
    }
}

fn write(path: &Path, kind: &str, secret: &[u8; 32]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut digits = Zeroizing::new([0; 64]);
    hex::encode_to_slice(secret, digits.as_mut()).map_err(io::Error::other)?;
    for part in [kind.as_bytes(), b" ", digits.as_slice(), b"\n"] {
        file.write_all(part)?;
    }
    file.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn parse(text: &[u8], kind: &str) -> Option<Zeroizing<[u8; 32]>> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let digits = line.strip_prefix(kind.as_bytes())?.strip_prefix(b" ")?;
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, secret.as_mut()).ok()?;
    Some(secret)
}

#[cfg(test)]
mod tests;
