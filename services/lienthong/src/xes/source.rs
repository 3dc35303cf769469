//! Bytes on their way to the parser: uncompressed, counted, limited.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::MARKUP_BYTES_MAX;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Text of any kind, as bytes.
pub(super) type Source = Box<dyn BufRead + Send>;

/// What the bytes say when they are uncompressed, without a byte order mark.
pub(super) fn decoded(from: impl Read + Send + 'static) -> io::Result<Source> {
    let (head, rest) = behead(from)?;
    if head.starts_with(&GZIP) {
        let packed = Cursor::new(head).chain(BufReader::new(rest));
        let (head, rest) = behead(MultiGzDecoder::new(packed))?;
        Ok(unmarked(head, rest))
    } else {
        Ok(unmarked(head, rest))
    }
}

fn unmarked(head: Vec<u8>, rest: impl Read + Send + 'static) -> Source {
    let head = if head == BYTE_ORDER_MARK { Vec::new() } else { head };
    Box::new(Cursor::new(head).chain(BufReader::new(rest)))
}

/// The first three bytes, fewer if there are no more, and what follows them.
fn behead<R: Read>(mut from: R) -> io::Result<(Vec<u8>, R)> {
    let mut head = Vec::new();
    from.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut head)?;
    Ok((head, from))
}

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
