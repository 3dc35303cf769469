//! What happened to a dossier: past tense, append-only, never renamed once published.
//!
//! One record holds one act: a first event, which an officer decided, and the events that follow from it.
//! Every event carries what it does to the clocks, so that `fold` never computes a date again.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_registry::{
    AgencyId, CommuneCode, DocumentKind, OutcomeId, PackVersion, ProcedureCode, StepId,
};
use lienthong_tax::Dong;
use serde::{Deserialize, Serialize};

use crate::text::{Actor, DossierCode, Ground, Line, PaperNumber, PaymentId, SourceName};

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
        /// All else the source says, enveloped.
        detail: Option<EnvelopeName>,
    },
}

/// What a dossier starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The procedure (mã TTHC).
    pub procedure: ProcedureCode,
    /// Versions in force on the day, kept to the end.
    pub pins: Pins,
    /// Commune of the case, which need not be the desk's.
    pub commune: CommuneCode,
    /// How it was filed.
    pub channel: Channel,
    /// Who the applicant is in kind.
    pub applicant: ApplicantKind,
    /// What was handed in.
    pub documents: Vec<Document>,
    /// Applicant and parties, enveloped.
    pub detail: Option<EnvelopeName>,
    /// The step it starts with; none when it is not taken.
    pub step: Option<StepId>,
}

/// The versions a dossier was received under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    /// Version of the procedure pack.
    pub pack: PackVersion,
    /// Version of the calendar.
    pub calendar: String,
    /// Version of the tax rates.
    pub rates: String,
}

/// One paper of a dossier. Its file, if any, lies elsewhere under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which of the pack's documents.
    pub kind: DocumentKind,
    /// Original, copy or electronic.
    pub form: CopyForm,
    /// How many.
    pub copies: u16,
    /// SHA-256 of the encrypted file.
    pub sha256: Option<[u8; 32]>,
}

/// What comes after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The same agency goes on with this step at once.
    Begins(StepId),
    /// This step waits until its agency has accepted the dossier.
    Awaits(StepId),
    /// Nothing: the procedure is through.
    Ends,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The current step, a posting.
    Step,
    /// An answer whose silence agrees.
    Referral(u32),
    /// A hold whose legal time passes.
    Hold(u32),
}

/// Taxpayer (ordinal into the enveloped list of parties, from 1) and budget item (tiểu mục).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// Ordinal of the taxpayer.
    pub taxpayer: u32,
    /// Budget item, for example 2801.
    pub item: u32,
}

/// One line of section III of a notice. Keyed by notice, account and due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Whose, and which budget item.
    pub account: Account,
    /// To be paid until the end of this day.
    pub due_date: Date,
    /// Taxable value (III.1), đồng.
    pub taxable: Dong,
    /// To be paid before exemptions (III.2), đồng.
    pub due: Dong,
    /// Exempt amount (III.3.2), đồng; never more than `due`.
    pub exempt: Dong,
    /// Why exempt (III.3.1).
    pub exempt_ground: Option<Ground>,
}

impl NoticeLine {
    /// What the line asks for before payments: due less exempt, đồng.
    #[must_use]
    pub fn owed(&self) -> Dong {
        self.due.saturating_sub(self.exempt)
    }
}

/// History as another system tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The source.
    pub source: SourceName,
    /// Its record within the source.
    pub record: String,
    /// What was done, in the order told.
    pub activities: Vec<Activity>,
    /// National status 1 to 10, where the source gives one.
    pub status: Option<u8>,
}

/// One activity of imported history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What was done.
    pub name: String,
    /// Who did it.
    pub resource: Option<String>,
    /// The unit it was done in.
    pub group: Option<String>,
    /// Its lifecycle transition, for example `complete`.
    pub lifecycle: Option<String>,
    /// When, as an instant.
    pub at: Instant,
    /// The source's offset from UTC at that time, minutes.
    pub offset_minutes: i32,
}

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal, $vi:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number it is stored and sent as.
            #[must_use]
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The value of a number; none when it is not on the list.
            #[must_use]
            pub fn from_code(code: i32) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// Its name in English, kebab-case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Its name for officers and citizens.
            #[must_use]
            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$variant => $vi,)* }
            }
        }
    };
}

closed! {
    /// How something travels between agencies.
    Medium {
        /// As an event only.
        Electronic = 1, "electronic", "điện tử";
        /// With paper beside it.
        Paper = 2, "paper", "giấy";
    }
}
closed! {
    /// How a dossier was filed (KenhThucHien).
    Channel {
        /// At the desk.
        Direct = 1, "direct", "trực tiếp";
        /// On the portal.
        Online = 2, "online", "trực tuyến";
        /// By public postal service.
        Postal = 3, "postal", "bưu chính công ích";
    }
}
closed! {
    /// Kind of applicant. One more than the national adapter's code, so that zero stays "not said".
    ApplicantKind {
        /// A person.
        Citizen = 1, "citizen", "công dân";
        /// A business.
        Business = 2, "business", "doanh nghiệp";
        /// A household business.
        HouseholdBusiness = 3, "household-business", "hộ kinh doanh";
    }
}
closed! {
    /// Form of a paper. One more than the national code, so that zero stays "not said".
    CopyForm {
        /// The original.
        Original = 1, "original", "bản chính";
        /// A copy.
        Copy = 2, "copy", "bản sao";
        /// Electronic.
        Electronic = 3, "electronic", "bản điện tử";
    }
}
closed! {
    /// What a referral asks for.
    Subject {
        /// To determine the financial obligation (phiếu chuyển thông tin).
        TaxInformation = 1, "tax-information", "xác định nghĩa vụ tài chính";
        /// An opinion (lấy ý kiến).
        Opinion = 2, "opinion", "lấy ý kiến";
    }
}
closed! {
    /// How money came.
    PaymentChannel {
        /// Cash.
        Cash = 1, "cash", "tiền mặt";
        /// Bank transfer or treasury voucher.
        Bank = 2, "bank", "ngân hàng, kho bạc";
        /// E-wallet or QR code.
        Wallet = 3, "wallet", "ví điện tử, mã QR";
        /// The national payment platform.
        Portal = 4, "portal", "cổng dịch vụ công";
    }
}
closed! {
    /// How a result reaches the citizen.
    Delivery {
        /// At the desk.
        Desk = 1, "desk", "tại quầy";
        /// By public postal service.
        Postal = 2, "postal", "bưu chính công ích";
        /// As an electronic result.
        Electronic = 3, "electronic", "điện tử";
    }
}

