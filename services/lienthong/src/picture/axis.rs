//! The axis of days: where an instant stands, and what stands along it.

use std::ops::Range;

use jiff::civil::{Date, Time};
use lienthong_calendar::Instant;

use super::text::width_of;

const DAY_MICROS: i64 = 86_400_000_000;

/// A day is not drawn wider than this, or a dossier of two days would look like a long one.
const DAY_COLUMNS_MAX: i64 = 12;

/// Above so many days a label is a month with its year, `11/2026`, else a day, `24/11`.
const DAYS_OF_DAY_LABELS_MAX: i64 = 366;

/// After how many days a label may come. From 7 on labels stand at Mondays.
const LABEL_STEPS: [i64; 9] = [1, 2, 7, 14, 28, 56, 112, 224, 448];

/// Days from left to right: `columns_per_day` columns each, or a column for each `days_per_column`.
pub(super) struct Axis {
    first: Date,
    days: i64,
    columns_per_day: i64,
    days_per_column: i64,
}

impl Axis {
    /// An axis from the day of one instant to the day of another in at most so many columns.
    pub(super) fn new(first: Instant, last: Instant, columns: usize) -> Self {
        let columns = i64::try_from(columns).unwrap_or(i64::MAX).max(1);
        let first = first.date();
        let days = days_between(first, last.date()) + 1;
        let (columns_per_day, days_per_column) = if days <= columns {
            ((columns / days).min(DAY_COLUMNS_MAX), 1)
        } else {
            (1, (days + columns - 1) / columns)
        };
        Self { first, days, columns_per_day, days_per_column }
    }

    /// How many columns it takes.
    fn columns(&self) -> usize {
        index((self.days * self.columns_per_day + self.days_per_column - 1) / self.days_per_column)
    }

    /// The column of an instant.
    fn column(&self, at: Instant) -> usize {
        let since = at.as_micros() - Instant::at(self.first, Time::midnight()).as_micros();
        // Days first: microseconds times columns would not fit for a span of centuries.
        let (days, micros) = (since.div_euclid(DAY_MICROS), since.rem_euclid(DAY_MICROS));
        let columns = days * self.columns_per_day + micros * self.columns_per_day / DAY_MICROS;
        index(columns / self.days_per_column).min(self.columns().saturating_sub(1))
    }

    /// A row of spans, each with its sign. Nothing disappears: a span takes a column at least, and the shorter is drawn
    /// over the longer.
    pub(super) fn draw(&self, spans: impl Iterator<Item = (Instant, Instant, char)>) -> String {
        let mut spans: Vec<(Range<usize>, char)> = spans
            .map(|(from, to, sign)| {
                let from = self.column(from);
                (from..self.column(to).max(from + 1), sign)
            })
            .collect();
        spans.sort_by_key(|(columns, _)| std::cmp::Reverse(columns.len()));
        let mut row = vec![' '; self.columns()];
        for (columns, sign) in spans {
            row.get_mut(columns).into_iter().flatten().for_each(|cell| *cell = sign);
        }
        row.into_iter().collect()
    }

    /// Two rows: days, and where they begin.
    pub(super) fn header(&self) -> [String; 2] {
        let mut labels = Row::default();
        let mut ticks = vec!['─'; self.columns()];
        for (date, column) in self.labelled() {
            let label = self.label(date);
            let ends_within = column + label.len() <= self.columns();
            if ends_within && labels.place(column, &label) {
                ticks.get_mut(column).into_iter().for_each(|tick| *tick = '┬');
            }
        }
        [labels.text, ticks.into_iter().collect()]
    }

    fn label(&self, date: Date) -> String {
        if self.days > DAYS_OF_DAY_LABELS_MAX {
            format!("{:02}/{:04}", date.month(), date.year())
        } else {
            format!("{:02}/{:02}", date.day(), date.month())
        }
    }

    /// The days that get a label if it has room, with their columns: the first, then at even steps.
    fn labelled(&self) -> impl Iterator<Item = (Date, usize)> {
        let room = i64::try_from(self.label(self.first).len()).unwrap_or(i64::MAX);
        let fits = |step: &i64| step * self.columns_per_day / self.days_per_column > room;
        let step = LABEL_STEPS.into_iter().find(fits).unwrap_or(self.days);
        let since_monday = if step < 7 { 0 } else { self.first.weekday().to_monday_zero_offset().into() };
        let later = (1..).map(move |times| times * step - since_monday).take_while(|day| *day < self.days);
        [0].into_iter().chain(later).filter_map(|day| {
            let date = self.first.checked_add(jiff::Span::new().try_days(day).ok()?).ok()?;
            Some((date, index(day * self.columns_per_day / self.days_per_column)))
        })
    }

    /// Rows of numbers from 1, one for each instant, below it. What falls into one column is told as `2-5`, what has no
    /// room in a row goes to the next.
    pub(super) fn numbers(&self, marks: impl Iterator<Item = Instant>) -> Vec<String> {
        let mut groups: Vec<(usize, Range<usize>)> = Vec::new();
        for (number, at) in (1..).zip(marks) {
            let column = self.column(at);
            match groups.last_mut() {
                Some((last, numbers)) if *last == column => numbers.end = number + 1,
                Some(_) | None => groups.push((column, number..number + 1)),
            }
        }
        let mut rows: Vec<Row> = Vec::new();
        for (column, numbers) in groups {
            let label = match numbers.len() {
                1 => numbers.start.to_string(),
                _ => format!("{}-{}", numbers.start, numbers.end - 1),
            };
            // At the right edge the label ends where it would otherwise begin.
            let column = column.min(self.columns().saturating_sub(label.len()));
            if !rows.iter_mut().any(|row| row.place(column, &label)) {
                let mut row = Row::default();
                row.place(column, &label);
                rows.push(row);
            }
        }
        rows.into_iter().map(|row| row.text).collect()
    }
}

/// A row that labels are put into from left to right.
#[derive(Default)]
struct Row {
    text: String,
}

impl Row {
    /// Puts a label at a column, if there is room with a space before it.
    fn place(&mut self, column: usize, label: &str) -> bool {
        let used = width_of(&self.text);
        let has_room = used == 0 || used < column;
        if has_room {
            self.text.push_str(&" ".repeat(column - used));
            self.text.push_str(label);
        }
        has_room
    }
}

fn days_between(first: Date, last: Date) -> i64 {
    last.duration_since(first).as_hours() / 24
}

fn index(columns: i64) -> usize {
    usize::try_from(columns).unwrap_or(0)
}
