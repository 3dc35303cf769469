//! `audit report`: II.06 from the raw records, the same figures as a service gives at that position.

use clap::Args;
use jiff::civil::Date;
use lienthong_audit::{At, Question, report_as_of};
use lienthong_report::{Settings, Window};
use lienthong_wire::pb::common::v1::Position;
use lienthong_wire::pb::reporting::v1::Basis;

use super::failure;
use super::opened::Opened;
use super::reach::Reach;
use crate::Output;
use crate::commands::report::{Ii06Report, Rows, today};
use crate::commands::{block_on, day};
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// First day of the window; the official year begins on 15 December
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Date,
    /// Last day of the window; the official year ends on 14 December
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Date,
    /// The day at whose end what is pending is late or not [default: today, or the last day of a window that is over]
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// By what rows are made
    #[arg(long, value_enum, default_value_t, value_name = "BY")]
    rows: Rows,
    /// Dossiers that this agency received, by its id, or by a code that the registry does not know
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Count dossiers whose processing was stopped (status 8) as solved, not as pending
    #[arg(long)]
    stopped_is_solved: bool,
    /// As of when: a position such as 0:17,5:2 (nothing of partitions that are not named), an RFC 3339 instant (what was
    /// appended by then; not in training logs), or `end`
    #[arg(long, value_name = "POSITION|INSTANT", default_value = "end")]
    at: At,
    #[command(flatten)]
    reach: Reach,
}

impl Report {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        let window = Window::new(self.from, self.to)
            .map_err(|fault| Failure::refused(fault, "name a first day that is not after the last"))?;
        let window = window.measured_on(self.as_of.unwrap_or_else(today));
        let question = Question {
            window,
            rows: self.rows.of_report(),
            settings: Settings { stopped_is_solved: self.stopped_is_solved },
            agency: self.agency.clone(),
        };
        block_on(async {
            let opened = Opened::open(&self.reach).await?;
            let told = report_as_of(&opened.audit, &self.at, &question).await.map_err(failure);
            let told = told.map(|told| {
                let trust = opened.audit.trust();
                let each = told.position.0.iter();
                let basis = Basis {
                    from: self.from.to_string(),
                    to: self.to.to_string(),
                    as_of: window.measured().to_string(),
                    position: each
                        .map(|(partition, offset)| Position {
                            partition: (*partition).into(),
                            offset: *offset,
                        })
                        .collect(),
                    provisional: told.provisional,
                    training: trust.is_training(),
                };
                Ii06Report::of(&lienthong_node::ii06(&told.report, trust.registry(), basis))
            });
            opened.close().await;
            told?.show(output);
            Ok(())
        })
    }
}
