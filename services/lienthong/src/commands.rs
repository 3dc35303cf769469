//! The commands, one file per noun.

mod at;
mod audit;
mod bench;
mod calendar;
mod completions;
mod demo;
mod dossier;
mod ending;
mod export;
mod import;
mod keys;
mod log;
mod pack;
mod pki;
mod register;
mod registry;
mod report;
mod schema;
mod tax;
mod up;

use clap::Subcommand;
use jiff::civil::Date;
use lienthong_log_kafka::Security;
use lienthong_node::config::kafka_from_environment;
use lienthong_node::process;

use crate::{Output, exit::Failure};

/// What can be asked. Each noun has its verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows dossiers going through every agency on a training log, and checks the outcome
    Demo(demo::Demo),
    /// Runs every service in one process until SIGTERM
    Up(up::Up),
    /// Dossiers: what an agency may see of them
    #[command(subcommand)]
    Dossier(dossier::Command),
    /// Sổ theo dõi hồ sơ (Mẫu 07): what a desk received in a window, as JSON or PDF; it names applicants, so that is recorded
    /// first
    Register(register::Register),
    /// History from another system
    #[command(subcommand)]
    Import(import::Command),
    /// Records for other systems
    #[command(subcommand)]
    Export(export::Command),
    /// What heads of office answer for: II.06, shares, payments, indicators
    #[command(subcommand)]
    Report(report::Command),
    /// A log as a whole: backup, restore, migration
    #[command(subcommand)]
    Log(log::Command),
    /// A log judged from its raw records alone, trusting nobody
    #[command(subcommand)]
    Audit(audit::Command),
    /// Measures on this machine: over real gRPC, everything durable, sealed and checked
    #[command(subcommand)]
    Bench(bench::Command),
    /// The registry of a log: who takes part, by which rules
    #[command(subcommand)]
    Registry(registry::Command),
    /// The key files of a log on this machine
    #[command(subcommand)]
    Keys(keys::Command),
    /// Working days and due dates
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// What land and house transactions owe
    #[command(subcommand)]
    Tax(tax::Command),
    /// Procedure packs
    #[command(subcommand)]
    Pack(pack::Command),
    /// Certificates by which services and callers know each other
    #[command(subcommand)]
    Pki(pki::Command),
    /// Prints the schema of every record and call, with which any language decodes them
    Schema(schema::Schema),
    /// Prints completions for a shell, to be put where it looks for them
    Completions(completions::Completions),
}

/// Runs one command.
pub(crate) fn run(command: Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo::run(&demo, output),
        Command::Up(up) => up::run(&up, output),
        Command::Dossier(command) => dossier::run(&command, output),
        Command::Register(register) => register::run(&register, output),
        Command::Import(command) => import::run(&command, output),
        Command::Export(command) => export::run(&command, output),
        Command::Report(command) => report::run(&command, output),
        Command::Log(command) => log::run(&command, output),
        Command::Audit(command) => audit::run(&command, output),
        Command::Bench(command) => bench::run(&command, output),
        Command::Registry(command) => registry::run(&command, output),
        Command::Keys(command) => keys::run(&command, output),
        Command::Calendar(command) => calendar::run(&command, output),
        Command::Tax(command) => tax::run(command, output),
        Command::Pack(command) => pack::run(&command, output),
        Command::Pki(command) => pki::run(&command, output),
        Command::Schema(schema) => schema.run(output),
        Command::Completions(completions) => completions.run(output),
    }
}

/// Runs a command's asynchronous part.
fn block_on<T>(part: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    process::block_on(part).map_err(|error| Failure::defect(&error))?
}

/// Who this command is to the brokers, by the environment.
fn security() -> Result<Security, Failure> {
    let security = kafka_from_environment();
    security.map_err(|error| Failure::config(error, "mend the environment variable it names"))
}

/// Reads a day of the command line. The date library takes more forms than the one that is promised.
fn day(text: &str) -> Result<Date, String> {
    let date = text.parse().ok().filter(|date: &Date| date.to_string() == text);
    date.ok_or_else(|| "not a date such as 2026-11-24".to_owned())
}
