//! `registry`: who takes part in a log, by which rules.

mod calendar;
mod import;
mod init;
mod nodes;
mod publication;
mod show;
mod verify;

use clap::Subcommand;

use crate::Output;
use crate::exit::Failure;

pub(super) use publication::At;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a log: its topics where it is on Kafka, its genesis, and the keys
    ///
    /// The genesis names the agencies and nodes with their keys, the procedure packs, calendar and rates; its hash is the
    /// log's id, which every service can be told to insist on (`log_id`). Keys that are not in the folder yet are made
    /// there, encrypted where LIENTHONG_KEY_PASSPHRASE_FILE or LIENTHONG_KEY_PASSPHRASE gives a passphrase; `authority.key` and
    /// the recovery keys belong offline afterwards.
    ///
    /// Run again after it was interrupted, with the same keys, it finishes what it began. A log that is whole is left as
    /// it is, and refused.
    #[command(after_help = "Examples:\n  \
        lienthong registry init --log kafka://kafka-1:9092,kafka-2:9092/lienthong --dir /etc/lienthong\n  \
        lienthong registry init --training --log kafka://localhost:9092/course")]
    Init(init::Init),
    /// Publishes the agencies of a table (CSV) that are not in the registry, or are there otherwise
    ///
    /// Columns, in any order: id, name, level (commune, district, province, central), code_qd20, code_qcvn102, roles (with
    /// spaces between), parent, province, commune, from, to, hours, node. The first three must be there. A row of an agency
    /// that is there already changes it from the day `from` on; what held before keeps its days. Where `node` names a
    /// node, that node seals for the agency from then on and its key is made in the folder; where nothing does, the agency
    /// is known by its codes and names, and dossiers cannot be put before it.
    ///
    /// A merger, a split or the end of an agency is a table of successions: predecessor, successor, communes (codes with
    /// spaces between; none for everywhere), effective, legal_basis. From that day on the successor has its predecessor's
    /// rights; running services put it on record in each open dossier by one event, without moving a clock, and history keeps
    /// the old name. An agency that is no more (`to`) and was succeeded leaves no commune without a successor. A new name is
    /// no succession: it is a row of the first table.
    ///
    /// All or nothing: a table with a fault changes nothing, and every fault is told with its line. Run again, it
    /// publishes what is missing, which is mostly nothing.
    #[command(after_help = "Examples:\n  \
        lienthong registry import agencies.csv --log kafka://kafka-1:9092/lienthong --dir /etc/lienthong\n  \
        lienthong registry import agencies.csv --log embedded:lienthong-data   # its services stopped\n  \
        lienthong registry import agencies.csv --successions successions.csv --log kafka://kafka-1:9092/lienthong")]
    Import(import::Import),
    /// Publishes a calendar: days off and make-up Saturdays, for what is received from a day on, and for what is open then
    ///
    /// The table has the columns date, kind (off, makeup), status (official, provisional) and name, and covers whole years. The
    /// working time that remains to each open due date runs by the new calendar from then on; running services put that on
    /// record in each open dossier by one event. What is over keeps its dates.
    #[command(after_help = "Example:\n  \
        lienthong registry calendar calendar-2027.csv --version vn-2027 --from 2026-12-01 --log kafka://kafka-1:9092/lienthong")]
    Calendar(calendar::Calendar),
    /// Shows what a registry says: the log, its revisions, nodes and packs, or one agency
    #[command(after_help = "Examples:\n  \
        lienthong registry show --log embedded:lienthong-data\n  \
        lienthong registry show --log embedded:lienthong-data --agency H56.201 --on 2025-06-30")]
    Show(show::Show),
    /// Checks the registry's chain from its genesis: signatures, predecessors, contents; exits 3 where something does not
    /// count
    Verify(verify::Verify),
    /// Gives a node another key; the old one seals nothing from the fence of the revision on
    ///
    /// The new key is made in the folder, where the running service finds it; nothing is stopped.
    Rotate(nodes::Rotate),
    /// Takes a node its agencies: its key seals nothing from the fence of the revision on
    Revoke(nodes::Revoke),
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Init(init) => init::run(init, output),
        Command::Import(import) => import::run(import, output),
        Command::Calendar(calendar) => calendar::run(calendar, output),
        Command::Show(show) => show::run(show, output),
        Command::Verify(verify) => verify::run(verify, output),
        Command::Rotate(rotate) => nodes::rotate(rotate, output),
        Command::Revoke(revoke) => nodes::revoke(revoke, output),
    }
}
