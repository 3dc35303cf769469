//! The order in which people look for codes: H56.2 before H56.10.

use std::cmp::Ordering;

/// Compares texts with each run of digits as the number that it is.
pub(crate) fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (first, second) = (next(left), next(right));
        let ordering = match (first.is_empty(), second.is_empty()) {
            // What differs in zeros before a number alone still has one order.
            (true, true) => return one.cmp(other),
            (false, false) if is_number(first) && is_number(second) => by_value(first, second),
            (_, _) => first.cmp(second),
        };
        if ordering.is_ne() {
            return ordering;
        }
        (left, right) = (&left[first.len()..], &right[second.len()..]);
    }
}

/// What a text begins with: a number, or all before the next one.
fn next(text: &str) -> &str {
    let begins_with_digit = is_number(text);
    let end = text.find(|char: char| char.is_ascii_digit() != begins_with_digit);
    &text[..end.unwrap_or(text.len())]
}

fn is_number(part: &str) -> bool {
    part.starts_with(|char: char| char.is_ascii_digit())
}

/// Compares numbers of any length.
fn by_value(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(|digits| digits.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_codes_are_compared_by_their_value() {
        let sorted = [
            "",
            "000.00.02.H56",
            "000.00.10.H56",
            "1.099001",
            "H3",
            "H56",
            "H56.1",
            "H56.2",
            "H56.10",
            "H56.10-a",
            "H56.166",
            "H56.99999999999999999999999",
            "H56.100000000000000000000000",
            "land-office",
            "Đất đai 2",
            "Đất đai 10",
        ];
        let mut codes = sorted;
        codes.sort_unstable();
        assert_ne!(codes, sorted);
        codes.sort_unstable_by(|one, other| natural(one, other));
        assert_eq!(codes, sorted);
    }

    #[test]
    fn zeros_before_a_number_decide_last() {
        assert_eq!(natural("H1.02-b", "H1.2-a"), Ordering::Greater);
        assert_eq!(natural("H1.02", "H1.2"), Ordering::Less);
        assert_eq!(natural("H1.2", "H1.2"), Ordering::Equal);
    }
}
