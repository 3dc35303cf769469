//! The registry of the vectors: a small genesis, two revisions, and records that do not count.

use std::sync::Arc;

use bytes::Bytes;
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{Change, LogKind, Node, Pack, RegistryParts, Rules, SealKey, WrapKey};
use lienthong_seal::{AgencyPublicKey, Hash, SigningKey, leaf};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};
use lienthong_wire::Message as _;
use lienthong_wire::pb::log::v1 as pb;
use lienthong_wire::stored::Witness;
use lienthong_wire::stored::revision::{Place, Texts, seal_genesis, seal_revision};
use serde_json::{Value, json};

use super::fixed::{agency_key, signing};
use super::records::{extend, hex, record};
use crate::testing::{DEPARTMENT, DESK, LAND, OPINIONS, Sent, TAX, agency};
use crate::*;

pub(super) const PARTITIONS: u16 = 4;
const AGENCIES: [&str; 4] = [DESK, LAND, TAX, DEPARTMENT];
const COMMUNE: &str = "14797";

const TEXTS: Texts<'static> = Texts {
    calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)],
    rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
};

fn seal_key(name: &str) -> SealKey {
    let key = signing(name);
    SealKey { id: key.key_id().0, public: key.public().0 }
}

/// A production log of four agencies, one commune and two procedures.
fn parts() -> RegistryParts {
    let wrap = |key: AgencyPublicKey| WrapKey { id: key.key_id().0, public: key.0 };
    let keys = TrainingKeys {
        agencies: training::agency_ids()
            .unwrap()
            .into_iter()
            .map(|id| (id.clone(), wrap(agency_key(id.as_str()).public())))
            .collect(),
        ward_desk: seal_key("node desk"),
        land_registry: seal_key("node land"),
        tax_office: seal_key("node tax"),
        authority: seal_key("authority"),
        recovery: wrap(agency_key("recovery").public()),
    };
    let opinions = Arc::new(Pack::parse("opinions.yaml", OPINIONS).unwrap());
    let mut parts = training::parts(&keys, &[opinions]).unwrap();
    parts.kind = LogKind::Production;
    parts.partitions = PARTITIONS;
    parts.agencies.retain(|agency| AGENCIES.contains(&agency.id.as_str()));
    parts.communes.retain(|commune| commune.code.as_str() == COMMUNE);
    parts.packs.retain(|pack| ["1.099001", "9.000001"].contains(&pack.procedure().as_str()));
    parts.nodes.iter_mut().for_each(|node| node.agencies.retain(|id| AGENCIES.contains(&id.as_str())));
    parts.imports.clear();
    parts
}

/// The registry's partition as it is written, record by record.
pub(super) struct Chain {
    pub(super) revisions: Revisions,
    pub(super) records: Vec<Value>,
}

impl Chain {
    pub(super) fn new() -> Self {
        let recovery = signing("recovery").public();
        let genesis = seal_genesis("Nhật ký thử", &parts(), recovery, &TEXTS, &signing("authority")).unwrap();
        let [first, last] = in_two(&genesis.values);
        let sent = sent(0, first);
        let revisions = Revisions::begin(&incoming(0, &sent), None, Rules::NEWEST).unwrap();
        let mut chain = Self { revisions, records: Vec::new() };
        chain.note("the genesis, its first part: its leaf is the log id", 0, &sent, &Chained::Part);
        chain.take("the genesis, its last part: no fence, it is in force from the start", last);
        chain
    }

