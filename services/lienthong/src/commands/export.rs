//! `export sync`: national sync records out of the log, for the portal.
//!
//! ```text
//! dossiers of an agency --timeline, cut at a position--> record::of, progress::of --.
//!                       --ReadPersonal, recorded-------------------------------------+--> JSON Lines
//! ```
//!
//! Nothing is said that did not happen: a status is sent as it is, and a field that the log cannot support is empty and is
//! listed on stderr. The same log at the same position gives the same bytes.

mod progress;
mod record;

use std::collections::BTreeMap;

use clap::{Args, Subcommand, ValueEnum};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use lienthong_audit::Position;
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::reading::v1 as pb;

use super::at::At;
use super::dossier::officer::Officer;
use super::dossier::timeline::cut;
use crate::Output;
use crate::connection::{Connection, Empty, Reach, call};
use crate::exit::Failure;
use crate::sync::Dialect;

/// Dossiers on one page, and of one reading of personal data; what a service reads at once.
const PAGE: u32 = 100;
/// Timelines asked for at once.
const IN_FLIGHT_MAX: usize = 16;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes national sync records of an agency's dossiers, live and imported, as JSON Lines
    ///
    /// Records carry personal data in clear, so reading it is recorded in the log first: who, what for, which dossiers. Only
    /// dossiers that the agency received or imported are written.
    #[command(after_help = "Examples:\n  \
        lienthong export sync --agency H56.2 --officer cb-01 --purpose handling > dossiers.jsonl\n  \
        lienthong export sync --agency H56.2 --officer cb-01 --purpose handling --rows progress > progress.jsonl")]
    Sync(ExportSync),
}

#[derive(Debug, Args)]
pub(crate) struct ExportSync {
    /// Which records
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    rows: Rows,
    /// Whose codes the records are to have
    #[arg(long, value_enum, default_value_t, value_name = "NAME")]
    dialect: Dialect,
    /// As of this position, PARTITION:OFFSET with commas between them (nothing of partitions that are not named), or end
    #[arg(long, value_name = "POSITION", default_value = "end", value_parser = At::parse)]
    at: At,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    reach: Reach,
}

/// Which records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Rows {
    /// Dossiers (DongBoHoSoMC)
    #[default]
    Dossiers,
    /// Rows of their progress (CapNhatTienDoHoSoMC)
    Progress,
}

/// A dossier as the log has it at a position.
struct Told {
    dossier: pb::Dossier,
    entries: Vec<pb::TimelineEntry>,
    /// What was told about persons, by offset of the record.
    details: BTreeMap<u64, PersonalDetails>,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    let Command::Sync(asked) = command;
    super::block_on(async {
        let connection = Connection::open(&asked.reach, Empty::Refuse, output).await?;
        let written = asked.run(&connection, output).await;
        connection.close().await;
        written
    })
}

impl ExportSync {
    async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let position = match self.at.position(connection).await? {
            Some(position) => position.clone(),
            None => connection.position().await?,
        };
        let (mut written, mut missing) = (0_u64, BTreeMap::<&'static str, u64>::new());
        for filter in [self.received(), imported()] {
            let mut token = String::new();
            loop {
                let request =
                    pb::ListDossiersRequest { page_size: PAGE, page_token: token, ..filter.clone() };
                let page = connection.reading().list_dossiers(call(request)).await;
                let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
                token = page.next_page_token;
                for told in self.told(connection, page.dossiers, &position).await? {
                    let lines = match self.rows {
                        Rows::Dossiers => {
                            let (record, faults) = record::of(&told, self.dialect);
                            for fault in faults {
                                *missing.entry(fault).or_default() += 1;
                            }
                            vec![record]
                        }
                        Rows::Progress => progress::of(&told),
                    };
                    written += lines.len() as u64;
                    lines.iter().for_each(|line| output.json(line));
                }
                if token.is_empty() {
                    break;
                }
            }
        }
        output.note(&format!("{written} records as of {position}"));
        for (field, records) in missing {
            output.note(&format!("empty, because the log does not have it: {field} ({records} records)"));
        }
        Ok(())
    }

    fn received(&self) -> pb::ListDossiersRequest {
        pb::ListDossiersRequest {
            received_by: self.officer.agency.clone(),
            imported: Some(false),
            ..pb::ListDossiersRequest::default()
        }
    }

    /// The dossiers of a page that the agency received or imported before the position, with their personal data.
    async fn told(
        &self,
        connection: &Connection,
        dossiers: Vec<pb::Dossier>,
        position: &Position,
    ) -> Result<Vec<Told>, Failure> {
        let timelines = dossiers.into_iter().map(async |dossier| {
            let request = pb::GetTimelineRequest { code: dossier.code.clone(), ..Default::default() };
            let timeline = connection.reading().get_timeline(call(request)).await;
            let entries = timeline.map_err(|status| connection.refusal(&status))?.into_inner().entries;
            Ok::<_, Failure>((dossier, entries))
        });
        let timelines = stream::iter(timelines).buffered(IN_FLIGHT_MAX);
        let timelines: Vec<(pb::Dossier, Vec<pb::TimelineEntry>)> = timelines.try_collect().await?;
        let mut told: Vec<Told> = timelines.into_iter().filter_map(|it| self.cut(it, position)).collect();
        self.read(connection, &mut told).await?;
        Ok(told)
    }

    fn cut(
        &self,
        (dossier, mut entries): (pb::Dossier, Vec<pb::TimelineEntry>),
        position: &Position,
    ) -> Option<Told> {
        cut(&mut entries, position);
        let begins = |(place, entry): (usize, &pb::TimelineEntry)| {
            let is_adopted = entry.facts.iter().any(|fact| fact.name == "DossierAdopted");
            entry.agency == self.officer.agency && (place == 0 || is_adopted)
        };
        let is_ours = entries.iter().enumerate().any(begins);
        is_ours.then(|| Told { dossier, entries, details: BTreeMap::new() })
    }

    /// What was told about persons. What was erased is gone.
    async fn read(&self, connection: &Connection, told: &mut [Told]) -> Result<(), Failure> {
        let there = |told: &&Told| told.dossier.erased_at.is_none();
        let codes: Vec<String> = told.iter().filter(there).map(|told| told.dossier.code.clone()).collect();
        if codes.is_empty() {
            return Ok(());
        }
        let shown = self.officer.read_all(codes, connection).await?;
        let mut read: BTreeMap<String, _> =
            shown.into_iter().map(|dossier| (dossier.code, dossier.events)).collect();
        for told in told {
            for event in read.remove(&told.dossier.code).unwrap_or_default() {
                let record = event.position.map(|position| position.offset).unwrap_or_default();
                told.details.insert(record, event.details.unwrap_or_default());
            }
        }
        Ok(())
    }
}

fn imported() -> pb::ListDossiersRequest {
    pb::ListDossiersRequest { imported: Some(true), ..pb::ListDossiersRequest::default() }
}
