//! The auditor: raw records for whoever verifies by themselves, trusting nobody. It seals nothing.

use lienthong_node::process::Service;
use lienthong_node::reading::{AuditorService, ReadingService};
use lienthong_node::{Node, ReportingService};
use lienthong_wire::pb::auditor::v1::auditor_server::AuditorServer;
use lienthong_wire::pb::reading::v1::reading_server::ReadingServer;
use lienthong_wire::pb::reporting::v1::reporting_server::ReportingServer;
use tonic::service::Routes;

/// The service.
pub const SERVICE: Service = Service {
    name: "auditor",
    about: "Liên Thông: the auditor",
    port: 7104,
    seals: false,
    services: &[
        "lienthong.auditor.v1.Auditor",
        "lienthong.reading.v1.Reading",
        "lienthong.reporting.v1.Reporting",
    ],
    routes,
};

/// Every face of the service.
#[must_use]
pub fn routes(node: Node) -> Routes {
    Routes::new(AuditorServer::new(AuditorService::new(node.clone())))
        .add_service(ReadingServer::new(ReadingService::new(node.clone())))
        .add_service(ReportingServer::new(ReportingService::new(node)))
}
