use serde_json::json;

use super::*;

#[track_caller]
fn check(text: &str, expected: Result<&str, FormError>) {
    let mut value = json!({ "rows": [{ "text": text }] });
    let made = make_printable(&mut value).map(|()| value["rows"][0]["text"].as_str().unwrap().to_owned());
    assert_eq!(made, expected.map(str::to_owned));
}

#[test]
fn usual_texts_stay_as_they_are() {
    for text in
        ["", "Lò Thị Mẫu", "G09.20-20260609-0092637", "dòng một\ndòng hai\tcuối", "2026-11-02T08:15:00+07:00"]
    {
        check(text, Ok(text));
    }
}

#[test]
fn what_would_turn_or_spoil_the_text_is_refused() {
    for character in ['\0', '\u{1B}', '\u{85}', '\u{200F}', '\u{202E}', '\u{2066}'] {
        check(&format!("An{character} Bình"), Err(FormError::Unprintable { character }));
    }
}

#[test]
fn a_word_that_fills_no_line_can_be_broken_but_not_before_a_mark() {
    let long = "e\u{301}".repeat(25);
    check(&format!("ngắn {long} xong"), Ok(&format!("ngắn {} xong", ["e\u{301}"; 25].join("\u{200B}"))));
    check(&"a".repeat(24), Ok(&"a".repeat(24)));
}

#[test]
fn a_text_has_a_greatest_length() {
    let fits = "chữ ".repeat(TEXT_BYTES_MAX / 6);
    check(&fits, Ok(&fits));
    let bytes = TEXT_BYTES_MAX + 1;
    check(&"a".repeat(bytes), Err(FormError::TooLong { bytes, max: TEXT_BYTES_MAX }));
}
