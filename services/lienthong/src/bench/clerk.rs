//! A client: one officer of one desk at a connection of their own, who does one thing after another.

use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use lienthong_wire::Message;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::common::v1::{CommandHeader, Receipt};
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Response, Status};

use super::BenchError;
use super::acts::{self, Next};
use super::timing::Latencies;
use crate::bulk::Bulk;

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

    fn header(&mut self) -> CommandHeader {
        let agency = self.agency();
        acts::header(&mut self.rng, &agency, acts::said())
    }

    /// A code that is free, of today.
    pub(super) async fn next_code(&mut self) -> Result<String, BenchError> {
        let request = desk::NextCodeRequest { agency: self.agency(), day: String::new() };
        let answer = self.desk.next_code(request).await.map_err(BenchError::call("NextCode"))?;
        Ok(answer.into_inner().code)
    }

    /// Receives a dossier under a code that is free.
    pub(super) async fn receive(&mut self, code: &str) -> Result<(), BenchError> {
        let header = self.header();
        let request = acts::reception(&mut self.rng, header, code, &self.commune);
        let (asked, bulk) = (Instant::now(), self.bulk.as_deref());
        let alone = async |request| self.desk.receive(request).await;
        let answer = give(bulk, "lienthong.ward_desk.v1.ReceiveRequest", request, alone).await;
        self.took(asked, answer, "Receive")
    }

    /// The n-th command on a dossier of this desk, at once or when it is due.
    pub(super) async fn command(
        &mut self,
        code: &str,
        n: u32,
        due: Option<Instant>,
    ) -> Result<(), BenchError> {
        let next = Next::nth(n, self.header(), code);
        if let Some(due) = due {
            tokio::time::sleep_until(due.into()).await;
        }
        let asked = due.unwrap_or_else(Instant::now);
        let bulk = self.bulk.as_deref();
        let (answer, call) = match next {
            Next::Complete(request) => {
                let alone = async |request| self.cases.complete_step(request).await;
                let name = "lienthong.casework.v1.CompleteStepRequest";
                (give(bulk, name, *request, alone).await, "CompleteStep")
            }
            Next::Offer(request) => {
                let alone = async |request| self.cases.offer_custody(request).await;
                (
                    give(bulk, "lienthong.casework.v1.OfferCustodyRequest", request, alone).await,
                    "OfferCustody",
                )
            }
            Next::Withdraw(request) => {
                let alone = async |request| self.cases.withdraw_offer(request).await;
                let name = "lienthong.casework.v1.WithdrawOfferRequest";
                (give(bulk, name, request, alone).await, "WithdrawOffer")
            }
        };
        self.took(asked, answer, call)
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

/// Gives a command over the bulk call where there is one, else in a call of its own.
async fn give<R: Message>(
    bulk: Option<&Bulk>,
    name: &'static str,
    request: R,
    alone: impl AsyncFnOnce(R) -> Result<Response<Receipt>, Status>,
) -> Result<(), Status> {
    match bulk {
        Some(bulk) => bulk.submit(name, &request).await.map(drop),
        None => alone(request).await.map(drop),
    }
}
