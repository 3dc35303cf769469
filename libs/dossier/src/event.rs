//! What happened to a dossier: past tense, append-only, never renamed once published.
//!
//! One record holds one act: a first event, which an officer decided, and the events that follow from it.
//! Every event carries what it does to the clocks, so that `fold` never computes a date again.

mod codes;
mod kind;
mod parts;

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_registry::{AccountNumber, AgencyId, DocumentKind, FeeId, OutcomeId, StepId};
use lienthong_tax::Dong;

use crate::text::{Actor, DossierCode, Ground, Line, PaperNumber, PaymentId};

pub use codes::*;
pub use parts::*;

/// Events of one record at most.
pub const EVENTS_MAX: usize = 16;
/// Lines of one tax notice at most.
pub const LINES_MAX: usize = 32;
/// Documents named by one event at most.
pub const DOCUMENTS_MAX: usize = 64;

/// One record's worth: who acted, when, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The dossier.
    pub code: DossierCode,
    /// The agency that acts.
    pub agency: AgencyId,
    /// The officer.
    pub actor: Actor,
    /// The instant that counts for clocks and due dates.
    pub at: Instant,
    /// When the caller says it happened; shown, decides nothing.
    pub occurred_at: Option<Instant>,
    /// What happened, the decided event first.
    pub events: Vec<Event>,
}

/// What happened, and what it does to the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Its effect on the dossier's and the step's clock.
    pub clocks: Clocks,
}

/// Effect of one event on both clocks; `None` leaves a clock as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clocks {
    /// The clock that carries the promise to the citizen.
    pub dossier: Option<ClockChange>,
    /// The clock of the current step.
    pub step: Option<ClockChange>,
}

/// What becomes of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Runs, from `start`, towards `due`.
    Runs {
        /// Working time counts from here.
        start: Instant,
        /// The promise.
        due: Instant,
    },
    /// Stands still with this much working time left.
    Pauses {
        /// Working minutes that remain.
        remaining_minutes: u32,
    },
    /// Done with: nothing more to be late for.
    Ends,
}

/// The name under which an event's personal details lie, encrypted, beside the events of its record.
pub type EnvelopeName = Line;

