//! Reading XES, the format of process-mining logs (IEEE 1849), one trace at a time.
//!
//! ```text
//! .xes, .xes.gz --source--> Markup --pull--> Xes: Iterator<Item = Result<Trace, XesFault>>
//! ```
//!
//! A trace that is not sound is one fault with its line, and reading goes on behind it. What is no well-formed XML ends
//! the reading with a fault, because nothing after it can be trusted. Skipped are extensions, globals (defaults for
//! tools), classifiers and the attributes of the log itself, with all that is nested in them. Nested attributes of
//! traces and events are kept under `outer/inner`.
//!
//! Memory holds one trace at a time; every length that the file decides has a limit.

mod fault;
mod markup;
mod source;
mod timestamp;
mod trace;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use markup::{Element, Markup, Node};
use trace::Stop;

pub use fault::{Fault, XesFault};
pub use timestamp::Timestamp;
pub use trace::{Trace, XesEvent};

/// The most bytes of an attribute's key and value.
pub const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;

/// The most events of a trace.
pub const EVENTS_PER_TRACE_MAX: usize = 4_096;

/// The most bytes of keys and values of a trace with its events.
pub const TRACE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most attributes of a trace with its events. One takes memory though it says nothing.
pub const ATTRIBUTES_PER_TRACE_MAX: usize = 64 * EVENTS_PER_TRACE_MAX;

/// How deep elements may lie in each other; an event's attributes have depth 4.
pub const DEPTH_MAX: usize = 32;

/// The most bytes of one tag, comment or text.
pub const MARKUP_BYTES_MAX: usize = 1024 * 1024;

/// The traces of a file, in its order.
pub struct Xes {
    markup: Markup,
    /// Whatever lies deeper than this is skipped.
    skip_below: Option<usize>,
    root_was_read: bool,
    has_ended: bool,
}

impl Xes {
    /// Opens a file, compressed with gzip or not: its first bytes tell.
    ///
    /// # Errors
    /// The file cannot be opened, or its first bytes cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::read(File::open(path)?)
    }

    /// Reads from anything, compressed with gzip or not.
    ///
    /// # Errors
    /// The first bytes cannot be read.
    pub fn read(from: impl Read + Send + 'static) -> io::Result<Self> {
        let markup = Markup::new(crate::decoded::decoded(from)?);
        Ok(Self { markup, skip_below: None, root_was_read: false, has_ended: false })
    }

    fn advance(&mut self) -> Result<Option<Trace>, Stop> {
        loop {
            match self.markup.pull()? {
                Node::Open(element) if self.skip_below.is_none() => {
                    if let Some(trace) = self.open_element(&element)? {
                        return Ok(Some(trace));
                    }
                }
                Node::Close if self.skip_below == Some(self.markup.depth()) => self.skip_below = None,
                Node::Open(_) | Node::Close => {}
                // Log and skipped elements hold no text that means anything; around the log there may be none.
                Node::Text { line } if self.markup.depth() == 0 => {
                    return Err(Stop::File(Fault::OutsideLog.at(line)));
                }
                Node::Text { .. } => {}
                Node::End { line } if !self.root_was_read => {
                    return Err(Stop::File(Fault::NotXes.at(line)));
                }
                Node::End { .. } => return Ok(None),
            }
        }
    }

    /// An element that is not skipped: the log, or a child of it.
    fn open_element(&mut self, element: &Element) -> Result<Option<Trace>, Stop> {
        let line = element.line;
        match (self.markup.depth(), element.name.as_str()) {
            (1, _) if self.root_was_read => return Err(Stop::File(Fault::OutsideLog.at(line))),
            (1, "log") => self.root_was_read = true,
            (1, _) => return Err(Stop::File(Fault::NotXes.at(line))),
            (_, "trace") => return trace::read(&mut self.markup, line).map(Some),
            (_, "event") => return Err(Stop::Trace(Fault::EventOutsideTrace.at(line))),
            (depth, _) => self.skip_below = Some(depth - 1),
        }
        Ok(None)
    }
}

impl Iterator for Xes {
    type Item = Result<Trace, XesFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        match self.advance() {
            Ok(Some(trace)) => Some(Ok(trace)),
            Ok(None) => {
                self.has_ended = true;
                None
            }
            Err(Stop::Trace(fault)) => {
                // What is left of the trace is read over by the next call.
                self.skip_below = (self.markup.depth() > 1).then_some(1);
                Some(Err(fault))
            }
            Err(Stop::File(fault)) => {
                self.has_ended = true;
                Some(Err(fault))
            }
        }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
