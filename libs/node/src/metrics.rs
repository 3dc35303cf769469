//! Metrics over HTTP, at `/metrics`, in the text form that Prometheus reads.
//!
//! ```text
//! GET /metrics --> what each service has counted, and how its projection stands now --> text
//! ```
//!
//! Labels are closed lists, names of services, numbers of partitions and ids of the registry: nothing that a caller wrote,
//! and never anything about a person. Where the services have TLS, metrics have it too, and let in the same holders.

mod snapshot;

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use futures::{Stream, StreamExt as _};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::door::Door;
use crate::incoming::{Guest, incoming};
use crate::server::{DRAIN_MAX, ListenError, Serving};
use crate::tally::{Tally, Turned};
use crate::tls::Tls;

use self::snapshot::Snapshot;

/// Before the name of every metric.
const PREFIX: &str = "lienthong";
/// OpenMetrics, which is Prometheus' text form with an end.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One service whose metrics are shown.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) door: Door,
    pub(crate) tls: Option<Tls>,
}

/// Metrics that are served.
pub struct ServingMetrics {
    /// Where.
    pub address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

impl ServingMetrics {
    /// Stops answering.
    pub async fn stop(self) {
        self.stop.cancel();
        let abort = self.task.abort_handle();
        if tokio::time::timeout(DRAIN_MAX, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Serves the metrics of services that listen already.
///
/// # Errors
/// The address is not loopback though the services have no TLS, or cannot be had.
pub async fn serve(address: SocketAddr, services: &[&Serving]) -> Result<ServingMetrics, ListenError> {
    let sources: Vec<Source> = services.iter().map(|serving| serving.source()).collect();
    let tls = sources.first().and_then(|source| source.tls.clone());
    if tls.is_none() && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback { address });
    }
    let bind = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let stop = CancellationToken::new();
    let tally = sources.first().map(|source| Arc::clone(source.door.tally())).unwrap_or_default();
    let acceptors = Box::new(move || tls.as_ref().map(Tls::acceptor_of_metrics));
    let guests = incoming(listener, acceptors, Arc::clone(&tally), stop.clone());
    let router = Router::new().route("/metrics", get(scraped)).with_state(Arc::new(sources));
    let serving = axum::serve(Known { guests, address, tally }, router)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    Ok(ServingMetrics { address, stop, task: tokio::spawn(async { serving.await }) })
}

async fn scraped(State(sources): State<Arc<Vec<Source>>>) -> Response {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Snapshot::of(&sources)));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Guests that are known; whoever's certificate names nobody is turned away.
struct Known<S> {
    guests: S,
    address: SocketAddr,
    tally: Arc<Tally>,
}

impl<S> Listener for Known<S>
where
    S: Stream<Item = Result<Guest, Infallible>> + Unpin + Send + 'static,
{
    type Io = Guest;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guest, SocketAddr) {
        loop {
            match self.guests.next().await {
                Some(Ok(guest)) if guest.met().0.is_ok() => {
                    let address = guest.address();
                    return (guest, address);
                }
                Some(_) => self.tally.turned.add(Turned::NoAgency),
                // It stops: nobody comes any more.
                None => pending().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests;
