//! One dossier, led through its agencies over the running services, act by act.

use std::cell::Cell;

use lienthong_calendar::Instant;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::casework::v1::{self as casework, decide_withdrawal_request::Answer};
use lienthong_wire::pb::common::v1::{
    Account, Actor, ApplicantKind, Channel, CommandHeader, CopyForm, Document, Medium, NoticeLine,
    PaymentChannel, Power,
};
use lienthong_wire::pb::land_registry::v1::SendTaxInformationRequest;
use lienthong_wire::pb::land_registry::v1::land_registry_client::LandRegistryClient;
use lienthong_wire::pb::personal::v1::{Applicant, PersonalDetails};
use lienthong_wire::pb::tax_office::v1::tax_office_client::TaxOfficeClient;
use lienthong_wire::pb::tax_office::v1::{self as tax, AcceptSlipRequest};
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use lienthong_wire::pb::ward_desk::v1::{self as desk, Intake};
use lienthong_wire::timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::services::Up;

pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";
/// Where every dossier is received.
pub(crate) const DESK: &str = "H56.1";

/// A dossier and where its agencies are. Each act says when it happened: `2026-11-02T08:15`.
pub(crate) struct Case<'a> {
    up: &'a Up,
    code: String,
    runtime: Runtime,
    acts: Cell<u32>,
}

/// Calls one method of a service and waits for its answer.
macro_rules! act {
    ($case:expr, $client:ident at $service:literal, $method:ident, $request:expr) => {{
        let address = format!("http://{}", $case.up.address($service));
        let request = $request;
        $case.runtime.block_on(async {
            $client::connect(address).await.unwrap().$method(request).await.unwrap();
        });
    }};
}

impl<'a> Case<'a> {
    pub(crate) fn new(up: &'a Up, code: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { up, code: code.to_owned(), runtime, acts: Cell::new(0) }
    }

    pub(crate) fn received(&self, at: &str) {
        let details = PersonalDetails { applicant: Some(applicant()), ..PersonalDetails::default() };
        let request = desk::ReceiveRequest {
            header: self.header(DESK, at),
            code: self.code.clone(),
            intake: Some(intake()),
            details: Some(details),
        };
        act!(self, WardDeskClient at "ward-desk", receive, request);
    }

    pub(crate) fn refused(&self, at: &str, ground: &str, text: &str) {
        let request = desk::RefuseRequest {
            header: self.header(DESK, at),
            code: self.code.clone(),
            intake: Some(intake()),
            ground: ground.to_owned(),
            details: Some(PersonalDetails { applicant: Some(applicant()), ..told(text) }),
        };
        act!(self, WardDeskClient at "ward-desk", refuse, request);
    }

    /// From the desk to the land office, which takes it.
    pub(crate) fn handed_to_the_land_office(&self, at: &str) {
        self.completed(DESK, at, "tiep-nhan", "chuyen-ho-so");
        let code = self.code.clone();
        let request = casework::OfferCustodyRequest {
            header: self.header(DESK, at),
            code: code.clone(),
            to: LAND.to_owned(),
            medium: Medium::Electronic.into(),
        };
        act!(self, CaseworkClient at "ward-desk", offer_custody, request);
        let request = casework::AcceptCustodyRequest { header: self.header(LAND, at), code };
        act!(self, CaseworkClient at "land-registry", accept_custody, request);
    }

    pub(crate) fn completed(&self, agency: &str, at: &str, step: &str, outcome: &str) {
        let request = casework::CompleteStepRequest {
            header: self.header(agency, at),
            code: self.code.clone(),
            step: step.to_owned(),
            outcome: outcome.to_owned(),
            details: None,
        };
        match agency {
            DESK => act!(self, CaseworkClient at "ward-desk", complete_step, request),
            _ => act!(self, CaseworkClient at "land-registry", complete_step, request),
        }
    }

    pub(crate) fn supplement_asked(&self, at: &str, documents: &[&str], ground: &str, text: &str) {
        let request = casework::RequestSupplementRequest {
            header: self.header(LAND, at),
            code: self.code.clone(),
            documents: documents.iter().map(|kind| (*kind).to_owned()).collect(),
            ground: ground.to_owned(),
            details: Some(told(text)),
        };
        act!(self, CaseworkClient at "land-registry", request_supplement, request);
    }

    pub(crate) fn supplement_handed_in(&self, at: &str, documents: &[&str]) {
        let request = desk::HandInSupplementRequest {
            header: self.header(DESK, at),
            code: self.code.clone(),
            documents: documents.iter().map(|kind| document(kind)).collect(),
            details: None,
        };
        act!(self, WardDeskClient at "ward-desk", hand_in_supplement, request);
    }

    pub(crate) fn extended(&self, at: &str, days: u32, ground: &str) {
        let request = casework::ExtendRequest {
            header: self.header(LAND, at),
            code: self.code.clone(),
            days,
            ground: ground.to_owned(),
        };
        act!(self, CaseworkClient at "land-registry", extend, request);
    }

