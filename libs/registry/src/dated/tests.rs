use jiff::civil::date;

use super::*;

#[test]
fn both_ends_are_included() {
    let june = Period { from: Some(date(2025, 6, 1)), to: Some(date(2025, 6, 30)) };
    let days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 30), date(2025, 7, 1)];
    assert_eq!(days.map(|day| june.contains(day)), [false, true, true, false]);
    assert!(Period::ALWAYS.contains(Date::MIN) && Period::ALWAYS.contains(Date::MAX));
}

#[test]
fn periods_overlap_when_a_day_is_in_both() {
    let until = Period::until(date(2025, 6, 30));
    assert!(!until.overlaps(&Period::since(date(2025, 7, 1))));
    assert!(until.overlaps(&Period::since(date(2025, 6, 30))));
    assert!(Period::since(date(2025, 6, 30)).overlaps(&until));
    assert!(Period::ALWAYS.overlaps(&until));
}

#[test]
fn a_last_day_before_the_first_is_reversed() {
    assert!(Period { from: Some(date(2025, 7, 1)), to: Some(date(2025, 6, 30)) }.is_reversed());
    assert!(!Period { from: Some(date(2025, 7, 1)), to: Some(date(2025, 7, 1)) }.is_reversed());
    assert!(!Period::ALWAYS.is_reversed());
}

#[test]
fn a_dated_value_is_there_on_its_days_only() {
    let names = [Dated::until(date(2025, 6, 30), "old"), Dated::since(date(2025, 7, 1), "new")];
    assert_eq!(first_on(&names, date(2025, 6, 30)), Some(&"old"));
    assert_eq!(first_on(&names, date(2025, 7, 1)), Some(&"new"));
    assert!(!any_overlap(&names));
    assert!(any_overlap(&[Dated::always("a"), Dated::until(date(2025, 6, 30), "b")]));
}

#[test]
fn open_ends_may_be_left_out() {
    let dated: Dated<u8> = serde_json::from_str(r#"{"value":1,"to":"2025-06-30"}"#).unwrap();
    assert_eq!(dated, Dated::until(date(2025, 6, 30), 1));
}
