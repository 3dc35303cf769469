//! Who may be taken for a reader, and what for a number.

use super::*;
use crate::pb::common::v1::Actor as PbActor;

fn reader() -> pb::Reader {
    pb::Reader {
        agency: "H56.2".to_owned(),
        actor: Some(PbActor {
            officer_id: "cb-01".to_owned(),
            name: "Lê Thị Mẫu".to_owned(),
            role: "Chuyên viên".to_owned(),
            power: lienthong_dossier::Power::Read.code().into(),
        }),
        purpose: Purpose::Handling.code().into(),
        ground: "Điều 9, số 12/QĐ-UBND ngày 01/02/2026".to_owned(),
        request_id: String::new(),
    }
}

fn refused(change: impl FnOnce(&mut pb::Reader)) -> (String, &'static str) {
    let mut reader = reader();
    change(&mut reader);
    let invalid = Reader::read(Some(reader)).unwrap_err();
    (invalid.field, invalid.reason)
}

#[test]
fn a_reader_says_who_and_what_for() {
    let read = Reader::read(Some(reader())).unwrap();
    assert_eq!((read.agency.as_str(), read.purpose, read.request), ("H56.2", Purpose::Handling, None));
    let refusal = |field: &str, reason| (format!("reader.{field}"), reason);
    assert_eq!(refused(|reader| reader.purpose = 0), refusal("purpose", "MISSING"));
    assert_eq!(refused(|reader| reader.purpose = 99), refusal("purpose", "UNKNOWN_VALUE"));
    assert_eq!(refused(|reader| reader.actor = None), refusal("actor", "MISSING"));
    assert_eq!(refused(|reader| reader.request_id = "x".to_owned()), refusal("request_id", "MALFORMED"));
    assert_eq!(refused(|reader| reader.ground = "x".repeat(101)), refusal("ground", "TOO_LONG"));
    assert_eq!(Reader::read(None).unwrap_err().field, "reader");
}

#[test]
fn a_ground_has_no_number_of_a_person_and_no_address() {
    for ground in ["ông 038199004242", "bi-mat@example.vn", "gọi 0912345678"] {
        assert_eq!(
            refused(|reader| reader.ground = ground.to_owned()),
            ("reader.ground".to_owned(), "MALFORMED")
        );
    }
}

#[test]
fn a_number_is_its_letters_and_digits() {
    let number = |text| PersonNumber::parse(text).map(|number| number.as_str().to_owned());
    assert_eq!(number("038199004242").as_deref(), Some("038199004242"));
    assert_eq!(number(" 0381 9900.4242 ").as_deref(), Some("038199004242"));
    assert_eq!(number("8412990077-001").as_deref(), Some("8412990077001"));
    assert_eq!(number("b1234567").as_deref(), Some("B1234567"));
    for other in ["", "12345", "Nguyễn Thị Bí Mật", "123456789012345678901", "038199004242/1"] {
        assert_eq!(number(other), None, "{other}");
    }
    assert_eq!(format!("{:?}", PersonNumber::parse("038199004242")), "Some(PersonNumber(..))");
}

#[test]
fn dossiers_are_named_once_and_not_too_many() {
    let named = |codes_: &[&str]| codes(codes_.iter().map(|code| (*code).to_owned()).collect());
    assert_eq!(named(&["b", "a"]).unwrap().len(), 2);
    for codes in [&[][..], &["a", "a"], &[""], &["a"; READ_CODES_MAX + 1]] {
        assert!(named(codes).is_err());
    }
    assert_eq!(classes(&[]).unwrap().len(), FieldClass::ALL.len());
    assert_eq!(classes(&[3, 1, 3]).unwrap(), BTreeSet::from([FieldClass::Persons, FieldClass::Text]));
    assert!(classes(&[4]).is_err());
}
