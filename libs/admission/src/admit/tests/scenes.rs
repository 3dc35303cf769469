//! A dossier at the points of its way where an event is possible, and who is who there.
//!
//! The procedure is made so that every part belongs to another agency:
//!
//! ```text
//! H56.2 (receiving desk) -> department -> land-office --> H56.1 (commune) --> H56.2
//!                                            `- asks tax-office
//! ```

use lienthong_dossier::*;
use lienthong_registry::{AgencyId, Change, CommuneCode, DocumentKind, FeeId, OutcomeId, StepId};
use lienthong_tax::Dong;

use super::elsewhere::{history, open_elsewhere};
use crate::testing::chain::{MAKE_UP_VERSION, authority, fence_record, make_up, publish, succession};
use crate::testing::*;

/// The people's committee of the case's commune.
pub(super) const COMMUNE: &str = "H56.1";
/// An agency of the registry without any part in the dossier.
pub(super) const STRANGER: &str = "H56.9";
const IMPORT: &str = "import-office";

/// What is done, when and by whom.
pub(super) type Told = (&'static str, &'static str, Action);

/// Who is who at a point of the way; none where nobody is, or nobody else.
#[derive(Clone, Copy)]
pub(super) struct Cast {
    pub(super) holder: Option<&'static str>,
    /// To whom the dossier is offered; while it is to nobody, to whom it may go next.
    pub(super) offered: Option<&'static str>,
    /// Who was asked, whether or not the answer is still open.
    pub(super) referred: Option<&'static str>,
    pub(super) former: Option<&'static str>,
    /// The receiving desk, where it does not hold the dossier.
    pub(super) desk: Option<&'static str>,
    pub(super) stranger: Option<&'static str>,
}

/// The kinds of caller, as the table heads them.
pub(super) const CALLERS: [&str; 6] = ["holder", "offered", "referred", "former", "desk", "stranger"];

impl Cast {
    pub(super) fn callers(&self) -> [Option<&'static str>; 6] {
        [self.holder, self.offered, self.referred, self.former, self.desk, self.stranger]
    }

    /// Everyone is who the state says.
    pub(super) fn holds(&self, row: &str, state: Option<&Case>) {
        let Some(case) = state else {
            assert!(self.holder.is_none() && self.former.is_none(), "{row}: nothing to hold");
            return;
        };
        let is = |who: Option<&str>, id: &AgencyId| who.is_some_and(|who| who == id.as_str());
        let party = |who: &str| case.parties.contains(&agency(who));
        assert!(is(self.holder, case.custody.holder()), "{row}: holder");
        let desk = self.desk.or(self.holder);
        assert!(is(desk, &case.received_by), "{row}: desk");
        if let Custody::Offered { to, .. } = &case.custody {
            assert!(is(self.offered, to), "{row}: offered to");
        }
        let asked = case.referrals.values().next_back();
        assert_eq!(self.referred, asked.map(|asked| asked.to.as_str()), "{row}: referred to");
        assert!(self.former.is_none_or(party), "{row}: former holder");
        assert!(!self.stranger.is_some_and(party), "{row}: stranger");
    }
}

/// Nothing is received: there is nobody but the desk whose code it is.
const NOTHING: Cast = Cast {
    holder: None,
    offered: None,
    referred: None,
    former: None,
    desk: Some(DESK),
    stranger: Some(STRANGER),
};
/// Filed, and not taken in yet.
const FILED: Cast = Cast { holder: Some(DESK), desk: None, ..NOTHING };
/// At the land office, behind desk and department; the tax office was asked.
const AT_LAND: Cast = Cast {
    holder: Some(LAND),
    offered: Some(COMMUNE),
    referred: Some(TAX),
    former: Some(DEPARTMENT),
    desk: Some(DESK),
    stranger: Some(STRANGER),
};
/// Back at the desk with its result.
const BACK: Cast = Cast { holder: Some(DESK), offered: None, former: Some(LAND), desk: None, ..AT_LAND };

