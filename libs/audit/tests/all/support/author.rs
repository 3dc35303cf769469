//! Nodes as one: what they decide upon what they read, sealed one by one or many at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::future::join_all;
use lienthong_admission::{State, Verdict, wraps_due};
use lienthong_audit::Lane;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Act, Action, Actor, Command, CommandId, DossierCode, Line, OfficerId, Power, Private, decide,
};
use lienthong_log::{Header, Partition, ReadLimit, Record};
use lienthong_registry::AgencyId;
use lienthong_seal::{
    AgencyPublicKey, DataKey, EnvelopePlace, ErasableHalf, Hash, Seal, WrapPlace, WrappedHalf, leaf,
    partition_of,
};
use lienthong_wire::stored::{self, Body, Entry, NamedEnvelope, Proposal, Recipient, RecipientWrap, Witness};
use uuid::Uuid;

use super::world::{World, node_key};

/// Writes to a log and reads what it wrote, as every node does.
pub(crate) struct Author {
    pub(crate) world: World,
    lanes: Vec<Lane>,
    commands: u128,
    now: Instant,
    secrets: BTreeMap<DossierCode, (WrappedHalf, DataKey)>,
}

/// A body with whose node is to seal it.
pub(crate) struct Draft {
    pub(crate) body: Body,
    pub(crate) bytes: Bytes,
    pub(crate) who: &'static str,
}

impl Draft {
    pub(crate) fn new(body: Body, who: &'static str) -> Self {
        Self { bytes: stored::encode_body(&body).into(), body, who }
    }

    /// The record with that seal.
    pub(crate) fn sealed(&self, seal: Seal) -> Record {
        let act = &self.body.act;
        let headers = stored::proposal_headers(leaf(&self.bytes), act, None);
        let headers = headers.into_iter().map(|header| (header.name.to_owned(), header.value));
        let proposal = Proposal { body: self.bytes.clone(), seal };
        Record {
            key: Bytes::copy_from_slice(act.code.as_str().as_bytes()),
            headers: headers.map(|(name, value)| Header { name, value }).collect(),
            value: stored::encode_entry(&Entry::Proposal(proposal)).into(),
        }
    }
}

impl Author {
    pub(crate) fn new(world: World) -> Self {
        let trust = world.audit.trust();
        let lanes = (0..trust.partitions()).map(|partition| Lane::new(trust, partition)).collect();
        let now = Instant::parse("2026-11-02T08:15:00+07:00").unwrap();
        Self { world, lanes, commands: 0, now, secrets: BTreeMap::new() }
    }

    /// What a node proposes next, which must be possible.
    pub(crate) fn draft(&mut self, code: &str, who: &'static str, action: Action) -> Draft {
        let code = DossierCode::parse(code).unwrap();
        let lane = &self.lanes[usize::from(partition_of(code.as_str(), self.lanes.len() as u16))];
        let state = lane.state(&code).unwrap();
        let registry = self.world.audit.trust().registry();
        self.commands += 1;
        let command = Command {
            id: CommandId(Uuid::from_u128(self.commands)),
            code: code.clone(),
            agency: AgencyId::parse(who).unwrap(),
            actor: Actor {
                officer: OfficerId::parse("cb-01").unwrap(),
                name: Line::parse("Lê Thị Mẫu").unwrap(),
                role: Line::parse("Chuyên viên").unwrap(),
                power: Power::Sign,
            },
            at: self.now,
            occurred_at: None,
            private: Some(Private("Nguyễn Thị Bí Mật, thửa 112, tờ 9".into())),
            secrecy: None,
            action,
        };
        let dossier = state.as_ref().map(|state| &state.dossier);
        let events = decide(registry.rules(), dossier, registry, &command).unwrap();
        let Command { code, agency, actor, at, occurred_at, .. } = command.clone();
        let act = Act { code, agency, actor, at, occurred_at, events };
        let witness = lane.cursor().witness;
        let body = self.body(state.as_ref(), witness, &command, act);
        Draft::new(body, who)
    }

    fn body(
        &mut self,
        state: Option<&State>,
        (count, hash): (u64, Hash),
        command: &Command,
        act: Act,
    ) -> Body {
        let (half, key) = self.secrets.entry(act.code.clone()).or_insert_with(|| {
            let half = WrappedHalf::generate().unwrap();
            let key = DataKey::derive(&half, &ErasableHalf::generate().unwrap()).unwrap();
            (half, key)
        });
        let trust = self.world.audit.trust();
        let (registry, log_id, code) = (trust.registry(), trust.log_id(), act.code.as_str());
        let envelope = |name: &Line| {
            let place = EnvelopePlace { log_id, code, name: name.as_str() };
            let private = command.private.as_ref().map_or(&[][..], |private| &private.0);
            NamedEnvelope { name: name.clone(), envelope: key.encrypt(&place, private).unwrap() }
        };
        let wrap = |(recipient, to): (Recipient, AgencyPublicKey)| {
            let agency = match &recipient {
                Recipient::Agency(agency) => agency.as_str(),
                Recipient::Recovery => "",
            };
            let wrap = half.wrap(&to, &WrapPlace { log_id, code, agency }).unwrap();
            RecipientWrap { recipient, wrap }
        };
        Body {
            log_id,
            rules: registry.rules(),
            prev: state.map(|state| state.head),
            witness: Witness { count, hash },
            command_id: command.id,
            command_hash: key.command_hash(&command.canonical()),
            data_key: state.is_none().then(|| key.fingerprint()),
            envelopes: act.events.iter().filter_map(|event| event.kind.detail()).map(envelope).collect(),
            wraps: wraps_due(registry, state, &act).unwrap().into_iter().map(wrap).collect(),
            act,
        }
    }

    /// Seals so many at once, appends all and reads them back: each must count.
    pub(crate) async fn tell(&mut self, drafts: &[Draft], batch: usize) {
        let mut records = Vec::new();
        for drafts in drafts.chunks(batch) {
            let leaves: Vec<_> = drafts.iter().map(|draft| leaf(&draft.bytes)).collect();
            let seals = node_key(drafts[0].who).seal_all(self.world.audit.trust().log_id(), &leaves);
            for (draft, seal) in drafts.iter().zip(seals) {
                let partition = partition_of(draft.body.act.code.as_str(), self.lanes.len() as u16);
                records.push((partition, draft.sealed(seal)));
            }
        }
        let verdicts = self.append(records).await;
        assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Admitted(_))), "{verdicts:?}");
        self.now = Instant::from_micros(self.now.as_micros() + 60_000_000);
    }

    /// Appends records and reads on.
    pub(crate) async fn append(&mut self, records: Vec<(u16, Record)>) -> Vec<Verdict> {
        let log = &self.world.log;
        let append = |(partition, record)| log.append(Partition::Dossiers(partition), record);
        for appended in join_all(records.into_iter().map(append)).await {
            appended.unwrap();
        }
        let mut verdicts = Vec::new();
        for lane in &mut self.lanes {
            let partition = Partition::Dossiers(lane.partition());
            loop {
                let batch = log.read(partition, lane.cursor().next, ReadLimit::default()).await.unwrap();
                if batch.is_empty() {
                    break;
                }
                for stored in &batch {
                    verdicts.push(lane.take(self.world.audit.trust(), stored).unwrap().verdict);
                }
            }
        }
        verdicts
    }
}
