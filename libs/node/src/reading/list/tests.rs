use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use tonic_types::StatusExt as _;

use super::*;
use crate::reading::support::*;

fn fits(query: &Query, state: &State) -> bool {
    query.fits(&DossierCode::parse(CODE).unwrap(), state)
}

#[test]
fn a_filter_that_is_empty_lets_everything_through() {
    assert!(fits(&Query::default(), &Story::with_notice().state()));
    assert!(fits(&Query::default(), &state(imported(), 1)));
}

#[test]
fn every_filter_has_to_fit() {
    let live = Story::with_notice().state();
    let told = state(imported(), 1);
    let check = |query: Query, live_fits: bool, told_fits: bool| {
        assert_eq!((fits(&query, &live), fits(&query, &told)), (live_fits, told_fits), "{query:?}");
    };
    let statuses = |numbers: &[i32]| Query { statuses: statuses(numbers).unwrap(), ..Query::default() };
    check(statuses(&[6]), true, false);
    check(statuses(&[10, 6, 6]), true, true);
    check(statuses(&[4]), false, false);
    let procedure = |code: &str| Query { procedure: procedure(code).unwrap(), ..Query::default() };
    check(procedure("1.099001"), true, false);
    check(procedure("1.012756"), false, false);
    check(Query { received_by: Some(agency(DESK)), ..Query::default() }, true, false);
    check(Query { received_by: Some(agency("import-office")), ..Query::default() }, false, true);
    check(Query { imported: Some(true), ..Query::default() }, false, true);
    check(Query { imported: Some(false), ..Query::default() }, true, false);
    check(Query { imported: Some(false), ..statuses(&[4]) }, false, false);
    let agency = |id: &str| Query { agency: Some(agency(id)), ..Query::default() };
    check(agency(LAND), true, false);
    // Its referral is answered; that its notice is not paid is nothing that it is waited for with.
    check(agency(TAX), false, false);
    let prefix = |text: &str| Query { code_prefix: text.to_owned(), ..Query::default() };
    check(prefix("H56.2-2611"), true, true);
    check(prefix("H56.2-2612"), false, false);
    // Received on 02/11/2026, and promised for 19/11/2026 when the notice made the clock stand.
    let received = |from, to| Query { received: days("received", from, to).unwrap(), ..Query::default() };
    check(received("2026-11-02", "2026-11-02"), true, false);
    check(received("", "2026-11-01"), false, false);
    let due = |from, to| Query { due: days("due", from, to).unwrap(), ..Query::default() };
    check(due("2026-11-19", "2026-11-19"), true, false);
    check(due("2026-11-20", ""), false, false);
    let overdue = |text| Query { overdue_as_of: day("overdue_as_of", text).unwrap(), ..Query::default() };
    check(overdue("2026-12-31"), false, false);
}

#[test]
fn what_is_late_is_found_from_the_day_after_it_was_due() {
    let mut story = Story::new();
    for (when, who, action) in to_the_notice().into_iter().take(4) {
        story.tell(when, who, action);
    }
    let late = |text| {
        let query = Query { overdue_as_of: day("overdue_as_of", text).unwrap(), ..Query::default() };
        fits(&query, &story.state())
    };
    assert_eq!([late("2026-11-19"), late("2026-11-20"), late("2027-01-01")], [false, true, true]);
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    assert_eq!(page_size(0).unwrap(), 50);
    assert_eq!(page_size(1_000).unwrap(), 1_000);
    let reason = |status: Status| status.get_details_error_info().unwrap().reason;
    assert_eq!(reason(page_size(1_001).unwrap_err()), "OUT_OF_RANGE");
    assert_eq!(reason(statuses(&[0]).unwrap_err()), "UNKNOWN_VALUE");
    assert_eq!(reason(statuses(&[11]).unwrap_err()), "UNKNOWN_VALUE");
    assert_eq!(reason(statuses(&[1; 11]).unwrap_err()), "TOO_MANY");
    assert_eq!(reason(bad_page_token()), "BAD_TOKEN");
    for strange in ["2026-11-31", "02/11/2026", "2026-11-02T00:00", "-000001-01-01"] {
        assert_eq!(reason(day("due_from", strange).unwrap_err()), "MALFORMED", "{strange}");
    }
    assert_eq!(reason(days("due", "2026-11-02", "2026-11-01").unwrap_err()), "OUT_OF_RANGE");
    assert_eq!(reason(code_prefix("H56\0").unwrap_err()), "MALFORMED");
}
