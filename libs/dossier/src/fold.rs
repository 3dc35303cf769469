//! `fold`: the state after one more admitted act. Total over any order of events, and free of clocks, calendars
//! and packs: whatever had to be computed stands in the event.

use std::collections::BTreeSet;

use lienthong_calendar::Instant;
use lienthong_registry::AgencyId;

use crate::case::{
    Case, CurrentStep, Dossier, Hold, Imported, IssuedResult, Phase, Referral, ReferralState, Supplement,
};
use crate::clock::Clock;
use crate::custody::Custody;
use crate::event::{Act, Event, EventKind, Medium, Next, Opening, Wait};
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
        Some(Dossier::Imported(imported)) => Some(Dossier::Imported(Box::new(told(*imported, at, event)))),
    }
}

/// History from elsewhere after one more event: more of it, or an erasure.
fn told(imported: Imported, at: Instant, event: &Event) -> Imported {
    if let EventKind::DossierErased { .. } = event.kind {
        Imported { erased: Some(at), last_at: imported.last_at.max(at), ..imported }
    } else if let EventKind::HistoryImported { history, .. } = &event.kind {
        imported.hear(at, history)
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
    } else if let EventKind::HistoryImported { history, .. } = &event.kind {
        return Some(Dossier::Imported(Box::new(Imported::of(by, at, history))));
    } else {
        return None;
    };
    let case = Case {
        procedure: opening.procedure.clone(),
        pins: opening.pins.clone(),
        commune: opening.commune.clone(),
        received_by: by.clone(),
        channel: opening.channel,
        opened_at: at,
        last_at: at,
        phase,
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
        applicant: opening.applicant,
        records: 0,
        trail: Trail::default(),
    };
    Some(Dossier::Live(Box::new(timed(started(case, opening, at), at, event))))
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
        EventKind::DossierFiled(_) | EventKind::HistoryImported { .. } => {}
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
