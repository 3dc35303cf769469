//! Traces: one case each, with its events.

use super::{
    ATTRIBUTE_BYTES_MAX, ATTRIBUTES_PER_TRACE_MAX, EVENTS_PER_TRACE_MAX, Element, Fault, Markup, Node,
    TRACE_BYTES_MAX, Timestamp, XesFault,
};

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where it begins.
    pub line: u64,
    /// Its `concept:name`.
    pub name: String,
    /// Its other attributes, key and value, in their order; values as the file has them.
    pub attributes: Vec<(String, String)>,
    /// What was done, in the order of the file, which need not be that of time.
    pub events: Vec<XesEvent>,
}

/// One activity of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XesEvent {
    /// Where it begins.
    pub line: u64,
    /// What was done: `concept:name`.
    pub name: String,
    /// Who did it: `org:resource`.
    pub resource: Option<String>,
    /// The unit it was done in: `org:group`.
    pub group: Option<String>,
    /// What became of it, such as `complete`: `lifecycle:transition`.
    pub lifecycle: Option<String>,
    /// Which instance of the activity it was: `concept:instance`.
    pub instance: Option<String>,
    /// When: `time:timestamp`.
    pub timestamp: Timestamp,
    /// Its other attributes, key and value, in their order; values as the file has them.
    pub attributes: Vec<(String, String)>,
}

/// Why there is no trace.
pub(super) enum Stop {
    /// This one is not sound.
    Trace(XesFault),
    /// There is no reading on.
    File(XesFault),
}

/// Whatever the parser tells ends the reading.
impl From<XesFault> for Stop {
    fn from(fault: XesFault) -> Self {
        Self::File(fault)
    }
}

/// What a trace may still have.
struct Room {
    /// Of keys and values.
    bytes: usize,
    attributes: usize,
}

/// The trace whose tag was read last, up to and including its end.
pub(super) fn read(markup: &mut Markup, line: u64) -> Result<Trace, Stop> {
    let mut attributes = Attributes::default();
    let mut events = Vec::new();
    let mut room = Room { bytes: TRACE_BYTES_MAX, attributes: ATTRIBUTES_PER_TRACE_MAX };
    while let Some(element) = child(markup)? {
        if element.name != "event" {
            attributes.read(markup, element, "", &mut room)?;
        } else if events.len() == EVENTS_PER_TRACE_MAX {
            return Err(Stop::Trace(Fault::TooManyEvents.at(element.line)));
        } else {
            events.push(event(markup, element.line, &mut room)?);
        }
    }
    let name = attributes.take_said("concept:name")?;
    let name = name.ok_or(Stop::Trace(Fault::NamelessTrace.at(line)))?;
    Ok(Trace { line, name, attributes: attributes.others(), events })
}

fn event(markup: &mut Markup, line: u64, room: &mut Room) -> Result<XesEvent, Stop> {
    let mut attributes = Attributes::default();
    while let Some(element) = child(markup)? {
        attributes.read(markup, element, "", room)?;
    }
    let name = attributes.take_said("concept:name")?;
    Ok(XesEvent {
        line,
        name: name.ok_or(Stop::Trace(Fault::NamelessEvent.at(line)))?,
        resource: attributes.take_said("org:resource")?,
        group: attributes.take_said("org:group")?,
        lifecycle: attributes.take_said("lifecycle:transition")?,
        instance: attributes.take_said("concept:instance")?,
        timestamp: attributes.take_timestamp(line)?,
        attributes: attributes.others(),
    })
}

/// The next element within the one that is open; none at its end.
fn child(markup: &mut Markup) -> Result<Option<Element>, Stop> {
    match markup.pull()? {
        Node::Open(element) => Ok(Some(element)),
        Node::Text { line } => Err(Stop::Trace(Fault::Text.at(line))),
        // The file does not end within an element: that is a fault by then.
        Node::Close | Node::End { .. } => Ok(None),
    }
}

/// XML 1.0, 2.2: what there may be in a file at all.
const fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The attributes of a trace or an event, of which some mean something to us.
#[derive(Default)]
struct Attributes(Vec<Attribute>);

struct Attribute {
    line: u64,
    key: String,
    value: String,
}

impl Attributes {
    /// Reads the attribute that `element` begins, with those nested in it, up to and including its end. How deep that may
    /// go is limited by the parser.
    fn read(
        &mut self,
        markup: &mut Markup,
        element: Element,
        outer: &str,
        room: &mut Room,
    ) -> Result<(), Stop> {
        let Element { line, name, key, value } = element;
        let stop = |fault: Fault| Stop::Trace(fault.at(line));
        let is_collection = match name.as_str() {
            "string" | "date" | "int" | "float" | "boolean" | "id" => false,
            "list" | "container" => true,
            _ => return Err(stop(Fault::Stray { element: name })),
        };
        let Some(key) = key else { return Err(stop(Fault::NoKey { element: name })) };
        // The parser lets them pass.
        if !key.chars().chain(value.iter().flat_map(|value| value.chars())).all(is_xml) {
            return Err(stop(Fault::Character { element: name }));
        }
        let key = format!("{outer}{key}");
        let bytes = key.len() + value.as_ref().map_or(0, String::len);
        if bytes > ATTRIBUTE_BYTES_MAX {
            // Named by its beginning: the key itself may be what is too long.
            return Err(stop(Fault::AttributeTooLong { key: key.chars().take(40).collect() }));
        }
        room.attributes = room.attributes.checked_sub(1).ok_or_else(|| stop(Fault::TooManyAttributes))?;
        room.bytes = room.bytes.checked_sub(bytes).ok_or_else(|| stop(Fault::TraceTooLong))?;
        let inner = format!("{key}/");
        match value {
            Some(value) => self.0.push(Attribute { line, key, value }),
            None if is_collection => {}
            None => return Err(stop(Fault::NoValue { key })),
        }
        self.read_nested(markup, &inner, is_collection, room)
    }

    fn read_nested(
        &mut self,
        markup: &mut Markup,
        outer: &str,
        is_collection: bool,
        room: &mut Room,
    ) -> Result<(), Stop> {
        while let Some(element) = child(markup)? {
            // A list has its members in an element of their own.
            if is_collection && element.name == "values" {
                self.read_nested(markup, outer, false, room)?;
            } else {
                self.read(markup, element, outer, room)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, key: &str) -> Result<Option<Attribute>, Stop> {
        let Some(index) = self.0.iter().position(|attribute| attribute.key == key) else { return Ok(None) };
        let taken = self.0.remove(index);
        match self.0.iter().find(|attribute| attribute.key == key) {
            Some(Attribute { line, .. }) => {
                Err(Stop::Trace(Fault::Repeated { key: key.to_owned() }.at(*line)))
            }
            None => Ok(Some(taken)),
        }
    }

    /// The value of a key; white space says nothing.
    fn take_said(&mut self, key: &str) -> Result<Option<String>, Stop> {
        let value = self.take(key)?.map(|attribute| attribute.value);
        Ok(value.filter(|value| !value.trim().is_empty()))
    }

    fn take_timestamp(&mut self, event_line: u64) -> Result<Timestamp, Stop> {
        let Some(Attribute { line, value, .. }) = self.take("time:timestamp")? else {
            return Err(Stop::Trace(Fault::NoTimestamp.at(event_line)));
        };
        Timestamp::parse(&value).ok_or_else(|| Stop::Trace(Fault::Timestamp { text: value }.at(line)))
    }

    fn others(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|Attribute { key, value, .. }| (key, value)).collect()
    }
}
