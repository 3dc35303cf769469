//! `report shares`, `report payments`, `report indicators`.

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use lienthong_dossier::PaymentChannel;
use lienthong_wire::Coded as _;
use lienthong_wire::pb::reporting::v1 as pb;

use super::ii06::grouped;
use super::scope::{Scope, tell};
use crate::commands::dossier::mapped_of;
use crate::commands::dossier::words::ROWS;
use crate::connection::{Connection, call};
use crate::exit::Failure;
use crate::natural::natural;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct GetShares {
    #[command(flatten)]
    pub(super) scope: Scope,
}

#[derive(Debug, Args)]
pub(crate) struct GetPayments {
    #[command(flatten)]
    pub(super) scope: Scope,
}

#[derive(Debug, Args)]
pub(crate) struct GetIndicators {
    #[command(flatten)]
    pub(super) scope: Scope,
}

impl GetShares {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request = pb::GetSharesRequest { scope: self.scope.message(connection).await? };
        let answer = connection.reporting().get_shares(call(request)).await;
        let answer = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            output.json(&mapped_of("lienthong.reporting.v1.Shares", &answer)?);
            return Ok(());
        }
        tell(
            "Tỷ lệ nộp trực tuyến và giải quyết đúng hạn",
            &answer.basis.clone().unwrap_or_default(),
            output,
        );
        output.text(&format!("Nộp trực tuyến: {}", share(answer.online.as_ref())));
        let rows = sorted(&answer.on_time).into_iter().map(|row| {
            let agency = format!("{} {}", row.agency, row.name);
            [agency, month(&row.month), share(row.on_time.as_ref()), share(row.online.as_ref())]
        });
        show(["Cơ quan", "Tháng", "Đúng hạn", "Trực tuyến"], rows, output);
        Ok(())
    }
}

impl GetPayments {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request = pb::GetPaymentsRequest { scope: self.scope.message(connection).await? };
        let answer = connection.reporting().get_payments(call(request)).await;
        let answer = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            output.json(&mapped_of("lienthong.reporting.v1.Payments", &answer)?);
            return Ok(());
        }
        tell("Số tiền thu theo kênh thanh toán", &answer.basis.clone().unwrap_or_default(), output);
        let rows = answer.channels.iter().map(|row| {
            let channel = PaymentChannel::from_number(row.channel).map_or("", PaymentChannel::vietnamese);
            let percent = row.share.clone().unwrap_or_default().percent;
            let open = [row.unreceipted, row.unreconciled].map(grouped);
            let [unreceipted, unreconciled] = open;
            [
                channel.to_owned(),
                grouped(row.payments),
                grouped(row.amount_dong),
                percent,
                unreceipted,
                unreconciled,
            ]
        });
        show(
            ["Kênh", "Số lần", "Số tiền (đồng)", "Tỷ lệ", "Chưa có biên lai", "Chưa đối soát"],
            rows,
            output,
        );
        output.text(&format!("Tổng số: {} đồng", grouped(answer.amount_dong)));
        Ok(())
    }
}

impl GetIndicators {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request = pb::GetIndicatorsRequest { scope: self.scope.message(connection).await? };
        let answer = connection.reporting().get_indicators(call(request)).await;
        let answer = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            output.json(&mapped_of("lienthong.reporting.v1.Indicators", &answer)?);
            return Ok(());
        }
        tell("Chỉ tiêu theo QĐ 766/QĐ-TTg", &answer.basis.clone().unwrap_or_default(), output);
        let points = |hundredths: u32| format!("{},{:02}", hundredths / 100, hundredths % 100);
        let rows = answer.indicators.iter().map(|row| {
            let earned = row.points_hundredths.map_or_else(|| "–".to_owned(), points);
            let most = if row.points_max_hundredths == 0 {
                "–".to_owned()
            } else {
                points(row.points_max_hundredths)
            };
            [
                row.id.clone(),
                row.title.clone(),
                share(row.share.as_ref()),
                format!("{earned} / {most}"),
                row.note.clone(),
            ]
        });
        show(["Số", "Chỉ tiêu", "Tỷ lệ", "Điểm", "Cách tính"], rows, output);
        Ok(())
    }
}

/// As people look for them: by agency, then by month.
fn sorted(rows: &[pb::OnTime]) -> Vec<&pb::OnTime> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|one, other| natural(&one.agency, &other.agency).then_with(|| one.month.cmp(&other.month)));
    rows
}

/// `11/2026` of `2026-11`.
fn month(month: &str) -> String {
    month.split_once('-').map_or_else(|| month.to_owned(), |(year, month)| format!("{month}/{year}"))
}

/// A share with its figures.
fn share(share: Option<&pb::Share>) -> String {
    let pb::Share { numerator, denominator, percent } = share.cloned().unwrap_or_default();
    if denominator == 0 {
        return "không có".to_owned();
    }
    format!("{percent} ({}/{})", grouped(numerator), grouped(denominator))
}

fn show<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>, output: &mut Output<'_>) {
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2).take(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in table.lines() {
        output.text(line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_listed_by_the_number_of_the_agency_and_the_month() {
        let row = |(agency, month): (&str, &str)| pb::OnTime {
            agency: agency.to_owned(),
            month: month.to_owned(),
            ..pb::OnTime::default()
        };
        let rows = [("H56.10", "2026-02"), ("H56.2", "2026-10"), ("H56.2", "2026-09")].map(row);
        let told: Vec<_> =
            sorted(&rows).iter().map(|row| format!("{} {}", row.agency, month(&row.month))).collect();
        assert_eq!(told, ["H56.2 09/2026", "H56.2 10/2026", "H56.10 02/2026"]);
    }
}
