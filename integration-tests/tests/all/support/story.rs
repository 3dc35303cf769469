//! A land transfer, command by command: desk, land office, tax office, payment, land office, desk, citizen.

use lienthong_calendar::Instant;
use lienthong_wire::pb::casework::v1::*;
use lienthong_wire::pb::common::v1::*;
use lienthong_wire::pb::land_registry::v1::*;
use lienthong_wire::pb::personal::v1::*;
use lienthong_wire::pb::tax_office::v1::*;
use lienthong_wire::pb::ward_desk::v1::*;

use super::clients::Clients;
use super::command::{Command, Verb};
use super::{DESK, LAND, TAX};

/// What persons are called and where they live in the story: none of it may be found in clear anywhere.
pub(crate) const PLANTED: [&str; 8] = [
    "Nguyễn Thị Bí Mật",
    "038199004242",
    "Số 7 ngõ Kín, phường Hạc Thành",
    "0912345678",
    "bi-mat@example.vn",
    "Trần Văn Riêng Tư",
    "8412990077",
    "Gia đình có hoàn cảnh éo le không ai được biết",
];

/// Its clear marks: what must be found, so that looking for something proves something.
pub(crate) const IN_CLEAR: [&str; 2] = ["Lê Thị Mẫu", "01/TB-LPTB"];

/// An instant in Vietnam: `2026-11-02 08:15`.
pub(crate) fn at(text: &str) -> Instant {
    let (date, time) = text.split_once(' ').unwrap();
    Instant::at(date.parse().unwrap(), format!("{time}:00").parse().unwrap())
}

/// Persons, plots and a free text.
pub(crate) fn details() -> PersonalDetails {
    let [name, id_number, address, phone, email, other, tax_code, text] = PLANTED.map(str::to_owned);
    let applicant = Applicant {
        name,
        id_number,
        address: address.clone(),
        phone,
        email,
        birth_date: "1990-04-02".to_owned(),
        tax_code: tax_code.clone(),
    };
    let party = |ordinal, role: PartyRole, person| Party {
        ordinal,
        role: role.into(),
        person: Some(person),
        share_per_10000: 10_000,
        relation: String::new(),
    };
    let seller = Applicant { name: other.clone(), address: address.clone(), ..Applicant::default() };
    PersonalDetails {
        applicant: Some(applicant.clone()),
        parties: vec![party(1, PartyRole::Transferor, seller), party(2, PartyRole::Transferee, applicant)],
        plots: vec![Plot {
            parcel: "112".to_owned(),
            map_sheet: "9".to_owned(),
            address,
            table_value_dong: 3_000_000_000,
            ..Plot::default()
        }],
        transfer: Some(Transfer { notary: other, ..Transfer::default() }),
        particulars: vec![Particular { name: "mã số".to_owned(), value: tax_code }],
        text,
        ..PersonalDetails::default()
    }
}

/// What a desk takes in for a procedure.
pub(crate) fn intake(procedure: &str, commune: &str) -> Intake {
    Intake {
        procedure: procedure.to_owned(),
        commune: commune.to_owned(),
        channel: Channel::Direct.into(),
        applicant_kind: ApplicantKind::Citizen.into(),
        documents: Vec::new(),
    }
}

/// The code of a dossier of the desk on the story's first day.
pub(crate) fn code(number: usize) -> String {
    format!("{DESK}-261102-{number:04}")
}

pub(crate) fn complete(step: &str, outcome: &str) -> Verb {
    Verb::CompleteStep(CompleteStepRequest {
        step: step.to_owned(),
        outcome: outcome.to_owned(),
        details: Some(details()),
        ..CompleteStepRequest::default()
    })
}

pub(crate) fn offer(to: &str) -> Verb {
    let medium = Medium::Electronic.into();
    Verb::OfferCustody(OfferCustodyRequest { to: to.to_owned(), medium, ..OfferCustodyRequest::default() })
}

pub(crate) fn accept() -> Verb {
    Verb::AcceptCustody(AcceptCustodyRequest::default())
}

pub(crate) fn receive(intake: Intake) -> Verb {
    let details = Some(details());
    Verb::Receive(ReceiveRequest { intake: Some(intake), details, ..ReceiveRequest::default() })
}

pub(crate) fn issue(number: &str, outcome: &str) -> Verb {
    let (number, outcome) = (number.to_owned(), outcome.to_owned());
    Verb::IssueResult(IssueResultRequest { number, outcome, ..IssueResultRequest::default() })
}

