//! What may be wrong with a pack.

use jiff::civil::Date;
use lienthong_calendar::{Limit, MINUTES_PER_DAY};
use serde::{Serialize, Serializer};

use super::{
    CopyKind, DocumentKind, Ending, FeeId, PACK_BYTES_MAX, PayBy, ReceiveBy, STEPS_MAX, ServiceLevel, StepId,
    StepKind,
};
use crate::{ProvinceCode, ResolveError, Role};

/// A fault of a pack and where it stands. In JSON `{"file", "line", "fault"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file}:{line}: {fault}")]
pub struct PackFault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong; in JSON its text.
    #[serde(serialize_with = "as_text")]
    pub fault: Fault,
}

/// What is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says it all")]
pub enum Fault {
    #[error("syntax: {message}")]
    Syntax { message: String },
    #[error("the text has {bytes} bytes, at most {PACK_BYTES_MAX} fit a record")]
    TooLong { bytes: usize },
    #[error("the text is empty")]
    NoDocument,
    #[error("a second document begins; a pack is one")]
    SecondDocument,
    #[error("collections lie too deep in each other")]
    TooDeep,
    #[error("anchors, aliases and tags are not taken")]
    AnchorOrTag,
    #[error("a key must be a plain text")]
    KeyNotText,
    #[error("{what} must be a mapping of fields")]
    NotAMapping { what: String },
    #[error("field `{field}` must be a list")]
    NotAList { field: String },
    #[error("field `{field}` must be a plain value")]
    NotAText { field: String },
    #[error("unknown field `{field}` of {of}")]
    UnknownField { field: String, of: String },
    #[error("field `{field}` is there twice")]
    RepeatedField { field: String },
    #[error("field `{field}` of {of} is missing")]
    Missing { field: String, of: String },
    #[error("field `{field}` is empty")]
    Empty { field: String },
    #[error("field `{field}`: {reason}")]
    Unreadable { field: String, reason: String },

