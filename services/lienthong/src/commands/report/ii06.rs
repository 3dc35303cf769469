//! `report ii06`.

use std::path::PathBuf;

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use lienthong_wire::pb::reporting::v1 as pb;
use serde::Serialize;

use lienthong_forms as forms;

use super::scope::{Rows, Scope, position, tell};
use crate::commands::dossier::paper::{header, write};
use crate::commands::dossier::words::ROWS;
use crate::connection::{Connection, call};
use crate::exit::Failure;
use crate::natural::natural;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct GetIi06 {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// By what rows are made
    #[arg(long, value_enum, default_value_t, value_name = "BY")]
    rows: Rows,
    /// Print it into this file as PDF; printing it twice gives the same bytes
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
}

/// In JSON.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct Report {
    #[serde(skip)]
    basis: pb::Basis,
    from: String,
    to: String,
    as_of: String,
    rows: Vec<Row>,
    total: Columns,
    on_time_percent: String,
    late_percent: String,
    position: String,
    provisional: bool,
    training: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    code: String,
    name: String,
    unknown: bool,
    #[serde(flatten)]
    columns: Columns,
}

/// Columns 3 to 13.
#[derive(Debug, Serialize)]
struct Columns {
    c3: u64,
    c4: u64,
    c5: u64,
    c6: u64,
    c7: u64,
    c8: u64,
    c9: u64,
    c10: u64,
    c11: u64,
    c12: u64,
    c13: u64,
}

impl Columns {
    fn of(row: &pb::Ii06Row) -> Self {
        let pb::Ii06Row { c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, .. } = *row;
        Self { c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 }
    }

    fn all(&self) -> [u64; 11] {
        let Self { c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 } = *self;
        [c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13]
    }
}

impl GetIi06 {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request =
            pb::GetIi06Request { scope: self.scope.message(connection).await?, rows: self.rows.number() };
        let answer = connection.reporting().get_ii06(call(request)).await;
        let answer = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        let report = Report::of(&answer);
        if let Some(file) = &self.pdf {
            write(file, &printed(&report), output)?;
        }
        report.show(output);
        if let Some(agency) = self.scope.agency().filter(|_| report.total.c3 == 0) {
            output.note(&format!(
                "no dossier that {agency} received is in the window: look whether that is its id"
            ));
        }
        Ok(())
    }
}

impl Report {
    /// What an answer says.
    pub(in crate::commands) fn of(answer: &pb::Ii06) -> Self {
        let basis = answer.basis.clone().unwrap_or_default();
        let percent = |share: &Option<pb::Share>| share.clone().unwrap_or_default().percent;
        Self {
            position: position(&basis),
            from: basis.from.clone(),
            to: basis.to.clone(),
            as_of: basis.as_of.clone(),
            rows: answer.rows.iter().map(Row::of).collect(),
            total: Columns::of(&answer.total.clone().unwrap_or_default()),
            on_time_percent: percent(&answer.on_time),
            late_percent: percent(&answer.late),
            provisional: basis.provisional,
            training: basis.training,
            basis,
        }
    }

    /// The rows as people look for them.
    fn sorted(&self) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|one, other| natural(&one.code, &other.code).then_with(|| one.name.cmp(&other.name)));
        rows
    }

    /// As JSON, or as a table.
    pub(in crate::commands) fn show(&self, output: &mut Output<'_>) {
        if output.format() == Format::Json {
            output.json(self);
            return;
        }
        tell("II.06 Tình hình, kết quả giải quyết thủ tục hành chính (số hồ sơ)", &self.basis, output);
        for line in table(self).lines() {
            output.text(line.trim_end());
        }
        let or_none = |percent: &str| if percent.is_empty() { "không có" } else { percent }.to_owned();
        output.text(&format!(
            "Giải quyết đúng hạn và trước hạn: {}; quá hạn: {}",
            or_none(&self.on_time_percent),
            or_none(&self.late_percent)
        ));
        if self.rows.iter().any(|row| row.unknown) {
            output.text("(*) không có trong danh bạ: mã và tên như nguồn ghi");
        }
    }
}

