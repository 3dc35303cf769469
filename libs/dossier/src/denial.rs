//! Why a command is refused, as facts. Every denial says what to do next.

use jiff::civil::Date;
use lienthong_calendar::{BeyondCalendar, Instant};
use lienthong_registry::{
    AgencyId, CommuneCode, DocumentKind, FeeId, OutcomeId, ProcedureCode, ResolveError, StepId, WrongAccount,
};
use lienthong_tax::Dong;

use crate::event::{Account, Channel, PaymentChannel, Power, Subject};
use crate::status::Status;
use crate::text::{Line, PaperNumber, PaymentId};

/// What kind of answer a denial is, so that a caller knows whether to mend, give up or try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialClass {
    /// The command itself is wrong; mend it.
    Invalid,
    /// There is no such thing.
    Missing,
    /// There is one already, with other content.
    Exists,
    /// Somebody else may do this.
    Forbidden,
    /// Not now: the dossier is not in a state for it.
    NotNow,
}

macro_rules! denials {
    ($($(#[doc = $doc:literal])* $name:ident $({ $($field:ident : $type:ty),* $(,)? })? =
        $class:ident, $reason:literal, $at:literal, $message:literal $(($($arg:tt)*))?, $advice:literal;)*) => {
        /// The rule that a command breaks.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[expect(missing_docs, reason = "the fields are the facts their names say, and the message shows each")]
        pub enum Denial {
            $($(#[doc = $doc])* #[error($message $(, $($arg)*)?)] $name $({ $($field: $type),* })?,)*
        }

        impl Denial {
            /// What kind of answer it is.
            #[must_use]
            pub fn class(&self) -> DenialClass {
                match self { $(Self::$name { .. } => DenialClass::$class,)* }
            }

            /// The published reason: upper-case, never renamed.
            #[must_use]
            pub fn reason(&self) -> &'static str {
                match self { $(Self::$name { .. } => $reason,)* }
            }

            /// The request field at fault; empty when it is none of them.
            #[must_use]
            pub fn field(&self) -> &'static str {
                match self { $(Self::$name { .. } => $at,)* }
            }

            /// What to do.
            #[must_use]
            pub fn advice(&self) -> &'static str {
                match self { $(Self::$name { .. } => $advice,)* }
            }

            /// Every published reason with what to do, for documents and tests.
            pub const REASONS: &'static [(&'static str, &'static str)] = &[$(($reason, $advice),)*];
        }
    };
}

