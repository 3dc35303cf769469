//! What each part of a pack must be by itself, whatever way leads there.

use std::{collections::BTreeMap, fmt::Display};

use lienthong_calendar::Limit;

use super::{
    Fault, Next, Silence, StepKind, Subject, account,
    draft::{Draft, DraftReferral, DraftStep},
    fault::Faults,
    fields::At,
    service,
};
use crate::{DocumentKind, Role, StepId};

/// Notes the faults of single parts.
pub(super) fn validate(draft: &Draft, faults: &mut Faults) {
    dates(draft, faults);
    duplicates(draft, faults);
    service::check(draft, faults);
    account::check(draft, faults);
    if let Some(At { line, value: total @ Limit::CalendarDays(_) }) = draft.total {
        faults.add(line, Fault::CalendarTotal { total });
    }
    for step in &draft.steps {
        documents(draft, step, faults);
        if let Some(id) = step.id() {
            limits(step, id, faults);
            referrals(step, id, faults);
            endings(step, id, faults);
            if step.outcomes.is_empty() {
                faults.add(step.line, Fault::NoOutcome { step: id.clone() });
            }
        }
        let asked = step.referrals.iter().filter_map(|referral| referral.role.as_ref());
        for role in step.role.iter().chain(asked).filter(|role| role.value == Role::Import) {
            faults.add(role.line, Fault::ImportRole);
        }
    }
}

fn dates(draft: &Draft, faults: &mut Faults) {
    if let (Some(from), Some(to)) = (draft.from, &draft.to)
        && to.value < from
    {
        faults.add(to.line, Fault::DatesReversed { from, to: to.value });
    }
}

fn duplicates(draft: &Draft, faults: &mut Faults) {
    let handed_in = draft.documents.iter().map(|at| (at.line, &at.value.id));
    let made = draft.produced.iter().chain(&draft.results).map(|at| (at.line, &at.value.id));
    unique("document", handed_in.chain(made), faults);
    unique("fee", draft.fees.iter().map(|at| (at.line, &at.value.id)), faults);
    unique("account of", draft.accounts.iter().map(|at| (at.line, &at.value.payee)), faults);
    unique("step", draft.steps.iter().filter_map(|step| Some((step.line, step.id()?))), faults);
    for step in &draft.steps {
        let outcomes = step.outcomes.iter().filter_map(|outcome| Some((outcome.line, outcome.id.as_ref()?)));
        unique("outcome", outcomes, faults);
        unique("need", step.needs.iter().map(|at| (at.line, &at.value)), faults);
        unique("document", step.documents.iter().map(|at| (at.line, &at.value)), faults);
        unique("referral", step.referrals.iter().filter_map(asks), faults);
    }
}

fn unique<T: Ord + Display>(
    what: &'static str,
    ids: impl IntoIterator<Item = (u32, T)>,
    faults: &mut Faults,
) {
    let mut seen = BTreeMap::new();
    for (line, id) in ids {
        if let Some(first) = seen.get(&id) {
            faults.add(line, Fault::Duplicate { what, id: id.to_string(), first: *first });
        } else {
            seen.insert(id, line);
        }
    }
}

/// What tells a referral from others of its step: `tax-information to tax-office`.
fn asks(referral: &DraftReferral) -> Option<(u32, String)> {
    let (subject, role) = (referral.subject?, referral.role.as_ref()?.value);
    Some((referral.line, format!("{subject} to {role}")))
}

fn documents(draft: &Draft, step: &DraftStep, faults: &mut Faults) {
    let known = |kind: &DocumentKind| {
        let made = draft.produced.iter().chain(&draft.results).any(|at| at.value.id == *kind);
        made || draft.documents.iter().any(|at| at.value.id == *kind)
    };
    for document in step.documents.iter().filter(|document| !known(&document.value)) {
        faults.add(document.line, Fault::UnknownDocument { id: document.value.clone() });
    }
}

fn limits(step: &DraftStep, id: &StepId, faults: &mut Faults) {
    let (Some(kind), Some(limit)) = (step.kind, &step.limit) else {
        return;
    };
    let calendar_days = matches!(limit.value, Limit::CalendarDays(_));
    let counts = step.counts() == Some(true);
    if counts && kind != StepKind::Work {
        let line = step.in_total.as_ref().map_or(step.line, |said| said.line);
        faults.add(line, Fault::WaitCounts { step: id.clone(), kind });
    } else if counts && calendar_days {
        faults.add(limit.line, Fault::CalendarLimitCounts { step: id.clone(), limit: limit.value });
    }
    if kind == StepKind::Posting && !calendar_days {
        faults.add(limit.line, Fault::PostingLimit { step: id.clone(), limit: limit.value });
    }
}

fn referrals(step: &DraftStep, id: &StepId, faults: &mut Faults) {
    if step.kind == Some(StepKind::WaitAgency) && step.referrals.is_empty() {
        faults.add(step.line, Fault::WaitsForNobody { step: id.clone() });
    }
    for referral in &step.referrals {
        if let (Some(asked), Some(holder)) = (&referral.role, &step.role)
            && asked.value == holder.value
        {
            faults.add(asked.line, Fault::RefersToItself { step: id.clone(), role: asked.value });
        }
        if let (Some(Subject::TaxInformation), Some(At { line, value: Silence::Agreed })) =
            (referral.subject, &referral.silence)
        {
            faults.add(*line, Fault::TaxSilence);
        }
    }
}

/// A procedure ends where the desk hands the result over to the citizen, by that act and no other.
fn endings(step: &DraftStep, id: &StepId, faults: &mut Faults) {
    let (Some(kind), Some(role)) = (step.kind, &step.role) else {
        return;
    };
    if kind == StepKind::WaitCitizen && role.value == Role::WardDesk {
        return;
    }
    for outcome in &step.outcomes {
        if let Some(At { line, value: Next::End(_) }) = &outcome.next {
            let outcome = outcome.id.as_ref().map(ToString::to_string).unwrap_or_default();
            faults.add(*line, Fault::EndsElsewhere { outcome, step: id.clone() });
        }
    }
}