/// One line of the table: how it comes to an event, and who makes it.
pub(super) struct Scene {
    /// Name of the event, and what tells the scene from another one of it.
    pub(super) row: &'static str,
    pub(super) cast: Cast,
    pub(super) story: Vec<Told>,
    /// What the authority publishes before it is made.
    pub(super) published: Option<Change>,
    pub(super) made: Told,
}

impl Scene {
    /// The event's published name.
    pub(super) fn event(&self) -> &'static str {
        self.row.split_once('/').map_or(self.row, |(event, _)| event)
    }

    /// The dossier at that point, and the record that its maker makes there.
    pub(super) fn set(&self) -> (Bench, Draft) {
        let mut bench = Bench::new(&World::founded(), "2026-11-02 08:00");
        for (when, who, action) in &self.story {
            bench.tell(when, who, action.clone());
        }
        if let Some(change) = &self.published {
            let fence = publish(&mut bench.reader.revisions, change, &authority());
            bench.append(fence_record(&fence));
        }
        let (when, who, action) = &self.made;
        bench.now = at(when);
        match bench.decide(CODE, who, action.clone(), None) {
            Ok(Some(draft)) => (bench, draft),
            other => panic!("{}: {:?}", self.row, other.map(|_| "nothing follows")),
        }
    }
}

fn scene(row: &'static str, cast: Cast, story: Vec<Told>, who: &'static str, action: Action) -> Scene {
    Scene { row, cast, story, published: None, made: ("2026-11-02 15:00", who, action) }
}

/// The same once a revision is in force.
fn under(scene: Scene, change: Change) -> Scene {
    Scene { published: Some(change), ..scene }
}

fn later(scene: Scene, when: &'static str) -> Scene {
    let (_, who, action) = scene.made;
    Scene { made: (when, who, action), ..scene }
}

fn paper(text: &str) -> PaperNumber {
    PaperNumber::parse(text).unwrap()
}

/// A case of another commune than the desk's, so that the commune is an agency of its own.
fn intake() -> Intake {
    let Action::Receive(intake) = receive("9.000002") else { panic!("a reception") };
    Intake { commune: CommuneCode::parse("14758").unwrap(), ..intake }
}

const ACCOUNT: Account = Account { taxpayer: 1, item: 2801 };

fn line(due: u64) -> NoticeLine {
    NoticeLine {
        account: ACCOUNT,
        due_date: "2026-12-10".parse().unwrap(),
        taxable: Dong::new(due * 200),
        due: Dong::new(due),
        exempt: Dong::ZERO,
        exempt_ground: None,
    }
}

fn and(mut story: Vec<Told>, more: impl IntoIterator<Item = Told>) -> Vec<Told> {
    story.extend(more);
    story
}

/// At the land office, which has asked the tax office for its opinion.
pub(super) fn asked() -> Vec<Told> {
    vec![
        ("2026-11-02 08:00", DESK, Action::Receive(intake())),
        ("2026-11-02 08:10", DESK, complete("tiep-nhan", "chuyen")),
        ("2026-11-02 08:15", DESK, offer(DEPARTMENT)),
        ("2026-11-02 08:20", DEPARTMENT, Action::AcceptCustody),
        ("2026-11-02 08:30", DEPARTMENT, complete("xem-xet", "chuyen")),
        ("2026-11-02 08:35", DEPARTMENT, offer(LAND)),
        ("2026-11-02 08:40", LAND, Action::AcceptCustody),
        ("2026-11-02 09:00", LAND, refer(TAX, Subject::Opinion)),
    ]
}

fn asked_and_accepted() -> Vec<Told> {
    and(asked(), [("2026-11-02 09:10", TAX, Action::AcceptReferral { referral: 1 })])
}

