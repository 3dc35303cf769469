//! Instants in JSON: RFC 3339 in Vietnam's offset, to the second.

use lienthong_calendar::Instant;
use serde::Serializer;

const MICROS_PER_SECOND: i64 = 1_000_000;

fn text(instant: Instant) -> String {
    let micros = instant.as_micros();
    Instant::from_micros(micros - micros.rem_euclid(MICROS_PER_SECOND)).to_string()
}

pub(crate) fn instant<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*instant))
}

pub(crate) fn maybe_instant<S: Serializer>(
    instant: &Option<Instant>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => serializer.serialize_str(&text(*instant)),
        None => serializer.serialize_none(),
    }
}
