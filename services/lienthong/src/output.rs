//! Where a command's words go: data to stdout, everything else to stderr.

use std::io::{self, ErrorKind, Write};

use clap::ValueEnum;
use serde::Serialize;

/// The form of the data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; what officers read is Vietnamese.
    #[default]
    Text,
    /// For programs: each answer one line of JSON.
    Json,
}

/// A command's two outputs. Writing never fails at the spot: the first error is kept and told by [`Output::finish`].
/// A reader that goes away, as `head` does, is no error: what it no longer wants is dropped.
pub struct Output<'a> {
    format: Format,
    data: Box<dyn Write + 'a>,
    notes: Box<dyn Write + 'a>,
    state: State,
}

enum State {
    Open,
    /// Nobody reads any more.
    Closed,
    Failed(io::Error),
}

impl Output<'static> {
    /// The process's stdout, locked, and stderr, which logs and progress bars write to as well.
    #[must_use]
    pub fn stdio() -> Self {
        Self::new(io::stdout().lock(), io::stderr())
    }
}

impl<'a> Output<'a> {
    /// Data to one writer, everything else to another.
    pub fn new(data: impl Write + 'a, notes: impl Write + 'a) -> Self {
        Self { format: Format::default(), data: Box::new(data), notes: Box::new(notes), state: State::Open }
    }

    /// The form of the data that was asked for.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether nobody reads the data any more, so that an endless command may end.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        !matches!(self.state, State::Open)
    }

    /// A line of data, as it is.
    pub fn text(&mut self, line: &str) {
        self.write(|data| writeln!(data, "{line}"));
    }

    /// Data of another form, as it is.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.write(|data| data.write_all(bytes));
    }

    /// A value of data, as one line of JSON.
    pub fn json(&mut self, value: &impl Serialize) {
        self.write(|data| {
            serde_json::to_writer(&mut *data, value)?;
            data.write_all(b"\n")
        });
    }

    /// A line that is no data: an error, a warning, progress.
    pub fn note(&mut self, line: &str) {
        // Whoever closed stderr does not want to know; there is nowhere left to say it either.
        let _ = writeln!(self.notes, "{line}");
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// The first error of writing data since the last call.
    pub fn finish(&mut self) -> io::Result<()> {
        self.write(|data| data.flush());
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Failed(error) => Err(error),
            state @ (State::Open | State::Closed) => {
                self.state = state;
                Ok(())
            }
        }
    }

    pub(crate) const fn set_format(&mut self, format: Format) {
        self.format = format;
    }

    fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.is_closed() {
            return;
        }
        if let Err(error) = write(&mut *self.data) {
            self.state =
                if error.kind() == ErrorKind::BrokenPipe { State::Closed } else { State::Failed(error) };
        }
    }
}

#[cfg(test)]
mod tests;