/// The tax office has sent the request back, so that the land office may go on.
pub(super) fn answered() -> Vec<Told> {
    and(asked(), [("2026-11-02 09:10", TAX, Action::ReturnReferral { referral: 1, ground: ground() })])
}

/// And is to be verified at the commune.
fn to_the_commune() -> Vec<Told> {
    and(answered(), [("2026-11-02 09:20", LAND, complete("tham-dinh", "ve-xa"))])
}

fn on_offer() -> Vec<Told> {
    and(to_the_commune(), [("2026-11-02 09:30", LAND, offer(COMMUNE))])
}

/// The tax office has a slip that asks what is to be paid.
fn slip() -> Vec<Told> {
    let sent = ("2026-11-02 09:20", LAND, refer(TAX, Subject::TaxInformation));
    and(answered(), [sent, ("2026-11-02 09:30", TAX, Action::AcceptReferral { referral: 2 })])
}

fn notice() -> Action {
    Action::IssueNotice { referral: 2, notice: paper("1/TB"), lines: vec![line(100)] }
}

pub(super) fn noticed() -> Vec<Told> {
    and(slip(), [("2026-11-02 09:40", TAX, notice())])
}

fn pay() -> Action {
    Action::RecordPayment {
        payment: PaymentId::parse("p1").unwrap(),
        notice: paper("1/TB"),
        account: ACCOUNT,
        amount: Dong::new(60),
        channel: PaymentChannel::Bank,
        into: None,
    }
}

fn ask_for_papers() -> Action {
    Action::RequestSupplement { documents: vec![DocumentKind::parse("don").unwrap()], ground: ground() }
}

fn hand_in() -> Action {
    let kind = DocumentKind::parse("don").unwrap();
    Action::HandInSupplement {
        documents: vec![Document { kind, form: CopyForm::Original, copies: 1, sha256: None }],
    }
}

fn hold() -> Action {
    Action::PlaceHold {
        ground: ground(),
        issuing_body: Line::parse("Tòa án").unwrap(),
        document: paper("9/QĐ"),
        expires_at: Some(at("2026-11-20 08:00")),
    }
}

fn withdrawal_asked() -> Vec<Told> {
    and(answered(), [("2026-11-02 09:20", DESK, Action::RequestWithdrawal)])
}

fn stop() -> Action {
    Action::Stop { ground: ground(), decision: paper("5/TB") }
}

/// At the step that issues the result.
fn examined() -> Vec<Told> {
    and(answered(), [("2026-11-02 09:20", LAND, complete("tham-dinh", "xong"))])
}

fn result() -> Action {
    Action::IssueResult { number: paper("1/KQ"), outcome: OutcomeId::parse("dong-y").unwrap() }
}

fn issued() -> Vec<Told> {
    and(examined(), [("2026-11-02 09:30", LAND, result())])
}

fn back_at_the_desk() -> Vec<Told> {
    let offered = ("2026-11-02 09:40", LAND, offer(DESK));
    and(issued(), [offered, ("2026-11-02 09:50", DESK, Action::AcceptCustody)])
}

/// Every scene, in the order of the events.
pub(super) fn all() -> Vec<Scene> {
    [taking_in(), handing_over(), waiting(), pausing(), asking(), owing(), ending()]
        .into_iter()
        .flatten()
        .collect()
}

fn taking_in() -> Vec<Scene> {
    let refuse = |intake| Action::Refuse { intake, ground: ground() };
    let filed = || vec![("2026-11-02 08:00", DESK, Action::File(intake()))];
    let elsewhere = vec![("2026-11-02 08:00", IMPORT, open_elsewhere())];
    let adopt = Action::Adopt {
        procedure: intake().procedure,
        commune: intake().commune,
        step: StepId::parse("xem-xet").unwrap(),
    };
    vec![
        scene("DossierFiled", NOTHING, vec![], DESK, Action::File(intake())),
        scene("DossierAccepted", NOTHING, vec![], DESK, Action::Receive(intake())),
        scene("DossierAccepted/filed", FILED, filed(), DESK, Action::Receive(intake())),
        scene("DossierRefused", NOTHING, vec![], DESK, refuse(Some(intake()))),
        scene("DossierRefused/filed", FILED, filed(), DESK, refuse(None)),
        scene("HistoryImported", NOTHING, vec![], IMPORT, history()),
        scene("DossierAdopted", NOTHING, elsewhere, DESK, adopt),
    ]
}

