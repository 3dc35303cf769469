//! One partition judged record by record, with the states of its dossiers in memory.

use std::collections::{BTreeMap, HashMap};

use lienthong_admission::{
    Applied, Cursor, Halt, Incoming, Ledger, Rows, State, StateFault, StateRow, WITNESS_EVERY,
};
use lienthong_dossier::DossierCode;
use lienthong_log::Stored;
use lienthong_seal::{Hash, chain};

use crate::error::AuditError;
use crate::trust::Trust;

/// Dossiers that all lanes at once hold decoded before rows are brought up to date, some 10 KiB each. Each is then encoded,
/// and decoded again when it moves again; so the more are held the less often.
const HELD_MAX: usize = 65_536;

/// What a lane holds at least, however many cores there are.
const HELD_MIN: usize = 4_096;

/// Records judged before that at the latest, of however few dossiers.
const BATCH_RECORDS: u64 = 1 << 20;

/// One partition, as far as it is judged.
#[derive(Clone)]
pub struct Lane {
    partition: u16,
    ledger: Ledger,
    rows: Memory,
    unsettled: u64,
    held_max: usize,
}

/// Rows in memory: encoded, which takes a fifth of the room.
#[derive(Clone, Default)]
struct Memory {
    states: HashMap<DossierCode, Vec<u8>>,
    /// Running hashes at every multiple of 64, the first at 64.
    chains: Vec<Hash>,
}

impl Rows for Memory {
    type Error = StateFault;

    fn state(&self, code: &DossierCode) -> Result<Option<StateRow>, StateFault> {
        self.states.get(code).map(|bytes| StateRow::decode(code, bytes)).transpose()
    }

    fn chain_at(&self, _: u16, count: u64) -> Result<Option<Hash>, StateFault> {
        let index = usize::try_from(count / WITNESS_EVERY).ok().and_then(|ordinal| ordinal.checked_sub(1));
        Ok(index.and_then(|index| self.chains.get(index)).copied())
    }
}

impl Lane {
    /// Before the first record.
    #[must_use]
    pub fn new(trust: &Trust, partition: u16) -> Self {
        let ledger = Ledger::new(partition, Cursor::start(trust.log_id(), partition));
        let held_max = (HELD_MAX / lanes()).max(HELD_MIN);
        Self { partition, ledger, rows: Memory::default(), unsettled: 0, held_max }
    }

    /// Which partition it is.
    #[must_use]
    pub fn partition(&self) -> u16 {
        self.partition
    }

    /// Judges the next record.
    ///
    /// # Errors
    /// `NoRevision` for the fence of a revision that the registry does not have; a state cannot be encoded.
    pub fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<Applied, AuditError> {
        let reading = trust.reading(self.partition);
        let applied = with_incoming(stored, |record| self.ledger.apply(&reading, &self.rows, record));
        let applied = applied.map_err(|halt| match halt {
            Halt::Revision(revision) => {
                let (partition, offset) = (self.partition, stored.offset);
                AuditError::NoRevision { partition, offset, revision }
            }
            Halt::Rows(fault) => fault.into(),
        })?;
        self.unsettled += 1;
        if self.unsettled >= BATCH_RECORDS || self.ledger.held() >= self.held_max {
            self.settle()?;
        }
        Ok(applied)
    }

    /// Brings rows and the sum of states up to date.
    ///
    /// # Errors
    /// A state cannot be encoded.
    pub fn settle(&mut self) -> Result<(), StateFault> {
        let changes = self.ledger.settle()?;
        self.rows.states.extend(changes.rows.into_iter().map(|row| (row.code, row.bytes)));
        self.rows.chains.extend(changes.witnesses.into_iter().map(|(_, _, hash)| hash));
        self.unsettled = 0;
        Ok(())
    }

    /// Where it stands; states count from the last [`Lane::settle`] only.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        self.ledger.cursor()
    }

    /// The state of a dossier just now.
    ///
    /// # Errors
    /// A row does not decode: a defect of ours.
    pub fn state(&self, code: &DossierCode) -> Result<Option<State>, StateFault> {
        if let Some(state) = self.ledger.touched(code) {
            return Ok(Some(state.clone()));
        }
        self.rows.states.get(code).map(|bytes| State::decode(bytes)).transpose()
    }

    /// Every dossier as of the last [`Lane::settle`], in the order of codes.
    ///
    /// # Errors
    /// A row does not decode: a defect of ours.
    pub fn states(&self) -> impl Iterator<Item = Result<(&DossierCode, State), StateFault>> {
        let ordered: BTreeMap<_, _> = self.rows.states.iter().collect();
        ordered.into_iter().map(|(code, bytes)| Ok((code, State::decode(bytes)?)))
    }
}

/// Partitions judged at once: two for each core, so that a disk reads for some while others are judged.
pub(crate) fn lanes() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// A stored record as admission takes it.
pub(crate) fn with_incoming<T>(stored: &Stored, take: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let headers = headers(stored);
    take(&Incoming {
        offset: stored.offset,
        appended_ms: stored.appended_ms,
        key: &stored.record.key,
        headers: &headers,
        value: &stored.record.value,
    })
}

/// The headers of a record as hashes take them.
pub(crate) fn headers(stored: &Stored) -> Vec<(&str, &[u8])> {
    stored.record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref())).collect()
}

/// The running hash after one more record.
pub(crate) fn extended(before: Hash, stored: &Stored) -> Hash {
    chain::extend(before, stored.appended_ms, &stored.record.key, headers(stored), &stored.record.value)
}

/// The offset of the last record.
pub(crate) fn last_of(records: &[Stored]) -> Option<u64> {
    records.last().map(|stored| stored.offset)
}
