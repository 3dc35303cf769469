//! For tests: a node that decides, seals and appends.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_registry::Registry;
use lienthong_seal::{AgencyPublicKey, DataKey, EnvelopePlace, ErasableHalf, Hash, WrapPlace, WrappedHalf};
use lienthong_wire::stored::{Body, NamedEnvelope, Recipient, RecipientWrap, Witness};
use uuid::Uuid;

use super::*;

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
