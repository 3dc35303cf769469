//! The one-stop desk (bộ phận một cửa): where papers come in and results go out.
//!
//! Parses, submits, maps errors; no rule lives here.

mod history;

use lienthong_node::process::Service;
use lienthong_node::reading::ReadingService;
use lienthong_node::{
    BulkService, CaseworkService, Node, PersonalService, ReportingService, caller, carry_out, fresh_code,
    invalid, no_code,
};
use lienthong_registry::AgencyId;
use lienthong_wire::pb::bulk::v1::bulk_server::BulkServer;
use lienthong_wire::pb::casework::v1::casework_server::CaseworkServer;
use lienthong_wire::pb::common::v1::{ErrorReason, Receipt};
use lienthong_wire::pb::history::v1::history_server::HistoryServer;
use lienthong_wire::pb::personal_reading::v1::personal_server::PersonalServer;
use lienthong_wire::pb::reading::v1::reading_server::ReadingServer;
use lienthong_wire::pb::reporting::v1::reporting_server::ReportingServer;
use lienthong_wire::pb::ward_desk::v1 as pb;
use lienthong_wire::pb::ward_desk::v1::ward_desk_server::WardDeskServer;
use lienthong_wire::reason;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

pub use history::HistoryService;

/// The service.
pub const SERVICE: Service = Service {
    name: "ward-desk",
    about: "Liên Thông: the one-stop desk",
    port: 7101,
    seals: true,
    services: &[
        "lienthong.bulk.v1.Bulk",
        "lienthong.casework.v1.Casework",
        "lienthong.history.v1.History",
        "lienthong.personal_reading.v1.Personal",
        "lienthong.reading.v1.Reading",
        "lienthong.reporting.v1.Reporting",
        "lienthong.ward_desk.v1.WardDesk",
    ],
    routes,
};

/// Every face of the service.
#[must_use]
pub fn routes(node: Node) -> Routes {
    Routes::new(WardDeskServer::new(WardDeskService { node: node.clone() }))
        .add_service(BulkServer::new(BulkService::new(node.clone())))
        .add_service(CaseworkServer::new(CaseworkService::new(node.clone())))
        .add_service(HistoryServer::new(HistoryService::new(node.clone())))
        .add_service(PersonalServer::new(PersonalService::new(node.clone())))
        .add_service(ReadingServer::new(ReadingService::new(node.clone())))
        .add_service(ReportingServer::new(ReportingService::new(node)))
}

/// `lienthong.ward_desk.v1.WardDesk`.
pub struct WardDeskService {
    node: Node,
}

#[tonic::async_trait]
impl pb::ward_desk_server::WardDesk for WardDeskService {
    async fn next_code(
        &self,
        request: Request<pb::NextCodeRequest>,
    ) -> Result<Response<pb::NextCodeResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let malformed = |field, message: String| invalid(field, reason(ErrorReason::Malformed), message);
        // Never repeats a text: a name in the wrong field must not come back in an error.
        let agency = AgencyId::parse(&request.agency)
            .map_err(|fault| malformed("agency", format!("is not {}", fault.expected)))?;
        self.node.speaks_for(&caller, "agency", &agency)?;
        let day = match request.day.as_str() {
            "" => self.node.now().date(),
            day => day.parse().map_err(|_| malformed("day", "is not YYYY-MM-DD".to_owned()))?,
        };
        let code = self.node.next_code(&agency, day).map_err(|error| no_code(&error))?;
        Ok(Response::new(pb::NextCodeResponse { code: code.to_string() }))
    }

    async fn file(&self, request: Request<pb::FileRequest>) -> Result<Response<Receipt>, Status> {
        let code = request.get_ref().code.clone();
        fresh_code(&self.node, &code, carry_out(&self.node, request).await)
    }

    async fn receive(&self, request: Request<pb::ReceiveRequest>) -> Result<Response<Receipt>, Status> {
        let code = request.get_ref().code.clone();
        fresh_code(&self.node, &code, carry_out(&self.node, request).await)
    }

    async fn refuse(&self, request: Request<pb::RefuseRequest>) -> Result<Response<Receipt>, Status> {
        let code = request.get_ref().code.clone();
        fresh_code(&self.node, &code, carry_out(&self.node, request).await)
    }

    async fn hand_in_supplement(
        &self,
        request: Request<pb::HandInSupplementRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }

    async fn request_withdrawal(
        &self,
        request: Request<pb::RequestWithdrawalRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }

    async fn collect_fee(
        &self,
        request: Request<pb::CollectFeeRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }

    async fn cancel_fee(&self, request: Request<pb::CancelFeeRequest>) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }

    async fn hand_over_result(
        &self,
        request: Request<pb::HandOverResultRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }
}
