//! `bench`: what the bus does on this machine.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use lienthong_node::{BATCH_MAX, LogUrl, telemetry};
use serde_json::Value;

use super::block_on;
use super::ending::told_to_end;
use crate::bench::{self, Apart, BenchError, Growth, History, Load, Place, Watcher};
use crate::exit::{Failure, with_causes};
use crate::{Format, Output};

/// Clients at once at most: as many commands as a node takes at once.
const CLIENTS_MAX: i64 = 1_024;
/// Commands a second that begin on time at most.
const RATE_MAX: i64 = 1_000_000;
/// Runs at most.
const RUNS_MAX: i64 = 100;
/// Dossiers of one run at most.
const DOSSIERS_MAX: u64 = 100_000_000;
/// Commands on one dossier at most.
const COMMANDS_MAX: i64 = 1_000;
/// Events of a log that grows, at most.
const EVENTS_MAX: u64 = 1_000_000_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Receptions and commands on open dossiers: how many a second, and how long each takes
    Commands(Measure),
    /// A log verified from its raw records alone, every seal and every rule
    #[command(after_help = "Examples:\n  \
        lienthong bench replay --dossiers 100000                       # 1,000,000 records, 64 under a signature\n  \
        lienthong bench replay --dossiers 100000 --signed-together 1   # each under a signature of its own")]
    Replay(Measure),
    /// A service's store, built again from the log, and what is answered from it: reads, searches, the report of the year
    #[command(after_help = "Examples:\n  \
        lienthong bench rebuild --dossiers 1000000 --commands 9 --runs 1   # a node with 1,000,000 open dossiers")]
    Rebuild(Measure),
    /// Hand-offs between agencies, and whole journeys through all of them
    Journey(Measure),
    /// What the same work costs as a log grows: verification, rebuilding, the report of the year, searches
    #[command(after_help = "Examples:\n  \
        lienthong bench growth --events 10000,100000,1000000 --picture growth.svg")]
    Growth(Grow),
}

#[derive(Debug, Args)]
pub(crate) struct Measure {
    /// A training log, made where there is none: embedded:DIR or kafka://HOST:PORT/PREFIX. `replay` and `rebuild` measure any
    /// log that is there, and write nothing to it; where there is none they write a history first [default: a folder that is
    /// removed at the end]
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// Clients at once, each at a connection of its own, each waiting for its answer before it asks again
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    clients: u32,
    /// Dossiers of a run
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=DOSSIERS_MAX))]
    dossiers: u64,
    /// Commands on each dossier after its reception, where a run has any
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=COMMANDS_MAX))]
    commands: u32,
    /// Have `commands` measure besides what this many a second take that begin on time, however long answers take (open loop)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=RATE_MAX))]
    rate: Option<u32>,
    #[command(flatten)]
    written: Written,
    /// Runs, of which each figure is the median; one before them warms up
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=RUNS_MAX))]
    runs: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Grow {
    /// Where the log is made, which must not be there yet: embedded:DIR or kafka://HOST:PORT/PREFIX [default: a folder that is
    /// removed at the end]
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// Events in the log each time it is measured
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',', default_value = "10000,100000,1000000", value_parser = clap::value_parser!(u64).range(1..=EVENTS_MAX))]
    events: Vec<u64>,
    /// Dossiers open at once: a log grows by years, and what is open at one time does not
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=DOSSIERS_MAX))]
    open: u64,
    /// Draw what an event costs at each size into this file, as SVG
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Commands on each dossier after its reception
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=COMMANDS_MAX))]
    commands: u32,
    #[command(flatten)]
    written: Written,
    /// Runs at each size, of which each figure is the median
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=RUNS_MAX))]
    runs: u32,
}

/// How a log is written and looked at.
#[derive(Debug, Args)]
struct Written {
    /// Records under one signature, where `replay`, `rebuild` or `growth` writes a log
    #[arg(long, value_name = "N", default_value_t = BATCH_MAX, value_parser = signed_together)]
    signed_together: usize,
    /// Leave out the run of a verification that warms up, for a log that takes minutes
    #[arg(long)]
    cold: bool,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    let (log, written) = match command {
        Command::Commands(measure)
        | Command::Replay(measure)
        | Command::Rebuild(measure)
        | Command::Journey(measure) => (&measure.log, &measure.written),
        Command::Growth(grow) => (&grow.log, &grow.written),
    };
    telemetry::start(&written.log_filter);
    let place = Place::new(log.as_ref()).map_err(failure)?;
    let spinner = Spinner::new();
    let figures = block_on(async {
        let told_to_end = told_to_end()?;
        // Else what was written would be left behind: tens of GiB, of a log that grows.
        let measured = tokio::select! {
            measured = command.measure(&place, &spinner) => measured,
            () = told_to_end => Err(BenchError::Stopped),
        };
        measured.map_err(failure)?.map_err(|error| Failure::defect(&error))
    });
    spinner.0.finish_and_clear();
    let (figures, picture) = figures?;
    show(&figures, output);
    if let (Command::Growth(Grow { picture: Some(file), .. }), Some(picture)) = (command, picture) {
        fs::write(file, picture).map_err(|error| Failure::unwritable(file, &error))?;
    }
    Ok(())
}

