//! How a case ends: result, hand-over, withdrawal, stop.

use lienthong_registry::{OutcomeId, Role, StepKind};

use super::{Asked, steps};
use crate::case::{Case, Phase};
use crate::command::Withdrawal;
use crate::denial::Denial;
use crate::event::{Delivery, EventKind};
use crate::text::{Ground, PaperNumber};

pub(super) fn issue(
    asked: &Asked<'_>,
    case: &Case,
    number: &PaperNumber,
    outcome: &OutcomeId,
) -> Result<EventKind, Denial> {
    asked.in_work(case)?;
    let step = steps::current(asked, case)?;
    if !step.issues_result {
        return Err(Denial::NoResultHere { step: step.id.clone() });
    }
    steps::ready(case, step)?;
    // Names the outcomes when this is none of them, before anything is issued.
    steps::completed(asked, case, outcome.clone(), None)?;
    Ok(EventKind::ResultIssued { number: number.clone(), outcome: outcome.clone() })
}

pub(super) fn recall(asked: &Asked<'_>, case: &Case, ground: &Ground) -> Result<EventKind, Denial> {
    let status = case.status();
    let result = case.result.as_ref().ok_or(Denial::NotInStatus { status })?;
    if steps::performer(asked, case, &result.step)? != *case.custody.holder() {
        return Err(Denial::ResultSent);
    }
    Ok(EventKind::ResultRecalled { ground: ground.clone(), step: result.step.clone() })
}

pub(super) fn hand_over(asked: &Asked<'_>, case: &Case, channel: Delivery) -> Result<EventKind, Denial> {
    if case.phase != Phase::Issued {
        return Err(Denial::NotInStatus { status: case.status() });
    }
    let step = steps::current(asked, case)?;
    if step.kind != StepKind::WaitCitizen {
        return Err(Denial::WrongStep { current: step.id.clone() });
    }
    Ok(EventKind::ResultDelivered { channel, detail: asked.envelope("ResultDelivered") })
}

pub(super) fn enter_land_register(
    asked: &Asked<'_>,
    case: &Case,
    entry: &PaperNumber,
) -> Result<EventKind, Denial> {
    asked.not_stopped(case)?;
    steps::current(asked, case)?;
    if !asked.acting()?.has_role(Role::LandRegistry) {
        return Err(Denial::NotLandRegistry { agency: asked.agency.clone() });
    }
    if case.land_register.is_some() {
        return Err(Denial::EnteredAlready);
    }
    Ok(EventKind::LandRegisterEntered { entry: entry.clone(), detail: asked.envelope("LandRegisterEntered") })
}

pub(super) fn request_withdrawal(asked: &Asked<'_>, case: &Case) -> Result<EventKind, Denial> {
    if case.phase == Phase::Issued {
        return Err(Denial::NotInStatus { status: case.status() });
    }
    if case.withdrawal_asked {
        return Err(Denial::WithdrawalAskedAlready);
    }
    Ok(EventKind::WithdrawalRequested { detail: asked.envelope("WithdrawalRequested") })
}

pub(super) fn decide_withdrawal(case: &Case, withdrawal: &Withdrawal) -> Result<EventKind, Denial> {
    if !case.withdrawal_asked {
        return Err(Denial::WithdrawalNotAsked);
    }
    if case.phase == Phase::Issued {
        return Err(Denial::NotInStatus { status: case.status() });
    }
    Ok(match withdrawal {
        Withdrawal::Grant(decision) => EventKind::WithdrawalGranted { decision: decision.clone() },
        Withdrawal::Decline(ground) => EventKind::WithdrawalDeclined { ground: ground.clone() },
    })
}

pub(super) fn stop(
    asked: &Asked<'_>,
    case: &Case,
    ground: &Ground,
    decision: &PaperNumber,
) -> Result<EventKind, Denial> {
    // A filing whose missing papers never come ends here too.
    if !(case.phase == Phase::Filed && case.supplement.is_some() && !case.stopped) {
        asked.not_stopped(case)?;
    }
    Ok(EventKind::ProcessingStopped { ground: ground.clone(), decision: decision.clone() })
}

pub(super) fn resume(case: &Case, decision: &PaperNumber) -> Result<EventKind, Denial> {
    if case.stopped {
        Ok(EventKind::ProcessingResumed { decision: decision.clone() })
    } else {
        Err(Denial::NotInStatus { status: case.status() })
    }
}