denials! {
    /// No dossier has the code.
    UnknownDossier = Missing, "UNKNOWN_DOSSIER", "code",
        "no dossier has this code", "check the code, or receive the dossier first";
    /// The code is taken.
    CodeTaken = Exists, "CODE_TAKEN", "code",
        "a dossier with this code exists", "ask NextCode for a fresh code and send the command again with it";
    /// The reception of a filing names another case.
    FilingDiffers = Invalid, "FILING_DIFFERS", "intake",
        "the dossier was filed for another procedure or commune",
        "receive it as it was filed, or refuse it and receive a new one";
    /// The code has another form or another agency's prefix.
    CodeNotOfAgency { agency: AgencyId } = Invalid, "CODE_NOT_OF_AGENCY", "code",
        "the code is not one that {agency} issues", "ask NextCode for a code of this agency and day";
    /// Imported history is read-only.
    Imported = NotNow, "IMPORTED", "code",
        "the dossier is history of another system and read-only", "handle it in the system it comes from";
    /// The agency is not in the registry.
    UnknownAgency { agency: AgencyId } = Invalid, "UNKNOWN_AGENCY", "header.agency",
        "the registry has no agency {agency}", "use an agency id of the registry";
    /// The agency is not active on the day.
    InactiveAgency { agency: AgencyId, on: Date } = NotNow, "INACTIVE_AGENCY", "header.agency",
        "{agency} is not active on {on}", "use the agency that is competent on that day";
    /// No node serves the agency, so nothing can be put before it.
    NotOnTheBus { agency: AgencyId } = NotNow, "NOT_ON_THE_BUS", "",
        "no node serves {agency}", "have the registry authority give the agency a key and a node";
    /// Desks alone take dossiers in.
    NotADesk { agency: AgencyId } = Forbidden, "NOT_A_DESK", "header.agency",
        "{agency} is not a one-stop desk", "send the command as the desk";
    /// Only what the registry names may import.
    NotAnImporter { agency: AgencyId } = Forbidden, "NOT_AN_IMPORTER", "header.agency",
        "the registry does not let {agency} import from this source", "send it as an agency that may import from it";
    /// Imported history tells nothing, or too much.
    HistorySize { activities: usize, activities_max: usize } = Invalid, "HISTORY_SIZE", "activities",
        "{activities} activities were given, between 1 and {activities_max} are taken",
        "leave out empty cases; split cases that are too large";
    /// Another agency holds it.
    NotHolder { holder: AgencyId } = Forbidden, "NOT_HOLDER", "header.agency",
        "the dossier is held by {holder}", "leave this to the holder, or have the dossier offered to you";
    /// No agency of the registry is named by the source.
    NobodyCompetent = NotNow, "NOBODY_COMPETENT", "code",
        "the source names no open status and no competent agency that a node serves",
        "handle it in the system it comes from, or have the agency put into the registry and import it again";
    /// Another agency is competent.
    NotCompetent { agency: AgencyId } = Forbidden, "NOT_COMPETENT", "header.agency",
        "the source names {agency} as competent", "leave this to that agency, or to the one that has taken over from it";
    /// The pack has no such step to go on with.
    UnknownStep { step: StepId } = Invalid, "UNKNOWN_STEP", "step",
        "the procedure has no step {step} that a dossier could be at", "use the id of a step that is no posting";
    /// The pack has no such fee.
    UnknownFee { fee: FeeId } = Invalid, "UNKNOWN_FEE", "fee",
        "the procedure has no fee {fee}", "use the id of a fee of the procedure";
    /// Another amount than the pack's.
    FeeAmount { fee: FeeId, amount: Dong } = Invalid, "FEE_AMOUNT", "amount_dong",
        "fee {fee} is {amount}", "take what the procedure says; whoever is exempt pays nothing";
    /// The procedure is not paid that way.
    PayChannelNotTaken { channel: PaymentChannel, taken: String } = Invalid, "PAY_CHANNEL_NOT_TAKEN", "channel",
        "the procedure is not paid by {}, but by {taken}" (.channel.as_str()), "have it paid in one of these ways";
    /// The fee was paid.
    FeePaid { fee: FeeId, payment: PaymentId } = NotNow, "FEE_PAID", "fee",
        "fee {fee} was paid by {payment}", "give the money back; a fee is paid once";
    /// Money does not go without an account.
    NoPayeeAccount = Invalid, "NO_PAYEE_ACCOUNT", "into",
        "what is not cash is paid into an account, and none is named", "name the account that the money came into";
    /// Money for somebody else.
    WrongPayee { problem: WrongAccount } = Invalid, "WRONG_PAYEE", "into",
        "{problem}", "have the money sent to the account of the agency, then record it";
    /// The payment has a receipt.
    ReceiptTaken { payment: PaymentId, receipt: PaperNumber } = Exists, "RECEIPT_TAKEN", "receipt",
        "payment {payment} has receipt {receipt}", "a payment has one receipt";
    /// The voucher is void.
    PaymentVoid { payment: PaymentId } = NotNow, "PAYMENT_VOID", "payment",
        "the voucher of payment {payment} is void", "use the id of a payment that stands";
    /// The statement says another amount.
    NotOnStatement { payment: PaymentId, recorded: Dong, stated: Dong } = Invalid, "NOT_ON_STATEMENT", "amount_dong",
        "payment {payment} is recorded with {recorded}, the statement has {stated}",
        "clear this up with bank or treasury; a voucher that is wrong is cancelled";
    /// It stands on another statement.
    ReconciledAlready { payment: PaymentId, statement: PaperNumber } = Exists, "RECONCILED_ALREADY", "statement",
        "payment {payment} was found on statement {statement}", "one payment stands on one statement; look for the other";
    /// Nobody has taken over from the agency.
    NotSucceeded { agency: AgencyId } = Invalid, "NOT_SUCCEEDED", "predecessor",
        "no agency has taken over from {agency} in cases of this commune", "name an agency that was succeeded";
    /// Neither side of the succession.
    NotSuccessor { successor: AgencyId } = Forbidden, "NOT_SUCCESSOR", "header.agency",
        "{successor} has taken over", "leave this to the agency that has taken over";
    /// Nothing is on offer.
    NoOffer = NotNow, "NO_OFFER", "",
        "the dossier is on offer to nobody", "wait for an offer, or make one";
    /// It is on offer to another agency.
    NotOfferedTo { to: AgencyId } = Forbidden, "NOT_OFFERED_TO", "header.agency",
        "the dossier is on offer to {to}", "leave this to that agency";
    /// An offer is open.
    OfferOpen { to: AgencyId } = NotNow, "OFFER_OPEN", "",
        "the dossier is on offer to {to}", "wait for its answer, or withdraw the offer";
    /// Another agency was asked.
    NotReferredTo { to: AgencyId } = Forbidden, "NOT_REFERRED_TO", "header.agency",
        "the request went to {to}", "leave this to that agency";
    /// Another desk took it in.
    NotReceivingDesk { desk: AgencyId } = Forbidden, "NOT_RECEIVING_DESK", "header.agency",
        "the dossier was received by {desk}", "send the command as the desk that received it";
    /// The agency has no part in the dossier.
    NotAParty { agency: AgencyId } = Forbidden, "NOT_A_PARTY", "header.agency",
        "{agency} has no part in the dossier", "leave this to an agency of the dossier";
    /// The case does not allow it in its status.
    NotInStatus { status: Status } = NotNow, "NOT_IN_STATUS", "",
        "this cannot be done in status {} ({})" (.status.code(), .status.vietnamese()),
        "look at the dossier's timeline for what comes next";
    /// The status may not move so.
    StatusMove { from: Status, to: Status } = NotNow, "STATUS_MOVE", "",
        "the status cannot go from {} to {}" (.from.code(), .to.code()),
        "look at the dossier's timeline for what comes next";
    /// The instant lies before the dossier's last record.
    Backdated { last: Instant } = Invalid, "BACKDATED", "header.occurred_at",
        "the dossier's last event is of {last}, and this one would come before it",
        "give a time that is not before the last event, or none";
    /// The calendar does not reach so far.
    BeyondCalendar { date: Date, first_year: i16, last_year: i16 } = Invalid, "BEYOND_CALENDAR", "header.occurred_at",
        "{date} lies beyond the calendar of {first_year} to {last_year}",
        "use a date within the calendar, or publish a calendar that reaches further";
    /// The pinned calendar is not in the registry.
    NoCalendar { version: String } = NotNow, "NO_CALENDAR", "",
        "no calendar is in force ({version})", "have the registry authority publish one";
    /// No rates are in force on the day.
    NoRates { on: Date } = NotNow, "NO_RATES", "",
        "no tax rates are in force on {on}", "have the registry authority publish them";
    /// A paper is secret.
    Secret { label: Line } = Invalid, "SECRET_DOCUMENT", "documents.secrecy",
        "a paper is labelled {label}", "keep secret papers off the bus and handle them by the secrecy rules";
    /// The procedure has no pack in force.
    NoPackInForce { procedure: ProcedureCode, on: Date } = Invalid, "NO_PACK_IN_FORCE", "intake.procedure",
        "no pack of procedure {procedure} is in force on {on}", "use a published procedure, or publish its pack";
    /// The commune is not in the registry.
    UnknownCommune { commune: CommuneCode } = Invalid, "UNKNOWN_COMMUNE", "intake.commune",
        "the registry has no commune {commune}", "use the five-digit code of a commune of today";
    /// The pack is another province's.
    PackNotForCommune { commune: CommuneCode } = Invalid, "PACK_NOT_FOR_COMMUNE", "intake.commune",
        "the procedure's pack does not cover commune {commune}", "use the pack of that province";
    /// Whoever files must come in person.
    PresenceRequired { procedure: ProcedureCode, because: String } = Invalid, "PRESENCE_REQUIRED", "intake.channel",
        "procedure {procedure} is filed in person at the desk: {because}",
        "ask the person to come to the desk; refuse a filing that was made online";
    /// The procedure is not filed that way.
    ChannelNotTaken { procedure: ProcedureCode, channel: Channel, taken: String } =
        Invalid, "CHANNEL_NOT_TAKEN", "intake.channel",
        "procedure {procedure} is not filed by the channel {}; it is filed by {taken}" (.channel.as_str()),
        "use one of the channels of the procedure's pack; refuse a filing that came another way";
    /// No single agency is competent.
    NotResolved { problem: ResolveError } = NotNow, "NOT_RESOLVED", "",
        "no single agency is competent: {problem}", "have the registry name exactly one agency for the role and commune";
    /// The document is not one of the procedure's.
    UnknownDocument { kind: DocumentKind } = Invalid, "UNKNOWN_DOCUMENT", "documents.kind",
        "the procedure has no document {kind}", "use the document kinds of the procedure's pack";
    /// No document was named.
    NoDocuments = Invalid, "NO_DOCUMENTS", "documents",
        "no document is named", "name every document that is missing, all at once";
    /// More than a list takes.
    TooMany { what: &'static str, count: usize, count_max: usize } = Invalid, "TOO_MANY", "",
        "{count} {what} were given, at most {count_max} are taken", "send fewer";
    /// There is no current step.
    NoStep = NotNow, "NO_STEP", "step",
        "the dossier has no step under way", "look at the dossier's timeline for what comes next";
    /// Another step is the current one.
    WrongStep { current: StepId } = NotNow, "WRONG_STEP", "step",
        "the current step is {current}", "complete the current step first";
    /// The step waits for its agency.
    StepNotBegun { current: StepId } = NotNow, "STEP_NOT_BEGUN", "step",
        "step {current} begins when its agency accepts the dossier", "offer the dossier to that agency";
    /// The step has no such outcome.
    UnknownOutcome { outcome: OutcomeId, known: String } = Invalid, "UNKNOWN_OUTCOME", "outcome",
        "the step has no outcome {outcome}; it has {known}", "use one of the step's outcomes";
    /// The step issues the result.
    NeedsResult { step: StepId } = NotNow, "NEEDS_RESULT", "step",
        "step {step} ends by issuing the result", "use IssueResult";
    /// The step does not issue the result.
    NoResultHere { step: StepId } = NotNow, "NO_RESULT_HERE", "",
        "step {step} does not issue the result", "complete the steps before the one that issues it";
    /// The step ends by the hand-over to the citizen.
    NeedsHandOver { step: StepId } = NotNow, "NEEDS_HAND_OVER", "step",
        "step {step} ends when the citizen has the result", "use HandOverResult";
    /// A request is unanswered.
    ReferralsOpen { open: usize } = NotNow, "REFERRALS_OPEN", "",
        "{open} requests to other agencies are unanswered", "wait for their answers";
    /// The financial obligation is not fulfilled.
    NeedsObligation = NotNow, "NEEDS_OBLIGATION", "",
        "the financial obligation is not fulfilled", "wait until the tax office has recorded payment or debt";
    /// The register entry is missing.
    NeedsLandRegister = NotNow, "NEEDS_LAND_REGISTER", "",
        "the change is not entered in the land register", "use EnterLandRegister first";
    /// The agency does not keep the land register.
    NotLandRegistry { agency: AgencyId } = Forbidden, "NOT_LAND_REGISTRY", "header.agency",
        "{agency} does not keep the land register", "leave this to the land registration office";
    /// The register has it already.
    EnteredAlready = NotNow, "ENTERED_ALREADY", "",
        "the change is entered in the land register", "nothing is left to do";
    /// The posting still runs.
    PostingRuns { until: Instant } = NotNow, "POSTING_RUNS", "",
        "the posting runs until {until}", "wait until then";
    /// The next step is the same agency's.
    NoHandOver = NotNow, "NO_HAND_OVER", "",
        "the current step belongs to the agency that holds the dossier", "complete the step first";
    /// Another agency is next.
    WrongReceiver { expected: AgencyId } = Invalid, "WRONG_RECEIVER", "to",
        "the next step belongs to {expected}", "offer or send it to that agency";
    /// The step has no such referral.
    NoReferralHere { subject: Subject, step: StepId } = NotNow, "NO_REFERRAL_HERE", "subject",
        "step {step} has no referral for {}" (.subject.as_str()), "use the referrals of the procedure's pack";
    /// One is under way.
    ReferralOpenAlready { referral: u32 } = NotNow, "REFERRAL_OPEN_ALREADY", "",
        "request {referral} for the same is open", "wait for its answer";
    /// The dossier has no such referral.
    UnknownReferral { referral: u32 } = Missing, "UNKNOWN_REFERRAL", "referral",
        "the dossier has no request {referral}", "use the number shown in the dossier";
    /// It is not open.
    ReferralEnded { referral: u32 } = NotNow, "REFERRAL_ENDED", "referral",
        "request {referral} is no longer open", "look at the dossier's timeline";
    /// It was not taken on.
    ReferralNotAccepted { referral: u32 } = NotNow, "REFERRAL_NOT_ACCEPTED", "referral",
        "request {referral} is not accepted yet", "accept it first";
    /// It was taken on already.
    ReferralAcceptedAlready { referral: u32 } = NotNow, "REFERRAL_ACCEPTED_ALREADY", "referral",
        "request {referral} is accepted already", "answer it or send it back";
    /// It asks for something else.
    WrongSubject { referral: u32, subject: Subject } = NotNow, "WRONG_SUBJECT", "referral",
        "request {referral} is for {}" (.subject.as_str()), "answer it with the verb for its subject";
    /// A tax information slip needs its number.
    NumberMissing = Invalid, "NUMBER_MISSING", "number",
        "the slip has no number", "give the number of the slip (số PCTT)";
    /// The wait ended at its deadline.
    Late { deadline: Instant } = NotNow, "LATE", "",
        "silence until {deadline} counted as agreement", "nothing can be answered after the deadline";
    /// The deadline is not there yet.
    WaitRuns { until: Instant } = NotNow, "WAIT_RUNS", "wait",
        "the wait runs until {until}", "wait until then";
    /// The wait has no deadline.
    NoDeadline = Invalid, "NO_DEADLINE", "wait",
        "this wait does not end by itself", "wait for the answer or the document that ends it";
    /// Papers are already asked for.
    SupplementOpen = NotNow, "SUPPLEMENT_OPEN", "",
        "papers are already asked for", "wait for them; all that is missing is asked for at once";
    /// No papers are asked for.
    NoSupplement = NotNow, "NO_SUPPLEMENT", "",
        "no papers are asked for", "have the holder ask for them first";
    /// The papers asked for are not in.
    SupplementAwaited = NotNow, "SUPPLEMENT_AWAITED", "",
        "the papers asked for have not been handed in", "hand in the supplement first";
    /// No such hold.
    UnknownHold { hold: u32 } = Missing, "UNKNOWN_HOLD", "hold",
        "the dossier has no open hold {hold}", "use the number shown in the dossier";
    /// A hold is in force.
    HoldOpen { hold: u32 } = NotNow, "HOLD_OPEN", "",
        "hold {hold} suspends the case", "lift the hold with the document that ends it";
    /// A hold that ends before it begins.
    HoldOver { expires_at: Instant } = Invalid, "HOLD_OVER", "expires_at",
        "the hold would have ended at {expires_at}", "give a time in the future, or none";
    /// One extension is all there is.
    ExtendedAlready = NotNow, "EXTENDED_ALREADY", "",
        "the dossier was extended once, and once is all the law allows", "finish it; the lateness stands";
    /// Too late to extend.
    ExtensionTooLate { until: Instant } = NotNow, "EXTENSION_TOO_LATE", "",
        "an extension had to be recorded by {until}", "finish it; the lateness stands";
    /// The promise does not run.
    ClockNotRunning = NotNow, "CLOCK_NOT_RUNNING", "",
        "the dossier's clock does not run", "extend when it runs again";
    /// A number of days out of bounds.
    DaysOutOfRange { days: u32, days_max: u32 } = Invalid, "DAYS_OUT_OF_RANGE", "days",
        "{days} days were given, between 1 and {days_max} are taken", "give a number of whole working days within that";
    /// The notice number is taken.
    NoticeTaken { notice: PaperNumber } = Exists, "NOTICE_TAKEN", "notice",
        "notice {notice} exists", "use a fresh number; a notice is adjusted by another one, never edited";
    /// No such notice stands.
    UnknownNotice { notice: PaperNumber } = Missing, "UNKNOWN_NOTICE", "notice",
        "the dossier has no standing notice {notice}", "use the number of a notice that stands";
    /// Another agency issued it.
    NotIssuer { issuer: AgencyId } = Forbidden, "NOT_ISSUER", "header.agency",
        "the notice was issued by {issuer}", "leave this to the agency that issued it";
    /// No line.
    NoLines = Invalid, "NO_LINES", "lines",
        "the notice has no line", "give a line for each taxpayer and budget item, exempt ones too";
    /// Two lines with one key.
    LineTwice { account: Account } = Invalid, "LINE_TWICE", "lines",
        "taxpayer {} has budget item {} twice with one due date" (.account.taxpayer, .account.item),
        "add the amounts up, or give each instalment its own due date";
    /// A line whose amounts do not fit.
    LineAmounts { account: Account } = Invalid, "LINE_AMOUNTS", "lines",
        "taxpayer {} and budget item {}: exempt exceeds due, or an exemption lacks its ground"
        (.account.taxpayer, .account.item), "let exempt be at most due, and say why it is exempt";
    /// An amount out of bounds.
    AmountOutOfRange = Invalid, "AMOUNT_OUT_OF_RANGE", "amount",
        "the amount is zero or beyond all bounds", "give đồng as a positive whole number";
    /// The notice has no such account.
    UnknownAccount { account: Account } = Invalid, "UNKNOWN_ACCOUNT", "account",
        "the notice has no line of taxpayer {} and budget item {}" (.account.taxpayer, .account.item),
        "record the payment on a line of the notice";
    /// A payment id used for other content.
    PaymentTaken { payment: PaymentId } = Exists, "PAYMENT_TAKEN", "payment",
        "payment {payment} is recorded with other content or its voucher is void",
        "check the payment id against the voucher; money that comes again has an id of its own";
    /// No such payment.
    UnknownPayment { payment: PaymentId } = Missing, "UNKNOWN_PAYMENT", "payment",
        "the dossier has no payment {payment}", "use the id of a recorded payment";
    /// Nothing is owed.
    NothingOwed = NotNow, "NOTHING_OWED", "",
        "nothing remains to be paid", "nothing is left to do";
    /// Asked already.
    WithdrawalAskedAlready = NotNow, "WITHDRAWAL_ASKED_ALREADY", "",
        "the withdrawal is asked for", "wait for the holder's decision";
    /// Not asked.
    WithdrawalNotAsked = NotNow, "WITHDRAWAL_NOT_ASKED", "",
        "nobody asked for the dossier back", "pass on the citizen's wish first";
    /// The result was sent.
    ResultSent = NotNow, "RESULT_SENT", "",
        "the result has left the agency that issued it", "it can no longer be called back";
    /// The officer has not the power for it.
    NoPower { needed: Power, has: Power } = Forbidden, "NO_POWER", "header.actor.power",
        "this needs the power to {}, and the officer has the power to {}" (.needed.as_str(), .has.as_str()),
        "have it done by an officer who has that power";
    /// The dossier's personal data is gone.
    Erased { on: Date } = NotNow, "ERASED", "code",
        "the personal data of the dossier was erased on {on}, and no key opens it any more",
        "read what is left: status, steps and times; nothing more is recorded for it";
    /// A retention period runs.
    RetentionRuns { until: Date } = NotNow, "RETENTION_RUNS", "code",
        "the data of the dossier is kept by law and may be erased from {until} on", "ask again on that day";
    /// The law keeps the data for good.
    KeptPermanently = NotNow, "KEPT_PERMANENTLY", "code",
        "the data of the procedure is kept permanently", "leave it; the procedure's pack names the law";
    /// A record whose events are not those that follow from its first.
    Consequences = Invalid, "CONSEQUENCES", "",
        "the events are not those that follow from the first", "propose what the rules derive";
    /// There are no such rules.
    UnknownRules { rules: u32 } = NotNow, "UNKNOWN_RULES", "",
        "rules {rules} are not known here", "upgrade this node";
}

impl From<BeyondCalendar> for Denial {
    fn from(beyond: BeyondCalendar) -> Self {
        Self::BeyondCalendar { date: beyond.date, first_year: beyond.first_year, last_year: beyond.last_year }
    }
}

impl From<ResolveError> for Denial {
    fn from(problem: ResolveError) -> Self {
        Self::NotResolved { problem }
    }
}
