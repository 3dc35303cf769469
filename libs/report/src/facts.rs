//! What reports count of one dossier.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::{Channel, DossierCode, Named, PaymentChannel, Status, Told};
use lienthong_registry::{AgencyCode, AgencyId, Registry};

use crate::outline::{History, Life, Outline, Payment, Place};
use crate::window::{Rows, Settings, Window};

/// What a row is made of: what the registry knows, or what a source gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The registry's: an agency's id, a field's or a procedure's code.
    Known(String),
    /// A code and a name that the registry does not know.
    Told(String, String),
}

/// The end of processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Instant,
    /// How: 9 or 10 with a result, 7 withdrawn, 8 stopped.
    pub status: Status,
}

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// Since when.
    pub(crate) since: Instant,
    /// Until when.
    pub(crate) due: Instant,
    /// The clock stands, so that nothing can become late.
    pub(crate) stands: bool,
}

/// Money that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paid {
    /// When.
    pub(crate) at: Instant,
    /// How.
    pub(crate) channel: PaymentChannel,
    /// đồng.
    pub(crate) amount: u64,
    /// A receipt was given for it.
    pub(crate) receipted: bool,
    /// It was found on a statement.
    pub(crate) reconciled: bool,
}

impl Paid {
    fn of(payment: &Payment, is_told: impl Fn(Place) -> bool) -> Self {
        Self {
            at: payment.received.at,
            channel: payment.channel,
            amount: payment.amount,
            receipted: payment.receipt.is_some_and(&is_told),
            reconciled: payment.reconciled.is_some_and(&is_told),
        }
    }
}

/// What reports count of one dossier, as it was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The dossier.
    pub code: DossierCode,
    /// Who received it.
    pub agency: Key,
    /// Its field.
    pub field: Key,
    /// Its procedure.
    pub procedure: Key,
    /// How it was filed, where that is said.
    pub channel: Option<Channel>,
    /// When the desk received it; none while it was not, and for a dossier that was refused.
    pub received_at: Option<Instant>,
    /// Statuses, each with the instant it began.
    pub(crate) statuses: Vec<(Instant, Status)>,
    /// Promises, in the order in which they were made.
    pub(crate) promises: Vec<Made>,
    /// Time in which papers were awaited: asked, answered.
    pub(crate) supplements: Vec<(Instant, Option<Instant>)>,
    /// Money that came.
    pub(crate) payments: Vec<Paid>,
    /// What a source tells besides.
    pub(crate) told: Option<Told>,
    /// `at` of the newest record that it is counted by.
    pub newest: Instant,
}

impl Facts {
    /// The facts of a dossier by its records below the offset `cut`; none where these open no dossier that is counted: it
    /// is imported history that tells no reception.
    #[must_use]
    pub fn of(registry: &Registry, code: &DossierCode, outline: &Outline, cut: u64) -> Option<Self> {
        let told = outline.history.as_ref().map(|history| Self::of_history(registry, code, history, cut));
        let live = outline.life.as_ref().filter(|life| life.begun < cut);
        let live = live.map(|life| Self::of_life(registry, code, life, cut));
        match (told, live) {
            _ if outline.opened >= cut => None,
            (None, live) => live,
            (Some(told), None) => told,
            (Some(told), Some(live)) => Some(told?.taken_over(live)),
        }
    }

    /// What another system told up to the adoption, and what happened on the bus from then on.
    fn taken_over(mut self, live: Self) -> Self {
        self.statuses.extend(live.statuses);
        self.promises.extend(live.promises);
        self.supplements.extend(live.supplements);
        Self {
            agency: live.agency,
            field: live.field,
            procedure: live.procedure,
            newest: self.newest.max(live.newest),
            payments: live.payments,
            ..self
        }
    }

    fn of_life(registry: &Registry, code: &DossierCode, case: &Life, cut: u64) -> Self {
        let is_told = |place: Place| place.offset < cut;
        let turns = || case.turns.iter().filter(|turn| is_told(turn.place));
        // A clock runs from the reception on.
        let received = turns().find(|turn| turn.due.is_some());
        let promises = turns()
            .filter_map(|turn| turn.due.map(|due| Made { since: turn.place.at, due, stands: turn.stands }));
        let pack = registry.pack(&case.procedure, &case.pack);
        let payments = case
            .payments
            .iter()
            .filter(|payment| is_told(payment.received) && !payment.cancelled.is_some_and(is_told));
        Self {
            code: code.clone(),
            agency: Key::Known(case.received_by.to_string()),
            field: pack.map_or_else(
                || Key::Told(String::new(), String::new()),
                |pack| Key::Known(pack.field().code.to_string()),
            ),
            procedure: Key::Known(case.procedure.to_string()),
            channel: Some(case.channel),
            received_at: received.map(|turn| turn.place.at),
            statuses: turns().map(|turn| (turn.place.at, turn.status)).collect(),
            promises: promises.collect(),
            supplements: supplements(turns().map(|turn| (turn.place.at, turn.status))),
            payments: payments.map(|it| Paid::of(it, is_told)).collect(),
            told: None,
            newest: turns().next_back().map_or(case.opened_at, |turn| turn.place.at),
        }
    }

