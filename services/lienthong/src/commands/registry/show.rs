//! `registry show`: what a registry says.

use clap::Args;
use comfy_table::{ContentArrangement, Table, TableStyle};
use jiff::civil::Date;
use lienthong_node::Charter;
use lienthong_registry::{
    Agency, AgencyCode, AgencyId, CodeScheme, Dated, Level, LogKind, Node, Period, Registry, Succession,
};
use serde_json::{Value, json};

use super::publication::At;
use crate::commands::dossier::words::{ROWS, TRAINING};
use crate::commands::report::today;
use crate::commands::{block_on, day};
use crate::exit::Failure;
use crate::natural::natural;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    at: At,
    /// One agency: its id, or a code in either national scheme
    #[arg(long, value_name = "ID|CODE")]
    agency: Option<String>,
    /// The day on which a code was the agency's [default: today]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "agency")]
    on: Option<Date>,
}

pub(super) fn run(asked: &Show, output: &mut Output<'_>) -> Result<(), Failure> {
    let charter = block_on(async {
        let opened = asked.at.open().await?;
        let charter = opened.charter.clone();
        opened.close().await;
        Ok(charter)
    })?;
    match &asked.agency {
        Some(named) => show_agency(named, asked.on, &charter.registry, output),
        None => {
            show_registry(&charter, output);
            Ok(())
        }
    }
}

fn show_registry(charter: &Charter, output: &mut Output<'_>) {
    let registry = &charter.registry;
    let founding = charter.revisions.founding();
    let training = registry.kind() == LogKind::Training;
    let kind = if training { "training" } else { "production" };
    let parts = registry.parts();
    if output.format() == Format::Json {
        let revisions = charter.revisions.all().iter();
        let revisions: Vec<_> =
            revisions.map(|it| json!({"number": it.number, "hash": it.hash.to_string()})).collect();
        let packs: Vec<_> = registry.packs().map(|pack| {
            json!({"procedure": pack.procedure().as_str(), "version": pack.version().as_str(), "name": pack.name()})
        }).collect();
        output.json(&json!({
            "log_id": charter.log_id.to_string(),
            "name": founding.name,
            "kind": kind,
            "revision": registry.revision(),
            "rules": registry.rules().0,
            "partitions": registry.partitions(),
            "authority": charter.revisions.authority().key_id().to_string(),
            "agencies": registry.agencies().len(),
            "communes": parts.communes.len(),
            "nodes": registry.nodes().iter().map(node_json).collect::<Vec<_>>(),
            "packs": packs,
            "calendars": parts.calendars.iter().map(|it| it.value.version()).collect::<Vec<_>>(),
            "rates": parts.rates.iter().map(|it| it.value.version()).collect::<Vec<_>>(),
            "revisions": revisions,
        }));
        return;
    }
    if training {
        output.text(TRAINING);
    }
    let mut table = table();
    for (what, value) in [
        ("Nhật ký", founding.name.clone()),
        ("Mã nhật ký (log_id)", charter.log_id.to_string()),
        ("Bản sửa đổi", registry.revision().to_string()),
        ("Quy tắc (rules)", registry.rules().to_string()),
        ("Phân vùng", registry.partitions().to_string()),
        ("Khóa của cơ quan quản lý", charter.revisions.authority().key_id().to_string()),
        ("Cơ quan", registry.agencies().len().to_string()),
        ("Xã, phường, đặc khu", parts.communes.len().to_string()),
        ("Quy trình", registry.packs().count().to_string()),
    ] {
        table.add_row([what.to_owned(), value]);
    }
    output.text(&table.to_string());
    let mut nodes = self::table();
    nodes.load_style(ROWS).set_header(["Nút", "Khóa", "Cơ quan", "Hiệu lực"]);
    let mut known: Vec<_> = registry.nodes().iter().collect();
    known.sort_by(|one, other| natural(&one.name, &other.name));
    for node in known {
        let agencies = node.agencies.len().to_string();
        let id = lienthong_seal::Hash(node.key_id).to_string();
        nodes.add_row([&node.name, id.get(..16).unwrap_or_default(), &agencies, &days(node.in_force)]);
    }
    output.text(&nodes.to_string());
}

fn node_json(node: &Node) -> Value {
    json!({
        "name": node.name,
        "key_id": lienthong_seal::Hash(node.key_id).to_string(),
        "agencies": node.agencies.len(),
        "from": node.in_force.from.map(|day| day.to_string()),
        "to": node.in_force.to.map(|day| day.to_string()),
    })
}

