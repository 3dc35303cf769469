use proptest::prelude::*;

use super::*;
use crate::{DEFAULT_CUTOFF, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};

fn calendar() -> Calendar {
    Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR).unwrap()
}

/// `2026-11-20 08:15`, in Vietnam.
fn at(text: &str) -> Instant {
    Instant::parse(&format!("{}:00+07:00", text.replace(' ', "T"))).unwrap()
}

fn with<T>(hours: &str, ask: impl FnOnce(WorkingTime<'_>) -> T) -> T {
    let (calendar, hours) = (calendar(), OfficeHours::parse(hours).unwrap());
    ask(WorkingTime { calendar: &calendar, hours: &hours })
}

fn check_promise(received: &str, limit: &str, start: &str, due: &str) {
    let promise =
        with(OfficeHours::DEFAULT, |time| time.promise(at(received), Limit::parse(limit).unwrap()).unwrap());
    assert_eq!(promise, Promise { start: at(start), due: at(due) }, "{limit} from {received}");
}

fn check_begin(from: &str, begins: &str) {
    assert_eq!(with(OfficeHours::DEFAULT, |time| time.begin(at(from))), Ok(at(begins)), "{from}");
}

#[test]
fn whole_days_end_at_the_closing_of_the_nth() {
    check_promise("2026-11-20 08:15", "13d", "2026-11-23 07:30", "2026-12-10 17:30");
    check_promise("2026-11-20 08:15", "1d", "2026-11-23 07:30", "2026-11-23 17:30");
    // 24/11/2026 is off.
    check_promise("2026-11-23 08:15", "1d", "2026-11-25 07:30", "2026-11-25 17:30");
    check_promise("2026-11-20 08:15", "8h", "2026-11-23 07:30", "2026-11-23 17:30");
}

#[test]
fn published_due_dates_are_days_of_closing() {
    let rows = include_str!("../../data/due-dates.csv").lines().filter(|line| line.starts_with("20"));
    for row in rows {
        let [received, days, due] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let promise = with(OfficeHours::DEFAULT, |time| {
            time.promise(at(&format!("{received} 16:45")), Limit::days(days.parse().unwrap())).unwrap()
        });
        assert_eq!(promise.due, at(&format!("{due} 17:30")), "{row}");
    }
}

#[test]
fn the_cutoff_never_moves_a_limit_in_days() {
    for received in ["2026-11-20 07:00", "2026-11-20 15:00", "2026-11-20 15:01", "2026-11-20 23:59"] {
        check_promise(received, "2d", "2026-11-23 07:30", "2026-11-25 17:30");
    }
}

#[test]
fn half_days_after_whole_ones_end_at_the_end_of_the_morning() {
    check_promise("2026-11-20 08:15", "1.5d", "2026-11-23 07:30", "2026-11-25 11:30");
    let due = with("07:00-11:30,13:30-17:00", |time| {
        time.promise(at("2026-11-20 08:15"), Limit::HalfDays(3)).unwrap().due
    });
    assert_eq!(due, at("2026-11-25 11:00"));
}

#[test]
fn limits_under_a_day_run_at_once() {
    check_promise("2026-11-20 08:15", "0.5d", "2026-11-20 08:15", "2026-11-20 14:15");
    check_promise("2026-11-20 07:30", "4h", "2026-11-20 07:30", "2026-11-20 11:30");
    check_promise("2026-11-20 15:00", "4h", "2026-11-20 15:00", "2026-11-23 09:00");
    check_promise("2026-11-20 15:01", "4h", "2026-11-23 07:30", "2026-11-23 11:30");
    check_promise("2026-11-20 08:15", "0d", "2026-11-20 08:15", "2026-11-20 08:15");
    check_promise("2026-11-20 15:01", "0d", "2026-11-23 07:30", "2026-11-23 07:30");
}

#[test]
fn over_tet_nothing_runs() {
    check_promise("2026-02-13 08:15", "1d", "2026-02-23 07:30", "2026-02-23 17:30");
    check_promise("2026-02-13 15:01", "4h", "2026-02-23 07:30", "2026-02-23 11:30");
    // A make-up Saturday runs like any other day.
    check_promise("2026-08-21 08:15", "1d", "2026-08-22 07:30", "2026-08-22 17:30");
}

#[test]
fn calendar_days_end_with_the_day_or_the_next_working_one() {
    check_promise("2026-11-02 16:00", "30cd", "2026-11-03 00:00", "2026-12-02 23:59");
    // The 30th day is Sunday 01/11, so the term ends with Monday.
    check_promise("2026-10-02 08:15", "30cd", "2026-10-03 00:00", "2026-11-02 23:59");
    check_promise("2026-11-23 08:15", "1cd", "2026-11-24 00:00", "2026-11-25 23:59");
    check_promise("2026-11-23 08:15", "0cd", "2026-11-23 08:15", "2026-11-23 23:59");
}

#[test]
fn a_step_begins_when_the_office_is_open_and_it_is_not_past_the_cutoff() {
    check_begin("2026-11-20 06:00", "2026-11-20 07:30");
    check_begin("2026-11-20 08:15", "2026-11-20 08:15");
    check_begin("2026-11-20 11:30", "2026-11-20 13:30");
    check_begin("2026-11-20 12:00", "2026-11-20 13:30");
    check_begin("2026-11-20 15:00", "2026-11-20 15:00");
    check_begin("2026-11-20 15:01", "2026-11-23 07:30");
    check_begin("2026-11-20 17:30", "2026-11-23 07:30");
    check_begin("2026-11-21 08:15", "2026-11-23 07:30");
    check_begin("2026-11-23 16:00", "2026-11-25 07:30");
}

#[test]
fn seconds_are_cut_before_the_cutoff_is_asked() {
    let exact = Instant::parse("2026-11-20T15:00:59.999999+07:00").unwrap();
    assert_eq!(with(OfficeHours::DEFAULT, |time| time.begin(exact)), Ok(at("2026-11-20 15:00")));
}

#[test]
fn the_cutoff_is_the_calendars() {
    let calendar = calendar().with_cutoff(jiff::civil::time(16, 0, 0, 0));
    assert_ne!(calendar.cutoff(), DEFAULT_CUTOFF);
    let hours = OfficeHours::default();
    let time = WorkingTime { calendar: &calendar, hours: &hours };
    assert_eq!(time.begin(at("2026-11-20 15:30")), Ok(at("2026-11-20 15:30")));
}

#[test]
fn a_step_of_a_day_runs_from_where_it_begins() {
    let step = |from, limit| with(OfficeHours::DEFAULT, |time| time.step(at(from), limit).unwrap().due);
    assert_eq!(step("2026-11-20 08:15", Limit::days(1)), at("2026-11-23 08:15"));
    assert_eq!(step("2026-11-20 15:01", Limit::days(1)), at("2026-11-23 17:30"));
    assert_eq!(step("2026-11-20 15:01", Limit::CalendarDays(2)), at("2026-11-23 23:59"));
}

#[test]
fn a_clock_that_resumes_runs_on_whatever_the_hour() {
    let add = |from, minutes| with(OfficeHours::DEFAULT, |time| time.add_minutes(at(from), minutes));
    assert_eq!(add("2026-11-20 16:30", 30), Ok(at("2026-11-20 17:00")));
    assert_eq!(add("2026-11-20 16:30", 60), Ok(at("2026-11-20 17:30")));
    assert_eq!(add("2026-11-20 16:30", 61), Ok(at("2026-11-23 07:31")));
    assert_eq!(add("2026-11-21 10:00", 1), Ok(at("2026-11-23 07:31")));
    assert_eq!(add("2026-11-21 10:00", 0), Ok(at("2026-11-21 10:00")));
}

#[test]
fn minutes_are_counted_in_office_hours_only() {
    let between =
        |from, to| with(OfficeHours::DEFAULT, |time| time.minutes_between(at(from), at(to)).unwrap());
    assert_eq!(between("2026-11-20 11:00", "2026-11-20 14:00"), 60);
    assert_eq!(between("2026-11-20 17:30", "2026-11-23 07:30"), 0);
    assert_eq!(between("2026-11-20 07:30", "2026-11-25 17:30"), 3 * 480);
    assert_eq!(between("2026-11-25 17:30", "2026-11-20 07:30"), 0);
}

#[test]
fn an_extension_adds_whole_days_and_is_recorded_the_day_before() {
    with(OfficeHours::DEFAULT, |time| {
        let due = at("2026-11-25 11:30");
        assert_eq!(time.extend(due, 2), Ok(at("2026-11-27 17:30")));
        assert_eq!(time.extend(due, 0), Ok(due));
        assert_eq!(time.last_moment_to_extend(due), Ok(at("2026-11-23 17:30")));
    });
}

#[test]
fn what_ends_beyond_the_calendar_is_not_promised() {
    with(OfficeHours::DEFAULT, |time| {
        let beyond = time.calendar.is_working_day(jiff::civil::date(2028, 1, 1)).unwrap_err();
        assert_eq!(time.promise(at("2027-12-30 08:15"), Limit::days(2)), Err(beyond));
        assert_eq!(time.begin(at("2027-12-31 16:00")), Err(beyond));
        assert!(time.promise(at("2027-12-30 08:15"), Limit::CalendarDays(UNITS)).is_err());
        assert!(time.promise(Instant::MAX, Limit::CalendarDays(u16::MAX)).is_err());
        assert!(time.add_minutes(at("2026-11-20 08:15"), u32::MAX).is_err());
    });
}

const UNITS: u16 = crate::UNITS_MAX;

fn instants() -> impl Strategy<Value = Instant> {
    let (first, last) = (at("2024-01-01 00:00").as_micros(), at("2027-08-01 00:00").as_micros());
    (first..last).prop_map(Instant::from_micros)
}

fn hours() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![OfficeHours::DEFAULT, "07:00-11:30,13:30-17:00", "08:00-16:00"])
}