    fn of_history(registry: &Registry, code: &DossierCode, imported: &History, cut: u64) -> Option<Self> {
        let (place, told) = imported.told.as_ref().filter(|(place, _)| place.offset < cut)?;
        let progress = imported.progress.iter().filter(|(place, _)| place.offset < cut);
        let newest = progress.clone().map(|(place, _)| place.at).fold(place.at, Ord::max);
        let received_at = told.received_at.filter(|_| told.refused_at.is_none());
        // An end of processing that the status does not bear out ended nothing.
        let (finished, returned) = match imported.status {
            None | Some(Status::Issued | Status::Delivered) => {
                (Some(Status::Issued), Some(Status::Delivered))
            }
            Some(status @ (Status::Withdrawn | Status::Stopped)) => (Some(status), Some(status)),
            Some(
                Status::Filed
                | Status::Accepted
                | Status::Refused
                | Status::Processing
                | Status::SupplementRequested
                | Status::PaymentAwaited,
            ) => (None, None),
        };
        // Where the dossier and its rows tell the same, the dossier is believed.
        let own = [
            received_at.zip(Some(Status::Accepted)),
            told.refused_at.zip(Some(Status::Refused)),
            told.finished_at.zip(finished),
            told.returned_at.zip(returned),
        ];
        let own: Vec<_> = own.into_iter().flatten().collect();
        let is_own = |status: Status| own.iter().any(|(_, told)| *told == status);
        let mut statuses: Vec<_> =
            progress.map(|(_, it)| (it.at, it.status)).filter(|(_, status)| !is_own(*status)).collect();
        statuses.extend(own.iter().copied());
        // What is told without a time is so since the last time that is told.
        let last = statuses.iter().map(|(at, _)| *at).max();
        if let Some((at, status)) = last.zip(imported.status)
            && !matches!(status, Status::Issued | Status::Delivered)
            && statuses.iter().all(|(_, told)| *told != status)
        {
            statuses.push((at, status));
        }
        statuses.sort();
        let asked = told.supplements.iter().map(|it| (it.asked_at, it.answered_at)).collect();
        let supplements =
            if told.supplements.is_empty() { supplements(statuses.iter().copied()) } else { asked };
        Some(Self {
            code: code.clone(),
            agency: agency(registry, &told.agency, received_at),
            field: field(registry, &told.field),
            procedure: procedure(registry, &told.procedure),
            channel: told.channel,
            received_at,
            promises: promises(told, received_at),
            statuses,
            supplements,
            payments: Vec::new(),
            told: Some((**told).clone()),
            newest,
        })
    }

    /// Whether an agency received it: by its id, or by a code that the registry does not know.
    #[must_use]
    pub fn is_of(&self, agency: &str) -> bool {
        match &self.agency {
            Key::Known(id) => id == agency,
            Key::Told(code, _) => code == agency,
        }
    }

    /// The end of processing: the first instant from which it stayed ended. A result that was called back ended nothing.
    #[must_use]
    pub fn end(&self, settings: Settings) -> Option<End> {
        let ends = |status: Status| match status {
            Status::Issued | Status::Delivered | Status::Withdrawn => true,
            Status::Stopped => settings.stopped_is_solved,
            Status::Filed
            | Status::Accepted
            | Status::Refused
            | Status::Processing
            | Status::SupplementRequested
            | Status::PaymentAwaited => false,
        };
        let ended = self.statuses.iter().rev().take_while(|(_, status)| ends(*status)).last();
        ended.map(|(at, status)| End { at: *at, status: *status })
    }

    /// The promise that stood at the end of a window.
    #[must_use]
    pub fn due_at(&self, window: Window) -> Option<Instant> {
        self.made(window).map(|made| made.due)
    }

    /// The promise that stood when it ended.
    #[must_use]
    pub fn due_at_end(&self, end: End) -> Option<Instant> {
        self.promises.iter().rev().find(|made| made.since <= end.at).map(|made| made.due)
    }

