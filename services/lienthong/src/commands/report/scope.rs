//! Window, agency and position, as told on the command line; and what a report says that it was made of.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use lienthong_calendar::{Instant, vietnamese_date};
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::reporting::v1 as pb;

use crate::Output;
use crate::commands::at::{At, positions};
use crate::commands::day;
use crate::commands::dossier::words::TRAINING;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

/// What a report is about.
#[derive(Debug, Args)]
pub(super) struct Scope {
    /// First day of the window; the official year begins on 15 December
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Date,
    /// Last day of the window; the official year ends on 14 December
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Date,
    /// The day at whose end what is pending is late or not [default: today, or the last day of a window that is over]
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// Dossiers that this agency received, by its id, or by a code that the registry does not know
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// As of this position, PARTITION:OFFSET with commas between them (nothing of partitions that are not named), or end
    #[arg(long, value_name = "POSITION", default_value = "end", value_parser = At::parse)]
    at: At,
    /// Count dossiers whose processing was stopped (status 8) as solved, not as pending
    #[arg(long)]
    stopped_is_solved: bool,
    #[command(flatten)]
    pub(super) reach: Reach,
}

/// By what rows are made.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(in crate::commands) enum Rows {
    /// By the agency that received the dossier
    #[default]
    Agency,
    /// By field (lĩnh vực)
    Field,
    /// By procedure
    Procedure,
}

impl Rows {
    pub(in crate::commands) fn of_report(self) -> lienthong_report::Rows {
        match self {
            Self::Agency => lienthong_report::Rows::Agency,
            Self::Field => lienthong_report::Rows::Field,
            Self::Procedure => lienthong_report::Rows::Procedure,
        }
    }

    pub(super) fn number(self) -> i32 {
        match self {
            Self::Agency => pb::Rows::Agency,
            Self::Field => pb::Rows::Field,
            Self::Procedure => pb::Rows::Procedure,
        }
        .into()
    }
}

impl Scope {
    /// The agency that was asked for.
    pub(super) fn agency(&self) -> Option<&str> {
        self.agency.as_deref()
    }

    /// As the contract carries it, once it is known that the log has come to its position.
    pub(super) async fn message(&self, connection: &Connection) -> Result<Option<pb::Scope>, Failure> {
        let position = self.at.position(connection).await?.map(positions).unwrap_or_default();
        Ok(Some(pb::Scope {
            from: self.from.to_string(),
            to: self.to.to_string(),
            agency: self.agency.clone().unwrap_or_default(),
            // Waited for, so that what another service was told can be asked of this one.
            at_least: position.clone(),
            position,
            stopped_is_solved: self.stopped_is_solved,
            as_of: self.as_of.unwrap_or_else(today).to_string(),
        }))
    }
}

/// The day in Vietnam.
pub(in crate::commands) fn today() -> Date {
    Instant::try_from(jiff::Timestamp::now().as_microsecond()).map_or(Date::MIN, Instant::date)
}

/// The position of a basis as it is named on the command line.
pub(super) fn position(basis: &pb::Basis) -> String {
    let one = |position: &common::Position| format!("{}:{}", position.partition, position.offset);
    basis.position.iter().map(one).collect::<Vec<_>>().join(",")
}

/// A report's title, its window and what it was made of.
pub(super) fn tell(title: &str, basis: &pb::Basis, output: &mut Output<'_>) {
    if basis.training {
        output.text(TRAINING);
    }
    output.text(title);
    let shown = |date: &str| date.parse().map_or_else(|_| date.to_owned(), vietnamese_date);
    output.text(&format!("Từ ngày {} đến ngày {}", shown(&basis.from), shown(&basis.to)));
    if basis.provisional {
        output.text("TẠM TÍNH: trong kỳ còn có thể phát sinh bản ghi");
    }
    if basis.as_of != basis.to {
        output.text(&format!("Hồ sơ đang giải quyết: quá hạn tính đến hết ngày {}", shown(&basis.as_of)));
    }
    output.text(&format!("Vị trí nhật ký: {}", position(basis)));
}
