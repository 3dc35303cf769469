//! What follows from a decided event: consequences in the same record, each event with what it does to the clocks.

use std::borrow::Cow;

use lienthong_calendar::Instant;

use super::{Asked, money, steps};
use crate::case::{Case, Dossier};
use crate::clock::Timing;
use crate::denial::Denial;
use crate::event::{Clocks, EVENTS_MAX, Event, EventKind, Wait};
use crate::fold::{counted, fold_event, timed};

/// A record in the making.
pub(super) struct Unfolding<'a> {
    asked: &'a Asked<'a>,
    /// As it is until something happens; copying it is dear.
    dossier: Option<Cow<'a, Dossier>>,
    events: Vec<Event>,
}

impl<'a> Unfolding<'a> {
    pub(super) fn new(asked: &'a Asked<'a>, dossier: Option<&'a Dossier>) -> Self {
        Self { asked, dossier: dossier.map(Cow::Borrowed), events: Vec::new() }
    }

    pub(super) fn asked(&self) -> &'a Asked<'a> {
        self.asked
    }

    /// The case as it is after the events so far.
    pub(super) fn case(&self) -> Option<&Case> {
        self.dossier.as_deref().and_then(Dossier::live)
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }

    /// One more thing happens, and all that follows from it.
    pub(super) fn happens(&mut self, kind: EventKind) -> Result<(), Denial> {
        let mut next = Some(kind);
        while let Some(kind) = next {
            let (event, after) = self.after(kind)?;
            self.dossier = after.map(Cow::Owned);
            next = match self.dossier.as_deref() {
                Some(Dossier::Live(case)) => consequence(self.asked, case, &event.kind)?,
                Some(Dossier::Imported(_)) | None => None,
            };
            self.events.push(event);
        }
        Ok(())
    }

    /// The event with its effect on the clocks, if its status move is allowed, and the dossier after it.
    fn after(&self, kind: EventKind) -> Result<(Event, Option<Dossier>), Denial> {
        if self.events.len() == EVENTS_MAX {
            return Err(Denial::TooMany { what: "events", count: EVENTS_MAX + 1, count_max: EVENTS_MAX });
        }
        let counted = self.counted(&kind);
        let untimed = Event { kind, clocks: Clocks::default() };
        let (agency, at) = (self.asked.agency, self.asked.at);
        match fold_event(self.dossier.as_deref().cloned(), agency, at, counted, &untimed) {
            Some(Dossier::Live(after)) => {
                status_moves(self.case(), &after)?;
                let timing = Timing::of(&after, self.asked.registry)?;
                let clocks = timing.clocks(self.case(), &after, &untimed.kind, counted)?;
                let event = Event { clocks, ..untimed };
                // Clocks are the last that a fold does, so this is the fold of the event as it is now.
                let after = Dossier::Live(Box::new(timed(*after, self.starts(counted), &event)));
                Ok((event, Some(after)))
            }
            after @ (Some(Dossier::Imported(_)) | None) => Ok((untimed, after)),
        }
    }

    /// From when clocks count: a dossier that is opened by an event has no deadline that has passed.
    fn starts(&self, counted: Instant) -> Instant {
        if self.dossier.is_some() { counted } else { self.asked.at }
    }

    fn counted(&self, kind: &EventKind) -> Instant {
        counted(self.events.last().map(|event| &event.kind), kind, self.asked.at)
    }
}

/// The one event that must follow `last` in the same record, if any.
fn consequence(asked: &Asked<'_>, case: &Case, last: &EventKind) -> Result<Option<EventKind>, Denial> {
    let moves_money = matches!(
        last,
        EventKind::NoticeIssued { .. }
            | EventKind::NoticeAdjusted { .. }
            | EventKind::NoticeCancelled { .. }
            | EventKind::PaymentReceived { .. }
            | EventKind::PaymentCancelled { .. }
            | EventKind::RefundDue { .. }
    );
    if moves_money {
        Ok(money::settlement(case))
    } else if let EventKind::ResultIssued { outcome, .. } = last {
        steps::completed(asked, case, outcome.clone(), None).map(Some)
    } else if let EventKind::WaitEnded { wait: Wait::Step, .. } = last {
        let outcome = steps::current(asked, case)?.outcomes.first().map(|outcome| outcome.id.clone());
        outcome.map(|outcome| steps::completed(asked, case, outcome, None)).transpose()
    } else {
        Ok(None)
    }
}

fn status_moves(before: Option<&Case>, after: &Case) -> Result<(), Denial> {
    let to = after.status();
    match before.map(Case::status) {
        Some(from) if !from.may_become(to) => Err(Denial::StatusMove { from, to }),
        _ => Ok(()),
    }
}
