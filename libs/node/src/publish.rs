//! Publishing a revision of the registry: records into its chain, then a fence into every dossier partition.
//!
//! ```text
//! Change --seal_revision--> records --append--> read back until it is known: whole? --> fences
//! ```
//!
//! Whoever is stopped between two records leaves a revision that the next publication begins anew; whoever is stopped
//! between two fences leaves the rest to any node.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use lienthong_admission::Revisions;
use lienthong_log::{AppendError, EventLog, Partition, ReadError};
use lienthong_registry::{Change, RegistryFault, Rules};
use lienthong_seal::{Hash, SigningKey};
use lienthong_wire::stored::revision::{Place, RegistryRecord, RevisionFault, Texts, seal_revision};
use lienthong_wire::stored::{DecodeFault, Fence};
use tokio::time::{Instant, sleep};

use crate::chain;
use crate::charter::{Charter, CharterError, registry_record};
use crate::pause::Pause;

/// How long another publication that is under way is left alone; after that it counts as given up.
pub const HALF_MADE_PATIENCE: Duration = Duration::from_secs(30);

/// How long the registry is read back until it is known whether a revision stands. What a log may still take that has given
/// no answer, it has taken by then.
pub const OUTCOME_MAX: Duration = Duration::from_secs(30);

/// What is to be published.
#[derive(Clone, Copy)]
pub struct Publication<'a> {
    /// What the revision says.
    pub change: &'a Change,
    /// The rules from it on; none to keep those in force.
    pub rules: Option<Rules>,
    /// The texts of its calendars and rates.
    pub texts: &'a Texts<'a>,
    /// The authority's key, or the recovery key to replace that.
    pub signer: &'a SigningKey,
}

/// A revision that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub number: u64,
    /// Leaf of its last record.
    pub hash: Hash,
    /// Records that it took.
    pub records: usize,
}

/// Why nothing was published, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is nothing to say.
    #[error("the registry says all this already")]
    Nothing,
    /// The key is not the authority's.
    #[error("the key is not that of the registry's authority")]
    NotAuthority,
    /// Somebody else is publishing.
    #[error("revision {number} is being published by somebody else")]
    UnderWay {
        /// Its number.
        number: u64,
    },
    /// Somebody else was faster.
    #[error("somebody else published revision {number} meanwhile; nothing of this one counts")]
    Overtaken {
        /// The number.
        number: u64,
    },
    /// The registry would not hold together.
    #[error(transparent)]
    Registry(#[from] RegistryFault),
    /// It cannot be written.
    #[error(transparent)]
    Revision(#[from] RevisionFault),
    /// A defect of ours: what was written cannot be read.
    #[error("the revision cannot be read back")]
    Unreadable(#[source] DecodeFault),
    /// The log has no registry to add to.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The log did not take a record, or gave no answer to one before the last. Nothing of the revision counts.
    #[error("the log did not take the whole of the revision, so nothing of it counts")]
    Append(#[from] AppendError),
    /// The log gave no answer to the last record, and for so long none to what stands.
    #[error(
        "it is not known whether revision {number} stands; `lienthong registry show` tells once the log answers"
    )]
    Unknown {
        /// Its number.
        number: u64,
        /// What cut the answer off.
        source: Option<Box<PublishError>>,
    },
    /// The revision stands; some partitions miss its fence, which a node will append.
    #[error(
        "revision {number} stands, but partition {partition} did not take its fence; any running service finishes it"
    )]
    Fence {
        /// The revision.
        number: u64,
        /// The first partition without it.
        partition: u16,
        /// Why.
        source: AppendError,
    },
}

/// Publishes a revision. It is in force in each partition from its fence there on.
///
/// # Errors
/// Why nothing of it counts; for `Fence` it stands, and for `Unknown` it may.
pub async fn publish(log: &dyn EventLog, publication: &Publication<'_>) -> Result<Published, PublishError> {
    publish_knowing(log, publication, Rules::NEWEST, OUTCOME_MAX).await
}

/// The same for rules up to `knows`, with that long to learn whether it stands.
pub(crate) async fn publish_knowing(
    log: &dyn EventLog,
    publication: &Publication<'_>,
    knows: Rules,
    outcome_max: Duration,
) -> Result<Published, PublishError> {
    let (published, partitions, fences) = write(log, publication, knows, outcome_max).await?;
    for partition in 0..partitions {
        let appended = chain::append(log, partition, &fences).await;
        appended.map_err(|source| PublishError::Fence { number: published.number, partition, source })?;
    }
    Ok(published)
}

