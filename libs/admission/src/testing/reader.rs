//! For tests: the account of one partition over rows in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_dossier::DossierCode;
use lienthong_registry::Registry;
use lienthong_seal::Hash;

use super::{Sent, World};
use crate::*;

/// Rows in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) states: BTreeMap<DossierCode, Vec<u8>>,
    pub(crate) witnesses: BTreeMap<u64, Hash>,
}

impl Rows for Kept {
    type Error = StateFault;

    fn state(&self, code: &DossierCode) -> Result<Option<StateRow>, StateFault> {
        self.states.get(code).map(|bytes| StateRow::decode(code, bytes)).transpose()
    }

    fn chain_at(&self, _: u16, count: u64) -> Result<Option<Hash>, StateFault> {
        Ok(self.witnesses.get(&count).copied())
    }
}

impl Kept {
    pub(crate) fn write(&mut self, changes: Changes) {
        self.states.extend(changes.rows.into_iter().map(|row| (row.code, row.bytes)));
        self.witnesses.extend(changes.witnesses.into_iter().map(|(count, _, hash)| (count, hash)));
    }
}

/// The account of one partition, kept over rows in memory.
pub(crate) struct Reader {
    pub(crate) world: Arc<World>,
    pub(crate) partition: u16,
    /// The registry's chain as far as this reader has read it: at first that of its world.
    pub(crate) revisions: Revisions,
    pub(crate) ledger: Ledger,
    pub(crate) rows: Kept,
}

impl Reader {
    pub(crate) fn new(world: &Arc<World>, partition: u16) -> Self {
        let cursor = Cursor::start(world.revisions.log_id(), partition);
        Self::from(world, partition, cursor, Kept::default())
    }

    /// Goes on from what was stored.
    pub(crate) fn from(world: &Arc<World>, partition: u16, cursor: Cursor, rows: Kept) -> Self {
        let revisions = world.revisions.clone();
        Self { world: Arc::clone(world), partition, revisions, ledger: Ledger::new(partition, cursor), rows }
    }

    /// Another reader that has stored and read as much.
    pub(crate) fn settled_twin(&mut self) -> Self {
        self.settle();
        let twin = Self::from(&self.world, self.partition, self.ledger.cursor().clone(), self.rows.clone());
        Self { revisions: self.revisions.clone(), ..twin }
    }

    /// What the last fence put in force.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.revisions.get(self.ledger.cursor().revision).unwrap().registry)
    }

    pub(crate) fn try_apply(&mut self, sent: &Sent) -> Result<Applied, Halt<StateFault>> {
        let headers: Vec<_> =
            sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
        let record = Incoming {
            offset: self.ledger.cursor().next,
            appended_ms: sent.appended_ms,
            key: &sent.key,
            headers: &headers,
            value: &sent.value,
        };
        let (revisions, verifier) = (&self.revisions, &self.world.verifier);
        let reading = Reading { log_id: revisions.log_id(), partition: self.partition, revisions, verifier };
        self.ledger.apply(&reading, &self.rows, &record)
    }

    pub(crate) fn apply(&mut self, sent: &Sent) -> Applied {
        self.try_apply(sent).unwrap()
    }

    /// Closes the batch and writes its rows; how many dossiers it changed.
    pub(crate) fn settle(&mut self) -> usize {
        let changes = self.ledger.settle().unwrap();
        let rows = changes.rows.len();
        self.rows.write(changes);
        rows
    }

    pub(crate) fn state(&self, of: &DossierCode) -> Option<State> {
        let stored = || self.rows.states.get(of).map(|bytes| State::decode(bytes).unwrap());
        self.ledger.touched(of).cloned().or_else(stored)
    }
}
