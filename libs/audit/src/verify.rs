//! Verification of a whole log: every seal, path, chain and admission, from the records alone.

mod expect;
mod inspection;
mod readings;
mod witnesses;

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_admission::Reason;
use lienthong_log::Partition;
use lienthong_seal::{Hash, service_digest};

use crate::error::AuditError;
use crate::fault::{Fault, FaultKind, Faults};
use crate::position::{At, Position};
use crate::run::{Audit, Watcher};
use crate::source::Source;
use crate::trust::{RegistryReport, Trust};

use readings::ReadingsReport;

pub use expect::{Expectation, ExpectationFault, Expected};
pub use inspection::{Inspection, Mark, PartitionReport};

/// What a verification found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Id of the log; none when its registry does not hold, and then all else is empty.
    pub log_id: Option<Hash>,
    /// It is a training log.
    pub training: bool,
    /// Records of dossiers.
    pub records: u64,
    /// Records of the registry.
    pub registry_records: u64,
    /// Partitions that were not shown to us, of which nothing was verified.
    pub left_out: Vec<Partition>,
    /// Records of who read personal data.
    pub read_records: u64,
    /// Running hash of these.
    pub reads_hash: Option<Hash>,
    /// Records admitted.
    pub admitted: u64,
    /// Events in them.
    pub events: u64,
    /// Dossiers.
    pub dossiers: u64,
    /// Records void, by reason.
    pub voids: BTreeMap<Reason, u64>,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Faults beyond those that are kept.
    pub faults_left_out: u64,
    /// What services compare, at the position.
    pub digest: Option<Hash>,
    /// The offset behind the last record of each partition.
    pub position: Position,
    /// The running hash of each partition that has records.
    pub hashes: Vec<PartitionHash>,
}

/// The running hash of one partition: to be kept, and expected when the log is verified again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionHash {
    /// The partition.
    pub partition: Partition,
    /// The offset behind its last record.
    pub offset: u64,
    /// The hash there.
    pub hash: Hash,
    /// Below this offset every change would have been found without an expectation; 0 for the registry, where the
    /// chain itself is signed, but neither append times nor what stands around it.
    pub covered: u64,
}

/// Verifies a log, and that it is what was expected.
///
/// # Errors
/// The log is empty or cannot be read, or the watcher stops it. What is wrong with the log is no error.
pub async fn verify(
    source: Arc<dyn Source>,
    expected: &[Expectation],
    watcher: Arc<dyn Watcher>,
) -> Result<Verified, AuditError> {
    let times_rise = source.times_rise();
    let audit = match Audit::open(source, watcher).await {
        Ok(audit) => audit,
        Err(AuditError::Registry { offset, what }) => return Ok(Verified::broken(offset, what)),
        Err(error) => return Err(error),
    };
    expected.iter().try_for_each(|expectation| expectation.check(&audit.trust))?;
    let partitions = 0..audit.trust.partitions();
    let start = |trust: &Trust, partition| {
        let wanted = expected.iter().filter_map(|expectation| expectation.offset(partition)).collect();
        Inspection::new(trust, partition, times_rise, wanted)
    };
    let reports = audit.over(&At::End, partitions, start).await?;
    let readings = readings::readings(&audit).await?;
    Ok(Verified::of(&audit.trust, &audit.registry, readings.as_ref(), &reports, expected))
}

impl Verified {
    /// Nothing can be judged by a registry that does not hold.
    fn broken(offset: u64, what: String) -> Self {
        let mut faults = Faults::default();
        faults.at(Partition::Registry, offset, FaultKind::Registry { what });
        Self { faults: faults.kept().to_vec(), ..Self::default() }
    }

    fn of(
        trust: &Trust,
        registry: &RegistryReport,
        readings: Option<&ReadingsReport>,
        reports: &[PartitionReport],
        expected: &[Expectation],
    ) -> Self {
        let sum = |count: fn(&PartitionReport) -> u64| reports.iter().map(count).sum();
        let mut voids = BTreeMap::new();
        for (reason, count) in reports.iter().flat_map(|report| Reason::counted(&report.cursor)) {
            *voids.entry(reason).or_default() += count;
        }
        let all = || {
            let readings = readings.map(|readings| &readings.faults);
            let beside = std::iter::once(&registry.faults).chain(readings);
            beside.chain(reports.iter().map(|report| &report.faults))
        };
        let mut faults: Vec<Fault> = all().flat_map(|faults| faults.kept().iter().cloned()).collect();
        faults.extend(
            expected.iter().flat_map(|expectation| expectation.differences(trust, registry, reports)),
        );
        let with_records = reports.iter().filter(|report| report.cursor.count > 0);
        Self {
            log_id: Some(trust.log_id()),
            training: trust.is_training(),
            records: sum(|report| report.cursor.count),
            registry_records: registry.records,
            left_out: if readings.is_none() { vec![Partition::Reads] } else { Vec::new() },
            read_records: readings.map_or(0, |readings| readings.records),
            reads_hash: readings.map(|readings| readings.chain),
            admitted: sum(|report| report.cursor.admitted),
            events: sum(|report| report.cursor.events),
            dossiers: sum(|report| report.cursor.dossiers),
            voids,
            faults,
            faults_left_out: all().map(Faults::left_out).sum(),
            digest: Some(service_digest(reports.iter().map(|report| report.cursor.digest(report.partition)))),
            position: Position(
                with_records.clone().map(|report| (report.partition, report.cursor.next)).collect(),
            ),
            hashes: std::iter::once(PartitionHash {
                partition: Partition::Registry,
                offset: registry.next,
                hash: registry.hash(trust.log_id()),
                covered: 0,
            })
            .chain(with_records.map(PartitionHash::of))
            .collect(),
        }
    }
}

impl PartitionHash {
    fn of(report: &PartitionReport) -> Self {
        Self {
            partition: Partition::Dossiers(report.partition),
            offset: report.cursor.next,
            hash: report.cursor.chain,
            covered: report.covered,
        }
    }
}
