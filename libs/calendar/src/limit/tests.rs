use proptest::prelude::*;

use super::*;

#[test]
fn limits_read_as_packs_write_them() {
    for (text, limit, minutes, whole_days) in [
        ("13d", Limit::days(13), Some(6_240), Some(13)),
        ("0.5d", Limit::HalfDays(1), Some(240), None),
        ("1.5d", Limit::HalfDays(3), Some(720), None),
        ("0d", Limit::HalfDays(0), Some(0), Some(0)),
        ("4h", Limit::Hours(4), Some(240), None),
        ("8h", Limit::Hours(8), Some(480), Some(1)),
        ("30cd", Limit::CalendarDays(30), None, None),
    ] {
        assert_eq!(Limit::parse(text), Ok(limit));
        assert_eq!(limit.to_string(), text);
        assert_eq!((limit.minutes(), limit.whole_days()), (minutes, whole_days), "{text}");
    }
}

#[test]
fn every_limit_has_one_way_to_be_written() {
    for text in
        ["", "d", "13", "13 d", "+1d", "-1d", "01d", "1.0d", "0.25d", ".5d", "0.5h", "0.5cd", "1D", "1ngày"]
    {
        assert_eq!(Limit::parse(text), Err(LimitFault::Unreadable { text: text.to_owned() }));
    }
}

#[test]
fn a_limit_nobody_means_is_refused() {
    for text in ["10000d", "65536h", "99999999999999999999cd"] {
        assert_eq!(Limit::parse(text), Err(LimitFault::TooLong { text: text.to_owned() }));
    }
    assert_eq!(Limit::parse("9999.5d"), Ok(Limit::HalfDays(19_999)));
    assert_eq!(Limit::days(u16::MAX), Limit::days(UNITS_MAX));
}

#[test]
fn serde_goes_through_the_text() {
    assert_eq!(serde_json::to_string(&Limit::HalfDays(1)).unwrap(), r#""0.5d""#);
    assert_eq!(serde_json::from_str::<Limit>(r#""30cd""#).unwrap(), Limit::CalendarDays(30));
    assert!(serde_json::from_str::<Limit>(r#""30""#).is_err());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(units in 0..=UNITS_MAX) {
        for limit in [Limit::HalfDays(units), Limit::Hours(units), Limit::CalendarDays(units)] {
            prop_assert_eq!(Limit::parse(&limit.to_string()), Ok(limit));
        }
    }

    #[test]
    fn no_text_is_too_wild(text in "\\PC*") {
        if let Ok(limit) = Limit::parse(&text) {
            prop_assert_eq!(limit.to_string(), text);
        }
    }
}
