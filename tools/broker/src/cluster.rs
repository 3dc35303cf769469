//! A cluster of one broker or three.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use crate::broker::{self, Broker};
use crate::config::{self, PORTS, Ports};
use crate::files::{failed, make_folder, write};
use crate::java::{Java, LOG_TO_FILE, LOG_TO_STDERR, Logging};
use crate::process::Watchdog;
use crate::tls::Certificates;
use crate::{BrokerError, Options, ports};

/// How often a cluster is started with other ports when another process has taken one of them.
const START_TRIES_MAX: u32 = 5;

/// Memory of a broker, and of one of Kafka's tools.
const BROKER_HEAP_MIB: u16 = 256;
const TOOL_HEAP_MIB: u16 = 256;

/// Brokers that run until this is dropped, or the process that has it is gone.
///
/// They are counted from 0. Every method blocks until what it is for is done; none needs the cluster for itself.
pub struct Cluster {
    // Dropped first: the watchdog may then remove their folders.
    brokers: Vec<Broker>,
    dir: PathBuf,
    bootstrap: String,
    java: Java,
    tool_log: Logging,
    ca_file: Option<PathBuf>,
    client_properties: PathBuf,
}

impl Cluster {
    /// Starts the brokers. On return, each is in service and knows the others to be.
    ///
    /// # Errors
    /// Kafka has not been fetched, a broker does not start, or `options` make no cluster.
    #[expect(clippy::needless_pass_by_value, reason = "reads best with options made in the call")]
    pub fn start(options: Options) -> Result<Self, BrokerError> {
        options.check()?;
        let mut tries = 1;
        loop {
            match Self::try_start(&options) {
                Err(error) if error.is_port_clash() && tries < START_TRIES_MAX => tries += 1,
                started => return started,
            }
        }
    }

    fn try_start(options: &Options) -> Result<Self, BrokerError> {
        let java = Java::find()?;
        let count = usize::from(options.brokers);
        let (dir, watchdog) = make_dir(options)?;
        let certificates = options.tls.then(|| Certificates::make(&dir)).transpose()?;
        let log = Logging { configuration: dir.join("broker-log4j2.properties") };
        let tool_log = Logging { configuration: dir.join("tool-log4j2.properties") };
        let client_properties = dir.join("client.properties");
        write(&log.configuration, LOG_TO_FILE)?;
        write(&tool_log.configuration, LOG_TO_STDERR)?;
        write(&client_properties, &config::client(options, certificates.as_ref()))?;

        let free = ports::free(PORTS * count, options.port)?;
        let ports: Vec<_> = (0..count)
            .map(|index| Ports {
                // The first one is the one that may have been asked for.
                clients: free[index],
                internal: free[count + index],
                controller: free[2 * count + index],
            })
            .collect();
        let mut brokers = Vec::new();
        for (index, own) in ports.iter().enumerate() {
            let folder = broker::folder(&dir, index);
            make_folder(&folder)?;
            let properties = folder.join("server.properties");
            write(&properties, &config::server(options, index, &ports, &folder, certificates.as_ref()))?;
            let mut command = java.command("kafka.Kafka", BROKER_HEAP_MIB, &log, &folder);
            command.arg(properties);
            brokers.push(Broker::new(index, folder, *own, command, &watchdog));
        }
        let bootstrap: Vec<_> = ports.iter().map(|own| format!("127.0.0.1:{}", own.clients)).collect();
        let cluster = Self {
            brokers,
            dir,
            bootstrap: bootstrap.join(","),
            java,
            tool_log,
            ca_file: certificates.map(|certificates| certificates.ca_file),
            client_properties,
        };
        cluster.format(options, &log)?;
        cluster.run()?;
        Ok(cluster)
    }

    /// Formats what is not formatted.
    fn format(&self, options: &Options, log: &Logging) -> Result<(), BrokerError> {
        let id = cluster_id();
        let command = |index| {
            let folder = broker::folder(&self.dir, index);
            let mut command = self.java.command("kafka.tools.StorageTool", TOOL_HEAP_MIB, log, &folder);
            command.args(["format", "-t", &id, "-c"]).arg(folder.join("server.properties"));
            if let Some((user, password)) = &options.scram {
                command.arg("--add-scram").arg(format!("SCRAM-SHA-512=[name={user},password={password}]"));
            }
            command
        };
        let brokers: Vec<_> =
            self.brokers.iter().enumerate().map(|(index, broker)| (broker, command(index))).collect();
        Broker::format(&brokers)
    }

    fn run(&self) -> Result<(), BrokerError> {
        self.brokers.iter().try_for_each(Broker::start)?;
        self.brokers.iter().try_for_each(|broker| broker.wait_ready(self.brokers.len()))
    }

