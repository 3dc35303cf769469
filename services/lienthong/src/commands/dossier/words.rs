//! How officers read what the contract says: Vietnamese words, +07:00.

use comfy_table::{LineStyle, TableStyle};
use jiff::tz::Offset;
use lienthong_calendar::{Instant, MINUTES_PER_DAY, Verdict};
use lienthong_dossier::Status;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, Timestamp, instant};

/// Tables of a row to a line, below a header.
pub(in crate::commands) const ROWS: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Stands above every page of a training log.
pub(in crate::commands) const TRAINING: &str = "TẬP HUẤN: dữ liệu tập huấn, không có giá trị pháp lý";
/// Stands where there is nothing.
pub(super) const NONE: &str = "–";

const SECONDS_PER_MINUTE: i32 = 60;

/// `08:15 ngày 22/11/2026`; a dash where there is no instant.
pub(in crate::commands) fn moment(at: Option<&Timestamp>) -> String {
    at.and_then(instant).map_or_else(|| NONE.to_owned(), Instant::vietnamese)
}

/// An instant as a source tells it: RFC 3339 with the source's own offset.
pub(super) fn told_at(activity: &pb::ImportedActivity) -> String {
    // What no clock can show is told in UTC.
    let seconds = activity.offset_minutes.saturating_mul(SECONDS_PER_MINUTE);
    let offset = Offset::from_seconds(seconds).unwrap_or(Offset::UTC);
    let at = activity.at.as_ref().and_then(instant);
    let at = at.and_then(|at| jiff::Timestamp::from_microsecond(at.as_micros()).ok());
    at.map_or_else(|| NONE.to_owned(), |at| at.display_with_offset(offset).to_string())
}

/// The text, or a dash where there is none.
pub(super) fn or_none(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.to_owned() }
}

/// The national name of a status; a dash where a source gives none.
pub(in crate::commands) fn status(number: i32) -> String {
    let name = Status::from_number(number).map(Status::vietnamese);
    name.map_or_else(|| NONE.to_owned(), |name| format!("{name} ({number})"))
}

/// Who holds it, and to whom it is offered: `A`, or `A → B`.
pub(super) fn custody(dossier: &pb::Dossier) -> String {
    match &dossier.custody {
        None => NONE.to_owned(),
        Some(custody) if custody.offered_to.is_empty() => custody.holder_name.clone(),
        Some(custody) => format!("{} → {}", custody.holder_name, custody.offered_to_name),
    }
}

/// The promise, and what its clock does where it does not run.
pub(super) fn promise(dossier: &pb::Dossier) -> String {
    let due = moment(dossier.due.as_ref());
    match dossier.clock.as_ref().map(pb::Clock::state) {
        Some(pb::ClockState::Paused | pb::ClockState::Ended) => format!("{due} ({})", clock(dossier)),
        Some(pb::ClockState::Running | pb::ClockState::Unspecified) | None => {
            match dossier.clock.as_ref().and_then(|clock| clock.left.as_ref()) {
                Some(remaining) => format!("{due} ({})", left(remaining)),
                None => due,
            }
        }
    }
}

/// What the clock of the promise does.
pub(super) fn clock(dossier: &pb::Dossier) -> String {
    let Some(clock) = &dossier.clock else { return NONE.to_owned() };
    match clock.state() {
        pb::ClockState::Unspecified => NONE.to_owned(),
        pb::ClockState::Running => "đang chạy".to_owned(),
        pb::ClockState::Paused => format!("tạm dừng, còn {}", working(clock.remaining_minutes)),
        pb::ClockState::Ended => format!("kết thúc {}", moment(clock.since.as_ref())),
    }
}

/// What is left until something is due: `còn 2 ngày làm việc`, or how many working days it is late.
pub(super) fn left(left: &pb::Left) -> String {
    match (left.days_late, u32::try_from(left.working_minutes)) {
        (0, Ok(minutes)) => format!("còn {}", working(minutes)),
        // Over since some hour of today, and in time all the same.
        (0, Err(_)) => "đến hạn hôm nay".to_owned(),
        (days, _) => format!("quá hạn {days} ngày làm việc"),
    }
}

/// How what was finished compares with its day due; none where that is not said.
pub(super) fn verdict(verdict: pb::Verdict) -> Option<&'static str> {
    let verdict = match verdict {
        pb::Verdict::Unspecified => return None,
        pb::Verdict::Early => Verdict::Early,
        pb::Verdict::OnTime => Verdict::OnTime,
        pb::Verdict::Late => Verdict::Late,
    };
    Some(verdict.vietnamese())
}

/// Working minutes as days, hours and minutes: `2 ngày 4 giờ làm việc`.
pub(super) fn working(minutes: u32) -> String {
    let (days, rest) = (minutes / MINUTES_PER_DAY, minutes % MINUTES_PER_DAY);
    let parts = [(days, "ngày"), (rest / 60, "giờ"), (rest % 60, "phút")].into_iter();
    let parts = parts.filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit} "));
    let text: String = parts.collect();
    if text.is_empty() { "0 phút".to_owned() } else { format!("{text}làm việc") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_minutes_are_told_in_days_of_eight_hours() {
        for (minutes, text) in [
            (0, "0 phút"),
            (59, "59 phút làm việc"),
            (480, "1 ngày làm việc"),
            (2 * 480 + 4 * 60 + 1, "2 ngày 4 giờ 1 phút làm việc"),
        ] {
            assert_eq!(working(minutes), text);
        }
    }

    #[test]
    fn what_is_late_is_told_in_days_and_what_is_not_in_working_time() {
        for (working_minutes, days_late, text) in [
            (480, 0, "còn 1 ngày làm việc"),
            (0, 0, "còn 0 phút"),
            (-30, 0, "đến hạn hôm nay"),
            (-90, 1, "quá hạn 1 ngày làm việc"),
            // Due on a day off, looked at before the next opening.
            (0, 1, "quá hạn 1 ngày làm việc"),
        ] {
            assert_eq!(left(&pb::Left { working_minutes, days_late }), text);
        }
    }

    #[test]
    fn what_a_source_tells_keeps_its_own_offset() {
        let at = Instant::parse("2011-10-11T13:45:40.276+02:00").unwrap();
        let mut activity = pb::ImportedActivity {
            at: Some(lienthong_wire::timestamp(at)),
            offset_minutes: 120,
            ..pb::ImportedActivity::default()
        };
        assert_eq!(told_at(&activity), "2011-10-11T13:45:40.276+02:00");
        activity.offset_minutes = -570;
        assert_eq!(told_at(&activity), "2011-10-11T02:15:40.276-09:30");
        for beyond in [i32::MAX, i32::MIN] {
            activity.offset_minutes = beyond;
            assert_eq!(told_at(&activity), "2011-10-11T11:45:40.276+00:00");
        }
        activity.at = None;
        assert_eq!(told_at(&activity), NONE);
    }
}
