//! Clients of the four services, and what every test asks them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::auditor::v1::{RawRecord, StreamRecordsRequest, Topic};
use lienthong_wire::pb::common::v1::Position;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reading::v1::{
    Digest, Dossier, GetDigestRequest, GetDossierRequest, GetTimelineRequest, ListVoidsRequest,
    TimelineEntry, VoidRecord,
};
use tonic::transport::{Channel, Endpoint};

use super::PATIENCE;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    WardDesk,
    LandRegistry,
    TaxOffice,
    Auditor,
}

impl Service {
    pub(crate) const ALL: [Self; 4] = [Self::WardDesk, Self::LandRegistry, Self::TaxOffice, Self::Auditor];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WardDesk => "ward-desk",
            Self::LandRegistry => "land-registry",
            Self::TaxOffice => "tax-office",
            Self::Auditor => "auditor",
        }
    }
}

/// A connection to each service. Clones share them.
#[derive(Clone)]
pub(crate) struct Clients([Channel; 4]);

impl Clients {
    pub(crate) fn to(address: impl Fn(Service) -> SocketAddr) -> Self {
        Self(Service::ALL.map(|service| {
            let endpoint = Endpoint::from_shared(format!("http://{}", address(service))).unwrap();
            // Calls have no end of their own, so that one that hangs is found out.
            endpoint.timeout(PATIENCE).connect_lazy()
        }))
    }

    /// Whatever way there is to each.
    pub(crate) fn through(channel: impl Fn(Service) -> Channel) -> Self {
        Self(Service::ALL.map(channel))
    }

    pub(crate) fn channel(&self, service: Service) -> Channel {
        self.0[service as usize].clone()
    }

    pub(crate) fn reading(&self, service: Service) -> ReadingClient<Channel> {
        ReadingClient::new(self.channel(service))
    }

    /// A dossier as the desk's node shows it.
    pub(crate) async fn dossier(&self, code: &str) -> Dossier {
        let request = GetDossierRequest { code: code.to_owned(), ..Default::default() };
        self.reading(Service::WardDesk).get_dossier(request).await.unwrap().into_inner()
    }

    /// A dossier's records as the desk's node shows them; none where there is no dossier.
    pub(crate) async fn timeline(&self, code: &str) -> Vec<TimelineEntry> {
        self.timeline_at(code, None).await
    }

    /// The same, once a position is applied.
    pub(crate) async fn timeline_at(&self, code: &str, at_least: Option<Position>) -> Vec<TimelineEntry> {
        let request = GetTimelineRequest { code: code.to_owned(), at_least, as_of: None };
        match self.reading(Service::WardDesk).get_timeline(request).await {
            Ok(answer) => answer.into_inner().entries,
            Err(status) if status.code() == tonic::Code::NotFound => Vec::new(),
            Err(status) => panic!("{status}"),
        }
    }

    pub(crate) async fn digest(&self, service: Service) -> Digest {
        self.reading(service).get_digest(GetDigestRequest::default()).await.unwrap().into_inner()
    }

    /// The digest that all four services have. To be asked when nothing is under way.
    pub(crate) async fn digest_of_all(&self) -> Digest {
        let mut at_least: BTreeMap<u32, Position> = BTreeMap::new();
        for service in Service::ALL {
            for position in self.digest(service).await.partitions.iter().filter_map(|one| one.position) {
                let newest = at_least.entry(position.partition).or_insert(position);
                newest.offset = newest.offset.max(position.offset);
            }
        }
        let mut digests = Vec::new();
        for service in Service::ALL {
            let request = GetDigestRequest { at_least: at_least.values().copied().collect() };
            digests.push(self.reading(service).get_digest(request).await.unwrap().into_inner());
        }
        let first = digests.swap_remove(0);
        assert!(digests.iter().all(|digest| digest == &first), "{first:?} {digests:?}");
        first
    }

    /// The newest voids of a partition at a service, the newest first.
    pub(crate) async fn voids(&self, service: Service, partition: u32) -> Vec<VoidRecord> {
        let request = ListVoidsRequest { partition, page_size: 1_000, page_token: String::new() };
        self.reading(service).list_voids(request).await.unwrap().into_inner().voids
    }

    /// The whole log, byte for byte, in order of partition and offset.
    pub(crate) async fn raw(&self, topic: Topic) -> Vec<RawRecord> {
        let request = StreamRecordsRequest { topic: topic.into(), ..StreamRecordsRequest::default() };
        let mut auditor = AuditorClient::new(self.channel(Service::Auditor));
        let mut stream = auditor.stream_records(request).await.unwrap().into_inner();
        let mut records = Vec::new();
        while let Some(record) = stream.message().await.unwrap() {
            records.push(record);
        }
        records.sort_by_key(|record| (record.partition, record.offset));
        records
    }
}
