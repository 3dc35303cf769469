//! What an officer asks the bus to do. Imperative; `decide` turns it into events or a denial.

use lienthong_calendar::Instant;
use lienthong_registry::{
    AccountNumber, AgencyId, CommuneCode, DocumentKind, FeeId, OutcomeId, ProcedureCode, StepId,
};
use lienthong_tax::Dong;
use serde::{Deserialize, Serialize};

use crate::event::{
    Account, ApplicantKind, Channel, Delivery, Document, History, Medium, NoticeLine, PaymentChannel,
    Subject, Wait,
};
use crate::text::{Actor, CommandId, DossierCode, Ground, Line, PaperNumber, PaymentId};

/// One command of one officer about one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Names the command; a repeat of it is answered, not done again.
    pub id: CommandId,
    /// The dossier.
    pub code: DossierCode,
    /// The agency that acts.
    pub agency: AgencyId,
    /// The officer.
    pub actor: Actor,
    /// The instant that will count, set anew on each try by the node.
    pub at: Instant,
    /// When the caller says it happened.
    pub occurred_at: Option<Instant>,
    /// Personal details, an encoded message; they go into the record's envelope and nowhere else.
    pub private: Option<Private>,
    /// Secrecy label (mật, tối mật, tuyệt mật) found on any paper that comes with the command.
    pub secrecy: Option<Line>,
    /// What to do.
    pub action: Action,
}

/// Personal details in clear, on their way into an envelope. Shown by no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private(pub Vec<u8>);

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Private({} bytes)", self.0.len())
    }
}

/// What a desk takes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// The procedure (mã TTHC).
    pub procedure: ProcedureCode,
    /// Commune of the case.
    pub commune: CommuneCode,
    /// How it was filed.
    pub channel: Channel,
    /// Kind of applicant.
    pub applicant: ApplicantKind,
    /// What was handed in.
    pub documents: Vec<Document>,
}

