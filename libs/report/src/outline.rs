//! What of a dossier reports count: without the registry's names, and at no position yet.
//!
//! A dossier's state is ten times as large, and a report goes through all of them. So whoever keeps states keeps these beside them.

use lienthong_calendar::Instant;
use lienthong_dossier::{Case, Channel, Dossier, Imported, Mark, PaymentChannel, Progress, Status, Told};
use lienthong_registry::{AgencyId, PackVersion, ProcedureCode};
use serde::{Deserialize, Serialize};

/// What reports count of one dossier, each with the record that tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Its first record.
    pub(crate) opened: u64,
    /// What another system told of it.
    pub(crate) history: Option<History>,
    /// What happened on the bus.
    pub(crate) life: Option<Life>,
}

/// A record: its offset and its `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) at: Instant,
}

/// A record that changed status or promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) place: Place,
    pub(crate) status: Status,
    pub(crate) due: Option<Instant>,
    pub(crate) stands: bool,
}

/// Money that came, and what was found of it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) received: Place,
    pub(crate) channel: PaymentChannel,
    /// đồng.
    pub(crate) amount: u64,
    pub(crate) receipt: Option<Place>,
    pub(crate) reconciled: Option<Place>,
    pub(crate) cancelled: Option<Place>,
}

/// A case of the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life {
    /// The offset of the record with which it began here.
    pub(crate) begun: u64,
    pub(crate) received_by: AgencyId,
    pub(crate) procedure: ProcedureCode,
    pub(crate) pack: PackVersion,
    pub(crate) channel: Channel,
    pub(crate) opened_at: Instant,
    pub(crate) turns: Vec<Turn>,
    pub(crate) payments: Vec<Payment>,
}

/// A dossier as another system tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct History {
    pub(crate) status: Option<Status>,
    pub(crate) told: Option<(Place, Box<Told>)>,
    pub(crate) progress: Vec<(Place, Progress)>,
}

impl Outline {
    /// The offset of its first record.
    #[must_use]
    pub const fn opened(&self) -> u64 {
        self.opened
    }

    /// The outline of a dossier whose records lie at these offsets: the first is asked for as record 0.
    #[must_use]
    pub fn of(dossier: &Dossier, offset_of: impl Fn(u32) -> u64) -> Self {
        let place = |mark: Mark| Place { offset: offset_of(mark.record), at: mark.at };
        let opened = offset_of(0);
        match dossier {
            Dossier::Imported(imported) => {
                Self { opened, history: Some(History::of(imported, &place)), life: None }
            }
            Dossier::Live(case) => {
                let adopted = case.adopted.as_deref();
                let begun = adopted.map_or(opened, |imported| offset_of(imported.records));
                let history = adopted.map(|imported| History::of(imported, &place));
                Self { opened, history, life: Some(Life::of(case, begun, &place)) }
            }
        }
    }
}

impl Life {
    fn of(case: &Case, begun: u64, place: &impl Fn(Mark) -> Place) -> Self {
        let turns = case.trail.turns().iter().map(|turn| Turn {
            place: place(turn.mark),
            status: turn.status,
            due: turn.due,
            stands: turn.stands,
        });
        let payments = case.money.payments.values().map(|payment| Payment {
            received: place(payment.received),
            channel: payment.channel,
            amount: payment.amount.get(),
            receipt: payment.receipt.as_ref().map(|(_, mark)| place(*mark)),
            reconciled: payment.reconciled.as_ref().map(|(_, mark)| place(*mark)),
            cancelled: payment.cancelled.map(place),
        });
        Self {
            begun,
            received_by: case.received_by.clone(),
            procedure: case.procedure.clone(),
            pack: case.pins.pack.clone(),
            channel: case.channel,
            opened_at: case.opened_at,
            turns: turns.collect(),
            payments: payments.collect(),
        }
    }
}

impl History {
    fn of(imported: &Imported, place: &impl Fn(Mark) -> Place) -> Self {
        Self {
            status: imported.status,
            told: imported.told.as_ref().map(|(mark, told)| (place(*mark), told.clone())),
            progress: imported.progress.iter().map(|(mark, it)| (place(*mark), *it)).collect(),
        }
    }
}