    /// Whether it was late at the end of a window and not solved. What stands is as late as it was when it came to stand.
    pub(crate) fn is_overdue(&self, window: Window) -> bool {
        let Some(made) = self.made(window) else { return false };
        let paused = self.statuses.iter().rev().find(|(since, _)| window.reaches(*since));
        let stands_since = match paused {
            Some((since, Status::SupplementRequested | Status::PaymentAwaited | Status::Stopped)) => {
                Some(*since)
            }
            Some(_) | None => made.stands.then_some(made.since),
        };
        made.due.date() < stands_since.map_or(window.measured(), Instant::date)
    }

    fn made(&self, window: Window) -> Option<&Made> {
        self.promises.iter().rev().find(|made| window.reaches(made.since))
    }

    /// The status at the end of a window.
    #[must_use]
    pub fn status_at(&self, window: Window) -> Option<Status> {
        self.statuses.iter().rev().find(|(since, _)| window.reaches(*since)).map(|(_, status)| *status)
    }
}

/// A source tells promises by its supplements, and the current one.
fn promises(told: &Told, received_at: Option<Instant>) -> Vec<Made> {
    let Some(received_at) = received_at else { return Vec::new() };
    let first = told.supplements.first().and_then(|first| first.due_before);
    let moved = told.supplements.iter().filter_map(|it| it.answered_at.zip(it.due_after));
    let promises: Vec<_> = first.map(|due| (received_at, due)).into_iter().chain(moved).collect();
    // Since when the current one stands is told by these; where it is none of them, it counts from the start, alone.
    let promises = match (told.due, promises.last()) {
        (Some(due), last) if last.is_none_or(|(_, known)| *known != due) => vec![(received_at, due)],
        _ => promises,
    };
    promises.into_iter().map(|(since, due)| Made { since, due, stands: false }).collect()
}

/// From each request for papers to the next other status.
fn supplements(statuses: impl Iterator<Item = (Instant, Status)>) -> Vec<(Instant, Option<Instant>)> {
    let mut found: Vec<(Instant, Option<Instant>)> = Vec::new();
    for (at, status) in statuses {
        let open = found.last_mut().filter(|(_, answered)| answered.is_none());
        match (status == Status::SupplementRequested, open) {
            (true, None) => found.push((at, None)),
            (false, Some((_, answered))) => *answered = Some(at),
            (true, Some(_)) | (false, None) => {}
        }
    }
    found
}

fn agency(registry: &Registry, told: &Named, received_at: Option<Instant>) -> Key {
    let on = received_at.map(Instant::date);
    let code = AgencyCode::parse(&told.code).ok();
    let known = code.zip(on).and_then(|(code, on)| registry.agency_by_code(&code, on));
    known.map_or_else(|| as_told(told), |agency| Key::Known(agency.id.to_string()))
}

fn procedure(registry: &Registry, told: &Named) -> Key {
    let known = registry.procedure_name(&told.code, Date::MAX).is_some();
    if known { Key::Known(told.code.clone()) } else { as_told(told) }
}

fn field(registry: &Registry, told: &Named) -> Key {
    if registry.field_name(&told.code).is_some() { Key::Known(told.code.clone()) } else { as_told(told) }
}

fn as_told(told: &Named) -> Key {
    Key::Told(told.code.clone(), told.name.clone())
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Its code.
    pub code: String,
    /// Its name in Vietnamese.
    pub name: String,
    /// The registry does not know it: code and name are as a source gives them.
    pub unknown: bool,
}

impl Key {
    /// What the row is called on a day.
    #[must_use]
    pub fn label(&self, registry: &Registry, rows: Rows, on: Date) -> Label {
        let known = match self {
            Self::Told(code, name) => {
                return Label { code: code.clone(), name: name.clone(), unknown: true };
            }
            Self::Known(known) => known,
        };
        let agency = || AgencyId::parse(known).ok().and_then(|id| registry.agency(&id));
        let (code, name) = match rows {
            Rows::Agency => agency()
                .map(|agency| (agency.code_on(on).map(ToString::to_string), agency.name_on(on)))
                .unwrap_or_default(),
            Rows::Field => (None, registry.field_name(known)),
            Rows::Procedure => (None, registry.procedure_name(known, on)),
        };
        Label {
            code: code.unwrap_or_else(|| known.clone()),
            name: name.unwrap_or(known).to_owned(),
            unknown: false,
        }
    }
}
