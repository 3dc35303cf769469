//! `bench`: what the bus does on this machine.

use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use lienthong_node::{LogUrl, telemetry};
use serde_json::Value;

use super::block_on;
use crate::bench::{self, BenchError, Load, Place, Watcher};
use crate::exit::{Failure, with_causes};
use crate::{Format, Output};

/// Clients at once at most: as many commands as a node takes at once.
const CLIENTS_MAX: i64 = 1_024;
/// Runs at most.
const RUNS_MAX: i64 = 100;
/// Dossiers of one run at most.
const DOSSIERS_MAX: u64 = 100_000_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Receptions and commands on open dossiers: how many a second, and how long each takes
    Commands(Measure),
    /// A log verified from its raw records alone, every seal and every rule
    Replay(Measure),
    /// A service's store, built again from the log
    Rebuild(Measure),
    /// Hand-offs between agencies, and whole journeys through all of them
    Journey(Measure),
}

#[derive(Debug, Args)]
pub(crate) struct Measure {
    /// A training log, made where there is none: embedded:DIR or kafka://HOST:PORT/PREFIX. `replay` and `rebuild` measure any
    /// log that is there, and write nothing to it [default: a folder that is removed at the end]
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// Clients at once, each at a connection of its own, each waiting for its answer before it asks again
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    clients: u32,
    /// Dossiers of a run
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=DOSSIERS_MAX))]
    dossiers: u64,
    /// Commands on each dossier after its reception, where a run has any
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    commands: u32,
    /// Runs, of which each figure is the median; one before them warms up
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=RUNS_MAX))]
    runs: u32,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    let (Command::Commands(measure)
    | Command::Replay(measure)
    | Command::Rebuild(measure)
    | Command::Journey(measure)) = command;
    telemetry::start(&measure.log_filter);
    let place = Place::new(measure.log.as_ref()).map_err(failure)?;
    let load =
        Load { clients: measure.clients as usize, dossiers: measure.dossiers, commands: measure.commands };
    let spinner = Spinner::new();
    let watcher: &dyn Watcher = &spinner;
    let figures = block_on(async {
        let measured = match command {
            Command::Commands(_) => told(bench::commands(&place, load, measure.runs, watcher).await),
            Command::Replay(_) => told(bench::replay(&place, load, measure.runs, watcher).await),
            Command::Rebuild(_) => told(bench::rebuild(&place, load, measure.runs, watcher).await),
            Command::Journey(_) => told(bench::journey(&place, load, measure.runs, watcher).await),
        };
        measured.map_err(failure)?.map_err(|error| Failure::defect(&error))
    });
    spinner.0.finish_and_clear();
    show(&figures?, output);
    Ok(())
}

type Told = Result<serde_json::Result<Value>, BenchError>;

fn told(figures: Result<impl serde::Serialize, BenchError>) -> Told {
    figures.map(serde_json::to_value)
}

fn show(figures: &Value, output: &mut Output<'_>) {
    if output.format() == Format::Json {
        return output.json(figures);
    }
    for (figure, value) in figures.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        output.text(&format!("{figure:<24} {value:>12}"));
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
        BenchError::Connect(_)
        | BenchError::Call { .. }
        | BenchError::Ended
        | BenchError::Client(_)
        | BenchError::Folder(_)
        | BenchError::Bare(_)
        | BenchError::Read(_)
        | BenchError::Audit(_)
        | BenchError::Store(_)
        | BenchError::Story(_)
        | BenchError::Shipped(_) => Failure::refused(with_causes(&error), help),
    }
}
