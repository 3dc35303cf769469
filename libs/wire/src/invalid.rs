//! Why something handed in is not well-formed.

use crate::pb::common::v1::ErrorReason;

/// Domain of every `google.rpc.ErrorInfo` that this system sends.
pub const ERROR_DOMAIN: &str = "lienthong.vn";

/// A field that is missing or not of its form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// Path of the field from the request, in the names of the contract: `header.actor.name`, `lines[2].account`.
    pub field: String,
    /// What is the matter, in words.
    pub problem: String,
    /// Reason for `google.rpc.ErrorInfo`, one of [`ErrorReason`] without its prefix.
    pub reason: &'static str,
}

/// The reason as errors carry it: its name without the prefix of the enumeration.
#[must_use]
pub fn reason(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

impl Invalid {
    pub(crate) fn new(field: &str, problem: impl Into<String>, why: ErrorReason) -> Self {
        Self { field: field.to_owned(), problem: problem.into(), reason: reason(why) }
    }

    pub(crate) fn missing(field: &str) -> Self {
        Self::new(field, "must be given", ErrorReason::Missing)
    }

    /// The same, seen from the message that has the field.
    pub(crate) fn within(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field), ..self }
    }

    /// The same, seen from the message that has the list.
    pub(crate) fn within_item(self, list: &str, index: usize) -> Self {
        self.within(&format!("{list}[{index}]"))
    }
}
