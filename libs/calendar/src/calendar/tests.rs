use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn shipped() -> Calendar {
    Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR).unwrap()
}

#[test]
fn published_due_dates_come_out() {
    let calendar = shipped();
    let rows = include_str!("../../data/due-dates.csv").lines().filter(|line| line.starts_with("20"));
    let mut checked = 0;
    for row in rows {
        let [received, days, due] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let (received, days) = (received.parse().unwrap(), days.parse().unwrap());
        let due: Date = due.parse().unwrap();
        assert_eq!(calendar.add_working_days(received, days), Ok(due), "{row}");
        assert_eq!(calendar.working_days_between(received, due), Ok(days), "{row}");
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn years_have_the_published_number_of_working_days() {
    let calendar = shipped();
    for (year, days) in [(2024, 251), (2025, 250), (2026, 249)] {
        let worked = (0..date(year, 1, 1).days_in_year())
            .filter(|n| {
                let day = date(year, 1, 1).checked_add(jiff::Span::new().days(*n)).unwrap();
                calendar.is_working_day(day).unwrap()
            })
            .count();
        assert_eq!(worked, days, "{year}");
    }
    assert_eq!(calendar.years(), 2024..=2027);
}

#[test]
fn make_up_saturdays_are_worked_and_other_saturdays_are_not() {
    let calendar = shipped();
    for saturday in [date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)] {
        assert_eq!(calendar.is_working_day(saturday), Ok(true), "{saturday}");
    }
    assert_eq!(calendar.is_working_day(date(2026, 11, 21)), Ok(false));
    assert_eq!(calendar.day(date(2026, 8, 22)).map(|day| day.kind), Some(DayKind::Makeup));
}

#[test]
fn the_day_of_culture_is_off() {
    let calendar = shipped();
    assert_eq!(calendar.is_working_day(date(2026, 11, 24)), Ok(false));
    assert_eq!(calendar.day(date(2026, 11, 24)).map(|day| &*day.name), Some("Ngày Văn hóa Việt Nam"));
    assert_eq!(calendar.next_working_day(date(2026, 11, 23)), Ok(date(2026, 11, 25)));
    assert_eq!(calendar.working_days_before(date(2026, 11, 25), 1), Ok(date(2026, 11, 23)));
}

#[test]
fn nothing_added_lands_on_a_working_day() {
    let calendar = shipped();
    assert_eq!(calendar.add_working_days(date(2026, 11, 23), 0), Ok(date(2026, 11, 23)));
    assert_eq!(calendar.add_working_days(date(2026, 11, 21), 0), Ok(date(2026, 11, 23)));
    assert_eq!(calendar.working_days_before(date(2026, 11, 21), 0), Ok(date(2026, 11, 20)));
    assert_eq!(calendar.working_days_before(date(2026, 11, 23), 0), Ok(date(2026, 11, 23)));
}

#[test]
fn what_may_still_change_is_known() {
    let calendar = shipped();
    assert!(calendar.is_provisional(date(2027, 2, 4)));
    assert!(!calendar.is_provisional(date(2026, 2, 16)));
    assert!(calendar.is_provisional_between(date(2027, 2, 3), date(2027, 2, 11)));
    assert!(!calendar.is_provisional_between(date(2027, 2, 10), date(2027, 3, 1)));
}

#[test]
fn beyond_the_calendar_there_is_no_answer() {
    let calendar = shipped();
    let beyond = |date| Err(BeyondCalendar { date, first_year: 2024, last_year: 2027 });
    assert_eq!(calendar.add_working_days(date(2027, 12, 30), 2), beyond(date(2028, 1, 1)));
    assert_eq!(calendar.add_working_days(date(2027, 12, 30), 1), Ok(date(2027, 12, 31)));
    assert_eq!(calendar.add_working_days(date(2026, 1, 1), u32::MAX), beyond(date(2028, 1, 1)));
    assert_eq!(calendar.next_working_day(date(2028, 1, 1)), beyond(date(2028, 1, 1)));
    assert_eq!(calendar.working_days_before(date(2024, 1, 2), 1), beyond(date(2023, 12, 31)));
    assert_eq!(calendar.working_days_before(date(2024, 1, 1), 0), beyond(date(2023, 12, 31)));
    assert!(calendar.is_working_day(Date::MAX).is_err());
    assert_eq!(
        calendar.is_working_day(date(2028, 1, 1)).unwrap_err().to_string(),
        "2028-01-01 is beyond the calendar, which covers 2024 to 2027"
    );
}

#[test]
fn the_cutoff_is_a_setting() {
    assert_eq!(shipped().cutoff(), DEFAULT_CUTOFF);
    let later = jiff::civil::time(16, 0, 0, 0);
    assert_eq!(shipped().with_cutoff(later).cutoff(), later);
}

fn fault(rows: &str) -> CalendarFault {
    Calendar::parse("test", &format!("# a comment\n{HEADER}\n{rows}")).unwrap_err()
}

#[test]
fn faults_name_their_line() {
    let text = |text: &str| text.to_owned();
    let day = date(2026, 11, 24);
    assert_eq!(fault("2026-11-24,off"), CalendarFault::Columns { line: 3 });
    assert_eq!(fault("2026-11-24,off,official,\"A\""), CalendarFault::Columns { line: 3 });
    assert_eq!(fault("24/11/2026,off,official,A"), CalendarFault::Date { line: 3, text: text("24/11/2026") });
    assert_eq!(fault("2026-02-30,off,official,A"), CalendarFault::Date { line: 3, text: text("2026-02-30") });
    assert_eq!(
        fault("\n2026-11-24,holiday,official,A"),
        CalendarFault::Kind { line: 4, text: text("holiday") }
    );
    assert_eq!(fault("2026-11-24,off,maybe,A"), CalendarFault::Status { line: 3, text: text("maybe") });
    let twice = "2026-11-24,off,official,A\n2026-01-01,off,official,A\n2026-11-24,off,provisional,B";
    assert_eq!(fault(twice), CalendarFault::Duplicate { line: 5, date: day });
    let saturday = date(2026, 11, 21);
    assert_eq!(fault("2026-11-21,off,official,A"), CalendarFault::OffOnWeekend { line: 3, date: saturday });
    assert_eq!(
        fault("2026-11-24,makeup,official,A"),
        CalendarFault::MakeupNotSaturday { line: 3, date: day }
    );
    let sunday = date(2026, 11, 22);
    assert_eq!(
        fault("2026-11-22,makeup,official,A"),
        CalendarFault::MakeupNotSaturday { line: 3, date: sunday }
    );
    let gap = "2024-01-01,off,official,A\n2026-01-01,off,official,A";
    assert_eq!(fault(gap), CalendarFault::YearMissing { year: 2025 });
    assert_eq!(fault(""), CalendarFault::Empty);
    assert_eq!(Calendar::parse("test", ""), Err(CalendarFault::Empty));
    assert_eq!(Calendar::parse("test", "date,name\n"), Err(CalendarFault::Header { line: 1 }));
    assert_eq!(
        fault("2026-11-21,off,official,A").to_string(),
        "line 3: 2026-11-21 is off but lies on a weekend"
    );
}

#[test]
fn a_file_saved_on_windows_reads_the_same() {
    let windows = format!("\u{feff}{}", SHIPPED_CALENDAR.replace('\n', "\r\n"));
    assert_eq!(Calendar::parse(SHIPPED_CALENDAR_VERSION, &windows), Ok(shipped()));
}

proptest! {
    #[test]
    fn counting_forth_and_back_agrees(day in 1..1_200_i64, n in 1..40_u32) {
        let calendar = shipped();
        let from = date(2024, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let to = calendar.add_working_days(from, n).unwrap();
        prop_assert_eq!(calendar.is_working_day(to), Ok(true));
        prop_assert_eq!(calendar.working_days_between(from, to), Ok(n));
        prop_assert_eq!(calendar.working_days_before(to, n).unwrap(), calendar.working_days_before(from, 0).unwrap_or(from));
        prop_assert!(to > from);
    }

    #[test]
    fn no_text_is_too_wild(text in "\\PC*") {
        drop(Calendar::parse("test", &format!("{HEADER}\n{text}")));
    }
}
