//! `dossier show`: one dossier, field by field.

use comfy_table::{ContentArrangement, Table};
use lienthong_dossier::{Channel, Subject};
use lienthong_wire::Coded as _;
use lienthong_wire::pb::common::v1::{Notice, NoticeState, Payment};
use lienthong_wire::pb::reading::v1 as pb;

use super::names::{Names, commune, named};
use super::words::{NONE, ROWS, TRAINING, left, moment, or_none, promise, status, told_at, verdict, working};
use crate::connection::{Connection, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Columns that the names of fields take.
const LABEL_COLUMNS: usize = 22;

pub(super) async fn run(code: &str, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
    let dossier = get(code, connection).await?;
    if output.format() == Format::Json {
        output.json(&super::mapped("Dossier", &dossier)?);
        return Ok(());
    }
    if dossier.training {
        output.text(TRAINING);
    }
    // It names whoever acted on the dossier, which the row has as codes.
    let timeline = super::timeline::get(code, connection).await?;
    for (label, value) in fields(&dossier, &Names::of(&timeline.entries)) {
        let pad = " ".repeat(LABEL_COLUMNS.saturating_sub(label.chars().count()));
        output.text(&format!("{label}{pad} {value}"));
    }
    if dossier.imported.is_some() {
        // The row counts activities; what they are stands in the record.
        let facts = timeline.entries.iter().flat_map(|entry| &entry.facts);
        for line in activities(facts.flat_map(|fact| &fact.activities)).lines() {
            output.text(line.trim_end());
        }
    }
    Ok(())
}

/// The dossier.
pub(super) async fn get(code: &str, connection: &Connection) -> Result<pb::Dossier, Failure> {
    let request = pb::GetDossierRequest { code: code.to_owned(), ..Default::default() };
    let answer = connection.reading().get_dossier(call(request)).await;
    Ok(answer.map_err(|status| connection.refusal(&status))?.into_inner())
}

/// What a source tells was done, at its own times.
pub(super) fn activities<'a>(told: impl Iterator<Item = &'a pb::ImportedActivity>) -> Table {
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["#", "Thời điểm theo nguồn", "Hoạt động", "Người thực hiện", "Đơn vị", "Diễn biến"]);
    for (number, activity) in (1_u32..).zip(told) {
        let texts = [&activity.name, &activity.resource, &activity.group, &activity.lifecycle];
        let texts = texts.into_iter().map(|text| or_none(text));
        table.add_row([number.to_string(), told_at(activity)].into_iter().chain(texts));
    }
    table
}

fn fields(dossier: &pb::Dossier, names: &Names) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Mã hồ sơ", dossier.code.clone())];
    match &dossier.imported {
        Some(imported) => fields.extend(imported_fields(dossier, imported, names)),
        None => fields.extend(own_fields(dossier, names)),
    }
    if dossier.erased_at.is_some() {
        fields.push(("Dữ liệu cá nhân", format!("đã xóa {}", moment(dossier.erased_at.as_ref()))));
    }
    if let Some(position) = &dossier.position {
        fields.push(("Vị trí trong nhật ký", format!("{}:{}", position.partition, position.offset)));
    }
    fields
}

