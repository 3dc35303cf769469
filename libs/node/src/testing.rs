//! For tests: nodes over one log, under keys made up in memory, and commands for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::FutureExt as _;
use jiff::civil::{Date, Time, Weekday};
use lienthong_calendar::{Calendar, Instant};
use lienthong_dossier::*;
use lienthong_log::{EventLog, MemoryLog, Stored};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{
    AgencyId, CommuneCode, Dated, LogKind, OutcomeId, Pack, ProcedureCode, Registry, RegistryParts,
    SHIPPED_PACKS, SealKey, StepId, WrapKey,
};
use lienthong_seal::{AgencyKey, Hash, IndexKey, Seal, SigningKey, partition_of};
use lienthong_wire::pb::casework::v1::CompleteStepRequest;
use lienthong_wire::pb::common::v1 as pb;
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::stored::revision::{Texts, seal_genesis};
use lienthong_wire::stored::{Entry, decode_entry};
use lienthong_wire::{Message as _, timestamp};
use tempfile::TempDir;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::caller::Caller;
use crate::charter::{self, Charter, SHIPPED_TEXTS, registry_record};
use crate::keys::NodeKeys;
use crate::node::{Node, NodeParts, Replica};
use crate::submit::Receipt;

mod on;
pub(crate) mod outage;
pub(crate) mod pki;

pub(crate) use on::{On, on_every_log, open};

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
pub(crate) const CODE: &str = "H56.2-261102-0001";
/// Of the logs of these tests: fewer than a training log has, because a broker takes its time to make them.
pub(crate) const PARTITIONS: u16 = 8;

/// A log, its charter, and a folder for the projections of the nodes on it.
pub(crate) struct Site {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) charter: Charter,
    pub(crate) dir: TempDir,
}

impl Site {
    /// Over an empty training log in memory.
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(MemoryLog::new(PARTITIONS)), &training_charter())
    }

    /// The same for a production log.
    pub(crate) fn production() -> Self {
        let charter = charter(|parts| {
            parts.kind = LogKind::Production;
            lasting(parts);
        });
        Self::over(Arc::new(MemoryLog::new(PARTITIONS)), &charter)
    }

    /// Over an empty training log of that kind.
    pub(crate) async fn on(on: On) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = on.fresh(dir.path(), PARTITIONS).await;
        let charter = training_charter().on(log.as_ref()).await;
        Self { log, charter, dir }
    }

    /// Over a log of that kind with that genesis.
    pub(crate) async fn founded(on: On, founded: &Founded) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = on.fresh(dir.path(), PARTITIONS).await;
        let charter = founded.on(log.as_ref()).await;
        Self { log, charter, dir }
    }

    /// Over a log in memory, in which a genesis is written at once.
    pub(crate) fn over(log: Arc<dyn EventLog>, founded: &Founded) -> Self {
        let charter = founded.on(log.as_ref()).now_or_never().expect("memory answers at once");
        Self { log, charter, dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn store(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The desks' node.
    pub(crate) async fn desk(&self) -> Node {
        self.node(training::WARD_DESK_NODE, "desk").await
    }

    pub(crate) async fn land(&self) -> Node {
        self.node(training::LAND_REGISTRY_NODE, "land").await
    }

    /// A node of the registry with a projection of its own.
    pub(crate) async fn node(&self, name: &str, store: &str) -> Node {
        Node::start(self.parts(name, &self.store(store))).await.unwrap()
    }

    /// What such a node is started from.
    pub(crate) fn parts<'a>(&self, name: &'a str, store: &'a Path) -> NodeParts<'a> {
        NodeParts {
            name,
            log: Arc::clone(&self.log),
            charter: self.charter.clone(),
            keys: node_keys(name, &self.charter.registry),
            store,
            replica: Replica::default(),
        }
    }

    /// What stands in the partition of a code.
    pub(crate) async fn records(&self, code: &str) -> Vec<Stored> {
        let partition = lienthong_log::Partition::Dossiers(partition_of(code, PARTITIONS));
        self.log.read(partition, 0, lienthong_log::ReadLimit::default()).await.unwrap()
    }

    /// Every seal in the log.
    pub(crate) async fn seals(&self) -> Vec<Seal> {
        let mut seals = Vec::new();
        for partition in 0..PARTITIONS {
            let partition = lienthong_log::Partition::Dossiers(partition);
            let read = self.log.read(partition, 0, lienthong_log::ReadLimit::default());
            for stored in read.await.unwrap() {
                let Entry::Proposal(proposal) = decode_entry(&stored.record.value).unwrap() else {
                    panic!("a fence is no proposal");
                };
                seals.push(proposal.seal);
            }
        }
        seals
    }
}

pub(crate) fn signing_key(node: &str) -> SigningKey {
    SigningKey::from_seed(&Hash::of(node.as_bytes()).0)
}

pub(crate) fn agency_keys() -> &'static BTreeMap<AgencyId, AgencyKey> {
    static KEYS: OnceLock<BTreeMap<AgencyId, AgencyKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = |id: AgencyId| (id.clone(), AgencyKey::from_seed(&Hash::of(id.as_str().as_bytes()).0));
        training::agency_ids().unwrap().into_iter().map(key).collect()
    })
}

