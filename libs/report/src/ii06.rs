//! Báo cáo II.06: tình hình, kết quả giải quyết thủ tục hành chính (TT 01/2020/TT-VPCP).
//!
//! The columns hold c3 = c4 + c5 + c6 = c7 + c11, c7 = c8 + c9 + c10, c11 = c12 + c13 for every row, and c6 of a window is c11
//! of the one before at the same position.

use std::collections::BTreeMap;

use lienthong_calendar::Verdict;
use lienthong_dossier::{Channel, Status};
use lienthong_registry::Registry;

use crate::facts::{Facts, Key, Label};
use crate::percent::Share;
use crate::window::{Rows, Settings, Window};

/// A column that counts, 3 to 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

impl Column {
    /// The first and the last that count.
    const BOUNDS: (usize, usize) = (3, 13);

    /// The column of that number; none where nothing is counted.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        let number = usize::try_from(number).ok()?;
        (Self::BOUNDS.0..=Self::BOUNDS.1).contains(&number).then_some(Self(number))
    }
}

/// A row's figures, columns 3 to 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; 11]);

/// Whether a dossier counts in each of the columns.
type Marks = [bool; 11];

impl Counts {
    /// The figure of a column.
    #[must_use]
    pub fn column(&self, column: Column) -> u64 {
        self.0.get(column.0 - Column::BOUNDS.0).copied().unwrap_or_default()
    }

    /// Columns 3 to 13.
    #[must_use]
    pub fn all(&self) -> [u64; 11] {
        self.0
    }

    fn add(&mut self, marks: &Marks) {
        for (count, mark) in self.0.iter_mut().zip(marks) {
            *count += u64::from(*mark);
        }
    }

    fn sum(&mut self, other: &Self) {
        for (count, other) in self.0.iter_mut().zip(other.0) {
            *count += other;
        }
    }

    /// Solved on time (c8 + c9) of solved (c7).
    #[must_use]
    pub fn on_time(&self) -> Share {
        let [_, _, _, _, c7, c8, c9, ..] = self.0;
        Share { numerator: c8 + c9, denominator: c7 }
    }

    /// Solved late (c10) of solved (c7).
    #[must_use]
    pub fn late(&self) -> Share {
        let [_, _, _, _, c7, _, _, c10, ..] = self.0;
        Share { numerator: c10, denominator: c7 }
    }
}

/// The report while it is counted.
#[derive(Debug, Clone)]
pub struct Ii06 {
    window: Window,
    rows: Rows,
    settings: Settings,
    counted: BTreeMap<Key, Counts>,
    total: Counts,
}

impl Ii06 {
    /// Before the first dossier.
    #[must_use]
    pub fn new(window: Window, rows: Rows, settings: Settings) -> Self {
        Self { window, rows, settings, counted: BTreeMap::new(), total: Counts::default() }
    }

    /// One more dossier.
    pub fn count(&mut self, facts: &Facts) {
        let Some(marks) = marks(facts, self.window, self.settings) else { return };
        self.total.add(&marks);
        let key = facts.row(self.rows);
        if let Some(counts) = self.counted.get_mut(key) {
            counts.add(&marks);
        } else {
            self.counted.entry(key.clone()).or_default().add(&marks);
        }
    }

    /// What was counted of other dossiers.
    pub fn add(&mut self, other: &Self) {
        for (key, counts) in &other.counted {
            self.counted.entry(key.clone()).or_default().sum(counts);
        }
        self.total.sum(&other.total);
    }

    /// All rows together.
    #[must_use]
    pub fn total(&self) -> &Counts {
        &self.total
    }

    /// The rows in the order of their codes, named as on the last day of the window.
    #[must_use]
    pub fn rows(&self, registry: &Registry) -> Vec<(Label, Counts)> {
        let label = |key: &Key| key.label(registry, self.rows, self.window.to());
        let mut rows: Vec<_> = self.counted.iter().map(|(key, counts)| (label(key), *counts)).collect();
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        rows
    }
}

impl Facts {
    /// The row it counts in.
    #[must_use]
    pub fn row(&self, rows: Rows) -> &Key {
        match rows {
            Rows::Agency => &self.agency,
            Rows::Field => &self.field,
            Rows::Procedure => &self.procedure,
        }
    }

    /// Whether it counts in a column of the report.
    #[must_use]
    pub fn is_in(&self, column: Column, window: Window, settings: Settings) -> bool {
        let marks = marks(self, window, settings);
        marks.and_then(|marks| marks.get(column.0 - Column::BOUNDS.0).copied()).unwrap_or_default()
    }
}

/// Where a dossier counts; nowhere when it was solved before the window, or received after it.
fn marks(facts: &Facts, window: Window, settings: Settings) -> Option<Marks> {
    let received = facts.received_at.filter(|at| window.reaches(*at))?;
    let end = facts.end(settings);
    if end.is_some_and(|end| window.begins_after(end.at)) {
        return None;
    }
    let carried = window.begins_after(received);
    let online = facts.channel == Some(Channel::Online);
    let solved = end.filter(|end| window.reaches(end.at));
    let (mut early, mut in_time, mut late, mut pending, mut overdue) = (false, false, false, false, false);
    if let Some(end) = solved {
        let verdict = facts.due_at_end(end).map(|due| Verdict::of(end.at, due));
        late = verdict == Some(Verdict::Late);
        // What was given back counts as on the day (a note of the form).
        early = verdict == Some(Verdict::Early) && end.status != Status::Withdrawn;
        in_time = !late && !early;
    } else {
        overdue = facts.is_overdue(window);
        pending = !overdue;
    }
    let solved = solved.is_some();
    Some([
        true,
        !carried && online,
        !carried && !online,
        carried,
        solved,
        early,
        in_time,
        late,
        !solved,
        pending,
        overdue,
    ])
}
