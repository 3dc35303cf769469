//! Nodes in this process: any number of replicas of the three sealing services, and auditors, on one log.

use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use lienthong_log::{EventLog, Partition};
use lienthong_node::process::Service as Deployable;
use lienthong_node::server::{Serving, serve};
use lienthong_node::{Charter, Founding, KeyFolder, LogUrl, Node, NodeParts, Replica};
use lienthong_registry::training;

use super::PATIENCE;
use super::clients::{Clients, Service};
use super::on::{On, Place};

const DEPLOYABLES: [&Deployable; 4] =
    [&ward_desk::SERVICE, &land_registry::SERVICE, &tax_office::SERVICE, &auditor::SERVICE];

/// A training log and its keys.
pub(crate) struct Bus {
    /// A handle that no node has, where there can be more than one.
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) charter: Charter,
    pub(crate) keys: KeyFolder,
    pub(crate) place: Arc<Place>,
}

/// The four services on a bus, each with a store, an address and a way to the log of its own.
pub(crate) struct Services {
    pub(crate) nodes: Vec<Node>,
    pub(crate) clients: Clients,
    serving: Vec<Serving>,
    logs: Vec<Arc<dyn EventLog>>,
    ways: Ways,
}

/// Ways to one log: as many as are asked for, as if each were a process's own. An embedded log has one.
#[derive(Clone)]
struct Ways {
    only: Arc<dyn EventLog>,
    place: Arc<Place>,
}

impl Ways {
    async fn one(&self) -> Arc<dyn EventLog> {
        match self.place.log {
            LogUrl::Embedded(_) => Arc::clone(&self.only),
            LogUrl::Kafka(_) => self.place.open(None).await,
        }
    }

    async fn leave(&self, log: Arc<dyn EventLog>) {
        if !Arc::ptr_eq(&log, &self.only) {
            log.close().await;
        }
    }
}

impl Bus {
    pub(crate) async fn new(on: On) -> Self {
        let place = Arc::new(Place::new(on).await);
        let log = place.open(Some(training::PARTITIONS)).await;
        let keys = KeyFolder::open(place.path()).unwrap();
        let charter = Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
        Self { log, charter, keys, place }
    }

    /// One of `of` replicas of every service.
    pub(crate) async fn replica(&self, ordinal: u32, of: u32) -> Services {
        let ways = Ways { only: Arc::clone(&self.log), place: Arc::clone(&self.place) };
        let logs = join_all(DEPLOYABLES.map(|_| ways.one())).await;
        let (mut nodes, mut serving) = (Vec::new(), Vec::new());
        let stores = self.place.path().join(format!("stores-{ordinal}"));
        for (deployable, log) in DEPLOYABLES.iter().zip(&logs) {
            let node = self.node(deployable, log, &stores, Replica { ordinal, of }).await;
            let free = ([127, 0, 0, 1], 0).into();
            let routes = (deployable.routes)(node.clone());
            serving.push(serve(&node, free, routes, deployable.services).await.unwrap());
            nodes.push(node);
        }
        let clients = Clients::to(|service: Service| serving[service as usize].address);
        Services { nodes, clients, serving, logs, ways }
    }

    async fn node(
        &self,
        deployable: &Deployable,
        log: &Arc<dyn EventLog>,
        stores: &Path,
        replica: Replica,
    ) -> Node {
        let name = deployable.name;
        let keys = deployable.seals.then(|| self.keys.node_keys(name, &self.charter.registry).unwrap());
        let store = stores.join(name);
        let (log, charter) = (Arc::clone(log), self.charter.clone());
        Node::start(NodeParts { name, log, charter, keys, store: &store, replica }).await.unwrap()
    }
}

impl Services {
    /// Other connections to the same services.
    pub(crate) fn more_clients(&self) -> Clients {
        Clients::to(|service: Service| self.serving[service as usize].address)
    }

    /// Waits until each node has applied what the log holds, whoever wrote it.
    pub(crate) async fn catch_up(&self) {
        // One that is opened now asks where the log ends. The nodes' own hear of it a moment later.
        let log = self.ways.one().await;
        for partition in 0..log.dossier_partitions() {
            let end = log.end(Partition::Dossiers(partition)).await.unwrap();
            for node in &self.nodes {
                node.reach(partition, end, PATIENCE).await.unwrap();
            }
        }
        self.ways.leave(log).await;
    }

    pub(crate) async fn stop(self) {
        for (node, serving) in self.nodes.into_iter().zip(self.serving) {
            node.drain().await;
            serving.stop().await;
            node.stop().await;
        }
        for log in self.logs {
            self.ways.leave(log).await;
        }
    }
}
