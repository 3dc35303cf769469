//! Periods as packs write them, and the days on which they end.

use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_period_is_a_number_of_years_or_permanent() {
    for (text, read) in [
        ("permanent", Some(Retention::Permanent)),
        ("0", Some(Retention::Years(0))),
        ("100", Some(Retention::Years(100))),
        ("101", None),
        ("-1", None),
        ("10y", None),
        ("for ever", None),
        ("70000", None),
    ] {
        assert_eq!(text.parse().ok(), read, "{text}");
        assert!(read.is_none_or(|read: Retention| read.to_string() == text));
    }
}

#[test]
fn a_period_ends_on_the_same_day_of_a_later_year() {
    let until = |years, ended| Retention::Years(years).until(day(ended));
    assert_eq!(until(0, "2026-11-18"), Some(day("2026-11-18")));
    assert_eq!(until(10, "2026-11-18"), Some(day("2036-11-18")));
    assert_eq!(until(1, "2028-02-29"), Some(day("2029-02-28")));
    assert_eq!(until(100, "9950-01-01"), None);
    assert_eq!(Retention::Permanent.until(day("2026-11-18")), None);
    assert_eq!(Retention::default(), Retention::Years(RETENTION_YEARS_DEFAULT));
}
