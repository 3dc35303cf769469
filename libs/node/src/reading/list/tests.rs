use tonic_types::StatusExt as _;

use super::*;
use crate::reading::support::*;

fn fits(filter: &Filter, state: &State) -> bool {
    filter.fits(state)
}

#[test]
fn a_filter_that_is_empty_lets_everything_through() {
    assert!(fits(&Filter::default(), &Story::with_notice().state()));
    assert!(fits(&Filter::default(), &state(imported(), 1)));
}

#[test]
fn every_filter_has_to_fit() {
    let live = Story::with_notice().state();
    let told = state(imported(), 1);
    let check = |filter: Filter, live_fits: bool, told_fits: bool| {
        assert_eq!((fits(&filter, &live), fits(&filter, &told)), (live_fits, told_fits), "{filter:?}");
    };
    let statuses = |numbers: &[i32]| Filter { statuses: statuses(numbers).unwrap(), ..Filter::default() };
    check(statuses(&[6]), true, false);
    check(statuses(&[10, 6, 6]), true, true);
    check(statuses(&[4]), false, false);
    let procedure =
        |code: &str| Filter { procedure: Some(ProcedureCode::parse(code).unwrap()), ..Filter::default() };
    check(procedure("1.099001"), true, false);
    check(procedure("1.012756"), false, false);
    check(Filter { received_by: Some(agency(DESK)), ..Filter::default() }, true, false);
    check(Filter { received_by: Some(agency("import-office")), ..Filter::default() }, false, true);
    check(Filter { imported: Some(true), ..Filter::default() }, false, true);
    check(Filter { imported: Some(false), ..Filter::default() }, true, false);
    check(Filter { imported: Some(false), ..statuses(&[4]) }, false, false);
}

#[test]
fn pages_and_statuses_out_of_bounds_are_refused() {
    assert_eq!(page_size(0).unwrap(), 50);
    assert_eq!(page_size(1_000).unwrap(), 1_000);
    let reason = |status: Status| status.get_details_error_info().unwrap().reason;
    assert_eq!(reason(page_size(1_001).unwrap_err()), "OUT_OF_RANGE");
    assert_eq!(reason(statuses(&[0]).unwrap_err()), "UNKNOWN_VALUE");
    assert_eq!(reason(statuses(&[11]).unwrap_err()), "UNKNOWN_VALUE");
    assert_eq!(reason(statuses(&[1; 11]).unwrap_err()), "TOO_MANY");
    assert_eq!(reason(bad_page_token()), "BAD_TOKEN");
}
