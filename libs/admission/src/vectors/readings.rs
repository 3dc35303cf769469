//! The partition of readings of the vectors: good ones, and one for each fault.

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_dossier::{Actor, DossierCode, FieldClass, Line, OfficerId, Power, Purpose, ReadKind};
use lienthong_registry::Rules;
use lienthong_seal::{Hash, SigningKey, Verifier, leaf, read_leaf};
use lienthong_wire::stored::{self, Read, ReadBody, Witness};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fixed::signing;
use super::records::{extend, hex, record};
use crate::testing::{CODE, DESK, LAND, Sent, agency};
use crate::*;

/// Writes the partition as nodes of the log do.
pub(super) struct Readings<'a> {
    revisions: &'a Revisions,
    ledger: ReadsLedger,
    verifier: Verifier,
    pub(super) records: Vec<Value>,
}

impl<'a> Readings<'a> {
    /// All of it.
    pub(super) fn told(revisions: &'a Revisions) -> Self {
        let ledger = ReadsLedger::new(revisions.log_id());
        let mut readings = Self { revisions, ledger, verifier: Verifier::default(), records: Vec::new() };
        readings.begin();
        readings.undecoded();
        readings.elsewhere();
        readings.revoked();
        readings.witnessed();
        readings
    }

    pub(super) fn cursor(&self) -> &ReadsCursor {
        self.ledger.cursor()
    }

    /// A minute after the genesis.
    fn now(&self) -> i64 {
        self.revisions.get(0).unwrap().appended_ms + 60_000
    }

    fn body(&self, who: &str, at_ms: i64) -> ReadBody {
        let (count, hash) = self.ledger.cursor().witness;
        ReadBody {
            log_id: self.revisions.log_id(),
            rules: Rules::ONE,
            at: Instant::from_millis(at_ms),
            agency: agency(who),
            actor: Actor {
                officer: OfficerId::parse("cb-01").unwrap(),
                name: Line::parse("Lê Thị Mẫu").unwrap(),
                role: Line::parse("Chuyên viên").unwrap(),
                power: Power::Read,
            },
            purpose: Purpose::Handling,
            ground: None,
            kind: ReadKind::Dossiers,
            codes: vec![DossierCode::parse(CODE).unwrap()],
            classes: vec![FieldClass::Persons, FieldClass::Text],
            witness: Witness { count, hash },
            request: Uuid::from_u128(self.ledger.cursor().count.into()),
        }
    }

    fn sealed(&self, body: &ReadBody, by: &str) -> Read {
        let bytes = Bytes::from(stored::encode_read_body(body));
        let seal = self.seal(&signing(by), &[read_leaf(&bytes)]);
        Read { body: bytes, seal }
    }

    fn seal(&self, key: &SigningKey, leaves: &[Hash]) -> lienthong_seal::Seal {
        key.seal_all(self.revisions.log_id(), leaves).remove(leaves.len() - 1)
    }

    /// The record of a reading, appended 4 ms after it was made.
    fn sent(body: &ReadBody, read: &Read) -> Sent {
        let headers = stored::read_headers(read_leaf(&read.body), &body.agency, body.at);
        Sent {
            key: Vec::new(),
            headers: headers.into_iter().map(|header| (header.name.to_owned(), header.value)).collect(),
            value: stored::encode_read(read).into(),
            appended_ms: body.at.as_micros() / 1_000 + 4,
        }
    }

    /// Seals and appends one, which must come to that.
    fn tell(&mut self, note: &str, body: &ReadBody, by: &str, fault: &str) {
        let sent = Self::sent(body, &self.sealed(body, by));
        self.append(note, &sent, fault);
    }

    fn append(&mut self, note: &str, sent: &Sent, fault: &str) {
        let offset = self.ledger.cursor().next;
        let found = applied(&mut self.ledger, self.revisions, &self.verifier, offset, sent);
        assert_eq!(found, fault, "{note}");
        let leaf = stored::decode_read(&sent.value).map(|read| hex(read_leaf(&read.body)));
        let mut record = record(offset, sent);
        let chain = hex(self.ledger.cursor().chain);
        let told = json!({ "note": note, "leaf": leaf.unwrap_or_default(), "fault": fault, "chain": chain });
        extend(&mut record, told);
        self.records.push(record);
    }

