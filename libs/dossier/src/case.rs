//! The state of a dossier: what the events say it is, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_registry::{AgencyId, CommuneCode, DocumentKind, ProcedureCode, StepId};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::custody::Custody;
use crate::event::{ApplicantKind, Channel, History, Medium, Pins, Subject, Told};
use crate::money::Money;
use crate::status::Status;
use crate::text::{Ground, PaperNumber, SourceName};
use crate::trail::{Mark, Trail};

/// A dossier, the bus's own or one that another system tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dossier {
    /// Handled on the bus.
    Live(Box<Case>),
    /// Told by another system; read-only.
    Imported(Box<Imported>),
}

/// A dossier handled on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The procedure (mã TTHC).
    pub procedure: ProcedureCode,
    /// Versions it was received under.
    pub pins: Pins,
    /// Commune of the case.
    pub commune: CommuneCode,
    /// The desk that took it in: where papers come in and the result goes out.
    pub received_by: AgencyId,
    /// Who has the desk's part now: that desk, or who has taken over from it.
    pub desk: AgencyId,
    /// How it was filed.
    pub channel: Channel,
    /// When it was received, or filed, or refused.
    pub opened_at: Instant,
    /// `at` of the last admitted record.
    pub last_at: Instant,
    /// Where in its life it is.
    pub phase: Phase,
    /// Who holds it.
    pub custody: Custody,
    /// The current step.
    pub step: Option<CurrentStep>,
    /// The clock of the promise.
    pub clock: Clock,
    /// The clock of the current step.
    pub step_clock: Clock,
    /// Papers asked for.
    pub supplement: Option<Supplement>,
    /// Every hold ever placed, by ordinal.
    pub holds: BTreeMap<u32, Hold>,
    /// Every referral ever sent, by ordinal.
    pub referrals: BTreeMap<u32, Referral>,
    /// Notices, payments, refunds.
    pub money: Money,
    /// Processing was stopped (Mẫu 05) and not resumed.
    pub stopped: bool,
    /// The one extension, in working days.
    pub extension: Option<u32>,
    /// The citizen asked to have it back and has no answer yet.
    pub withdrawal_asked: bool,
    /// The register entry.
    pub land_register: Option<PaperNumber>,
    /// The result and the step that issued it.
    pub result: Option<IssuedResult>,
    /// Every agency that ever held it or was asked.
    pub parties: BTreeSet<AgencyId>,
    /// Acceptances and returns of custody; acceptances, first answers and returns of referrals.
    pub hand_offs: u32,
    /// Those of them that went with paper.
    pub paper_hand_offs: u32,
    /// When its personal data was erased: no key opens it any more.
    pub erased: Option<Instant>,
    /// Who the applicant is in kind.
    pub applicant: ApplicantKind,
    /// Its records so far.
    pub records: u32,
    /// Every change of status or promise.
    pub trail: Trail,
    /// What another system told of it, which it was taken over from.
    pub adopted: Option<Box<Imported>>,
}

/// Where in its life a dossier is. The national status is derived from this and what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Filed online, not answered.
    Filed,
    /// Not taken in.
    Refused,
    /// Received at the desk.
    Accepted,
    /// Worked on.
    Processing,
    /// Result signed.
    Issued,
    /// Result with the citizen.
    Delivered,
    /// Given back on request.
    Withdrawn,
}

/// The step a dossier is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentStep {
    /// Which.
    pub id: StepId,
    /// Since when it is worked on; none while it waits for its agency to accept the dossier.
    pub begun: Option<Instant>,
}

/// Papers asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// Which.
    pub documents: Vec<DocumentKind>,
    /// Since when.
    pub since: Instant,
    /// Handed in, but the dossier itself is not yet accepted (a supplement at intake).
    pub received: bool,
}

/// A suspension by law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Ground.
    pub ground: Ground,
    /// Since when.
    pub since: Instant,
    /// When the legal time passes.
    pub expires_at: Option<Instant>,
    /// Still in force.
    pub open: bool,
}

/// A request to another agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Who asked.
    pub from: AgencyId,
    /// Who is asked.
    pub to: AgencyId,
    /// What for.
    pub subject: Subject,
    /// How it travels.
    pub medium: Medium,
    /// The dossier's clock stands still until it is answered.
    pub outside_clock: bool,
    /// Silence until `due` counts as agreement.
    pub silence_agrees: bool,
    /// Sent at; its clock runs from here.
    pub since: Instant,
    /// When the answer is due.
    pub due: Instant,
    /// Where it is.
    pub state: ReferralState,
    /// It was answered once, so that a later answer is no further hand-off.
    pub answered_before: bool,
}

/// Where a referral is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferralState {
    /// Sent, not yet taken on.
    Sent,
    /// Taken on, not yet answered.
    Accepted,
    /// Answered.
    Answered,
    /// Sent back.
    Returned,
    /// Ended by silence.
    Lapsed,
}

impl ReferralState {
    /// Whether the answer is still awaited.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Sent | Self::Accepted => true,
            Self::Answered | Self::Returned | Self::Lapsed => false,
        }
    }
}

/// A signed result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedResult {
    /// Its number.
    pub number: PaperNumber,
    /// The step that issued it.
    pub step: StepId,
    /// When.
    pub at: Instant,
}

