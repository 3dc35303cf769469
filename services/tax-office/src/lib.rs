//! The tax office (thuế cơ sở): slips, assessments, notices, payments.
//!
//! Parses, submits, maps errors; no rule lives here.

use lienthong_node::process::Service;
use lienthong_node::reading::ReadingService;
use lienthong_node::{BulkService, CaseworkService, Node, PersonalService, ReportingService, carry_out};
use lienthong_wire::pb::bulk::v1::bulk_server::BulkServer;
use lienthong_wire::pb::casework::v1::casework_server::CaseworkServer;
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::personal_reading::v1::personal_server::PersonalServer;
use lienthong_wire::pb::reading::v1::reading_server::ReadingServer;
use lienthong_wire::pb::reporting::v1::reporting_server::ReportingServer;
use lienthong_wire::pb::tax_office::v1 as pb;
use lienthong_wire::pb::tax_office::v1::tax_office_server::TaxOfficeServer;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// The service.
pub const SERVICE: Service = Service {
    name: "tax-office",
    about: "Liên Thông: the tax office",
    port: 7103,
    seals: true,
    services: &[
        "lienthong.bulk.v1.Bulk",
        "lienthong.casework.v1.Casework",
        "lienthong.personal_reading.v1.Personal",
        "lienthong.reading.v1.Reading",
        "lienthong.reporting.v1.Reporting",
        "lienthong.tax_office.v1.TaxOffice",
    ],
    routes,
};

/// Every face of the service.
#[must_use]
pub fn routes(node: Node) -> Routes {
    Routes::new(TaxOfficeServer::new(TaxOfficeService { node: node.clone() }))
        .add_service(BulkServer::new(BulkService::new(node.clone())))
        .add_service(CaseworkServer::new(CaseworkService::new(node.clone())))
        .add_service(PersonalServer::new(PersonalService::new(node.clone())))
        .add_service(ReadingServer::new(ReadingService::new(node.clone())))
        .add_service(ReportingServer::new(ReportingService::new(node)))
}

/// `lienthong.tax_office.v1.TaxOffice`.
pub struct TaxOfficeService {
    node: Node,
}

macro_rules! commands {
    ($($method:ident($request:ident);)*) => {
        #[tonic::async_trait]
        impl pb::tax_office_server::TaxOffice for TaxOfficeService {
            $(async fn $method(&self, request: Request<pb::$request>) -> Result<Response<Receipt>, Status> {
                carry_out(&self.node, request).await
            })*

            async fn assess(
                &self,
                request: Request<pb::AssessRequest>,
            ) -> Result<Response<pb::AssessResponse>, Status> {
                self.node.assess(request.get_ref()).map(Response::new)
            }

            async fn get_notice(
                &self,
                request: Request<pb::GetNoticeRequest>,
            ) -> Result<Response<pb::GetNoticeResponse>, Status> {
                self.node.get_notice(request).await
            }
        }
    };
}

commands! {
    accept_slip(AcceptSlipRequest);
    return_slip(ReturnSlipRequest);
    issue_notice(IssueNoticeRequest);
    adjust_notice(AdjustNoticeRequest);
    cancel_notice(CancelNoticeRequest);
    record_payment(RecordPaymentRequest);
    cancel_payment(CancelPaymentRequest);
    record_debt(RecordDebtRequest);
}
