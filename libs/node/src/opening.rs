//! From a configuration to a node: opens the log, reads its charter, starts the node. What may pass by waiting is waited
//! for, and the door says what that is; anything else ends the service.

use std::sync::Arc;

use lienthong_log::{EventLog, ReadError};
use lienthong_log_embedded::OpenError;

use crate::charter::{Charter, CharterError};
use crate::config::Config;
use crate::door::Door;
use crate::error::{StartError, with_causes};
use crate::keys::KeyError;
use crate::logs::{LogUrl, OpenLogError, open_log};
use crate::node::{Node, NodeParts, Replica};
use crate::pause::Pause;
use crate::process::Service;

/// Why a service has no node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenFault {
    /// There is no log where the configuration says.
    #[error("there is no log at {0}; make one with `lienthong up --training` or `lienthong registry init`")]
    NoLog(LogUrl),
    #[error(transparent)]
    Log(#[from] OpenLogError),
    #[error(transparent)]
    Charter(#[from] CharterError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Node(#[from] StartError),
}

/// A fault, and whether the log lies with brokers.
struct Fault {
    fault: OpenFault,
    on_brokers: bool,
}

/// The node of a service and its log, however long that takes; not caught up yet.
///
/// # Errors
/// What waiting does not mend.
pub(crate) async fn open(
    service: &Service,
    config: &Config,
    door: &Door,
) -> Result<(Arc<dyn EventLog>, Node), OpenFault> {
    open_by(service, config, door, || open_log(&config.log, &config.kafka, None)).await
}

async fn open_by<F>(
    service: &Service,
    config: &Config,
    door: &Door,
    open_log: impl Fn() -> F,
) -> Result<(Arc<dyn EventLog>, Node), OpenFault>
where
    F: Future<Output = Result<Arc<dyn EventLog>, OpenLogError>>,
{
    let mut pause = Pause::default();
    loop {
        let fault = match open_log().await {
            Ok(log) => match on(&log, service, config).await {
                Ok(node) => return Ok((log, node)),
                Err(fault) => {
                    let on_brokers = log.copies().is_some();
                    log.close().await;
                    Fault { fault, on_brokers }
                }
            },
            Err(error) => Fault { on_brokers: false, fault: error.into() },
        };
        if !fault.passes() {
            return Err(fault.named(config));
        }
        door.stay_closed(fault.told());
        tokio::time::sleep(pause.lengthen()).await;
    }
}

/// A service's node on an open log.
async fn on(log: &Arc<dyn EventLog>, service: &Service, config: &Config) -> Result<Node, OpenFault> {
    let charter = Charter::open(log.as_ref(), config.pinned()).await?;
    let folder = config.folder();
    let keys = match service.seals {
        true => Some(config.keys()?.node_keys(service.name, &charter.registry)?),
        false => None,
    };
    let replica = Replica { ordinal: config.replica, of: config.replicas };
    let store = folder.join("stores").join(store_name(service.name, replica));
    let parts = NodeParts { name: service.name, log: Arc::clone(log), charter, keys, store: &store, replica };
    Ok(Node::open(parts).await?)
}

/// The folder of a replica's own projection: replicas on one machine share keys, and never a store.
fn store_name(service: &str, replica: Replica) -> String {
    match replica.of {
        0 | 1 => service.to_owned(),
        _ => format!("{service}-{}", replica.ordinal),
    }
}

impl Fault {
    /// Whether waiting may mend it. A log with brokers is made, mended and configured beside the services, which stand
    /// unready meanwhile and say why. An embedded log is held by the process itself: nobody can mend it before that ends.
    fn passes(&self) -> bool {
        match &self.fault {
            OpenFault::Log(error) => error.passes(),
            OpenFault::Charter(CharterError::Read(ReadError::Unavailable { .. }))
            | OpenFault::Node(StartError::Log(ReadError::Unavailable { .. })) => true,
            OpenFault::Charter(
                CharterError::Empty
                | CharterError::Unfinished { .. }
                | CharterError::OtherLog { .. }
                | CharterError::Genesis(_)
                | CharterError::Registry(_),
            )
            | OpenFault::Node(StartError::Partitions { .. } | StartError::Copies(_)) => self.on_brokers,
            OpenFault::Charter(
                CharterError::Read(_)
                // These come of making a log, which a service never does.
                | CharterError::OtherGenesis
                | CharterError::Gaps { .. }
                | CharterError::Append(_)
                | CharterError::Key(_)
                | CharterError::Unwritten(_)
                | CharterError::Training(_),
            )
            | OpenFault::Node(StartError::Log(_) | StartError::Store(_) | StartError::Stopped)
            | OpenFault::Key(_)
            | OpenFault::NoLog(_) => false,
        }
    }

    /// The fault for whoever started the service: a log that is missing is named by its place.
    fn named(self, config: &Config) -> OpenFault {
        let missing = matches!(
            self.fault,
            OpenFault::Log(OpenLogError::Embedded(OpenError::Missing { .. }))
                | OpenFault::Charter(CharterError::Empty)
        );
        if missing { OpenFault::NoLog(config.log.clone()) } else { self.fault }
    }

    /// What is in the way and what mends it, for whoever asks why the service is not ready.
    fn told(&self) -> String {
        let what = with_causes(&self.fault);
        let mend = match &self.fault {
            OpenFault::Charter(CharterError::Empty | CharterError::Unfinished { .. }) => {
                "make the log's genesis with `lienthong registry init`, or wait until whoever makes it has ended"
            }
            OpenFault::Charter(CharterError::OtherLog { .. }) => {
                "set log and log_id to the log that this service belongs to"
            }
            OpenFault::Charter(CharterError::Genesis(_) | CharterError::Registry(_)) => {
                "look whether the topics are those of the log, and whether this release knows its rules"
            }
            OpenFault::Node(StartError::Partitions { .. }) => {
                "name the log's own topics; a topic's number of partitions is never changed"
            }
            OpenFault::Node(StartError::Copies(_)) => {
                "raise the topics' replication factor and min.insync.replicas"
            }
            OpenFault::Charter(_)
            | OpenFault::Node(_)
            | OpenFault::Log(_)
            | OpenFault::Key(_)
            | OpenFault::NoLog(_) => return what,
        };
        format!("{what} (to mend it: {mend})")
    }
}

#[cfg(test)]
mod tests;
