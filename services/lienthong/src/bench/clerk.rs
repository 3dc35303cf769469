//! A client: one officer of one desk at a connection of their own, who does one thing after another.

use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::common::v1::CommandHeader;
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

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
        acts::header(&mut self.rng, &agency, None)
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
        let asked = Instant::now();
        let answer = match &self.bulk {
            Some(bulk) => bulk.submit("lienthong.ward_desk.v1.ReceiveRequest", &request).await.map(drop),
            None => self.desk.receive(request).await.map(drop),
        };
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
        match next {
            Next::Complete(request) => {
                let answer = match &self.bulk {
                    Some(bulk) => {
                        bulk.submit("lienthong.casework.v1.CompleteStepRequest", &*request).await.map(drop)
                    }
                    None => self.cases.complete_step(*request).await.map(drop),
                };
                self.took(asked, answer, "CompleteStep")
            }
            Next::Offer(request) => {
                let answer = match &self.bulk {
                    Some(bulk) => {
                        bulk.submit("lienthong.casework.v1.OfferCustodyRequest", &request).await.map(drop)
                    }
                    None => self.cases.offer_custody(request).await.map(drop),
                };
                self.took(asked, answer, "OfferCustody")
            }
            Next::Withdraw(request) => {
                let answer = match &self.bulk {
                    Some(bulk) => {
                        bulk.submit("lienthong.casework.v1.WithdrawOfferRequest", &request).await.map(drop)
                    }
                    None => self.cases.withdraw_offer(request).await.map(drop),
                };
                self.took(asked, answer, "WithdrawOffer")
            }
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