/// What happened. The names are those of `domain.md` 10 and `design.md` 7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// Filed on the portal; the desk has not answered yet (status 1).
    DossierFiled(Opening),
    /// The desk took it: the reception (status 2, Mẫu 01).
    DossierAccepted(Opening),
    /// The desk did not take it (status 3, Mẫu 03).
    DossierRefused {
        /// Present when this is the dossier's first record.
        opening: Option<Opening>,
        /// Ground with its legal basis.
        ground: Ground,
    },

    /// The holder put the dossier in front of another agency (giao).
    CustodyOffered {
        /// To whom.
        to: AgencyId,
        /// How it travels.
        medium: Medium,
        /// The agency that the giver named, from which `to` has taken over.
        redirected_from: Option<AgencyId>,
    },
    /// The other agency took it (nhận): from here on it is responsible.
    CustodyAccepted,
    /// The other agency sent it back.
    CustodyReturned {
        /// Why, as a ground without personal data.
        ground: Ground,
        /// The reason in full, enveloped.
        detail: Option<EnvelopeName>,
    },
    /// The giver took the offer back before an answer.
    CustodyOfferWithdrawn,

    /// An agency was succeeded: custody, what is on offer to it and open referrals go to its successor. No clock moves, and
    /// what was recorded before keeps the old name.
    CustodyTransferredBySuccession {
        /// The agency that goes.
        from: AgencyId,
        /// The agency that comes.
        to: AgencyId,
        /// The decision that says so, from the registry; none where that does not fit into a line.
        legal_basis: Option<Line>,
    },

    /// Another calendar came into force: from here on the dossier is timed by it. New due instants of its own clocks stand in
    /// the clocks.
    DueDateRecomputed {
        /// Version of the calendar that it pins now.
        calendar: Line,
        /// Open referrals that are due at another instant.
        referrals: Vec<ReferralDue>,
    },

    /// The current step ended.
    StepCompleted {
        /// The step.
        step: StepId,
        /// Its outcome, one of the pack's.
        outcome: OutcomeId,
        /// What the pack says comes next.
        next: Next,
        /// Findings in full, enveloped.
        detail: Option<EnvelopeName>,
    },
    /// A wait came to its deadline; it counts as ended then, whoever noticed.
    WaitEnded {
        /// What was waited for.
        wait: Wait,
        /// The deadline.
        deadline: Instant,
    },

    /// Papers are missing (status 5, Mẫu 02).
    SupplementRequested {
        /// All that is missing, listed once.
        documents: Vec<DocumentKind>,
        /// Ground without personal data.
        ground: Ground,
        /// The reason in full, enveloped.
        detail: Option<EnvelopeName>,
    },
    /// The desk took the missing papers.
    SupplementReceived {
        /// What was handed in.
        documents: Vec<Document>,
        /// Particulars, enveloped.
        detail: Option<EnvelopeName>,
    },

    /// The law suspends the case (NĐ 101/2024 art. 19); clocks stand still.
    HoldPlaced {
        /// Ordinal within the dossier, from 1.
        hold: u32,
        /// Ground, for example `kê biên`.
        ground: Ground,
        /// The body that asked for it.
        issuing_body: Line,
        /// Its document.
        document: PaperNumber,
        /// When the legal time passes by itself.
        expires_at: Option<Instant>,
    },
    /// The suspension ended.
    HoldLifted {
        /// Which hold.
        hold: u32,
        /// The document that lifts it.
        document: PaperNumber,
    },
    /// Apology and the one extension (Mẫu 04); the new promise is in the clocks.
    ApologyIssued {
        /// Whole working days added.
        days: u32,
        /// Ground without personal data.
        ground: Ground,
    },

    /// A request to another agency that leaves custody where it is.
    ReferralSent {
        /// Ordinal within the dossier, from 1.
        referral: u32,
        /// To whom.
        to: AgencyId,
        /// What for.
        subject: Subject,
        /// How it travels.
        medium: Medium,
        /// The pack says that the dossier's clock stands still meanwhile.
        outside_clock: bool,
        /// The pack says that silence until `due` counts as agreement.
        silence_agrees: bool,
        /// When the answer is due, on the receiver's hours, from sending.
        due: Instant,
        /// Number of the slip (số PCTT).
        number: Option<PaperNumber>,
        /// The slip's particulars of persons and plots, enveloped.
        detail: Option<EnvelopeName>,
        /// The agency that the sender named, from which `to` has taken over.
        redirected_from: Option<AgencyId>,
    },
    /// The agency asked took the request on.
    ReferralAccepted {
        /// Which referral.
        referral: u32,
    },
    /// The agency asked sent the request back: data missing or not consistent.
    ReferralReturned {
        /// Which referral.
        referral: u32,
        /// Ground without personal data.
        ground: Ground,
        /// The reason in full, enveloped.
        detail: Option<EnvelopeName>,
    },
    /// The agency asked gave its opinion.
    ReferralAnswered {
        /// Which referral.
        referral: u32,
        /// Whether it agrees.
        agreed: bool,
        /// The opinion in full, enveloped.
        detail: Option<EnvelopeName>,
    },

    /// The tax office's answer to a slip: what is to be paid (status 6 while any of it is open).
    NoticeIssued {
        /// The slip it answers.
        referral: u32,
        /// Number of the notice (số thông báo).
        notice: PaperNumber,
        /// What is to be paid, by whom, until when.
        lines: Vec<NoticeLine>,
    },
    /// A notice was replaced by another, never edited.
    NoticeAdjusted {
        /// The notice replaced.
        supersedes: PaperNumber,
        /// The new notice.
        notice: PaperNumber,
        /// Ground of the change.
        ground: Ground,
        /// The lines that now stand.
        lines: Vec<NoticeLine>,
    },
    /// A notice was withdrawn without a replacement.
    NoticeCancelled {
        /// Which notice.
        notice: PaperNumber,
        /// Ground.
        ground: Ground,
    },
    /// Money came.
    PaymentReceived {
        /// The treasury's or bank's id; the same id is the same payment.
        payment: PaymentId,
        /// The notice it was paid on.
        notice: PaperNumber,
        /// Whose due, by ordinal, and which budget item.
        account: Account,
        /// đồng.
        amount: Dong,
        /// How it came.
        channel: PaymentChannel,
        /// The account that it was paid into, where that is told.
        into: Option<AccountNumber>,
    },
    /// The desk took a fee of the procedure (phí, lệ phí).
    FeeReceived {
        /// The bank's, or the desk's own id; the same id is the same payment.
        payment: PaymentId,
        /// Which of the pack's fees.
        fee: FeeId,
        /// đồng, as the pack says.
        amount: Dong,
        /// How it came.
        channel: PaymentChannel,
        /// The account that it was paid into; none for cash.
        into: Option<AccountNumber>,
    },
    /// A receipt was given for a payment (biên lai, chứng từ nộp ngân sách).
    ReceiptIssued {
        /// Which payment.
        payment: PaymentId,
        /// Number of the receipt.
        receipt: PaperNumber,
    },
    /// A payment was found on a statement of bank or treasury.
    PaymentReconciled {
        /// Which payment.
        payment: PaymentId,
        /// đồng on the statement, as recorded.
        amount: Dong,
        /// Number of the statement.
        statement: PaperNumber,
    },
    /// A voucher turned out void: the money did not come.
    PaymentCancelled {
        /// Which payment.
        payment: PaymentId,
        /// Ground.
        ground: Ground,
    },
    /// More came than is due: this much is now to be given back in all. Zero when nothing is any more.
    RefundDue {
        /// Whose, and which budget item.
        account: Account,
        /// đồng, the whole excess of the account.
        amount: Dong,
    },
    /// Nothing remains to be paid, or its debt is recorded by a decision.
    ObligationFulfilled {
        /// The decision that records the debt; none when all was paid or exempt.
        debt_decision: Option<PaperNumber>,
    },

    /// The change stands in the land register (sổ địa chính).
    LandRegisterEntered {
        /// Number of the entry.
        entry: PaperNumber,
        /// Particulars of the plot, enveloped.
        detail: Option<EnvelopeName>,
    },

    /// The citizen asked to have the dossier back; the holder decides.
    WithdrawalRequested {
        /// The reason, enveloped.
        detail: Option<EnvelopeName>,
    },
    /// The holder agreed (status 7).
    WithdrawalGranted {
        /// The decision.
        decision: PaperNumber,
    },
    /// The holder did not agree; the case goes on.
    WithdrawalDeclined {
        /// Ground.
        ground: Ground,
    },
    /// Conditions are not met (status 8, Mẫu 05 of TT 03/2025).
    ProcessingStopped {
        /// Ground with its legal basis.
        ground: Ground,
        /// Number of the notification.
        decision: PaperNumber,
    },
    /// The stop was lifted by a recorded decision.
    ProcessingResumed {
        /// The decision.
        decision: PaperNumber,
    },

    /// The result is signed (status 9): the moment that decides on time or late.
    ResultIssued {
        /// Number of the result.
        number: PaperNumber,
        /// The outcome of the step that issues it.
        outcome: OutcomeId,
    },
    /// A result not yet sent was called back (9 to 4).
    ResultRecalled {
        /// Ground.
        ground: Ground,
        /// The step that is open again.
        step: StepId,
    },
    /// The citizen has the result (status 10).
    ResultDelivered {
        /// How.
        channel: Delivery,
        /// Who took it, enveloped.
        detail: Option<EnvelopeName>,
    },

    /// Told by another system, never seen by the bus.
    HistoryImported {
        /// What it tells.
        history: Box<History>,
        /// The agency of the registry that the source names as competent; it can read it, and adopt the dossier.
        competent: Option<AgencyId>,
        /// All else the source says, enveloped.
        detail: Option<EnvelopeName>,
    },

    /// The competent agency goes on with an open dossier of another system: from here on it is the bus's own.
    DossierAdopted(Adoption),

    /// The dossier's personal data is no more: from here on every node forgets the erasable half of its key.
    DossierErased {
        /// Ground with its legal basis, without personal data.
        ground: Ground,
        /// The first day on which no retention period ran any more.
        kept_until: Date,
    },
}