    pub(crate) fn stopped(&self, at: &str, ground: &str, decision: &str) {
        let request = casework::StopRequest {
            header: self.header(LAND, at),
            code: self.code.clone(),
            ground: ground.to_owned(),
            decision: decision.to_owned(),
        };
        act!(self, CaseworkClient at "land-registry", stop, request);
    }

    /// The citizen wishes to have it back and gets it.
    pub(crate) fn withdrawn(&self, asked: &str, text: &str, granted: &str, decision: &str) {
        let request = desk::RequestWithdrawalRequest {
            header: self.header(DESK, asked),
            code: self.code.clone(),
            details: Some(told(text)),
        };
        act!(self, WardDeskClient at "ward-desk", request_withdrawal, request);
        let request = casework::DecideWithdrawalRequest {
            header: self.header(LAND, granted),
            code: self.code.clone(),
            answer: Some(Answer::GrantDecision(decision.to_owned())),
        };
        act!(self, CaseworkClient at "land-registry", decide_withdrawal, request);
    }

    /// The slip is sent, and taken on by the tax office.
    pub(crate) fn slip_sent(&self, at: &str, number: &str, details: PersonalDetails) {
        let request = SendTaxInformationRequest {
            header: self.header(LAND, at),
            code: self.code.clone(),
            to: TAX.to_owned(),
            medium: Medium::Electronic.into(),
            number: number.to_owned(),
            details: Some(details),
        };
        act!(self, LandRegistryClient at "land-registry", send_tax_information, request);
        let request =
            AcceptSlipRequest { header: self.header(TAX, at), code: self.code.clone(), referral: 1 };
        act!(self, TaxOfficeClient at "tax-office", accept_slip, request);
    }

    pub(crate) fn notice_issued(&self, at: &str, number: &str, lines: Vec<NoticeLine>) {
        let request = tax::IssueNoticeRequest {
            header: self.header(TAX, at),
            code: self.code.clone(),
            referral: 1,
            notice: number.to_owned(),
            lines,
        };
        act!(self, TaxOfficeClient at "tax-office", issue_notice, request);
    }

    pub(crate) fn notice_adjusted(
        &self,
        at: &str,
        [supersedes, number]: [&str; 2],
        ground: &str,
        lines: Vec<NoticeLine>,
    ) {
        let request = tax::AdjustNoticeRequest {
            header: self.header(TAX, at),
            code: self.code.clone(),
            supersedes: supersedes.to_owned(),
            notice: number.to_owned(),
            ground: ground.to_owned(),
            lines,
        };
        act!(self, TaxOfficeClient at "tax-office", adjust_notice, request);
    }

    pub(crate) fn paid(&self, at: &str, notice: &str, account: Account, amount_dong: u64) {
        let request = tax::RecordPaymentRequest {
            header: self.header(TAX, at),
            code: self.code.clone(),
            payment: format!("{}-{at}", self.code),
            notice: notice.to_owned(),
            account: Some(account),
            amount_dong,
            channel: PaymentChannel::Bank.into(),
            into: String::new(),
        };
        act!(self, TaxOfficeClient at "tax-office", record_payment, request);
    }

    fn header(&self, agency: &str, at: &str) -> Option<CommandHeader> {
        self.acts.set(self.acts.get() + 1);
        let name = format!("{} {}", self.code, self.acts.get());
        let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes());
        Some(CommandHeader {
            command_id: id.to_string(),
            agency: agency.to_owned(),
            actor: Some(officer(agency)),
            occurred_at: Some(timestamp(Instant::parse(&format!("{at}:00+07:00")).unwrap())),
        })
    }
}

/// The officer who acts for an agency.
fn officer(agency: &str) -> Actor {
    let (name, role) = match agency {
        LAND => ("Ngô Văn Đất", "Giám đốc chi nhánh"),
        TAX => ("Đinh Thị Thu", "Trưởng Thuế cơ sở"),
        _ => ("Lê Thị Mẫu", "Chuyên viên"),
    };
    Actor {
        officer_id: "o-1".to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        power: Power::Sign.into(),
    }
}

pub(crate) fn applicant() -> Applicant {
    Applicant {
        name: "Lò Thị Mẫu".to_owned(),
        id_number: "999185000001".to_owned(),
        address: "12 đường Lê Lợi, phường Hạc Thành".to_owned(),
        phone: "0900 000 001".to_owned(),
        email: "lo.thi.mau@vidu.vn".to_owned(),
        birth_date: "1985-04-30".to_owned(),
        tax_code: String::new(),
    }
}

fn intake() -> Intake {
    Intake {
        procedure: "1.099001".to_owned(),
        commune: "14758".to_owned(),
        channel: Channel::Direct.into(),
        applicant_kind: ApplicantKind::Citizen.into(),
        documents: vec![document("don-dang-ky-bien-dong")],
    }
}

fn document(kind: &str) -> Document {
    Document {
        kind: kind.to_owned(),
        form: CopyForm::Original.into(),
        copies: 1,
        sha256: [7; 32].into(),
        ..Document::default()
    }
}

fn told(text: &str) -> PersonalDetails {
    PersonalDetails { text: text.to_owned(), ..PersonalDetails::default() }
}
