//! Connections to every service, as its own agency's system would have them.

use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::land_registry::v1::land_registry_client::LandRegistryClient;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::tax_office::v1::tax_office_client::TaxOfficeClient;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tonic::transport::{Channel, Endpoint};

use super::DemoError;
use crate::province::{Province, SERVICES};

/// Clients of every face that the stories need.
#[derive(Clone)]
pub(super) struct Offices {
    pub(super) desk: WardDeskClient<Channel>,
    pub(super) desk_cases: CaseworkClient<Channel>,
    pub(super) land: LandRegistryClient<Channel>,
    pub(super) land_cases: CaseworkClient<Channel>,
    pub(super) tax: TaxOfficeClient<Channel>,
    pub(super) auditor: AuditorClient<Channel>,
    /// Of each service, in the order of [`SERVICES`].
    pub(super) reading: Vec<ReadingClient<Channel>>,
}

impl Offices {
    /// Connects to the services of a province.
    pub(super) async fn connect(province: &Province) -> Result<Self, DemoError> {
        let desk = channel(province, ward_desk::SERVICE.name).await?;
        let land = channel(province, land_registry::SERVICE.name).await?;
        let mut reading = Vec::new();
        for service in SERVICES {
            reading.push(ReadingClient::new(channel(province, service.name).await?));
        }
        Ok(Self {
            desk: WardDeskClient::new(desk.clone()),
            desk_cases: CaseworkClient::new(desk),
            land: LandRegistryClient::new(land.clone()),
            land_cases: CaseworkClient::new(land),
            tax: TaxOfficeClient::new(channel(province, tax_office::SERVICE.name).await?),
            auditor: AuditorClient::new(channel(province, auditor::SERVICE.name).await?),
            reading,
        })
    }
}

async fn channel(province: &Province, name: &'static str) -> Result<Channel, DemoError> {
    let address = province.service(name).map(|service| service.address().to_string()).unwrap_or_default();
    let connected = match Endpoint::from_shared(format!("http://{address}")) {
        Ok(endpoint) => endpoint.tcp_nodelay(true).connect().await,
        Err(error) => Err(error),
    };
    connected.map_err(|source| DemoError::Connect { name, source })
}