    fn begin(&mut self) {
        let body = self.body(DESK, self.now());
        self.tell("an officer reads a dossier", &body, "node desk", "");
        let search = ReadBody { kind: ReadKind::Search, codes: Vec::new(), ..self.body(DESK, self.now()) };
        self.tell("a search that finds nothing", &search, "node desk", "");
        let body = self.body(DESK, self.now());
        let mut read = self.sealed(&body, "node desk");
        read.seal = self.seal(&signing("node desk"), &[read_leaf(b"another"), read_leaf(&read.body)]);
        self.append("leaf 1 of a tree of two under one signature", &Self::sent(&body, &read), "");
        read.seal = self.seal(&signing("node desk"), &[leaf(&read.body)]);
        self.append("sealed as the body of a dossier is", &Self::sent(&body, &read), "Seal");
    }

    fn undecoded(&mut self) {
        let body = self.body(DESK, self.now());
        let read = self.sealed(&body, "node desk");
        let sent = Self::sent(&body, &read);
        let value = |value: Vec<u8>| Sent { value: value.into(), ..sent.clone() };
        self.append("nothing", &value(Vec::new()), "Decoding");
        let unknown = value([&sent.value[..], &[0x98, 0x06, 1]].concat());
        self.append("an unknown field behind the record", &unknown, "Decoding");
        for (note, classes) in [
            ("classes that do not ascend", vec![FieldClass::Text, FieldClass::Persons]),
            ("a class twice", vec![FieldClass::Text, FieldClass::Text]),
        ] {
            self.tell(note, &ReadBody { classes, ..body.clone() }, "node desk", "Decoding");
        }
        let long = Read { body: vec![0; stored::READ_BODY_BYTES_MAX + 1].into(), ..read };
        self.append("a body of a byte too many", &Self::sent(&body, &long), "Decoding");
        self.append("a record of a byte too many", &value(vec![0; READ_BYTES_MAX + 1]), "Size");
        self.append("it has a key", &Sent { key: CODE.into(), ..sent }, "Key");
    }

    fn elsewhere(&mut self) {
        let body = self.body(DESK, self.now());
        let changed = |change: fn(&mut ReadBody)| {
            let mut body = body.clone();
            change(&mut body);
            body
        };
        let other = "OtherHistory";
        self.tell("made for another log", &changed(|body| body.log_id = Hash([8; 32])), "node desk", other);
        let hash = changed(|body| body.witness.hash = Hash([8; 32]));
        self.tell("another running hash at its witness", &hash, "node desk", other);
        let cursor = self.ledger.cursor();
        let witness = Witness { count: cursor.count, hash: cursor.chain };
        let count = ReadBody { witness, ..body.clone() };
        self.tell("the running hash at its witness, which is no multiple of 64", &count, "node desk", other);
        self.tell(
            "rules that were not in force",
            &changed(|body| body.rules = Rules(2)),
            "node desk",
            "Rules",
        );
        self.tell("a key that the registry does not have", &body, "stranger", "OtherNode");
        self.tell("a key that is another agency's", &body, "node land", "OtherNode");
        let at = |readings: &Self, us: i64, appended_ms: i64| {
            let at = Instant::from_micros(body.at.as_micros() + us);
            let body = ReadBody { at, ..body.clone() };
            Sent { appended_ms, ..Self::sent(&body, &readings.sealed(&body, "node desk")) }
        };
        let now = self.now();
        for (note, us, appended_ms, fault) in [
            ("5 s ahead of the log", 0, now - 5_000, ""),
            ("a microsecond more than 5 s ahead of the log", 1, now - 5_000, "Ahead"),
            ("30 s old", 0, now + 30_000, ""),
            ("a microsecond more than 30 s old", -1, now + 30_000, "Expired"),
        ] {
            let sent = at(self, us, appended_ms);
            self.append(note, &sent, fault);
        }
    }

