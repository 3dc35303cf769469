//! Text in columns of the terminal: a Vietnamese letter may be several characters and is one column wide.

use lienthong_calendar::{Instant, vietnamese_date};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) fn width_of(text: &str) -> usize {
    text.width()
}

/// The text, cut to so many columns; `…` tells of the cut.
pub(super) fn fitted(text: &str, columns: usize) -> String {
    if width_of(text) <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    // A combining mark has no width, so it stays with the letter it belongs to.
    let kept = text.chars().take_while(|char| {
        used += char.width().unwrap_or(0);
        used <= columns
    });
    kept.chain(['…']).collect()
}

/// The pieces one after the other, as many to a line as fit.
pub(super) fn flow(pieces: impl Iterator<Item = String>, between: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width_of(line) + width_of(between) + width_of(&piece) <= columns => {
                line.push_str(between);
                line.push_str(&piece);
            }
            Some(_) | None => lines.push(piece),
        }
    }
    lines
}

/// `08:15 22/11/2026`, in Vietnam.
pub(super) fn moment(at: Instant) -> String {
    let civil = at.civil();
    format!("{:02}:{:02} {}", civil.hour(), civil.minute(), vietnamese_date(civil.date()))
}
