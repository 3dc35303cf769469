//! Calendars, office hours, limits and instants that nobody meant to write.

use jiff::civil::Date;
use lienthong_fuzz::Target;

use crate::{Calendar, Instant, Limit, OfficeHours, SHIPPED_CALENDAR, WorkingTime};

lienthong_fuzz::targets!(calendar, times);

/// A calendar of two years, with days of each kind.
const SMALL: &str = "date,kind,status,name
2026-01-01,off,official,Tết Dương lịch
2026-02-16,off,provisional,Nghỉ Tết, ngày đầu
2026-08-22,makeup,official,Làm bù
2027-01-01,off,provisional,Tết Dương lịch
";

/// What is read answers every question about its own days, and about the days around them.
fn calendar() {
    let words =
        ["off", "makeup", "official", "provisional", "\n9999-12-31,off,official,", "\n-009999-01-01,off"];
    let target = Target::new([SMALL, SHIPPED_CALENDAR]).words(words);
    target.check_text(|text| {
        let Ok(calendar) = Calendar::parse("thu", text) else { return };
        let (first, last) = (*calendar.years().start(), *calendar.years().end());
        assert!(first <= last, "{first} to {last}");
        let hours = OfficeHours::default();
        let working = WorkingTime { calendar: &calendar, hours: &hours };
        let ends = [Date::MIN, Date::MAX, Date::new(first, 1, 1).unwrap(), Date::new(last, 12, 31).unwrap()];
        let days = calendar.days();
        for date in ends.into_iter().chain(days.iter().map(|day| day.date).take(20)) {
            answers(&working, date);
        }
        assert!(days.windows(2).all(|pair| pair[0].date < pair[1].date), "each day once, in order");
    });
}

fn answers(working: &WorkingTime<'_>, date: Date) {
    let calendar = working.calendar;
    if let (Ok(is_worked), Ok(next)) = (calendar.is_working_day(date), calendar.add_working_days(date, 0)) {
        assert_eq!(is_worked, next == date, "{date}");
    }
    if let Ok(next) = calendar.add_working_days(date, 3) {
        assert_eq!(calendar.working_days_between(date, next), Ok(3), "{date}");
    }
    let _ = (calendar.add_working_days(date, u32::MAX), calendar.working_days_before(date, u32::MAX));
    for at in [working.opening(date), working.closing(date), Instant::MIN, Instant::MAX] {
        for limit in [Limit::HalfDays(3), Limit::Hours(9), Limit::CalendarDays(9_999)] {
            if let Ok(promise) = working.promise(at, limit) {
                assert!(promise.start <= promise.due, "{at} and {limit}");
            }
        }
        let _ = (working.add_minutes(at, u32::MAX), working.last_moment_to_extend(at));
    }
}

/// Whatever is read is written so that it is read as the same again.
fn times() {
    let seeds = [
        OfficeHours::DEFAULT,
        "00:00-08:00",
        "13d",
        "0.5d",
        "8h",
        "30cd",
        "2026-11-22T08:15:00+07:00",
        "2026-11-22T01:15:00.123456789Z",
        "9999-12-30T22:00:00Z",
        "0001-01-01T00:00:00Z",
    ];
    Target::new(seeds).words(["T", "Z", "+25:59", "-07:00", "cd", ".5d", "[Asia/Ho_Chi_Minh]"]).check_text(
        |text| {
            if let Ok(hours) = OfficeHours::parse(text) {
                assert_eq!(OfficeHours::parse(&hours.to_string()), Ok(hours));
            }
            if let Ok(limit) = Limit::parse(text) {
                assert_eq!(limit.to_string(), text);
                assert!(!limit.vietnamese().is_empty());
            }
            if let Ok(instant) = Instant::parse(text) {
                assert_eq!(Instant::parse(&instant.to_string()), Ok(instant));
                assert_eq!(Instant::try_from(instant.as_micros()), Ok(instant));
                assert_eq!(Instant::at(instant.date(), instant.civil().time()), instant);
            }
        },
    );
}
