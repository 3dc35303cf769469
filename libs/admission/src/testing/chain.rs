//! For tests: a real genesis, what the authority publishes upon it, and the fences of that.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use lienthong_calendar::{Calendar, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_registry::{Change, Dated, Pack, Rules, SealKey, Succession};
use lienthong_seal::{SigningKey, Verifier};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};
use lienthong_wire::stored::revision::{Place, Texts, seal_genesis, seal_revision};
use lienthong_wire::stored::{Entry, Fence, encode_entry};

use super::{Sent, TAX, World, agency, node_key};
use crate::*;

pub(crate) const TEXTS: Texts<'static> = Texts {
    calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR), (MAKE_UP_VERSION, MAKE_UP)],
    rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
};

/// Another calendar: a Saturday is worked, and the one before it was not known of.
pub(crate) const MAKE_UP: &str = "date,kind,status,name
2026-11-14,makeup,official,Làm bù
2027-01-01,off,official,Tết Dương lịch
";
pub(crate) const MAKE_UP_VERSION: &str = "thu-2";

/// That calendar, for whatever is open or received from a day on.
pub(crate) fn make_up(since: &str) -> Change {
    let calendar = Arc::new(Calendar::parse(MAKE_UP_VERSION, MAKE_UP).unwrap());
    let calendars = vec![Dated::since(since.parse().unwrap(), calendar)];
    Change { calendars, ..Change::default() }
}

/// An agency takes over from another, everywhere.
pub(crate) fn succession(predecessor: &str, successor: &str, effective: &str) -> Change {
    let succession = Succession {
        predecessor: agency(predecessor),
        successor: agency(successor),
        communes: None,
        effective: effective.parse().unwrap(),
        legal_basis: "NQ 1686/NQ-UBTVQH15".to_owned(),
    };
    Change { successions: vec![succession], ..Change::default() }
}

/// A procedure in which every step and every request belongs to another agency.
pub(crate) const PARTS: &str = r#"
procedure: "9.000002"
version: "1"
name: Thủ tục thử qua nhiều cơ quan
field: { code: G99-TT01, name: Thử }
legal_basis: [Thử]
in_force: { from: 2024-08-01 }
territory: "38"
retention: 0
retention_source: Thử
total: 4d
supplement: resume
documents:
  - { id: don, name: Đơn }
results:
  - { id: ket-qua, name: Kết quả }
fees:
  - { id: phi, name: Phí, amount: 100000, collected: reception }
accounts:
  - { role: ward-desk, number: "3511.0.9990001", bank: Kho bạc Nhà nước }
steps:
  - id: tiep-nhan
    name: Tiếp nhận
    role: ward-desk
    kind: work
    limit: 1d
    outcomes: [{ id: chuyen, name: Chuyển, next: xem-xet }]
  - id: xem-xet
    name: Xem xét
    role: department
    kind: work
    limit: 1d
    outcomes: [{ id: chuyen, name: Chuyển, next: tham-dinh }]
  - id: tham-dinh
    name: Thẩm định
    role: land-registry
    kind: work
    limit: 1d
    referrals:
      - { subject: opinion, role: tax-office, limit: 2d, outside_clock: true, silence: agreed }
      - { subject: tax-information, role: tax-office, limit: 5d, outside_clock: true, silence: none }
    outcomes:
      - { id: xong, name: Xong, next: ra-ket-qua }
      - { id: ve-xa, name: Xác minh tại xã, next: xac-minh }
  - id: xac-minh
    name: Xác minh tại xã
    role: commune
    kind: work
    limit: 1d
    in_total: false
    outcomes: [{ id: da-xac-minh, name: Đã xác minh, next: ra-ket-qua }]
  - id: ra-ket-qua
    name: Ra kết quả
    role: land-registry
    kind: work
    limit: 1d
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

pub(crate) fn authority() -> SigningKey {
    SigningKey::from_seed(&[4; 32])
}

pub(crate) fn recovery() -> SigningKey {
    SigningKey::from_seed(&[44; 32])
}

pub(crate) fn seal_key(key: &SigningKey) -> SealKey {
    SealKey { id: key.key_id().0, public: key.public().0 }
}