/// Figures, and a picture of them where there is one.
type Told = Result<serde_json::Result<(Value, Option<String>)>, BenchError>;

fn told(figures: Result<impl serde::Serialize, BenchError>) -> Told {
    figures.map(|figures| serde_json::to_value(figures).map(|figures| (figures, None)))
}

impl Command {
    async fn measure(&self, place: &Place, watcher: &dyn Watcher) -> Told {
        match self {
            Self::Commands(measure) => {
                told(bench::commands(place, measure.load(), measure.rate, measure.runs, watcher).await)
            }
            Self::Journey(measure) => {
                told(bench::journey(place, measure.load(), measure.runs, watcher).await)
            }
            Self::Replay(measure) => match measure.fill(place, watcher).await? {
                Some(apart) => told(apart.measure::<Value>("replay").await),
                None => {
                    let (load, cold) = (measure.load(), measure.written.cold);
                    told(bench::replay(place, load, measure.runs, cold, watcher).await)
                }
            },
            Self::Rebuild(measure) => match measure.fill(place, watcher).await? {
                Some(apart) => told(apart.measure::<Value>("rebuild").await),
                None => told(bench::rebuild(place, measure.load(), measure.runs, watcher).await),
            },
            Self::Growth(grow) => {
                let rows = bench::growth(place, &grow.growth(place), watcher).await?;
                Ok(serde_json::to_value(&rows).map(|figures| (figures, Some(bench::picture(&rows)))))
            }
        }
    }
}

impl Measure {
    fn load(&self) -> Load {
        Load { clients: self.clients as usize, dossiers: self.dossiers, commands: self.commands }
    }

    /// Writes a log where there is none. Who measures it then is another process, which has not written it.
    async fn fill(&self, place: &Place, watcher: &dyn Watcher) -> Result<Option<Apart>, BenchError> {
        let history = History {
            dossiers: 0..self.dossiers,
            commands: self.commands,
            signed_together: self.written.signed_together,
        };
        if !place.fill(&history, watcher).await? {
            return Ok(None);
        }
        watcher.begins("measuring");
        let mut apart = self.written.apart(place, self.runs);
        apart.args.push(format!("--clients={}", self.clients));
        Ok(Some(apart))
    }
}

impl Grow {
    fn growth(&self, place: &Place) -> Growth {
        let mut sizes = self.events.clone();
        sizes.sort_unstable();
        sizes.dedup();
        Growth {
            sizes,
            open: self.open,
            commands: self.commands,
            signed_together: self.written.signed_together,
            apart: self.written.apart(place, self.runs),
        }
    }
}

impl Written {
    /// How another process measures what was written.
    fn apart(&self, place: &Place, runs: u32) -> Apart {
        let mut args = vec![format!("--runs={runs}"), format!("--log-filter={}", self.log_filter)];
        args.extend(self.cold.then(|| "--cold".to_owned()));
        Apart { log: place.url.clone(), args }
    }
}

/// How many records share a signature: as many as a node signs together at most.
fn signed_together(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=BATCH_MAX).contains(count));
    count.ok_or_else(|| format!("not a number from 1 to {BATCH_MAX}"))
}

/// Each figure on a line; of a log that grows, with a column for each size.
fn show(figures: &Value, output: &mut Output<'_>) {
    if output.format() == Format::Json {
        return output.json(figures);
    }
    let sizes = figures.as_array().map_or(std::slice::from_ref(figures), Vec::as_slice);
    for figure in sizes.first().and_then(Value::as_object).into_iter().flatten().map(|(figure, _)| figure) {
        let values = sizes.iter().map(|size| match size.get(figure) {
            Some(Value::String(value)) => format!(" {value:>12}"),
            value => format!(" {:>12}", value.unwrap_or(&Value::Null).to_string()),
        });
        output.text(&format!("{figure:<28}{}", values.collect::<String>()));
    }
}

/// Shows what is measured while it is.
struct Spinner(ProgressBar);

impl Spinner {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }
}

impl Watcher for Spinner {
    fn begins(&self, part: &str) {
        self.0.set_message(part.to_owned());
    }
}

fn failure(error: BenchError) -> Failure {
    let help = "see that the log is a training log that nothing else holds, and measure again";
    match error {
        BenchError::Province(error) => Failure::province(*error),
        BenchError::Faulty(_) => Failure::found(&error, "run `lienthong audit verify` on the log"),
        BenchError::Exists(_) => {
            Failure::refused(&error, "name a place where there is no log, or none at all")
        }
        BenchError::Stopped => Failure::refused(&error, "measure again: a folder of its own is removed"),
        BenchError::Connect(_)
        | BenchError::Call { .. }
        | BenchError::Ended
        | BenchError::Client(_)
        | BenchError::Folder(_)
        | BenchError::Bare(_)
        | BenchError::Read(_)
        | BenchError::Audit(_)
        | BenchError::History(_)
        | BenchError::Listen(_)
        | BenchError::Unstarted { .. }
        | BenchError::Apart { .. }
        | BenchError::Untold { .. }
        | BenchError::Store(_)
        | BenchError::Story(_)
        | BenchError::Shipped(_) => Failure::refused(with_causes(&error), help),
    }
}
