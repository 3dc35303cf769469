//! What data may hold so that it prints as it stands.

use lienthong_calendar::Instant;
use serde_json::Value;

use crate::FormError;

/// The longest text of one field, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// A word longer than this many characters, such as a hash, may be broken anywhere.
const WORD_MAX: usize = 24;

/// Where nothing is seen, and a line may end.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// Refuses texts that would not print as they stand, and lets words that fill no line be broken.
pub(crate) fn make_printable(value: &mut Value) -> Result<(), FormError> {
    match value {
        Value::String(text) => {
            check(text)?;
            // The templates read an instant by its places; it is a word of 25 characters.
            if text.split_whitespace().any(is_long) && Instant::parse(text).is_err() {
                *text = breakable(text);
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(make_printable),
        Value::Object(values) => values.values_mut().try_for_each(make_printable),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check(text: &str) -> Result<(), FormError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(FormError::TooLong { bytes: text.len(), max: TEXT_BYTES_MAX });
    }
    match text.chars().find(|&character| is_unprintable(character)) {
        Some(character) => Err(FormError::Unprintable { character }),
        None => Ok(()),
    }
}

/// Controls other than the ends of lines, and what turns the direction of the text around it.
fn is_unprintable(character: char) -> bool {
    let is_line_end = matches!(character, '\n' | '\r' | '\t');
    let turns =
        matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    character.is_control() && !is_line_end || turns
}

fn is_long(word: &str) -> bool {
    word.chars().nth(WORD_MAX).is_some()
}

/// Long words with an invisible place to break before each letter and digit.
fn breakable(text: &str) -> String {
    let mut broken = String::with_capacity(text.len() * 2);
    for word in text.split_inclusive(char::is_whitespace) {
        let long = is_long(word.trim_end());
        for (index, character) in word.chars().enumerate() {
            // Never before a mark that belongs to the letter before it.
            if long && index > 0 && character.is_alphanumeric() {
                broken.push(ZERO_WIDTH_SPACE);
            }
            broken.push(character);
        }
    }
    broken
}

#[cfg(test)]
mod tests;
