//! `fold`: the state after one more admitted act. Total over any order of events, and free of clocks, calendars
//! and packs: whatever had to be computed stands in the event.

use std::collections::BTreeSet;

use lienthong_calendar::Instant;
use lienthong_registry::{AgencyId, CommuneCode, ProcedureCode};

use crate::case::{
    Case, CurrentStep, Dossier, Hold, Imported, IssuedResult, Phase, Referral, ReferralState, Supplement,
};
use crate::clock::Clock;
use crate::custody::Custody;
use crate::event::{
    Act, Adoption, ApplicantKind, Channel, Event, EventKind, Medium, Next, Opening, Pins, Wait,
};
use crate::money::Money;
use crate::trail::{Mark, Trail, Turn};

/// The dossier after `act`; `None` while there is none.
#[must_use]
pub fn fold(dossier: Option<Dossier>, act: &Act) -> Option<Dossier> {
    let mut last = None;
    let folded = act.events.iter().fold(dossier, |dossier, event| {
        let counted = counted(last, &event.kind, act.at);
        last = Some(&event.kind);
        fold_event(dossier, &act.agency, act.at, counted, event)
    });
    folded.map(|dossier| recorded(dossier, act.at))
}

/// The dossier with one more whole record.
fn recorded(mut dossier: Dossier, at: Instant) -> Dossier {
    match &mut dossier {
        Dossier::Live(case) => {
            let mark = Mark { record: case.records, at };
            let stands = matches!(case.clock, Clock::Paused { .. });
            case.trail.note(Turn { mark, status: case.status(), due: case.clock.due(), stands });
            case.records = case.records.saturating_add(1);
        }
        Dossier::Imported(imported) => imported.records = imported.records.saturating_add(1),
    }
    dossier
}

/// The dossier after one event of an act by `by` at `at`, which counts from `counted`.
pub(crate) fn fold_event(
    dossier: Option<Dossier>,
    by: &AgencyId,
    at: Instant,
    counted: Instant,
    event: &Event,
) -> Option<Dossier> {
    match dossier {
        None => open(by, at, event),
        Some(Dossier::Live(case)) => Some(Dossier::Live(Box::new(next(*case, by, at, counted, event)))),
        Some(Dossier::Imported(imported)) => Some(if let EventKind::DossierAdopted(adoption) = &event.kind {
            Dossier::Live(Box::new(timed(adopted(imported, by, at, adoption), at, event)))
        } else {
            Dossier::Imported(Box::new(told(*imported, at, event)))
        }),
    }
}

/// A dossier of another system as the bus's own: received when that one says.
fn adopted(imported: Box<Imported>, by: &AgencyId, at: Instant, adoption: &Adoption) -> Case {
    let told = imported.told.as_ref().map(|(_, told)| told);
    let received_at = told.and_then(|told| told.received_at).unwrap_or(at);
    let channel = told.and_then(|told| told.channel).unwrap_or(Channel::Direct);
    let applicant = told.and_then(|told| told.applicant).unwrap_or(ApplicantKind::Citizen);
    Case {
        last_at: at,
        channel,
        applicant,
        step: Some(CurrentStep { id: adoption.step.clone(), begun: adoption.begins.then_some(at) }),
        parties: BTreeSet::from([by.clone(), imported.by.clone()]),
        records: imported.records,
        adopted: Some(imported),
        ..fresh(by, received_at, &adoption.procedure, &adoption.pins, &adoption.commune)
    }
}

/// History from elsewhere after one more event: more of it, or an erasure.
fn told(imported: Imported, at: Instant, event: &Event) -> Imported {
    if let EventKind::DossierErased { .. } = event.kind {
        Imported { erased: Some(at), last_at: imported.last_at.max(at), ..imported }
    } else if let EventKind::HistoryImported { history, competent, .. } = &event.kind {
        imported.hear(at, history, competent.as_ref())
    } else {
        imported
    }
}

/// The instant an event counts from: a wait that ended, and the step it completes, ended at the deadline.
pub(crate) fn counted(last: Option<&EventKind>, kind: &EventKind, at: Instant) -> Instant {
    if let EventKind::WaitEnded { deadline, .. } = kind {
        *deadline
    } else if let (
        Some(EventKind::WaitEnded { wait: Wait::Step, deadline }),
        EventKind::StepCompleted { .. },
    ) = (last, kind)
    {
        *deadline
    } else {
        at
    }
}

/// The first event. Anything that does not open a dossier leaves it unopened.
fn open(by: &AgencyId, at: Instant, event: &Event) -> Option<Dossier> {
    let (opening, phase) = if let EventKind::DossierFiled(opening) = &event.kind {
        (opening, Phase::Filed)
    } else if let EventKind::DossierAccepted(opening) = &event.kind {
        (opening, Phase::Accepted)
    } else if let EventKind::DossierRefused { opening: Some(opening), .. } = &event.kind {
        (opening, Phase::Refused)
    } else if let EventKind::HistoryImported { history, competent, .. } = &event.kind {
        return Some(Dossier::Imported(Box::new(Imported::of(by, at, history, competent.as_ref()))));
    } else {
        return None;
    };
    let case = Case {
        phase,
        channel: opening.channel,
        applicant: opening.applicant,
        ..fresh(by, at, &opening.procedure, &opening.pins, &opening.commune)
    };
    Some(Dossier::Live(Box::new(timed(started(case, opening, at), at, event))))
}