impl EventKind {
    /// The published name, the same in proto, Rust, command line and docs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::DossierFiled(_) => "DossierFiled",
            Self::DossierAccepted(_) => "DossierAccepted",
            Self::DossierRefused { .. } => "DossierRefused",
            Self::CustodyOffered { .. } => "CustodyOffered",
            Self::CustodyAccepted => "CustodyAccepted",
            Self::CustodyReturned { .. } => "CustodyReturned",
            Self::CustodyOfferWithdrawn => "CustodyOfferWithdrawn",
            Self::StepCompleted { .. } => "StepCompleted",
            Self::WaitEnded { .. } => "WaitEnded",
            Self::SupplementRequested { .. } => "SupplementRequested",
            Self::SupplementReceived { .. } => "SupplementReceived",
            Self::HoldPlaced { .. } => "HoldPlaced",
            Self::HoldLifted { .. } => "HoldLifted",
            Self::ApologyIssued { .. } => "ApologyIssued",
            Self::ReferralSent { .. } => "ReferralSent",
            Self::ReferralAccepted { .. } => "ReferralAccepted",
            Self::ReferralReturned { .. } => "ReferralReturned",
            Self::ReferralAnswered { .. } => "ReferralAnswered",
            Self::NoticeIssued { .. } => "NoticeIssued",
            Self::NoticeAdjusted { .. } => "NoticeAdjusted",
            Self::NoticeCancelled { .. } => "NoticeCancelled",
            Self::PaymentReceived { .. } => "PaymentReceived",
            Self::PaymentCancelled { .. } => "PaymentCancelled",
            Self::RefundDue { .. } => "RefundDue",
            Self::ObligationFulfilled { .. } => "ObligationFulfilled",
            Self::LandRegisterEntered { .. } => "LandRegisterEntered",
            Self::WithdrawalRequested { .. } => "WithdrawalRequested",
            Self::WithdrawalGranted { .. } => "WithdrawalGranted",
            Self::WithdrawalDeclined { .. } => "WithdrawalDeclined",
            Self::ProcessingStopped { .. } => "ProcessingStopped",
            Self::ProcessingResumed { .. } => "ProcessingResumed",
            Self::ResultIssued { .. } => "ResultIssued",
            Self::ResultRecalled { .. } => "ResultRecalled",
            Self::ResultDelivered { .. } => "ResultDelivered",
            Self::HistoryImported { .. } => "HistoryImported",
        }
    }

    /// The envelope that holds the event's personal details, where it has one.
    #[must_use]
    pub fn detail(&self) -> Option<&EnvelopeName> {
        match self {
            Self::DossierFiled(opening) | Self::DossierAccepted(opening) => opening.detail.as_ref(),
            Self::DossierRefused { opening, .. } => {
                opening.as_ref().and_then(|opening| opening.detail.as_ref())
            }
            Self::CustodyReturned { detail, .. }
            | Self::StepCompleted { detail, .. }
            | Self::SupplementRequested { detail, .. }
            | Self::SupplementReceived { detail, .. }
            | Self::ReferralSent { detail, .. }
            | Self::ReferralReturned { detail, .. }
            | Self::ReferralAnswered { detail, .. }
            | Self::LandRegisterEntered { detail, .. }
            | Self::WithdrawalRequested { detail }
            | Self::ResultDelivered { detail, .. }
            | Self::HistoryImported { detail, .. } => detail.as_ref(),
            Self::CustodyOffered { .. }
            | Self::CustodyAccepted
            | Self::CustodyOfferWithdrawn
            | Self::WaitEnded { .. }
            | Self::HoldPlaced { .. }
            | Self::HoldLifted { .. }
            | Self::ApologyIssued { .. }
            | Self::ReferralAccepted { .. }
            | Self::NoticeIssued { .. }
            | Self::NoticeAdjusted { .. }
            | Self::NoticeCancelled { .. }
            | Self::PaymentReceived { .. }
            | Self::PaymentCancelled { .. }
            | Self::RefundDue { .. }
            | Self::ObligationFulfilled { .. }
            | Self::WithdrawalGranted { .. }
            | Self::WithdrawalDeclined { .. }
            | Self::ProcessingStopped { .. }
            | Self::ProcessingResumed { .. }
            | Self::ResultIssued { .. }
            | Self::ResultRecalled { .. } => None,
        }
    }
}
