//! Key files, which only their owner may read. Unix only.
//!
//! ```text
//! plain      KIND SECRET
//! encrypted  KIND PUBLIC CHECK
//!            -----BEGIN ENCRYPTED PRIVATE KEY-----
//!            ...
//! ```
//!
//! A plain file is one line: its kind and the secret in hex. An encrypted one is a private key in PKCS#8 (RFC 8410) under
//! PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914), as other tools read it, below a line that tells what it is: the kind,
//! the public key, and a check by which damage is told from a wrong passphrase.

mod encrypted;
mod rewrite;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use pkcs8::ObjectIdentifier;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Cost, Hash, Passphrase};

pub use rewrite::{KeyFile, sweep};

/// No key file is longer.
const FILE_BYTES_MAX: usize = 2048;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// Signs: a node's key, the authority's, and the one that can replace that.
    Signing,
    /// Opens what is wrapped to it: an agency's key, and the one for recovery.
    Agency,
    /// Stands for personal numbers in a node's own index.
    Index,
}

impl KeyKind {
    /// `signing`, `agency` or `index`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Agency => "agency",
            Self::Index => "index",
        }
    }
}

/// All that differs between key files of one kind and another.
pub(crate) struct Kind {
    pub(crate) kind: KeyKind,
    /// The word that such a file begins with.
    pub(crate) word: &'static str,
    /// What PKCS#8 calls the algorithm (RFC 8410).
    pub(crate) algorithm: ObjectIdentifier,
    /// The public key of a secret; none when it cannot be one.
    pub(crate) public: fn(&[u8; 32]) -> Option<[u8; 32]>,
    /// The id of a public key.
    pub(crate) id: fn(&[u8; 32]) -> Hash,
}

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
    /// The file is encrypted, and nobody said under what.
    #[error(
        "key file {path} is encrypted: give its passphrase, a service by key_passphrase_file, a command by \
         LIENTHONG_KEY_PASSPHRASE or at the terminal"
    )]
    NoPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The file is whole and encrypted under another passphrase.
    #[error(
        "key file {path} is encrypted under another passphrase: give that one; a change of passphrase that was interrupted is \
         finished by giving both again to `lienthong keys passphrase`"
    )]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The file was encrypted and is no longer what was written.
    #[error("key file {path} is damaged: put it back from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// scrypt is asked for less than is safe, or for more memory than a node has.
    #[error(
        "key file {path} asks for another scrypt than N of 2^{} to 2^{}, r of 8 and p of 1: encrypt it again with \
         `lienthong keys`", Cost::FLOOR.log_n(), Cost::CEILING.log_n()
    )]
    Cost {
        /// The file.
        path: PathBuf,
    },
}

/// The secret in the key file of this kind.
pub(crate) fn load(
    path: &Path,
    kind: &Kind,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<[u8; 32]>, KeyFileFault> {
    let (text, mode) = read(path)?;
    if mode & 0o077 != 0 {
        return Err(KeyFileFault::Exposed { path: path.to_owned(), mode });
    }
    open(path, &text, kind, passphrase)
}

/// The text of a file and its permission bits.
fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), KeyFileFault> {
    let fault = |source| KeyFileFault::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(fault)?;
    // Asked of the open file, not of its name, which may stand for another file a moment later.
    let mode = file.metadata().map_err(fault)?.permissions().mode() & 0o7777;
    // Room for one byte more than a key file has, so that a longer one is noticed and the buffer never moves.
    let mut text = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX + 1));
    file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut text).map_err(fault)?;
    Ok((text, mode))
}

/// The secret that a key file of this kind holds.
fn open(
    path: &Path,
    text: &[u8],
    kind: &Kind,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<[u8; 32]>, KeyFileFault> {
    if let Some(encrypted) = encrypted::parse(path, text, kind)? {
        let passphrase = passphrase.ok_or_else(|| KeyFileFault::NoPassphrase { path: path.to_owned() })?;
        return encrypted.open(path, kind, passphrase);
    }
    parse(text, kind.word).ok_or_else(|| KeyFileFault::Format { path: path.to_owned(), kind: kind.word })
}

/// What a key file of this kind holds: plain, or under a passphrase.
fn text_of(
    kind: &Kind,
    secret: &[u8; 32],
    passphrase: Option<&Passphrase>,
) -> io::Result<Zeroizing<Vec<u8>>> {
    match passphrase {
        Some(passphrase) => encrypted::write(kind, secret, passphrase),
        None => {
            let mut text = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX));
            let mut digits = Zeroizing::new([0; 64]);
            hex::encode_to_slice(secret, digits.as_mut()).map_err(io::Error::other)?;
            for part in [kind.word.as_bytes(), b" ", digits.as_slice(), b"\n"] {
                text.extend_from_slice(part);
            }
            Ok(text)
        }
    }
}

/// Writes a new key file with mode 0600. It is on disk when this returns, and whoever is killed on the way leaves a whole
/// one or none, with at most a file of another name beside it.
pub(crate) fn save(
    path: &Path,
    kind: &Kind,
    secret: &[u8; 32],
    passphrase: Option<&Passphrase>,
) -> Result<(), KeyFileFault> {
    let fault = |source: io::Error| {
        let path = path.to_owned();
        if source.kind() == ErrorKind::AlreadyExists {
            KeyFileFault::Exists { path }
        } else {
            KeyFileFault::Io { path, source }
        }
    };
    let text = text_of(kind, secret, passphrase).map_err(fault)?;
    let unsaved = unsaved(path).map_err(fault)?;
    // A second name for the whole file: unlike renaming, this overwrites nothing.
    let saved = write(&unsaved, &text).map(drop).and_then(|()| fs::hard_link(&unsaved, path));
    // Of no use any more; whether its removal works changes nothing of what happened.
    let _ = fs::remove_file(&unsaved);
    saved.and_then(|()| File::open(folder_of(path))?.sync_all()).map_err(fault)
}

/// What stands in the name of a file that is not whole yet.
const UNSAVED: &str = ".unsaved-";

/// A name beside the key file that nothing else has.
fn unsaved(path: &Path) -> io::Result<PathBuf> {
    static SAVES: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
    let (process, save) = (std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed));
    let unsaved = folder_of(path).join(format!(".{name}{UNSAVED}{process}-{save}"));
    // A process of the same number may have been killed here.
    match fs::remove_file(&unsaved) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(unsaved),
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(file)
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
