//! The keys of a log on this machine: one file each under `keys/`, mode 0600.
//!
//! ```text
//! keys/authority.key  keys/recovery.key  keys/recovery-signing.key
//! keys/nodes/NAME.key    keys/nodes/NAME+ID.key      signing keys of one node
//! keys/agencies/AG.key   keys/agencies/AG+ID.key     keys that data keys are wrapped to
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

use jiff::civil::Date;
use lienthong_registry::{AgencyId, Registry};
use lienthong_seal::{AgencyKey, Hash, KeyFileFault, NoRandomness, SigningKey};

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

/// The folder of keys.
#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder `keys` of a data folder; made, for its owner alone, when it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join("keys");
        for folder in [path.clone(), path.join("nodes"), path.join("agencies")] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|source| KeyError::Folder { path: folder, source })?;
        }
        Ok(Self(path))
    }

    /// The registry authority's key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn authority(&self) -> Result<SigningKey, KeyError> {
        signing(&self.0.join("authority.key"))
    }

    /// The registry authority's key, which must be there.
    ///
    /// # Errors
    /// The file is not there or cannot be used.
    pub fn existing_authority(&self) -> Result<SigningKey, KeyError> {
        Ok(SigningKey::load(&self.0.join("authority.key"))?)
    }

    /// The recovery key, made when it is not there. It belongs offline.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn recovery(&self) -> Result<AgencyKey, KeyError> {
        agency(&self.0.join("recovery.key"))
    }

    /// The signing key that can replace the authority's, made when it is not there. It belongs offline.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn recovery_signing(&self) -> Result<SigningKey, KeyError> {
        signing(&self.0.join("recovery-signing.key"))
    }

    /// A node's signing key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn node(&self, name: &str) -> Result<SigningKey, KeyError> {
        signing(&self.nodes().join(file_name(name)))
    }

    /// A further signing key for a node, made beside those it has. It is of use from the revision on that names it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new_node_key(&self, name: &str) -> Result<SigningKey, KeyError> {
        let key = SigningKey::generate()?;
        key.save(&self.nodes().join(further_name(name, key.key_id())))?;
        Ok(key)
    }

    /// Every signing key of a node that is here, in the order of their ids.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn node_key_files(&self, name: &str) -> Result<Vec<SigningKey>, KeyError> {
        let mut keys = Vec::new();
        for path in files_of(&self.nodes(), name)? {
            keys.push(SigningKey::load(&path)?);
        }
        keys.sort_by_key(SigningKey::key_id);
        Ok(keys)
    }

    /// An agency's key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn agency(&self, id: &AgencyId) -> Result<AgencyKey, KeyError> {
        agency(&self.agencies().join(file_name(id.as_str())))
    }

    /// A further key for an agency, made beside those it has. It is of use from the revision on that names it, on every
    /// node that seals for the agency; those before it stay, to open what was wrapped to them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new_agency_key(&self, id: &AgencyId) -> Result<AgencyKey, KeyError> {
        let key = AgencyKey::generate()?;
        key.save(&self.agencies().join(further_name(id.as_str(), key.key_id())))?;
        Ok(key)
    }

    /// Every key of an agency that is here, in the order of their ids.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn agency_key_files(&self, id: &AgencyId) -> Result<Vec<AgencyKey>, KeyError> {
        let mut keys = Vec::new();
        for path in files_of(&self.agencies(), id.as_str())? {
            keys.push(AgencyKey::load(&path)?);
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
        self.0.join("nodes")
    }

    fn agencies(&self) -> PathBuf {
        self.0.join("agencies")
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
    let unreadable = |source| KeyError::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let named =
            path.file_name().and_then(|file| file.to_str()).and_then(|file| file.strip_suffix(".key"));
        if named
            .and_then(|named| named.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
        {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn signing(path: &Path) -> Result<SigningKey, KeyError> {
    if path.exists() {
        return Ok(SigningKey::load(path)?);
    }
    let key = SigningKey::generate()?;
    key.save(path)?;
    Ok(key)
}

fn agency(path: &Path) -> Result<AgencyKey, KeyError> {
    if path.exists() {
        return Ok(AgencyKey::load(path)?);
    }
    let key = AgencyKey::generate()?;
    key.save(path)?;
    Ok(key)
}

#[cfg(test)]
mod tests;
