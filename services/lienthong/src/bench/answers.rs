//! What a node with all of a log's dossiers answers over gRPC, and how fast.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant as Stopwatch};

use jiff::civil::{Date, date};
use lienthong_calendar::Instant;
use lienthong_log::EventLog;
use lienthong_node::Node;
use lienthong_node::server::serve_by;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reading::v1::{Dossier, GetDossierRequest, ListDossiersRequest};
use lienthong_wire::pb::reporting::v1::reporting_client::ReportingClient;
use lienthong_wire::pb::reporting::v1::{GetIi06Request, Rows, Scope};
use lienthong_wire::{Timestamp, instant};
use tonic::Code;
use tonic::transport::Channel;

use super::BenchError;
use super::clerk::connect;
use super::memory;
use super::sample::Sample;
use super::timing::Latencies;

/// Dossiers that are read, one after another.
const GETS: usize = 2_000;

/// Dossiers that are searched by, each in several ways.
const SEARCHED: usize = 40;

/// What was measured.
pub(super) struct Answers {
    pub(super) gets: Latencies,
    /// First pages.
    pub(super) searches: Latencies,
    /// II.06 of the year.
    pub(super) report: Duration,
    /// Resident after the reads and before the rest.
    pub(super) resident_mib: Option<u64>,
    /// The most that was resident during all of it.
    pub(super) peak_mib: Option<u64>,
}

/// Lets one client read dossiers, search, and ask for the report of the year, at a node that serves as the auditor's does.
pub(super) async fn ask(node: &Node, log: &dyn EventLog) -> Result<Answers, BenchError> {
    let codes: Vec<String> = Sample::of(log, GETS).await?.codes().collect();
    let service = &auditor::SERVICE;
    let (address, routes) = (SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), (service.routes)(node.clone()));
    let serving = serve_by(node, address, routes, service.services, None).await?;
    memory::forget_the_peak();
    let asked = match connect(&format!("http://{}", serving.address)).await {
        Ok(channel) => answers(channel, codes).await,
        Err(error) => Err(error),
    };
    serving.stop().await;
    asked
}

async fn answers(channel: Channel, codes: Vec<String>) -> Result<Answers, BenchError> {
    let mut reading = ReadingClient::new(channel.clone());
    let (mut gets, mut searches, mut known) = (Latencies::default(), Latencies::default(), Vec::new());
    // The first call opens the connection on both sides, and is no read of the node's.
    for code in codes.first().into_iter().chain(&codes) {
        let asked = Stopwatch::now();
        let answer =
            reading.get_dossier(GetDossierRequest { code: code.clone(), ..Default::default() }).await;
        let took = asked.elapsed();
        match answer {
            Ok(dossier) if known.len() < SEARCHED => known.push(dossier.into_inner()),
            Ok(_) => {}
            // None of its records was admitted.
            Err(status) if status.code() == Code::NotFound => continue,
            Err(status) => return Err(BenchError::call("GetDossier")(status)),
        }
        gets.add(took);
    }
    gets.forget_first();
    let resident_mib = memory::resident_mib();
    for search in known.iter().flat_map(searches_for) {
        let asked = Stopwatch::now();
        reading.list_dossiers(search).await.map_err(BenchError::call("ListDossiers"))?;
        searches.add(asked.elapsed());
    }
    let report = report(channel, known.first()).await?;
    Ok(Answers { gets, searches, report, resident_mib, peak_mib: memory::peak_mib() })
}

/// Searches that find a dossier among others, as a desk asks them.
fn searches_for(dossier: &Dossier) -> Vec<ListDossiersRequest> {
    let (desk, statuses) = (dossier.received_by.clone(), vec![dossier.status]);
    let procedure = dossier.procedure.clone().unwrap_or_default().code;
    let day = |at: &Option<Timestamp>| at.as_ref().and_then(instant).map_or(Date::ZERO, Instant::date);
    let (received, due) = (day(&dossier.received_at), day(&dossier.due));
    let of_desk = ListDossiersRequest { received_by: desk, ..Default::default() };
    let code_prefix = dossier.code.rsplit_once('-').map_or(&*dossier.code, |(day, _)| day).to_owned();
    vec![
        ListDossiersRequest { statuses: statuses.clone(), ..Default::default() },
        ListDossiersRequest { statuses: statuses.clone(), ..of_desk.clone() },
        ListDossiersRequest { code_prefix, ..Default::default() },
        ListDossiersRequest {
            statuses,
            due_from: due.first_of_month().to_string(),
            due_to: due.last_of_month().to_string(),
            ..Default::default()
        },
        ListDossiersRequest {
            procedure,
            received_from: received.first_of_month().to_string(),
            received_to: received.last_of_month().to_string(),
            ..of_desk.clone()
        },
        ListDossiersRequest { overdue_as_of: due.tomorrow().unwrap_or(due).to_string(), ..of_desk },
    ]
}

/// How long II.06 of all dossiers takes, for the official year in which one of them was received.
async fn report(channel: Channel, dossier: Option<&Dossier>) -> Result<Duration, BenchError> {
    let received = dossier.and_then(|dossier| dossier.received_at.as_ref()).and_then(instant);
    let (from, to) = official_year(received.map_or(Date::ZERO, Instant::date));
    let scope = Scope { from: from.to_string(), to: to.to_string(), ..Default::default() };
    let request = GetIi06Request { scope: Some(scope), rows: Rows::Agency.into() };
    let asked = Stopwatch::now();
    ReportingClient::new(channel).get_ii06(request).await.map_err(BenchError::call("GetII06"))?;
    Ok(asked.elapsed())
}

/// The official year of a day: from 15 December to 14 December.
fn official_year(day: Date) -> (Date, Date) {
    let ends = if (day.month(), day.day()) >= (12, 15) { day.year() + 1 } else { day.year() };
    (date(ends - 1, 12, 15), date(ends, 12, 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_official_year_begins_on_15_december() {
        let year_2026 = (date(2025, 12, 15), date(2026, 12, 14));
        for day in [date(2025, 12, 15), date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 14)] {
            assert_eq!(official_year(day), year_2026, "{day}");
        }
        assert_eq!(official_year(date(2025, 12, 14)).1, date(2025, 12, 14));
    }
}
