//! The partition of readings: who read personal data, each record sealed by a node that may, upon this history.
//!
//! It has no fences: append times say which revision of the registry a reading is judged by.

use futures::TryStreamExt as _;
use lienthong_admission::{IncomingRead, ReadsLedger};
use lienthong_log::{Partition, Stored};
use lienthong_seal::Hash;

use crate::error::{AuditError, SourceError};
use crate::fault::{FaultKind, Faults};
use crate::lane::headers;
use crate::run::Audit;
use crate::trust::{Trust, check_offset};

/// What the partition of readings comes to.
#[derive(Debug, Clone)]
pub(super) struct ReadingsReport {
    /// Records in it.
    pub(super) records: u64,
    /// Running hash after the last one.
    pub(super) chain: Hash,
    pub(super) faults: Faults,
}

/// Verifies every reading; none where they are withheld, so that who may not see them can verify all else.
pub(super) async fn readings(audit: &Audit) -> Result<Option<ReadingsReport>, AuditError> {
    let trust = &audit.trust;
    let mut ledger = ReadsLedger::new(trust.log_id());
    let (mut faults, mut before) = (Faults::default(), None);
    let mut batches = audit.source.records(Partition::Reads);
    loop {
        if audit.watcher.stops() {
            return Err(AuditError::Stopped);
        }
        let batch = match batches.try_next().await {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(SourceError::Damaged { offset, what, .. }) => {
                faults.at(Partition::Reads, offset, FaultKind::Damaged { what });
                break;
            }
            Err(SourceError::Withheld { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        for stored in &batch {
            check_offset(&mut faults, Partition::Reads, before, stored.offset);
            before = Some(stored.offset);
            if let Some(what) = fault(trust, &mut ledger, stored) {
                faults.at(Partition::Reads, stored.offset, FaultKind::Reading { what });
            }
        }
    }
    let cursor = ledger.cursor();
    Ok(Some(ReadingsReport { records: cursor.count, chain: cursor.chain, faults }))
}

fn fault(trust: &Trust, ledger: &mut ReadsLedger, stored: &Stored) -> Option<String> {
    let headers = headers(stored);
    let record = IncomingRead {
        offset: stored.offset,
        appended_ms: stored.appended_ms,
        key: &stored.record.key,
        headers: &headers,
        value: &stored.record.value,
    };
    ledger.apply(trust.revisions(), trust.verifier(), &record).err().map(|fault| fault.to_string())
}
