//! What is asked for, and the properties files that say it to Kafka.

use std::path::{Path, PathBuf};

use crate::BrokerError;
use crate::tls::Certificates;

/// A cluster to be started. By default it has one broker, without passwords and encryption.
#[derive(Clone, Debug)]
pub struct Options {
    /// 1, or 3: then a topic has three replicas, two of which must have a record before it is acknowledged.
    pub brokers: u16,
    /// User and password, when clients must log in by SCRAM-SHA-512. A user's password is stored when a folder is
    /// formatted, so a reused one keeps the old one.
    pub scram: Option<(String, String)>,
    /// Whether clients must use TLS. The authority is made anew: see [`Cluster::ca_file`](crate::Cluster::ca_file).
    pub tls: bool,
    /// Further properties for `server.properties` of every broker; they count more than ours.
    pub extra: Vec<(String, String)>,
    /// Where to keep the brokers' folders. Without it, they are removed with the cluster. A folder that has them is
    /// reused, with the same number of brokers.
    pub dir: Option<PathBuf>,
    /// The port of the first broker; a free one if none.
    pub port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self { brokers: 1, scram: None, tls: false, extra: Vec::new(), dir: None, port: None }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), BrokerError> {
        let bad = |reason: &str| Err(BrokerError::BadOptions { reason: reason.to_owned() });
        let plain = |text: &str| {
            !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '-')
        };
        match &self.scram {
            _ if ![1, 3].contains(&self.brokers) => bad("it has 1 broker or 3"),
            // They stand in the languages of three configuration files and one command line.
            Some((user, password)) if !plain(user) || !plain(password) => {
                bad("user and password are letters, digits and dashes")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn protocol(&self) -> &'static str {
        match (self.scram.is_some(), self.tls) {
            (false, false) => "PLAINTEXT",
            (false, true) => "SSL",
            (true, false) => "SASL_PLAINTEXT",
            (true, true) => "SASL_SSL",
        }
    }
}

/// The ports of one broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// For clients, with whatever [`Options`] ask of them.
    pub(crate) clients: u16,
    /// For the brokers among each other, and for us.
    pub(crate) internal: u16,
    /// For the controllers' quorum.
    pub(crate) controller: u16,
}

/// How many ports one broker has.
pub(crate) const PORTS: usize = 3;

/// Kafka's own id of a broker; we count them from 0.
pub(crate) fn node_id(broker: usize) -> usize {
    broker + 1
}

/// `server.properties` of one broker, which is a controller, too.
///
/// The timeouts are shorter than Kafka's own, so that a broker that is gone or stands still is missed within seconds,
/// also as the controller that others wait for.
pub(crate) fn server(
    options: &Options,
    broker: usize,
    ports: &[Ports],
    folder: &Path,
    certificates: Option<&Certificates>,
) -> String {
    let own = ports[broker];
    let controllers = ports.iter().enumerate();
    let voters: Vec<_> = controllers
        .map(|(broker, ports)| format!("{}@127.0.0.1:{}", node_id(broker), ports.controller))
        .collect();
    let listeners = format!("CLIENTS://127.0.0.1:{},INTERNAL://127.0.0.1:{}", own.clients, own.internal);
    let replicas = options.brokers;
    // One of three may be gone; the only one may not.
    let in_sync = replicas.div_ceil(2);
    let mut text = format!(
        "\
process.roles=broker,controller
node.id={node}
log.dirs={data}
controller.quorum.voters={voters}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=CLIENTS:{protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
auto.create.topics.enable=false
num.partitions=1
default.replication.factor={replicas}
min.insync.replicas={in_sync}
unclean.leader.election.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=6000
controller.socket.timeout.ms=4000
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.backoff.ms=500
",
        node = node_id(broker),
        data = folder.join("data").display(),
        voters = voters.join(","),
        controller = own.controller,
        protocol = options.protocol(),
    );
    if options.scram.is_some() {
        text.push_str(
            "\
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
",
        );
    }
    if let Some(certificates) = certificates {
        let file = certificates.broker_file.display();
        text.push_str(&format!("ssl.keystore.type=PEM\nssl.keystore.location={file}\n"));
    }
    for (name, value) in &options.extra {
        text.push_str(&format!("{name}={value}\n"));
    }
    text
}

/// The properties by which Kafka's tools get in.
pub(crate) fn client(options: &Options, certificates: Option<&Certificates>) -> String {
    let mut text = format!("security.protocol={}\n", options.protocol());
    if let Some((user, password)) = &options.scram {
        text.push_str(&format!(
            "\
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
username=\"{user}\" password=\"{password}\";
"
        ));
    }
    if let Some(certificates) = certificates {
        let file = certificates.ca_file.display();
        text.push_str(&format!("ssl.truststore.type=PEM\nssl.truststore.location={file}\n"));
    }
    text
}