pub(crate) fn index_key(node: &str) -> IndexKey {
    IndexKey::from_seed(&Hash::of(node.as_bytes()).0)
}

/// The keys of a node; none for one that the registry does not have, as the auditor.
pub(crate) fn node_keys(name: &str, registry: &Registry) -> Option<NodeKeys> {
    let node = registry.nodes().iter().find(|node| node.name == name)?;
    let agencies = node.agencies.iter().map(|id| (id.clone(), agency_keys()[id].clone()));
    Some(NodeKeys::new(name, [signing_key(name)], agencies, index_key(name)))
}

pub(crate) fn training_charter() -> Founded {
    static CHARTER: OnceLock<Founded> = OnceLock::new();
    CHARTER.get_or_init(|| charter(|_| {})).clone()
}

/// The genesis of a log with the training registry, changed.
pub(crate) fn charter(change: impl FnOnce(&mut RegistryParts)) -> Founded {
    let seal = |name| {
        let public = signing_key(name).public();
        SealKey { id: public.key_id().0, public: public.0 }
    };
    let wrap = |key: &AgencyKey| WrapKey { id: key.key_id().0, public: key.public().0 };
    let keys = TrainingKeys {
        agencies: agency_keys().iter().map(|(id, key)| (id.clone(), wrap(key))).collect(),
        ward_desk: seal(training::WARD_DESK_NODE),
        land_registry: seal(training::LAND_REGISTRY_NODE),
        tax_office: seal(training::TAX_OFFICE_NODE),
        authority: seal("authority"),
        recovery: wrap(&AgencyKey::from_seed(&[5; 32])),
    };
    let mut parts = training::parts(&keys, &[]).unwrap();
    parts.partitions = PARTITIONS;
    change(&mut parts);
    let (authority, recovery) = (signing_key("authority"), signing_key("recovery"));
    let [(version, text)] = SHIPPED_TEXTS.calendars else { panic!("one calendar ships") };
    let texts = Texts { calendars: &[(version, text), (LASTING, &lasting_text())], ..SHIPPED_TEXTS };
    let sealed = seal_genesis("Thử", &parts, recovery.public(), &texts, &authority).unwrap();
    Founded(sealed.values)
}

/// The version of a calendar that goes on into next year, whichever that is. The shipped one ends some day.
const LASTING: &str = "lasting";

/// A free Thursday in each January.
fn lasting_text() -> String {
    let free = |year| jiff::civil::date(year, 1, 1).nth_weekday_of_month(1, Weekday::Thursday).unwrap();
    let free = (2026..=today().year() + 1).map(|year| format!("{},off,official,Nghỉ\n", free(year)));
    format!("date,kind,status,name\n{}", free.collect::<String>())
}

/// Has that calendar in place of the shipped one, for what is done by the clock.
pub(crate) fn lasting(parts: &mut RegistryParts) {
    let calendar = Calendar::parse(LASTING, &lasting_text()).unwrap();
    parts.calendars = vec![Dated::always(Arc::new(calendar))];
}

pub(crate) fn today() -> Date {
    Instant::from_micros(jiff::Timestamp::now().as_microsecond()).date()
}

/// The values of a genesis.
#[derive(Clone)]
pub(crate) struct Founded(Vec<Bytes>);

impl Founded {
    /// Writes the genesis into a log that has none, and reads it as a node does.
    pub(crate) async fn on(&self, log: &dyn EventLog) -> Charter {
        let there = charter::stored(log, 0).await.unwrap().len();
        for value in self.0.iter().skip(there) {
            log.append(lienthong_log::Partition::Registry, registry_record(value.clone())).await.unwrap();
        }
        Charter::open(log, None).await.unwrap()
    }
}

