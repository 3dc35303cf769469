//! The door of a service: it is there before its node, and tells who comes early why nobody can be seen yet.
//!
//! ```text
//! closed (why) --meet(node)--> closed (catching up) --the node has caught up--> open, for good
//! ```

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures::future::Either;
use lienthong_wire::pb::node::v1 as pb;
use tokio::sync::watch;
use tonic::codegen::{Body, Bytes, Service, StdError, http};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::error::Refusal;
use crate::node::Node;
use crate::readiness::Readiness;
use crate::status::status;
use crate::tally::Tally;

/// Where a service's calls come in. Cloning gives another handle to the same door.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    name: String,
    /// What is counted at the door.
    tally: Arc<Tally>,
    /// Why there is no node yet; changed once more when there is one.
    closed: watch::Sender<String>,
    inside: OnceLock<Inside>,
}

/// Whom the door leads to.
struct Inside {
    node: Node,
    routes: Routes,
}

impl Door {
    /// The door of a service whose node is not there yet.
    #[must_use]
    pub fn closed(name: &str, why: &str) -> Self {
        let closed = watch::Sender::new(why.to_owned());
        let tally = Arc::default();
        Self(Arc::new(Inner { name: name.to_owned(), tally, closed, inside: OnceLock::new() }))
    }

    /// Says why the node is still not there. A new reason is one line of the process's log.
    pub fn stay_closed(&self, why: String) {
        self.0.closed.send_if_modified(|now| {
            let is_new = *now != why;
            if is_new {
                tracing::warn!(node = self.0.name, %why, "not ready; trying again");
                *now = why;
            }
            is_new
        });
    }

    /// The node is there: the door opens once it has caught up. A door leads to one node for good; another one is left
    /// outside.
    pub fn meet(&self, node: Node, routes: Routes) {
        if self.0.inside.set(Inside { node, routes: routes.prepare() }).is_ok() {
            self.0.closed.send_modify(|_| {});
        }
    }

    /// The service's name.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// The node, once there is one.
    pub(crate) fn node(&self) -> Option<&Node> {
        self.0.inside.get().map(|inside| &inside.node)
    }

    /// What is counted at the door, whether there is a node or not.
    pub(crate) fn tally(&self) -> &Arc<Tally> {
        &self.0.tally
    }

    /// Why there is no node; wakes who waits for one.
    pub(crate) fn watch(&self) -> watch::Receiver<String> {
        self.0.closed.subscribe()
    }

    /// The node's readiness; none before there is a node.
    pub(crate) fn readiness(&self) -> Option<watch::Receiver<Readiness>> {
        self.0.inside.get().map(|inside| inside.node.readiness())
    }

    /// The routes of a node that may be asked.
    fn routes(&self) -> Option<Routes> {
        self.0.inside.get().filter(|inside| inside.node.has_caught_up()).map(|inside| inside.routes.clone())
    }

    fn why(&self) -> Vec<String> {
        match self.0.inside.get() {
            Some(inside) => inside.node.why_not(),
            None => vec![self.0.closed.borrow().clone()],
        }
    }
}

impl<B> Service<http::Request<B>> for Door
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future =
        Either<<Routes as Service<http::Request<B>>>::Future, Ready<Result<Self::Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Routes are always ready, and so is a refusal.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        match self.routes() {
            Some(mut routes) => Either::Left(routes.call(request)),
            None => {
                let refused = status(Refusal::NotReady { why: self.why().join("; ") });
                Either::Right(ready(Ok(refused.into_http())))
            }
        }
    }
}

/// `lienthong.node.v1.Node`, answered whatever the node's readiness.
pub(crate) struct NodeService {
    pub(crate) door: Door,
}

#[tonic::async_trait]
impl pb::node_server::Node for NodeService {
    async fn get_readiness(
        &self,
        _: Request<pb::GetReadinessRequest>,
    ) -> Result<Response<pb::Readiness>, Status> {
        let why = self.door.why();
        let node = self.door.node();
        let lagging = node.map(Node::lagging).unwrap_or_default();
        let lagging = lagging.into_iter().map(|lag| pb::Lagging {
            partition: lag.partition.into(),
            applied: lag.applied,
            end: lag.wanted,
        });
        Ok(Response::new(pb::Readiness {
            ready: why.is_empty(),
            why,
            lagging: lagging.collect(),
            log_id: node.map(|node| node.log_id().to_string()).unwrap_or_default(),
            training: node.is_some_and(Node::training),
            release: env!("CARGO_PKG_VERSION").to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests;
