//! Which log is judged: one that this process reads, or one that a service streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use lienthong_audit::{LogSource, Source};
use lienthong_log::EventLog;
use lienthong_log_embedded::OpenError;
use lienthong_log_kafka::OpenError as KafkaError;
use lienthong_node::{LogUrl, OpenLogError, open_log, telemetry};
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::reading::v1::GetDigestRequest;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use tonic::transport::Channel;

use crate::commands::security;
use crate::connection::{Server, Tls, call, connect};
use crate::exit::Failure;
use crate::raw::RawSource;

/// The auditor's service that `up` starts.
const SERVER_DEFAULT: &str = "http://127.0.0.1:7104";

#[derive(Debug, Clone, Args)]
pub(super) struct Reach {
    /// The log: embedded:DIR or kafka://HOST:PORT[,HOST:PORT]/PREFIX
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// Instead of a log, an auditor's service that streams its raw records: http://HOST:PORT, or https://HOST:PORT with
    /// --ca-file
    #[arg(long, value_name = "ADDRESS", default_value = SERVER_DEFAULT, conflicts_with = "log")]
    server: Server,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
    #[command(flatten)]
    tls: Tls,
}

/// A log to judge, and what to let go of afterwards.
pub(super) struct Reached {
    pub(super) source: Arc<dyn Source>,
    log: Option<Arc<dyn EventLog>>,
}

impl Reach {
    pub(super) async fn open(&self) -> Result<Reached, Failure> {
        telemetry::start(&self.log_filter);
        let Some(url) = &self.log else {
            let address = &self.server.0;
            let channel = connect(address, self.tls.towards(address)?).await?;
            let ends = ends(channel.clone()).await;
            let source: Arc<dyn Source> = Arc::new(RawSource::new(AuditorClient::new(channel), ends));
            return Ok(Reached { source, log: None });
        };
        let log = open_log(url, &security()?, None).await.map_err(|error| unopened(url, &error))?;
        let source = match url {
            LogUrl::Embedded(_) => LogSource::embedded(Arc::clone(&log)),
            LogUrl::Kafka(_) => LogSource::shared(Arc::clone(&log)),
        };
        Ok(Reached { source: Arc::new(source), log: Some(log) })
    }
}

impl Reached {
    pub(super) async fn close(self) {
        if let Some(log) = self.log {
            log.close().await;
        }
    }
}

/// Where the service says that partitions end, for the progress bar. Where it says nothing, there is no time left to tell.
async fn ends(channel: Channel) -> BTreeMap<u16, u64> {
    let digest = ReadingClient::new(channel).get_digest(call(GetDigestRequest::default())).await;
    let partitions = digest.map(|digest| digest.into_inner().partitions).unwrap_or_default();
    let positions = partitions.into_iter().filter_map(|partition| partition.position);
    positions
        .filter_map(|position| Some((u16::try_from(position.partition).ok()?, position.offset)))
        .collect()
}

fn unopened(url: &LogUrl, error: &OpenLogError) -> Failure {
    let name = "name the log to audit: --log embedded:DIR or --log kafka://HOST:PORT/PREFIX";
    match error {
        OpenLogError::Embedded(OpenError::Missing { .. })
        | OpenLogError::Kafka(KafkaError::Missing { .. }) => {
            Failure::config(format!("there is no log at {url}"), name)
        }
        OpenLogError::Embedded(OpenError::Unfinished { .. }) => Failure::config(
            format!("the log at {url} is an unfinished copy of another log"),
            "finish it by the `lienthong log copy` that began it, or name another place",
        ),
        OpenLogError::Embedded(OpenError::AlreadyOpen { .. }) => Failure::unreachable(
            error,
            "an embedded log is held by one process: audit it beside its services with --server, or stop them",
        ),
        OpenLogError::Embedded(_) | OpenLogError::Kafka(_) | OpenLogError::Panicked => {
            Failure::unreachable(error, "mend what it names; nothing was read")
        }
    }
}
