//! Another calendar: a holiday or a make-up Saturday was announced, and open due dates follow.
//!
//! A dossier pins a calendar. When another one comes into force, the working time that remains to each open due date runs by
//! that one from now on, as after a pause. What is over keeps its dates, and so does what is due already.

use super::Asked;
use crate::case::Case;
use crate::clock::{Timing, moved};
use crate::denial::Denial;
use crate::event::{EventKind, ReferralDue};
use crate::text::Line;

/// The event; none when it is timed by that calendar already.
pub(super) fn recompute(
    asked: &Asked<'_>,
    case: &Case,
    calendar: &Line,
) -> Result<Option<EventKind>, Denial> {
    if case.pins.calendar == calendar.as_str() {
        return Ok(None);
    }
    let in_force = asked.registry.calendar_in_force(asked.at.date());
    if in_force.is_none_or(|in_force| in_force.version() != calendar.as_str()) {
        return Err(Denial::NoCalendar { version: calendar.to_string() });
    }
    let timing = Timing::of(case, asked.registry)?;
    let by_it = {
        let mut pins = case.pins.clone();
        pins.calendar = calendar.to_string();
        pins
    };
    let mut referrals = Vec::new();
    for (number, referral) in case.referrals.iter().filter(|(_, referral)| referral.state.is_open()) {
        let old = timing.working_by(&case.pins, &referral.to)?;
        let new = timing.working_by(&by_it, &referral.to)?;
        let due = moved(referral.due, &old, &new, asked.at)?;
        if due != referral.due {
            referrals.push(ReferralDue { referral: *number, due });
        }
    }
    Ok(Some(EventKind::DueDateRecomputed { calendar: calendar.clone(), referrals }))
}
