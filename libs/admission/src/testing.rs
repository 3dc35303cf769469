//! For tests: registries with real keys, a node that seals what is decided, and one partition that it writes to.

mod bench;
pub(crate) mod chain;
mod reader;
mod record;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, Time};
use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{
    AgencyId, CommuneCode, OutcomeId, Pack, ProcedureCode, Registry, RegistryParts, SealKey, StepId, WrapKey,
};
use lienthong_seal::{AgencyKey, AgencyPublicKey, Hash, SigningKey, Verifier, partition_of};

use crate::*;

pub(crate) use bench::Bench;
pub(crate) use reader::{Kept, Reader};
pub(crate) use record::{Draft, Sent};

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
pub(crate) const DEPARTMENT: &str = "department";
pub(crate) const CODE: &str = "H56.2-261102-0001";
pub(crate) const LOG_ID: Hash = Hash([7; 32]);

/// A procedure that asks for an opinion which silence gives.
pub(crate) const OPINIONS: &str = r#"
procedure: "9.000001"
version: "1"
name: Thủ tục thử có lấy ý kiến
field: { code: G99-TT01, name: Thử }
legal_basis: [Thử]
in_force: { from: 2024-08-01 }
territory: "38"
total: 5d
supplement: restart
documents:
  - { id: don, name: Đơn }
results:
  - { id: ket-qua, name: Kết quả }
steps:
  - id: tiep-nhan
    name: Tiếp nhận
    role: ward-desk
    kind: work
    limit: 1d
    outcomes: [{ id: chuyen, name: Chuyển, next: xem-xet }]
  - id: xem-xet
    name: Xem xét
    role: ward-desk
    kind: work
    limit: 4d
    referrals:
      - { subject: opinion, role: department, limit: 2d, outside_clock: true, silence: agreed }
    documents: [ket-qua]
    issues_result: true
    outcomes: [{ id: dong-y, name: Đồng ý, next: tra }]
  - id: tra
    name: Trả kết quả
    role: ward-desk
    kind: wait-citizen
    limit: 0d
    outcomes: [{ id: da-tra, name: Đã trả, end: approved }]
"#;

/// A registry under whose keys records are sealed.
pub(crate) struct World {
    pub(crate) registry: Arc<Registry>,
    pub(crate) revisions: Revisions,
    pub(crate) verifier: Verifier,
}

impl World {
    /// The training registry as shipped, with one more pack, made once.
    pub(crate) fn training() -> Arc<Self> {
        static WORLD: OnceLock<Arc<World>> = OnceLock::new();
        Arc::clone(WORLD.get_or_init(|| Self::with(|_| {})))
    }

    /// The same, changed.
    pub(crate) fn with(change: impl FnOnce(&mut RegistryParts)) -> Arc<Self> {
        let seal = |key: SigningKey| SealKey { id: key.key_id().0, public: key.public().0 };
        let wrap = |key: AgencyPublicKey| WrapKey { id: key.key_id().0, public: key.0 };
        let keys = TrainingKeys {
            agencies: agency_keys().iter().map(|(id, key)| (id.clone(), wrap(key.public()))).collect(),
            ward_desk: seal(node_key(DESK)),
            land_registry: seal(node_key(LAND)),
            tax_office: seal(node_key(TAX)),
            authority: seal(SigningKey::from_seed(&[4; 32])),
            recovery: wrap(AgencyKey::from_seed(&[5; 32]).public()),
        };
        let opinions = Arc::new(Pack::parse("opinions.yaml", OPINIONS).unwrap());
        let mut parts = training::parts(&keys, &[opinions]).unwrap();
        parts.log_id = LOG_ID.0;
        change(&mut parts);
        let registry = Arc::new(Registry::new(parts).unwrap());
        let revisions = Revisions::of(&registry);
        Arc::new(Self { registry, revisions, verifier: Verifier::default() })
    }

    pub(crate) fn partition_of(&self, code: &str) -> u16 {
        partition_of(code, self.registry.partitions())
    }
}

fn agency_keys() -> &'static BTreeMap<AgencyId, AgencyKey> {
    static KEYS: OnceLock<BTreeMap<AgencyId, AgencyKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = |id: AgencyId| (id.clone(), AgencyKey::from_seed(&Hash::of(id.as_str().as_bytes()).0));
        training::agency_ids().unwrap().into_iter().map(key).collect()
    })
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

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

pub(crate) fn code(text: &str) -> DossierCode {
    DossierCode::parse(text).unwrap()
}

/// An instant in Vietnam: `2026-11-02 08:15`.
pub(crate) fn at(text: &str) -> Instant {
    let (date, time) = text.split_once(' ').unwrap();
    let date: Date = date.parse().unwrap();
    let time: Time = format!("{time}:00").parse().unwrap();
    Instant::at(date, time)
}

pub(crate) fn receive(procedure: &str) -> Action {
    Action::Receive(Intake {
        procedure: ProcedureCode::parse(procedure).unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: Vec::new(),
    })
}

pub(crate) fn complete(step: &str, outcome: &str) -> Action {
    Action::CompleteStep { step: StepId::parse(step).unwrap(), outcome: OutcomeId::parse(outcome).unwrap() }
}

pub(crate) fn offer(to: &str) -> Action {
    Action::OfferCustody { to: agency(to), medium: Medium::Electronic }
}

pub(crate) fn refer(to: &str, subject: Subject) -> Action {
    let number = Some(PaperNumber::parse("12/PC").unwrap());
    Action::Refer { to: agency(to), subject, medium: Medium::Electronic, number }
}

pub(crate) fn ground() -> Ground {
    Ground::parse("thiếu trang").unwrap()
}
