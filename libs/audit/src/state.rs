//! State as it was at a position: of the whole log in figures, or of one dossier.

mod view;

use std::collections::BTreeMap;

use lienthong_admission::Cursor;
use lienthong_dossier::{Dossier, DossierCode};
use lienthong_log::Stored;
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, partition_of, service_digest};

use crate::error::AuditError;
use crate::lane::Lane;
use crate::position::{At, Position};
use crate::run::{Audit, Pass};
use crate::trust::Trust;

pub use view::DossierAsOf;

/// The log at a position, in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogAsOf {
    /// The offset behind the last record of each partition.
    pub position: Position,
    /// What services compare there.
    pub digest: Option<Hash>,
    /// Records.
    pub records: u64,
    /// Records admitted.
    pub admitted: u64,
    /// Dossiers, imported ones too.
    pub dossiers: u64,
    /// Dossiers that another system tells of.
    pub imported: u64,
    /// Dossiers by national status, 1 to 10; imported ones whose source gives none are not in it.
    pub statuses: BTreeMap<u8, u64>,
    /// Dossiers that are not over, by the agency that holds them.
    pub held: BTreeMap<AgencyId, u64>,
}

/// The log as it was.
///
/// # Errors
/// The log cannot be read, or the watcher stops it; an instant is asked of a training log.
pub async fn log_as_of(audit: &Audit, at: &At) -> Result<LogAsOf, AuditError> {
    let partitions = 0..audit.trust.partitions();
    let start = |trust: &Trust, partition| Figures { lane: Lane::new(trust, partition) };
    let mut log = LogAsOf::default();
    let mut digests = Vec::new();
    for (partition, cursor, of) in audit.over(at, partitions, start).await? {
        log.records += cursor.count;
        log.admitted += cursor.admitted;
        log.dossiers += cursor.dossiers;
        log.imported += of.imported;
        for (status, count) in of.statuses {
            *log.statuses.entry(status).or_default() += count;
        }
        for (agency, count) in of.held {
            *log.held.entry(agency).or_default() += count;
        }
        if cursor.count > 0 {
            log.position.0.insert(partition, cursor.next);
        }
        digests.push(cursor.digest(partition));
    }
    log.digest = Some(service_digest(digests));
    Ok(log)
}

/// One dossier as it was; none when there was none yet.
///
/// # Errors
/// As for [`log_as_of`].
pub async fn dossier_as_of(
    audit: &Audit,
    at: &At,
    code: &DossierCode,
) -> Result<Option<DossierAsOf>, AuditError> {
    let partition = partition_of(code.as_str(), audit.trust.partitions());
    let start = |trust: &Trust, partition| One { lane: Lane::new(trust, partition), code: code.clone() };
    let found = audit.over(at, [partition], start).await?;
    Ok(found.into_iter().flatten().next())
}

/// What dossiers of one partition come to.
#[derive(Default)]
struct Counted {
    imported: u64,
    statuses: BTreeMap<u8, u64>,
    held: BTreeMap<AgencyId, u64>,
}

struct Figures {
    lane: Lane,
}

impl Pass for Figures {
    type Outcome = (u16, Cursor, Counted);

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        self.lane.take(trust, stored)?;
        Ok(())
    }

    fn finish(mut self, _: &Trust) -> Result<Self::Outcome, AuditError> {
        self.lane.settle()?;
        let mut counted = Counted::default();
        for row in self.lane.states() {
            let (_, state) = row?;
            if let Some(status) = state.dossier.status() {
                *counted.statuses.entry(status.code()).or_default() += 1;
            }
            match &state.dossier {
                Dossier::Imported(_) => counted.imported += 1,
                Dossier::Live(case) if case.status().is_final() => {}
                Dossier::Live(case) => *counted.held.entry(case.custody.holder().clone()).or_default() += 1,
            }
        }
        Ok((self.lane.partition(), self.lane.cursor().clone(), counted))
    }
}

struct One {
    lane: Lane,
    code: DossierCode,
}

impl Pass for One {
    type Outcome = Option<DossierAsOf>;

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        self.lane.take(trust, stored)?;
        Ok(())
    }

    fn finish(self, trust: &Trust) -> Result<Self::Outcome, AuditError> {
        let state = self.lane.state(&self.code)?;
        let next = self.lane.cursor().next;
        Ok(state.map(|state| DossierAsOf::of(trust, self.lane.partition(), next, &self.code, &state)))
    }
}
