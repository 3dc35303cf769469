//! Reminders: on which days somebody is reminded of a day due.

use jiff::civil::Date;

use crate::{BeyondCalendar, Calendar};

/// One of the four reminders of a day due: T-2, T-1, T and T+1 in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reminder {
    /// Two working days before.
    TwoBefore,
    /// One working day before.
    OneBefore,
    /// On the day itself; where that is not worked, on the last working day before it.
    OnTheDay,
    /// On the first working day after: it was not done in time.
    OneAfter,
}

impl Reminder {
    /// All of them, in the order of their days.
    pub const ALL: [Self; 4] = [Self::TwoBefore, Self::OneBefore, Self::OnTheDay, Self::OneAfter];

    /// The day of this reminder: always a working day, and another one for each of the four.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn day(self, calendar: &Calendar, due: Date) -> Result<Date, BeyondCalendar> {
        let last = calendar.working_days_before(due, 0)?;
        match self {
            Self::TwoBefore => calendar.working_days_before(last, 2),
            Self::OneBefore => calendar.working_days_before(last, 1),
            Self::OnTheDay => Ok(last),
            Self::OneAfter => calendar.next_working_day(last),
        }
    }

    /// The reminder of a day due that is for `day`; none when there is none, as on every day off. One that would lie
    /// beyond the calendar is for no day.
    #[must_use]
    pub fn on(calendar: &Calendar, due: Date, day: Date) -> Option<Self> {
        Self::ALL.into_iter().find(|reminder| reminder.day(calendar, due) == Ok(day))
    }

    /// The rule: `T-2`, `T-1`, `T`, `T+1`.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::TwoBefore => "T-2",
            Self::OneBefore => "T-1",
            Self::OnTheDay => "T",
            Self::OneAfter => "T+1",
        }
    }

    /// As an officer reads it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::TwoBefore => "còn 2 ngày làm việc",
            Self::OneBefore => "còn 1 ngày làm việc",
            Self::OnTheDay => "đến hạn hôm nay",
            Self::OneAfter => "đã quá hạn",
        }
    }
}

#[cfg(test)]
mod tests;