/// The procedure whose dossiers may be erased as soon as they are over.
pub(crate) const ERASABLE_PROCEDURE: &str = "1.099777";

/// The charter of a training log with that procedure beside the shipped ones.
pub(crate) fn erasable_charter() -> Founded {
    let (file, text) = SHIPPED_PACKS[0];
    let text = text.replace("1.099001", ERASABLE_PROCEDURE).replace("retention: permanent", "retention: 0");
    charter(|parts| parts.packs.push(Arc::new(Pack::parse(file, &text).unwrap())))
}

/// A dossier that was not taken in, and so is over at once, with what was told of the person.
pub(crate) fn refusal(of: &str, details: &PersonalDetails) -> Command {
    let Action::Receive(intake) = receive() else { panic!("a reception") };
    let intake = Intake { procedure: ProcedureCode::parse(ERASABLE_PROCEDURE).unwrap(), ..intake };
    let ground = Ground::parse("không thuộc thẩm quyền").unwrap();
    let action = Action::Refuse { intake: Some(intake), ground };
    let private = Some(Private(details.encode_to_vec()));
    Command { private, ..command(of, "2026-11-02 08:15", DESK, action) }
}

pub(crate) fn erase(of: &str) -> Command {
    let ground = Ground::parse("Luật 91/2025/QH15").unwrap();
    command(of, "2026-11-02 09:15", DESK, Action::Erase { ground })
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

/// A command, said to be given at that time.
pub(crate) fn command(of: &str, when: &str, who: &str, action: Action) -> Command {
    Command {
        id: CommandId(Uuid::new_v4()),
        code: code(of),
        agency: agency(who),
        actor: Actor {
            officer: OfficerId::parse("cb-01").unwrap(),
            name: Line::parse("Lê Thị Mẫu").unwrap(),
            role: Line::parse("Chuyên viên").unwrap(),
            power: Power::Sign,
        },
        at: at(when),
        occurred_at: Some(at(when)),
        private: None,
        secrecy: None,
        action,
    }
}

pub(crate) fn receive() -> Action {
    Action::Receive(Intake {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: Vec::new(),
    })
}

/// The reception of [`CODE`], with details that go into an envelope.
pub(crate) fn reception() -> Command {
    let private = Some(Private("Nguyễn Văn Mẫu".into()));
    Command { private, ..command(CODE, "2026-11-02 08:15", DESK, receive()) }
}

pub(crate) fn complete(step: &str, outcome: &str) -> Action {
    Action::CompleteStep { step: StepId::parse(step).unwrap(), outcome: OutcomeId::parse(outcome).unwrap() }
}

pub(crate) fn offer(to: &str) -> Action {
    Action::OfferCustody { to: agency(to), medium: Medium::Electronic }
}

/// Receives [`CODE`] and offers it to the land office.
pub(crate) async fn offered(desk: &Node) -> Receipt {
    let step = command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    desk.submit(reception()).await.unwrap();
    desk.submit(step).await.unwrap();
    desk.submit(command(CODE, "2026-11-02 09:05", DESK, offer(LAND))).await.unwrap()
}

/// The first step's end, as a command.
pub(crate) fn first_step() -> Command {
    command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"))
}

/// The same as a request.
pub(crate) fn first_step_request() -> CompleteStepRequest {
    let actor = pb::Actor {
        officer_id: "cb-01".to_owned(),
        name: "Lê Thị Mẫu".to_owned(),
        role: "Chuyên viên".to_owned(),
        power: pb::Power::Sign.into(),
    };
    let header = pb::CommandHeader {
        command_id: Uuid::new_v4().to_string(),
        agency: DESK.to_owned(),
        actor: Some(actor),
        occurred_at: Some(timestamp(at("2026-11-02 09:00"))),
    };
    CompleteStepRequest {
        header: Some(header),
        code: CODE.to_owned(),
        step: "tiep-nhan".to_owned(),
        outcome: "chuyen-ho-so".to_owned(),
        details: None,
    }
}

/// A call as the gate lets it through that comes from this machine.
pub(crate) fn from_here<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Caller::Believed);
    request
}

/// Code and reason of an error.
pub(crate) fn reason_of(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}
