//! How the steps hang together: every step is reached and leads to an end, the limits add up, and the result is issued
//! once.
//!
//! Steps are listed in the order of their flow, so an outcome to a later step goes on and any other goes back. Sums are
//! taken over the ways that go on; going back repeats work and is no plan.

use std::{collections::BTreeSet, mem};

use super::{
    Ending, Fault, Next,
    draft::{Draft, DraftOutcome, DraftStep},
    fault::Faults,
    fields::At,
};
use crate::{Role, STEPS_MAX, StepId};

/// Notes the faults of the whole.
pub(super) fn check(draft: &Draft, faults: &mut Faults) {
    let count = draft.steps.len();
    if count == 0 {
        faults.add(draft.steps_line, Fault::NoSteps);
    } else if count > STEPS_MAX {
        faults.add(draft.steps_line, Fault::TooManySteps { count });
    } else {
        entry(draft, faults);
        if let Some(route) = Route::of(draft, faults) {
            let passed = route.passed();
            route.reach(&passed, faults);
            route.ends(draft, &passed, faults);
            route.after_result(&passed, faults);
        }
    }
}

/// The first step receives, and issues nothing.
fn entry(draft: &Draft, faults: &mut Faults) {
    let Some((step, id)) = draft.steps.first().and_then(|step| Some((step, step.id()?))) else {
        return;
    };
    if let Some(At { line, value: role }) = step.role
        && role != Role::WardDesk
        && role != Role::Import
    {
        faults.add(line, Fault::EntryRole { step: id.clone(), role });
    }
    if step.issues_result.value {
        faults.add(step.issues_result.line, Fault::EntryIssues { step: id.clone() });
    }
}

/// The steps and where each outcome leads. There is none while that is not clear.
struct Route<'a> {
    stops: Vec<Stop<'a>>,
}

struct Stop<'a> {
    step: &'a DraftStep,
    id: &'a StepId,
    ways: Vec<Way<'a>>,
}

struct Way<'a> {
    outcome: &'a DraftOutcome,
    line: u32,
    to: To,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Stop(usize),
    End(Ending),
}

/// What the ways from the entry to a point have passed: least and most.
#[derive(Clone, Copy)]
struct Passed {
    minutes: (u32, u32),
    issued: (u32, u32),
}

impl<'a> Route<'a> {
    fn of(draft: &'a Draft, faults: &mut Faults) -> Option<Self> {
        let ids = draft.steps.iter().map(DraftStep::id).collect::<Option<Vec<_>>>()?;
        let mut sound = ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        let stops = draft.steps.iter().zip(&ids).map(|(step, id)| {
            let ways = step.outcomes.iter().filter_map(|outcome| {
                let way = way(outcome, &ids, faults);
                sound &= way.is_some();
                way
            });
            Stop { step, id, ways: ways.collect() }
        });
        let stops = stops.collect();
        sound.then_some(Self { stops })
    }

    /// Every step is reached from the first, and leads to an end.
    fn reach(&self, passed: &[Option<Passed>], faults: &mut Faults) {
        let mut reached = vec![false; self.stops.len()];
        let mut open = vec![0];
        while let Some(index) = open.pop() {
            if !mem::replace(&mut reached[index], true) {
                open.extend(self.stops[index].ways.iter().filter_map(Way::stop));
            }
        }
        let mut ending: Vec<bool> = self.stops.iter().map(Stop::ends).collect();
        // Each round lets an end be known one step further back.
        for _ in &self.stops {
            for index in 0..self.stops.len() {
                ending[index] |= self.stops[index].ways.iter().filter_map(Way::stop).any(|next| ending[next]);
            }
        }
        for (index, stop) in self.stops.iter().enumerate() {
            if !reached[index] {
                faults.add(stop.step.line, Fault::Unreachable { step: stop.id.clone() });
            } else if passed[index].is_none() {
                faults.add(stop.step.line, Fault::OutOfOrder { step: stop.id.clone() });
            }
            if !ending[index] && !stop.ways.is_empty() {
                faults.add(stop.step.line, Fault::NoEnd { step: stop.id.clone() });
            }
        }
    }

    /// At each end the time has added up and the result is issued.
    fn ends(&self, draft: &Draft, passed: &[Option<Passed>], faults: &mut Faults) {
        let arrivals = |ending: Ending| {
            let ends = move |way: &&Way<'_>| way.to == To::End(ending);
            let stops = self.stops.iter().zip(passed);
            stops
                .filter_map(move |(stop, passed)| Some((stop, stop.ways.iter().find(ends)?.line, (*passed)?)))
        };
        for ending in Ending::ALL {
            for (stop, line, passed) in arrivals(*ending) {
                issued(*ending, line, stop, passed, faults);
            }
            let all = arrivals(*ending).map(|(_, _, passed)| passed.minutes).reduce(widest);
            if let (Some(minutes), Some(total), true) = (all, &draft.total, self.limits_are_known()) {
                add_up(*ending, minutes, total.line, total.value.minutes(), faults);
            }
        }
        let mut ways = self.stops.iter().flat_map(|stop| &stop.ways);
        if !ways.any(|way| way.to == To::End(Ending::Approved)) {
            faults.add(draft.steps_line, Fault::NoApproval);
        }
    }