    /// Around the revision that takes the land office's node its key, and the one that gives it another.
    fn revoked(&mut self) {
        let [revoked, renewed] = [1, 2].map(|number| self.revisions.get(number).unwrap().appended_ms);
        let at = |readings: &Self, at_ms: i64, appended_ms: i64, by: &str| {
            let body = readings.body(LAND, at_ms);
            Sent { appended_ms, ..Self::sent(&body, &readings.sealed(&body, by)) }
        };
        let sent = at(self, revoked, revoked + 30_000, "node land");
        self.append("appended 30 s after its key was revoked: it may have been made before", &sent, "");
        let sent = at(self, revoked + 1, revoked + 30_001, "node land");
        self.append("appended more than 30 s after its key was revoked", &sent, "OtherNode");
        let sent = at(self, revoked - 1, revoked + 60_000, "node land");
        self.append("dated back to when its key was good", &sent, "Expired");
        let sent = at(self, renewed - 5_001, renewed - 5_001, "node land 2");
        self.append("more than 5 s before its key is given", &sent, "OtherNode");
        let sent = at(self, renewed - 5_000, renewed - 5_000, "node land 2");
        self.append("5 s before its key is given: clocks differ", &sent, "");
        let body = self.body(LAND, renewed);
        let mut read = self.sealed(&body, "node land 2");
        read.seal.signature.0[9] ^= 1;
        let sent = Sent { appended_ms: renewed, ..Self::sent(&body, &read) };
        self.append("of two faults by two revisions, that by the newest", &sent, "Seal");
    }

    fn witnessed(&mut self) {
        let now = self.revisions.latest().unwrap().appended_ms + 600_000;
        while self.ledger.cursor().count < 64 {
            let value = vec![0xff, self.ledger.cursor().next as u8].into();
            let sent = Sent { key: Vec::new(), headers: Vec::new(), value, appended_ms: now };
            self.append("garbage", &sent, "Decoding");
        }
        let body = self.body(DESK, now);
        assert_eq!(body.witness.count, 64);
        self.tell("its witness is the running hash after 64 records", &body, "node desk", "");
        let start = ReadsCursor::start(self.revisions.log_id()).witness;
        let old = ReadBody { witness: Witness { count: start.0, hash: start.1 }, ..self.body(DESK, now) };
        self.tell("an older witness is as good", &old, "node desk", "");
    }
}

/// What becomes of a record, in the words of the document; nothing where it is good.
fn applied(
    ledger: &mut ReadsLedger,
    revisions: &Revisions,
    verifier: &Verifier,
    offset: u64,
    sent: &Sent,
) -> &'static str {
    let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    let (key, appended_ms) = (&sent.key[..], sent.appended_ms);
    let record = IncomingRead { offset, appended_ms, key, headers: &headers, value: &sent.value };
    match ledger.apply(revisions, verifier, &record) {
        Ok(_) => "",
        Err(ReadFault::Size) => "Size",
        Err(ReadFault::Decoding(_)) => "Decoding",
        Err(ReadFault::Key) => "Key",
        Err(ReadFault::Rules) => "Rules",
        Err(ReadFault::OtherHistory) => "OtherHistory",
        Err(ReadFault::OtherNode) => "OtherNode",
        Err(ReadFault::Seal(_)) => "Seal",
        Err(ReadFault::Ahead { .. }) => "Ahead",
        Err(ReadFault::Expired { .. }) => "Expired",
    }
}

/// What becomes of records as they are written down, and the running hash after the last.
pub(super) fn judged(revisions: &Revisions, records: &[Value]) -> (Vec<&'static str>, Hash) {
    let (mut ledger, verifier) = (ReadsLedger::new(revisions.log_id()), Verifier::default());
    let faults = records
        .iter()
        .map(|written| {
            let (offset, sent) = (written["offset"].as_u64().unwrap(), super::records::sent(written));
            applied(&mut ledger, revisions, &verifier, offset, &sent)
        })
        .collect();
    (faults, ledger.cursor().chain)
}
