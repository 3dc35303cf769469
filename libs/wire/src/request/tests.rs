/// A request with its header and code, and what else is given.
macro_rules! request {
    ($type:path { $($field:ident: $value:expr),* $(,)? }) => {{
        type Request = $type;
        Request { header: header(), code: CODE.to_owned(), $($field: $value),* }
    }};
}

mod assess;
mod casework;
mod history;
mod offices;
mod ward_desk;

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Command, Power};

use super::*;
use crate::pb;

const ID: &str = "0198f3c2-7b1e-7e70-8d3a-0c5d6f7a8b90";
const CODE: &str = "H56.12-261122-0001";

fn at() -> Instant {
    Instant::parse("2026-11-22T08:15:00+07:00").unwrap()
}

fn header() -> Option<pb::common::v1::CommandHeader> {
    Some(pb::common::v1::CommandHeader {
        command_id: ID.to_owned(),
        agency: "H56.12".to_owned(),
        actor: Some(pb::common::v1::Actor {
            officer_id: "cb-17".to_owned(),
            name: "Lê Thị Hoa".to_owned(),
            role: "Chuyên viên".to_owned(),
            power: pb::common::v1::Power::Decide.into(),
        }),
        occurred_at: Some(crate::timestamp(at())),
    })
}

fn details() -> Option<PersonalDetails> {
    Some(PersonalDetails { text: "Đã đối chiếu".to_owned(), ..PersonalDetails::default() })
}

fn accept() -> pb::casework::v1::AcceptCustodyRequest {
    pb::casework::v1::AcceptCustodyRequest { header: header(), code: CODE.to_owned() }
}

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(text: &str) -> T {
    T::try_from(text.to_owned()).unwrap()
}

/// A request that becomes this action.
fn check(request: impl IntoCommand, action: Action) {
    let command = request.into_command(at()).unwrap();
    assert_eq!(command, Command { action, code: text(CODE), ..command.clone() });
}

/// A request that was refused: its field and the reason.
fn check_refused(request: impl IntoCommand, field: &str, reason: &str) {
    match request.into_command(at()) {
        Err(invalid) => assert_eq!((invalid.field.as_str(), invalid.reason), (field, reason), "{invalid}"),
        Ok(command) => panic!("{command:?}"),
    }
}

#[test]
fn the_header_becomes_the_command_s() {
    let command = accept().into_command(at()).unwrap();
    let expected = Command {
        id: CommandId(Uuid::parse_str(ID).unwrap()),
        code: DossierCode::parse(CODE).unwrap(),
        agency: AgencyId::parse("H56.12").unwrap(),
        actor: Actor {
            officer: "cb-17".to_owned().try_into().unwrap(),
            name: "Lê Thị Hoa".to_owned().try_into().unwrap(),
            role: "Chuyên viên".to_owned().try_into().unwrap(),
            power: Power::Decide,
        },
        at: at(),
        occurred_at: Some(at()),
        private: None,
        secrecy: None,
        action: Action::AcceptCustody,
    };
    assert_eq!(command, expected);
}

#[test]
fn a_missing_or_malformed_header_names_its_field() {
    type Header = pb::common::v1::CommandHeader;
    type Change = fn(&mut Header);
    let cases: [(Change, &str, &str); 12] = [
        (|header| header.command_id.clear(), "header.command_id", "MISSING"),
        (|header| header.command_id = "17".to_owned(), "header.command_id", "MALFORMED"),
        (|header| header.agency.clear(), "header.agency", "MISSING"),
        (|header| header.agency = "phường A".to_owned(), "header.agency", "MALFORMED"),
        (|header| header.actor = None, "header.actor", "MISSING"),
        (|header| header.actor.as_mut().unwrap().officer_id.clear(), "header.actor.officer_id", "MISSING"),
        (|header| header.actor.as_mut().unwrap().name = "x".repeat(201), "header.actor.name", "TOO_LONG"),
        (|header| header.actor.as_mut().unwrap().role = "a\nb".to_owned(), "header.actor.role", "MALFORMED"),
        (|header| header.actor.as_mut().unwrap().power = 0, "header.actor.power", "MISSING"),
        (|header| header.actor.as_mut().unwrap().power = 9, "header.actor.power", "UNKNOWN_VALUE"),
        (|header| header.occurred_at.as_mut().unwrap().nanos = -1, "header.occurred_at", "OUT_OF_RANGE"),
        (
            |header| header.occurred_at.as_mut().unwrap().seconds = i64::MAX,
            "header.occurred_at",
            "OUT_OF_RANGE",
        ),
    ];
    for (change, field, reason) in cases {
        let mut request = accept();
        change(request.header.as_mut().unwrap());
        check_refused(request, field, reason);
    }
    check_refused(pb::casework::v1::AcceptCustodyRequest { header: None, ..accept() }, "header", "MISSING");
    check_refused(
        pb::casework::v1::AcceptCustodyRequest { code: String::new(), ..accept() },
        "code",
        "MISSING",
    );
    check_refused(
        pb::casework::v1::AcceptCustodyRequest { code: "x".repeat(51), ..accept() },
        "code",
        "TOO_LONG",
    );
}

#[test]
fn a_refused_id_is_not_repeated() {
    let mut request = accept();
    request.header.as_mut().unwrap().agency = "Nguyễn Văn An".to_owned();
    let invalid = request.into_command(at()).unwrap_err();
    assert!(!invalid.to_string().contains("Nguyễn"), "{invalid}");
}

#[test]
fn details_become_the_bytes_of_an_envelope() {
    let request = pb::ward_desk::v1::RequestWithdrawalRequest {
        header: header(),
        code: CODE.to_owned(),
        details: details(),
    };
    let private = request.clone().into_command(at()).unwrap().private.unwrap();
    assert_eq!(PersonalDetails::decode(private.0.as_slice()).unwrap(), details().unwrap());
    let empty =
        pb::ward_desk::v1::RequestWithdrawalRequest { details: Some(PersonalDetails::default()), ..request };
    assert_eq!(empty.into_command(at()).unwrap().private, None);
}
