//! Rows: what a ledger reads of dossiers it has not in hand, and what it hands out to be written.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_dossier::{DossierCode, OfficerId};
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, StateSum};

use crate::state::{State, StateFault};

/// The rows that a ledger reads from: a store, or nothing for a replay from the start.
pub trait Rows {
    /// What can go wrong.
    type Error: From<StateFault>;

    /// The state of a dossier.
    ///
    /// # Errors
    /// The store cannot be read.
    fn state(&self, code: &DossierCode) -> Result<Option<StateRow>, Self::Error>;

    /// The running hash kept at a multiple of 64.
    ///
    /// # Errors
    /// The store cannot be read.
    fn chain_at(&self, partition: u16, count: u64) -> Result<Option<Hash>, Self::Error>;
}

/// A dossier's state as rows have it, and what it adds to the sum of states.
#[derive(Debug, Clone)]
pub struct StateRow {
    /// The state.
    pub state: Arc<State>,
    /// Its term.
    pub term: StateSum,
}

impl StateRow {
    /// Reads canonical bytes.
    ///
    /// # Errors
    /// The bytes are not a state.
    pub fn decode(code: &DossierCode, bytes: &[u8]) -> Result<Self, StateFault> {
        let state = Arc::new(State::decode(bytes)?);
        Ok(Self { state, term: StateSum::of(code.as_str(), bytes) })
    }
}

/// A dossier's row, to be written.
#[derive(Debug, Clone)]
pub struct Row {
    /// The dossier.
    pub code: DossierCode,
    /// Its state before.
    pub before: Option<Arc<State>>,
    /// Its state now.
    pub after: Arc<State>,
    /// Canonical bytes of `after`.
    pub bytes: Vec<u8>,
    /// What `after` adds to the sum of states.
    pub term: StateSum,
    /// Of each agency that acted since `before`, the officer who did last.
    pub officers: BTreeMap<AgencyId, OfficerId>,
}

impl Row {
    /// The row of a dossier that changed.
    ///
    /// # Errors
    /// The state cannot be encoded.
    pub fn new(
        code: DossierCode,
        before: Option<Arc<State>>,
        after: Arc<State>,
        officers: BTreeMap<AgencyId, OfficerId>,
    ) -> Result<Self, StateFault> {
        let bytes = after.encode()?;
        let term = StateSum::of(code.as_str(), &bytes);
        Ok(Self { code, before, after, bytes, term, officers })
    }
}

/// What a batch of records changes.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Rows of dossiers, each once.
    pub rows: Vec<Row>,
    /// Witnesses reached: records counted, offset of the last of them, running hash.
    pub witnesses: Vec<(u64, u64, Hash)>,
}