/// A case in which nothing has happened yet.
fn fresh(by: &AgencyId, at: Instant, procedure: &ProcedureCode, pins: &Pins, commune: &CommuneCode) -> Case {
    Case {
        procedure: procedure.clone(),
        pins: pins.clone(),
        commune: commune.clone(),
        received_by: by.clone(),
        desk: by.clone(),
        channel: Channel::Direct,
        opened_at: at,
        last_at: at,
        phase: Phase::Processing,
        custody: Custody::Held { by: by.clone() },
        step: None,
        clock: Clock::Idle,
        step_clock: Clock::Idle,
        supplement: None,
        holds: [].into(),
        referrals: [].into(),
        money: Money::default(),
        stopped: false,
        extension: None,
        withdrawal_asked: false,
        land_register: None,
        result: None,
        parties: BTreeSet::from([by.clone()]),
        hand_offs: 0,
        paper_hand_offs: 0,
        erased: None,
        applicant: ApplicantKind::Citizen,
        records: 0,
        trail: Trail::default(),
        adopted: None,
    }
}

fn started(mut case: Case, opening: &Opening, at: Instant) -> Case {
    case.step = opening.step.clone().map(|id| CurrentStep { id, begun: Some(at) });
    case
}

/// The case with what an event does to its clocks.
pub(crate) fn timed(mut case: Case, at: Instant, event: &Event) -> Case {
    case.clock = case.clock.fold(event.clocks.dossier, at);
    case.step_clock = case.step_clock.fold(event.clocks.step, at);
    case.last_at = case.last_at.max(at);
    case
}

/// The case after one more event.
fn next(mut case: Case, by: &AgencyId, at: Instant, counted: Instant, event: &Event) -> Case {
    let offered_by = match &case.custody {
        Custody::Offered { medium, .. } => Some(*medium),
        Custody::Held { .. } => None,
    };
    case.custody = case.custody.fold(&event.kind);
    let mark = Mark { record: case.records, at };
    case.money = case.money.fold(by, mark, &event.kind);
    match &event.kind {
        EventKind::DossierFiled(_) | EventKind::HistoryImported { .. } | EventKind::DossierAdopted(_) => {}
        EventKind::DossierAccepted(opening) if case.phase == Phase::Filed => {
            case.phase = Phase::Accepted;
            case.pins = opening.pins.clone();
            case.opened_at = at;
            case.supplement = None;
            case = started(case, opening, at);
        }
        EventKind::DossierAccepted(_) => {}
        EventKind::DossierRefused { .. } => case.phase = Phase::Refused,
        EventKind::CustodyOffered { to, .. } => {
            case.parties.insert(to.clone());
        }
        EventKind::CustodyAccepted => {
            if let Some(step) = case.step.as_mut().filter(|step| step.begun.is_none()) {
                step.begun = Some(at);
                case.step_clock = Clock::Idle;
            }
            work_on(&mut case);
            handed_off(&mut case, offered_by);
        }
        EventKind::CustodyReturned { .. } => handed_off(&mut case, offered_by),
        EventKind::CustodyOfferWithdrawn => {}
        EventKind::CustodyTransferredBySuccession { from, to, .. } => succeed(&mut case, from, to),
        EventKind::DueDateRecomputed { calendar, referrals } => {
            case.pins.calendar = calendar.to_string();
            for moved in referrals {
                if let Some(referral) = case.referrals.get_mut(&moved.referral) {
                    referral.due = moved.due;
                }
            }
        }
        EventKind::StepCompleted { next, .. } => follow(&mut case, next, counted),
        EventKind::WaitEnded { wait, .. } => match wait {
            Wait::Step => {}
            Wait::Referral(number) => {
                if let Some(referral) = case.referrals.get_mut(number) {
                    referral.state = ReferralState::Lapsed;
                }
            }
            Wait::Hold(number) => lift(&mut case, *number),
        },
        EventKind::SupplementRequested { documents, .. } => {
            case.supplement = Some(Supplement { documents: documents.clone(), since: at, received: false });
        }
        EventKind::SupplementReceived { .. } => match (&mut case.supplement, case.phase) {
            (Some(supplement), Phase::Filed) => supplement.received = true,
            (supplement, _) => *supplement = None,
        },
        EventKind::HoldPlaced { hold, ground, expires_at, .. } => {
            let placed = Hold { ground: ground.clone(), since: at, expires_at: *expires_at, open: true };
            case.holds.insert(*hold, placed);
        }
        EventKind::HoldLifted { hold, .. } => lift(&mut case, *hold),
        EventKind::ApologyIssued { days, .. } => case.extension = Some(*days),
        EventKind::ReferralSent {
            referral, to, subject, medium, outside_clock, silence_agrees, due, ..
        } => {
            let sent = Referral {
                from: by.clone(),
                to: to.clone(),
                subject: *subject,
                medium: *medium,
                outside_clock: *outside_clock,
                silence_agrees: *silence_agrees,
                since: at,
                due: *due,
                state: ReferralState::Sent,
                answered_before: false,
            };
            case.referrals.insert(*referral, sent);
            case.parties.insert(to.clone());
            work_on(&mut case);
        }
        EventKind::ReferralAccepted { referral } => answer(&mut case, *referral, ReferralState::Accepted),
        EventKind::ReferralReturned { referral, .. } => answer(&mut case, *referral, ReferralState::Returned),
        EventKind::ReferralAnswered { referral, .. } | EventKind::NoticeIssued { referral, .. } => {
            answer(&mut case, *referral, ReferralState::Answered);
        }
        EventKind::NoticeCancelled { notice, .. } => reopen(&mut case, notice),
        EventKind::NoticeAdjusted { .. }
        | EventKind::PaymentReceived { .. }
        | EventKind::FeeReceived { .. }
        | EventKind::ReceiptIssued { .. }
        | EventKind::PaymentReconciled { .. }
        | EventKind::PaymentCancelled { .. }
        | EventKind::RefundDue { .. }
        | EventKind::ObligationFulfilled { .. } => {}
        EventKind::LandRegisterEntered { entry, .. } => case.land_register = Some(entry.clone()),
        EventKind::WithdrawalRequested { .. } => case.withdrawal_asked = true,
        EventKind::WithdrawalGranted { .. } => {
            case.phase = Phase::Withdrawn;
            case.withdrawal_asked = false;
            case.step = None;
        }
        EventKind::WithdrawalDeclined { .. } => case.withdrawal_asked = false,
        EventKind::ProcessingStopped { .. } => case.stopped = true,
        EventKind::ProcessingResumed { .. } => {
            case.stopped = false;
            work_on(&mut case);
        }
        EventKind::ResultIssued { number, .. } => {
            case.phase = Phase::Issued;
            if let Some(step) = &case.step {
                case.result = Some(IssuedResult { number: number.clone(), step: step.id.clone(), at });
            }
        }
        EventKind::ResultRecalled { step, .. } => {
            case.phase = Phase::Processing;
            case.result = None;
            case.step = Some(CurrentStep { id: step.clone(), begun: Some(at) });
            case.step_clock = Clock::Idle;
        }
        EventKind::ResultDelivered { .. } => {
            case.phase = Phase::Delivered;
            case.step = None;
        }
        EventKind::DossierErased { .. } => case.erased = Some(at),
    }
    case.last_at = case.last_at.max(at);
    timed(case, counted, event)
}

