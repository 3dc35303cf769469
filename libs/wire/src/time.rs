//! Instants and days on their way in and out.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use prost_types::Timestamp;

use crate::Invalid;
use crate::pb::common::v1::ErrorReason;

const MICROS_PER_SECOND: i64 = 1_000_000;
const NANOS_PER_MICRO: i32 = 1_000;
const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// The instant as the contract carries it.
#[must_use]
pub fn timestamp(instant: Instant) -> Timestamp {
    let micros = instant.as_micros();
    let below = i32::try_from(micros.rem_euclid(MICROS_PER_SECOND)).unwrap_or_default();
    Timestamp { seconds: micros.div_euclid(MICROS_PER_SECOND), nanos: below * NANOS_PER_MICRO }
}

/// The instant of a timestamp, cut to microseconds; none when it is not within years 1 to 9999, or its nanoseconds are
/// not within a second.
#[must_use]
pub fn instant(timestamp: &Timestamp) -> Option<Instant> {
    if !(0..NANOS_PER_SECOND).contains(&timestamp.nanos) {
        return None;
    }
    let seconds = timestamp.seconds.checked_mul(MICROS_PER_SECOND)?;
    let micros = seconds.checked_add(i64::from(timestamp.nanos / NANOS_PER_MICRO))?;
    Instant::try_from(micros).ok()
}

/// The instant of a field that must be given.
pub(crate) fn instant_field(field: &str, timestamp: Option<&Timestamp>) -> Result<Instant, Invalid> {
    instant_or_none(field, timestamp)?.ok_or_else(|| Invalid::missing(field))
}

/// The instant of a field that may be left out.
pub(crate) fn instant_or_none(
    field: &str,
    timestamp: Option<&Timestamp>,
) -> Result<Option<Instant>, Invalid> {
    let out_of_range =
        || Invalid::new(field, "is not an instant of years 1 to 9999", ErrorReason::OutOfRange);
    timestamp.map(|timestamp| instant(timestamp).ok_or_else(out_of_range)).transpose()
}

/// The instant of stored microseconds.
pub(crate) fn micros_field(field: &str, micros: i64) -> Result<Instant, Invalid> {
    Instant::try_from(micros).map_err(|fault| Invalid::new(field, fault.to_string(), ErrorReason::OutOfRange))
}

/// The instant of stored microseconds that may be left out.
pub(crate) fn micros_or_none(field: &str, micros: Option<i64>) -> Result<Option<Instant>, Invalid> {
    micros.map(|micros| micros_field(field, micros)).transpose()
}

/// The day of a field that must be given, written as `YYYY-MM-DD` and in no other way.
pub(crate) fn date_field(field: &str, text: &str) -> Result<Date, Invalid> {
    date_or_none(field, text)?.ok_or_else(|| Invalid::missing(field))
}

/// The day of a field that may be left empty.
pub(crate) fn date_or_none(field: &str, text: &str) -> Result<Option<Date>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    // The date library reads more forms than this one, and writes years before 0000 in six digits with a sign.
    match text.parse::<Date>() {
        Ok(date) if date.year() >= 0 && date.to_string() == text => Ok(Some(date)),
        Ok(_) | Err(_) => Err(Invalid::new(field, "is not a day such as 2026-11-22", ErrorReason::Malformed)),
    }
}
