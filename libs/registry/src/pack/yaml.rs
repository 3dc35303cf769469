//! YAML as a tree in which everything knows its line, so that a fault can say where it is.
//!
//! Scalars stay the text that was written: a procedure's code `1.012750` is no number. Anchors, aliases and tags are
//! refused: what is published must read the same to everyone.

use serde_saphyr::granit_parser::{Event, Parser, StrInput};

use super::{Fault, PACK_BYTES_MAX, fault::Faults};

/// How deep collections may lie in each other; the schema needs seven.
const DEPTH_MAX: usize = 12;

/// A piece of YAML.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What it is. Nothing written is the empty scalar.
#[derive(Debug)]
pub(super) enum Value {
    Scalar(String),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// One key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) line: u32,
    pub(super) key: String,
    pub(super) value: Node,
}

/// The one document of the text; none after a fault.
pub(super) fn parse(text: &str, faults: &mut Faults) -> Option<Node> {
    if text.len() > PACK_BYTES_MAX {
        faults.add(1, Fault::TooLong { bytes: text.len() });
        return None;
    }
    document(&mut Events { parser: Parser::new_from_str(text) })
        .map_err(|(line, fault)| faults.add(line, fault))
        .ok()
}

type Located<T> = Result<T, (u32, Fault)>;

struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Events<'a> {
    /// The next event that is no comment, with its line.
    fn next(&mut self) -> Located<(u32, Event<'a>)> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok((line(span.start.line()), event)),
                Some(Err(error)) => {
                    let fault = Fault::Syntax { message: error.kind().to_string() };
                    return Err((line(error.marker().line()), fault));
                }
                None => return Ok((1, Event::StreamEnd)),
            }
        }
    }
}

fn document(events: &mut Events<'_>) -> Located<Node> {
    let mut root = None;
    loop {
        let (line, event) = events.next()?;
        if matches!(event, Event::StreamEnd) {
            return root.ok_or((1, Fault::NoDocument));
        }
        if matches!(event, Event::DocumentStart(..)) {
            if root.is_some() {
                return Err((line, Fault::SecondDocument));
            }
            let (line, event) = events.next()?;
            root = Some(node(events, line, &event, 0)?);
        }
    }
}

fn node(events: &mut Events<'_>, line: u32, event: &Event<'_>, depth: usize) -> Located<Node> {
    if depth > DEPTH_MAX {
        return Err((line, Fault::TooDeep));
    }
    let anchored = event.anchor_id().is_some_and(|id| id > 0) || event.is_alias();
    if anchored || event.tag().is_some() {
        return Err((line, Fault::AnchorOrTag));
    }
    if matches!(event, Event::MappingStart(..)) {
        return Ok(Node { line, value: Value::Mapping(mapping(events, depth)?) });
    }
    if matches!(event, Event::SequenceStart(..)) {
        return Ok(Node { line, value: Value::List(list(events, depth)?) });
    }
    match event.scalar() {
        Some((text, _)) => Ok(Node { line, value: Value::Scalar(text.to_owned()) }),
        None => Err((line, Fault::AnchorOrTag)),
    }
}

fn list(events: &mut Events<'_>, depth: usize) -> Located<Vec<Node>> {
    let mut items = Vec::new();
    loop {
        let (line, event) = events.next()?;
        if matches!(event, Event::SequenceEnd) {
            return Ok(items);
        }
        items.push(node(events, line, &event, depth + 1)?);
    }
}

fn mapping(events: &mut Events<'_>, depth: usize) -> Located<Vec<Entry>> {
    let mut entries = Vec::new();
    loop {
        let (line, event) = events.next()?;
        if matches!(event, Event::MappingEnd) {
            return Ok(entries);
        }
        let Value::Scalar(key) = node(events, line, &event, depth + 1)?.value else {
            return Err((line, Fault::KeyNotText));
        };
        let (value_line, event) = events.next()?;
        entries.push(Entry { line, key, value: node(events, value_line, &event, depth + 1)? });
    }
}

fn line(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
