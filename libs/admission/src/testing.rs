//! For tests: registries with real keys, a node that seals what is decided, and one partition that it writes to.

pub(crate) mod chain;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::civil::{Date, Time};
use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{
    AgencyId, CommuneCode, OutcomeId, Pack, ProcedureCode, Registry, RegistryParts, SealKey, StepId, WrapKey,
};
use lienthong_seal::{
    AgencyKey, AgencyPublicKey, DataKey, EnvelopePlace, ErasableHalf, Hash, SigningKey, Verifier, WrapPlace,
    WrappedHalf, leaf, partition_of,
};
use lienthong_wire::stored::{self, Body, Entry, NamedEnvelope, Proposal, Recipient, RecipientWrap, Witness};
use uuid::Uuid;

use crate::*;

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
pub(crate) const DEPARTMENT: &str = "department";
pub(crate) const CODE: &str = "H56.2-261102-0001";
pub(crate) const LOG_ID: Hash = Hash([7; 32]);

/// A procedure that asks for an opinion which silence gives.
const OPINIONS: &str = r#"
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

/// A record as it is appended.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) key: Vec<u8>,
    pub(crate) headers: Vec<(String, Bytes)>,
    pub(crate) value: Bytes,
    pub(crate) appended_ms: i64,
}

impl Sent {
    /// A record whose value is nothing but these bytes.
    pub(crate) fn raw(value: impl Into<Bytes>) -> Self {
        Self { key: CODE.into(), headers: Vec::new(), value: value.into(), appended_ms: 0 }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A body and the node that is to seal it.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) body: Body,
    pub(crate) signer: SigningKey,
}

impl Draft {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Body)) -> Self {
        change(&mut self.body);
        self
    }

    pub(crate) fn signed_by(self, signer: SigningKey) -> Self {
        Self { signer, ..self }
    }

    pub(crate) fn proposal(&self) -> Proposal {
        let body = Bytes::from(stored::encode_body(&self.body));
        let seal = self.signer.seal_all(self.body.log_id, &[leaf(&body)]).remove(0);
        Proposal { body, seal }
    }

    /// The record, appended at the very instant it was made.
    pub(crate) fn sent(&self) -> Sent {
        self.sent_as(self.proposal())
    }

    /// The record with a proposal that is not what a node would make of the body.
    pub(crate) fn sent_as(&self, proposal: Proposal) -> Sent {
        let act = &self.body.act;
        let headers = stored::proposal_headers(leaf(&proposal.body), act, None);
        Sent {
            key: act.code.as_str().into(),
            headers: headers.into_iter().map(|header| (header.name.to_owned(), header.value)).collect(),
            value: stored::encode_entry(&Entry::Proposal(proposal)).into(),
            appended_ms: act.at.as_micros() / 1_000,
        }
    }
}

/// Rows in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) states: BTreeMap<DossierCode, Vec<u8>>,
    pub(crate) witnesses: BTreeMap<u64, Hash>,
}

impl Rows for Kept {
    type Error = StateFault;

    fn state(&self, code: &DossierCode) -> Result<Option<Vec<u8>>, StateFault> {
        Ok(self.states.get(code).cloned())
    }

    fn chain_at(&self, _: u16, count: u64) -> Result<Option<Hash>, StateFault> {
        Ok(self.witnesses.get(&count).copied())
    }
}

impl Kept {
    pub(crate) fn write(&mut self, changes: Changes) {
        self.states.extend(changes.rows.into_iter().map(|row| (row.code, row.bytes)));
        self.witnesses.extend(changes.witnesses.into_iter().map(|(count, _, hash)| (count, hash)));
    }
}

/// The account of one partition, kept over rows in memory.
pub(crate) struct Reader {
    pub(crate) world: Arc<World>,
    pub(crate) partition: u16,
    /// The registry's chain as far as this reader has read it: at first that of its world.
    pub(crate) revisions: Revisions,
    pub(crate) ledger: Ledger,
    pub(crate) rows: Kept,
}