    /// Where clients find it: `127.0.0.1:PORT`, for each broker, with commas between.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// How many brokers it has, running or not.
    #[must_use]
    pub fn brokers(&self) -> usize {
        self.brokers.len()
    }

    /// Its folder: `broker-0` and so on, each with `broker.log` (warnings and errors), `output.log` and `data`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The certificate of the authority that clients must trust, as PEM; none without TLS.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// A properties file by which Kafka's tools get in, as in `--command-config`.
    #[must_use]
    pub fn client_properties(&self) -> &Path {
        &self.client_properties
    }

    /// One of Kafka's tools by its class, such as `org.apache.kafka.tools.TopicCommand`, ready to be run.
    pub fn tool<I>(&self, main_class: &str, args: I) -> Command
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let mut command = self.java.command(main_class, TOOL_HEAP_MIB, &self.tool_log, &self.dir);
        command.args(args);
        command
    }

    /// Ends a broker with SIGKILL; it is gone on return. No change to one that does not run.
    ///
    /// # Errors
    /// There is no such broker.
    pub fn kill(&self, broker: usize) -> Result<(), BrokerError> {
        self.broker(broker)?.kill();
        Ok(())
    }

    /// Ends a broker with SIGKILL if it runs, and starts it with the same folder and ports. It is in service on return,
    /// which takes a majority of the brokers.
    ///
    /// # Errors
    /// There is no such broker, or it does not come back.
    pub fn restart(&self, broker: usize) -> Result<(), BrokerError> {
        self.kill(broker)?;
        self.start_again(broker)?;
        self.wait_ready(broker)
    }

    /// Starts a broker, if it does not run, and does not wait until it is in service.
    ///
    /// # Errors
    /// There is no such broker, or its program cannot be run.
    pub fn start_again(&self, broker: usize) -> Result<(), BrokerError> {
        self.broker(broker)?.start()
    }

    /// Waits until a broker is in service.
    ///
    /// # Errors
    /// There is no such broker, it does not run, has ended or takes too long.
    pub fn wait_ready(&self, broker: usize) -> Result<(), BrokerError> {
        self.broker(broker)?.wait_ready(1)
    }

    /// Waits until every replica of every topic is in sync, by what each broker knows. All must run, and none be
    /// paused: a broker that is in service again has yet to catch up, and until then another one may not be missed.
    ///
    /// # Errors
    /// A broker does not run, has ended or takes too long.
    pub fn wait_in_sync(&self) -> Result<(), BrokerError> {
        self.brokers.iter().try_for_each(|broker| broker.wait_until(|known| known.in_sync))
    }

    /// Whether the process of a broker is there, paused or not.
    #[must_use]
    pub fn is_running(&self, broker: usize) -> bool {
        self.brokers.get(broker).is_some_and(Broker::is_running)
    }

    /// Lets a broker stand still (SIGSTOP): its connections stay open, and nothing answers.
    ///
    /// # Errors
    /// There is no such broker, or it does not run.
    pub fn pause(&self, broker: usize) -> Result<(), BrokerError> {
        self.broker(broker)?.signal("STOP")
    }

    /// Lets a paused broker go on.
    ///
    /// # Errors
    /// There is no such broker, or it does not run.
    pub fn resume(&self, broker: usize) -> Result<(), BrokerError> {
        self.broker(broker)?.signal("CONT")
    }

    /// Ends all brokers and removes the folder, unless it is to be kept. Dropping it does the same.
    pub fn stop(self) {
        drop(self);
    }

    fn broker(&self, broker: usize) -> Result<&Broker, BrokerError> {
        self.brokers.get(broker).ok_or(BrokerError::NoSuchBroker { broker })
    }
}

/// The folder of a cluster, with the watchdog that removes it unless it is to be kept.
fn make_dir(options: &Options) -> Result<(PathBuf, Arc<Watchdog>), BrokerError> {
    let Some(dir) = &options.dir else {
        let dir = TempDir::with_prefix("lienthong-kafka-").map_err(failed(&std::env::temp_dir()))?;
        let watchdog = Watchdog::start(Some(dir.path()))?;
        return Ok((dir.keep(), watchdog));
    };
    make_folder(dir)?;
    let dir = dir.canonicalize().map_err(failed(dir))?;
    let existing = broker::existing(&dir);
    if ![0, usize::from(options.brokers)].contains(&existing) {
        let reason = format!("the cluster in {} has {existing} brokers", dir.display());
        return Err(BrokerError::BadOptions { reason });
    }
    Ok((dir, Watchdog::start(None)?))
}

/// What Kafka takes for one: 16 bytes in base64, of which these are some.
fn cluster_id() -> String {
    format!("{:021x}A", ports::random())
}
