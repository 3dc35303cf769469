//! Verifying what an auditor's service streams, and what it comes to. The service is not believed.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_audit::{AuditError, Unwatched, verify};
use lienthong_seal::Hash;
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use tonic::transport::Channel;

use crate::raw::RawSource;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Digest over every partition, as a service computes it.
    pub digest: Hash,
    /// Records read.
    pub records: u64,
    /// Records admitted.
    pub admitted: u64,
    /// Events in them.
    pub events: u64,
    /// Records void.
    pub voids: u64,
    /// What shows that the log is not as it was written, in words.
    pub faults: Vec<String>,
}

/// Reads everything the auditor streams and judges it anew.
///
/// # Errors
/// The stream breaks, or the log is none.
pub async fn replay(auditor: &mut AuditorClient<Channel>) -> Result<Replayed, AuditError> {
    let source = RawSource::new(auditor.clone(), BTreeMap::new());
    let verified = verify(Arc::new(source), &[], Arc::new(Unwatched)).await?;
    Ok(Replayed {
        digest: verified.digest.unwrap_or(Hash::ZERO),
        records: verified.records,
        admitted: verified.admitted,
        events: verified.events,
        voids: verified.voids.values().sum(),
        faults: verified.faults.iter().map(|fault| fault.kind.to_string()).collect(),
    })
}
