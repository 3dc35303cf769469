//! The registry of the vectors: a small genesis, five revisions, and records that do not count.

use std::sync::Arc;

use bytes::Bytes;
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{Change, LogKind, Node, Pack, RegistryParts, Rules, SealKey, WrapKey};
use lienthong_seal::{AgencyPublicKey, Hash, leaf};
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
/// The last day on which the desk's second node may seal.
pub(super) const LAST_DAY: &str = "2026-11-02";

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
        chain.take("another last part of the genesis than the first one announces", another(&last));
        chain.take("the genesis, its last part: no fence, it is in force from the start", last);
        chain
    }

    /// The revisions, among records that do not count.
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
        chain.take_anew();
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
        let begun = pb::Revision { nodes: vec![node.clone()], ..self.part(2, 1) };
        self.take("revision 2, its first part, and no more of it", sealed(&begun, "authority"));
        let given_up = pb::Revision { last: true, ..self.part(2, 2) };
        let key = signing("authority 2").public().0.to_vec().into();
        let first = pb::Revision { authority_key: key, ..self.part(2, 1) };
        self.take(
            "revision 2 begun anew by another, upon what was left: another key of the authority",
            sealed(&first, "authority"),
        );
        self.take("the last part of what was given up", self.fenced(&given_up, "authority", 2));
        let last = pb::Revision { last: true, nodes: vec![node], ..self.part(2, 2) };
        let skipped = pb::Revision { part: 3, ..last.clone() };
        self.take("revision 2 with its second part left out", self.fenced(&skipped, "authority", 2));
        self.take("revision 2, its last part, without the fence", sealed(&last, "authority"));
        self.take(
            "revision 2, its last part: another key of the land office's node",
            self.fenced(&last, "authority", 2),
        );
    }

    /// Revision 3 by the recovery key, and two by the authority that it names, among records that do not count.
    fn take_anew(&mut self) {
        let change = Change { authority: Some(seal_key("authority 3")), ..Change::default() };
        let anew = seal_revision(&self.place(3), &change, &TEXTS, &signing("recovery")).unwrap();
        self.take("revision 3 by the recovery key: another key of the authority", anew[0].clone());
        let by = "authority 3";
        let last = pb::Revision { last: true, ..self.part(4, 1) };
        self.take("by the key that was replaced", self.fenced(&last, "authority 2", 4));
        let first = super::records::sent(&self.records[0]).value;
        let first = pb::RegistryEntry::decode(first).unwrap();
        let first = pb::Revision::decode(first.body).unwrap();
        let genesis = pb::Revision { genesis: first.genesis, ..last.clone() };
        self.take("the next revision in all, but a further genesis", self.fenced(&genesis, by, 4));
        let leap = pb::Revision { number: 5, ..last.clone() };
        self.take("a number is left out", self.fenced(&leap, by, 5));
        let midst = pb::Revision { part: 2, ..last.clone() };
        self.take("its second part, and there is no first", self.fenced(&midst, by, 4));
        let unknown = [&last.encode_to_vec()[..], &[0x98, 0x06, 1]].concat();
        self.take("an unknown field, well signed", entry(&unknown, by, None));
        let blind = pb::Revision { history: None, ..last.clone() };
        self.take("it does not say what its author read", self.fenced(&blind, by, 4));
        let open = pb::Revision { last: false, ..last.clone() };
        self.take("a fence in a part that is not the last", self.fenced(&open, by, 4));
        self.take("the fence of another number", self.fenced(&last, by, 5));
        let day = pb::Period { to: LAST_DAY.to_owned(), ..pb::Period::default() };
        let node = pb::Node {
            key: signing("node desk 2").public().0.to_vec().into(),
            name: "ward-desk-2".to_owned(),
            agencies: vec![DESK.to_owned()],
            in_force: Some(day),
        };
        let short = Some(pb::Period { to: "2026-11-2".to_owned(), ..pb::Period::default() });
        let short = pb::Node { in_force: short, ..node.clone() };
        let short = pb::Revision { nodes: vec![short], last: true, ..self.part(4, 1) };
        self.take("a day in another form", self.fenced(&short, by, 4));
        let node = pb::Revision { nodes: vec![node], last: true, ..self.part(4, 1) };
        self.take("revision 4: a second node of the desk, up to a day", self.fenced(&node, by, 4));
        let nothing = pb::Revision { last: true, ..self.part(5, 1) };
        self.take("revision 5: it lists nothing", self.fenced(&nothing, by, 5));
    }

    fn part(&self, number: u64, part: u32) -> pb::Revision {
        let Witness { count, hash } = self.revisions.history();
        pb::Revision {
            number,
            prev: self.revisions.head().0.to_vec().into(),
            part,
            rules: 1,
            history: Some(pb::Witness { count, hash: hash.0.to_vec().into() }),
            ..pb::Revision::default()
        }
    }

    /// With a fence of that number.
    fn fenced(&self, revision: &pb::Revision, by: &str, n: u64) -> Bytes {
        let body = revision.encode_to_vec();
        let (log_id, hash) = (self.revisions.log_id(), leaf(&body));
        let fence = pb::Fence {
            log_id: log_id.0.to_vec().into(),
            n,
            hash: hash.0.to_vec().into(),
            signature: signing(by).sign_fence(log_id, n, hash).0.to_vec().into(),
        };
        entry(&body, by, Some(fence))
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

fn sealed(revision: &pb::Revision, by: &str) -> Bytes {
    entry(&revision.encode_to_vec(), by, None)
}

fn entry(body: &[u8], by: &str, fence: Option<pb::Fence>) -> Bytes {
    let entry = pb::RegistryEntry {
        body: body.to_vec().into(),
        signature: signing(by).sign_revision(body).0.to_vec().into(),
        signer_key_id: signing(by).key_id().0.to_vec().into(),
        fence,
    };
    entry.encode_to_vec().into()
}

/// A genesis of one record, put into two: its packs come last.
fn in_two(values: &[Bytes]) -> [Bytes; 2] {
    let [value] = values else { panic!("one record") };
    let whole = pb::RegistryEntry::decode(value.clone()).unwrap();
    let whole = pb::Revision::decode(whole.body).unwrap();
    let packs = whole.packs.clone();
    let last = pb::Revision { part: 2, last: true, rules: 1, packs, ..pb::Revision::default() };
    let next_sha256 = Hash::of(&last.encode_to_vec()).0.to_vec().into();
    let first = pb::Revision { packs: Vec::new(), last: false, next_sha256, ..whole };
    let prev = leaf(&first.encode_to_vec()).0.to_vec().into();
    let last = pb::Revision { prev, ..last };
    [first, last].map(|revision| sealed(&revision, "authority"))
}

/// The same last part with one pack less.
fn another(last: &Bytes) -> Bytes {
    let entry = pb::RegistryEntry::decode(last.clone()).unwrap();
    let mut revision = pb::Revision::decode(entry.body).unwrap();
    revision.packs.pop();
    sealed(&revision, "authority")
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
