use super::*;
use crate::reading::support::*;

#[test]
fn what_is_left_is_working_time_and_lateness_is_counted_in_days() {
    let story = Story::with_notice();
    let (registry, land) = (registry(), agency(LAND));
    let working = working(&registry, story.case(), &land).unwrap();
    // 24/11/2026 is a day off.
    let (start, due) = (at("2026-11-19 07:30"), at("2026-11-25 17:30"));
    for (when, minutes, days_late) in [
        // Before it starts, all of it.
        ("2026-11-18 10:00", 4 * 480, 0),
        ("2026-11-19 07:30", 4 * 480, 0),
        ("2026-11-20 11:30", 2 * 480 + 240, 0),
        ("2026-11-24 09:00", 480, 0),
        ("2026-11-25 17:29", 1, 0),
        ("2026-11-25 17:30", 0, 0),
        // In the evening of the day due it is done in time.
        ("2026-11-25 23:00", 0, 0),
        ("2026-11-26 08:30", -60, 1),
        ("2026-11-28 08:00", -2 * 480, 2),
        ("2026-11-30 07:31", -2 * 480 - 1, 3),
    ] {
        let left = left_until(&working, start, due, at(when)).unwrap();
        assert_eq!((left.working_minutes, left.days_late), (minutes, days_late), "{when}");
    }
    assert_eq!(left_until(&working, start, due, at("2150-01-01 08:00")), None);
    assert_eq!(verdict(at("2026-11-24 23:59"), due), pb::Verdict::Early);
    assert_eq!(verdict(at("2026-11-25 23:59"), due), pb::Verdict::OnTime);
    assert_eq!(verdict(at("2026-11-26 00:00"), due), pb::Verdict::Late);
}
