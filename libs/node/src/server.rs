//! Serving faces over gRPC: health and reflection beside them, and a drain that ends.

use std::net::SocketAddr;
use std::time::Duration;

use lienthong_wire::DESCRIPTOR_SET;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;

use crate::node::Node;

/// How long calls under way may take to end once the server stops.
pub const DRAIN_MAX: Duration = Duration::from_secs(10);
/// Streams of one connection at once.
pub const STREAMS_MAX: u32 = 1_024;
/// The largest message that is read at all; larger requests than a record takes get a typed answer up to here.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why a service does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Without TLS a service listens to its own machine alone.
    #[error("{address} is not a loopback address; without TLS a service listens on loopback only")]
    NotLoopback {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The embedded descriptors are faulty.
    #[error("reflection cannot be offered")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// A service that answers.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Serving {
    /// Stops taking calls and waits, at most [`DRAIN_MAX`], until those under way have ended.
    pub async fn stop(self) {
        self.stop.cancel();
        let abort = self.task.abort_handle();
        match tokio::time::timeout(DRAIN_MAX, self.task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(error = %error, "the server ended with an error"),
            Ok(Err(error)) => tracing::error!(error = %error, "the server's task failed"),
            Err(_) => {
                abort.abort();
                tracing::warn!(address = %self.address, "calls were cut off at the end of the drain");
            }
        }
    }
}

/// Serves the faces of a node, named `services`, on an address.
///
/// # Errors
/// The address is not loopback or cannot be had.
pub async fn serve(
    node: &Node,
    address: SocketAddr,
    routes: Routes,
    services: &[&str],
) -> Result<Serving, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback { address });
    }
    let bind = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let (reporter, health) = tonic_health::server::health_reporter();
    for service in services.iter().copied().chain([""]) {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    let routes = routes
        .add_service(health)
        .add_service(reflection(services)?.build_v1()?)
        .add_service(reflection(services)?.build_v1alpha()?);
    let stop = CancellationToken::new();
    let (failed, draining, ended) = (node.failed().clone(), node.draining().clone(), stop.clone());
    let names: Vec<String> = services.iter().copied().chain([""]).map(str::to_owned).collect();
    tokio::spawn(async move {
        tokio::select! {
            () = failed.cancelled() => {}
            () = draining.cancelled() => {}
            () = ended.cancelled() => {}
        }
        for name in names {
            reporter.set_service_status(name, ServingStatus::NotServing).await;
        }
    });
    let serving = Server::builder()
        .max_concurrent_streams(Some(STREAMS_MAX))
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.clone().cancelled_owned(),
        );
    Ok(Serving { address, stop, task: tokio::spawn(serving) })
}

fn reflection(services: &[&str]) -> Result<tonic_reflection::server::Builder<'static>, ListenError> {
    let mut builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // So that a caller who knows nothing but reflection can read the details of errors.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health")
        .with_service_name("grpc.reflection.v1.ServerReflection");
    for service in services {
        builder = builder.with_service_name(*service);
    }
    Ok(builder)
}

#[cfg(test)]
mod tests;
