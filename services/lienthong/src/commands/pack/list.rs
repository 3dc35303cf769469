//! `pack list`: the catalogue of a log's procedures, and how many there are by field and by level.

use comfy_table::{ContentArrangement, Table};
use lienthong_dossier::{Channel, Delivery};
use lienthong_registry::{
    Assurance, Catalogue, Fee, FieldCode, FieldCount, Offered, Pack, ReceiveBy, ReturnBy, Service,
    ServiceLevel,
};
use serde_json::{Value, json};

use crate::commands::dossier::words::ROWS;
use crate::{Format, Output};

/// Stands where a pack says nothing.
const UNSAID: &str = "chưa nêu";
const NONE: &str = "–";

/// Every pack, and the counts below them. In JSON the packs alone, as ever; `counts` tells the counts.
pub(super) fn packs(packs: &[&Pack], output: &mut Output<'_>) {
    if output.format() == Format::Json {
        output.json(&packs.iter().map(|pack| told(pack)).collect::<Vec<_>>());
        return;
    }
    let header =
        ["Thủ tục", "Phiên bản", "Mức độ", "Nộp", "Trả", "Có mặt", "Định danh", "Phí, lệ phí", "Tên"];
    show(&header, packs.iter().map(|pack| row(pack)), output);
    output.text("");
    counts(packs, output);
}

/// How many packs there are.
pub(super) fn counts(packs: &[&Pack], output: &mut Output<'_>) {
    let catalogue = Catalogue::of(packs.iter().copied());
    if output.format() == Format::Json {
        let field = |(code, field): (&FieldCode, &FieldCount)| {
            let mut told = offered(&field.offered);
            told["field"] = json!(code.as_str());
            told["name"] = json!(field.name);
            told
        };
        let mut told = offered(&catalogue.all);
        told["fields"] = catalogue.fields.iter().map(field).collect();
        output.json(&told);
        return;
    }
    let line = |code: &str, name: &str, offered: &Offered| {
        let levels = ServiceLevel::ALL.map(|level| offered.at(level).to_string());
        let rest = [offered.unsaid, offered.presence, offered.fees].map(|count| count.to_string());
        [vec![code.to_owned(), name.to_owned(), offered.packs.to_string()], levels.into(), rest.into()]
            .concat()
    };
    let fields =
        catalogue.fields.iter().map(|(code, field)| line(code.as_str(), &field.name, &field.offered));
    let all = line("Tổng số", "", &catalogue.all);
    let header =
        ["Mã lĩnh vực", "Lĩnh vực", "Thủ tục", "MĐ 1", "MĐ 2", "MĐ 3", "MĐ 4", UNSAID, "Có mặt", "Có phí"];
    show(&header, fields.chain([all]), output);
}

fn show(header: &[&str], rows: impl Iterator<Item = Vec<String>>, output: &mut Output<'_>) {
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for line in table.lines() {
        output.text(line.trim_end());
    }
}

fn row(pack: &Pack) -> Vec<String> {
    let service = pack.service();
    let level = service.level.map_or(UNSAID.to_owned(), |level| level.number().to_string());
    let presence = if service.presence.is_some() { "bắt buộc" } else { NONE };
    let identity = service.identity.map_or(NONE.to_owned(), |level| format!("mức độ {}", level.number()));
    let fees: Vec<_> = pack.fees().iter().map(fee_text).collect();
    vec![
        pack.procedure().to_string(),
        pack.version().to_string(),
        level,
        joined(&service.receive_by, received),
        joined(&service.return_by, returned),
        presence.to_owned(),
        identity,
        if fees.is_empty() { "không".to_owned() } else { fees.join("; ") },
        pack.name().to_owned(),
    ]
}

fn fee_text(fee: &Fee) -> String {
    let when = if fee.collected.is_later() { "thu sau" } else { "thu trước" };
    let exempt = if fee.exempt.is_empty() { "" } else { ", có đối tượng miễn" };
    format!("{} ({when}{exempt})", fee.amount)
}

fn joined<T: Copy>(values: &[T], word: impl Fn(T) -> &'static str) -> String {
    values.iter().map(|value| word(*value)).collect::<Vec<_>>().join(", ")
}

fn told(pack: &Pack) -> Value {
    let days = pack.in_force();
    let Service { level, receive_by, return_by, pay_by, identity, presence } = pack.service();
    let fee = |fee: &Fee| {
        json!({
            "id": fee.id.as_str(),
            "name": fee.name,
            "amount_dong": fee.amount.get(),
            "collected": fee.collected.as_str(),
            "pay_later": fee.collected.is_later(),
            "exempt": fee.exempt,
            "exempt_because": fee.exempt_because,
        })
    };
    json!({
        "procedure": pack.procedure().as_str(),
        "version": pack.version().as_str(),
        "name": pack.name(),
        "from": days.from.map(|day| day.to_string()),
        "to": days.to.map(|day| day.to_string()),
        "steps": pack.steps().len(),
        "field": pack.field().code.as_str(),
        "level": level.map(ServiceLevel::number),
        "receive_by": receive_by.iter().map(|channel| channel.as_str()).collect::<Vec<_>>(),
        "return_by": return_by.iter().map(|channel| channel.as_str()).collect::<Vec<_>>(),
        "pay_by": pay_by.iter().map(|channel| channel.as_str()).collect::<Vec<_>>(),
        "identity": identity.map(Assurance::number),
        "presence_because": presence,
        "fees": pack.fees().iter().map(fee).collect::<Vec<_>>(),
        "accounts": pack.accounts().len(),
    })
}

fn offered(offered: &Offered) -> Value {
    let levels = ServiceLevel::ALL.map(|level| json!({"level": level.number(), "packs": offered.at(level)}));
    json!({
        "packs": offered.packs,
        "levels": levels,
        "unsaid": offered.unsaid,
        "presence": offered.presence,
        "fees": offered.fees,
    })
}

/// The words are those of the dossier's own channels.
fn received(channel: ReceiveBy) -> &'static str {
    match channel {
        ReceiveBy::Direct => Channel::Direct.vietnamese(),
        ReceiveBy::Online => Channel::Online.vietnamese(),
        ReceiveBy::Postal => Channel::Postal.vietnamese(),
    }
}

fn returned(channel: ReturnBy) -> &'static str {
    match channel {
        ReturnBy::Desk => Delivery::Desk.vietnamese(),
        ReturnBy::Postal => Delivery::Postal.vietnamese(),
        ReturnBy::Electronic => Delivery::Electronic.vietnamese(),
    }
}
