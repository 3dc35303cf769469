use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn days_of(calendar: &Calendar, due: &str) -> Vec<String> {
    Reminder::ALL.iter().map(|it| it.day(calendar, day(due)).unwrap().to_string()).collect()
}

#[test]
fn working_days_are_counted_over_weekends_days_off_and_make_up_saturdays() {
    let calendar = Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR).unwrap();
    // Tuesday 24/11/2026 is off.
    assert_eq!(days_of(&calendar, "2026-11-25"), ["2026-11-20", "2026-11-23", "2026-11-25", "2026-11-26"]);
    // Due on the day off: reminded on the last day on which it can be done.
    assert_eq!(days_of(&calendar, "2026-11-24"), ["2026-11-19", "2026-11-20", "2026-11-23", "2026-11-25"]);
    // Saturday 22/08/2026 is worked.
    assert_eq!(days_of(&calendar, "2026-08-24"), ["2026-08-21", "2026-08-22", "2026-08-24", "2026-08-25"]);
    assert_eq!(Reminder::on(&calendar, day("2026-11-25"), day("2026-11-23")), Some(Reminder::OneBefore));
    assert_eq!(Reminder::on(&calendar, day("2026-11-25"), day("2026-11-24")), None);
    // The first day of the calendar has no day before it.
    assert_eq!(Reminder::on(&calendar, day("2024-01-02"), day("2024-01-02")), Some(Reminder::OnTheDay));
    assert!(Reminder::OneBefore.day(&calendar, day("2024-01-02")).is_err());
}

/// A calendar of one year: any weekdays off, any Saturdays worked.
fn calendars() -> impl Strategy<Value = Calendar> {
    proptest::collection::vec(0..8_u8, 365).prop_map(|dice| {
        let mut csv = "date,kind,status,name\n".to_owned();
        let mut date = Date::constant(2026, 1, 1);
        for die in dice {
            let kind = match (die, date.weekday()) {
                (_, jiff::civil::Weekday::Sunday) => None,
                (0..4, jiff::civil::Weekday::Saturday) => Some("makeup"),
                (0, _) if date.weekday() != jiff::civil::Weekday::Saturday => Some("off"),
                _ => None,
            };
            if let Some(kind) = kind {
                writeln!(csv, "{date},{kind},official,x").unwrap();
            }
            date = date.tomorrow().unwrap();
        }
        // A year without any row is none.
        csv.push_str("2027-01-01,off,official,x\n");
        if !csv.contains("2026-") {
            csv.push_str("2026-01-01,off,official,x\n");
        }
        Calendar::parse("made-up", &csv).unwrap()
    })
}

proptest! {
    #[test]
    fn each_reminder_of_a_day_due_is_for_exactly_one_day_and_that_is_worked(
        calendar in calendars(),
        after in 40..320_i64,
    ) {
        let due = Date::constant(2026, 1, 1) + jiff::SignedDuration::from_hours(24 * after);
        let mut found = Vec::new();
        let mut date = Date::constant(2026, 1, 1);
        while date.year() == 2026 {
            if let Some(reminder) = Reminder::on(&calendar, due, date) {
                prop_assert_eq!(calendar.is_working_day(date), Ok(true), "{}", date);
                prop_assert_eq!(date > due, reminder == Reminder::OneAfter);
                found.push(reminder);
            }
            date = date.tomorrow().unwrap();
        }
        prop_assert_eq!(found, Reminder::ALL.to_vec(), "due {}", due);
    }
}
