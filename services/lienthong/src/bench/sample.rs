//! Records of a log, picked at random.

use fastrand::Rng;
use lienthong_log::{EventLog, Partition, ReadLimit, Stored};
use lienthong_wire::stored::{Entry, decode_entry};

use super::BenchError;

/// Records of dossiers, each record as likely as any other; none of an empty log.
pub(super) struct Sample(Vec<Stored>);

impl Sample {
    /// Picks so many, or fewer where one is picked that is of no dossier.
    pub(super) async fn of(log: &dyn EventLog, records: usize) -> Result<Self, BenchError> {
        let (mut ends, mut in_all) = (Vec::new(), 0);
        for partition in (0..log.dossier_partitions()).map(Partition::Dossiers) {
            let end = log.end(partition).await?;
            ends.push((partition, end));
            in_all += end;
        }
        let (mut rng, mut picked) = (Rng::new(), Vec::new());
        for _ in 0..if in_all == 0 { 0 } else { records } {
            let mut place = rng.u64(..in_all);
            for &(partition, end) in &ends {
                if place < end {
                    let limit = ReadLimit { records: 1, ..ReadLimit::default() };
                    picked.extend(log.read(partition, place, limit).await?);
                    break;
                }
                place -= end;
            }
        }
        picked.retain(|stored| !stored.record.key.is_empty());
        Ok(Self(picked))
    }

    /// The codes of their dossiers.
    pub(super) fn codes(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|stored| String::from_utf8_lossy(&stored.record.key).into_owned())
    }

    /// How many records stand under the signature of the middle one of them; 0 where there is none.
    pub(super) fn signed_together(&self) -> u64 {
        let size = |stored: &Stored| match decode_entry(&stored.record.value) {
            Ok(Entry::Proposal(proposal)) => Some(proposal.seal.tree_size),
            Ok(Entry::Fence(_)) | Err(_) => None,
        };
        let sizes: Vec<u64> = self.0.iter().filter_map(size).collect();
        super::timing::median(&sizes, |size| *size)
    }
}