    #[error("the last day in force, {to}, is before the first, {from}")]
    DatesReversed { from: Date, to: Date },
    #[error("{what} `{id}` is there already, in line {first}")]
    Duplicate { what: &'static str, id: String, first: u32 },
    #[error("document `{id}` is named nowhere under documents, produced or results")]
    UnknownDocument { id: DocumentKind },
    #[error("retention and retention_source belong together: a period has the law that sets it")]
    RetentionSource,
    #[error("level {level} takes nothing online, and receive_by names online")]
    LevelTakesNothing { level: ServiceLevel },
    #[error("level {level} promises filing online, and receive_by does not name online")]
    LevelNotFiled { level: ServiceLevel },
    #[error("level {level} promises filing online, and presence is required")]
    LevelNeedsNoPresence { level: ServiceLevel },
    #[error("level {level} takes no payment online, and pay_by names {channel}")]
    LevelNotPaid { level: ServiceLevel, channel: PayBy },
    #[error("level 4 promises payment online, and pay_by names neither wallet nor portal")]
    WholeUnpaid,
    #[error("level 4 promises the result online or by post, and return_by names the desk alone")]
    WholeFetched,
    #[error("presence and presence_because belong together: whoever must come is told why")]
    PresenceSource,
    #[error("presence is required, and receive_by names {channel}")]
    PresenceElsewhere { channel: ReceiveBy },
    #[error(
        "document `{id}` is asked for on paper ({copy}) when filed online, and paper_because does not say why"
    )]
    PaperDocument { id: DocumentKind, copy: CopyKind },
    #[error("step `{step}` hands over on paper, and paper_because does not say why")]
    PaperStep { step: StepId },
    #[error(
        "fee `{fee}`: exempt and exempt_because belong together: an exemption has the law that grants it"
    )]
    ExemptionSource { fee: FeeId },
    #[error("an account is of an agency or of a role: one of the two")]
    AgencyOrRole,
    #[error("the procedure has no fee that is paid into an account")]
    AccountWithoutFee,
    #[error("role {role} holds no step of the procedure and collects no fee")]
    AccountOfNoPart { role: Role },
    #[error("role import takes part in no procedure")]
    ImportRole,
    #[error("outcome `{outcome}` needs either next or end")]
    NextOrEnd { outcome: String },
    #[error("step `{step}` has no outcome")]
    NoOutcome { step: StepId },
    #[error(
        "limit {limit} of step `{step}` is in calendar days and cannot count towards a total in working time"
    )]
    CalendarLimitCounts { step: StepId, limit: Limit },
    #[error("step `{step}` is of kind {kind}, whose limit cannot count towards the total")]
    WaitCounts { step: StepId, kind: StepKind },
    #[error("step `{step}` is a posting, whose limit must be in calendar days such as 30cd, not {limit}")]
    PostingLimit { step: StepId, limit: Limit },
    #[error("step `{step}` waits for an agency but refers to none")]
    WaitsForNobody { step: StepId },
    #[error("step `{step}` refers to its own role {role}")]
    RefersToItself { step: StepId, role: Role },
    #[error("the silence of a tax office cannot count as agreement")]
    TaxSilence,
    #[error(
        "a dossier enters at step `{step}`, whose role {role} does not receive; the first step's role is ward-desk"
    )]
    EntryRole { step: StepId, role: Role },
    #[error(
        "a dossier enters at step `{step}`, which cannot issue the result: status 2 goes on to 4 before it becomes 9"
    )]
    EntryIssues { step: StepId },
    #[error(
        "outcome `{outcome}` ends the procedure at step `{step}`; it ends where the desk hands the result over, at a \
         step of kind wait-citizen and role ward-desk"
    )]
    EndsElsewhere { outcome: String, step: StepId },

    #[error("a pack needs at least one step")]
    NoSteps,
    #[error("there are {count} steps, at most {STEPS_MAX} are taken")]
    TooManySteps { count: usize },
    #[error("outcome `{outcome}` goes on to step `{next}`, which is not there")]
    UnknownStep { outcome: String, next: StepId },
    #[error("step `{step}` is never reached")]
    Unreachable { step: StepId },
    #[error("step `{step}` is reached only by going back; steps are listed in the order of their flow")]
    OutOfOrder { step: StepId },
    #[error("no way leads from step `{step}` to an end")]
    NoEnd { step: StepId },
    #[error("no way leads to the end approved")]
    NoApproval,
    #[error("the limits of the steps that count add up to {}, the declared total is {}", days(*.steps), days(*.declared))]
    Total { steps: u32, declared: u32 },
    #[error(
        "the limits of the steps that count add up to {} on one way to approval and {} on another, the declared total \
         is {}", days(*.least), days(*.most), days(*.declared)
    )]
    TotalVaries { least: u32, most: u32, declared: u32 },
    #[error(
        "the limits of the steps that count add up to {} on a way to the end {ending}, more than the declared total of {}",
        days(*.steps), days(*.declared)
    )]
    OverTotal { ending: Ending, steps: u32, declared: u32 },
    #[error("the total is {total}, in calendar days; a total is working time such as 13d")]
    CalendarTotal { total: Limit },
    #[error("on a way to the end {ending} no step before the last issues the result")]
    NotIssued { ending: Ending },
    #[error("on a way to the end {ending} more than one step issues the result")]
    IssuedTwice { ending: Ending },
    #[error("outcome `{outcome}` goes back after the result was issued")]
    BackAfterResult { outcome: String },
    #[error("step `{step}` comes after the result was issued, where no limit counts towards the total")]
    CountsAfterResult { step: StepId },

    #[error("role {role} does not name one agency in {communes} communes; {first}")]
    Unresolved { role: Role, communes: usize, first: ResolveError },
    #[error("the registry has no commune of province {province}")]
    NoCommune { province: ProvinceCode },
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(u32, Fault)>);

impl Faults {
    pub(super) fn add(&mut self, line: u32, fault: Fault) {
        self.0.push((line, fault));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By line; those of one line as they were found.
    pub(super) fn of(mut self, file: &str) -> Vec<PackFault> {
        self.0.sort_by_key(|(line, _)| *line);
        self.0.into_iter().map(|(line, fault)| PackFault { file: file.to_owned(), line, fault }).collect()
    }
}

/// Working minutes as officers count them: `12.5 days`; hours and minutes are shown only if they are no half day.
fn days(minutes: u32) -> String {
    let (whole, rest) = (minutes / MINUTES_PER_DAY, minutes % MINUTES_PER_DAY);
    match rest {
        0 if whole == 1 => "1 day".to_owned(),
        0 => format!("{whole} days"),
        rest if rest == MINUTES_PER_DAY / 2 => format!("{whole}.5 days"),
        rest => format!("{whole} days {} h", rest / 60),
    }
}

fn as_text<S: Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fault)
}
