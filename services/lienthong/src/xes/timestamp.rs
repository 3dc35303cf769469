//! Times, with the offset that the source gave.

use jiff::fmt::temporal::Pieces;
use lienthong_calendar::Instant;

const SECONDS_PER_MINUTE: i32 = 60;

/// When something happened, as the source told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The instant; what is finer than a microsecond is cut off.
    pub at: Instant,
    /// The source's offset from UTC, in minutes.
    pub offset_minutes: i32,
}

impl Timestamp {
    /// Reads an RFC 3339 time; without an offset it would be no instant, so there is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let at = Instant::parse(text).ok()?;
        let offset = Pieces::parse(text).ok()?.to_numeric_offset()?.seconds();
        (offset % SECONDS_PER_MINUTE == 0).then_some(Self { at, offset_minutes: offset / SECONDS_PER_MINUTE })
    }
}
