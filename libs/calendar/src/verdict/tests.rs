use super::*;

fn check(finished: &str, due: &str, verdict: Verdict) {
    let instant = |text| Instant::parse(text).unwrap();
    assert_eq!(Verdict::of(instant(finished), instant(due)), verdict, "{finished}");
}

#[test]
fn days_are_compared_not_hours() {
    let due = "2026-11-23T11:30:00+07:00";
    check("2026-11-22T23:59:59+07:00", due, Verdict::Early);
    check("2026-11-23T00:00:00+07:00", due, Verdict::OnTime);
    check("2026-11-23T23:59:59+07:00", due, Verdict::OnTime);
    check("2026-11-24T00:00:00+07:00", due, Verdict::Late);
    // 18:00 UTC is already the next day in Vietnam.
    check("2026-11-23T18:00:00Z", due, Verdict::Late);
}

#[test]
fn reports_call_it_so() {
    let all = [Verdict::Early, Verdict::OnTime, Verdict::Late];
    assert_eq!(all.map(Verdict::vietnamese), ["trước hạn", "đúng hạn", "quá hạn"]);
}
