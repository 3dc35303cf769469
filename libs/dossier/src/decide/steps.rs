//! Going through the steps of the pinned pack.

use lienthong_registry::{
    AgencyId, Need, Next as OutcomeNext, Outcome, OutcomeId, Pack, Role, Step, StepId, StepKind,
};

use super::Asked;
use crate::case::{Case, Phase};
use crate::clock::{Clock, Timing};
use crate::denial::Denial;
use crate::event::{EnvelopeName, EventKind, Next};

/// The pack a case was received under.
pub(super) fn pack<'a>(asked: &Asked<'a>, case: &Case) -> Result<&'a Pack, Denial> {
    Ok(Timing::of(case, asked.registry)?.pack)
}

/// The current step, under way.
pub(super) fn current<'a>(asked: &Asked<'a>, case: &Case) -> Result<&'a Step, Denial> {
    let step = case.step.as_ref().ok_or(Denial::NoStep)?;
    if step.begun.is_none() {
        return Err(Denial::StepNotBegun { current: step.id.clone() });
    }
    pack(asked, case)?.step(&step.id).ok_or(Denial::NoStep)
}

/// The one agency that performs a step of this case: the receiving desk for the desk's steps, else whom role,
/// commune and day resolve to.
pub(super) fn performer(asked: &Asked<'_>, case: &Case, step: &StepId) -> Result<AgencyId, Denial> {
    let step = pack(asked, case)?.step(step).ok_or(Denial::NoStep)?;
    performer_of(asked, case, step.role)
}

/// The one agency of a role for this case.
pub(super) fn performer_of(asked: &Asked<'_>, case: &Case, role: Role) -> Result<AgencyId, Denial> {
    if role == Role::WardDesk {
        return Ok(asked.now(case, &case.received_by).clone());
    }
    Ok(asked.registry.resolve(role, &case.commune, asked.at.date())?.id.clone())
}

pub(super) fn complete(
    asked: &Asked<'_>,
    case: &Case,
    id: &StepId,
    outcome: &OutcomeId,
) -> Result<EventKind, Denial> {
    if case.phase != Phase::Issued {
        asked.in_work(case)?;
    }
    let step = current(asked, case)?;
    if &step.id != id {
        return Err(Denial::WrongStep { current: step.id.clone() });
    }
    if step.issues_result {
        return Err(Denial::NeedsResult { step: step.id.clone() });
    }
    if let Clock::Running { due, .. } = case.step_clock
        && step.kind == StepKind::Posting
        && asked.at < due
    {
        return Err(Denial::PostingRuns { until: due });
    }
    ready(case, step)?;
    completed(asked, case, outcome.clone(), asked.envelope("StepCompleted"))
}

/// All that a step needs before it may end.
pub(super) fn ready(case: &Case, step: &Step) -> Result<(), Denial> {
    let open = case.referrals.values().filter(|referral| referral.state.is_open()).count();
    if open > 0 {
        return Err(Denial::ReferralsOpen { open });
    }
    for need in &step.needs {
        match need {
            Need::ObligationFulfilled if !(case.money.has_current() && case.money.fulfilled) => {
                return Err(Denial::NeedsObligation);
            }
            Need::LandRegisterEntry if case.land_register.is_none() => {
                return Err(Denial::NeedsLandRegister);
            }
            Need::ObligationFulfilled | Need::LandRegisterEntry => {}
        }
    }
    if let Some((hold, _)) = case.holds.iter().find(|(_, hold)| hold.open) {
        return Err(Denial::HoldOpen { hold: *hold });
    }
    if case.is_paused() {
        return Err(Denial::NotInStatus { status: case.status() });
    }
    Ok(())
}

/// The end of the current step with one of its outcomes, and what comes next.
pub(super) fn completed(
    asked: &Asked<'_>,
    case: &Case,
    id: OutcomeId,
    detail: Option<EnvelopeName>,
) -> Result<EventKind, Denial> {
    let step = current(asked, case)?;
    let outcome = outcome_of(step, &id)?;
    let next = match &outcome.next {
        OutcomeNext::Step(next) => {
            if &performer(asked, case, next)? == asked.now(case, case.custody.holder()) {
                Next::Begins(next.clone())
            } else {
                Next::Awaits(next.clone())
            }
        }
        OutcomeNext::End(_) if step.kind == StepKind::WaitCitizen => {
            return Err(Denial::NeedsHandOver { step: step.id.clone() });
        }
        OutcomeNext::End(_) => Next::Ends,
    };
    Ok(EventKind::StepCompleted { step: step.id.clone(), outcome: id, next, detail })
}

fn outcome_of<'a>(step: &'a Step, id: &OutcomeId) -> Result<&'a Outcome, Denial> {
    step.outcomes.iter().find(|outcome| &outcome.id == id).ok_or_else(|| Denial::UnknownOutcome {
        outcome: id.clone(),
        known: step.outcomes.iter().map(|outcome| outcome.id.to_string()).collect::<Vec<_>>().join(", "),
    })
}
