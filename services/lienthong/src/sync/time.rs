//! Times of national records: `yyyyMMddHHmmss` in Vietnam, 24 hours.

use jiff::civil::{DateTime, date};
use lienthong_calendar::Instant;

/// The instant of fourteen digits, if they are a time that exists.
pub(super) fn parse(text: &str) -> Option<Instant> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let part = |range| number(range).and_then(|number| i8::try_from(number).ok());
    let time = jiff::civil::Time::new(part(8..10)?, part(10..12)?, part(12..14)?, 0).ok()?;
    let day = jiff::civil::Date::new(number(0..4)?, part(4..6)?, part(6..8)?).ok()?;
    // The service of sources began long after this; years of ten thousand are none of theirs.
    (day >= date(1900, 1, 1)).then(|| Instant::at(day, time))
}

/// The same, or as ISO 8601 without an offset: supplements are seen in both forms.
pub(super) fn parse_either(text: &str) -> Option<Instant> {
    parse(text).or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(Instant::at(civil.date(), civil.time()))
    })
}

/// An instant as such a time, cut to seconds.
pub(crate) fn print(instant: Instant) -> String {
    instant.civil().strftime("%Y%m%d%H%M%S").to_string()
}