impl Reader {
    pub(crate) fn new(world: &Arc<World>, partition: u16) -> Self {
        let cursor = Cursor::start(world.revisions.log_id(), partition);
        Self::from(world, partition, cursor, Kept::default())
    }

    /// Goes on from what was stored.
    pub(crate) fn from(world: &Arc<World>, partition: u16, cursor: Cursor, rows: Kept) -> Self {
        let revisions = world.revisions.clone();
        Self { world: Arc::clone(world), partition, revisions, ledger: Ledger::new(partition, cursor), rows }
    }

    /// Another reader that has stored and read as much.
    pub(crate) fn settled_twin(&mut self) -> Self {
        self.settle();
        let twin = Self::from(&self.world, self.partition, self.ledger.cursor().clone(), self.rows.clone());
        Self { revisions: self.revisions.clone(), ..twin }
    }

    /// What the last fence put in force.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.revisions.get(self.ledger.cursor().revision).unwrap().registry)
    }

    pub(crate) fn try_apply(&mut self, sent: &Sent) -> Result<Applied, Halt<StateFault>> {
        let headers: Vec<_> =
            sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
        let record = Incoming {
            offset: self.ledger.cursor().next,
            appended_ms: sent.appended_ms,
            key: &sent.key,
            headers: &headers,
            value: &sent.value,
        };
        let (revisions, verifier) = (&self.revisions, &self.world.verifier);
        let reading = Reading { log_id: revisions.log_id(), partition: self.partition, revisions, verifier };
        self.ledger.apply(&reading, &self.rows, &record)
    }

    pub(crate) fn apply(&mut self, sent: &Sent) -> Applied {
        self.try_apply(sent).unwrap()
    }

    /// Closes the batch and writes its rows; how many dossiers it changed.
    pub(crate) fn settle(&mut self) -> usize {
        let changes = self.ledger.settle().unwrap();
        let rows = changes.rows.len();
        self.rows.write(changes);
        rows
    }

    pub(crate) fn state(&self, of: &DossierCode) -> Option<State> {
        let stored = || self.rows.states.get(of).map(|bytes| State::decode(bytes).unwrap());
        self.ledger.touched(of).cloned().or_else(stored)
    }
}

/// A node at one partition: decides, seals and appends as the real one does, and reads what it wrote.
pub(crate) struct Bench {
    pub(crate) reader: Reader,
    pub(crate) now: Instant,
    /// All that was appended.
    pub(crate) log: Vec<Sent>,
    commands: u128,
    secrets: BTreeMap<DossierCode, (WrappedHalf, DataKey)>,
}

impl Bench {
    /// At the partition of [`CODE`].
    pub(crate) fn new(world: &Arc<World>, now: &str) -> Self {
        let reader = Reader::new(world, world.partition_of(CODE));
        Self { reader, now: at(now), log: Vec::new(), commands: 0, secrets: BTreeMap::new() }
    }

    /// What a node would propose; none when nothing follows from the action.
    pub(crate) fn decide(
        &mut self,
        of: &str,
        who: &str,
        action: Action,
        private: Option<&str>,
    ) -> Result<Option<Draft>, Denial> {
        let of = code(of);
        let state = self.reader.state(&of);
        let registry = &self.reader.registry();
        self.commands += 1;
        let command = Command {
            id: CommandId(Uuid::from_u128(self.commands)),
            code: of.clone(),
            agency: agency(who),
            actor: Actor {
                officer: OfficerId::parse("cb-01").unwrap(),
                name: Line::parse("Lê Thị Mẫu").unwrap(),
                role: Line::parse("Chuyên viên").unwrap(),
                power: Power::Sign,
            },
            at: self.now,
            occurred_at: None,
            private: private.map(|text| Private(text.as_bytes().to_vec())),
            secrecy: None,
            action,
        };
        let dossier = state.as_ref().map(|state| &state.dossier);
        let events = decide(registry.rules(), dossier, registry, &command)?;
        if events.is_empty() {
            return Ok(None);
        }
        let (half, key) = self.secrets.entry(of).or_insert_with(|| {
            let half = WrappedHalf::generate().unwrap();
            let key = DataKey::derive(&half, &ErasableHalf::generate().unwrap()).unwrap();
            (half, key)
        });
        let body = body(registry, state.as_ref(), &self.reader.ledger, &command, events, half, key);
        Ok(Some(Draft { body, signer: node_key(who) }))
    }

