//! The keys of a log on this machine: one file each under `keys/`, mode 0600.
//!
//! ```text
//! keys/authority.key  keys/recovery.key  keys/recovery-signing.key
//! keys/nodes/NAME.key    keys/nodes/NAME+ID.key      signing keys of one node
//! keys/agencies/AG.key   keys/agencies/AG+ID.key     keys that data keys are wrapped to
//! keys/index/NAME.key                                stands for personal numbers in a node's own index
//! ```
//!
//! A node or agency may have several keys, so that one is replaced without stopping: the first has the plain name, each
//! further one the beginning of its own id behind a `+`, which no name and no agency's id has. Which of them counts is said
//! by the registry alone; old ones stay, because what was wrapped to them is opened with them.

mod held;

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use lienthong_registry::{AgencyId, Registry};
use lienthong_seal::{
    AgencyKey, Hash, IndexKey, KeyFileFault, NoRandomness, Passphrase, PassphraseFault, SigningKey,
};

pub use held::NodeKeys;

/// Bytes of a key's id in the name of its file.
const ID_BYTES: usize = 8;

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A folder cannot be made.
    #[error("cannot make the folder {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder cannot be listed.
    #[error("cannot list the folder {path}")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no folder of keys.
    #[error("there is no folder {path}")]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The passphrase of the key files cannot be had.
    #[error(transparent)]
    Passphrase(#[from] PassphraseFault),
    /// A key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileFault),
    /// The system gives no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The key on disk is not the one the registry names.
    #[error("the key of {name} is not the one the registry names")]
    Other {
        /// Whose.
        name: String,
    },
    /// The registry has no node of that name.
    #[error("the registry has no node {name}")]
    NoNode {
        /// The name.
        name: String,
    },
    /// The registry names no key of the node that is in force on the day.
    #[error(
        "the registry names no key of node {name} that is in force on {on}: publish a revision that does"
    )]
    NotInForce {
        /// The node.
        name: String,
        /// The day.
        on: Date,
    },
    /// The key that is needed is not on this machine.
    #[error("key {id} of {name} is not on this machine: put its file into the key folder, as {file}")]
    Missing {
        /// Whose.
        name: String,
        /// Its id.
        id: Hash,
        /// What the file is called.
        file: String,
    },
}

/// The folder of keys. Plain and encrypted files may lie side by side.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
    /// Opens encrypted files, and encrypts those that are made.
    passphrase: Option<Arc<Passphrase>>,
}

