//! Who writes the log of the vectors: decides, seals and appends as a node does, with nothing left to chance.

use std::collections::BTreeMap;

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_seal::{AgencyPublicKey, Hash, SigningKey, Verifier, leaf};
use lienthong_wire::stored::{
    self, Body, Entry, Fence, NamedEnvelope, Proposal, Recipient, RecipientWrap, Witness,
};
use uuid::Uuid;

use super::fixed::{Halves, parts, secret, signing};
use super::records::Vector;
use crate::testing::{Kept, Sent, agency, at, code};
use crate::*;

/// A body and who seals it.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) body: Body,
    pub(super) signer: SigningKey,
}

impl Made {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Body)) -> Self {
        change(&mut self.body);
        self
    }

    pub(super) fn signed_by(self, name: &str) -> Self {
        Self { signer: signing(name), ..self }
    }

    pub(super) fn encoded(&self) -> Bytes {
        stored::encode_body(&self.body).into()
    }

    /// Appended 4 ms after it was made.
    pub(super) fn sent_as(&self, proposal: Proposal) -> Sent {
        let act = &self.body.act;
        let headers = stored::proposal_headers(leaf(&proposal.body), act, None);
        Sent {
            key: act.code.as_str().into(),
            headers: headers.into_iter().map(|header| (header.name.to_owned(), header.value)).collect(),
            value: stored::encode_entry(&Entry::Proposal(proposal)).into(),
            appended_ms: act.at.as_micros() / 1_000 + 4,
        }
    }
}

/// A node at one dossier partition of the log.
pub(super) struct Author {
    pub(super) revisions: Revisions,
    pub(super) partition: u16,
    pub(super) records: Vec<Vector>,
    pub(super) now: Instant,
    pub(super) ledger: Ledger,
    /// So many offsets are left out before the next record, as a log may.
    pub(super) gap: u64,
    rows: Kept,
    verifier: Verifier,
    commands: u128,
}

impl Author {
    pub(super) fn new(revisions: Revisions, partition: u16) -> Self {
        let ledger = Ledger::new(partition, Cursor::start(revisions.log_id(), partition));
        let (rows, verifier) = (Kept::default(), Verifier::default());
        let now = at("2026-11-02 08:15");
        Self { revisions, partition, records: Vec::new(), now, ledger, gap: 0, rows, verifier, commands: 0 }
    }

    pub(super) fn log_id(&self) -> Hash {
        self.revisions.log_id()
    }

    /// What the node of `signer` proposes for an agency.
    pub(super) fn make(&mut self, of: &str, who: &str, signer: &str, action: Action, private: &str) -> Made {
        self.commands += 1;
        let command = Command {
            id: CommandId(Uuid::from_u128(self.commands)),
            code: code(of),
            agency: agency(who),
            actor: Actor {
                officer: OfficerId::parse("cb-01").unwrap(),
                name: Line::parse("Lê Thị Mẫu").unwrap(),
                role: Line::parse("Chuyên viên").unwrap(),
                power: Power::Sign,
            },
            at: self.now,
            occurred_at: None,
            private: (!private.is_empty()).then(|| Private(private.as_bytes().to_vec())),
            secrecy: None,
            action,
        };
        let state = self.ledger.touched(&command.code).cloned();
        let registry = &self.revisions.get(self.ledger.cursor().revision).unwrap().registry;
        let dossier = state.as_ref().map(|state| &state.dossier);
        let events = decide(registry.rules(), dossier, registry, &command).unwrap();
        assert!(!events.is_empty(), "nothing follows");
        let Command { agency, actor, at, occurred_at, .. } = command.clone();
        let act = Act { code: command.code.clone(), agency, actor, at, occurred_at, events };
        let wraps = wraps_due(registry, state.as_ref(), &act).unwrap();
        let halves = Halves::of(of);
        let (count, hash) = self.ledger.cursor().witness;
        let log_id = self.log_id();
        let envelope = |name: &EnvelopeName| {
            let drawn = secret(&format!("nonce {of} {}", self.commands));
            let nonce = std::array::from_fn(|index| drawn[index]);
            let place = parts(log_id, &[of, name.as_str()], &[]);
            NamedEnvelope { name: name.clone(), envelope: halves.encrypt(nonce, &place, private.as_bytes()) }
        };
        let body = Body {
            log_id,
            rules: registry.rules(),
            prev: state.as_ref().map(|state| state.head),
            witness: Witness { count, hash },
            command_id: command.id,
            command_hash: halves.key.command_hash(&command.canonical()),
            data_key: state.is_none().then(|| halves.key.fingerprint()),
            envelopes: act.events.iter().filter_map(|event| event.kind.detail()).map(envelope).collect(),
            wraps: wraps.into_iter().map(|to| self.wrap(of, &halves, to)).collect(),
            act,
        };
        Made { body, signer: signing(signer) }
    }