/// What to do. Grouped by who may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    // The receiving desk.
    /// Note an online filing (status 1).
    File(Intake),
    /// Take a dossier in; for one filed online, the intake must name the same procedure and commune.
    Receive(Intake),
    /// Do not take it in.
    Refuse {
        /// What was brought; for one filed online, none.
        intake: Option<Intake>,
        /// Ground with its legal basis.
        ground: Ground,
    },
    /// Take the papers that were asked for.
    HandInSupplement {
        /// The papers.
        documents: Vec<Document>,
    },
    /// Take a fee of the procedure.
    CollectFee {
        /// The bank's, or the desk's own id.
        payment: PaymentId,
        /// Which of the pack's fees.
        fee: FeeId,
        /// đồng.
        amount: Dong,
        /// How it came.
        channel: PaymentChannel,
        /// The account that it was paid into; none for cash.
        into: Option<AccountNumber>,
    },
    /// Pass on the citizen's wish to have the dossier back.
    RequestWithdrawal,
    /// Give the result to the citizen.
    HandOverResult {
        /// How.
        channel: Delivery,
    },

    // The holder, or whom it was offered to.
    /// Put the dossier in front of the agency of the next step.
    OfferCustody {
        /// To whom.
        to: AgencyId,
        /// How it travels.
        medium: Medium,
    },
    /// Take an offer back.
    WithdrawOffer,
    /// Take the dossier on.
    AcceptCustody,
    /// Send the dossier back.
    ReturnCustody {
        /// Why.
        ground: Ground,
    },
    /// End the current step.
    CompleteStep {
        /// The step, to be sure that both mean the same one.
        step: StepId,
        /// Its outcome.
        outcome: OutcomeId,
    },
    /// Ask the citizen for papers, all at once.
    RequestSupplement {
        /// All that is missing.
        documents: Vec<DocumentKind>,
        /// Why.
        ground: Ground,
    },
    /// Suspend the case by law.
    PlaceHold {
        /// Ground.
        ground: Ground,
        /// The body that asked.
        issuing_body: Line,
        /// Its document.
        document: PaperNumber,
        /// When the legal time passes by itself.
        expires_at: Option<Instant>,
    },
    /// End a suspension.
    LiftHold {
        /// Which.
        hold: u32,
        /// By which document.
        document: PaperNumber,
    },
    /// Apologise and extend, once.
    Extend {
        /// Whole working days.
        days: u32,
        /// Why.
        ground: Ground,
    },
    /// Ask another agency for something, keeping custody.
    Refer {
        /// Whom; must be the agency the pack and the commune resolve to.
        to: AgencyId,
        /// What for.
        subject: Subject,
        /// How it travels.
        medium: Medium,
        /// Number of the slip.
        number: Option<PaperNumber>,
    },
    /// Decide on the citizen's wish to withdraw.
    DecideWithdrawal(Withdrawal),
    /// Stop processing (Mẫu 05).
    Stop {
        /// Ground with its legal basis.
        ground: Ground,
        /// The notification.
        decision: PaperNumber,
    },
    /// Go on after a stop.
    Resume {
        /// The decision.
        decision: PaperNumber,
    },
    /// Issue the result, which completes the step that issues it.
    IssueResult {
        /// Number of the result.
        number: PaperNumber,
        /// Outcome of the step.
        outcome: OutcomeId,
    },
    /// Call an unsent result back.
    RecallResult {
        /// Why.
        ground: Ground,
    },
    /// Enter the change in the land register.
    EnterLandRegister {
        /// Number of the entry.
        entry: PaperNumber,
    },

    // Whom a referral was sent to.
    /// Take a request on.
    AcceptReferral {
        /// Which.
        referral: u32,
    },
    /// Send a request back.
    ReturnReferral {
        /// Which.
        referral: u32,
        /// Why.
        ground: Ground,
    },
    /// Give an opinion.
    AnswerReferral {
        /// Which.
        referral: u32,
        /// Whether it agrees.
        agreed: bool,
    },
    /// Answer a tax information slip with a notice.
    IssueNotice {
        /// The slip.
        referral: u32,
        /// Number of the notice.
        notice: PaperNumber,
        /// What is to be paid.
        lines: Vec<NoticeLine>,
    },
    /// Replace a notice.
    AdjustNotice {
        /// The one replaced.
        supersedes: PaperNumber,
        /// The new one.
        notice: PaperNumber,
        /// Why.
        ground: Ground,
        /// What is to be paid now.
        lines: Vec<NoticeLine>,
    },
    /// Withdraw a notice without another.
    CancelNotice {
        /// Which.
        notice: PaperNumber,
        /// Why.
        ground: Ground,
    },
    /// Record money that came.
    RecordPayment {
        /// The treasury's or bank's id.
        payment: PaymentId,
        /// The notice it was paid on.
        notice: PaperNumber,
        /// Whose due, and which budget item.
        account: Account,
        /// đồng.
        amount: Dong,
        /// How it came.
        channel: PaymentChannel,
        /// The account that it was paid into, where that is told.
        #[serde(skip_serializing_if = "Option::is_none")]
        into: Option<AccountNumber>,
    },
    /// Record a receipt that was given for a payment.
    IssueReceipt {
        /// Which payment.
        payment: PaymentId,
        /// Number of the receipt.
        receipt: PaperNumber,
    },
    /// Record that a payment stands on a statement of bank or treasury.
    ReconcilePayment {
        /// Which payment.
        payment: PaymentId,
        /// đồng on the statement.
        amount: Dong,
        /// Number of the statement.
        statement: PaperNumber,
    },
    /// Record that a voucher is void.
    CancelPayment {
        /// Which.
        payment: PaymentId,
        /// Why.
        ground: Ground,
    },
    /// Record the decision by which what remains is owed as a debt (ghi nợ).
    RecordDebt {
        /// The decision.
        decision: PaperNumber,
    },

    // Either side of a succession.
    /// Let the successor of an agency take its part in the dossier.
    Succeed {
        /// The agency that goes.
        predecessor: AgencyId,
    },

    // The competent agency of an open dossier of another system.
    /// Go on with it on the bus.
    Adopt {
        /// The procedure (mã TTHC).
        procedure: ProcedureCode,
        /// Commune of the case.
        commune: CommuneCode,
        /// The step that it is at.
        step: StepId,
    },

    // Any agency of the dossier.
    /// Time it by the calendar in force.
    Recompute {
        /// Version of that calendar.
        calendar: Line,
    },
    /// Note that a wait has come to its deadline.
    EndWait(Wait),

    // The receiving desk, or whoever holds what is over.
    /// Destroy the dossier's personal data.
    Erase {
        /// Ground with its legal basis.
        ground: Ground,
    },

    // An agency the registry lets import.
    /// Bring in history from another system.
    ImportHistory(Box<History>),
}

/// The holder's answer to a wish to withdraw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// Yes, by this decision.
    Grant(PaperNumber),
    /// No, for this reason.
    Decline(Ground),
}

impl Command {
    /// The content by which a repeat is told from another command under the same id: everything but the id
    /// itself, `at` and the trace. The form is JSON with the names published here, so that it holds for decades.
    ///
    /// Of imported history only what the source tells counts: the same record brought in by another officer on another
    /// day is a repeat.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Canonical<'a> {
            code: &'a DossierCode,
            agency: &'a AgencyId,
            #[serde(skip_serializing_if = "Option::is_none")]
            actor: Option<&'a Actor>,
            #[serde(skip_serializing_if = "Option::is_none")]
            occurred_at: Option<Instant>,
            private: &'a Option<Private>,
            action: &'a Action,
        }
        let imported = matches!(self.action, Action::ImportHistory(_));
        let canonical = Canonical {
            code: &self.code,
            agency: &self.agency,
            actor: (!imported).then_some(&self.actor),
            occurred_at: self.occurred_at.filter(|_| !imported),
            private: &self.private,
            action: &self.action,
        };
        // Strings, numbers and lists only: JSON has a form for each of them.
        serde_json::to_vec(&canonical).unwrap_or_default()
    }
}
