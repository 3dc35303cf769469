//! How a command reaches the services.
//!
//! ```text
//! --server ADDRESS --connect--> Connection --call--> answer, or Status --refusal--> Failure
//! --log URL --Province::start--> services in this process --'
//! ```
//!
//! Both ways end in real gRPC, so a command does not know which one was taken. Every call has a deadline; only what is
//! watched has none.

mod tls;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use lienthong_audit::Position;
use lienthong_node::{LogUrl, telemetry};
use lienthong_registry::AgencyId;
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::personal_reading::v1::personal_client::PersonalClient;
use lienthong_wire::pb::reading::v1::GetDigestRequest;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reporting::v1::reporting_client::ReportingClient;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::Output;
use crate::bulk::Bulk;
use crate::exit::Failure;
use crate::province::{Foundation, Ports, Province, ProvinceError};

pub(crate) use tls::Tls;

/// The desks' service that `up` starts: it has every face that commands use.
const SERVER_DEFAULT: &str = "http://127.0.0.1:7101";
/// The service that is asked when all of them run in this process.
const DESK: &str = "ward-desk";
/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a call may take: longer than a node waits for its own record.
const CALL_MAX: Duration = Duration::from_secs(30);
/// How often a connection is asked whether it still stands, while something is watched.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The largest answer that is read: a page of dossiers with all their notices.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

const START_ADVICE: &str =
    "start the services with `lienthong up`, name another one with --server, or the log itself with --log";

/// What is to be done where TLS is in the way.
const TLS_ADVICE: &str = "see that the service runs; show a certificate that is in force with --certificate-file and --key-file, and the service's authority with \
     --ca-file; `lienthong pki dev` makes all of them for a day";

/// How to reach services, as told on the command line.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reach {
    /// The service to ask, as `up` names it: http://HOST:PORT, or https://HOST:PORT with --ca-file
    #[arg(long, value_name = "ADDRESS", default_value = SERVER_DEFAULT, conflicts_with = "log")]
    server: Server,
    /// Instead of a service, the log, embedded:DIR or kafka://HOST:PORT/PREFIX: what is needed runs in this process and stops
    /// when done
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// Folder of keys and projections [default: the log's own]
    #[arg(long, value_name = "DIR", requires = "log")]
    dir: Option<PathBuf>,
    /// What services in this process log to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
    #[command(flatten)]
    tls: Tls,
}

/// What to do where `--log` names an empty place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    /// Say so: there is nothing to read.
    Refuse,
    /// Make a training log and say so (rules 7.1).
    Found,
}

/// An address of a service, `http://HOST:PORT` or `https://HOST:PORT`; `http://` may be left out.
#[derive(Debug, Clone)]
pub(crate) struct Server(pub(crate) String);

/// Services that answer.
pub(crate) struct Connection {
    channel: Channel,
    address: String,
    province: Option<Province>,
}

/// Why a service gives no answer.
#[derive(Debug, thiserror::Error)]
enum Silence {
    #[error("no service answers at {address}: {why}")]
    NotThere { address: String, why: String },
    #[error("the service at {address} gives no answer: {why}")]
    Broken { address: String, why: String },
    #[error("the service at {address} met a defect: {why}")]
    Defect { address: String, why: String },
    #[error("the services were started without {DESK}")]
    NoDesk,
}

impl Connection {
    /// Connects to the service, or starts all of them on the log.
    pub(crate) async fn open(reach: &Reach, empty: Empty, output: &mut Output<'_>) -> Result<Self, Failure> {
        let Some(url) = &reach.log else {
            let address = reach.server.0.clone();
            let channel = connect(&address, reach.tls.towards(&address)?).await?;
            return Ok(Self { channel, address, province: None });
        };
        telemetry::start(&reach.log_filter);
        let dir = reach.dir.clone().unwrap_or_else(|| url.folder());
        let start = async |foundation| Province::start(url, &dir, &foundation, Ports::Free).await;
        let province = match (start(Foundation::MustExist).await, empty) {
            (Err(ProvinceError::NoLog { .. }), Empty::Found) => start(Foundation::Training(Vec::new())).await,
            (started, _) => started,
        };
        let province = province.map_err(Failure::province)?;
        if province.founded {
            output.note(&format!("made a training log (TẬP HUẤN) at {url}"));
        }
        let desk = province.service(DESK).map(|desk| format!("http://{}", desk.address()));
        let channel = match &desk {
            Some(address) => connect(address, None).await,
            None => Err(Failure::defect(&Silence::NoDesk)),
        };
        match channel {
            Ok(channel) => Ok(Self { channel, address: desk.unwrap_or_default(), province: Some(province) }),
            Err(failure) => {
                province.stop().await;
                Err(failure)
            }
        }
    }

