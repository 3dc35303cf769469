use jiff::civil::time as at;

use super::*;

#[test]
fn the_default_is_what_it_says() {
    assert_eq!(OfficeHours::parse(OfficeHours::DEFAULT), Ok(OfficeHours::default()));
    assert_eq!(OfficeHours::default().to_string(), OfficeHours::DEFAULT);
    assert_eq!(OfficeHours::default().opening(), at(7, 30, 0, 0));
    assert_eq!(OfficeHours::default().closing(), at(17, 30, 0, 0));
}

#[test]
fn hours_differ_between_agencies() {
    for text in ["07:00-11:30,13:30-17:00", "08:00-16:00", "07:30-09:30,09:30-11:30,13:00-17:00"] {
        assert_eq!(OfficeHours::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_span_is_refused() {
    for text in [
        "",
        "07:30",
        "7:30-11:30",
        "07:30-11:60",
        "24:00-11:30",
        "07:30-11:30,",
        "+7:30-11:30",
        "07:30 - 11:30",
    ] {
        assert!(matches!(OfficeHours::parse(text), Err(HoursFault::Unreadable { .. })), "{text}");
    }
}

#[test]
fn spans_ascend_and_do_not_overlap() {
    for (text, span) in [
        ("13:30-17:30,07:30-11:30", "07:30-11:30"),
        ("07:30-11:30,11:00-15:00", "11:00-15:00"),
        ("11:30-07:30", "11:30-07:30"),
        ("07:30-07:30,08:00-16:00", "07:30-07:30"),
    ] {
        assert_eq!(OfficeHours::parse(text), Err(HoursFault::Order { span: span.to_owned() }));
    }
}

#[test]
fn a_day_is_480_minutes() {
    assert_eq!(OfficeHours::parse("07:30-11:30,13:30-17:00"), Err(HoursFault::Sum { minutes: 450 }));
    assert_eq!(OfficeHours::parse("07:00-11:30,13:00-17:00"), Err(HoursFault::Sum { minutes: 510 }));
}

#[test]
fn serde_goes_through_the_text() {
    let json = r#""07:00-11:30,13:30-17:00""#;
    let hours: OfficeHours = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&hours).unwrap(), json);
    assert!(serde_json::from_str::<OfficeHours>(r#""07:00-11:30""#).is_err());
}

#[test]
fn the_end_of_a_span_is_its_closing() {
    let hours = OfficeHours::default();
    assert_eq!(hours.reached(240), at(11, 30, 0, 0));
    assert_eq!(hours.reached(241), at(13, 31, 0, 0));
    assert_eq!(hours.reached(480), at(17, 30, 0, 0));
    assert_eq!((hours.worked(0), hours.worked(700), hours.worked(1439)), (0, 240, 480));
    assert_eq!(hours.open_from(690), Some(at(13, 30, 0, 0)));
    assert_eq!(hours.open_from(1050), None);
}
