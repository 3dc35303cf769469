//! The text of a file: uncompressed, without a byte order mark.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Text of any kind, as bytes.
pub(crate) type Source = Box<dyn BufRead + Send>;

/// What the bytes say when they are uncompressed, without a byte order mark.
pub(crate) fn decoded(from: impl Read + Send + 'static) -> io::Result<Source> {
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