    /// The two revisions, among records that do not count.
    pub(super) fn written() -> Self {
        let mut chain = Self::new();
        chain.take("no record of a registry", Bytes::from_static(b"garbage"));
        let stranger =
            seal_revision(&chain.place(1), &chain.revoked(), &TEXTS, &signing("stranger")).unwrap();
        chain.take("sealed by a stranger", stranger[0].clone());
        let recovery =
            seal_revision(&chain.place(1), &chain.revoked(), &TEXTS, &signing("recovery")).unwrap();
        chain.take("the recovery key does nothing but replace the authority's", recovery[0].clone());
        let first = seal_revision(&chain.place(1), &chain.revoked(), &TEXTS, &signing("authority")).unwrap();
        chain.take("revision 1: the land office's node seals for nobody", first[0].clone());
        chain.take("revision 1 again", first[0].clone());
        let genesis = chain.records[0].clone();
        chain.take("a second genesis", super::records::sent(&genesis).value);
        let strange =
            Place { history: Witness { hash: Hash([1; 32]), ..chain.revisions.history() }, ..chain.place(2) };
        let strange = seal_revision(&strange, &chain.revoked(), &TEXTS, &signing("authority")).unwrap();
        chain.take("its author read another history", strange[0].clone());
        chain.take_in_parts();
        let nobody = Change {
            nodes: vec![Node { agencies: [agency("nobody")].into(), ..chain.land() }],
            ..Change::default()
        };
        let nobody = seal_revision(&chain.place(3), &nobody, &TEXTS, &signing("authority 2")).unwrap();
        chain.take("a node for an agency that the registry does not have", nobody[0].clone());
        chain.records.last_mut().unwrap()["rules"] = json!(true);
        let old = seal_revision(&chain.place(3), &chain.revoked(), &TEXTS, &signing("authority")).unwrap();
        chain.take("sealed by the authority's old key", old[0].clone());
        chain
    }

    /// Revision 2 in two records: the authority's key is replaced and the land office's node gets another one.
    fn take_in_parts(&mut self) {
        let land = signing("node land 2").public();
        let node = pb::Node {
            key: land.0.to_vec().into(),
            name: "land-registry".to_owned(),
            agencies: vec![LAND.to_owned()],
            in_force: Some(pb::Period::default()),
        };
        let begun = pb::Revision { nodes: vec![node.clone()], ..self.part(1) };
        self.take("revision 2, its first part, and no more of it", self.sealed(&begun, false));
        let given_up = pb::Revision { last: true, ..self.part(2) };
        let key = signing("authority 2").public().0.to_vec().into();
        let first = pb::Revision { authority_key: key, ..self.part(1) };
        self.take(
            "revision 2 begun anew by another, upon what was left: another key of the authority",
            self.sealed(&first, false),
        );
        self.take("the last part of what was given up", self.sealed(&given_up, true));
        let last = pb::Revision { last: true, nodes: vec![node], ..self.part(2) };
        self.take("revision 2, its last part, without the fence", self.sealed(&last, false));
        self.take(
            "revision 2, its last part: another key of the land office's node",
            self.sealed(&last, true),
        );
    }

    fn part(&self, part: u32) -> pb::Revision {
        let Witness { count, hash } = self.revisions.history();
        pb::Revision {
            number: 2,
            prev: self.revisions.head().0.to_vec().into(),
            part,
            rules: 1,
            history: Some(pb::Witness { count, hash: hash.0.to_vec().into() }),
            ..pb::Revision::default()
        }
    }

    fn sealed(&self, revision: &pb::Revision, with_fence: bool) -> Bytes {
        let authority: SigningKey = signing("authority");
        let body = revision.encode_to_vec();
        let (log_id, n, hash) = (self.revisions.log_id(), revision.number, leaf(&body));
        let fence = with_fence.then(|| pb::Fence {
            log_id: log_id.0.to_vec().into(),
            n,
            hash: hash.0.to_vec().into(),
            signature: authority.sign_fence(log_id, n, hash).0.to_vec().into(),
        });
        let entry = pb::RegistryEntry {
            signature: authority.sign_revision(&body).0.to_vec().into(),
            signer_key_id: authority.key_id().0.to_vec().into(),
            body: body.into(),
            fence,
        };
        entry.encode_to_vec().into()
    }

    fn place(&self, number: u64) -> Place {
        Place {
            log_id: self.revisions.log_id(),
            number,
            rules: Rules::ONE,
            prev: self.revisions.head(),
            history: self.revisions.history(),
        }
    }

