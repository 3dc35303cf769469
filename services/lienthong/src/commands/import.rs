//! `import`: history from another system, one record each.
//!
//! ```text
//! FILE --Xes--> Trace --case--> ImportHistoryRequest --send, many at once--> Receipt, or a fault with its line
//! ```
//!
//! A repeated import is an answer, not an error, so a file may be sent again whole after whatever went wrong.

mod case;
mod send;

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use futures::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use lienthong_dossier::{Line, OfficerId, SourceName};
use lienthong_registry::AgencyId;
use lienthong_registry::training::IMPORT_OFFICE;
use serde::Serialize;
use tonic::Status;

use super::dossier::words::TRAINING;
use crate::connection::{Connection, Empty, Reach};
use crate::exit::Failure;
use crate::xes::{Fault, Trace, Xes, XesFault};
use crate::{Format, Output};

use case::Importer;
use send::Sent;

/// Cases under way at once: those that come together share a commit of the log.
const IN_FLIGHT_MAX: usize = 64;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Brings in a process-mining log; exits 1 where a case was not taken, and may be repeated
    ///
    /// Activities keep their times with the source's offset. Whatever else the file says lies encrypted.
    Xes(ImportXes),
}

#[derive(Debug, Args)]
pub(crate) struct ImportXes {
    /// The log, .xes or .xes.gz
    file: PathBuf,
    /// What the source is called, before each case in its dossier code [default: the file's name without its ending]
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

/// What became of a file. In JSON.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Cases that were decided on, sound or not; `imported + repeated + refused`.
    read: u64,
    imported: u64,
    /// Those that stood in the log already, with the same content.
    repeated: u64,
    refused: u64,
    /// Activities of all cases that stand in the log now.
    activities: u64,
    /// The log is a training log.
    training: bool,
    /// One for each case refused, and one where the file cannot be read to its end.
    faults: Vec<LineFault>,
}

#[derive(Debug, Serialize)]
struct LineFault {
    line: u64,
    fault: String,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Xes(asked) => super::block_on(import(asked, output)),
    }
}

async fn import(asked: &ImportXes, output: &mut Output<'_>) -> Result<(), Failure> {
    let importer = Importer {
        source: source(asked)?,
        agency: asked.agency.clone(),
        officer: asked.officer.clone(),
        name: asked.officer_name.clone(),
        role: asked.officer_role.clone(),
    };
    let bar = ProgressBar::new(0);
    let cases = open(&asked.file, &bar)?;
    let connection = Connection::open(&asked.reach, Empty::Found, output).await?;
    let (report, halt) = send_all(cases, &importer, &connection, &bar).await;
    bar.finish_and_clear();
    let halt = halt.map(|status| connection.refusal(&status));
    connection.close().await;
    tell(&report, output);
    match halt {
        Some(failure) => Err(failure),
        None if report.faults.is_empty() => Ok(()),
        None => Err(Failure::refused(
            format!(
                "cases not taken: {} of {}; faults: {}",
                report.refused,
                report.read,
                report.faults.len()
            ),
            "mend each line named on stdout and import the file again; what was taken is not doubled",
        )),
    }
}

/// Sends every case. The status is why no further one was sent; those under way are waited for, so that the report holds.
async fn send_all(
    cases: Xes,
    importer: &Importer,
    connection: &Connection,
    bar: &ProgressBar,
) -> (Report, Option<Status>) {
    let history = connection.history();
    let halt = RefCell::new(None);
    let cases = cases.take_while(|_| halt.borrow().is_none());
    let sent = stream::iter(cases).map(async |case| {
        let sent = match &case {
            Ok(trace) => send::send(history.clone(), importer.request(trace)).await,
            Err(fault) => Sent::Refused(fault.fault.to_string()),
        };
        (case, sent)
    });
    let mut sent = std::pin::pin!(sent.buffer_unordered(IN_FLIGHT_MAX));
    let mut report = Report::default();
    while let Some((case, outcome)) = sent.next().await {
        match outcome {
            Sent::Halted(status) => {
                halt.borrow_mut().get_or_insert(*status);
            }
            Sent::Taken { .. } | Sent::Refused(_) => report.count(&case, outcome),
        }
        bar.set_message(format!("{} hồ sơ", report.read));
    }
    report.faults.sort_by_key(|fault| fault.line);
    (report, halt.take())
}

impl Report {
    fn count(&mut self, case: &Result<Trace, XesFault>, outcome: Sent) {
        let line = case.as_ref().map_or_else(|fault| fault.line, |trace| trace.line);
        let activities = case.as_ref().map_or(0, |trace| trace.events.len() as u64);
        // What ends the reading is no case.
        self.read += u64::from(!case.as_ref().is_err_and(|fault| fault.fault.ends_reading()));
        match outcome {
            Sent::Taken { repeated, training } => {
                self.imported += u64::from(!repeated);
                self.repeated += u64::from(repeated);
                self.activities += activities;
                self.training |= training;
            }
            Sent::Refused(fault) => self.faults.push(LineFault { line, fault }),
            Sent::Halted(_) => {}
        }
        self.refused = self.read - self.imported - self.repeated;
    }
}

fn tell(report: &Report, output: &mut Output<'_>) {
    if output.format() == Format::Json {
        output.json(report);
        return;
    }
    if report.training {
        output.text(TRAINING);
    }
    for LineFault { line, fault } in &report.faults {
        output.text(&format!("dòng {line}: {fault}"));
    }
    let Report { read, imported, repeated, refused, activities, .. } = report;
    output.text(&format!(
        "Đã đọc {read} hồ sơ: nhập mới {imported}, đã có sẵn {repeated}, không nhận {refused}; {activities} hoạt động"
    ));
}

/// The file, whose bytes are counted by the bar while they are read.
fn open(path: &Path, bar: &ProgressBar) -> Result<Xes, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::config(format!("cannot read {}: {error}", path.display()), "name a readable file")
    };
    let file = File::open(path).map_err(unreadable)?;
    bar.set_length(file.metadata().map(|metadata| metadata.len()).unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    Xes::read(bar.wrap_read(file)).map_err(unreadable)
}

/// What the source is called: as told, or the file's name without what tells its format.
fn source(asked: &ImportXes) -> Result<SourceName, Failure> {
    if let Some(source) = &asked.source {
        return Ok(source.clone());
    }
    let name = asked.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.strip_suffix(".xes").unwrap_or(stem);
    SourceName::parse(stem).map_err(|fault| {
        Failure::config(
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
            | Self::Stray { .. }
            | Self::Text
            | Self::AttributeTooLong { .. }
            | Self::TooManyEvents
            | Self::TraceTooLong => false,
        }
    }
}
