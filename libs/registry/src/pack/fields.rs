//! Reading a mapping field by field: each fault is noted with its line, and the rest is read on.

use std::{fmt, str::FromStr};

use super::{
    Fault,
    fault::Faults,
    yaml::{Entry, Node, Value},
};

/// Something read and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) line: u32,
    pub(super) value: T,
}

/// The fields of one mapping. What nobody asked for is a fault when it is [closed](Self::close).
pub(super) struct Fields<'a> {
    /// Where the mapping begins.
    pub(super) line: u32,
    /// What the mapping is, for faults: `step`.
    of: &'static str,
    left: Vec<&'a Entry>,
}

impl<'a> Fields<'a> {
    /// The fields of a mapping; none, and a fault, if it is something else.
    pub(super) fn of(node: &'a Node, of: &'static str, faults: &mut Faults) -> Option<Self> {
        let Value::Mapping(entries) = &node.value else {
            faults.add(node.line, Fault::NotAMapping { what: of.to_owned() });
            return None;
        };
        let mut left: Vec<&Entry> = Vec::new();
        for entry in entries {
            if left.iter().any(|known| known.key == entry.key) {
                faults.add(entry.line, Fault::RepeatedField { field: entry.key.clone() });
            } else {
                left.push(entry);
            }
        }
        Some(Self { line: node.line, of, left })
    }

    /// A field that must be there.
    pub(super) fn required<T>(&mut self, field: &'static str, faults: &mut Faults) -> Option<At<T>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let node = self.required_node(field, faults)?;
        scalar(node, field, faults)
    }

    /// A field that may be left out.
    pub(super) fn optional<T>(&mut self, field: &'static str, faults: &mut Faults) -> Option<At<T>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let entry = self.take(field)?;
        scalar(&entry.value, field, faults)
    }

    /// A text that must be there and say something.
    pub(super) fn text(&mut self, field: &'static str, faults: &mut Faults) -> Option<String> {
        self.required(field, faults).map(|at: At<String>| at.value)
    }

    /// Each item of a list that may be left out, read by `item`; what it cannot read is left out.
    pub(super) fn list<T>(
        &mut self,
        field: &'static str,
        faults: &mut Faults,
        mut item: impl FnMut(&'a Node, &mut Faults) -> Option<T>,
    ) -> Vec<T> {
        let Some(entry) = self.take(field) else {
            return Vec::new();
        };
        let Value::List(nodes) = &entry.value.value else {
            faults.add(entry.line, Fault::NotAList { field: field.to_owned() });
            return Vec::new();
        };
        nodes.iter().filter_map(|node| item(node, faults)).collect()
    }

    /// A list of plain values that may be left out.
    pub(super) fn values<T>(&mut self, field: &'static str, faults: &mut Faults) -> Vec<At<T>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.list(field, faults, |node, faults| scalar(node, field, faults))
    }

    /// A list of plain values that may be left out, but is not empty where it is there.
    pub(super) fn some_values<T>(
        &mut self,
        field: &'static str,
        faults: &mut Faults,
    ) -> Option<At<Vec<At<T>>>>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let line = self.has(field).then(|| self.line_of(field))?;
        let before = faults.len();
        let value = self.values(field, faults);
        if value.is_empty() && faults.len() == before {
            faults.add(line, Fault::Empty { field: field.to_owned() });
        }
        Some(At { line, value })
    }

    /// A mapping in this one that may be left out.
    pub(super) fn maybe_inner(&mut self, field: &'static str, faults: &mut Faults) -> Option<Fields<'a>> {
        let entry = self.take(field)?;
        Fields::of(&entry.value, field, faults)
    }

    /// A mapping in this one that must be there.
    pub(super) fn inner(&mut self, field: &'static str, faults: &mut Faults) -> Option<Fields<'a>> {
        let node = self.required_node(field, faults)?;
        Fields::of(node, field, faults)
    }

    /// Whether the field is there and not yet read.
    pub(super) fn has(&self, field: &str) -> bool {
        self.left.iter().any(|entry| entry.key == field)
    }

    /// Reads over the field.
    pub(super) fn pass(&mut self, field: &str) {
        self.take(field);
    }

    /// Where the field is, or where it should be.
    pub(super) fn line_of(&self, field: &str) -> u32 {
        self.left.iter().find(|entry| entry.key == field).map_or(self.line, |entry| entry.line)
    }

    /// A fault for each field that nobody asked for.
    pub(super) fn close(self, faults: &mut Faults) {
        for entry in self.left {
            faults.add(entry.line, Fault::UnknownField { field: entry.key.clone(), of: self.of.to_owned() });
        }
    }

    fn required_node(&mut self, field: &'static str, faults: &mut Faults) -> Option<&'a Node> {
        let entry = self.take(field);
        if entry.is_none() {
            faults.add(self.line, Fault::Missing { field: field.to_owned(), of: self.of.to_owned() });
        }
        entry.map(|entry| &entry.value)
    }

    fn take(&mut self, field: &str) -> Option<&'a Entry> {
        let index = self.left.iter().position(|entry| entry.key == field)?;
        Some(self.left.remove(index))
    }
}

fn scalar<T>(node: &Node, field: &'static str, faults: &mut Faults) -> Option<At<T>>
where
    T: FromStr<Err: fmt::Display>,
{
    let Value::Scalar(text) = &node.value else {
        faults.add(node.line, Fault::NotAText { field: field.to_owned() });
        return None;
    };
    if text.trim().is_empty() {
        faults.add(node.line, Fault::Empty { field: field.to_owned() });
        return None;
    }
    let unreadable = |error: T::Err| Fault::Unreadable { field: field.to_owned(), reason: error.to_string() };
    text.parse()
        .map(|value| At { line: node.line, value })
        .map_err(|error| faults.add(node.line, unreadable(error)))
        .ok()
}
