//! What a projection keeps of one dossier: its state, and what the next proposal is checked against.

use std::collections::BTreeMap;

use lienthong_dossier::{CommandId, Dossier, fold};
use lienthong_registry::AgencyId;
use lienthong_seal::Hash;
use lienthong_wire::stored::Recipient;
use serde::{Deserialize, Serialize};

use crate::offered::Offered;

/// The state of one dossier after its last admitted record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What the dossier is.
    pub dossier: Dossier,
    /// Hash of the last admitted body: what the next proposal must name as `prev`.
    pub head: Hash,
    /// Its admitted records in order. The events themselves stay in the log.
    pub records: Vec<RecordRef>,
    /// Who can unwrap the dossier's key, and where the wrapped key lies.
    pub access: BTreeMap<AgencyId, Access>,
    /// SHA-256 of the dossier's data key.
    pub data_key: Hash,
}

/// Where one admitted record lies and which command it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRef {
    /// Its offset in the dossier's partition.
    pub offset: u64,
    /// The command.
    pub command: CommandId,
    /// Keyed hash of the command's content.
    pub command_hash: Hash,
}

/// A wrapped key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The agency's key it is wrapped for.
    pub key_id: Hash,
    /// The record it lies in.
    pub offset: u64,
}

/// A row that is not the canonical form of any state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the row of a dossier does not decode")]
pub struct StateFault(#[source] postcard::Error);

impl State {
    /// The canonical bytes, equal on every node.
    ///
    /// # Errors
    /// Never for a state that came from `after`; the encoder's own limits.
    pub fn encode(&self) -> Result<Vec<u8>, StateFault> {
        postcard::to_stdvec(self).map_err(StateFault)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// The bytes are not a state.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateFault> {
        postcard::from_bytes(bytes).map_err(StateFault)
    }

    /// The record of a command, if the dossier has one.
    #[must_use]
    pub fn record_of(&self, command: CommandId) -> Option<&RecordRef> {
        self.records.iter().find(|record| record.command == command)
    }

    /// The state after one more admitted record. `None` only for a first record that opens nothing, which
    /// admission has refused.
    #[must_use]
    pub(crate) fn after(before: Option<Self>, offered: &Offered, offset: u64) -> Option<Self> {
        let body = &offered.body;
        let (dossier, mut records, mut access, data_key) = match before {
            Some(state) => (Some(state.dossier), state.records, state.access, state.data_key),
            None => (None, Vec::new(), BTreeMap::new(), body.data_key.unwrap_or(Hash::ZERO)),
        };
        records.push(RecordRef { offset, command: body.command_id, command_hash: body.command_hash });
        for wrap in &body.wraps {
            if let Recipient::Agency(agency) = &wrap.recipient {
                access.insert(agency.clone(), Access { key_id: wrap.wrap.key_id, offset });
            }
        }
        let dossier = fold(dossier, &body.act)?;
        Some(Self { dossier, head: offered.leaf, records, access, data_key })
    }
}
