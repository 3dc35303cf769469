//! The keys of a log on this machine: one file each under `keys/`, mode 0600.
//!
//! ```text
//! keys/authority.key  keys/recovery.key  keys/nodes/NAME.key  keys/agencies/ID.key
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use lienthong_registry::{AgencyId, Registry};
use lienthong_seal::{AgencyKey, KeyFileFault, NoRandomness, SigningKey};

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
}

/// What a node seals with: its one signing key, and a key for each agency it acts for.
pub struct NodeKeys {
    /// Signs proposals.
    pub signing: SigningKey,
    /// Opens what was wrapped for the agencies.
    pub agencies: BTreeMap<AgencyId, AgencyKey>,
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

    /// A fresh signing key for a node, beside the one it has.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn new_node_key(&self, name: &str) -> Result<SigningKey, KeyError> {
        let key = SigningKey::generate()?;
        let id = key.key_id().to_string();
        let file = format!("{name}.{}.key", id.get(..16).unwrap_or_default());
        key.save(&self.0.join("nodes").join(file))?;
        Ok(key)
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
        signing(&self.0.join("nodes").join(format!("{name}.key")))
    }

    /// An agency's key, made when it is not there.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn agency(&self, id: &AgencyId) -> Result<AgencyKey, KeyError> {
        agency(&self.0.join("agencies").join(format!("{id}.key")))
    }

    /// All keys of one node, which must be those the registry names.
    ///
    /// # Errors
    /// A file cannot be used, or holds another key.
    pub fn node_keys(&self, name: &str, registry: &Registry) -> Result<NodeKeys, KeyError> {
        let node = registry
            .nodes()
            .iter()
            .find(|node| node.name == name)
            .ok_or_else(|| KeyError::NoNode { name: name.to_owned() })?;
        let signing = SigningKey::load(&self.0.join("nodes").join(format!("{name}.key")))?;
        if signing.public().0 != node.public {
            return Err(KeyError::Other { name: name.to_owned() });
        }
        let mut agencies = BTreeMap::new();
        for id in &node.agencies {
            let key = AgencyKey::load(&self.0.join("agencies").join(format!("{id}.key")))?;
            let named = registry.agency(id).and_then(|agency| agency.key);
            let named = named.is_some_and(|named| named.public == key.public().0);
            if !named {
                return Err(KeyError::Other { name: id.to_string() });
            }
            agencies.insert(id.clone(), key);
        }
        Ok(NodeKeys { signing, agencies })
    }
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
