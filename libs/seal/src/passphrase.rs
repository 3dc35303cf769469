//! Passphrases, and the keys that scrypt (RFC 7914) makes of them.
//!
//! ```text
//! passphrase ‖ salt --scrypt, once per salt--> key of 32 bytes --AES-256-CBC--> any number of key files
//! ```
//!
//! scrypt is slow on purpose. So files that are made under one [`Passphrase`] share a salt, and a folder of hundreds of
//! keys costs one derivation at the start of a process.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::random;

/// The shortest passphrase that is taken, in bytes.
pub const PASSPHRASE_BYTES_MIN: usize = 12;
/// The longest passphrase that is taken, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;
/// Keys that a passphrase remembers; with more salts than that in one folder, some are derived again.
const KEYS_MAX: usize = 16;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// Why there is no passphrase.
#[derive(Debug, Error)]
pub enum PassphraseFault {
    /// The file cannot be read.
    #[error("passphrase file {path} cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Others may read the file, or others than its owner may write it.
    #[error(
        "passphrase file {path} has mode {mode:04o}: its owner alone may write it, and at most its group read it (chmod 640; \
         for a mounted secret, defaultMode 0440)"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is too short, too long, or no text.
    #[error("a passphrase is a line of text of {PASSPHRASE_BYTES_MIN} to {PASSPHRASE_BYTES_MAX} bytes")]
    Form,
    /// scrypt is asked for less than is safe, or for more memory than a node has.
    #[error(
        "a cost of {given} is not taken: it is the binary logarithm of scrypt's N, from {} to {}",
        Cost::FLOOR.0, Cost::CEILING.0
    )]
    Cost {
        /// What was given.
        given: u8,
    },
}

/// What one derivation costs whoever guesses: the binary logarithm of scrypt's N, with r = 8 and p = 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(u8);

impl Cost {
    /// 16 MiB and some 50 ms: less is not taken. The most that OpenSSL opens by itself is twice that.
    pub const FLOOR: Self = Self(14);
    /// 128 MiB and some 400 ms, which is what OWASP recommends.
    pub const DEFAULT: Self = Self(17);
    /// 1 GiB: a file that asks for more is not opened.
    pub const CEILING: Self = Self(20);
    /// scrypt's r. Always this.
    pub(crate) const BLOCK: u32 = 8;
    /// scrypt's p. Always this.
    pub(crate) const PARALLEL: u32 = 1;

    /// The cost with this binary logarithm of N.
    ///
    /// # Errors
    /// It is below the floor or above the ceiling.
    pub fn new(log_n: u8) -> Result<Self, PassphraseFault> {
        let cost = Self(log_n);
        if (Self::FLOOR..=Self::CEILING).contains(&cost) {
            Ok(cost)
        } else {
            Err(PassphraseFault::Cost { given: log_n })
        }
    }

    /// The binary logarithm of N.
    #[must_use]
    pub fn log_n(self) -> u8 {
        self.0
    }

    pub(crate) fn n(self) -> u64 {
        1 << self.0
    }

    /// The cost with this N; none when that is no power of two or out of bounds.
    pub(crate) fn of_n(n: u64) -> Option<Self> {
        let log_n = u8::try_from(n.checked_ilog2()?).ok()?;
        Self::new(log_n).ok().filter(|cost| cost.n() == n)
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A salt and a cost: with a passphrase, they make one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Salting {
    pub(crate) salt: Vec<u8>,
    pub(crate) cost: Cost,
}

pub(crate) type DerivedKey = Arc<Zeroizing<[u8; 32]>>;

/// What key files are encrypted under. Wiped from memory when dropped, with all that was derived from it.
pub struct Passphrase {
    text: Zeroizing<String>,
    cost: Cost,
    keys: Mutex<Vec<(Salting, DerivedKey)>>,
}

impl Passphrase {
    /// A passphrase; new files cost [`Cost::DEFAULT`].
    ///
    /// # Errors
    /// It is too short or too long, or has more than one line.
    pub fn new(text: Zeroizing<String>) -> Result<Self, PassphraseFault> {
        let fits = (PASSPHRASE_BYTES_MIN..=PASSPHRASE_BYTES_MAX).contains(&text.len());
        if !fits || text.contains(['\n', '\r', '\0']) {
            return Err(PassphraseFault::Form);
        }
        Ok(Self { text, cost: Cost::DEFAULT, keys: Mutex::default() })
    }

    /// The first line of a file that nobody but its owner and group may read, as a mounted secret is: an orchestrator gives
    /// it to a group, because the process is not its owner.
    ///
    /// # Errors
    /// It cannot be read, is open to others, or has no passphrase in it.
    pub fn read(path: &Path) -> Result<Self, PassphraseFault> {
        let fault = |source| PassphraseFault::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(fault)?;
        let mode = file.metadata().map_err(fault)?.permissions().mode() & 0o7777;
        if mode & 0o037 != 0 {
            return Err(PassphraseFault::Exposed { path: path.to_owned(), mode });
        }
        let bytes_max = PASSPHRASE_BYTES_MAX + 2;
        let mut bytes = Zeroizing::new(Vec::with_capacity(bytes_max));
        file.take(bytes_max as u64).read_to_end(&mut bytes).map_err(fault)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| PassphraseFault::Form)?;
        let line = text.split(['\n', '\r']).next().unwrap_or_default();
        Self::new(Zeroizing::new(line.to_owned()))
    }

    /// The same, with another cost of new files.
    #[must_use]
    pub fn with_cost(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// What is spent on new files.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Whether two are the same words.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// The key of this salt and cost, derived when it is asked for the first time.
    pub(crate) fn key(&self, salting: &Salting) -> io::Result<DerivedKey> {
        // Under the lock, so that nobody derives what another is about to have.
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = keys.iter().find(|(of, _)| of == salting) {
            return Ok(Arc::clone(key));
        }
        let key = self.derive(salting)?;
        if keys.len() == KEYS_MAX {
            keys.remove(0);
        }
        keys.push((salting.clone(), Arc::clone(&key)));
        Ok(key)
    }

    /// The salt of new files, and its key: one that is derived already, where there is one of this cost.
    pub(crate) fn for_new(&self) -> io::Result<(Salting, DerivedKey)> {
        let known = {
            let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.iter().find(|(salting, _)| salting.cost == self.cost).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let salt = random::secret::<SALT_BYTES>().map_err(io::Error::other)?.to_vec();
        let salting = Salting { salt, cost: self.cost };
        let key = self.key(&salting)?;
        Ok((salting, key))
    }

    fn derive(&self, salting: &Salting) -> io::Result<DerivedKey> {
        let params = scrypt::Params::new(salting.cost.0, Cost::BLOCK, Cost::PARALLEL);
        let mut key = Zeroizing::new([0; 32]);
        scrypt::scrypt(self.text.as_bytes(), &salting.salt, &params.map_err(io::Error::other)?, key.as_mut())
            .map_err(io::Error::other)?;
        Ok(Arc::new(key))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrase").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
