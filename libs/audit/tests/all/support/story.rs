//! Land transfers, many side by side: desk, land office, tax office, payment, land office, desk, citizen.

use lienthong_dossier::{
    Account, Action, ApplicantKind, Channel, Delivery, Intake, Medium, NoticeLine, PaperNumber,
    PaymentChannel, PaymentId, Subject,
};
use lienthong_registry::{AgencyId, CommuneCode, OutcomeId, ProcedureCode, StepId};
use lienthong_tax::Dong;

use super::author::{Author, Draft};
use super::world::{DESK, LAND, TAX};

/// Dossiers that take each step at once.
pub(crate) struct Group {
    codes: Vec<String>,
    told: usize,
}

impl Group {
    /// Records of one dossier from reception to the hand-over of its result.
    pub(crate) const STEPS: usize = 20;

    /// So many dossiers, whose numbers begin with this one.
    pub(crate) fn new(first: usize, dossiers: usize) -> Self {
        let code = |number| format!("{DESK}-261102-{number:04}");
        Self { codes: (first..first + dossiers).map(code).collect(), told: 0 }
    }

    /// What each does next, upon one state of the log; nothing when all is told.
    pub(crate) fn next(&mut self, author: &mut Author) -> Vec<Draft> {
        let Some((who, action)) = steps().into_iter().nth(self.told) else { return Vec::new() };
        self.told += 1;
        self.codes.iter().map(|code| author.draft(code, who, action.clone())).collect()
    }
}

fn steps() -> [(&'static str, Action); Group::STEPS] {
    [
        (DESK, receive()),
        (DESK, complete("tiep-nhan", "chuyen-ho-so")),
        (DESK, offer(LAND)),
        (LAND, Action::AcceptCustody),
        (LAND, complete("tham-dinh", "du-dieu-kien")),
        (LAND, slip()),
        (TAX, Action::AcceptReferral { referral: 1 }),
        (TAX, notice()),
        (TAX, pay("KB-1", 2, 2801, 15_000_000)),
        (TAX, pay("KB-2", 1, 1006, 60_000_000)),
        (LAND, complete("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu")),
        (LAND, complete("in-giay-chung-nhan", "da-in")),
        (LAND, complete("kiem-tra", "dat")),
        (LAND, complete("trinh-ky", "da-ky")),
        (LAND, Action::EnterLandRegister { entry: paper("CN-7") }),
        (LAND, complete("vao-so", "da-vao-so")),
        (LAND, Action::IssueResult { number: paper("GCN 12"), outcome: outcome("da-ban-giao") }),
        (LAND, offer(DESK)),
        (DESK, Action::AcceptCustody),
        (DESK, Action::HandOverResult { channel: Delivery::Desk }),
    ]
}

fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

fn paper(number: &str) -> PaperNumber {
    PaperNumber::parse(number).unwrap()
}

fn outcome(id: &str) -> OutcomeId {
    OutcomeId::parse(id).unwrap()
}

fn receive() -> Action {
    Action::Receive(Intake {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: Vec::new(),
    })
}

fn complete(step: &str, ends: &str) -> Action {
    Action::CompleteStep { step: StepId::parse(step).unwrap(), outcome: outcome(ends) }
}

fn offer(to: &str) -> Action {
    Action::OfferCustody { to: agency(to), medium: Medium::Electronic }
}

fn slip() -> Action {
    Action::Refer {
        to: agency(TAX),
        subject: Subject::TaxInformation,
        medium: Medium::Electronic,
        number: Some(paper("12/PCTT")),
    }
}

fn notice() -> Action {
    let line = |taxpayer, item, due| NoticeLine {
        account: Account { taxpayer, item },
        due_date: "2026-12-10".parse().unwrap(),
        taxable: Dong::new(3_000_000_000),
        due: Dong::new(due),
        exempt: Dong::ZERO,
        exempt_ground: None,
    };
    let lines = vec![line(2, 2801, 15_000_000), line(1, 1006, 60_000_000)];
    Action::IssueNotice { referral: 1, notice: paper("01/TB-LPTB"), lines }
}

fn pay(payment: &str, taxpayer: u32, item: u32, amount: u64) -> Action {
    Action::RecordPayment {
        payment: PaymentId::parse(payment).unwrap(),
        notice: paper("01/TB-LPTB"),
        account: Account { taxpayer, item },
        amount: Dong::new(amount),
        channel: PaymentChannel::Bank,
        into: None,
    }
}
