//! `dossier list`: every page put together.

use clap::Args;
use comfy_table::{ContentArrangement, Table};
use jiff::civil::Date;
use lienthong_wire::pb::reading::v1 as pb;

use super::words::{NONE, ROWS, TRAINING, clock, custody, left, moment, verdict};
use crate::connection::{Connection, Reach, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Dossiers on one page; what a service gives at most.
const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Dossiers that this agency holds, that are on offer to it, or that it is asked about
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Dossiers whose codes begin with this: the whole code, or the desk and the day
    #[arg(long, value_name = "PREFIX")]
    code: Option<String>,
    /// Dossiers in these national statuses, 1 to 10
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',', value_parser = clap::value_parser!(i32).range(1..=10))]
    status: Vec<i32>,
    /// Dossiers of this procedure (mã TTHC)
    #[arg(long, value_name = "CODE")]
    procedure: Option<String>,
    /// Dossiers that this desk took in
    #[arg(long, value_name = "AGENCY")]
    received_by: Option<String>,
    /// Dossiers that are or were due on this day or later
    #[arg(long, value_name = "DAY")]
    due_from: Option<Date>,
    /// Dossiers that are or were due on this day or earlier
    #[arg(long, value_name = "DAY")]
    due_to: Option<Date>,
    /// Dossiers received on this day or later
    #[arg(long, value_name = "DAY")]
    received_from: Option<Date>,
    /// Dossiers received on this day or earlier
    #[arg(long, value_name = "DAY")]
    received_to: Option<Date>,
    /// Dossiers that are not done and were due on an earlier day than this one
    #[arg(long, value_name = "DAY")]
    overdue_as_of: Option<Date>,
    /// Imported history only, or none of it
    #[arg(long, value_name = "BOOL")]
    imported: Option<bool>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl List {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let listed = self.pages(connection).await?;
        match output.format() {
            Format::Json => output.json(&super::mapped("ListDossiersResponse", &listed)?),
            Format::Text => {
                if listed.training {
                    output.text(TRAINING);
                }
                for line in table(&listed.dossiers).lines() {
                    output.text(line.trim_end());
                }
                output.text(&format!("{} hồ sơ", listed.dossiers.len()));
            }
        }
        if !listed.next_page_token.is_empty() {
            output.note("there are more: raise --limit, or narrow the list down");
        }
        Ok(())
    }

    /// All pages as one; its token tells where the limit cut it off.
    async fn pages(&self, connection: &Connection) -> Result<pb::ListDossiersResponse, Failure> {
        let mut reading = connection.reading();
        let mut all = pb::ListDossiersResponse::default();
        loop {
            let so_far = u32::try_from(all.dossiers.len()).unwrap_or(u32::MAX);
            let request = pb::ListDossiersRequest {
                agency: self.agency.clone().unwrap_or_default(),
                statuses: self.status.clone(),
                procedure: self.procedure.clone().unwrap_or_default(),
                received_by: self.received_by.clone().unwrap_or_default(),
                imported: self.imported,
                page_size: self.limit.saturating_sub(so_far).min(PAGE),
                page_token: std::mem::take(&mut all.next_page_token),
                code_prefix: self.code.clone().unwrap_or_default(),
                due_from: written(self.due_from),
                due_to: written(self.due_to),
                received_from: written(self.received_from),
                received_to: written(self.received_to),
                overdue_as_of: written(self.overdue_as_of),
                ..pb::ListDossiersRequest::default()
            };
            let page = reading.list_dossiers(call(request)).await;
            let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
            all.dossiers.extend(page.dossiers);
            all.next_page_token = page.next_page_token;
            all.training = page.training;
            let is_full = all.dossiers.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX);
            if is_full || all.next_page_token.is_empty() {
                return Ok(all);
            }
        }
    }
}

/// A day as requests have it; empty where there is none.
fn written(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn table(dossiers: &[pb::Dossier]) -> Table {
    let mut table = Table::new();
    // A dossier to a line, so that lines can be searched and counted.
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "Mã hồ sơ",
        "Thủ tục",
        "Trạng thái",
        "Đang giữ",
        "Bước",
        "Hẹn trả",
        "Đồng hồ",
        "Còn lại",
    ]);
    for dossier in dossiers {
        let step = dossier.step.as_ref().map_or(NONE, |step| step.name.as_str());
        table.add_row([
            dossier.code.clone(),
            about(dossier),
            super::words::status(dossier.status),
            custody(dossier),
            step.to_owned(),
            moment(dossier.due.as_ref()),
            clock(dossier),
            remaining(dossier),
        ]);
    }
    table
}

/// What is left until the promise, or how late it is; how it was met once it is done.
fn remaining(dossier: &pb::Dossier) -> String {
    let running = dossier.clock.as_ref().and_then(|clock| clock.left.as_ref()).map(left);
    let done = || verdict(dossier.verdict()).map(str::to_owned);
    running.or_else(done).unwrap_or_else(|| NONE.to_owned())
}

/// The procedure's code, or where the history comes from.
fn about(dossier: &pb::Dossier) -> String {
    match (&dossier.procedure, &dossier.imported) {
        (Some(procedure), _) => procedure.code.clone(),
        (None, Some(imported)) => format!("nhập từ {}, {} hoạt động", imported.source, imported.activities),
        (None, None) => NONE.to_owned(),
    }
}