    /// Queries and streams.
    pub(crate) fn reading(&self) -> ReadingClient<Channel> {
        ReadingClient::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// As far as the service has read.
    pub(crate) async fn position(&self) -> Result<Position, Failure> {
        let ends = self.ends().await;
        let ends = ends.map_err(|status| self.refusal(&status))?;
        Ok(Position(ends.into_iter().filter(|(_, offset)| *offset > 0).collect()))
    }

    /// The same, with every partition that there is.
    pub(crate) async fn ends(&self) -> Result<BTreeMap<u16, u64>, Status> {
        let digest = self.reading().get_digest(call(GetDigestRequest::default())).await?.into_inner();
        let each = digest.partitions.iter().filter_map(|partition| partition.position.as_ref());
        Ok(each.filter_map(|at| Some((u16::try_from(at.partition).ok()?, at.offset))).collect())
    }

    /// Whether the services run in this process.
    pub(crate) const fn is_within(&self) -> bool {
        self.province.is_some()
    }

    /// Many commands at once.
    pub(crate) fn bulk(&self) -> Bulk {
        Bulk::new(self.channel.clone())
    }

    /// Reports.
    pub(crate) fn reporting(&self) -> ReportingClient<Channel> {
        ReportingClient::new(self.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Personal data, at the service that acts for an agency.
    pub(crate) async fn personal(&self, agency: &str) -> Result<PersonalClient<Channel>, Failure> {
        let channel = self.acting_for(agency).await?;
        Ok(PersonalClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX))
    }

    /// Commands of any agency, at the service that acts for it.
    pub(crate) async fn casework(&self, agency: &str) -> Result<CaseworkClient<Channel>, Failure> {
        Ok(CaseworkClient::new(self.acting_for(agency).await?))
    }

    /// Of the services in this process the one that acts for an agency; else the one that was named, which says by itself
    /// whether it does.
    async fn acting_for(&self, agency: &str) -> Result<Channel, Failure> {
        let services = self.province.iter().flat_map(|province| &province.services);
        let acting = AgencyId::parse(agency).ok().and_then(|agency| {
            services.into_iter().find(|service| service.node.serves(&agency)).map(|service| service.address())
        });
        match acting {
            Some(address) => connect(&format!("http://{address}"), None).await,
            None => Ok(self.channel.clone()),
        }
    }

    /// What a failed call means to whoever gave the command.
    pub(crate) fn refusal(&self, status: &Status) -> Failure {
        refusal(&self.address, status)
    }

    /// Stops what was started for this command.
    pub(crate) async fn close(self) {
        let Self { channel, address: _, province } = self;
        drop(channel);
        if let Some(province) = province {
            province.stop().await;
        }
    }
}

pub(crate) async fn connect(address: &str, tls: Option<ClientTlsConfig>) -> Result<Channel, Failure> {
    let not_there = |error: tonic::transport::Error| {
        let silence = Silence::NotThere { address: address.to_owned(), why: causes(&error) };
        Failure::unreachable(&silence, advice_for(address))
    };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(not_there)?;
    let endpoint = match tls {
        Some(tls) => endpoint.tls_config(tls).map_err(|error| {
            Failure::config(format!("the files for TLS cannot be used: {}", causes(&error)), TLS_ADVICE)
        })?,
        None => endpoint,
    };
    let endpoint = endpoint.connect_timeout(CONNECT_MAX).http2_keep_alive_interval(KEEP_ALIVE);
    endpoint.connect().await.map_err(not_there)
}

/// A call with a deadline, which the service is told.
pub(crate) fn call<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_MAX);
    request
}

/// What the service advises to do about a failed call, where it says so.
fn advice(status: &Status) -> Option<String> {
    status.get_details_error_info().and_then(|mut info| info.metadata.remove("advice"))
}

/// The published reason of a failed call, such as `UNKNOWN_DOSSIER`; empty where there is none.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn refusal(address: &str, status: &Status) -> Failure {
    let (address, why) = (address.to_owned(), why(status));
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded | Code::Unknown => {
            let advice = advised(status, advice_for(&address));
            Failure::unreachable(&Silence::Broken { address, why }, advice)
        }
        // Without our details it is no answer of a service of ours.
        Code::Internal | Code::DataLoss if reason(status).is_empty() => {
            let advice = advice_for(&address);
            Failure::unreachable(&Silence::Broken { address, why }, advice)
        }
        Code::Internal | Code::DataLoss => Failure::defect(&Silence::Defect { address, why }),
        Code::Unimplemented => Failure::refused(
            format!("the service at {address} does not offer this"),
            "name the address of ward-desk, which `lienthong up` prints",
        ),
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => Failure::refused(why, advised(status, "see `lienthong --help`")),
    }
}

fn advised(status: &Status, otherwise: &str) -> String {
    advice(status).unwrap_or_else(|| otherwise.to_owned())
}

/// The message, with what lies behind it where the connection itself failed.
fn why(status: &Status) -> String {
    match status.source() {
        Some(source) if reason(status).is_empty() => causes(source),
        Some(_) | None => format!("{}{}", field(status), status.message()),
    }
}

/// The field that a message says something of without naming it.
fn field(status: &Status) -> String {
    let field = status.get_details_error_info().and_then(|info| info.metadata.get("field").cloned());
    let message = status.message();
    let is_about_it = ["is ", "has ", "must "].iter().any(|verb| message.starts_with(verb));
    field.filter(|field| is_about_it && !field.is_empty()).map_or(String::new(), |field| format!("{field}: "))
}

/// What to do about a service that gives no answer.
fn advice_for(address: &str) -> &'static str {
    if address.starts_with(tls::HTTPS) { TLS_ADVICE } else { START_ADVICE }
}

/// What lies deepest says most; transports repeat it at every level.
fn causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = match text.split_once("://") {
            None => format!("http://{text}"),
            Some(("http" | "https", _)) => text.to_owned(),
            Some(_) => return Err("services are reached by http://HOST:PORT or https://HOST:PORT".to_owned()),
        };
        let endpoint =
            Endpoint::from_str(&address).map_err(|_| "not an address such as http://127.0.0.1:7101")?;
        match endpoint.uri().port() {
            Some(_) => Ok(Self(address)),
            None => Err("the port is missing, as in http://127.0.0.1:7101".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