fn show_agency(
    named: &str,
    on: Option<Date>,
    registry: &Registry,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let on = on.unwrap_or_else(today);
    let by_id = AgencyId::parse(named).ok().and_then(|id| registry.agency(&id));
    let by_code = || AgencyCode::parse(named).ok().and_then(|code| registry.agency_by_code(&code, on));
    let agency = by_id.or_else(by_code).ok_or_else(|| {
        let error = format!("the registry has no agency {named} on {on}");
        Failure::refused(error, "give its id, or a code that was its own on the day of --on")
    })?;
    let served: Vec<_> = registry
        .nodes()
        .iter()
        .filter(|node| node.agencies.contains(&agency.id))
        .map(|node| node.name.as_str())
        .collect();
    if output.format() == Format::Json {
        output.json(&agency_json(agency, &served, registry));
        return Ok(());
    }
    let mut table = table();
    let name = |names: &[Dated<String>]| list(names, |name| name.clone());
    for (what, value) in [
        ("Mã định danh nội bộ", agency.id.to_string()),
        ("Tên", name(&agency.names)),
        ("Mã (QĐ 20/2020)", codes(agency, CodeScheme::Qd20)),
        ("Mã (QCVN 102:2016)", codes(agency, CodeScheme::Qcvn102)),
        ("Cấp", level(agency.level).to_owned()),
        ("Vai trò", agency.roles.iter().map(|role| role.vietnamese()).collect::<Vec<_>>().join(", ")),
        ("Cơ quan cấp trên", list(&agency.parent, ToString::to_string)),
        ("Địa bàn", list(&agency.territory, ToString::to_string)),
        ("Hoạt động", days(agency.active)),
        ("Giờ làm việc", agency.hours.to_string()),
        ("Được kế thừa bởi", sorted(succeeded(agency, registry).map(|it| line(it, &it.successor)))),
        ("Kế thừa", sorted(taken_over(agency, registry).map(|it| line(it, &it.predecessor)))),
        ("Nút phục vụ", if served.is_empty() { "không có".to_owned() } else { served.join(", ") }),
    ] {
        table.add_row([what.to_owned(), value]);
    }
    output.text(&table.to_string());
    Ok(())
}

/// What officers call a level.
const fn level(level: Level) -> &'static str {
    match level {
        Level::Commune => "cấp xã",
        Level::District => "cấp huyện",
        Level::Province => "cấp tỉnh",
        Level::Central => "trung ương",
    }
}

/// Who takes over from the agency.
fn succeeded<'a>(agency: &'a Agency, registry: &'a Registry) -> impl Iterator<Item = &'a Succession> {
    registry.parts().successions.iter().filter(|it| it.predecessor == agency.id)
}

/// From whom it takes over.
fn taken_over<'a>(agency: &'a Agency, registry: &'a Registry) -> impl Iterator<Item = &'a Succession> {
    registry.parts().successions.iter().filter(|it| it.successor == agency.id)
}

/// Lines that begin with an agency, as people look for it.
fn sorted(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by(|one, other| natural(one, other));
    lines.join("\n")
}

/// A succession, seen from one side.
fn line(succession: &Succession, other: &AgencyId) -> String {
    let communes =
        succession.communes.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let where_ = if communes.is_empty() { "mọi xã".to_owned() } else { format!("xã {communes}") };
    let from = succession.effective.strftime("%d/%m/%Y");
    format!("{other} từ {from}, {where_} ({})", succession.legal_basis)
}

fn agency_json(agency: &Agency, served: &[&str], registry: &Registry) -> Value {
    let succession = |it: &Succession| {
        json!({
            "predecessor": it.predecessor.as_str(),
            "successor": it.successor.as_str(),
            "communes": it.communes.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
            "effective": it.effective.to_string(),
            "legal_basis": it.legal_basis,
        })
    };
    let sides = succeeded(agency, registry).chain(taken_over(agency, registry));
    let successions: Vec<_> = sides.map(succession).collect();
    fn dated<T: ToString>(values: &[Dated<T>]) -> Vec<Value> {
        let value = |it: &Dated<T>| {
            json!({
                "value": it.value.to_string(),
                "from": it.from.map(|day| day.to_string()),
                "to": it.to.map(|day| day.to_string()),
            })
        };
        values.iter().map(value).collect()
    }
    json!({
        "id": agency.id.as_str(),
        "names": dated(&agency.names),
        "codes": dated(&agency.codes),
        "level": agency.level.as_str(),
        "roles": agency.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        "parents": dated(&agency.parent),
        "territory": dated(&agency.territory),
        "from": agency.active.from.map(|day| day.to_string()),
        "to": agency.active.to.map(|day| day.to_string()),
        "hours": agency.hours.to_string(),
        "key_id": agency.key.map(|key| lienthong_seal::Hash(key.id).to_string()),
        "nodes": served,
        "successions": successions,
    })
}

fn codes(agency: &Agency, scheme: CodeScheme) -> String {
    let of: Vec<_> = agency.codes.iter().filter(|code| code.value.scheme() == scheme).cloned().collect();
    list(&of, ToString::to_string)
}

/// What holds with its days, each in a line.
fn list<T>(values: &[Dated<T>], text: impl Fn(&T) -> String) -> String {
    let line = |dated: &Dated<T>| match dated.period() {
        Period::ALWAYS => text(&dated.value),
        period => format!("{} ({})", text(&dated.value), days(period)),
    };
    values.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn days(period: Period) -> String {
    let day = |day: Date| day.strftime("%d/%m/%Y").to_string();
    match (period.from.map(day), period.to.map(day)) {
        (None, None) => "không thời hạn".to_owned(),
        (Some(from), None) => format!("từ {from}"),
        (None, Some(to)) => format!("đến {to}"),
        (Some(from), Some(to)) => format!("{from} – {to}"),
    }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Disabled);
    table
}
