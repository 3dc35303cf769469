//! Waits that end by themselves: a posting, silence that agrees, a hold whose legal time passes.
//!
//! Such a wait is over at its deadline, whoever notices. So every record first notes the waits that are over, in the
//! order of their deadlines, and each counts from there: the promise is the same whenever and by whom it was noted.

use lienthong_calendar::Instant;
use lienthong_registry::StepKind;

use super::unfold::Unfolding;
use super::{Asked, steps};
use crate::case::{Case, Phase};
use crate::clock::Clock;
use crate::command::Action;
use crate::denial::Denial;
use crate::event::{Event, EventKind, Wait};

/// Waits noted by one record at most; what more there are, `EndWait` notes before.
pub const WAITS_MAX: usize = 3;

/// Notes every wait that is over.
pub(super) fn note(unfolding: &mut Unfolding<'_>) -> Result<(), Denial> {
    for _ in 0..WAITS_MAX {
        let over = unfolding.case().and_then(|case| first_over(unfolding.asked(), case));
        let Some((deadline, wait)) = over else { return Ok(()) };
        unfolding.happens(EventKind::WaitEnded { wait, deadline })?;
    }
    Ok(())
}

/// Whether noting the waits was all that was asked for.
pub(super) fn is_all(before: &Case, action: &Action, events: &[Event]) -> bool {
    let noted = |wait: &Wait| {
        events
            .iter()
            .any(|event| matches!(&event.kind, EventKind::WaitEnded { wait: ended, .. } if ended == wait))
    };
    if let Action::EndWait(wait) = action {
        return noted(wait);
    }
    // Whoever completes a posting after its end, in the way that its end completes it, has noted that.
    let Action::CompleteStep { step, outcome } = action else { return false };
    before.step.as_ref().is_some_and(|current| &current.id == step)
        && noted(&Wait::Step)
        && events.iter().any(|event| {
            matches!(&event.kind, EventKind::StepCompleted { step: id, outcome: with, .. } if id == step && with == outcome)
        })
}

/// The wait that was over first, among those still on record.
fn first_over(asked: &Asked<'_>, case: &Case) -> Option<(Instant, Wait)> {
    let posting = posting(asked, case).map(|deadline| (deadline, Wait::Step));
    let silent =
        case.referrals.iter().filter(|(_, referral)| referral.silence_agrees && referral.state.is_open());
    let silent = silent.map(|(number, referral)| (referral.due, Wait::Referral(*number)));
    let holds = case.holds.iter().filter(|(_, hold)| hold.open);
    let holds = holds.filter_map(|(number, hold)| Some((hold.expires_at?, Wait::Hold(*number))));
    // An answer at the deadline itself is in time, so a wait is over after it.
    posting
        .into_iter()
        .chain(silent)
        .chain(holds)
        .filter(|(deadline, _)| asked.at > *deadline)
        .min_by_key(|(deadline, _)| *deadline)
}

/// The end of the posting that the case is at, when nothing else keeps it.
fn posting(asked: &Asked<'_>, case: &Case) -> Option<Instant> {
    match case.phase {
        Phase::Accepted | Phase::Processing | Phase::Issued => {}
        Phase::Filed | Phase::Refused | Phase::Delivered | Phase::Withdrawn => return None,
    }
    let step = steps::current(asked, case).ok().filter(|step| step.kind == StepKind::Posting)?;
    let Clock::Running { due, .. } = case.step_clock else { return None };
    steps::ready(case, step).ok().map(|()| due)
}

/// A wait that an agency of the dossier says is over, and is not: those that are were noted before.
pub(super) fn end(asked: &Asked<'_>, case: &Case, wait: Wait) -> Result<EventKind, Denial> {
    let deadline = match wait {
        Wait::Step => {
            let step = steps::current(asked, case)?;
            if step.kind != StepKind::Posting {
                return Err(Denial::NoDeadline);
            }
            steps::ready(case, step)?;
            case.step_clock.due()
        }
        Wait::Referral(number) => {
            let referral = case.referrals.get(&number).ok_or(Denial::UnknownReferral { referral: number })?;
            if !referral.state.is_open() {
                return Err(Denial::ReferralEnded { referral: number });
            }
            referral.silence_agrees.then_some(referral.due)
        }
        Wait::Hold(number) => {
            let hold = case.holds.get(&number).filter(|hold| hold.open);
            hold.ok_or(Denial::UnknownHold { hold: number })?.expires_at
        }
    };
    match deadline {
        // More waits are over than one record notes; this one's turn has come.
        Some(deadline) if asked.at > deadline => Ok(EventKind::WaitEnded { wait, deadline }),
        Some(deadline) => Err(Denial::WaitRuns { until: deadline }),
        None => Err(Denial::NoDeadline),
    }
}
