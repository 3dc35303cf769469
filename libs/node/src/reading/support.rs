//! For tests: the training registry with made-up keys, a story told by commands, and one event of every kind.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use jiff::civil::{Date, Time};
use lienthong_admission::{RecordRef, State};
use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_log::{Record, Stored};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{
    AgencyId, CommuneCode, DocumentKind, FeeId, OutcomeId, ProcedureCode, Registry, Rules, StepId,
};
use lienthong_seal::Hash;
use lienthong_tax::Dong;
use uuid::Uuid;

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
pub(crate) const CODE: &str = "H56.2-261102-0001";
pub(crate) const FEE: Account = Account { taxpayer: 2, item: 2801 };
pub(crate) const INCOME: Account = Account { taxpayer: 1, item: 1006 };

/// The training registry as shipped, made once.
pub(crate) fn registry() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    let keys = || TrainingKeys::made_up().unwrap();
    let make = || Arc::new(Registry::new(training::parts(&keys(), &[]).unwrap()).unwrap());
    Arc::clone(REGISTRY.get_or_init(make))
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

pub(crate) fn code() -> DossierCode {
    DossierCode::parse(CODE).unwrap()
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

pub(crate) fn tax_line(account: Account, due: u64, exempt: u64) -> NoticeLine {
    NoticeLine {
        account,
        due_date: "2026-12-10".parse().unwrap(),
        taxable: Dong::new(due * 200),
        due: Dong::new(due),
        exempt: Dong::new(exempt),
        exempt_ground: (exempt > 0).then(|| ground("NĐ 10/2022 art. 10")),
    }
}

/// A command, said to be given at that time.
pub(crate) fn command(code: &str, when: &str, who: &str, action: Action) -> Command {
    Command {
        id: CommandId(Uuid::new_v4()),
        code: DossierCode::parse(code).unwrap(),
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

/// The commands of a land transfer until its notice is issued: received on Monday 02/11/2026, the slip sent on the next
/// day.
pub(crate) fn to_the_notice() -> Vec<(&'static str, &'static str, Action)> {
    let complete = |step: &str, outcome: &str| Action::CompleteStep {
        step: StepId::parse(step).unwrap(),
        outcome: OutcomeId::parse(outcome).unwrap(),
    };
    let intake = Intake {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: vec![document("hop-dong")],
    };
    let slip = Action::Refer {
        to: agency(TAX),
        subject: Subject::TaxInformation,
        medium: Medium::Electronic,
        number: Some(paper("12/PCTT")),
    };
    let lines = vec![tax_line(FEE, 15_000_000, 0), tax_line(INCOME, 40_000_000, 10_000_000)];
    vec![
        ("2026-11-02 08:15", DESK, Action::Receive(intake)),
        ("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so")),
        ("2026-11-02 09:05", DESK, Action::OfferCustody { to: agency(LAND), medium: Medium::Electronic }),
        ("2026-11-02 10:00", LAND, Action::AcceptCustody),
        ("2026-11-03 10:00", LAND, complete("tham-dinh", "du-dieu-kien")),
        ("2026-11-03 10:30", LAND, slip),
        ("2026-11-04 08:00", TAX, Action::AcceptReferral { referral: 1 }),
        ("2026-11-05 09:00", TAX, Action::IssueNotice { referral: 1, notice: paper("1/TB"), lines }),
    ]
}

/// A payment on the notice.
pub(crate) fn pay(id: &str, account: Account, amount: u64) -> Action {
    Action::RecordPayment {
        payment: PaymentId::parse(id).unwrap(),
        notice: paper("1/TB"),
        account,
        amount: Dong::new(amount),
        channel: PaymentChannel::Bank,
        into: None,
    }
}

/// One dossier's story, told command by command.
pub(crate) struct Story {
    pub(crate) registry: Arc<Registry>,
    pub(crate) dossier: Option<Dossier>,
    pub(crate) acts: Vec<Act>,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self { registry: registry(), dossier: None, acts: Vec::new() }
    }

    /// Carries a command out, which must succeed.
    pub(crate) fn tell(&mut self, when: &str, who: &str, action: Action) {
        let command = Command { occurred_at: None, ..command(CODE, when, who, action) };
        let events = decide(Rules::ONE, self.dossier.as_ref(), &self.registry, &command)
            .unwrap_or_else(|denial| panic!("{when} {who} {:?}: {denial}", command.action));
        let Command { code, agency, actor, at, .. } = command;
        let act = Act { code, agency, actor, at, occurred_at: None, events };
        self.dossier = fold(self.dossier.take(), &act);
        self.acts.push(act);
    }

    /// A land transfer with its notice issued.
    pub(crate) fn with_notice() -> Self {
        let mut story = Self::new();
        for (when, who, action) in to_the_notice() {
            story.tell(when, who, action);
        }
        story
    }

    pub(crate) fn pay(&mut self, when: &str, id: &str, account: Account, amount: u64) {
        self.tell(when, TAX, pay(id, account, amount));
    }

    pub(crate) fn case(&self) -> &Case {
        self.dossier.as_ref().and_then(Dossier::live).unwrap()
    }

    /// The row a projection would keep, its records at offsets 0, 10, 20 and so on.
    pub(crate) fn state(&self) -> State {
        state(self.dossier.clone().unwrap(), self.acts.len() as u64)
    }
}

pub(crate) fn state(dossier: Dossier, records: u64) -> State {
    let record = |n: u64| RecordRef {
        offset: n * 10,
        command: CommandId(Uuid::from_u128(n.into())),
        command_hash: Hash::ZERO,
    };
    let records = (0..records).map(record).collect();
    State { dossier, head: Hash::ZERO, records, access: [].into(), data_key: Hash::ZERO }
}

/// History that another system tells.
pub(crate) fn imported() -> Dossier {
    let (by, at) = (agency("import-office"), at("2026-11-02 08:00"));
    Dossier::Imported(Box::new(Imported::of(&by, at, &history(), None)))
}

pub(crate) fn document(kind: &str) -> Document {
    Document { kind: DocumentKind::parse(kind).unwrap(), form: CopyForm::Original, copies: 1, sha256: None }
}

fn history() -> History {
    let activity = |name: &str, when: &str| Activity {
        name: name.to_owned(),
        resource: Some("res-7".to_owned()),
        group: Some("Group 1".to_owned()),
        lifecycle: Some("complete".to_owned()),
        at: at(when),
        offset_minutes: 60,
        status: None,
        began_at: None,
        due: None,
    };
    History {
        source: SourceName::parse("municipal").unwrap(),
        record: "case-10011".to_owned(),
        activities: vec![activity("Confirmation", "2011-10-11 13:45"), activity("Send", "2011-10-12 08:00")],
        status: Some(Status::Delivered),
        told: None,
    }
}

/// One event of every kind, some in two forms, in the order of their declaration, as if of a land transfer.
pub(crate) fn every_event() -> Vec<Event> {
    let step = |id: &str| StepId::parse(id).unwrap();
    let outcome = |id: &str| OutcomeId::parse(id).unwrap();
    let kind = |id: &str| DocumentKind::parse(id).unwrap();
    let payment = || PaymentId::parse("KB-1").unwrap();
    let detail = || Some(Line::parse("e1").unwrap());
    let opening = || Opening {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        pins: Story::with_notice().case().pins.clone(),
        commune: CommuneCode::parse("14797").unwrap(),
        channel: Channel::Direct,
        applicant: ApplicantKind::Citizen,
        documents: vec![document("hop-dong")],
        detail: detail(),
        step: Some(step("tiep-nhan")),
    };
    let due = at("2026-12-09 16:30");
    let sent = |subject, medium, number, silence_agrees| EventKind::ReferralSent {
        referral: 1,
        to: agency(TAX),
        subject,
        medium,
        outside_clock: true,
        silence_agrees,
        due,
        number,
        detail: detail(),
        redirected_from: None,
    };
    let lines = || vec![tax_line(FEE, 15_000_000, 0), tax_line(INCOME, 40_000_000, 10_000_000)];
    let kinds = vec![
        EventKind::DossierFiled(opening()),
        EventKind::DossierAccepted(opening()),
        EventKind::DossierRefused {
            opening: Some(opening()), ground: ground("không thuộc thẩm quyền")
        },
        EventKind::CustodyOffered {
            to: agency(LAND),
            medium: Medium::Paper,
            redirected_from: Some(agency(TAX)),
        },
        EventKind::CustodyAccepted,
        EventKind::CustodyReturned { ground: ground("thiếu trang"), detail: detail() },
        EventKind::CustodyOfferWithdrawn,
        EventKind::CustodyTransferredBySuccession {
            from: agency(TAX),
            to: agency(LAND),
            legal_basis: Some(Line::parse("NQ 1686/NQ-UBTVQH15").unwrap()),
        },
        EventKind::DueDateRecomputed {
            calendar: Line::parse("vn-2027").unwrap(),
            referrals: vec![ReferralDue { referral: 1, due }],
        },
        EventKind::StepCompleted {
            step: step("tiep-nhan"),
            outcome: outcome("chuyen-ho-so"),
            next: Next::Awaits(step("tham-dinh")),
            detail: detail(),
        },
        EventKind::StepCompleted {
            step: step("kiem-tra"),
            outcome: outcome("dat"),
            next: Next::Begins(step("trinh-ky")),
            detail: None,
        },
        EventKind::WaitEnded { wait: Wait::Step, deadline: due },
        EventKind::WaitEnded { wait: Wait::Referral(1), deadline: due },
        EventKind::WaitEnded { wait: Wait::Hold(1), deadline: due },
        EventKind::SupplementRequested {
            documents: vec![kind("hop-dong")],
            ground: ground("hợp đồng chưa công chứng"),
            detail: detail(),
        },
        EventKind::SupplementReceived { documents: vec![document("hop-dong")], detail: detail() },
        EventKind::HoldPlaced {
            hold: 1,
            ground: ground("kê biên"),
            issuing_body: Line::parse("Chi cục Thi hành án dân sự").unwrap(),
            document: paper("5/QĐ"),
            expires_at: Some(due),
        },
        EventKind::HoldLifted { hold: 1, document: paper("6/QĐ") },
        EventKind::ApologyIssued { days: 3, ground: ground("khối lượng lớn") },
        sent(Subject::TaxInformation, Medium::Electronic, Some(paper("12/PCTT")), false),
        sent(Subject::Opinion, Medium::Paper, None, true),
        EventKind::ReferralAccepted { referral: 1 },
        EventKind::ReferralReturned { referral: 1, ground: ground("thiếu dữ liệu"), detail: detail() },
        EventKind::ReferralAnswered { referral: 1, agreed: false, detail: detail() },
        EventKind::NoticeIssued { referral: 1, notice: paper("1/TB"), lines: lines() },
        EventKind::NoticeAdjusted {
            supersedes: paper("1/TB"),
            notice: paper("2/TB"),
            ground: ground("sai giá đất"),
            lines: vec![tax_line(INCOME, 5_000_000, 5_000_000)],
        },
        EventKind::NoticeCancelled { notice: paper("1/TB"), ground: ground("nhầm hồ sơ") },
        EventKind::PaymentReceived {
            payment: payment(),
            notice: paper("1/TB"),
            account: FEE,
            amount: Dong::new(15_000_000),
            channel: PaymentChannel::Bank,
            into: Some("3511.0.9990001".parse().unwrap()),
        },
        EventKind::FeeReceived {
            payment: payment(),
            fee: FeeId::parse("phi-tham-dinh").unwrap(),
            amount: Dong::new(100_000),
            channel: PaymentChannel::Bank,
            into: Some("3511.0.9990001".parse().unwrap()),
        },
        EventKind::ReceiptIssued { payment: payment(), receipt: paper("BL-1") },
        EventKind::PaymentReconciled {
            payment: payment(),
            amount: Dong::new(100_000),
            statement: paper("SK-1"),
        },
        EventKind::PaymentCancelled {
            payment: payment(), ground: ground("chứng từ không có hiệu lực")
        },
        EventKind::RefundDue { account: FEE, amount: Dong::new(500_000) },
        EventKind::RefundDue { account: FEE, amount: Dong::ZERO },
        EventKind::ObligationFulfilled { debt_decision: None },
        EventKind::ObligationFulfilled { debt_decision: Some(paper("7/QĐ")) },
        EventKind::LandRegisterEntered { entry: paper("CS-1"), detail: detail() },
        EventKind::WithdrawalRequested { detail: detail() },
        EventKind::WithdrawalGranted { decision: paper("8/QĐ") },
        EventKind::WithdrawalDeclined { ground: ground("đã ký kết quả") },
        EventKind::ProcessingStopped { ground: ground("NĐ 101/2024 art. 19"), decision: paper("9/TB") },
        EventKind::ProcessingResumed { decision: paper("10/QĐ") },
        EventKind::ResultIssued { number: paper("GCN-1"), outcome: outcome("da-ban-giao") },
        EventKind::ResultRecalled { ground: ground("sai tên thửa"), step: step("vao-so") },
        EventKind::ResultDelivered { channel: Delivery::Desk, detail: detail() },
        EventKind::HistoryImported { history: Box::new(history()), competent: None, detail: detail() },
        EventKind::DossierAdopted(Adoption {
            procedure: ProcedureCode::parse("1.099001").unwrap(),
            pins: Story::with_notice().case().pins.clone(),
            commune: CommuneCode::parse("14797").unwrap(),
            step: step("tham-dinh"),
            begins: false,
        }),
        EventKind::DossierErased {
            ground: ground("Luật 91/2025/QH15"),
            kept_until: "2036-11-18".parse().unwrap(),
        },
    ];
    kinds.into_iter().map(|kind| Event { kind, clocks: Clocks::default() }).collect()
}

/// A record of that size at an offset.
pub(crate) fn stored(offset: u64) -> Stored {
    let record = Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::from(offset.to_string()) };
    Stored { offset, appended_ms: 0, record }
}