fn handing_over() -> Vec<Scene> {
    let give_back = Action::ReturnCustody { ground: ground() };
    let succeed = Action::Succeed { predecessor: agency(DEPARTMENT) };
    let succeeded = scene("CustodyTransferredBySuccession", AT_LAND, answered(), DEPARTMENT, succeed);
    vec![
        scene("CustodyOffered", AT_LAND, to_the_commune(), LAND, offer(COMMUNE)),
        scene("CustodyAccepted", AT_LAND, on_offer(), COMMUNE, Action::AcceptCustody),
        scene("CustodyReturned", AT_LAND, on_offer(), COMMUNE, give_back),
        scene("CustodyOfferWithdrawn", AT_LAND, on_offer(), LAND, Action::WithdrawOffer),
        under(succeeded, succession(DEPARTMENT, "planning", "2026-11-02")),
    ]
}

fn waiting() -> Vec<Scene> {
    let held = and(answered(), [("2026-11-02 09:20", LAND, hold())]);
    let recompute = Action::Recompute { calendar: Line::parse(MAKE_UP_VERSION).unwrap() };
    let recomputed = scene("DueDateRecomputed", AT_LAND, answered(), LAND, recompute);
    let silence = scene("WaitEnded/silence", AT_LAND, asked(), LAND, Action::EndWait(Wait::Referral(1)));
    let hold = scene("WaitEnded/hold", AT_LAND, held, LAND, Action::EndWait(Wait::Hold(1)));
    vec![
        scene("StepCompleted", AT_LAND, answered(), LAND, complete("tham-dinh", "xong")),
        later(silence, "2026-11-06 09:00"),
        later(hold, "2026-11-23 09:00"),
        under(recomputed, make_up("2026-11-02")),
    ]
}

fn pausing() -> Vec<Scene> {
    let open = || and(answered(), [("2026-11-02 09:20", LAND, ask_for_papers())]);
    let offered = [("2026-11-02 09:25", LAND, ask_for_papers()), ("2026-11-02 09:30", LAND, offer(COMMUNE))];
    let held = and(answered(), [("2026-11-02 09:20", LAND, hold())]);
    let lift = Action::LiftHold { hold: 1, document: paper("10/QĐ") };
    vec![
        scene("SupplementRequested", AT_LAND, answered(), LAND, ask_for_papers()),
        scene("SupplementReceived", AT_LAND, open(), DESK, hand_in()),
        scene("SupplementReceived/on-offer", AT_LAND, and(to_the_commune(), offered), DESK, hand_in()),
        scene("HoldPlaced", AT_LAND, answered(), LAND, hold()),
        scene("HoldLifted", AT_LAND, held, LAND, lift),
        scene("ApologyIssued", AT_LAND, answered(), LAND, Action::Extend { days: 1, ground: ground() }),
    ]
}

fn asking() -> Vec<Scene> {
    let accept = Action::AcceptReferral { referral: 1 };
    let give_back = Action::ReturnReferral { referral: 1, ground: ground() };
    let answer = Action::AnswerReferral { referral: 1, agreed: true };
    vec![
        scene("ReferralSent", AT_LAND, answered(), LAND, refer(TAX, Subject::TaxInformation)),
        scene("ReferralAccepted", AT_LAND, asked(), TAX, accept),
        scene("ReferralReturned", AT_LAND, asked(), TAX, give_back),
        scene("ReferralAnswered", AT_LAND, asked_and_accepted(), TAX, answer),
    ]
}

