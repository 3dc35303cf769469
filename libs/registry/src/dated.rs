//! What holds for some days only. History is never rewritten: what changed keeps the days on which it was so.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Days from the first to the last, both included; an end that is none is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// A value and the days on which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated<T> {
    /// What holds.
    pub value: T,
    /// The first day on which it does; none for ever before.
    #[serde(default = "Option::default")]
    pub from: Option<Date>,
    /// The last day on which it does; none until further notice.
    #[serde(default = "Option::default")]
    pub to: Option<Date>,
}

impl Period {
    /// All days.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// From that day on.
    #[must_use]
    pub const fn since(first: Date) -> Self {
        Self { from: Some(first), to: None }
    }

    /// Up to that day, itself included.
    #[must_use]
    pub const fn until(last: Date) -> Self {
        Self { from: None, to: Some(last) }
    }

    /// Whether the day is one of them.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    /// Whether some day is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_by = |from: Option<Date>, to: Option<Date>| match (from, to) {
            (Some(from), Some(to)) => from <= to,
            (None, _) | (_, None) => true,
        };
        begins_by(self.from, other.to) && begins_by(other.from, self.to)
    }

    /// Whether the last day is before the first.
    #[must_use]
    pub fn is_reversed(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to < from)
    }
}

impl<T> Dated<T> {
    /// A value that holds on all days.
    pub const fn always(value: T) -> Self {
        Self { value, from: None, to: None }
    }

    /// A value that holds from that day on.
    pub const fn since(first: Date, value: T) -> Self {
        Self { value, from: Some(first), to: None }
    }

    /// A value that holds up to that day, itself included.
    pub const fn until(last: Date, value: T) -> Self {
        Self { value, from: None, to: Some(last) }
    }

    /// The value, if it holds on that day.
    pub fn on(&self, date: Date) -> Option<&T> {
        self.period().contains(date).then_some(&self.value)
    }

    /// The days on which it holds.
    pub const fn period(&self) -> Period {
        Period { from: self.from, to: self.to }
    }
}

/// The first of the values that holds on that day.
pub(crate) fn first_on<T>(values: &[Dated<T>], date: Date) -> Option<&T> {
    values.iter().find_map(|dated| dated.on(date))
}

/// Whether two of them hold on the same day.
pub(crate) fn any_overlap<T>(values: &[Dated<T>]) -> bool {
    let overlaps = |index: usize, one: &Dated<T>| {
        values.iter().skip(index + 1).any(|other| one.period().overlaps(&other.period()))
    };
    values.iter().enumerate().any(|(index, one)| overlaps(index, one))
}

#[cfg(test)]
mod tests;
