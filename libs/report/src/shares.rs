//! Shares that offices publish: online filing, and what was solved on time by agency and month.

use std::collections::BTreeMap;

use lienthong_calendar::Instant;
use lienthong_dossier::Channel;
use lienthong_registry::Registry;

use crate::facts::{Facts, Key, Label};
use crate::percent::Share;
use crate::window::{Rows, Settings, Window};

/// What an agency did in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnTime {
    /// Solved on time, of those solved.
    pub on_time: Share,
    /// Filed online, of those received anew.
    pub online: Share,
}

/// Shares of a window while they are counted.
#[derive(Debug, Clone)]
pub struct Shares {
    window: Window,
    settings: Settings,
    online: Share,
    months: BTreeMap<(Key, (i16, i8)), OnTime>,
}

fn month(at: Instant) -> (i16, i8) {
    let date = at.date();
    (date.year(), date.month())
}

impl Shares {
    /// Before the first dossier.
    #[must_use]
    pub fn new(window: Window, settings: Settings) -> Self {
        Self { window, settings, online: Share::default(), months: BTreeMap::new() }
    }

    /// One more dossier.
    pub fn count(&mut self, facts: &Facts) {
        let Some(received) = facts.received_at else { return };
        if self.window.holds(received) {
            let is_online = facts.channel == Some(Channel::Online);
            self.online.count(is_online);
            self.month(&facts.agency, received).online.count(is_online);
        }
        if let Some(end) = facts.end(self.settings).filter(|end| self.window.holds(end.at)) {
            let late = facts.due_at_end(end).is_some_and(|due| end.at.date() > due.date());
            self.month(&facts.agency, end.at).on_time.count(!late);
        }
    }

    fn month(&mut self, agency: &Key, at: Instant) -> &mut OnTime {
        self.months.entry((agency.clone(), month(at))).or_default()
    }

    /// Filed online, of those received anew within the window.
    #[must_use]
    pub fn online(&self) -> Share {
        self.online
    }

    /// By agency, in the order of codes, and by month, `YYYY-MM`.
    #[must_use]
    pub fn months(&self, registry: &Registry) -> Vec<(Label, String, OnTime)> {
        let row = |((agency, (year, month)), counts): (&(Key, (i16, i8)), &OnTime)| {
            let label = agency.label(registry, Rows::Agency, self.window.to());
            (label, format!("{year:04}-{month:02}"), *counts)
        };
        let mut rows: Vec<_> = self.months.iter().map(row).collect();
        rows.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        rows
    }
}
