//! Bytes on their way to the parser: counted, limited.

use std::io::{self, BufRead, Read};

use super::MARKUP_BYTES_MAX;
use crate::decoded::Source;

/// Counts the lines that pass, and lets only so many bytes pass at a time: the parser collects a piece of markup however
/// long it is.
pub(super) struct Counted {
    from: Source,
    line: u64,
    left: usize,
}

impl Counted {
    pub(super) const fn new(from: Source) -> Self {
        Self { from, line: 1, left: MARKUP_BYTES_MAX }
    }

    /// The line of the next byte.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// A new piece of markup may be as long as the last one.
    pub(super) const fn refill(&mut self) {
        self.left = MARKUP_BYTES_MAX;
    }

    /// Whether the last piece was cut because of its length.
    pub(super) const fn is_spent(&self) -> bool {
        self.left == 0
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.is_spent() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let filled = self.from.fill_buf()?;
        Ok(filled.get(..self.left).unwrap_or(filled))
    }

    fn consume(&mut self, amount: usize) {
        // Nothing is read here: what is consumed is in the buffer already.
        let newlines = self
            .from
            .fill_buf()
            .map_or(0, |filled| filled.iter().take(amount).filter(|byte| **byte == b'\n').count());
        self.line += newlines as u64;
        self.left = self.left.saturating_sub(amount);
        self.from.consume(amount);
    }
}

impl Read for Counted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(to)?;
        self.consume(amount);
        Ok(amount)
    }
}