impl Row {
    fn of(row: &pb::Ii06Row) -> Self {
        let columns = Columns::of(row);
        Self { code: row.code.clone(), name: row.name.clone(), unknown: row.unknown, columns }
    }
}

/// As it is printed.
fn printed(report: &Report) -> forms::Report {
    let row = |row: &Row| {
        let Columns { c4, c5, c6, c8, c9, c10, c12, c13, .. } = row.columns;
        forms::Row {
            name: format!("{} {}", row.code, row.name),
            counts: forms::Counts {
                online: c4,
                direct: c5,
                carried: c6,
                solved_early: c8,
                solved_on_time: c9,
                solved_late: c10,
                pending_in_time: c12,
                pending_late: c13,
            },
        }
    };
    forms::Report {
        header: header("", report.training, None),
        from: report.from.parse().ok(),
        to: report.to.parse().ok(),
        provisional: report.provisional,
        position: Some(report.position.clone()),
        as_of: report.as_of.parse().ok(),
        groups: vec![forms::Group {
            name: "Tất cả".to_owned(),
            rows: report.sorted().into_iter().map(row).collect(),
        }],
        author: None,
        signer_title: None,
        signer: None,
    }
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "Mã",
        "Tên",
        "(3) Tiếp nhận",
        "(4) Trực tuyến",
        "(5) Trực tiếp, bưu chính",
        "(6) Kỳ trước",
        "(7) Đã giải quyết",
        "(8) Trước hạn",
        "(9) Đúng hạn",
        "(10) Quá hạn",
        "(11) Đang giải quyết",
        "(12) Trong hạn",
        "(13) Quá hạn",
    ]);
    let line = |code: String, name: String, columns: &Columns| {
        [code, name].into_iter().chain(columns.all().into_iter().map(grouped))
    };
    for row in report.sorted() {
        let mark = if row.unknown { " (*)" } else { "" };
        table.add_row(line(row.code.clone(), format!("{}{mark}", row.name), &row.columns));
    }
    table.add_row(line(String::new(), "Tổng số".to_owned(), &report.total));
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A number as it is printed in Vietnamese: `26.356`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut printed = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            printed.push('.');
        }
        printed.push(digit);
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of these agencies, in the order of the contract.
    fn report(agencies: [&str; 3]) -> Report {
        let position = |partition, offset| lienthong_wire::pb::common::v1::Position { partition, offset };
        Report::of(&pb::Ii06 {
            basis: Some(pb::Basis {
                as_of: "2026-11-30".to_owned(),
                position: vec![position(0, 17), position(5, 2)],
                ..pb::Basis::default()
            }),
            rows: agencies.map(|code| pb::Ii06Row { code: code.to_owned(), ..Default::default() }).into(),
            ..pb::Ii06::default()
        })
    }

    #[test]
    fn agencies_are_listed_by_their_number_on_paper_and_screen_and_as_they_come_in_json() {
        let report = report(["H56.1", "H56.10", "H56.2"]);
        let expected = ["H56.1 ", "H56.2 ", "H56.10 "];
        assert_eq!(printed(&report).groups[0].rows.iter().map(|row| &row.name).collect::<Vec<_>>(), expected);
        let table = table(&report).to_string();
        let places = expected.map(|code| table.find(code).unwrap());
        assert!(places.is_sorted(), "{table}");
        let rows = serde_json::to_value(&report).unwrap()["rows"].clone();
        assert_eq!((&rows[1]["code"], &rows[2]["code"]), (&"H56.10".into(), &"H56.2".into()));
    }

    #[test]
    fn the_paper_names_the_position_and_the_day_that_it_was_made_at() {
        let paper = printed(&report(["H56.1", "H56.2", "H56.3"]));
        assert_eq!(paper.position.as_deref(), Some("0:17,5:2"));
        assert_eq!(paper.as_of, Some(jiff::civil::date(2026, 11, 30)));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let printed = [0, 7, 387, 1_967, 26_356, 174_270, 1_000_000].map(grouped);
        assert_eq!(printed, ["0", "7", "387", "1.967", "26.356", "174.270", "1.000.000"]);
    }
}
