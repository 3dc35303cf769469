//! Where everything stands, by what it is looked up by. Positions point into the parts.

use std::collections::{BTreeMap, HashMap};

use super::{RegistryFault, RegistryParts};
use crate::{AgencyCode, AgencyId, CommuneCode, KeyId, PackVersion, ProcedureCode, Role, Territory};

#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) agencies: HashMap<AgencyId, usize>,
    /// Agencies, several if they had the code on different days.
    pub(super) codes: BTreeMap<AgencyCode, Vec<usize>>,
    /// Agencies that take the part in the place on some day.
    pub(super) roles: BTreeMap<(Role, Territory), Vec<usize>>,
    pub(super) communes: BTreeMap<CommuneCode, usize>,
    pub(super) nodes: BTreeMap<KeyId, usize>,
    pub(super) packs: BTreeMap<ProcedureCode, BTreeMap<PackVersion, usize>>,
    /// Fields of procedures, by code: the last pack of each.
    pub(super) fields: BTreeMap<String, usize>,
    /// By predecessor.
    pub(super) successions: BTreeMap<AgencyId, Vec<usize>>,
}

impl Index {
    /// The index of parts whose agencies are sorted by id; a fault if something is there twice.
    pub(super) fn of(parts: &RegistryParts) -> Result<Self, RegistryFault> {
        let mut index = Self::default();
        for (position, commune) in parts.communes.iter().enumerate() {
            if index.communes.insert(commune.code.clone(), position).is_some() {
                return Err(RegistryFault::DuplicateCommune { commune: commune.code.clone() });
            }
        }
        for (position, node) in parts.nodes.iter().enumerate() {
            if index.nodes.insert(node.key_id, position).is_some() {
                return Err(RegistryFault::DuplicateNode { node: node.name.clone() });
            }
        }
        for (position, pack) in parts.packs.iter().enumerate() {
            index.fields.insert(pack.field().code.to_string(), position);
            let versions = index.packs.entry(pack.procedure().clone()).or_default();
            if versions.insert(pack.version().clone(), position).is_some() {
                let (procedure, version) = (pack.procedure().clone(), pack.version().clone());
                return Err(RegistryFault::DuplicatePack { procedure, version });
            }
        }
        for (position, succession) in parts.successions.iter().enumerate() {
            index.successions.entry(succession.predecessor.clone()).or_default().push(position);
        }
        index.agencies(parts);
        Ok(index)
    }

    fn agencies(&mut self, parts: &RegistryParts) {
        for (position, agency) in parts.agencies.iter().enumerate() {
            self.agencies.insert(agency.id.clone(), position);
            for code in &agency.codes {
                add(self.codes.entry(code.value.clone()).or_default(), position);
            }
            for role in &agency.roles {
                for territory in &agency.territory {
                    add(self.roles.entry((*role, territory.value.clone())).or_default(), position);
                }
            }
        }
    }
}

/// Once, though an agency may have the same code in two periods.
fn add(positions: &mut Vec<usize>, position: usize) {
    if positions.last() != Some(&position) {
        positions.push(position);
    }
}
