//! Instants: one point in time, stored in UTC, shown in Vietnam's +07:00.

use std::fmt;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

/// Vietnam has had one offset without daylight saving since 1975, so no time-zone database is needed.
const VIETNAM: Offset = Offset::constant(7);

const MICROS_PER_MILLI: i64 = 1_000;
const MICROS_PER_MINUTE: i64 = 60_000_000;
const SECONDS_PER_MINUTE: i32 = 60;

/// A point in time: microseconds since the Unix epoch, UTC. Always within years 1 to 9999, so that every instant has
/// a day and an RFC 3339 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Instant(i64);

/// Why something is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantFault {
    /// The text is not RFC 3339.
    #[error("`{text}` is not an RFC 3339 instant such as 2026-11-22T08:15:00+07:00")]
    Unreadable {
        /// What was given.
        text: String,
    },
    /// The instant lies outside years 1 to 9999.
    #[error("{micros} µs since 1970 is outside years 1 to 9999")]
    OutOfRange {
        /// Microseconds since the Unix epoch.
        micros: i64,
    },
}

impl Instant {
    /// The earliest instant: 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// The latest instant: 9999-12-30T22:00:00Z, the last that the date library takes.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The instant that many microseconds after the Unix epoch; beyond [`Self::MIN`] and [`Self::MAX`] it saturates.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// The instant that many milliseconds after the Unix epoch; saturates as [`Self::from_micros`] does.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_micros(millis.saturating_mul(MICROS_PER_MILLI))
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 instant of any offset; what is finer than a microsecond is cut off.
    ///
    /// # Errors
    /// The text is not RFC 3339, or the instant is outside years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, InstantFault> {
        let unreadable = || InstantFault::Unreadable { text: text.to_owned() };
        // The date library also takes a bracketed time zone, which RFC 3339 does not know.
        if text.contains('[') {
            return Err(unreadable());
        }
        let timestamp: Timestamp = text.parse().map_err(|_| unreadable())?;
        Self::try_from(timestamp.as_microsecond())
    }

    /// The instant of a date and a time of day in Vietnam. Saturates outside years 1 to 9999.
    #[must_use]
    pub fn at(date: Date, time: Time) -> Self {
        match VIETNAM.to_timestamp(DateTime::from_parts(date, time)) {
            Ok(timestamp) => Self::from_micros(timestamp.as_microsecond()),
            Err(_) if date.year() < 1 => Self::MIN,
            Err(_) => Self::MAX,
        }
    }

    /// The day in Vietnam.
    #[must_use]
    pub fn date(self) -> Date {
        self.civil().date()
    }

    /// Date and time of day in Vietnam.
    #[must_use]
    pub fn civil(self) -> DateTime {
        VIETNAM.to_datetime(self.timestamp())
    }

    /// Cut to the full minute. Clocks run in minutes (rules 4.1).
    #[must_use]
    pub const fn floor_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(MICROS_PER_MINUTE))
    }

    /// As an officer reads it: `08:15 ngày 22/11/2026`.
    #[must_use]
    pub fn vietnamese(self) -> String {
        let civil = self.civil();
        format!("{:02}:{:02} ngày {}", civil.hour(), civil.minute(), vietnamese_date(civil.date()))
    }

    /// RFC 3339 with another offset from UTC, in minutes; in UTC where no clock has such an offset.
    #[must_use]
    pub fn at_offset(self, minutes: i32) -> String {
        let offset = Offset::from_seconds(minutes.saturating_mul(SECONDS_PER_MINUTE)).unwrap_or(Offset::UTC);
        self.timestamp().display_with_offset(offset).to_string()
    }

    fn timestamp(self) -> Timestamp {
        // Never out of range by construction; a total function needs an answer all the same.
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// A day as an officer reads it: `22/11/2026`.
#[must_use]
pub fn vietnamese_date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// RFC 3339 in Vietnam's offset; a fraction of a second only where there is one.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().display_with_offset(VIETNAM).fmt(f)
    }
}

impl std::str::FromStr for Instant {
    type Err = InstantFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Unlike [`Instant::from_micros`] this refuses what is out of range: stored numbers come back as they were or not
/// at all.
impl TryFrom<i64> for Instant {
    type Error = InstantFault;

    fn try_from(micros: i64) -> Result<Self, Self::Error> {
        let instant = Self::from_micros(micros);
        if instant.0 == micros { Ok(instant) } else { Err(InstantFault::OutOfRange { micros }) }
    }
}

impl From<Instant> for i64 {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

#[cfg(test)]
mod tests;
