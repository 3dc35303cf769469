use super::*;

#[test]
fn records_that_lie_near_are_read_in_one_go() {
    let span = |offsets: &[u64]| span(offsets[0], offsets.iter().copied());
    assert_eq!(span(&[5]), 1);
    assert_eq!(span(&[5, 6, 7]), 3);
    assert_eq!(span(&[5, 5 + GAP_MAX, 5 + 2 * GAP_MAX]), 2 * GAP_MAX + 1);
    assert_eq!(span(&[5, 6 + GAP_MAX, 7 + GAP_MAX]), 1);
}

#[test]
fn one_read_spans_only_so_much() {
    let offsets: Vec<u64> = (0..10_000).collect();
    assert_eq!(span(0, offsets.iter().copied()), SPAN_MAX);
}