    fn wrap(&self, of: &str, halves: &Halves, to: (Recipient, AgencyPublicKey)) -> RecipientWrap {
        let (recipient, key) = to;
        let name = match &recipient {
            Recipient::Agency(agency) => agency.to_string(),
            Recipient::Recovery => String::new(),
        };
        let info = parts(self.log_id(), &[of, &name], &key.key_id().0);
        let drawn = secret(&format!("wrap {of} {name} {}", self.commands));
        RecipientWrap { recipient, wrap: halves.wrap(&key, &info, drawn) }
    }

    /// The proposals of bodies that are sent together, sealed by the first one's node.
    pub(super) fn seal(&self, made: &[&Made]) -> Vec<Proposal> {
        let leaves: Vec<_> = made.iter().map(|made| leaf(&made.encoded())).collect();
        let seals = made[0].signer.seal_all(self.log_id(), &leaves);
        made.iter().zip(seals).map(|(made, seal)| Proposal { body: made.encoded(), seal }).collect()
    }

    /// The record of that body, sealed by the one who made it; only its headers are of what was made.
    pub(super) fn of_body(&self, made: &Made, body: Vec<u8>) -> Sent {
        let seal = made.signer.seal_all(self.log_id(), &[leaf(&body)]).remove(0);
        made.sent_as(Proposal { body: body.into(), seal })
    }

    pub(super) fn sent(&self, made: &Made) -> Sent {
        made.sent_as(self.seal(&[made]).remove(0))
    }

    /// Seals and appends one; it must get that verdict.
    pub(super) fn tell(&mut self, note: &str, made: &Made, verdict: u8) {
        let sent = self.sent(made);
        self.append(note, sent, verdict);
    }

    /// Appends a record, which must get that verdict: 0, or the code of a reason.
    pub(super) fn append(&mut self, note: &str, sent: Sent, verdict: u8) {
        let offset = self.ledger.cursor().next + std::mem::take(&mut self.gap);
        let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let record = Incoming {
            offset,
            appended_ms: sent.appended_ms,
            key: &sent.key,
            headers: &headers,
            value: &sent.value,
        };
        let (log_id, partition) = (self.log_id(), self.partition);
        let reading = Reading { log_id, partition, revisions: &self.revisions, verifier: &self.verifier };
        let applied = self.ledger.apply(&reading, &self.rows, &record).unwrap();
        let (code, rules) = match &applied.verdict {
            Verdict::Admitted(_) => (0, true),
            Verdict::Fence(_) => (0, false),
            Verdict::Void { void, .. } => (void.reason.code(), matches!(void.reason.code(), 13..=17)),
        };
        assert_eq!(code, verdict, "{note}: {:?}", applied.verdict);
        let cursor = self.ledger.cursor();
        let (leaf, chain, digest) = (applied.leaf, cursor.chain, cursor.verdict);
        self.records.push(Vector { note: note.to_owned(), offset, sent, leaf, code, rules, chain, digest });
    }

    /// The running hash after so many records, whatever their number.
    pub(super) fn chain_after(&self, count: u64) -> Witness {
        let record = &self.records[usize::try_from(count).unwrap() - 1];
        Witness { count, hash: record.chain }
    }

    /// Says of the last record that its verdict follows only for who knows the events.
    pub(super) fn of_the_events(&mut self) {
        self.records.last_mut().unwrap().rules = true;
    }

    pub(super) fn fence(&self, fence: &Fence, appended_ms: i64) -> Sent {
        let headers = stored::fence_headers(fence);
        Sent {
            key: Vec::new(),
            headers: headers.into_iter().map(|header| (header.name.to_owned(), header.value)).collect(),
            value: stored::encode_entry(&Entry::Fence(fence.clone())).into(),
            appended_ms,
        }
    }

    /// The witness before any record.
    pub(super) fn records_begin(&self) -> Witness {
        let hash = lienthong_seal::chain::start(self.log_id(), u32::from(self.partition));
        Witness { count: 0, hash }
    }

    pub(super) fn head(&self, of: &str) -> Hash {
        self.ledger.touched(&code(of)).unwrap().head
    }
}

/// The first codes of an agency's day that lie in that partition, and the first that does not.
pub(super) fn codes(partition: u16, partitions: u16) -> (Vec<String>, String) {
    let mut sorted: BTreeMap<bool, Vec<String>> = BTreeMap::new();
    for number in 1..100 {
        let code = format!("H56.2-261102-{number:04}");
        let here = lienthong_seal::partition_of(&code, partitions) == partition;
        sorted.entry(here).or_default().push(code);
    }
    (sorted.remove(&true).unwrap(), sorted.remove(&false).unwrap().remove(0))
}
