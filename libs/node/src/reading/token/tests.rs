use super::*;

fn scope(log: u8, question: &[&str]) -> TokenScope {
    TokenScope::new(Hash([log; 32]), "dossiers", question)
}

#[test]
fn a_token_says_what_was_written() {
    let scope = scope(1, &["land-office"]);
    for says in [&b""[..], b"H56.1-261122-0001", &[0, 255, 128]] {
        assert_eq!(scope.read(&scope.write(says)).as_deref(), Some(says));
    }
}

#[test]
fn a_token_of_another_log_question_or_purpose_is_none() {
    let token = scope(1, &["a", "b"]).write(b"x");
    assert!(scope(2, &["a", "b"]).read(&token).is_none());
    assert!(scope(1, &["a"]).read(&token).is_none());
    assert!(scope(1, &["ab", ""]).read(&token).is_none());
    assert!(TokenScope::new(Hash([1; 32]), "voids", &["a", "b"]).read(&token).is_none());
}

#[test]
fn a_token_that_was_changed_is_none() {
    let scope = scope(1, &[]);
    let token = scope.write(b"H56.1-261122-0001");
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        assert!(scope.read(&String::from_utf8(changed).unwrap()).is_none(), "changed at {at}");
    }
    for other in [
        "",
        "00",
        "zz",
        &token[1..],
        &token[..token.len() - 2],
        &token.to_uppercase(),
        "ừ",
        &token.repeat(9_999),
    ] {
        assert!(scope.read(other).is_none(), "{other}");
    }
}
