//! The charter of a log: its genesis, read from the registry's partition, and the id that follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_log::{AppendError, EventLog, Header, Partition, ReadError, ReadLimit, Record};
use lienthong_registry::training::{self, TrainingFault, TrainingKeys};
use lienthong_registry::{LogKind, Pack, PackFault, Registry, RegistryFault, SealKey, WrapKey};
use lienthong_seal::{AgencyKey, Hash, SigningKey};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};
use lienthong_wire::stored::genesis::{self, GenesisFault, Texts};

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

/// The registry of a log, and the log's id.
#[derive(Clone)]
pub struct Charter {
    /// The revision in force.
    pub registry: Arc<Registry>,
    /// Hash of the genesis.
    pub log_id: Hash,
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
    Genesis(#[source] GenesisFault),
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
        let values = values(log).await?;
        if values.is_empty() {
            return Err(CharterError::Empty);
        }
        let genesis = genesis::open(&values).map_err(|fault| {
            if fault == GenesisFault::Unfinished {
                CharterError::Unfinished { records: values.len() }
            } else {
                CharterError::Genesis(fault)
            }
        })?;
        if let Some(pinned) = pinned
            && pinned != genesis.log_id
        {
            return Err(CharterError::OtherLog { found: genesis.log_id, pinned });
        }
        Ok(Self { registry: Arc::new(Registry::new(genesis.parts)?), log_id: genesis.log_id })
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
        let texts = Texts {
            calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)],
            rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
        };
        let recovery = keys.recovery_signing()?.public();
        let sealed =
            genesis::seal(name, &parts, recovery, &texts, &authority).map_err(CharterError::Genesis)?;
        // The same keys and packs make the same bytes, so that what is there is known again.
        let there = values(log).await?;
        if !sealed.values.starts_with(&there) {
            return Err(CharterError::OtherGenesis);
        }
        for value in sealed.values.into_iter().skip(there.len()) {
            let header = Header {
                name: "content-type".to_owned(),
                value: Bytes::from_static(b"application/protobuf"),
            };
            let record = Record { key: Bytes::new(), headers: vec![header], value };
            log.append(Partition::Registry, record).await?;
        }
        Self::open(log, Some(sealed.log_id)).await
    }
}

/// The values of the registry's partition.
async fn values(log: &dyn EventLog) -> Result<Vec<Bytes>, ReadError> {
    let mut values = Vec::new();
    let mut next = 0;
    loop {
        let read = log.read(Partition::Registry, next, ReadLimit::default()).await?;
        let Some(last) = read.last() else { return Ok(values) };
        next = last.offset + 1;
        values.extend(read.into_iter().map(|stored| stored.record.value));
    }
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
