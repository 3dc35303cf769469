//! `report behind`: every page put together.

use clap::Args;
use comfy_table::{ContentArrangement, Table};
use lienthong_wire::pb::reporting::v1 as pb;

use super::scope::{Rows, Scope, tell};
use crate::commands::dossier::mapped_of;
use crate::commands::dossier::words::{ROWS, moment, status};
use crate::connection::{Connection, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Dossiers on one page; what a service gives at most.
const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct ListBehind {
    #[command(flatten)]
    pub(super) scope: Scope,
    /// By what rows are made
    #[arg(long, value_enum, default_value_t, value_name = "BY")]
    rows: Rows,
    /// Code of the row [default: all of them]
    #[arg(long, value_name = "CODE")]
    row: Option<String>,
    /// The column, 3 to 13: 10 is solved late, 13 pending and overdue
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(3..=13))]
    column: u32,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl ListBehind {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let listed = self.pages(connection).await?;
        let basis = listed.basis.clone().unwrap_or_default();
        match output.format() {
            Format::Json => output.json(&mapped_of("lienthong.reporting.v1.ListBehindResponse", &listed)?),
            Format::Text => {
                tell(&format!("Hồ sơ trong cột ({}) của II.06", self.column), &basis, output);
                for line in table(&listed.dossiers).lines() {
                    output.text(line.trim_end());
                }
                output.text(&format!("{} hồ sơ", listed.dossiers.len()));
            }
        }
        if !listed.next_page_token.is_empty() {
            output.note("there are more: raise --limit, or name a row");
        }
        Ok(())
    }

    async fn pages(&self, connection: &Connection) -> Result<pb::ListBehindResponse, Failure> {
        let mut reporting = connection.reporting();
        let mut all = pb::ListBehindResponse::default();
        let mut scope = self.scope.message(connection).await?;
        loop {
            let so_far = u32::try_from(all.dossiers.len()).unwrap_or(u32::MAX);
            let request = pb::ListBehindRequest {
                scope: scope.clone(),
                rows: self.rows.number(),
                row: self.row.clone().unwrap_or_default(),
                column: self.column,
                page_size: self.limit.saturating_sub(so_far).min(PAGE),
                page_token: std::mem::take(&mut all.next_page_token),
            };
            let page = reporting.list_behind(call(request)).await;
            let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
            all.dossiers.extend(page.dossiers);
            all.next_page_token = page.next_page_token;
            // Further pages are of the position of the first.
            if let (Some(scope), Some(basis)) = (&mut scope, &page.basis) {
                scope.position.clone_from(&basis.position);
            }
            all.basis = page.basis;
            let is_full = all.dossiers.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX);
            if is_full || all.next_page_token.is_empty() {
                return Ok(all);
            }
        }
    }
}

fn table(dossiers: &[pb::Behind]) -> Table {
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "Mã hồ sơ",
        "Cơ quan",
        "Thủ tục",
        "Tiếp nhận",
        "Hẹn trả",
        "Giải quyết xong",
        "Trạng thái",
    ]);
    for dossier in dossiers {
        table.add_row([
            dossier.code.clone(),
            dossier.agency.clone(),
            dossier.procedure.clone(),
            moment(dossier.received_at.as_ref()),
            moment(dossier.due.as_ref()),
            moment(dossier.ended_at.as_ref()),
            status(dossier.status),
        ]);
    }
    table
}
