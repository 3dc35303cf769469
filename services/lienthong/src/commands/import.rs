//! `import`: history from another system, one record each.
//!
//! ```text
//! FILE --Xes, Sync--> records --> ImportHistoryRequest --send, many at once--> Receipt, or a fault with its line
//! ```
//!
//! A repeated import is an answer, not an error, so a file may be sent again whole after whatever went wrong.

mod case;
mod report;
mod send;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use futures::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};
use lienthong_dossier::{Line, OfficerId, SourceName};
use lienthong_registry::AgencyId;
use lienthong_registry::training::IMPORT_OFFICE;
use lienthong_wire::pb::history::v1::ImportHistoryRequest;
use lienthong_wire::pb::reporting::v1::{GetIi06Request, Rows, Scope};
use tonic::Status;

use crate::Output;
use crate::connection::{Connection, Empty, Reach, call};
use crate::exit::{Failure, with_causes};
use crate::sync::{Dialect, Sync, SyncFault};
use crate::xes::{Fault, Xes, XesFault};

use case::Importer;
use report::{Report, Unknown};
use send::Sent;

/// Records under way at once: those that come together share a commit of the log.
const IN_FLIGHT_MAX: usize = 64;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Brings in a process-mining log; exits 1 where a case was not taken, and may be repeated
    ///
    /// Activities keep their times with the source's offset. Whatever else the file says lies encrypted.
    Xes(ImportFile),
    /// Brings in national sync records, JSON Lines; exits 1 where a record was not taken, and may be repeated
    ///
    /// A line is a dossier (DongBoHoSoMC), a row of progress (CapNhatTienDoHoSoMC), a list of them, or the body of a call
    /// that has them as data. Codes, times and amounts are in clear, all else lies encrypted. Agencies and procedures that
    /// the registry does not know keep the code that the source gives, and are listed at the end.
    Sync(ImportSync),
}

#[derive(Debug, Args)]
pub(crate) struct ImportFile {
    /// The file, gzipped or not
    file: PathBuf,
    /// What the source is called [default: the file's name without its ending]
    #[arg(long, value_name = "NAME", value_parser = SourceName::parse)]
    source: Option<SourceName>,
    /// The agency that imports
    #[arg(long, value_name = "AGENCY", default_value = IMPORT_OFFICE, value_parser = AgencyId::parse)]
    agency: AgencyId,
    /// Id of the officer who imports
    #[arg(long, value_name = "ID", default_value = "lienthong", value_parser = OfficerId::parse)]
    officer: OfficerId,
    /// Name of the officer
    #[arg(long, value_name = "NAME", default_value = "Lệnh lienthong", value_parser = Line::parse)]
    officer_name: Line,
    /// Title of the officer
    #[arg(long, value_name = "TITLE", default_value = "Công cụ nhập lịch sử", value_parser = Line::parse)]
    officer_role: Line,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Args)]
pub(crate) struct ImportSync {
    #[command(flatten)]
    file: ImportFile,
    /// Whose codes the records have
    #[arg(long, value_enum, default_value_t, value_name = "NAME")]
    dialect: Dialect,
}

/// A record of a file, or why it is none.
struct Read {
    line: u64,
    notes: Vec<String>,
    unknown: BTreeSet<String>,
    /// No reading on behind it: then it is no fault of a record.
    ends: bool,
    request: Result<ImportHistoryRequest, String>,
}

impl Read {
    fn fault(line: u64, fault: String, ends: bool) -> Self {
        Self { line, notes: Vec::new(), unknown: BTreeSet::new(), ends, request: Err(fault) }
    }
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    super::block_on(import(command, output))
}

async fn import(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    let (asked, endings) = match command {
        Command::Xes(asked) => (asked, &[".xes"][..]),
        Command::Sync(asked) => (&asked.file, &[".jsonl", ".json"][..]),
    };
    let importer = Importer {
        source: source(asked, endings)?,
        agency: asked.agency.clone(),
        officer: asked.officer.clone(),
        name: asked.officer_name.clone(),
        role: asked.officer_role.clone(),
    };
    let bar = ProgressBar::new(0);
    let records = records(command, &asked.file, &importer, &bar)?;
    let connection = Connection::open(&asked.reach, Empty::Found, output).await?;
    let (mut report, mut halt) = send_all(records, &connection, &bar, output).await;
    bar.finish_and_clear();
    if halt.is_none() && matches!(command, Command::Sync(_)) {
        halt = list_unknown(&connection, &mut report).await.err().map(Box::new);
    }
    let halt = halt.map(|status| connection.refusal(&status));
    connection.close().await;
    report.tell(output);
    match halt {
        Some(failure) => Err(failure),
        None if report.faults() == 0 => Ok(()),
        None => Err(Failure::refused(
            format!("records not taken: {} of {}; faults: {}", report.refused, report.read, report.faults()),
            "mend each line that is named and import the file again; what was taken is not doubled",
        )),
    }
}

