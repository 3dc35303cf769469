//! The land registration office (văn phòng đăng ký đất đai): slips to the tax office, the land register.
//!
//! Parses, submits, maps errors; no rule lives here.

use lienthong_node::process::Service;
use lienthong_node::reading::ReadingService;
use lienthong_node::{BulkService, CaseworkService, Node, PersonalService, ReportingService, carry_out};
use lienthong_wire::pb::bulk::v1::bulk_server::BulkServer;
use lienthong_wire::pb::casework::v1::casework_server::CaseworkServer;
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::land_registry::v1 as pb;
use lienthong_wire::pb::land_registry::v1::land_registry_server::LandRegistryServer;
use lienthong_wire::pb::personal_reading::v1::personal_server::PersonalServer;
use lienthong_wire::pb::reading::v1::reading_server::ReadingServer;
use lienthong_wire::pb::reporting::v1::reporting_server::ReportingServer;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// The service.
pub const SERVICE: Service = Service {
    name: "land-registry",
    about: "Liên Thông: the land registration office",
    port: 7102,
    seals: true,
    services: &[
        "lienthong.bulk.v1.Bulk",
        "lienthong.casework.v1.Casework",
        "lienthong.land_registry.v1.LandRegistry",
        "lienthong.personal_reading.v1.Personal",
        "lienthong.reading.v1.Reading",
        "lienthong.reporting.v1.Reporting",
    ],
    routes,
};

/// Every face of the service.
#[must_use]
pub fn routes(node: Node) -> Routes {
    Routes::new(LandRegistryServer::new(LandRegistryService { node: node.clone() }))
        .add_service(BulkServer::new(BulkService::new(node.clone())))
        .add_service(CaseworkServer::new(CaseworkService::new(node.clone())))
        .add_service(PersonalServer::new(PersonalService::new(node.clone())))
        .add_service(ReadingServer::new(ReadingService::new(node.clone())))
        .add_service(ReportingServer::new(ReportingService::new(node)))
}

/// `lienthong.land_registry.v1.LandRegistry`.
pub struct LandRegistryService {
    node: Node,
}

#[tonic::async_trait]
impl pb::land_registry_server::LandRegistry for LandRegistryService {
    async fn send_tax_information(
        &self,
        request: Request<pb::SendTaxInformationRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }

    async fn enter_land_register(
        &self,
        request: Request<pb::EnterLandRegisterRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }
}
