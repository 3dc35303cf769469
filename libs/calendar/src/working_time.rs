//! Working time: a calendar and an agency's office hours together, and how limits run in them (rules 4).

use jiff::civil::{Date, Time};

use crate::{BeyondCalendar, Calendar, Instant, Limit, MINUTES_PER_DAY, OfficeHours};

/// The last minute of a day: a term in calendar days ends at 24:00 (BLDS 2015, art. 148.6), and the full minute before
/// that is the latest that still bears the day's date.
const LAST_MINUTE: Time = Time::constant(23, 59, 0, 0);

/// The working time of one agency. Instants are cut to full minutes before anything is counted.
#[derive(Clone, Copy, Debug)]
pub struct WorkingTime<'a> {
    /// Which days are worked.
    pub calendar: &'a Calendar,
    /// When on those days.
    pub hours: &'a OfficeHours,
}

/// From when a limit runs and when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// From when the limit runs.
    pub start: Instant,
    /// When it is over.
    pub due: Instant,
}

impl WorkingTime<'_> {
    /// What is promised for something received at `received` (rules 4.1, 4.2).
    ///
    /// - A working limit of a day or more runs from the opening of the first working day after the day of reception, so
    ///   that whole days end at the closing of the n-th. The cutoff never moves it.
    /// - A working limit under a day runs from [`Self::begin`] of the reception. `0d` is due right there.
    /// - Calendar days run from the day after the reception and end at 23:59 of the n-th, or of the next working day when
    ///   the n-th is not worked (BLDS 2015, art. 147.2, 148.5, 148.6).
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn promise(&self, received: Instant, limit: Limit) -> Result<Promise, BeyondCalendar> {
        match limit.minutes() {
            Some(minutes) if minutes >= MINUTES_PER_DAY => {
                let start = self.opening(self.calendar.next_working_day(received.date())?);
                Ok(Promise { start, due: self.add_minutes(start, minutes)? })
            }
            Some(_) | None => self.step(received, limit),
        }
    }

    /// What is promised for a step that is handed over at `at`: a working limit runs from [`Self::begin`] even when it is
    /// a day or more; calendar days as in [`Self::promise`].
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn step(&self, at: Instant, limit: Limit) -> Result<Promise, BeyondCalendar> {
        match limit {
            Limit::HalfDays(_) | Limit::Hours(_) => {
                let start = self.begin(at)?;
                Ok(Promise { start, due: self.add_minutes(start, limit.minutes().unwrap_or(0))? })
            }
            Limit::CalendarDays(days) => self.calendar_days(at, days),
        }
    }

    /// When a step that comes at `at` begins: at once when the office is open and it is not past the cutoff, else at the
    /// next opening, which past the cutoff is that of the next working day (rules 4.2). Exactly the cutoff is not past it.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn begin(&self, at: Instant) -> Result<Instant, BeyondCalendar> {
        let (date, minute) = split(at);
        let cutoff = minute_of_day(self.calendar.cutoff());
        if self.calendar.is_working_day(date)?
            && minute <= cutoff
            && let Some(open) = self.hours.open_from(minute)
        {
            return Ok(Instant::at(date, open));
        }
        Ok(self.opening(self.calendar.next_working_day(date)?))
    }

    /// The earliest instant at which that many working minutes after `from` are over: when they end with a span, its
    /// closing and not the next opening. The cutoff plays no part. With 0 minutes `from`, cut to the minute.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn add_minutes(&self, from: Instant, minutes: u32) -> Result<Instant, BeyondCalendar> {
        let Some(further) = minutes.checked_sub(1) else { return Ok(from.floor_minute()) };
        // Counting to the start of the last minute keeps a full day on its own day.
        let last = self.worked(from)? + u64::from(further);
        let per_day = u64::from(MINUTES_PER_DAY);
        let date = self.calendar.nth_working_day(usize::try_from(last / per_day).unwrap_or(usize::MAX))?;
        let within = u32::try_from(last % per_day).unwrap_or(0);
        Ok(Instant::at(date, self.hours.reached(within + 1)))
    }

    /// The working minutes from `from` to `to`; 0 when `to` is not later.
    ///
    /// # Errors
    /// One of the days is beyond the calendar.
    pub fn minutes_between(&self, from: Instant, to: Instant) -> Result<u64, BeyondCalendar> {
        Ok(self.worked(to)?.saturating_sub(self.worked(from)?))
    }

    /// A due date put off by whole working days: the closing of the n-th working day after the day due (rules 4.6). With 0
    /// days the due date itself.
    ///
    /// # Errors
    /// The count leaves the calendar.
    pub fn extend(&self, due: Instant, days: u32) -> Result<Instant, BeyondCalendar> {
        if days == 0 {
            return Ok(due);
        }
        Ok(self.closing(self.calendar.add_working_days(due.date(), days)?))
    }

    /// Until when an extension may be recorded: the closing of the working day before the day due (rules 4.6).
    ///
    /// # Errors
    /// That day is beyond the calendar.
    pub fn last_moment_to_extend(&self, due: Instant) -> Result<Instant, BeyondCalendar> {
        Ok(self.closing(self.calendar.working_days_before(due.date(), 1)?))
    }

    /// When the office opens on a day, taken as worked.
    #[must_use]
    pub fn opening(&self, date: Date) -> Instant {
        Instant::at(date, self.hours.opening())
    }

    /// When the office closes on a day, taken as worked.
    #[must_use]
    pub fn closing(&self, date: Date) -> Instant {
        Instant::at(date, self.hours.closing())
    }

    fn calendar_days(&self, at: Instant, days: u16) -> Result<Promise, BeyondCalendar> {
        let received = at.date();
        let beyond = |_| self.calendar.beyond(Date::MAX);
        let nth =
            received.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days))).map_err(beyond)?;
        let start = match days {
            0 => at.floor_minute(),
            _ => Instant::at(received.tomorrow().map_err(beyond)?, Time::midnight()),
        };
        let last = self.calendar.add_working_days(nth, 0)?;
        Ok(Promise { start, due: Instant::at(last, LAST_MINUTE) })
    }

    /// The working minutes from the calendar's first day to `at`.
    fn worked(&self, at: Instant) -> Result<u64, BeyondCalendar> {
        let (date, minute) = split(at);
        let before = self.calendar.worked_before(date)? as u64 * u64::from(MINUTES_PER_DAY);
        let today = if self.calendar.is_working_day(date)? { self.hours.worked(minute) } else { 0 };
        Ok(before + u64::from(today))
    }
}

/// The day and its minutes since midnight, in Vietnam.
fn split(at: Instant) -> (Date, u32) {
    let civil = at.civil();
    (civil.date(), minute_of_day(civil.time()))
}

fn minute_of_day(time: Time) -> u32 {
    u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs())
}

#[cfg(test)]
mod tests;
