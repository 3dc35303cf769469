use lienthong::Exit;

use crate::support::{done, done_json, not_done, run};

fn due<'a>(received: &'a str, working_days: &'a str) -> [&'a str; 6] {
    ["calendar", "due", "--received", received, "--working-days", working_days]
}

#[test]
fn due_dates_are_those_of_the_published_table() {
    let table = include_str!("../../../../libs/calendar/data/due-dates.csv");
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1).collect::<Vec<_>>();
    assert!(!rows.is_empty());
    for row in rows {
        let columns: Vec<&str> = row.split(',').collect();
        let [received, working_days, expected] = columns[..] else { panic!("{row}") };
        let json = done_json(&due(received, working_days));
        assert_eq!(json, serde_json::json!({ "due": expected }), "{row}");
    }
}

#[test]
fn an_officer_reads_the_due_date_and_the_days_off_it_passed() {
    let expected = "\
Tiếp nhận ngày 20/11/2026, thời hạn 10 ngày làm việc: hẹn trả kết quả thứ Hai, ngày 07/12/2026.
  24/11/2026 nghỉ: Ngày Văn hóa Việt Nam
";
    assert_eq!(done(&due("2026-11-20", "10")), expected);
}

#[test]
fn days_that_may_still_change_are_noted() {
    let args = due("2027-08-30", "5");
    let text = done(&args);
    assert!(text.lines().last().unwrap().starts_with("Lưu ý: "), "{text}");

    // A program gets its answer alone; the note goes where it disturbs nothing.
    let json = run(&[&args[..], &["--output", "json"]].concat());
    assert_eq!(json.code, Some(0));
    assert_eq!(json.stdout.lines().count(), 1);
    assert!(json.stderr.starts_with("Lưu ý: "), "{json:?}");
}

#[test]
fn a_count_that_leaves_the_calendar_is_refused() {
    let refused = i32::from(Exit::Refused.code());
    not_done(&due("2027-12-20", "30"), refused, "2028-01-01 is beyond the calendar");
    not_done(&due("2019-12-20", "1"), refused, "2019-12-20 is beyond the calendar");
}

#[test]
fn a_day_or_a_limit_that_is_none_is_wrong_usage() {
    for received in ["20261120", "2026-02-30", "20/11/2026", "2026-11-20T08:00"] {
        not_done(&due(received, "5"), 2, &format!("invalid value '{received}' for '--received <DATE>'"));
    }
    for working_days in ["0", "2.5", "10000"] {
        not_done(&due("2026-11-20", working_days), 2, &format!("invalid value '{working_days}'"));
    }
    not_done(&["calendar", "due", "--received", "2026-11-20"], 2, "the following required arguments");
}
