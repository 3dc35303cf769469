//! Commands of every kind as one type, so that they can be told, sent, and sent again.

use std::time::Duration;

use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::common::v1::{Actor, CommandHeader, Power, Receipt};
use lienthong_wire::pb::land_registry::v1 as land;
use lienthong_wire::pb::land_registry::v1::land_registry_client::LandRegistryClient;
use lienthong_wire::pb::tax_office::v1 as tax;
use lienthong_wire::pb::tax_office::v1::tax_office_client::TaxOfficeClient;
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use lienthong_wire::{Any, Message};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::clients::{Clients, Service};
use super::{LAND, TAX};

macro_rules! verbs {
    ($($client:ident { $($method:ident = $verb:ident($request:ty);)* })*) => {
        /// What is commanded.
        #[derive(Clone, Debug)]
        pub(crate) enum Verb { $($($verb($request),)*)* }

        impl Verb {
            fn header_mut(&mut self) -> &mut CommandHeader {
                match self { $($(Self::$verb(request) => request.header.get_or_insert_default(),)*)* }
            }

            fn header(&self) -> Option<&CommandHeader> {
                match self { $($(Self::$verb(request) => request.header.as_ref(),)*)* }
            }

            pub(crate) fn code(&self) -> &str {
                match self { $($(Self::$verb(request) => &request.code,)*)* }
            }

            fn code_mut(&mut self) -> &mut String {
                match self { $($(Self::$verb(request) => &mut request.code,)*)* }
            }

            /// As a bulk call carries it.
            fn packed(&self) -> Any {
                match self {
                    $($(Self::$verb(request) => packed(stringify!($request), request),)*)*
                }
            }

            async fn send(self, channel: Channel, within: Option<Duration>) -> Result<Receipt, Status> {
                match self {
                    $($(Self::$verb(request) => {
                        let mut request = Request::new(request);
                        if let Some(within) = within {
                            request.set_timeout(within);
                        }
                        $client::new(channel).$method(request).await
                    })*)*
                }
                .map(Response::into_inner)
            }
        }
    };
}

verbs! {
    WardDeskClient {
        receive = Receive(desk::ReceiveRequest);
        hand_over_result = HandOverResult(desk::HandOverResultRequest);
        collect_fee = CollectFee(desk::CollectFeeRequest);
        cancel_fee = CancelFee(desk::CancelFeeRequest);
    }
    CaseworkClient {
        offer_custody = OfferCustody(casework::OfferCustodyRequest);
        accept_custody = AcceptCustody(casework::AcceptCustodyRequest);
        complete_step = CompleteStep(casework::CompleteStepRequest);
        end_wait = EndWait(casework::EndWaitRequest);
        refer = Refer(casework::ReferRequest);
        accept_referral = AcceptReferral(casework::AcceptReferralRequest);
        answer_referral = AnswerReferral(casework::AnswerReferralRequest);
        issue_result = IssueResult(casework::IssueResultRequest);
        erase = Erase(casework::EraseRequest);
        adopt = Adopt(casework::AdoptRequest);
        issue_receipt = IssueReceipt(casework::IssueReceiptRequest);
        reconcile_payment = ReconcilePayment(casework::ReconcilePaymentRequest);
    }
    LandRegistryClient {
        send_tax_information = SendTaxInformation(land::SendTaxInformationRequest);
        enter_land_register = EnterLandRegister(land::EnterLandRegisterRequest);
    }
    TaxOfficeClient {
        accept_slip = AcceptSlip(tax::AcceptSlipRequest);
        issue_notice = IssueNotice(tax::IssueNoticeRequest);
        record_payment = RecordPayment(tax::RecordPaymentRequest);
    }
}

/// A request by its name here, `area::Request`.
fn packed(name: &str, request: &impl Message) -> Any {
    let (area, name) = name.split_once("::").unwrap();
    let area = match area.trim() {
        "desk" => "ward_desk",
        "land" => "land_registry",
        "tax" => "tax_office",
        area => area,
    };
    let type_url = format!("type.googleapis.com/lienthong.{area}.v1.{}", name.trim());
    Any { type_url, value: request.encode_to_vec() }
}

/// A command and the service it goes to.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) to: Service,
    pub(crate) verb: Verb,
}

impl Command {
    /// A command of an agency on a dossier, with an id that follows from dossier and place in its story.
    pub(crate) fn new(code: &str, place: usize, agency: &str, at: &str, mut verb: Verb) -> Self {
        *verb.code_mut() = code.to_owned();
        *verb.header_mut() = CommandHeader {
            command_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{code}/{place}").as_bytes()).to_string(),
            agency: agency.to_owned(),
            actor: Some(Actor {
                officer_id: "cb-01".to_owned(),
                name: "Lê Thị Mẫu".to_owned(),
                role: "Chuyên viên".to_owned(),
                power: Power::Sign.into(),
            }),
            occurred_at: Some(lienthong_wire::timestamp(super::story::at(at))),
        };
        Self { to: service_of(agency), verb }
    }

    /// The same said again under another id: another command.
    #[must_use]
    pub(crate) fn afresh(&self) -> Self {
        self.with(|header| header.command_id = Uuid::new_v4().to_string())
    }

    /// With another header.
    #[must_use]
    pub(crate) fn with(&self, change: impl FnOnce(&mut CommandHeader)) -> Self {
        let mut other = self.clone();
        change(other.verb.header_mut());
        other
    }

    /// As a bulk call carries it.
    pub(crate) fn packed(&self) -> Any {
        self.verb.packed()
    }

    pub(crate) fn id(&self) -> &str {
        self.verb.header().map_or("", |header| &header.command_id)
    }

    pub(crate) async fn send(&self, clients: &Clients) -> Result<Receipt, Status> {
        self.verb.clone().send(clients.channel(self.to), None).await
    }

    /// The same with a deadline, which the service is told.
    pub(crate) async fn send_within(&self, clients: &Clients, within: Duration) -> Result<Receipt, Status> {
        self.verb.clone().send(clients.channel(self.to), Some(within)).await
    }
}

/// The service whose node seals for an agency.
fn service_of(agency: &str) -> Service {
    match agency {
        LAND => Service::LandRegistry,
        TAX => Service::TaxOffice,
        // Every desk, and whatever else the desks' node acts for.
        _ => Service::WardDesk,
    }
}
