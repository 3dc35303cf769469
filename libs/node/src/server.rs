//! Serving faces over gRPC: health, readiness and reflection beside them, and a drain that ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lienthong_wire::DESCRIPTOR_SET;
use lienthong_wire::pb::node::v1::node_server::{NodeServer, SERVICE_NAME as NODE_SERVICE};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::layer::layer_fn;

use crate::door::{Door, NodeService};
use crate::gate::Gate;
use crate::incoming::incoming;
use crate::metrics::Source;
use crate::node::Node;
use crate::tls::{Tls, TlsError, TlsFiles};

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
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
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
    health: JoinHandle<()>,
    /// Keeps its TLS to what the files hold.
    keeper: Option<JoinHandle<()>>,
    source: Source,
}

impl Serving {
    /// Where its metrics come from.
    pub(crate) fn source(&self) -> Source {
        self.source.clone()
    }

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
        if let Err(error) = self.health.await {
            tracing::error!(error = %error, "the task that tells the health failed");
        }
        if let Some(keeper) = self.keeper
            && let Err(error) = keeper.await
        {
            tracing::error!(error = %error, "the task that looks at the TLS files failed");
        }
    }
}

/// Serves the faces of a node that is there already, named `services`, on an address.
///
/// # Errors
/// The address is not loopback or cannot be had.
pub async fn serve(
    node: &Node,
    address: SocketAddr,
    routes: Routes,
    services: &[&str],
) -> Result<Serving, ListenError> {
    serve_by(node, address, routes, services, None).await
}

/// The same by TLS, where files are given for it.
///
/// # Errors
/// The files cannot be used, the address cannot be had, or is not loopback without TLS.
pub async fn serve_by(
    node: &Node,
    address: SocketAddr,
    routes: Routes,
    services: &[&str],
    tls: Option<&TlsFiles>,
) -> Result<Serving, ListenError> {
    let door = Door::closed(&node.0.name, "");
    door.meet(node.clone(), routes);
    listen_by(&door, address, services, tls).await
}

/// Listens for a service, whose node may still be to come: until the door is open, health says `NOT_SERVING`, and every
/// call but those for health, readiness and reflection is told why it is not taken.
///
/// # Errors
/// The address is not loopback or cannot be had.
pub async fn listen(door: &Door, address: SocketAddr, services: &[&str]) -> Result<Serving, ListenError> {
    listen_by(door, address, services, None).await
}

/// The same by TLS, where files are given for it.
///
/// # Errors
/// The files cannot be used, the address cannot be had, or is not loopback without TLS.
pub async fn listen_by(
    door: &Door,
    address: SocketAddr,
    services: &[&str],
    tls: Option<&TlsFiles>,
) -> Result<Serving, ListenError> {
    if tls.is_none() && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback { address });
    }
    let (tls, keeper) = tls.map(Tls::load).transpose()?.unzip();
    let bind = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let (reporter, health) = tonic_health::server::health_reporter();
    let names: Vec<String> = services.iter().copied().chain([""]).map(str::to_owned).collect();
    let health_of = HealthOf { door: door.clone(), reporter, names };
    health_of.tell().await;
    let offered = [services, &[NODE_SERVICE]].concat();
    let beside = Routes::new(health)
        .add_service(NodeServer::new(NodeService { door: door.clone() }))
        .add_service(reflection(&offered)?.build_v1()?)
        .add_service(reflection(&offered)?.build_v1alpha()?);
    let stop = CancellationToken::new();
    let keeper = keeper.map(|keeper| tokio::spawn(keeper.keep(stop.clone())));
    let tally = Arc::clone(door.tally());
    let source = Source { door: door.clone(), tls: tls.clone() };
    let acceptors = Box::new(move || tls.as_ref().map(Tls::acceptor));
    let guests = incoming(listener, acceptors, Arc::clone(&tally), stop.clone());
    let serving = Server::builder()
        .max_concurrent_streams(Some(STREAMS_MAX))
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .layer(layer_fn(move |inside| Gate { inside, tally: Arc::clone(&tally) }))
        .add_routes(Routes::from(beside.into_axum_router().fallback_service(door.clone())))
        .serve_with_incoming_shutdown(guests, stop.clone().cancelled_owned());
    let health = tokio::spawn(health_of.follow(stop.clone()));
    Ok(Serving { address, stop, task: tokio::spawn(serving), health, keeper, source })
}

/// What `grpc.health.v1.Health` says of a service and each of its faces.
struct HealthOf {
    door: Door,
    reporter: HealthReporter,
    names: Vec<String>,
}

impl HealthOf {
    /// Says what is the case until the server stops, and then that it does not serve.
    async fn follow(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep_telling() => {}
        }
        self.say(ServingStatus::NotServing).await;
    }

    async fn keep_telling(&self) {
        let mut closed = self.door.watch();
        let mut readiness = loop {
            // Marked as seen before it is asked: a node that comes meanwhile wakes the wait below.
            closed.borrow_and_update();
            match self.door.readiness() {
                Some(readiness) => break readiness,
                None if closed.changed().await.is_err() => return,
                None => {}
            }
        };
        loop {
            readiness.borrow_and_update();
            self.tell().await;
            if readiness.changed().await.is_err() {
                return;
            }
        }
    }

    /// Says what is the case now.
    async fn tell(&self) {
        let ready = self.door.readiness().is_some_and(|readiness| readiness.borrow().is_ready());
        self.say(if ready { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
    }

    async fn say(&self, status: ServingStatus) {
        for name in &self.names {
            self.reporter.set_service_status(name, status).await;
        }
    }
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