fn imported_fields(
    dossier: &pb::Dossier,
    imported: &pb::Imported,
    names: &Names,
) -> [(&'static str, String); 6] {
    [
        ("Nguồn", format!("nhập từ {}; chỉ để xem", imported.source)),
        ("Trạng thái", status(dossier.status)),
        ("Cơ quan nhập", names.with_code(&dossier.received_by)),
        ("Nhập lúc", moment(dossier.last_at.as_ref())),
        ("Số hoạt động", imported.activities.to_string()),
        (
            "Theo nguồn (giờ VN)",
            format!("{} – {}", moment(imported.first_at.as_ref()), moment(imported.last_at.as_ref())),
        ),
    ]
}

fn own_fields(dossier: &pb::Dossier, names: &Names) -> Vec<(&'static str, String)> {
    let channel = Channel::from_number(dossier.channel).map_or(NONE, Channel::vietnamese);
    let mut fields = vec![
        ("Thủ tục", dossier.procedure.as_ref().map_or_else(|| NONE.to_owned(), procedure)),
        ("Trạng thái", status(dossier.status)),
        ("Đang giữ", dossier.custody.as_ref().map_or_else(|| NONE.to_owned(), custody)),
        ("Bước", dossier.step.as_ref().map_or_else(|| NONE.to_owned(), step)),
        ("Nơi tiếp nhận", names.with_code(&dossier.received_by)),
        ("Xã, phường", commune(&dossier.commune)),
        ("Nộp", format!("{}, {channel}", moment(dossier.received_at.as_ref()))),
        ("Hẹn trả", promise(dossier)),
    ];
    fields.extend(verdict(dossier.verdict()).map(|verdict| ("Giải quyết", verdict.to_owned())));
    if dossier.extension_days > 0 {
        fields.push(("Gia hạn", format!("{} ngày làm việc", dossier.extension_days)));
    }
    if !dossier.documents_awaited.is_empty() {
        let awaited: Vec<_> = dossier.documents_awaited.iter().map(|kind| names.with_code(kind)).collect();
        fields.push(("Chờ bổ sung", awaited.join(", ")));
    }
    fields.extend(dossier.referrals.iter().map(|sent| ("Yêu cầu", referral(sent))));
    fields.extend(dossier.holds.iter().map(|placed| ("Tạm dừng", hold(placed))));
    fields.extend(dossier.notices.iter().map(|issued| ("Thông báo nộp tiền", notice(issued))));
    if !dossier.notices.is_empty() {
        fields.push(("Còn phải nộp", format!("{} đồng", dossier.remaining_dong)));
    }
    fields.extend(dossier.payments.iter().map(|paid| ("Khoản nộp", payment(paid))));
    let refunds =
        dossier.refunds.iter().map(|refund| ("Phải hoàn trả", format!("{} đồng", refund.amount_dong)));
    fields.extend(refunds);
    if dossier.withdrawal_asked {
        fields.push(("Rút hồ sơ", "công dân đề nghị, chưa trả lời".to_owned()));
    }
    if !dossier.land_register_entry.is_empty() {
        fields.push(("Sổ địa chính", dossier.land_register_entry.clone()));
    }
    if !dossier.result.is_empty() {
        fields.push(("Kết quả", format!("số {}, {}", dossier.result, moment(dossier.result_at.as_ref()))));
    }
    fields
        .push(("Số lần bàn giao", format!("{} (kèm giấy: {})", dossier.hand_offs, dossier.paper_hand_offs)));
    fields
}

/// Who holds it, and to whom it is offered.
fn custody(custody: &pb::Custody) -> String {
    let holder = named(&custody.holder_name, &custody.holder);
    match custody.offered_to.as_str() {
        "" => holder,
        offered_to => format!("{holder} → {}", named(&custody.offered_to_name, offered_to)),
    }
}

fn procedure(procedure: &pb::Procedure) -> String {
    format!("{} ({}, phiên bản {})", procedure.name, procedure.code, procedure.version)
}

fn step(step: &pb::Step) -> String {
    let when = match (&step.begun, step.paused) {
        (None, _) => "chờ cơ quan của bước nhận hồ sơ".to_owned(),
        (Some(_), true) => format!("tạm dừng, còn {}", working(step.remaining_minutes)),
        (Some(_), false) if step.due.is_some() => {
            format!("hạn {}{}", moment(step.due.as_ref()), remaining(step.left.as_ref()))
        }
        (Some(begun), false) => format!("từ {}", moment(Some(begun))),
    };
    format!("{} ({}), {when}", step.name, step.id)
}

/// `, còn 2 ngày làm việc`; nothing where no clock runs.
fn remaining(of: Option<&pb::Left>) -> String {
    of.map(|of| format!(", {}", left(of))).unwrap_or_default()
}

fn referral(referral: &pb::Referral) -> String {
    let subject = Subject::from_number(referral.subject).map_or(NONE, Subject::vietnamese);
    let state = match referral.state() {
        pb::ReferralState::Unspecified => NONE,
        pb::ReferralState::Sent => "đã gửi",
        pb::ReferralState::Accepted => "đã tiếp nhận",
        pb::ReferralState::Answered => "đã trả lời",
        pb::ReferralState::Returned => "bị trả lại",
        pb::ReferralState::Lapsed => "hết hạn, coi là đồng ý",
    };
    let (number, due) = (referral.referral, moment(referral.due.as_ref()));
    let remaining = remaining(referral.left.as_ref());
    let to = named(&referral.to_name, &referral.to);
    format!("{number}. {subject} → {to}: {state}, hạn {due}{remaining}")
}

fn hold(hold: &pb::Hold) -> String {
    let state = if hold.open { "còn hiệu lực" } else { "đã hết" };
    format!("{}. {} từ {}: {state}", hold.hold, hold.ground, moment(hold.since.as_ref()))
}

fn payment(payment: &Payment) -> String {
    let of = if payment.fee.is_empty() {
        format!("thông báo số {}", payment.notice)
    } else {
        format!("phí {}", payment.fee)
    };
    let (came, amount) = (moment(payment.received_at.as_ref()), payment.amount_dong);
    let more = [("biên lai số", &payment.receipt), ("sao kê số", &payment.statement)];
    let more = more.into_iter().filter(|(_, number)| !number.is_empty());
    let more: String = more.map(|(what, number)| format!(", {what} {number}")).collect();
    let void = if payment.cancelled { ", chứng từ đã hủy" } else { "" };
    format!("{}: {amount} đồng, {of}, {came}{more}{void}", payment.payment)
}

fn notice(notice: &Notice) -> String {
    let state = match notice.state() {
        NoticeState::Unspecified => NONE.to_owned(),
        NoticeState::Current => format!("còn {} đồng", notice.remaining_dong),
        NoticeState::Superseded => format!("được thay bằng số {}", notice.superseded_by),
        NoticeState::Cancelled => "đã hủy".to_owned(),
    };
    format!("số {}, {}: {state}", notice.number, moment(notice.issued_at.as_ref()))
}
