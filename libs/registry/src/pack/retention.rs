//! How long the personal data of a dossier is kept after its end.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;

/// Years for which data is kept where a pack says nothing, and for history from elsewhere, which has no pack. The owner
/// of the data sets the period (NĐ 165/2025/NĐ-CP, art. 5), and this one is long enough for most to be over.
pub const RETENTION_YEARS_DEFAULT: u16 = 10;

/// The longest period of years that a pack may say; what is kept longer is kept permanently.
pub const RETENTION_YEARS_MAX: u16 = 100;

/// A retention period. In a pack `permanent`, or a number of years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For good, as land registers are: nothing is ever erased.
    Permanent,
    /// So many years from the day of the end.
    Years(u16),
}

/// A text is no retention period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `permanent` nor a number of years from 0 to {RETENTION_YEARS_MAX}")]
pub struct UnknownRetention(String);

impl Retention {
    /// The first day on which the data of a dossier that ended on `ended` may be erased; none when that day never comes.
    #[must_use]
    pub fn until(self, ended: Date) -> Option<Date> {
        match self {
            Self::Permanent => None,
            // Behind the last year of the calendar there is no day to wait for.
            Self::Years(years) => ended.checked_add(i64::from(years).years()).ok(),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self::Years(RETENTION_YEARS_DEFAULT)
    }
}

impl FromStr for Retention {
    type Err = UnknownRetention;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let years = || text.parse().ok().filter(|years| *years <= RETENTION_YEARS_MAX).map(Self::Years);
        let read = if text == "permanent" { Some(Self::Permanent) } else { years() };
        read.ok_or_else(|| UnknownRetention(text.to_owned()))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permanent => f.write_str("permanent"),
            Self::Years(years) => write!(f, "{years}"),
        }
    }
}

#[cfg(test)]
mod tests;
