//! The keys that a node holds: several of its own, several of each agency, and which of them counts when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use lienthong_registry::{AgencyId, Node, Registry};
use lienthong_seal::{AgencyKey, Hash, IndexKey, SigningKey};

use super::{KeyError, KeyFolder, file_name, further_name};

/// What a node seals with and opens wraps with.
///
/// It signs with the key that the registry in force names, and opens a wrap with the key that the wrap names. A key that it
/// does not have yet is looked for in its folder when it is due, so that one is replaced while the node runs.
#[derive(Debug)]
pub struct NodeKeys {
    name: String,
    /// Where further keys come from; nowhere for keys that were given.
    folder: Option<KeyFolder>,
    held: Mutex<Held>,
    /// Stands for personal numbers in the node's index.
    index: IndexKey,
}

#[derive(Debug, Default)]
struct Held {
    signing: BTreeMap<Hash, Arc<SigningKey>>,
    agencies: BTreeMap<AgencyId, BTreeMap<Hash, Arc<AgencyKey>>>,
}

impl NodeKeys {
    /// The keys of a node that has no folder.
    #[must_use]
    pub fn new(
        name: &str,
        signing: impl IntoIterator<Item = SigningKey>,
        agencies: impl IntoIterator<Item = (AgencyId, AgencyKey)>,
        index: IndexKey,
    ) -> Self {
        let mut held = Held::default();
        held.take_signing(signing);
        agencies.into_iter().for_each(|(id, key)| held.take_agency(&id, [key]));
        Self { name: name.to_owned(), folder: None, held: Mutex::new(held), index }
    }

    /// What is in the folder, which must be at least what the registry names.
    pub(super) fn load(folder: KeyFolder, name: &str, registry: &Registry) -> Result<Self, KeyError> {
        let nodes = || registry.nodes().iter().filter(|node| node.name == name);
        if nodes().next().is_none() {
            return Err(KeyError::NoNode { name: name.to_owned() });
        }
        let mut held = Held::default();
        held.take_signing(folder.node_key_files(name)?);
        if held.signing.is_empty() {
            // Says which file belongs there.
            folder.load_signing(&folder.nodes().join(file_name(name)))?;
        }
        if !nodes().any(|node| held.signing.contains_key(&Hash(node.key_id))) {
            return Err(KeyError::Other { name: name.to_owned() });
        }
        for id in nodes().flat_map(|node| &node.agencies) {
            if held.agencies.contains_key(id) {
                continue;
            }
            let keys = folder.agency_key_files(id)?;
            if keys.is_empty() {
                folder.load_agency(&folder.agencies().join(file_name(id.as_str())))?;
            }
            held.take_agency(id, keys);
            let named = registry.agency(id).and_then(|agency| agency.key).map(|key| Hash(key.id));
            if named.and_then(|named| held.agency(id, named)).is_none() {
                return Err(KeyError::Other { name: id.to_string() });
            }
        }
        let index = folder.index(name)?;
        Ok(Self { name: name.to_owned(), folder: Some(folder), held: Mutex::new(held), index })
    }

    /// The key of the node's index.
    #[must_use]
    pub fn index(&self) -> &IndexKey {
        &self.index
    }

    /// The node's name in the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key to seal with: of those that this registry names for the node, that seal for anybody and that are in force on
    /// the day of `at`, the one that came into force last. An older one that is still in force serves as long as that one is not on this machine.
    ///
    /// # Errors
    /// `NotInForce` where the registry names none; `Missing` where none of those it names is here; a file cannot be used.
    pub fn signing_for(&self, registry: &Registry, on: Date) -> Result<Arc<SigningKey>, KeyError> {
        let nodes = registry.nodes().iter();
        let mut named: Vec<&Node> = nodes
            .filter(|node| node.name == self.name && !node.agencies.is_empty() && node.in_force.contains(on))
            .collect();
        // Of two that began together the one that the registry names last.
        named.sort_by_key(|node| node.in_force.from);
        let Some(newest) = named.last() else {
            return Err(KeyError::NotInForce { name: self.name.clone(), on });
        };
        let newest = Hash(newest.key_id);
        if let Some(key) = self.held().signing.get(&newest) {
            return Ok(Arc::clone(key));
        }
        let looked = self.folder.as_ref().map_or(Ok(Vec::new()), |folder| folder.node_key_files(&self.name));
        // A file that cannot be opened is in nobody's way as long as an older key serves.
        let (found, fault) = match looked {
            Ok(found) => (found, None),
            Err(fault) => (Vec::new(), Some(fault)),
        };
        let mut held = self.held();
        held.take_signing(found);
        let mut ids = named.iter().rev().map(|node| Hash(node.key_id));
        ids.find_map(|id| held.signing.get(&id).cloned())
            .ok_or_else(|| fault.unwrap_or_else(|| self.missing(&self.name, newest)))
    }

    /// The agency's key of that id: its present one, or one that it had when something was wrapped for it.
    ///
    /// # Errors
    /// `Missing` when it is not here; a file cannot be used.
    pub fn agency(&self, id: &AgencyId, key_id: Hash) -> Result<Arc<AgencyKey>, KeyError> {
        if let Some(key) = self.held().agency(id, key_id) {
            return Ok(key);
        }
        if let Some(folder) = &self.folder {
            let found = folder.agency_key_files(id)?;
            self.held().take_agency(id, found);
        }
        self.held().agency(id, key_id).ok_or_else(|| self.missing(id.as_str(), key_id))
    }

    /// The key of that id, as far as it was read already.
    #[cfg(test)]
    pub(super) fn held_agency(&self, id: &AgencyId, key_id: Hash) -> Option<Arc<AgencyKey>> {
        self.held().agency(id, key_id)
    }

    fn missing(&self, name: &str, id: Hash) -> KeyError {
        KeyError::Missing { name: name.to_owned(), id, file: further_name(name, id) }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn take_signing(&mut self, keys: impl IntoIterator<Item = SigningKey>) {
        for key in keys {
            self.signing.entry(key.key_id()).or_insert_with(|| Arc::new(key));
        }
    }

    fn take_agency(&mut self, id: &AgencyId, keys: impl IntoIterator<Item = AgencyKey>) {
        let of = self.agencies.entry(id.clone()).or_default();
        for key in keys {
            of.entry(key.key_id()).or_insert_with(|| Arc::new(key));
        }
    }

    fn agency(&self, id: &AgencyId, key_id: Hash) -> Option<Arc<AgencyKey>> {
        self.agencies.get(id)?.get(&key_id).cloned()
    }
}
