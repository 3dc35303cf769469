//! An officer who reads personal data.

use lienthong_wire::pb::common::v1::{Actor, Power, Purpose};
use lienthong_wire::pb::personal_reading::v1::personal_client::PersonalClient;
use lienthong_wire::pb::personal_reading::v1::{
    FindDossiersRequest, FindDossiersResponse, ReadPersonalRequest, ReadPersonalResponse, Reader,
};
use tonic::{Response, Status};

use super::clients::{Clients, Service};

pub(crate) fn reader(agency: &str) -> Reader {
    let actor = Actor {
        officer_id: "cb-01".to_owned(),
        name: "Lê Thị Mẫu".to_owned(),
        role: "Chuyên viên".to_owned(),
        power: Power::Read.into(),
    };
    Reader {
        agency: agency.to_owned(),
        actor: Some(actor),
        purpose: Purpose::Handling.into(),
        ground: "Luật 91/2025/QH15".to_owned(),
        request_id: String::new(),
    }
}

/// Reads one dossier.
pub(crate) async fn read(
    clients: &Clients,
    service: Service,
    agency: &str,
    code: &str,
) -> Result<ReadPersonalResponse, Status> {
    let request = ReadPersonalRequest {
        reader: Some(reader(agency)),
        codes: vec![code.to_owned()],
        ..ReadPersonalRequest::default()
    };
    PersonalClient::new(clients.channel(service)).read_personal(request).await.map(Response::into_inner)
}

/// Searches for a number.
pub(crate) async fn find(
    clients: &Clients,
    service: Service,
    agency: &str,
    number: &str,
) -> Result<FindDossiersResponse, Status> {
    let request = FindDossiersRequest {
        reader: Some(reader(agency)),
        id_number: number.to_owned(),
        ..FindDossiersRequest::default()
    };
    PersonalClient::new(clients.channel(service)).find_dossiers(request).await.map(Response::into_inner)
}
