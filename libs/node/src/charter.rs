//! The charter of a log: the registry's chain from its genesis on, and the id that follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use lienthong_admission::{ChainFault, Incoming, NoGenesis, Revisions};
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_log::{AppendError, EventLog, Header, Partition, ReadError, ReadLimit, Record, Stored};
use lienthong_registry::training::{self, TrainingFault, TrainingKeys};
use lienthong_registry::{LogKind, Pack, PackFault, Registry, RegistryFault, Rules, SealKey, WrapKey};
use lienthong_seal::{AgencyKey, Hash, SigningKey};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};
use lienthong_wire::stored::revision::{RevisionFault, Texts, seal_genesis};

use crate::keys::{KeyError, KeyFolder};

/// What a training log is called.
const TRAINING_NAME: &str = "Thanh Hóa (TẬP HUẤN)";

/// What a new log is to be. Its agencies are those of Thanh Hóa, its partitions as many as the log has.
#[derive(Clone, Copy)]
pub struct Founding<'a> {
    /// Whether what is in it counts.
    pub kind: LogKind,
    /// What it is called.
    pub name: &'a str,
    /// Packs beside the shipped ones.
    pub packs: &'a [Arc<Pack>],
}

impl<'a> Founding<'a> {
    /// A training log, of which nothing is valid anywhere else.
    #[must_use]
    pub fn training(packs: &'a [Arc<Pack>]) -> Self {
        Self { kind: LogKind::Training, name: TRAINING_NAME, packs }
    }
}

/// How many of a pack's gaps an error shows.
const GAPS_SHOWN_MAX: usize = 5;

/// The texts of the calendars and rates that this release ships.
pub const SHIPPED_TEXTS: Texts<'static> = Texts {
    calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)],
    rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
};

/// The registry of a log, and the log's id.
#[derive(Clone)]
pub struct Charter {
    /// The newest revision.
    pub registry: Arc<Registry>,
    /// Hash of the genesis.
    pub log_id: Hash,
    /// Every revision.
    pub revisions: Arc<Revisions>,
}