    /// The same record as another agency would make it, whether or not the rules let it.
    pub(crate) fn in_name_of(&self, draft: &Draft, who: &str) -> Draft {
        let (half, _) = &self.secrets[&draft.body.act.code];
        let state = self.reader.state(&draft.body.act.code);
        let mut body = draft.body.clone();
        body.act.agency = agency(who);
        body.wraps = wraps(&self.reader.registry(), state.as_ref(), &body.act, half);
        Draft { body, signer: node_key(who) }
    }

    /// The same for what must be possible.
    pub(crate) fn draft(&mut self, who: &str, action: Action) -> Draft {
        self.draft_of(CODE, who, action)
    }

    pub(crate) fn draft_of(&mut self, of: &str, who: &str, action: Action) -> Draft {
        self.decide(of, who, action, None).unwrap().expect("something follows")
    }

    pub(crate) fn append(&mut self, sent: Sent) -> Applied {
        let applied = self.reader.apply(&sent);
        self.log.push(sent);
        applied
    }

    /// Carries an action out at that time, which must be admitted.
    pub(crate) fn tell(&mut self, when: &str, who: &str, action: Action) -> Sent {
        self.now = at(when);
        let sent = self.draft(who, action).sent();
        let applied = self.append(sent.clone());
        assert!(matches!(applied.verdict, Verdict::Admitted(_)), "{:?}", applied.verdict);
        sent
    }

    pub(crate) fn state(&self) -> State {
        self.reader.state(&code(CODE)).unwrap()
    }

    /// A land transfer, ready for the desk to offer it to the land office.
    pub(crate) fn at_the_offer(world: &Arc<World>) -> Self {
        let mut bench = Self::new(world, "2026-11-02 08:15");
        bench.tell("2026-11-02 08:15", DESK, receive("1.099001"));
        bench.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
        bench.now = at("2026-11-02 09:05");
        bench
    }
}

/// The body that a node makes of what was decided.
fn body(
    registry: &Registry,
    state: Option<&State>,
    ledger: &Ledger,
    command: &Command,
    events: Vec<Event>,
    half: &WrappedHalf,
    key: &DataKey,
) -> Body {
    let Command { code, agency, actor, at, occurred_at, .. } = command.clone();
    let act = Act { code, agency, actor, at, occurred_at, events };
    let log_id = Hash(*registry.log_id());
    let envelope = |name: &EnvelopeName| {
        let place = EnvelopePlace { log_id, code: act.code.as_str(), name: name.as_str() };
        let private = command.private.as_ref().map_or(&[][..], |private| &private.0);
        NamedEnvelope { name: name.clone(), envelope: key.encrypt(&place, private).unwrap() }
    };
    let (count, hash) = ledger.cursor().witness;
    Body {
        log_id,
        rules: registry.rules(),
        prev: state.map(|state| state.head),
        witness: Witness { count, hash },
        command_id: command.id,
        command_hash: key.command_hash(&command.canonical()),
        data_key: state.is_none().then(|| key.fingerprint()),
        envelopes: act.events.iter().filter_map(|event| event.kind.detail()).map(envelope).collect(),
        wraps: wraps(registry, state, &act, half),
        act,
    }
}

/// The wraps that an act calls for.
fn wraps(registry: &Registry, state: Option<&State>, act: &Act, half: &WrappedHalf) -> Vec<RecipientWrap> {
    let log_id = Hash(*registry.log_id());
    let wrap = |(recipient, to): (Recipient, AgencyPublicKey)| {
        let agency = match &recipient {
            Recipient::Agency(agency) => agency.as_str(),
            Recipient::Recovery => "",
        };
        let wrap = half.wrap(&to, &WrapPlace { log_id, code: act.code.as_str(), agency }).unwrap();
        RecipientWrap { recipient, wrap }
    };
    wraps_due(registry, state, act).unwrap().into_iter().map(wrap).collect()
}