    /// Once the result is issued the dossier's clock is over: no step counts, and no outcome goes back.
    fn after_result(&self, passed: &[Option<Passed>], faults: &mut Faults) {
        for (index, stop) in self.stops.iter().enumerate() {
            let issued = passed[index].map_or(0, |passed| passed.issued.1);
            if issued > u32::from(stop.step.issues_result.value)
                && minutes(stop.step).is_some_and(|minutes| minutes > 0)
            {
                let line = stop.step.limit.as_ref().map_or(stop.step.line, |limit| limit.line);
                faults.add(line, Fault::CountsAfterResult { step: stop.id.clone() });
            }
            let back = |way: &&Way<'_>| way.stop().is_some_and(|next| next <= index);
            for way in stop.ways.iter().filter(back).filter(|_| issued > 0) {
                faults.add(way.line, Fault::BackAfterResult { outcome: outcome_id(way.outcome) });
            }
        }
    }

    /// For each step, what the ways that go on have passed when it completes; none where none leads.
    fn passed(&self) -> Vec<Option<Passed>> {
        let mut before: Vec<Option<Passed>> = vec![None; self.stops.len()];
        let mut after = Vec::with_capacity(self.stops.len());
        if let Some(first) = before.first_mut() {
            *first = Some(Passed { minutes: (0, 0), issued: (0, 0) });
        }
        for (index, stop) in self.stops.iter().enumerate() {
            let done = before[index].map(|passed| passed.and(stop.step));
            for next in stop.ways.iter().filter_map(Way::stop).filter(|next| *next > index) {
                before[next] = match (before[next], done) {
                    (Some(one), Some(other)) => Some(one.or(other)),
                    (one, other) => one.or(other),
                };
            }
            after.push(done);
        }
        after
    }

    fn limits_are_known(&self) -> bool {
        self.stops.iter().all(|stop| minutes(stop.step).is_some())
    }
}

impl Stop<'_> {
    fn ends(&self) -> bool {
        self.ways.iter().any(|way| way.stop().is_none())
    }
}

impl Way<'_> {
    fn stop(&self) -> Option<usize> {
        match self.to {
            To::Stop(index) => Some(index),
            To::End(_) => None,
        }
    }
}

impl Passed {
    /// And that step too.
    fn and(self, step: &DraftStep) -> Self {
        let minutes = minutes(step).unwrap_or_default();
        let issued = u32::from(step.issues_result.value);
        Self {
            minutes: (self.minutes.0 + minutes, self.minutes.1 + minutes),
            issued: (self.issued.0 + issued, self.issued.1 + issued),
        }
    }

    /// By either way.
    fn or(self, other: Self) -> Self {
        Self { minutes: widest(self.minutes, other.minutes), issued: widest(self.issued, other.issued) }
    }
}

fn way<'a>(outcome: &'a DraftOutcome, ids: &[&StepId], faults: &mut Faults) -> Option<Way<'a>> {
    let At { line, value: next } = outcome.next.as_ref()?;
    let to = match next {
        Next::End(ending) => To::End(*ending),
        Next::Step(id) => {
            let Some(index) = ids.iter().position(|known| *known == id) else {
                faults.add(*line, Fault::UnknownStep { outcome: outcome_id(outcome), next: id.clone() });
                return None;
            };
            To::Stop(index)
        }
    };
    Some(Way { outcome, line: *line, to })
}

/// An approval or a refusal is a result: it is issued once, before the step that hands it over.
fn issued(ending: Ending, line: u32, last: &Stop<'_>, passed: Passed, faults: &mut Faults) {
    let (least, most) = passed.issued;
    if least == u32::from(last.step.issues_result.value) {
        faults.add(line, Fault::NotIssued { ending });
    }
    if most > 1 {
        faults.add(line, Fault::IssuedTwice { ending });
    }
}

/// Approval takes exactly the declared total; another end may take less. A total in calendar days has its own fault.
fn add_up(ending: Ending, (least, most): (u32, u32), line: u32, declared: Option<u32>, faults: &mut Faults) {
    let Some(declared) = declared else {
        return;
    };
    if ending != Ending::Approved {
        if most > declared {
            faults.add(line, Fault::OverTotal { ending, steps: most, declared });
        }
    } else if least != most {
        faults.add(line, Fault::TotalVaries { least, most, declared });
    } else if least != declared {
        faults.add(line, Fault::Total { steps: least, declared });
    }
}

/// The working minutes that a step adds; none while they are not known.
fn minutes(step: &DraftStep) -> Option<u32> {
    if step.counts()? { step.limit.as_ref()?.value.minutes() } else { Some(0) }
}

fn widest((least, most): (u32, u32), (other_least, other_most): (u32, u32)) -> (u32, u32) {
    (least.min(other_least), most.max(other_most))
}

fn outcome_id(outcome: &DraftOutcome) -> String {
    outcome.id.as_ref().map(ToString::to_string).unwrap_or_default()
}
