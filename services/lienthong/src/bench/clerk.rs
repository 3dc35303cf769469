//! A client: one officer of one desk at a connection of their own, who does one thing after another.

use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use lienthong_registry::training;
use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::common::v1::{
    ApplicantKind, Channel as Filed, CommandHeader, CopyForm, Document, Medium, Power,
};
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::BenchError;
use super::timing::Latencies;
use crate::bulk::Bulk;
use crate::demo::cast::{officer, person};

/// The procedure of all dossiers: a sale of land.
const PROCEDURE: &str = "1.099001";

/// A client of the ward desks' service.
pub(super) struct Clerk {
    desk: WardDeskClient<Channel>,
    cases: CaseworkClient<Channel>,
    /// The call that it shares with others, where it gives its commands in bulk.
    bulk: Option<Arc<Bulk>>,
    rng: Rng,
    /// Number of the desk.
    number: usize,
    commune: String,
    pub(super) latencies: Latencies,
}

/// Connects to the service at `address`.
pub(super) async fn connect(address: &str) -> Result<Channel, BenchError> {
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(BenchError::Connect)?;
    endpoint.tcp_nodelay(true).connect().await.map_err(BenchError::Connect)
}

/// The communes of all desks, in their order.
pub(super) fn communes() -> Result<Vec<String>, BenchError> {
    let communes = training::communes().map_err(|fault| BenchError::Shipped(fault.to_string()))?;
    Ok(communes.iter().map(|commune| commune.code.to_string()).collect())
}

impl Clerk {
    /// The client with that number, at a connection.
    pub(super) fn new(
        channel: &Channel,
        bulk: Option<Arc<Bulk>>,
        communes: &[String],
        number: usize,
    ) -> Self {
        let number = 1 + number % communes.len().max(1);
        Self {
            desk: WardDeskClient::new(channel.clone()),
            cases: CaseworkClient::new(channel.clone()),
            bulk,
            rng: Rng::new(),
            number,
            commune: communes.get(number % communes.len().max(1)).cloned().unwrap_or_default(),
            latencies: Latencies::default(),
        }
    }

    fn agency(&self) -> String {
        format!("H56.{}", self.number)
    }

    fn header(&mut self) -> Option<CommandHeader> {
        let agency = self.agency();
        Some(CommandHeader {
            command_id: uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes())
                .into_uuid()
                .to_string(),
            actor: Some(officer(&mut self.rng, &agency, "Chuyên viên một cửa", Power::Decide)),
            agency,
            occurred_at: None,
        })
    }

    /// A code that is free, of today.
    pub(super) async fn next_code(&mut self) -> Result<String, BenchError> {
        let request = desk::NextCodeRequest { agency: self.agency(), day: String::new() };
        let answer = self.desk.next_code(request).await.map_err(BenchError::call("NextCode"))?;
        Ok(answer.into_inner().code)
    }

    /// Receives a dossier under a code that is free.
    pub(super) async fn receive(&mut self, code: &str) -> Result<(), BenchError> {
        let paper = |kind: &str| Document {
            kind: kind.to_owned(),
            form: CopyForm::Electronic.into(),
            copies: 1,
            ..Document::default()
        };
        let request = desk::ReceiveRequest {
            header: self.header(),
            code: code.to_owned(),
            intake: Some(desk::Intake {
                procedure: PROCEDURE.to_owned(),
                commune: self.commune.clone(),
                channel: Filed::Online.into(),
                applicant_kind: ApplicantKind::Citizen.into(),
                documents: ["don-dang-ky-bien-dong", "giay-chung-nhan-da-cap", "to-khai-01-lptb"]
                    .map(paper)
                    .into(),
            }),
            details: Some(PersonalDetails { applicant: Some(person(&mut self.rng)), ..Default::default() }),
        };
        let asked = Instant::now();
        let answer = match &self.bulk {
            Some(bulk) => bulk.submit("lienthong.ward_desk.v1.ReceiveRequest", &request).await.map(drop),
            None => self.desk.receive(request).await.map(drop),
        };
        self.took(asked, answer, "Receive")
    }

    /// The n-th command on a dossier of this desk: the desk's step, then the dossier is offered to the land office and the
    /// offer taken back, over and over.
    pub(super) async fn command(&mut self, code: &str, n: u32) -> Result<(), BenchError> {
        let (header, code) = (self.header(), code.to_owned());
        let asked = Instant::now();
        if n == 0 {
            let (step, outcome) = ("tiep-nhan".to_owned(), "chuyen-ho-so".to_owned());
            let request = casework::CompleteStepRequest { header, code, step, outcome, details: None };
            let answer = match &self.bulk {
                Some(bulk) => {
                    bulk.submit("lienthong.casework.v1.CompleteStepRequest", &request).await.map(drop)
                }
                None => self.cases.complete_step(request).await.map(drop),
            };
            self.took(asked, answer, "CompleteStep")
        } else if n % 2 == 1 {
            let request = offer(header, code);
            let answer = match &self.bulk {
                Some(bulk) => {
                    bulk.submit("lienthong.casework.v1.OfferCustodyRequest", &request).await.map(drop)
                }
                None => self.cases.offer_custody(request).await.map(drop),
            };
            self.took(asked, answer, "OfferCustody")
        } else {
            let request = casework::WithdrawOfferRequest { header, code };
            let answer = match &self.bulk {
                Some(bulk) => {
                    bulk.submit("lienthong.casework.v1.WithdrawOfferRequest", &request).await.map(drop)
                }
                None => self.cases.withdraw_offer(request).await.map(drop),
            };
            self.took(asked, answer, "WithdrawOffer")
        }
    }

    fn took(
        &mut self,
        asked: Instant,
        answer: Result<(), Status>,
        call: &'static str,
    ) -> Result<(), BenchError> {
        answer.map_err(BenchError::call(call))?;
        self.latencies.add(asked.elapsed());
        Ok(())
    }
}

fn offer(header: Option<CommandHeader>, code: String) -> casework::OfferCustodyRequest {
    let (to, medium) = (training::LAND_OFFICE.to_owned(), Medium::Electronic.into());
    casework::OfferCustodyRequest { header, code, to, medium }
}
