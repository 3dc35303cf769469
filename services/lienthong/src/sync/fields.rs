//! The fields of a record, each taken once; what is left is kept as it is.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_calendar::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::time;

/// A field that is not what it has to be. Its value is not repeated: it may be about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct FieldFault {
    /// The field.
    pub field: String,
    /// What is wrong.
    pub problem: String,
}

pub(super) fn fault(field: &str, problem: impl Into<String>) -> FieldFault {
    FieldFault { field: field.to_owned(), problem: problem.into() }
}

/// A record's fields.
#[derive(Debug)]
pub(super) struct Fields {
    left: BTreeMap<String, Box<RawValue>>,
}

/// A value that is text, however it is written.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Flag(bool),
    Number(serde_json::Number),
    Nothing(()),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Flag(flag) => u8::from(flag).to_string(),
            Self::Number(number) => number.to_string(),
            Self::Nothing(()) => String::new(),
        }
    }
}

/// The member of an object; none where the value is no object, or has no such member.
pub(super) fn member(value: &RawValue, name: &str) -> Result<Option<Box<RawValue>>, serde_json::Error> {
    if !value.get().trim_start().starts_with('{') {
        return Ok(None);
    }
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(value.get())?;
    Ok(members.remove(name))
}

/// The items of a list; a single object is a list of one, and nothing is an empty one.
pub(super) fn list(value: &RawValue) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    let text = value.get().trim_start();
    if text.starts_with('[') {
        serde_json::from_str(text)
    } else if text.starts_with('{') {
        Ok(vec![value.to_owned()])
    } else if matches!(text.trim(), "null" | "\"\"") {
        Ok(Vec::new())
    } else {
        serde_json::from_str(text)
    }
}

impl Fields {
    pub(super) fn parse(record: &RawValue) -> Result<Self, serde_json::Error> {
        Ok(Self { left: serde_json::from_str(record.get())? })
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.left.contains_key(field)
    }

    /// The text of a field, which is done with; empty where there is none.
    pub(super) fn text(&mut self, field: &str) -> Result<String, FieldFault> {
        let Some(value) = self.left.remove(field) else { return Ok(String::new()) };
        let scalar: Scalar =
            serde_json::from_str(value.get()).map_err(|_| fault(field, "is neither text nor number"))?;
        let text = scalar.into_text();
        if text.chars().any(char::is_control) {
            // Lines of free text are one line here, as everywhere on the bus.
            return Ok(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        Ok(text)
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, field: &str) -> Result<String, FieldFault> {
        let text = self.text(field)?;
        if text.is_empty() { Err(fault(field, "is missing")) } else { Ok(text) }
    }

    /// A text of at most so many characters.
    pub(super) fn short(&mut self, field: &str, chars_max: usize) -> Result<String, FieldFault> {
        let text = self.text(field)?;
        if text.chars().count() > chars_max {
            return Err(fault(field, format!("is longer than {chars_max} characters")));
        }
        Ok(text)
    }

    /// A small number; none where there is none.
    pub(super) fn code(&mut self, field: &str) -> Result<Option<u8>, FieldFault> {
        let text = self.text(field)?;
        let number = |text: &str| text.parse().map_err(|_| fault(field, "is no code"));
        if text.is_empty() { Ok(None) } else { number(&text).map(Some) }
    }

    /// A flag, 0 or 1; none where there is none.
    pub(super) fn flag(&mut self, field: &str) -> Result<Option<bool>, FieldFault> {
        let text = self.text(field)?.to_ascii_lowercase();
        match text.as_str() {
            "" => Ok(None),
            "0" | "false" => Ok(Some(false)),
            "1" | "true" => Ok(Some(true)),
            _ => Err(fault(field, "is neither 0 nor 1")),
        }
    }

    /// A time; none where there is none.
    pub(super) fn time(&mut self, field: &str) -> Result<Option<Instant>, FieldFault> {
        self.time_by(field, time::parse)
    }

    /// A time in either form that is seen in lists.
    pub(super) fn time_either(&mut self, field: &str) -> Result<Option<Instant>, FieldFault> {
        self.time_by(field, time::parse_either)
    }

    fn time_by(
        &mut self,
        field: &str,
        parse: impl Fn(&str) -> Option<Instant>,
    ) -> Result<Option<Instant>, FieldFault> {
        let text = self.text(field)?;
        if text.is_empty() {
            return Ok(None);
        }
        parse(&text).map(Some).ok_or_else(|| fault(field, "is no time such as 20261102081532"))
    }

    /// An amount of money in đồng.
    pub(super) fn amount(&mut self, field: &str) -> Result<u64, FieldFault> {
        let text = self.text(field)?;
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().map_err(|_| fault(field, "is no whole amount in đồng"))
    }

    /// The records of a list, which stays where it is.
    pub(super) fn items(&self, field: &str) -> Result<Vec<Self>, FieldFault> {
        let Some(value) = self.left.get(field) else { return Ok(Vec::new()) };
        let broken = |_| fault(field, "is no list of records");
        list(value).and_then(|items| items.iter().map(|item| Self::parse(item)).collect()).map_err(broken)
    }

    /// What is left of a known field, as JSON; empty where it says nothing.
    pub(super) fn rest(&mut self, field: &str) -> String {
        let said = self.left.remove(field).map(|value| value.get().to_owned()).unwrap_or_default();
        if matches!(said.trim(), "null" | "\"\"" | "[]") { String::new() } else { said }
    }

    /// What is left, with its names.
    pub(super) fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        self.left.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    /// The names of what is left.
    pub(super) fn into_unknown(self) -> BTreeSet<String> {
        self.left.into_keys().collect()
    }
}