pub(crate) fn hand_over() -> Verb {
    Verb::HandOverResult(HandOverResultRequest {
        delivery: Delivery::Desk.into(),
        details: Some(details()),
        ..HandOverResultRequest::default()
    })
}

fn slip() -> Verb {
    Verb::SendTaxInformation(SendTaxInformationRequest {
        to: TAX.to_owned(),
        medium: Medium::Electronic.into(),
        number: "12/PCTT".to_owned(),
        details: Some(details()),
        ..SendTaxInformationRequest::default()
    })
}

fn line(taxpayer: u32, item: u32, due_dong: u64) -> NoticeLine {
    NoticeLine {
        account: Some(Account { taxpayer, item }),
        due_date: "2026-12-10".to_owned(),
        taxable_dong: 3_000_000_000,
        due_dong,
        exempt_dong: 0,
        exempt_ground: String::new(),
    }
}

fn notice() -> Verb {
    Verb::IssueNotice(IssueNoticeRequest {
        referral: 1,
        notice: IN_CLEAR[1].to_owned(),
        lines: vec![line(2, 2801, 15_000_000), line(1, 1006, 60_000_000)],
        ..IssueNoticeRequest::default()
    })
}

fn pay(payment: &str, taxpayer: u32, item: u32, amount_dong: u64) -> Verb {
    Verb::RecordPayment(RecordPaymentRequest {
        payment: payment.to_owned(),
        notice: IN_CLEAR[1].to_owned(),
        account: Some(Account { taxpayer, item }),
        amount_dong,
        channel: PaymentChannel::Bank.into(),
        ..RecordPaymentRequest::default()
    })
}

/// The whole story of one dossier: 20 commands, each of which stands alone in its record.
pub(crate) fn transfer(code: &str) -> Vec<Command> {
    let slip_accepted = Verb::AcceptSlip(AcceptSlipRequest { referral: 1, ..AcceptSlipRequest::default() });
    let entry = Verb::EnterLandRegister(EnterLandRegisterRequest {
        entry: "CN-7".to_owned(),
        details: Some(details()),
        ..EnterLandRegisterRequest::default()
    });
    let story = [
        (DESK, "2026-11-02 08:15", receive(intake("1.099001", "14797"))),
        (DESK, "2026-11-02 09:00", complete("tiep-nhan", "chuyen-ho-so")),
        (DESK, "2026-11-02 09:05", offer(LAND)),
        (LAND, "2026-11-02 10:00", accept()),
        (LAND, "2026-11-03 10:00", complete("tham-dinh", "du-dieu-kien")),
        (LAND, "2026-11-03 10:30", slip()),
        (TAX, "2026-11-04 08:00", slip_accepted),
        (TAX, "2026-11-05 09:00", notice()),
        (TAX, "2026-11-09 09:00", pay("KB-1", 2, 2801, 15_000_000)),
        (TAX, "2026-11-10 09:00", pay("KB-2", 1, 1006, 60_000_000)),
        (LAND, "2026-11-10 10:00", complete("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu")),
        (LAND, "2026-11-16 10:00", complete("in-giay-chung-nhan", "da-in")),
        (LAND, "2026-11-17 10:00", complete("kiem-tra", "dat")),
        (LAND, "2026-11-17 14:00", complete("trinh-ky", "da-ky")),
        (LAND, "2026-11-17 15:00", entry),
        (LAND, "2026-11-17 15:10", complete("vao-so", "da-vao-so")),
        (LAND, "2026-11-18 08:00", issue("GCN 12", "da-ban-giao")),
        (LAND, "2026-11-18 08:10", offer(DESK)),
        (DESK, "2026-11-18 09:00", accept()),
        (DESK, "2026-11-18 14:00", hand_over()),
    ];
    tell(code, story)
}

/// A story as commands.
pub(crate) fn tell<const N: usize>(code: &str, story: [(&str, &str, Verb); N]) -> Vec<Command> {
    let command = |(place, (who, when, verb))| Command::new(code, place, who, when, verb);
    story.into_iter().enumerate().map(command).collect()
}

/// Carries commands out one after the other; each must be.
pub(crate) async fn carry_out(clients: &Clients, commands: &[Command]) -> Vec<Receipt> {
    let mut receipts: Vec<Receipt> = Vec::new();
    for command in commands {
        let answer = command.send(clients).await;
        receipts.push(answer.unwrap_or_else(|status| panic!("{:?}: {status}", command.verb)));
    }
    receipts
}
