//! For tests: the training registry with made-up keys, and a story that is told by commands.

use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, Time};
use lienthong_calendar::Instant;
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{
    AgencyId, CommuneCode, DocumentKind, OutcomeId, Pack, ProcedureCode, Registry, Rules, StepId,
};
use lienthong_tax::Dong;
use uuid::Uuid;

use crate::*;

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
pub(crate) const CODE: &str = "H56.2-261102-0001";

pub(crate) fn registry_with(extra: &[Arc<Pack>]) -> Registry {
    Registry::new(training::parts(&TrainingKeys::made_up().unwrap(), extra).unwrap()).unwrap()
}

/// The training registry as shipped, made once.
pub(crate) fn registry() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    Arc::clone(REGISTRY.get_or_init(|| Arc::new(registry_with(&[]))))
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

pub(crate) fn step(id: &str) -> StepId {
    StepId::parse(id).unwrap()
}

pub(crate) fn outcome(id: &str) -> OutcomeId {
    OutcomeId::parse(id).unwrap()
}

pub(crate) fn ground(text: &str) -> Ground {
    Ground::parse(text).unwrap()
}

pub(crate) fn paper(text: &str) -> PaperNumber {
    PaperNumber::parse(text).unwrap()
}

/// An instant in Vietnam: `2026-11-02 08:15`.
pub(crate) fn at(text: &str) -> Instant {
    let (date, time) = text.split_once(' ').unwrap();
    let date: Date = date.parse().unwrap();
    let time: Time = format!("{time}:00").parse().unwrap();
    Instant::at(date, time)
}

pub(crate) fn intake(procedure: &str) -> Intake {
    Intake {
        procedure: ProcedureCode::parse(procedure).unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: Vec::new(),
    }
}

pub(crate) fn document(kind: &str) -> Document {
    Document { kind: DocumentKind::parse(kind).unwrap(), form: CopyForm::Original, copies: 1, sha256: None }
}

pub(crate) const FEE: Account = Account { taxpayer: 2, item: 2801 };
pub(crate) const INCOME: Account = Account { taxpayer: 1, item: 1006 };

pub(crate) fn line(account: Account, due: u64, exempt: u64) -> NoticeLine {
    NoticeLine {
        account,
        due_date: "2026-12-10".parse().unwrap(),
        taxable: Dong::new(due.saturating_mul(200)),
        due: Dong::new(due),
        exempt: Dong::new(exempt),
        exempt_ground: (exempt > 0).then(|| ground("NĐ 10/2022 art. 10")),
    }
}

/// One dossier's story, told command by command.
pub(crate) struct Story {
    pub(crate) registry: Arc<Registry>,
    pub(crate) dossier: Option<Dossier>,
    pub(crate) now: Instant,
    pub(crate) acts: Vec<Act>,
}

impl Story {
    pub(crate) fn new(now: &str) -> Self {
        Self::with(registry(), at(now))
    }

    pub(crate) fn with(registry: Arc<Registry>, now: Instant) -> Self {
        Self { registry, dossier: None, now, acts: Vec::new() }
    }

    pub(crate) fn command(&self, who: &str, action: Action) -> Command {
        Command {
            id: CommandId(Uuid::from_u128(self.acts.len() as u128)),
            code: DossierCode::parse(CODE).unwrap(),
            agency: agency(who),
            actor: Actor {
                officer: OfficerId::parse("cb-01").unwrap(),
                name: Line::parse("Lê Thị Mẫu").unwrap(),
                role: Line::parse("Chuyên viên").unwrap(),
                power: Power::Sign,
            },
            at: self.now,
            occurred_at: None,
            private: None,
            secrecy: None,
            action,
        }
    }

    /// What the command leads to; the story does not go on.
    pub(crate) fn try_it(&self, who: &str, action: Action) -> Result<Vec<Event>, Denial> {
        let command = self.command(who, action);
        decide(Rules::ONE, self.dossier.as_ref(), &self.registry, &command)
    }

    /// Carries the command out; what was decided must be permitted.
    pub(crate) fn does(&mut self, who: &str, action: Action) -> Result<Vec<Event>, Denial> {
        let command = self.command(who, action);
        let events = decide(Rules::ONE, self.dossier.as_ref(), &self.registry, &command)?;
        if events.is_empty() {
            return Ok(events);
        }
        let act = Act {
            code: command.code,
            agency: command.agency,
            actor: command.actor,
            at: command.at,
            occurred_at: None,
            events: events.clone(),
        };
        permit(Rules::ONE, self.dossier.as_ref(), &self.registry, &act)
            .expect("what decide yields is permitted");
        self.dossier = fold(self.dossier.take(), &act);
        self.acts.push(act);
        Ok(events)
    }

    /// Carries a command out that must succeed, and names its events.
    pub(crate) fn tell(&mut self, when: &str, who: &str, action: Action) -> Vec<&'static str> {
        self.now = at(when);
        let shown = format!("{action:?}");
        match self.does(who, action) {
            Ok(events) => events.iter().map(|event| event.kind.name()).collect(),
            Err(denial) => panic!("{when} {who} {shown}: {denial}"),
        }
    }

    pub(crate) fn case(&self) -> &Case {
        self.dossier.as_ref().and_then(Dossier::live).expect("a live dossier")
    }

    /// A land transfer at the land office, checked, ready for the slip: Monday 02/11/2026 received.
    pub(crate) fn at_the_slip() -> Self {
        let mut story = Self::new("2026-11-02 08:15");
        story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
        story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
        story.tell("2026-11-02 09:05", DESK, offer(LAND));
        story.tell("2026-11-02 10:00", LAND, Action::AcceptCustody);
        story.tell("2026-11-03 10:00", LAND, complete("tham-dinh", "du-dieu-kien"));
        story
    }

    /// The same with the slip accepted by the tax office.
    pub(crate) fn at_the_tax_office() -> Self {
        let mut story = Self::at_the_slip();
        story.tell("2026-11-03 10:30", LAND, slip());
        story.tell("2026-11-04 08:00", TAX, Action::AcceptReferral { referral: 1 });
        story
    }
}

pub(crate) fn complete(id: &str, with: &str) -> Action {
    Action::CompleteStep { step: step(id), outcome: outcome(with) }
}

pub(crate) fn offer(to: &str) -> Action {
    Action::OfferCustody { to: agency(to), medium: Medium::Electronic }
}

pub(crate) fn slip() -> Action {
    Action::Refer {
        to: agency(TAX),
        subject: Subject::TaxInformation,
        medium: Medium::Electronic,
        number: Some(paper("12/PCTT")),
    }
}

pub(crate) fn notice(number: &str, lines: Vec<NoticeLine>) -> Action {
    Action::IssueNotice { referral: 1, notice: paper(number), lines }
}

pub(crate) fn pay(id: &str, number: &str, account: Account, amount: u64) -> Action {
    Action::RecordPayment {
        payment: PaymentId::parse(id).unwrap(),
        notice: paper(number),
        account,
        amount: Dong::new(amount),
        channel: PaymentChannel::Bank,
        into: None,
    }
}
