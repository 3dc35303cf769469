//! Services as programs of their own: which, and whether one is ready.

use std::net::SocketAddr;
use std::time::Duration;

use lienthong_wire::pb::node::v1::GetReadinessRequest;
use lienthong_wire::pb::node::v1::node_client::NodeClient;
use tonic::transport::Endpoint;

use super::clients::Service;

/// Why the service there is not ready; none when it is.
pub(crate) async fn not_ready(address: SocketAddr) -> Option<String> {
    let endpoint =
        Endpoint::from_shared(format!("http://{address}")).unwrap().timeout(Duration::from_secs(5));
    let channel = match endpoint.connect().await {
        Ok(channel) => channel,
        Err(error) => return Some(error.to_string()),
    };
    match NodeClient::new(channel).get_readiness(GetReadinessRequest {}).await {
        Ok(readiness) if readiness.get_ref().ready => None,
        Ok(readiness) => Some(readiness.into_inner().why.join("; ")),
        Err(status) => Some(status.to_string()),
    }
}

/// The program of a service.
pub(crate) fn binary(service: Service) -> &'static str {
    match service {
        Service::WardDesk => env!("CARGO_BIN_EXE_ward-desk-under-test"),
        Service::LandRegistry => env!("CARGO_BIN_EXE_land-registry-under-test"),
        Service::TaxOffice => env!("CARGO_BIN_EXE_tax-office-under-test"),
        Service::Auditor => env!("CARGO_BIN_EXE_auditor-under-test"),
    }
}

/// The operator's command, which runs all of them in one process.
pub(crate) const LIENTHONG: &str = env!("CARGO_BIN_EXE_lienthong-under-test");