pub(crate) fn incoming(offset: u64, value: &Bytes) -> Incoming<'_> {
    Incoming { offset, appended_ms: 1_000 + offset as i64, key: &[], headers: &[], value }
}

/// The records of the training registry's genesis, with more packs.
pub(crate) fn genesis_with(packs: &[Arc<Pack>]) -> Vec<Bytes> {
    let mut parts = World::training().registry.parts().clone();
    parts.packs.extend_from_slice(packs);
    seal_genesis("Thử", &parts, recovery().public(), &TEXTS, &authority()).unwrap().values
}

pub(crate) fn begun_by(values: &[Bytes], knows: Rules) -> Result<Revisions, NoGenesis> {
    let mut revisions = Revisions::begin(&incoming(0, &values[0]), None, knows)?;
    for (offset, value) in values.iter().enumerate().skip(1) {
        revisions.apply(&incoming(offset as u64, value))?;
    }
    Ok(revisions)
}

impl World {
    /// A log begun by a real genesis, with [`PARTS`] among its procedures, made once.
    pub(crate) fn founded() -> Arc<Self> {
        static WORLD: OnceLock<Arc<World>> = OnceLock::new();
        Arc::clone(WORLD.get_or_init(|| {
            let parts = Arc::new(Pack::parse("parts.yaml", PARTS).unwrap());
            let revisions = begun_by(&genesis_with(&[parts]), Rules::NEWEST).unwrap();
            let registry = Arc::clone(&revisions.latest().unwrap().registry);
            Arc::new(Self { registry, revisions, verifier: Verifier::default() })
        }))
    }
}

/// Revisions of [`World::republished`] beyond its genesis.
pub(crate) const REPUBLISHED: u64 = 6;

impl World {
    /// The same log with more revisions, all of them read: each odd one revokes the tax office's node, each even one
    /// restores it.
    pub(crate) fn republished() -> Arc<Self> {
        static WORLD: OnceLock<Arc<World>> = OnceLock::new();
        Arc::clone(WORLD.get_or_init(|| {
            let founded = Self::founded();
            let mut revisions = founded.revisions.clone();
            let change = revoked(&revisions, TAX);
            for _ in 0..REPUBLISHED / 2 {
                publish(&mut revisions, &change, &authority());
                publish(&mut revisions, &restored(TAX), &authority());
            }
            Arc::new(Self {
                registry: Arc::clone(&founded.registry),
                revisions,
                verifier: Verifier::default(),
            })
        }))
    }
}

/// Where the next revision belongs.
pub(crate) fn place(revisions: &Revisions) -> Place {
    Place {
        log_id: revisions.log_id(),
        number: revisions.latest().unwrap().number + 1,
        rules: Rules::ONE,
        prev: revisions.head(),
        history: revisions.history(),
    }
}

/// A change that takes the node of an agency all it seals for: its key is revoked.
pub(crate) fn revoked(revisions: &Revisions, who: &str) -> Change {
    let id = node_key(who).key_id();
    let mut node = revisions.latest().unwrap().registry.node(&id.0).unwrap().clone();
    node.agencies.clear();
    Change { nodes: vec![node], ..Change::default() }
}

/// A change that gives the node of an agency back what it sealed for at the genesis.
pub(crate) fn restored(who: &str) -> Change {
    let node = World::founded().registry.node(&node_key(who).key_id().0).unwrap().clone();
    Change { nodes: vec![node], ..Change::default() }
}

/// Publishes a revision; its fence.
pub(crate) fn publish(revisions: &mut Revisions, change: &Change, signer: &SigningKey) -> Fence {
    let next = place(revisions);
    for value in seal_revision(&next, change, &TEXTS, signer).unwrap() {
        let chained = revisions.apply(&incoming(revisions.next(), &value)).unwrap();
        assert!(!matches!(chained, Chained::Void(_)), "{chained:?}");
    }
    let latest = revisions.latest().unwrap();
    assert_eq!(latest.number, next.number);
    latest.fence.clone().unwrap()
}

/// The record by which a revision takes effect in a dossier partition.
pub(crate) fn fence_record(fence: &Fence) -> Sent {
    Sent::raw(encode_entry(&Entry::Fence(fence.clone()))).with(|sent| sent.key.clear())
}
