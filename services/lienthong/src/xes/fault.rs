//! What may be wrong with an XES file.

use serde::{Serialize, Serializer};

use super::{
    ATTRIBUTE_BYTES_MAX, ATTRIBUTES_PER_TRACE_MAX, DEPTH_MAX, EVENTS_PER_TRACE_MAX, MARKUP_BYTES_MAX,
    TRACE_BYTES_MAX,
};

/// A fault and where it is. In JSON `{"line", "fault"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct XesFault {
    /// The line of what is wrong, from 1, in the file as it is when uncompressed.
    pub line: u64,
    /// What is wrong; in JSON its text.
    #[serde(serialize_with = "as_text")]
    pub fault: Fault,
}

/// What is wrong: first what ends the reading, then what is wrong with one trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says it all")]
pub enum Fault {
    #[error("the file cannot be read further: {reason}")]
    Unreadable { reason: String },
    #[error("not well-formed XML: {reason}")]
    Xml { reason: String },
    #[error("the encoding is {encoding}; only UTF-8 is taken")]
    Encoding { encoding: String },
    #[error("the file ends within an element")]
    Unclosed,
    #[error("no log element begins here: this is no XES")]
    NotXes,
    #[error("something stands outside of the log element")]
    OutsideLog,
    #[error("elements lie more than {DEPTH_MAX} deep in each other")]
    TooDeep,
    #[error("a tag, comment or text has more than {MARKUP_BYTES_MAX} bytes")]
    MarkupTooLong,

    #[error("the event is part of no trace")]
    EventOutsideTrace,
    #[error("the trace has no concept:name")]
    NamelessTrace,
    #[error("the event has no concept:name")]
    NamelessEvent,
    #[error("the event has no time:timestamp")]
    NoTimestamp,
    #[error("time:timestamp `{text}` is no time with an offset such as 2011-10-11T13:45:40.276+02:00")]
    Timestamp { text: String },
    #[error("attribute `{key}` is there twice")]
    Repeated { key: String },
    #[error("the {element} attribute has no key")]
    NoKey { element: String },
    #[error("attribute `{key}` has no value")]
    NoValue { key: String },
    #[error("the {element} attribute has a character that XML does not permit")]
    Character { element: String },
    #[error("element `{element}` does not belong here")]
    Stray { element: String },
    #[error("text stands between the elements")]
    Text,
    #[error("attribute `{key}` has more than {ATTRIBUTE_BYTES_MAX} bytes")]
    AttributeTooLong { key: String },
    #[error("the trace has more than {EVENTS_PER_TRACE_MAX} events")]
    TooManyEvents,
    #[error("the trace has more than {ATTRIBUTES_PER_TRACE_MAX} attributes")]
    TooManyAttributes,
    #[error("the trace has more than {TRACE_BYTES_MAX} bytes of attributes")]
    TraceTooLong,
}

impl Fault {
    pub(super) const fn at(self, line: u64) -> XesFault {
        XesFault { line, fault: self }
    }
}

fn as_text<S: Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fault)
}
