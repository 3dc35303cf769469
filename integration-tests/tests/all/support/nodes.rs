//! Nodes in this process: any number of replicas of the three sealing services, and auditors, on one log.

use std::path::Path;
use std::sync::Arc;

use lienthong_log::{EventLog, MemoryLog};
use lienthong_log_embedded::EmbeddedLog;
use lienthong_node::process::Service as Deployable;
use lienthong_node::server::{Serving, serve};
use lienthong_node::{Charter, Founding, KeyFolder, Node, NodeParts, Replica};
use lienthong_registry::training;
use tempfile::TempDir;

use super::clients::{Clients, Service};

const DEPLOYABLES: [&Deployable; 4] =
    [&ward_desk::SERVICE, &land_registry::SERVICE, &tax_office::SERVICE, &auditor::SERVICE];

/// A training log and its keys.
pub(crate) struct Bus {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) charter: Charter,
    pub(crate) keys: KeyFolder,
    dir: TempDir,
}

/// The four services on a bus, each with a store and an address of its own.
pub(crate) struct Services {
    pub(crate) nodes: Vec<Node>,
    pub(crate) clients: Clients,
    serving: Vec<Serving>,
}

impl Bus {
    /// On a real file.
    pub(crate) async fn embedded() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open_or_create(dir.path().join("log"), training::PARTITIONS).unwrap();
        Self::on(Arc::new(log), dir).await
    }

    /// In memory.
    pub(crate) async fn in_memory() -> Self {
        Self::on(Arc::new(MemoryLog::new(training::PARTITIONS)), tempfile::tempdir().unwrap()).await
    }

    async fn on(log: Arc<dyn EventLog>, dir: TempDir) -> Self {
        let keys = KeyFolder::open(dir.path()).unwrap();
        let charter = Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
        Self { log, charter, keys, dir }
    }

    /// One of `of` replicas of every service.
    pub(crate) async fn replica(&self, ordinal: u32, of: u32) -> Services {
        let (mut nodes, mut serving) = (Vec::new(), Vec::new());
        let stores = self.dir.path().join(format!("stores-{ordinal}"));
        for deployable in DEPLOYABLES {
            let node = self.node(deployable, &stores, Replica { ordinal, of }).await;
            let free = ([127, 0, 0, 1], 0).into();
            let routes = (deployable.routes)(node.clone());
            serving.push(serve(&node, free, routes, deployable.services).await.unwrap());
            nodes.push(node);
        }
        let clients = Clients::to(|service: Service| serving[service as usize].address);
        Services { nodes, clients, serving }
    }

    async fn node(&self, deployable: &Deployable, stores: &Path, replica: Replica) -> Node {
        let name = deployable.name;
        let keys = deployable.seals.then(|| self.keys.node_keys(name, &self.charter.registry).unwrap());
        let store = stores.join(name);
        let (log, charter) = (Arc::clone(&self.log), self.charter.clone());
        Node::start(NodeParts { name, log, charter, keys, store: &store, replica }).await.unwrap()
    }
}

impl Services {
    /// Other connections to the same services.
    pub(crate) fn more_clients(&self) -> Clients {
        Clients::to(|service: Service| self.serving[service as usize].address)
    }

    /// Waits until each node has applied what the log holds.
    pub(crate) async fn catch_up(&self) {
        for node in &self.nodes {
            node.catch_up().await.unwrap();
        }
    }

    pub(crate) async fn stop(self) {
        for (node, serving) in self.nodes.into_iter().zip(self.serving) {
            node.drain().await;
            serving.stop().await;
            node.stop().await;
        }
    }
}
