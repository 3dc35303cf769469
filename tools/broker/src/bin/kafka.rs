//! A Kafka broker, or three, for a developer: `make kafka`.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use lienthong_broker::{BrokerError, Cluster, LIENTHONG_KAFKA, Options};

/// Where clients look when nobody tells them otherwise.
const USUAL_PORT: u16 = 9092;

/// How often a look is taken whether the brokers still run.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Runs a Kafka broker until Ctrl-C.
///
/// Its address goes to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(name = "kafka", version)]
struct Cli {
    /// How many brokers: 1 or 3
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    brokers: u16,

    /// Port of the first broker [default: 9092, or a free one if that is taken]
    #[arg(long)]
    port: Option<u16>,

    /// Where to keep the data, and find that of last time [default: a temporary folder]
    #[arg(long)]
    dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    let error = match start(&Cli::parse()) {
        Ok(cluster) => match announce(&cluster) {
            Ok(()) => watch(&cluster),
            Err(error) => error.to_string(),
        },
        Err(error) => with_causes(&error),
    };
    // Nowhere to say that stderr is closed.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}

fn start(cli: &Cli) -> Result<Cluster, BrokerError> {
    let wanted = cli.port;
    let options = |port| Options { brokers: cli.brokers, port, dir: cli.dir.clone(), ..Options::default() };
    match Cluster::start(options(wanted.or(Some(USUAL_PORT)))) {
        Err(BrokerError::PortTaken { .. }) if wanted.is_none() => Cluster::start(options(None)),
        started => started,
    }
}

fn announce(cluster: &Cluster) -> io::Result<()> {
    let address = cluster.bootstrap();
    writeln!(io::stdout(), "{address}")?;
    writeln!(
        io::stderr(),
        "\
Kafka runs in {dir} until Ctrl-C. In another terminal:
  lienthong demo --log kafka://{address}/lienthong
  export {LIENTHONG_KAFKA}={address}   # for tests, instead of brokers of their own",
        dir = cluster.dir().display(),
    )
}

/// Ctrl-C and SIGTERM end us, and then the watchdog does the rest; this returns only when a broker has ended.
fn watch(cluster: &Cluster) -> String {
    loop {
        if let Some(ended) = (0..cluster.brokers()).find(|broker| !cluster.is_running(*broker)) {
            return format!("broker {ended} has ended; its log was in {}", cluster.dir().display());
        }
        thread::sleep(WATCH_INTERVAL);
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
