//! A question to the rates, and its answer as lines of a notice.

use jiff::civil::date;
use lienthong_dossier::Ground;
use lienthong_tax::{Kind, Rates, Relation, SHIPPED_RATES, SHIPPED_RATES_VERSION, assess};

use crate::pb::tax_office::v1 as pb;
use crate::request::assess::Question;

fn request() -> pb::AssessRequest {
    pb::AssessRequest {
        code: super::CODE.to_owned(),
        transaction: pb::Transaction::Transfer.into(),
        relation: pb::Relation::None.into(),
        table_value_dong: 3_000_000_000,
        contract_value_dong: Some(3_500_000_000),
        on: String::new(),
        registration_fee_taxpayer: 1,
        income_tax_taxpayer: 2,
        registration_fee_due_date: "2026-12-22".to_owned(),
        income_tax_due_date: "2026-12-23".to_owned(),
    }
}

fn answer(request: &pb::AssessRequest) -> pb::AssessResponse {
    let rates = Rates::parse(SHIPPED_RATES_VERSION, SHIPPED_RATES).unwrap();
    let question = Question::read(request).unwrap();
    question.answer(&assess(&rates, &question.case(date(2026, 11, 22))).unwrap())
}

#[test]
fn the_answer_is_lines_that_may_go_into_a_notice() {
    let answer = answer(&request());
    assert_eq!(answer.rates_version, SHIPPED_RATES_VERSION);
    assert_eq!(answer.total_dong, 87_500_000);
    let lines: Vec<_> = answer.lines.iter().map(|line| line.line.clone().unwrap()).collect();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (line.account.unwrap().taxpayer, line.account.unwrap().item, line.due_dong, &*line.due_date)
        })
        .collect();
    assert_eq!(seen, [(1, 2801, 17_500_000, "2026-12-22"), (2, 1006, 70_000_000, "2026-12-23")]);
}

#[test]
fn what_is_exempt_says_why_in_the_length_of_a_ground() {
    let request = pb::AssessRequest {
        transaction: pb::Transaction::Gift.into(),
        relation: pb::Relation::ParentChild.into(),
        contract_value_dong: None,
        ..request()
    };
    let answer = answer(&request);
    assert_eq!(answer.total_dong, 0);
    for line in answer.lines.into_iter().map(|line| line.line.unwrap()) {
        assert_eq!(line.exempt_dong, line.due_dong);
        assert!(Ground::parse(&line.exempt_ground).is_ok(), "{}", line.exempt_ground);
    }
}

#[test]
fn every_kind_and_relation_of_the_rates_can_be_asked_for() {
    let asked = |transaction, relation| {
        let question = Question::read(&pb::AssessRequest { transaction, relation, ..request() }).unwrap();
        question.case(date(2026, 11, 22))
    };
    for (number, kind) in (1..).zip(Kind::ALL) {
        assert_eq!(asked(number, 1).kind, kind);
    }
    for (number, relation) in (1..).zip(Relation::ALL) {
        assert_eq!(asked(1, number).relation, relation);
    }
}

#[test]
fn the_day_asked_for_goes_before_the_day_of_reception() {
    let request = pb::AssessRequest { on: "2026-08-01".to_owned(), ..request() };
    assert_eq!(Question::read(&request).unwrap().case(date(2026, 11, 22)).on, date(2026, 8, 1));
}

#[test]
fn a_fault_names_its_field() {
    type Change = fn(&mut pb::AssessRequest);
    let cases: [(Change, &str, &str); 7] = [
        (|request| request.code.clear(), "code", "MISSING"),
        (|request| request.on = "hôm nay".to_owned(), "on", "MALFORMED"),
        (|request| request.transaction = 0, "transaction", "MISSING"),
        (|request| request.transaction = 4, "transaction", "UNKNOWN_VALUE"),
        (|request| request.relation = 0, "relation", "MISSING"),
        (|request| request.registration_fee_taxpayer = 0, "registration_fee_taxpayer", "MISSING"),
        (|request| request.income_tax_due_date.clear(), "income_tax_due_date", "MISSING"),
    ];
    for (change, field, reason) in cases {
        let mut request = request();
        change(&mut request);
        let invalid = Question::read(&request).unwrap_err();
        assert_eq!((invalid.field.as_str(), invalid.reason), (field, reason));
    }
}
