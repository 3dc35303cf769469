//! What somebody kept of a log, to be held against it: the only way to find what is gone from its end.

use std::collections::BTreeMap;
use std::str::FromStr;

use lienthong_log::Partition;
use lienthong_seal::{Hash, PartitionChain, PartitionDigest, StateSum, chain, log_digest, service_digest};

use super::inspection::{PartitionReport, start};
use crate::error::AuditError;
use crate::fault::{Fault, FaultKind};
use crate::position::{Position, PositionFault};
use crate::trust::{RegistryReport, Trust};

/// A hash that a log had at a position: `5:130=HASH`, `registry:31=HASH`, `0:17,5:2=HASH`, `end=HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Where.
    pub at: Expected,
    /// For one partition its running hash there. For several the hash over their running hashes, as `log copy` tells it.
    /// In any case the digest that services compare will do, which says less: nothing of seals, keys, headers and times.
    pub hash: Hash,
}

/// A position of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The end, whatever it is.
    End,
    /// These partitions; nothing of those that are not named.
    At {
        /// Of the registry.
        registry: Option<u64>,
        /// Of dossiers.
        dossiers: Position,
    },
}

/// A text that is no expectation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationFault {
    /// It is of another form.
    #[error("{text:?} is not POSITION=HASH, such as 5:130=4f…, with 64 hex digits")]
    Form {
        /// What was given.
        text: String,
    },
    /// The position.
    #[error(transparent)]
    Position(#[from] PositionFault),
    /// Readings are verified, and not held against a hash.
    #[error("no hash is expected of the partition of reads: leave it out, and expect partitions one by one")]
    Reads,
}

impl FromStr for Expectation {
    type Err = ExpectationFault;

    fn from_str(text: &str) -> Result<Self, ExpectationFault> {
        let form = || ExpectationFault::Form { text: text.to_owned() };
        let (position, hash) = text.split_once('=').ok_or_else(form)?;
        let hash = hash.trim().parse().map_err(|_| form())?;
        if position == "end" {
            return Ok(Self { at: Expected::End, hash });
        }
        let (mut registry, mut dossiers) = (None, Vec::new());
        for part in position.split(',') {
            match part.trim().split_once(':') {
                Some(("registry", offset)) => registry = Some(offset.parse().map_err(|_| form())?),
                Some(("reads", _)) => return Err(ExpectationFault::Reads),
                Some(_) | None => dossiers.push(part),
            }
        }
        let dossiers = match dossiers.is_empty() {
            true => Position::default(),
            false => dossiers.join(",").parse()?,
        };
        Ok(Self { at: Expected::At { registry, dossiers }, hash })
    }
}

impl Expectation {
    /// A running hash of one partition.
    #[must_use]
    pub fn of(partition: Partition, offset: u64, hash: Hash) -> Option<Self> {
        let at = match partition {
            Partition::Registry => Expected::At { registry: Some(offset), dossiers: Position::default() },
            Partition::Dossiers(number) => {
                Expected::At { registry: None, dossiers: Position(BTreeMap::from([(number, offset)])) }
            }
            Partition::Reads => return None,
        };
        Some(Self { at, hash })
    }

    /// Whether the log has the partitions that are named.
    pub(super) fn check(&self, trust: &Trust) -> Result<(), AuditError> {
        match &self.at {
            Expected::End => Ok(()),
            Expected::At { dossiers, .. } => dossiers.check(trust),
        }
    }

    /// Where the hashes of a partition are wanted.
    pub(super) fn offset(&self, partition: u16) -> Option<u64> {
        match &self.at {
            Expected::End => None,
            Expected::At { dossiers, .. } => dossiers.0.get(&partition).copied(),
        }
    }