fn owing() -> Vec<Scene> {
    let paid = || and(noticed(), [("2026-11-02 09:50", TAX, pay())]);
    let payment = || PaymentId::parse("p1").unwrap();
    let fee = Action::CollectFee {
        payment: payment(),
        fee: FeeId::parse("phi").unwrap(),
        amount: Dong::new(100_000),
        channel: PaymentChannel::Bank,
        into: Some("3511.0.9990001".parse().unwrap()),
    };
    let fee_again = fee.clone();
    let receipt = Action::IssueReceipt { payment: payment(), receipt: paper("BL-1") };
    let (amount, statement) = (Dong::new(60), paper("SK-1"));
    let reconcile = Action::ReconcilePayment { payment: payment(), amount, statement };
    let (supersedes, fresh) = (paper("1/TB"), paper("2/TB"));
    let adjust = Action::AdjustNotice { supersedes, notice: fresh, ground: ground(), lines: vec![line(80)] };
    let cancel = Action::CancelNotice { notice: paper("1/TB"), ground: ground() };
    let void = Action::CancelPayment { payment: payment(), ground: ground() };
    vec![
        scene("NoticeIssued", AT_LAND, slip(), TAX, notice()),
        scene("NoticeAdjusted", AT_LAND, noticed(), TAX, adjust),
        scene("NoticeCancelled", AT_LAND, noticed(), TAX, cancel),
        scene("PaymentReceived", AT_LAND, noticed(), TAX, pay()),
        scene("PaymentCancelled", AT_LAND, paid(), TAX, void),
        scene("FeeReceived", AT_LAND, answered(), DESK, fee),
        scene("FeeReceived/on-offer", AT_LAND, on_offer(), DESK, fee_again),
        scene("ReceiptIssued", AT_LAND, paid(), TAX, receipt),
        scene("PaymentReconciled", AT_LAND, paid(), TAX, reconcile),
        scene("ObligationFulfilled", AT_LAND, noticed(), TAX, Action::RecordDebt { decision: paper("7/QĐ") }),
    ]
}

fn ending() -> Vec<Scene> {
    let grant = Action::DecideWithdrawal(Withdrawal::Grant(paper("3/TB")));
    let decline = Action::DecideWithdrawal(Withdrawal::Decline(ground()));
    let withdrawn = and(withdrawal_asked(), [("2026-11-02 09:40", LAND, grant.clone())]);
    let stopped = and(answered(), [("2026-11-02 09:20", LAND, stop())]);
    let resume = Action::Resume { decision: paper("6/TB") };
    let over = Action::HandOverResult { channel: Delivery::Desk };
    vec![
        scene(
            "LandRegisterEntered",
            AT_LAND,
            answered(),
            LAND,
            Action::EnterLandRegister { entry: paper("1") },
        ),
        scene("WithdrawalRequested", AT_LAND, answered(), DESK, Action::RequestWithdrawal),
        scene("WithdrawalRequested/on-offer", AT_LAND, on_offer(), DESK, Action::RequestWithdrawal),
        scene("WithdrawalGranted", AT_LAND, withdrawal_asked(), LAND, grant),
        scene("WithdrawalDeclined", AT_LAND, withdrawal_asked(), LAND, decline),
        scene("ProcessingStopped", AT_LAND, answered(), LAND, stop()),
        scene("ProcessingResumed", AT_LAND, stopped, LAND, resume),
        scene("ResultIssued", AT_LAND, examined(), LAND, result()),
        scene("ResultRecalled", AT_LAND, issued(), LAND, Action::RecallResult { ground: ground() }),
        scene("ResultDelivered", BACK, back_at_the_desk(), DESK, over),
        scene("DossierErased", AT_LAND, withdrawn, DESK, Action::Erase { ground: ground() }),
    ]
}
