//! What is left of the clocks at an instant, and how what is finished compares with its day due (rules 4.5).

use lienthong_calendar::{BeyondCalendar, Instant, Verdict, WorkingTime};
use lienthong_dossier::{Case, Clock};
use lienthong_registry::{AgencyId, Registry};
use lienthong_wire::pb::reading::v1 as pb;

/// The working time of an agency by the calendar that a case pins; none where the registry lacks one of them.
pub(crate) fn working<'a>(registry: &'a Registry, case: &Case, agency: &AgencyId) -> Option<WorkingTime<'a>> {
    let hours = &registry.agency(agency)?.hours;
    let calendar = registry.calendar(&case.pins.calendar)?;
    Some(WorkingTime { calendar, hours })
}

/// How a clock of a case, on an agency's hours, stands at an instant; none when it does not run, or beyond the calendar.
pub(crate) fn left(
    registry: &Registry,
    case: &Case,
    agency: &AgencyId,
    clock: Clock,
    at: Instant,
) -> Option<pb::Left> {
    match clock {
        Clock::Running { start, due } => left_until(&working(registry, case, agency)?, start, due, at),
        Clock::Idle | Clock::Paused { .. } | Clock::Ended { .. } => None,
    }
}

/// How much working time is left from `start` until `due` at an instant; none beyond the calendar.
pub(crate) fn left_until(
    working: &WorkingTime<'_>,
    start: Instant,
    due: Instant,
    at: Instant,
) -> Option<pb::Left> {
    let count = || -> Result<pb::Left, BeyondCalendar> {
        let (ahead, behind) =
            (working.minutes_between(at.max(start), due)?, working.minutes_between(due, at)?);
        let signed = |minutes: u64| i64::try_from(minutes).unwrap_or(i64::MAX);
        Ok(pb::Left {
            working_minutes: signed(ahead) - signed(behind),
            days_late: working.calendar.working_days_between(due.date(), at.date())?,
        })
    };
    count().ok()
}

/// The verdict as the contract carries it.
pub(crate) fn verdict(finished: Instant, due: Instant) -> pb::Verdict {
    match Verdict::of(finished, due) {
        Verdict::Early => pb::Verdict::Early,
        Verdict::OnTime => pb::Verdict::OnTime,
        Verdict::Late => pb::Verdict::Late,
    }
}

#[cfg(test)]
mod tests;