proptest! {
    #[test]
    fn adding_and_counting_are_inverse(from in instants(), minutes in 1..20_000_u32, hours in hours()) {
        with(hours, |time| {
            let to = time.add_minutes(from, minutes).unwrap();
            prop_assert_eq!(time.minutes_between(from, to), Ok(u64::from(minutes)));
            // And it is the earliest such instant.
            let before = Instant::from_micros(to.as_micros() - 1);
            prop_assert_eq!(time.minutes_between(from, before), Ok(u64::from(minutes) - 1));
            Ok(())
        })?;
    }

    #[test]
    fn later_starts_and_longer_limits_never_end_earlier(
        a in instants(), b in instants(), short in 0..9_000_u32, more in 0..9_000_u32, hours in hours(),
    ) {
        with(hours, |time| {
            let (early, late) = (a.min(b), a.max(b));
            prop_assert!(time.add_minutes(early, short).unwrap() <= time.add_minutes(late, short).unwrap());
            prop_assert!(time.begin(early).unwrap() <= time.begin(late).unwrap());
            let begun = time.begin(early).unwrap();
            prop_assert!(time.add_minutes(begun, short).unwrap() <= time.add_minutes(begun, short + more).unwrap());
            let limit = Limit::HalfDays((short % 60) as u16);
            prop_assert!(time.promise(early, limit).unwrap().due <= time.promise(late, limit).unwrap().due);
            Ok(())
        })?;
    }

    #[test]
    fn a_step_begins_within_open_hours_and_once(from in instants(), hours in hours()) {
        with(hours, |time| {
            let begun = time.begin(from).unwrap();
            prop_assert!(begun >= from.floor_minute());
            prop_assert_eq!(time.begin(begun), Ok(begun));
            let minute = Instant::from_micros(begun.as_micros() + 60_000_000);
            prop_assert_eq!(time.minutes_between(begun, minute), Ok(1));
            Ok(())
        })?;
    }

    #[test]
    fn counting_adds_up(a in instants(), b in instants(), c in instants()) {
        with(OfficeHours::DEFAULT, |time| {
            let mut order = [a, b, c];
            order.sort();
            let [a, b, c] = order;
            let sum = time.minutes_between(a, b).unwrap() + time.minutes_between(b, c).unwrap();
            prop_assert_eq!(time.minutes_between(a, c), Ok(sum));
            Ok(())
        })?;
    }
}