/// A dossier that another system tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Who brought it in.
    pub by: AgencyId,
    /// The agency that may adopt it.
    pub competent: Option<AgencyId>,
    /// From where.
    pub source: SourceName,
    /// National status, where the source gives one.
    pub status: Option<Status>,
    /// What a national sync record tells, and the record it stands in.
    pub told: Option<(Mark, Box<Told>)>,
    /// The statuses that progress rows tell, in the order of the source's times, each with the record it stands in.
    pub progress: Vec<(Mark, Progress)>,
    /// How many activities it tells.
    pub activities: u32,
    /// The first and the last activity's time.
    pub span: Option<(Instant, Instant)>,
    /// Its records so far.
    pub records: u32,
    /// `at` of the last admitted record.
    pub last_at: Instant,
    /// When its personal data was erased: no key opens it any more.
    pub erased: Option<Instant>,
}

/// A status as another system tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Since when, by the source.
    pub at: Instant,
    /// The status.
    pub status: Status,
}

impl Dossier {
    /// The national status; none for imported history whose source gives none.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::Live(case) => Some(case.status()),
            Self::Imported(imported) => imported.status,
        }
    }

    /// `at` of the last admitted record.
    #[must_use]
    pub fn last_at(&self) -> Instant {
        match self {
            Self::Live(case) => case.last_at,
            Self::Imported(imported) => imported.last_at,
        }
    }

    /// When its personal data was erased; none while it was not.
    #[must_use]
    pub fn erased(&self) -> Option<Instant> {
        match self {
            Self::Live(case) => case.erased,
            Self::Imported(imported) => imported.erased,
        }
    }

    /// The case, when it is the bus's own.
    #[must_use]
    pub fn live(&self) -> Option<&Case> {
        match self {
            Self::Live(case) => Some(case),
            Self::Imported(_) => None,
        }
    }
}

impl Case {
    /// The national status 1 to 10, derived; 8 goes before 5 before 6 before 4.
    #[must_use]
    pub fn status(&self) -> Status {
        let open = |otherwise| {
            if self.stopped {
                Status::Stopped
            } else if self.supplement.is_some() {
                Status::SupplementRequested
            } else if self.money.is_open() {
                Status::PaymentAwaited
            } else {
                otherwise
            }
        };
        match self.phase {
            Phase::Filed => open(Status::Filed),
            Phase::Refused => Status::Refused,
            Phase::Accepted => open(Status::Accepted),
            Phase::Processing => open(Status::Processing),
            Phase::Issued => Status::Issued,
            Phase::Delivered => Status::Delivered,
            Phase::Withdrawn => Status::Withdrawn,
        }
    }

    /// Whether anything makes the clocks stand still: status 5, 6 or 8, a hold, a referral outside the clock.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.stopped
            || self.supplement.is_some()
            || self.money.is_open()
            || self.holds.values().any(|hold| hold.open)
            || self.referrals.values().any(|referral| referral.outside_clock && referral.state.is_open())
    }

    /// Whether it does not say yet that `to` has taken over from `from`: that one has no part in it, or something still waits
    /// for its predecessor.
    pub(crate) fn awaits_succession(&self, from: &AgencyId, to: &AgencyId) -> bool {
        let is_open = |referral: &&Referral| referral.state.is_open();
        let sides = self.referrals.values().filter(is_open).flat_map(|it| [&it.from, &it.to]);
        let in_custody = match &self.custody {
            Custody::Held { by } => [by, by],
            Custody::Offered { by, to, .. } => [by, to],
        };
        !self.parties.contains(to) || sides.chain(in_custody).chain([&self.desk]).any(|agency| agency == from)
    }

    /// The day the case was opened, which fixes the versions it pins.
    #[must_use]
    pub fn opened_on(&self) -> Date {
        self.opened_at.date()
    }
}

impl Imported {
    /// The state that its first record gives.
    #[must_use]
    pub fn of(by: &AgencyId, at: Instant, history: &History, competent: Option<&AgencyId>) -> Self {
        let nothing = Self {
            by: by.clone(),
            competent: None,
            source: history.source.clone(),
            status: None,
            told: None,
            progress: Vec::new(),
            activities: 0,
            span: None,
            records: 0,
            last_at: at,
            erased: None,
        };
        nothing.hear(at, history, competent)
    }

    /// The state after one more record of the source.
    #[must_use]
    pub(crate) fn hear(mut self, at: Instant, history: &History, competent: Option<&AgencyId>) -> Self {
        self.competent = competent.cloned().or(self.competent);
        let mark = Mark { record: self.records, at };
        let times = || history.activities.iter().map(|activity| activity.at);
        let span = self.span.into_iter().flat_map(|(first, last)| [first, last]);
        let times: Vec<_> = span.chain(times()).collect();
        self.span = times.iter().min().copied().zip(times.iter().max().copied());
        let count = u32::try_from(history.activities.len()).unwrap_or(u32::MAX);
        self.activities = self.activities.saturating_add(count);
        let told = history.activities.iter().filter_map(|activity| {
            activity.status.map(|status| (mark, Progress { at: activity.at, status }))
        });
        self.progress.extend(told);
        self.progress.sort_by_key(|(mark, progress)| (progress.at, *mark));
        if self.told.is_none() {
            self.told = history.told.clone().map(|told| (mark, Box::new(told)));
        }
        // The record of the dossier knows best; progress rows come in any order.
        let newest = self.progress.last().map(|(_, progress)| progress.status);
        let known = if self.told.is_some() { self.status } else { newest.or(self.status) };
        self.status = history.status.or(known);
        self.last_at = self.last_at.max(at);
        self
    }
}
