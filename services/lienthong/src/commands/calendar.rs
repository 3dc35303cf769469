//! `calendar`: working days and due dates.

use clap::{Args, Subcommand};
use jiff::civil::{Date, Weekday};
use lienthong_calendar::{
    Calendar, DayKind, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION, UNITS_MAX, vietnamese_date,
};
use serde::Serialize;

use super::day;
use crate::{Format, Output, exit::Failure};

const PROVISIONAL: &str =
    "Lưu ý: trong khoảng này có ngày nghỉ mới là dự kiến; ngày hẹn có thể đổi khi có quyết định.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The due date of a limit in working days; the day of reception does not count
    Due(Due),
}

#[derive(Debug, Args)]
pub(crate) struct Due {
    /// Day of reception, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = day)]
    received: Date,
    /// The limit in working days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(UNITS_MAX)))]
    working_days: u32,
}

/// In JSON.
#[derive(Serialize)]
struct DueDate {
    due: Date,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Due(asked) => due(asked, output),
    }
}

fn due(asked: &Due, output: &mut Output<'_>) -> Result<(), Failure> {
    let Due { received, working_days } = *asked;
    let calendar = Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)
        .map_err(|fault| Failure::defect(&fault))?;
    let due = calendar
        .add_working_days(received, working_days)
        .map_err(|beyond| Failure::refused(beyond, "ask for a day and a limit within these years"))?;
    let is_provisional = calendar.is_provisional_between(received, due);
    match output.format() {
        Format::Json => {
            output.json(&DueDate { due });
            if is_provisional {
                output.note(PROVISIONAL);
            }
        }
        Format::Text => {
            output.text(&format!(
                "Tiếp nhận ngày {}, thời hạn {working_days} ngày làm việc: hẹn trả kết quả {}, ngày {}.",
                vietnamese_date(received),
                vietnamese_weekday(due),
                vietnamese_date(due),
            ));
            for line in passed(&calendar, received, due) {
                output.text(&line);
            }
            if is_provisional {
                output.text(PROVISIONAL);
            }
        }
    }
    Ok(())
}

/// The days of the count that differ from the ordinary week.
fn passed(calendar: &Calendar, received: Date, due: Date) -> impl Iterator<Item = String> {
    let days = calendar.days().iter().filter(move |day| day.date > received && day.date <= due);
    days.map(|day| {
        let kind = match day.kind {
            DayKind::Off => "nghỉ",
            DayKind::Makeup => "làm bù",
        };
        format!("  {} {kind}: {}", vietnamese_date(day.date), day.name)
    })
}

fn vietnamese_weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    }
}