/// A successor takes its predecessor's place in whatever is open; what is over keeps the name of its time.
fn succeed(case: &mut Case, from: &AgencyId, to: &AgencyId) {
    for referral in case.referrals.values_mut().filter(|referral| referral.state.is_open()) {
        for side in [&mut referral.from, &mut referral.to] {
            if side == from {
                *side = to.clone();
            }
        }
    }
    if &case.desk == from {
        case.desk = to.clone();
    }
    case.parties.insert(to.clone());
}

fn follow(case: &mut Case, next: &Next, at: Instant) {
    case.step = match next {
        Next::Begins(id) => {
            work_on(case);
            case.step_clock = Clock::Idle;
            Some(CurrentStep { id: id.clone(), begun: Some(at) })
        }
        Next::Awaits(id) => Some(CurrentStep { id: id.clone(), begun: None }),
        Next::Ends => None,
    };
}

fn work_on(case: &mut Case) {
    if case.phase == Phase::Accepted {
        case.phase = Phase::Processing;
    }
}

fn handed_off(case: &mut Case, medium: Option<Medium>) {
    case.hand_offs = case.hand_offs.saturating_add(1);
    if medium == Some(Medium::Paper) {
        case.paper_hand_offs = case.paper_hand_offs.saturating_add(1);
    }
}

fn lift(case: &mut Case, number: u32) {
    if let Some(hold) = case.holds.get_mut(&number) {
        hold.open = false;
    }
}

fn answer(case: &mut Case, number: u32, state: ReferralState) {
    let Some(referral) = case.referrals.get_mut(&number) else { return };
    referral.state = state;
    let medium = referral.medium;
    let again = referral.answered_before;
    referral.answered_before |= state == ReferralState::Answered;
    if !(again && state == ReferralState::Answered) {
        handed_off(case, Some(medium));
    }
}

/// A slip whose last notice was cancelled awaits its answer again.
fn reopen(case: &mut Case, notice: &crate::text::PaperNumber) {
    let Some(number) = case.money.notices.get(notice).map(|notice| notice.referral) else { return };
    let answered = case
        .money
        .notices
        .values()
        .any(|notice| notice.referral == number && notice.state == crate::money::NoticeState::Current);
    if let Some(referral) = case.referrals.get_mut(&number)
        && !answered
    {
        referral.state = ReferralState::Accepted;
    }
}