impl KeyFolder {
    /// The folder `keys` of a data folder; made, for its owner alone, when it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join("keys");
        for folder in [path.clone(), path.join("nodes"), path.join("agencies"), path.join("index")] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|source| KeyError::Folder { path: folder, source })?;
        }
        Ok(Self { path, passphrase: None })
    }

    /// The folder `keys` of a data folder, which must be there.
    ///
    /// # Errors
    /// `NoFolder`.
    pub fn existing(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join("keys");
        if path.is_dir() { Ok(Self { path, passphrase: None }) } else { Err(KeyError::NoFolder { path }) }
    }

    /// The same folder with a passphrase: encrypted files are opened with it, and keys that are made are encrypted.
    #[must_use]
    pub fn under(self, passphrase: Option<Arc<Passphrase>>) -> Self {
        Self { passphrase, ..self }
    }

    /// Where the key files lie.
    #[must_use]
    pub fn folders(&self) -> [PathBuf; 4] {
        [self.path.clone(), self.nodes(), self.agencies(), self.indexes()]
    }

    /// Every key file, in order.
    ///
    /// # Errors
    /// A folder cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>, KeyError> {
        let mut files = Vec::new();
        for folder in self.folders().iter().filter(|folder| folder.is_dir()) {
            files.extend(list(folder)?);
        }
        Ok(files)
    }

    /// The registry authority's key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn authority(&self) -> Result<SigningKey, KeyError> {
        self.signing(&self.path.join("authority.key"))
    }

    /// The registry authority's key, which must be there.
    ///
    /// # Errors
    /// The file is not there or cannot be used.
    pub fn existing_authority(&self) -> Result<SigningKey, KeyError> {
        Ok(self.load_signing(&self.path.join("authority.key"))?)
    }

    /// The recovery key, made when it is not there. It belongs offline.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn recovery(&self) -> Result<AgencyKey, KeyError> {
        self.of_agency(&self.path.join("recovery.key"))
    }

    /// The signing key that can replace the authority's, made when it is not there. It belongs offline.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn recovery_signing(&self) -> Result<SigningKey, KeyError> {
        self.signing(&self.path.join("recovery-signing.key"))
    }

    /// A node's signing key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn node(&self, name: &str) -> Result<SigningKey, KeyError> {
        self.signing(&self.nodes().join(file_name(name)))
    }

    /// A further signing key for a node, made beside those it has. It is of use from the revision on that names it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new_node_key(&self, name: &str) -> Result<SigningKey, KeyError> {
        let key = SigningKey::generate()?;
        key.save_with(&self.nodes().join(further_name(name, key.key_id())), self.passphrase())?;
        Ok(key)
    }

    /// Every signing key of a node that is here, in the order of their ids.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn node_key_files(&self, name: &str) -> Result<Vec<SigningKey>, KeyError> {
        let mut keys = Vec::new();
        for path in files_of(&self.nodes(), name)? {
            keys.push(self.load_signing(&path)?);
        }
        keys.sort_by_key(SigningKey::key_id);
        Ok(keys)
    }

    /// An agency's key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn agency(&self, id: &AgencyId) -> Result<AgencyKey, KeyError> {
        self.of_agency(&self.agencies().join(file_name(id.as_str())))
    }

    /// The key of a node's index, made when it is not there. The registry does not know it.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn index(&self, name: &str) -> Result<IndexKey, KeyError> {
        let path = self.indexes().join(file_name(name));
        if !path.exists() {
            match IndexKey::generate()?.save_with(&path, self.passphrase()) {
                // Another replica was faster: both use its key.
                Ok(()) | Err(KeyFileFault::Exists { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(IndexKey::load_with(&path, self.passphrase())?)
    }

    /// A further key for an agency, made beside those it has. It is of use from the revision on that names it, on every
    /// node that seals for the agency; those before it stay, to open what was wrapped to them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new_agency_key(&self, id: &AgencyId) -> Result<AgencyKey, KeyError> {
        let key = AgencyKey::generate()?;
        key.save_with(&self.agencies().join(further_name(id.as_str(), key.key_id())), self.passphrase())?;
        Ok(key)
    }

    /// Every key of an agency that is here, in the order of their ids.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn agency_key_files(&self, id: &AgencyId) -> Result<Vec<AgencyKey>, KeyError> {
        let mut keys = Vec::new();
        for path in files_of(&self.agencies(), id.as_str())? {
            keys.push(self.load_agency(&path)?);
        }
        keys.sort_by_key(AgencyKey::key_id);
        Ok(keys)
    }

    /// All keys of one node that are here. Of the node and of each of its agencies at least the key that the registry
    /// names is: what is missing is told before the node starts.
    ///
    /// # Errors
    /// A file cannot be used, or is not there.
    pub fn node_keys(&self, name: &str, registry: &Registry) -> Result<NodeKeys, KeyError> {
        NodeKeys::load(self.clone(), name, registry)
    }

    fn nodes(&self) -> PathBuf {
        self.path.join("nodes")
    }

    fn agencies(&self) -> PathBuf {
        self.path.join("agencies")
    }

    fn indexes(&self) -> PathBuf {
        self.path.join("index")
    }

    fn passphrase(&self) -> Option<&Passphrase> {
        self.passphrase.as_deref()
    }

    fn load_signing(&self, path: &Path) -> Result<SigningKey, KeyFileFault> {
        SigningKey::load_with(path, self.passphrase())
    }

    fn load_agency(&self, path: &Path) -> Result<AgencyKey, KeyFileFault> {
        AgencyKey::load_with(path, self.passphrase())
    }

    fn signing(&self, path: &Path) -> Result<SigningKey, KeyError> {
        if path.exists() {
            return Ok(self.load_signing(path)?);
        }
        let key = SigningKey::generate()?;
        key.save_with(path, self.passphrase())?;
        Ok(key)
    }

    fn of_agency(&self, path: &Path) -> Result<AgencyKey, KeyError> {
        if path.exists() {
            return Ok(self.load_agency(path)?);
        }
        let key = AgencyKey::generate()?;
        key.save_with(path, self.passphrase())?;
        Ok(key)
    }
}

/// What the first key's file is called.
fn file_name(name: &str) -> String {
    format!("{name}.key")
}

/// What the file of a key is called that is not the first one.
fn further_name(name: &str, id: Hash) -> String {
    let digits = id.to_string();
    format!("{name}+{}.key", digits.get(..2 * ID_BYTES).unwrap_or(&digits))
}

/// The files of all keys under a name, in order.
fn files_of(folder: &Path, name: &str) -> Result<Vec<PathBuf>, KeyError> {
    let is_named = |path: &PathBuf| {
        let rest = path.file_stem().and_then(|stem| stem.to_str()?.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
    };
    Ok(list(folder)?.into_iter().filter(is_named).collect())
}

/// The key files of a folder, in order.
fn list(folder: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let unreadable = |source| KeyError::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests;
