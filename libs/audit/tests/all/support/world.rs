//! Keys, and the genesis of a log under them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_audit::{Audit, LogSource, Unwatched};
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_log::{EventLog, Header, Partition, Record};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{AgencyId, SealKey, WrapKey};
use lienthong_seal::{AgencyKey, AgencyPublicKey, Hash, SigningKey};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};
use lienthong_wire::stored::revision::{Texts, seal_genesis};

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";

/// A log with its genesis.
pub(crate) struct World {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) audit: Audit,
}

impl World {
    /// Writes the genesis of a training log; the same in every log that has so many partitions and that name.
    pub(crate) async fn found(log: Arc<dyn EventLog>, name: &str) -> Self {
        let seal = |key: SigningKey| SealKey { id: key.key_id().0, public: key.public().0 };
        let wrap = |key: AgencyPublicKey| WrapKey { id: key.key_id().0, public: key.0 };
        let agency = |id: AgencyId| {
            let key = AgencyKey::from_seed(&Hash::of(id.as_str().as_bytes()).0);
            (id, wrap(key.public()))
        };
        let authority = SigningKey::from_seed(&[4; 32]);
        let keys = TrainingKeys {
            agencies: training::agency_ids().unwrap().into_iter().map(agency).collect::<BTreeMap<_, _>>(),
            ward_desk: seal(node_key(DESK)),
            land_registry: seal(node_key(LAND)),
            tax_office: seal(node_key(TAX)),
            authority: seal(authority.clone()),
            recovery: wrap(AgencyKey::from_seed(&[5; 32]).public()),
        };
        let mut parts = training::parts(&keys, &[]).unwrap();
        parts.partitions = log.dossier_partitions();
        let texts = Texts {
            calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)],
            rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
        };
        let recovery = SigningKey::from_seed(&[6; 32]).public();
        for value in seal_genesis(name, &parts, recovery, &texts, &authority).unwrap().values {
            let (name, content_type) = ("content-type".to_owned(), "application/protobuf".into());
            let headers = vec![Header { name, value: content_type }];
            let record = Record { key: Vec::new().into(), headers, value };
            log.append(Partition::Registry, record).await.unwrap();
        }
        let source = Arc::new(LogSource::embedded(Arc::clone(&log)));
        let audit = Audit::open(source, Arc::new(Unwatched)).await.unwrap();
        Self { log, audit }
    }
}

/// The key of the node that seals for an agency.
pub(crate) fn node_key(who: &str) -> SigningKey {
    let seed = match who {
        LAND => 2,
        TAX => 3,
        _ => 1,
    };
    SigningKey::from_seed(&[seed; 32])
}
