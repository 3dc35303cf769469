//! That a short run finds what it is there to find.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};

use super::*;
use crate::mutate::mutation;

fn mutations(target: &Target) -> Vec<Vec<u8>> {
    (0..10_000).map(|n| mutation(target, n)).collect()
}

#[test]
fn seeds_come_first_and_the_same_mutations_each_time() {
    let target = Target::new(["price: 12", "name: x"]).words(["colour: "]).bytes_max(100);
    let tried = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&tried);
    target.clone().check(move |input| heard.lock().unwrap().push(input.to_vec()));
    let tried = tried.lock().unwrap();
    assert_eq!(tried[..2], [b"price: 12".to_vec(), b"name: x".to_vec()]);
    let mutations = mutations(&target);
    assert!(tried[2..].iter().zip(&mutations).all(|(one, other)| one == other));
    assert!(mutations.iter().all(|input| input.len() <= 100));
}

/// Each fault that parsers are known for is met over a small format.
#[test]
fn mutations_meet_what_parsers_stumble_over() {
    let target = Target::new(["[1,22,\"a\"]", "{\"b\":333}"]).words(["\\u0000", "null"]);
    let tried = mutations(&target);
    let has = |part: &[u8]| tried.iter().any(|input| input.windows(part.len()).any(|at| at == part));
    assert!(tried.iter().any(Vec::is_empty) && tried.contains(&b"[1,22,\"a".to_vec()), "cut short");
    assert!(has(b"18446744073709551616") && has(b"-1"), "numbers beyond what counts");
    assert!(has(b"\\u0000") && has(b"null"), "words");
    assert!(has(b"[[[[[[[[[[[[[[[[[[[[[[[["), "depth");
    assert!(has(b"333}]") || has(b"22,33"), "two seeds in one");
    assert!(has(&[0xff; 9]), "numbers of variable length");
    assert!(tried.iter().any(|input| std::str::from_utf8(input).is_err()), "what is no text");
    assert!(tried.iter().collect::<BTreeSet<_>>().len() * 2 > tried.len(), "mostly new inputs");
}

#[test]
fn a_property_that_does_not_hold_fails_the_test() {
    let target = Target::new(["width=7"]);
    let narrow = |input: &[u8]| {
        let digits = input.strip_prefix(b"width=").map(|digits| digits.iter().all(u8::is_ascii_digit));
        assert!(digits != Some(true) || input.len() < 12, "too wide");
    };
    assert!(catch_unwind(|| target.clone().check(narrow)).is_err());
    target.check(|_| {});
}