/// Why a log has no charter.
#[derive(Debug, thiserror::Error)]
pub enum CharterError {
    /// Nothing was ever written to the log.
    #[error("the log is empty: it has no genesis")]
    Empty,
    /// Whoever made the log was stopped between two records of its genesis. No dossier can be in it yet.
    #[error(
        "the log has the first {records} records of its genesis and not the last: whoever made it was stopped; make it \
         again with the same keys, or remove it and make it anew"
    )]
    Unfinished {
        /// Records there are.
        records: usize,
    },
    /// The log's first records are not the genesis that these keys and packs make.
    #[error(
        "the log has the beginning of another genesis, made with other keys or packs; remove it and make it anew"
    )]
    OtherGenesis,
    /// A pack names roles that no agency has, so its dossiers could not be handed on.
    #[error("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Gaps {
        /// What is missing, with file and line.
        faults: Vec<PackFault>,
    },
    /// The genesis cannot be used.
    #[error("the log's genesis cannot be used")]
    Genesis(#[source] NoGenesis),
    /// The genesis cannot be written.
    #[error("the log's genesis cannot be written")]
    Unwritten(#[source] RevisionFault),
    /// The genesis is sound but its registry is not.
    #[error("the registry of the log's genesis does not hold together")]
    Registry(#[from] RegistryFault),
    /// The log is another one than the node was told to serve.
    #[error("the log is {found}, this node serves {pinned}")]
    OtherLog {
        /// Of the log.
        found: Hash,
        /// Of the configuration.
        pinned: Hash,
    },
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The log did not take the genesis.
    #[error("the log did not take the genesis")]
    Append(#[from] AppendError),
    /// A key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What this release ships is faulty.
    #[error("the shipped training registry is faulty")]
    Training(#[from] TrainingFault),
}

impl Charter {
    /// Reads the charter of a log; with `pinned`, of that log and no other.
    ///
    /// # Errors
    /// `Empty` when there is none; anything else is a log that cannot be served.
    pub async fn open(log: &dyn EventLog, pinned: Option<Hash>) -> Result<Self, CharterError> {
        Self::open_knowing(log, pinned, Rules::NEWEST).await
    }

    /// The same for a node that knows the rules up to `knows`. A registry that puts later ones in force is read up to
    /// there: the node stops at their fence.
    ///
    /// # Errors
    /// As [`Charter::open`].
    pub async fn open_knowing(
        log: &dyn EventLog,
        pinned: Option<Hash>,
        knows: Rules,
    ) -> Result<Self, CharterError> {
        let stored = stored(log, 0).await?;
        let (first, later) = stored.split_first().ok_or(CharterError::Empty)?;
        let begun = with_incoming(first, |record| Revisions::begin(record, pinned, knows));
        let mut revisions = begun.map_err(|fault| match fault {
            NoGenesis::OtherLog { found, pinned } => CharterError::OtherLog { found, pinned },
            fault @ (NoGenesis::First(_) | NoGenesis::UnknownRules(_)) => CharterError::Genesis(fault),
        })?;
        for record in later {
            if with_incoming(record, |record| revisions.apply(record)).is_err() {
                break;
            }
        }
        Self::of(revisions, stored.len())
    }

    fn of(revisions: Revisions, records: usize) -> Result<Self, CharterError> {
        if let Some(latest) = revisions.latest() {
            let (registry, log_id) = (Arc::clone(&latest.registry), revisions.log_id());
            return Ok(Self { registry, log_id, revisions: Arc::new(revisions) });
        }
        let unsound = revisions.voids().find_map(|void| match &void.fault {
            ChainFault::Content(fault) => Some(fault.clone()),
            ChainFault::Unreadable(_)
            | ChainFault::NotNext
            | ChainFault::Signature(_)
            | ChainFault::OtherHistory
            | ChainFault::Fence => None,
        });
        Err(unsound.map_or(CharterError::Unfinished { records }, CharterError::Registry))
    }

    /// Makes the genesis in an empty log: the desks of Thanh Hóa, the shipped packs and further ones, keys made in the
    /// folder. One that was left half-made with the same keys and packs is finished.
    ///
    /// # Errors
    /// A key cannot be made, the log does not take the records, or `OtherGenesis` when it has others.
    pub async fn found(
        log: &dyn EventLog,
        keys: &KeyFolder,
        founding: &Founding<'_>,
    ) -> Result<Self, CharterError> {
        let Founding { kind, name, packs: extra } = *founding;
        let authority = keys.authority()?;
        let mut parts = training::parts(&training_keys(keys, &authority)?, extra)?;
        parts.kind = kind;
        parts.partitions = log.dossier_partitions();
        // Everything is checked before the first record: what is in the log stays there.
        let registry = Registry::new(parts.clone())?;
        let gaps = extra.iter().flat_map(|pack| {
            let on = pack.in_force().from.or(pack.in_force().to).unwrap_or(training::LAST_CITY_DAY);
            registry.gaps(pack, on)
        });
        let faults: Vec<PackFault> = gaps.take(GAPS_SHOWN_MAX).collect();
        if !faults.is_empty() {
            return Err(CharterError::Gaps { faults });
        }
        let recovery = keys.recovery_signing()?.public();
        let sealed = seal_genesis(name, &parts, recovery, &SHIPPED_TEXTS, &authority);
        let sealed = sealed.map_err(CharterError::Unwritten)?;
        // The same keys and packs make the same bytes, so that what is there is known again.
        let there: Vec<Bytes> = stored(log, 0).await?.into_iter().map(|stored| stored.record.value).collect();
        if !sealed.values.starts_with(&there) {
            return Err(CharterError::OtherGenesis);
        }
        for value in sealed.values.into_iter().skip(there.len()) {
            log.append(Partition::Registry, registry_record(value)).await?;
        }
        Self::open(log, Some(sealed.log_id)).await
    }
}

/// A record of the registry's partition with this value.
pub(crate) fn registry_record(value: Bytes) -> Record {
    let header =
        Header { name: "content-type".to_owned(), value: Bytes::from_static(b"application/protobuf") };
    Record { key: Bytes::new(), headers: vec![header], value }
}

/// The records of the registry's partition from an offset on.
pub(crate) async fn stored(log: &dyn EventLog, mut next: u64) -> Result<Vec<Stored>, ReadError> {
    let mut all = Vec::new();
    loop {
        let read = log.read(Partition::Registry, next, ReadLimit::default()).await?;
        let Some(last) = read.last() else { return Ok(all) };
        next = last.offset + 1;
        all.extend(read);
    }
}

/// A stored record as admission takes it.
pub(crate) fn with_incoming<T>(stored: &Stored, take: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let headers: Vec<(&str, &[u8])> =
        stored.record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref())).collect();
    take(&Incoming {
        offset: stored.offset,
        appended_ms: stored.appended_ms,
        key: &stored.record.key,
        headers: &headers,
        value: &stored.record.value,
    })
}

fn training_keys(keys: &KeyFolder, authority: &SigningKey) -> Result<TrainingKeys, CharterError> {
    let wrap = |key: &AgencyKey| WrapKey { id: key.key_id().0, public: key.public().0 };
    let seal = |key: &SigningKey| SealKey { id: key.key_id().0, public: key.public().0 };
    let mut agencies = BTreeMap::new();
    for id in training::agency_ids()? {
        agencies.insert(id.clone(), wrap(&keys.agency(&id)?));
    }
    Ok(TrainingKeys {
        agencies,
        ward_desk: seal(&keys.node(training::WARD_DESK_NODE)?),
        land_registry: seal(&keys.node(training::LAND_REGISTRY_NODE)?),
        tax_office: seal(&keys.node(training::TAX_OFFICE_NODE)?),
        authority: seal(authority),
        recovery: wrap(&keys.recovery()?),
    })
}

#[cfg(test)]
mod tests;