/// The first half: the revision stands, and no fence of it. The fences to be appended are its own and, before it, those that
/// replaced an authority's key, without which its own would count for nothing where they are missing.
async fn write(
    log: &dyn EventLog,
    publication: &Publication<'_>,
    knows: Rules,
    outcome_max: Duration,
) -> Result<(Published, u16, Vec<Fence>), PublishError> {
    let Publication { change, rules, texts, signer } = *publication;
    log.newest(Partition::Registry).await?;
    let Charter { registry, revisions, .. } = Charter::open_knowing(log, None, knows).await?;
    let rules = rules.unwrap_or(registry.rules());
    if change.is_empty() && rules == registry.rules() {
        return Err(PublishError::Nothing);
    }
    let by_recovery = change.authority.is_some() && signer.public() == revisions.founding().recovery_key;
    if signer.public() != revisions.authority() && !by_recovery {
        return Err(PublishError::NotAuthority);
    }
    if let Some((number, appended_ms)) = revisions.half_made()
        && !is_given_up(appended_ms)
    {
        return Err(PublishError::UnderWay { number });
    }
    // Everything is checked before the first record: what is in the log stays there.
    registry.amended(rules, change.clone())?;
    let place = place(&revisions, rules);
    let values = seal_revision(&place, change, texts, signer)?;
    let (records, hash) = (values.len(), last_leaf(&values)?);
    let mut unanswered = None;
    for (index, value) in values.into_iter().enumerate() {
        match log.append(Partition::Registry, registry_record(value)).await {
            // Without its last record a revision never stands, whatever became of the others.
            Err(error @ AppendError::Unknown { .. }) if index + 1 == records => {
                unanswered = Some(error.into())
            }
            appended => {
                appended?;
            }
        }
    }
    let number = place.number;
    let outcome = Outcome { log, knows, number, hash, until: Instant::now() + outcome_max };
    let (after, fence) = outcome.learn(unanswered).await?;
    let mut fences = replacing(&after.revisions);
    fences.retain(|earlier| earlier.n < number);
    fences.push(fence);
    Ok((Published { number, hash, records }, registry.partitions(), fences))
}

/// What became of a revision whose last record was offered to the log.
struct Outcome<'a> {
    log: &'a dyn EventLog,
    knows: Rules,
    number: u64,
    hash: Hash,
    /// When it is given up to learn it.
    until: Instant,
}

impl Outcome<'_> {
    /// Reads the registry back until it is known whether the revision stands. `unanswered` is what came in place of the log's
    /// answer to its last record, which may then be there, come later, or never.
    async fn learn(&self, unanswered: Option<PublishError>) -> Result<(Charter, Fence), PublishError> {
        let (number, is_taken) = (self.number, unanswered.is_none());
        let (mut last, mut pause) = (unanswered, Pause::default());
        loop {
            match self.read_back().await {
                Ok(after) => match after.revisions.get(number).map(|revision| revision.fence.clone()) {
                    Some(Some(fence)) if fence.hash == self.hash => return Ok((after, fence)),
                    None if !is_taken => {}
                    // Another one stands under its number; or it was taken, and does not count.
                    Some(_) | None => return Err(PublishError::Overtaken { number }),
                },
                Err(error) => last = Some(error),
            }
            let pause = pause.lengthen();
            if Instant::now() + pause > self.until {
                return Err(PublishError::Unknown { number, source: last.map(Box::new) });
            }
            sleep(pause).await;
        }
    }

    async fn read_back(&self) -> Result<Charter, PublishError> {
        self.log.newest(Partition::Registry).await?;
        Ok(Charter::open_knowing(self.log, None, self.knows).await?)
    }
}

/// The fences of the revisions that gave the authority another key.
fn replacing(revisions: &Revisions) -> Vec<Fence> {
    let pairs = revisions.all().iter().zip(revisions.all().iter().skip(1));
    let replaced = pairs.filter(|(before, after)| before.registry.authority() != after.registry.authority());
    replaced.filter_map(|(_, after)| after.fence.clone()).collect()
}

/// Leaf of the last record: what names the revision.
fn last_leaf(values: &[Bytes]) -> Result<Hash, PublishError> {
    let last = values.last().map(RegistryRecord::decode).transpose();
    let last = last.map_err(PublishError::Unreadable)?;
    Ok(last.map_or(Hash::ZERO, |record| record.leaf))
}

fn place(revisions: &Revisions, rules: Rules) -> Place {
    Place {
        log_id: revisions.log_id(),
        number: revisions.latest().map_or(0, |revision| revision.number + 1),
        rules,
        prev: revisions.head(),
        history: revisions.history(),
    }
}

fn is_given_up(appended_ms: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let then = Duration::from_millis(u64::try_from(appended_ms).unwrap_or_default());
    now.saturating_sub(then) > HALF_MADE_PATIENCE
}

#[cfg(test)]
mod tests;