/// The records of a file as commands.
fn records<'a>(
    command: &'a Command,
    path: &Path,
    importer: &'a Importer,
    bar: &ProgressBar,
) -> Result<Box<dyn Iterator<Item = Read> + 'a>, Failure> {
    let unreadable = |error| unreadable(path, &error);
    let file = open(path, bar)?;
    Ok(match command {
        Command::Xes(_) => {
            let cases = Xes::read(file).map_err(unreadable)?;
            Box::new(cases.map(|case| match case {
                Ok(trace) => Read {
                    line: trace.line,
                    notes: Vec::new(),
                    unknown: BTreeSet::new(),
                    ends: false,
                    request: Ok(importer.request(&trace)),
                },
                Err(XesFault { line, fault }) => Read::fault(line, fault.to_string(), fault.ends_reading()),
            }))
        }
        Command::Sync(asked) => {
            let records = Sync::read(file, asked.dialect).map_err(unreadable)?;
            Box::new(records.map(|record| match record {
                Ok(item) => Read {
                    line: item.line,
                    notes: item.notes.iter().map(ToString::to_string).collect(),
                    unknown: item.unknown,
                    ends: false,
                    request: Ok(importer.by(item.request)),
                },
                Err(SyncFault { line, fault }) => {
                    Read::fault(line, with_causes(&fault), fault.ends_reading())
                }
            }))
        }
    })
}

/// Sends every record. The status is why no further one was sent; those under way are waited for, so that the report holds.
async fn send_all(
    records: Box<dyn Iterator<Item = Read> + '_>,
    connection: &Connection,
    bar: &ProgressBar,
    output: &mut Output<'_>,
) -> (Report, Option<Box<Status>>) {
    let bulk = connection.bulk();
    let halt = RefCell::new(None);
    let records = records.take_while(|_| halt.borrow().is_none());
    let sent = stream::iter(records).map(async |mut read| {
        let request = std::mem::replace(&mut read.request, Err(String::new()));
        let activities = request.as_ref().map_or(0, |request| request.activities.len() as u64);
        let sent = match request {
            Ok(request) => send::send(&bulk, &request).await,
            Err(fault) => Sent::Refused(fault),
        };
        (read, activities, sent)
    });
    let mut sent = std::pin::pin!(sent.buffer_unordered(IN_FLIGHT_MAX));
    let mut report = Report::default();
    while let Some((read, activities, outcome)) = sent.next().await {
        match outcome {
            Sent::Halted(status) => {
                halt.borrow_mut().get_or_insert(status);
            }
            Sent::Taken { .. } | Sent::Refused(_) => {
                report.count(read, activities, outcome, |line| bar.suspend(|| output.note(line)));
            }
        }
        bar.set_message(format!("{} hồ sơ", report.read));
    }
    report.sort();
    (report, halt.take())
}

/// What the registry does not know, of all that was ever imported.
async fn list_unknown(connection: &Connection, report: &mut Report) -> Result<(), Status> {
    let scope = Scope { from: "1900-01-01".to_owned(), to: "9999-12-31".to_owned(), ..Scope::default() };
    let ask = async |rows: Rows| {
        let request = GetIi06Request { scope: Some(scope.clone()), rows: rows.into() };
        let answer = connection.reporting().get_ii06(call(request)).await?.into_inner();
        let unknown = answer.rows.into_iter().filter(|row| row.unknown);
        Ok::<Vec<_>, Status>(unknown.map(|row| Unknown { code: row.code, name: row.name }).collect())
    };
    report.unknown_agencies = ask(Rows::Agency).await?;
    report.unknown_procedures = ask(Rows::Procedure).await?;
    Ok(())
}

/// The file, whose bytes are counted by the bar while they are read.
fn open(path: &Path, bar: &ProgressBar) -> Result<ProgressBarIter<File>, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    bar.set_length(file.metadata().map(|metadata| metadata.len()).unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  còn {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    Ok(bar.wrap_read(file))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::unreadable(path, error, "a file")
}

/// What the source is called: as told, or the file's name without what tells its format.
fn source(asked: &ImportFile, endings: &[&str]) -> Result<SourceName, Failure> {
    if let Some(source) = &asked.source {
        return Ok(source.clone());
    }
    let name = asked.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    SourceName::parse(stem).map_err(|fault| {
        Failure::usage(
            format!("the file's name is no name of a source: it {fault}"),
            "name the source with --source",
        )
    })
}

impl Fault {
    /// Whether there is no reading on behind it: it is then no fault of a case.
    const fn ends_reading(&self) -> bool {
        match self {
            Self::Unreadable { .. }
            | Self::Xml { .. }
            | Self::Encoding { .. }
            | Self::Unclosed
            | Self::NotXes
            | Self::OutsideLog
            | Self::TooDeep
            | Self::MarkupTooLong => true,
            Self::EventOutsideTrace
            | Self::NamelessTrace
            | Self::NamelessEvent
            | Self::NoTimestamp
            | Self::Timestamp { .. }
            | Self::Repeated { .. }
            | Self::NoKey { .. }
            | Self::NoValue { .. }
            | Self::Character { .. }
            | Self::Stray { .. }
            | Self::Text
            | Self::AttributeTooLong { .. }
            | Self::TooManyEvents
            | Self::TooManyAttributes
            | Self::TraceTooLong => false,
        }
    }
}