    fn land(&self) -> Node {
        let id = signing("node land").key_id();
        self.revisions.get(0).unwrap().registry.node(&id.0).unwrap().clone()
    }

    fn revoked(&self) -> Change {
        Change { nodes: vec![Node { agencies: [].into(), ..self.land() }], ..Change::default() }
    }

    fn take(&mut self, note: &str, value: Bytes) {
        let offset = self.revisions.next();
        let sent = sent(offset, value);
        let chained = self.revisions.apply(&incoming(offset, &sent)).unwrap();
        self.note(note, offset, &sent, &chained);
    }

    fn note(&mut self, note: &str, offset: u64, sent: &Sent, chained: &Chained) {
        let mut record = record(offset, sent);
        let told = json!({ "note": note, "outcome": outcome(chained), "rules": false, "chain": hex(self.revisions.chain()) });
        extend(&mut record, told);
        self.records.push(record);
    }
}

/// A genesis of one record, put into two: its packs come last.
fn in_two(values: &[Bytes]) -> [Bytes; 2] {
    let [value] = values else { panic!("one record") };
    let whole = pb::RegistryEntry::decode(value.clone()).unwrap();
    let whole = pb::Revision::decode(whole.body).unwrap();
    let packs = whole.packs.clone();
    let first = pb::Revision { packs: Vec::new(), last: false, ..whole };
    let prev = leaf(&first.encode_to_vec()).0.to_vec().into();
    let last = pb::Revision { prev, part: 2, last: true, rules: 1, packs, ..pb::Revision::default() };
    [first, last].map(|revision| {
        let body = revision.encode_to_vec();
        let entry = pb::RegistryEntry {
            signature: signing("authority").sign_revision(&body).0.to_vec().into(),
            signer_key_id: signing("authority").key_id().0.to_vec().into(),
            body: body.into(),
            fence: None,
        };
        entry.encode_to_vec().into()
    })
}

/// What a record of the registry comes to, in the words of the document.
pub(super) fn outcome(chained: &Chained) -> String {
    match chained {
        Chained::Part => "part".to_owned(),
        Chained::Whole(number) => format!("whole {number}"),
        Chained::Void(fault) => format!(
            "void {}",
            match fault {
                ChainFault::Unreadable(_) => "Unreadable",
                ChainFault::NotNext => "NotNext",
                ChainFault::Signature(_) => "Signature",
                ChainFault::OtherHistory => "OtherHistory",
                ChainFault::Fence => "Fence",
                ChainFault::Content(_) => "Content",
            }
        ),
    }
}

fn sent(offset: u64, value: Bytes) -> Sent {
    let appended_ms = 1_793_581_200_000 + 60_000 * i64::try_from(offset).unwrap();
    Sent { key: Vec::new(), headers: Vec::new(), value, appended_ms }
}

fn incoming(offset: u64, sent: &Sent) -> Incoming<'_> {
    Incoming { offset, appended_ms: sent.appended_ms, key: &sent.key, headers: &[], value: &sent.value }
}

/// The outcomes of records as they are written down, and the running hash after the last.
pub(super) fn outcomes(records: &[Value]) -> (Vec<String>, Revisions) {
    let mut revisions: Option<Revisions> = None;
    let mut found = Vec::new();
    for written in records {
        let sent = super::records::sent(written);
        let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let offset = written["offset"].as_u64().unwrap();
        let record = Incoming { headers: &headers, ..incoming(offset, &sent) };
        found.push(match &mut revisions {
            None => {
                let begun = Revisions::begin(&record, None, Rules::NEWEST).unwrap();
                let chained = if begun.latest().is_some() { Chained::Whole(0) } else { Chained::Part };
                revisions = Some(begun);
                outcome(&chained)
            }
            Some(revisions) => outcome(&revisions.apply(&record).unwrap()),
        });
    }
    (found, revisions.unwrap())
}
