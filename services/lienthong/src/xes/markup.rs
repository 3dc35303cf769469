//! XML as a sequence of nodes with lines, checked to be well formed: the parser alone does not mind a missing end.

use std::borrow::Cow;

use quick_xml::{
    Error as XmlError, Reader, XmlVersion,
    events::{BytesDecl, BytesStart, Event},
};

use super::{DEPTH_MAX, Fault, XesFault, source::Counted};
use crate::decoded::Source;

pub(super) struct Markup {
    reader: Reader<Counted>,
    buffer: Vec<u8>,
    depth: usize,
    version: XmlVersion,
}

pub(super) enum Node {
    /// An element begins.
    Open(Element),
    /// The innermost element ends.
    Close,
    /// Text other than white space.
    Text { line: u64 },
    /// The file ends, and every element has.
    End { line: u64 },
}

/// What XES says in an element: everything in two attributes.
pub(super) struct Element {
    /// Where its tag begins.
    pub(super) line: u64,
    /// Without a namespace prefix.
    pub(super) name: String,
    pub(super) key: Option<String>,
    pub(super) value: Option<String>,
}

impl Markup {
    pub(super) fn new(source: Source) -> Self {
        let mut reader = Reader::from_reader(Counted::new(source));
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().enable_all_checks(true);
        Self { reader, buffer: Vec::new(), depth: 0, version: XmlVersion::Implicit1_0 }
    }

    /// How many elements are open, the one that [`Node::Open`] just told of included.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// The next node. After an error there is none.
    pub(super) fn pull(&mut self) -> Result<Node, XesFault> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().refill();
            let line = self.reader.get_ref().line();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(_) if self.reader.get_ref().is_spent() => return Err(Fault::MarkupTooLong.at(line)),
                Err(error) => return Err(fault(&error).at(line)),
            };
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(Fault::TooDeep.at(line));
                    }
                    let element = element(&start, line, self.version);
                    return element.map(Node::Open).map_err(|error| fault(&error).at(line));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Node::Close);
                }
                Event::Text(text) => {
                    let said = text.trim_ascii_start();
                    if !said.is_empty() {
                        let before = text.bytes().take(text.len() - said.len());
                        let newlines = before.filter(|byte| *byte == b'\n').count() as u64;
                        return Ok(Node::Text { line: line + newlines });
                    }
                }
                Event::CData(_) | Event::GeneralRef(_) => return Ok(Node::Text { line }),
                Event::Decl(decl) => self.version = version(&decl).map_err(|fault| fault.at(line))?,
                Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
                Event::Eof if self.depth > 0 => return Err(Fault::Unclosed.at(line)),
                Event::Eof => return Ok(Node::End { line }),
            }
        }
    }
}

fn element(start: &BytesStart<'_>, line: u64, version: XmlVersion) -> Result<Element, XmlError> {
    let (mut key, mut value) = (None, None);
    for attribute in start.attributes() {
        let attribute = attribute?;
        let said = match attribute.key.as_ref() {
            "key" => &mut key,
            "value" => &mut value,
            _ => continue,
        };
        *said = Some(attribute.normalized_value(version)?.into_owned());
    }
    Ok(Element { line, name: start.local_name().as_ref().to_owned(), key, value })
}

/// The version that the XML declaration names. The parser would read any encoding as UTF-8.
fn version(decl: &BytesDecl<'_>) -> Result<XmlVersion, Fault> {
    let encoding = decl.encoding().transpose().map_err(|error| fault(&error.into()))?;
    let encoding = encoding.unwrap_or(Cow::Borrowed("UTF-8"));
    if !["UTF-8", "US-ASCII"].iter().any(|taken| encoding.eq_ignore_ascii_case(taken)) {
        return Err(Fault::Encoding { encoding: encoding.into_owned() });
    }
    decl.xml_version().map_err(|error| fault(&error))
}

fn fault(error: &XmlError) -> Fault {
    match error {
        XmlError::Io(error) => Fault::Unreadable { reason: error.to_string() },
        XmlError::Encoding(_) => Fault::Encoding { encoding: "another".to_owned() },
        XmlError::Syntax(_)
        | XmlError::IllFormed(_)
        | XmlError::InvalidAttr(_)
        | XmlError::Escape(_)
        | XmlError::Namespace(_) => Fault::Xml { reason: error.to_string() },
    }
}
