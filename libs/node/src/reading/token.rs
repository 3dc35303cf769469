//! Tokens of pages and inboxes: opaque to whoever holds one, checked when it comes back.
//!
//! A token is hex of an 8-byte tag and what it says. The tag is the beginning of a hash over the log, the question and
//! what the token says: a token of another log, of another question, or one that was changed is found. It guards
//! against mistakes, not against malice, as a token gives nobody more than the question does.

use lienthong_seal::Hash;

/// Bytes of the tag.
const TAG_BYTES: usize = 8;
/// The longest token that is looked at, in bytes: an inbox over all partitions that a log may have.
const TOKEN_BYTES_MAX: usize = 128 * 1024;

/// What a token is for.
#[derive(Debug, Clone)]
pub(crate) struct TokenScope {
    /// Log, purpose and question, each with its length before it.
    bytes: Vec<u8>,
}

impl TokenScope {
    /// Tokens of one log for one purpose and question.
    pub(crate) fn new(log_id: Hash, purpose: &str, question: &[&str]) -> Self {
        let mut bytes = log_id.0.to_vec();
        for part in [purpose].iter().chain(question) {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self { bytes }
    }

    /// The token that says this.
    pub(crate) fn write(&self, says: &[u8]) -> String {
        let mut bytes = self.tag(says).to_vec();
        bytes.extend_from_slice(says);
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).filter_map(digit).collect()
    }

    /// What a token says; none when it is not one of this scope.
    pub(crate) fn read(&self, token: &str) -> Option<Vec<u8>> {
        let digits = token.as_bytes();
        if digits.len() > TOKEN_BYTES_MAX || !digits.len().is_multiple_of(2) {
            return None;
        }
        let pairs = digits.as_chunks::<2>().0.iter();
        let bytes: Option<Vec<u8>> =
            pairs.map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect();
        let bytes = bytes?;
        let (tag, says) = bytes.split_at_checked(TAG_BYTES)?;
        (tag == self.tag(says)).then(|| says.to_vec())
    }

    fn tag(&self, says: &[u8]) -> [u8; TAG_BYTES] {
        let hash = Hash::of(&[&self.bytes[..], says].concat());
        *hash.0.first_chunk().unwrap_or(&[0; TAG_BYTES])
    }
}

fn digit(nibble: u8) -> Option<char> {
    char::from_digit(u32::from(nibble), 16)
}

/// Lower-case only, so that one thing has one token.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
