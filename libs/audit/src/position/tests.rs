use super::*;

fn position(offsets: &[(u16, u64)]) -> Position {
    Position(offsets.iter().copied().collect())
}

#[test]
fn a_position_is_read_as_it_is_written() {
    let told = position(&[(0, 17), (5, 2), (47, 0)]);
    assert_eq!(told.to_string(), "0:17,5:2");
    assert_eq!("5:2,0:17".parse(), Ok(position(&[(0, 17), (5, 2)])));
    for text in ["", "5", "5:", ":2", "5:2,", "5:-1", "70000:1", "registry:3"] {
        assert!(matches!(text.parse::<Position>(), Err(PositionFault::Form { .. })), "{text}");
    }
    assert_eq!("5:2,5:3".parse::<Position>(), Err(PositionFault::Twice { partition: 5 }));
}

#[test]
fn end_position_and_instant_are_told_apart() {
    assert_eq!("end".parse(), Ok(At::End));
    assert_eq!("3:4".parse(), Ok(At::Position(position(&[(3, 4)]))));
    let instant = Instant::parse("2026-11-24T08:00:00+07:00").unwrap();
    assert_eq!("2026-11-24T08:00:00+07:00".parse(), Ok(At::Instant(instant)));
    for text in ["", "now", "2026-11-24", "5"] {
        assert_eq!(text.parse::<At>(), Err(PositionFault::Neither { text: text.to_owned() }));
    }
}

#[test]
fn an_instant_covers_what_was_appended_at_it_and_no_later() {
    let record = lienthong_log::Record { key: "k".into(), headers: Vec::new(), value: "v".into() };
    let stored = |offset, appended_ms| Stored { offset, appended_ms, record: record.clone() };
    let at = At::Instant(Instant::from_millis(1_000));
    assert!(at.covers(0, &stored(0, 1_000)) && !at.covers(0, &stored(0, 1_001)));
    let at = At::Position(position(&[(5, 2)]));
    assert!(at.covers(5, &stored(1, 0)) && !at.covers(5, &stored(2, 0)) && !at.covers(4, &stored(0, 0)));
}