    /// Where the log is not what was expected.
    pub(super) fn differences(
        &self,
        trust: &Trust,
        registry: &RegistryReport,
        reports: &[PartitionReport],
    ) -> Vec<Fault> {
        let reached = match self.reached(trust, registry, reports) {
            Ok(reached) => reached,
            Err(short) => return short,
        };
        let chains = log_digest(reached.chains.iter().copied());
        if [chains, service_digest(reached.digests)].contains(&self.hash) {
            return Vec::new();
        }
        let [one] = reached.chains[..] else {
            let kind = FaultKind::ExpectedLog { position: self.position(), expected: self.hash };
            return vec![Fault { partition: None, offset: 0, until: 0, kind }];
        };
        if one.chain == self.hash {
            return Vec::new();
        }
        let kind = FaultKind::Expected { at: one.next, found: one.chain, expected: self.hash };
        // What later authors had read is as it was, unless that itself is not what was expected.
        let covered = reports.iter().find(|report| u32::from(report.partition) == one.partition);
        let covered = covered.map_or(0, |report| report.covered);
        let offset = if covered < one.next { covered } else { 0 };
        vec![Fault { partition: Some(named(one.partition)), offset, until: one.next, kind }]
    }

    fn position(&self) -> String {
        match &self.at {
            Expected::End => "the end".to_owned(),
            Expected::At { registry, dossiers } => match registry {
                Some(offset) => format!("registry:{offset},{dossiers}").trim_end_matches(',').to_owned(),
                None => dossiers.to_string(),
            },
        }
    }

    /// The log at the position, or the partitions that end before it.
    fn reached(
        &self,
        trust: &Trust,
        registry: &RegistryReport,
        reports: &[PartitionReport],
    ) -> Result<Reached, Vec<Fault>> {
        let mut reached = Reached::default();
        let mut short = Vec::new();
        let of_registry = match &self.at {
            Expected::End => Some(registry.next),
            Expected::At { registry, .. } => *registry,
        };
        if let Some(at) = of_registry {
            match registry.chain_at(trust.log_id(), at) {
                Some(chain) => reached.chain(chain::REGISTRY, at, chain),
                None => short.push(ends_before(Partition::Registry, registry.next, at)),
            }
        }
        for report in reports {
            let partition = u32::from(report.partition);
            let wanted = match &self.at {
                Expected::End => Some(report.cursor.next),
                Expected::At { .. } => self.offset(report.partition),
            };
            let Some(at) = wanted.filter(|at| *at > 0) else {
                reached.digests.push(nothing_of(partition));
                continue;
            };
            let end = (report.cursor.chain, report.cursor.digest(report.partition));
            let mark = report.marks.iter().find(|mark| mark.at == at).map(|mark| (mark.chain, mark.digest));
            match mark.or((at == report.cursor.next).then_some(end)) {
                Some((chain, digest)) => {
                    reached.chain(partition, at, chain);
                    reached.digests.push(digest);
                }
                None => {
                    short.push(ends_before(Partition::Dossiers(report.partition), report.cursor.next, at))
                }
            }
        }
        // A partition at 0 has the hash it begins with, if just that was asked for.
        if let (true, Expected::At { registry: None, dossiers }) = (reached.chains.is_empty(), &self.at)
            && let Some(partition) = dossiers.0.keys().next()
            && short.is_empty()
        {
            reached.chain(u32::from(*partition), 0, start(trust, *partition));
        }
        if short.is_empty() { Ok(reached) } else { Err(short) }
    }
}

/// A log at a position.
#[derive(Default)]
struct Reached {
    chains: Vec<PartitionChain>,
    digests: Vec<PartitionDigest>,
}

impl Reached {
    fn chain(&mut self, partition: u32, next: u64, chain: Hash) {
        self.chains.push(PartitionChain { partition, next, chain });
    }
}

fn nothing_of(partition: u32) -> PartitionDigest {
    PartitionDigest { partition, next: 0, verdict: Hash::ZERO, state: StateSum::ZERO }
}

fn ends_before(partition: Partition, end: u64, expected: u64) -> Fault {
    Fault { partition: Some(partition), offset: end, until: expected, kind: FaultKind::Short { expected } }
}

fn named(partition: u32) -> Partition {
    u16::try_from(partition).map_or(Partition::Registry, Partition::Dossiers)
}

#[cfg(test)]
mod tests;
