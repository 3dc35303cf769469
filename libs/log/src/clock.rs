//! The clock a log stamps its records with.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch, now. A log that stamps its own records takes one, so that a test may bring its own.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Box::new(|| {
        let (sign, distance) = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => (1, after),
            Err(before) => (-1, before.duration()),
        };
        i64::try_from(distance.as_millis()).map_or(i64::MAX, |ms| sign * ms)
    })
}
