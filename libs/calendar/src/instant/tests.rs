use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

#[test]
fn is_shown_in_the_time_of_vietnam() {
    let instant = Instant::parse("2026-11-22T01:15:00Z").unwrap();
    assert_eq!(instant.to_string(), "2026-11-22T08:15:00+07:00");
    assert_eq!(instant.vietnamese(), "08:15 ngày 22/11/2026");
    assert_eq!(instant.date(), date(2026, 11, 22));
    assert_eq!(instant, Instant::at(date(2026, 11, 22), time(8, 15, 0, 0)));
    assert_eq!(Instant::from_micros(1_500_000).to_string(), "1970-01-01T07:00:01.5+07:00");
    assert_eq!(vietnamese_date(date(2026, 7, 1)), "01/07/2026");
}

#[test]
fn the_day_changes_at_midnight_in_vietnam() {
    assert_eq!(Instant::parse("2026-11-21T16:59:59Z").unwrap().date(), date(2026, 11, 21));
    assert_eq!(Instant::parse("2026-11-21T17:00:00Z").unwrap().date(), date(2026, 11, 22));
}

#[test]
fn takes_rfc_3339_and_nothing_else() {
    for text in ["", "2026-11-22", "2026-11-22T08:15:00", "2026-11-22T08:15:00+07:00[Asia/Ho_Chi_Minh]"] {
        assert_eq!(Instant::parse(text), Err(InstantFault::Unreadable { text: text.to_owned() }));
    }
    assert!(matches!(Instant::parse("-000100-01-01T00:00:00Z"), Err(InstantFault::OutOfRange { .. })));
}

#[test]
fn is_cut_to_the_minute_before_1970_too() {
    let cut = |text| Instant::parse(text).unwrap().floor_minute().to_string();
    assert_eq!(cut("2026-11-22T08:15:59.999999+07:00"), "2026-11-22T08:15:00+07:00");
    assert_eq!(cut("1969-12-31T23:59:30Z"), "1970-01-01T06:59:00+07:00");
}

#[test]
fn saturates_instead_of_failing() {
    assert_eq!(Instant::from_micros(i64::MAX), Instant::MAX);
    assert_eq!(Instant::from_millis(i64::MIN), Instant::MIN);
    assert_eq!(Instant::at(Date::MAX, Time::MAX), Instant::MAX);
    assert_eq!(Instant::at(Date::MIN, Time::MIN), Instant::MIN);
    assert_eq!(Instant::MIN.date(), date(1, 1, 1));
    assert_eq!(Instant::MAX.date(), date(9999, 12, 31));
}

#[test]
fn is_stored_as_a_bare_number_and_read_back_strictly() {
    let instant = Instant::from_micros(1_795_310_100_000_000);
    assert_eq!(serde_json::to_string(&instant).unwrap(), "1795310100000000");
    assert_eq!(serde_json::from_str::<Instant>("1795310100000000").unwrap(), instant);
    assert!(serde_json::from_str::<Instant>("9223372036854775807").is_err());
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(micros in Instant::MIN.0..=Instant::MAX.0) {
        let instant = Instant::from_micros(micros);
        prop_assert_eq!(instant.as_micros(), micros);
        prop_assert_eq!(Instant::parse(&instant.to_string()), Ok(instant));
    }

    #[test]
    fn no_number_is_too_wild(micros in any::<i64>()) {
        let instant = Instant::from_micros(micros);
        prop_assert!(!instant.floor_minute().vietnamese().is_empty());
        prop_assert!(!instant.to_string().is_empty());
    }
}
