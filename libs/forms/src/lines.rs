//! A form as lines of text, for whoever reads it on a screen: each field that is filled in, by its Vietnamese name.

use jiff::civil::Date;
use lienthong_calendar::{Instant, vietnamese_date};
use serde_json::{Map, Value};

use crate::{Form, Kind, number, percent};

/// Between the name of a part and that of a field within it.
const WITHIN: &str = " – ";
/// Basis points in the whole.
const BASIS_POINTS: u64 = 10_000;

/// Fields of one part: what they are called in JSON, and on the screen. In the order in which they are told.
type Names = &'static [(&'static str, &'static str)];

const FORM: Names = &[
    ("header", ""),
    ("form", "Mẫu"),
    ("subject", "Về việc"),
    ("book", "Quyển số"),
    ("entry", "Số thứ tự"),
    ("from", "Từ ngày"),
    ("to", "Đến ngày"),
    ("position", "Vị trí nhật ký"),
    ("as_of", "Quá hạn tính đến hết ngày"),
    ("provisional", "Tạm tính"),
    ("first", "Số thứ tự đầu tiên"),
    ("dossier", "Mã hồ sơ"),
    ("adjusts", "Thay cho thông báo"),
    ("applicant", "Tổ chức, cá nhân"),
    ("procedure", "Thủ tục"),
    ("request", "Nội dung yêu cầu giải quyết"),
    ("complete_on", "Ngày nhận đủ hồ sơ"),
    ("competent", "Cơ quan giải quyết"),
    ("partners", "Cơ quan phối hợp"),
    ("reception_point", "Nơi tiếp nhận"),
    ("received_by", "Nơi tiếp nhận"),
    ("papers", "Giấy tờ"),
    ("sets", "Số bộ hồ sơ"),
    ("limit", "Thời hạn giải quyết"),
    ("received", "Tiếp nhận"),
    ("promised", "Hẹn trả"),
    ("extended", "Hẹn trả lại"),
    ("ordinal", "Gia hạn lần"),
    ("collect_at", "Nơi nhận kết quả"),
    ("fee", "Phí, lệ phí"),
    ("items", "Nội dung cần bổ sung"),
    ("stop_request", "Đề nghị dừng"),
    ("phase", "Giai đoạn"),
    ("reason", "Lý do"),
    ("legal_ground", "Căn cứ pháp lý"),
    ("decision", "Quyết định"),
    ("settlement", "Nghĩa vụ tài chính"),
    ("issuer", "Đơn vị yêu cầu"),
    ("contact", "Người hướng dẫn"),
    ("contact_phone", "Điện thoại liên hệ"),
    ("transfers", "Bàn giao"),
    ("entries", "Hồ sơ"),
    ("groups", "Nhóm"),
    ("users", "Người sử dụng đất"),
    ("land", "Thửa đất"),
    ("buildings", "Tài sản gắn liền với đất"),
    ("contract", "Hợp đồng"),
    ("relief", "Miễn, giảm, ghi nợ"),
    ("attachments", "Tệp kèm theo"),
    ("taxpayers", "Người nộp thuế"),
    ("property", "Tài sản"),
    ("lines", "Khoản nộp"),
    ("budget", "Nơi nộp"),
    ("late_interest", "Tiền chậm nộp mỗi ngày"),
    ("submitter", "Người nộp hồ sơ"),
    ("receiver", "Người nhận"),
    ("officer", "Cán bộ"),
    ("author", "Người lập biểu"),
    ("signer_title", "Chức vụ người ký"),
    ("signer", "Người ký"),
    ("qr", "Mã QR"),
];

const HEADER: Names = &[
    ("superior", "Cơ quan cấp trên"),
    ("agency", "Cơ quan"),
    ("number", "Số"),
    ("place", "Địa danh"),
    ("date", "Ngày"),
];

/// Of persons and organisations.
const PERSON: Names = &[
    ("name", "Tên"),
    ("id_number", "Số định danh"),
    ("tax_id", "Mã số thuế, số định danh"),
    ("born", "Ngày sinh"),
    ("papers", "Giấy tờ"),
    ("address", "Địa chỉ"),
    ("phone", "Điện thoại"),
    ("email", "Email"),
    ("share", "Tỷ lệ"),
    ("agent", "Đại lý thuế"),
];

const PAPER: Names = &[
    ("name", "Tên"),
    ("kind", "Hình thức"),
    ("count", "Số lượng"),
    ("note", "Ghi chú"),
    ("sha256", "SHA-256"),
];

const TRANSFER: Names = &[
    ("giver", "Bên giao"),
    ("taker", "Bên nhận"),
    ("result", "Kết quả"),
    ("note", "Ghi chú"),
    ("agency", "Cơ quan"),
    ("at", "Thời điểm"),
    ("person", "Người thực hiện"),
];

const ENTRY: Names = &[
    ("dossier", "Mã hồ sơ"),
    ("procedure", "Thủ tục"),
    ("sets", "Số bộ hồ sơ"),
    ("applicant", "Tổ chức, cá nhân"),
    ("contact", "Địa chỉ, điện thoại"),
    ("competent", "Cơ quan giải quyết"),
    ("received", "Tiếp nhận"),
    ("promised", "Hẹn trả"),
    ("returned", "Trả kết quả"),
    ("delivery", "Hình thức trả"),
    ("signed", "Ký nhận"),
    ("note", "Ghi chú"),
];

/// Of land, and of what stands on it.
const ESTATE: Names = &[
    ("kind", "Loại"),
    ("plot", "Thửa số"),
    ("sheet", "Tờ bản đồ số"),
    ("address", "Địa chỉ"),
    ("street", "Đường, đoạn đường, khu vực"),
    ("position", "Vị trí"),
    ("area", "Diện tích"),
    ("area_private", "Diện tích sử dụng riêng"),
    ("area_shared", "Diện tích sử dụng chung"),
    ("area_within_limit", "Diện tích trong hạn mức"),
    ("area_above_limit", "Diện tích ngoài hạn mức"),
    ("origin", "Nguồn gốc"),
    ("purpose", "Mục đích sử dụng"),
    ("term", "Thời hạn"),
    ("used_since", "Sử dụng từ"),
    ("form_of_use", "Hình thức sử dụng"),
    ("table_price", "Giá theo bảng giá"),
    ("certificate", "Giấy chứng nhận"),
    ("house", "Nhà"),
    ("grade", "Cấp, hạng"),
    ("built_area", "Diện tích xây dựng"),
    ("floor_area", "Diện tích sàn"),
    ("floors", "Số tầng"),
    ("completed", "Năm hoàn thành"),
    ("structure", "Kết cấu"),
];

/// Of contracts, reliefs and notices that are replaced.
const PAPERWORK: Names = &[
    ("number", "Số"),
    ("date", "Ngày"),
    ("reason", "Lý do"),
    ("certified_by", "Nơi công chứng, chứng thực"),
    ("transferor", "Bên chuyển quyền"),
    ("price", "Giá"),
    ("subject", "Đối tượng"),
    ("legal_ground", "Căn cứ pháp lý"),
    ("papers", "Giấy tờ"),
];

const PAYMENT: Names = &[
    ("levy", "Khoản thu"),
    ("payer", "Người nộp"),
    ("budget_item", "Tiểu mục"),
    ("taxable", "Trị giá tính"),
    ("due", "Phải nộp"),
    ("exempt_reason", "Lý do miễn, giảm"),
    ("exempt", "Được miễn, giảm"),
    ("paid", "Đã nộp"),
    ("remaining", "Còn phải nộp"),
    ("pay_by", "Hạn nộp"),
];

const BUDGET: Names = &[
    ("account", "Tài khoản"),
    ("bank", "Ngân hàng"),
    ("collector", "Cơ quan thu"),
    ("chapter", "Chương"),
    ("territory", "Địa bàn"),
    ("reference", "Mã tham chiếu"),
];

const COUNTED: Names = &[
    ("name", "Tên"),
    ("rows", "Dòng"),
    ("counts", "Số hồ sơ"),
    ("online", "Tiếp nhận trực tuyến"),
    ("direct", "Tiếp nhận trực tiếp, bưu chính"),
    ("carried", "Từ kỳ trước"),
    ("solved_early", "Giải quyết trước hạn"),
    ("solved_on_time", "Giải quyết đúng hạn"),
    ("solved_late", "Giải quyết quá hạn"),
    ("pending_in_time", "Đang giải quyết trong hạn"),
    ("pending_late", "Đang giải quyết quá hạn"),
];

/// A form's fields, one to a line. Whether it is of a training log is for whoever shows it to say.
#[must_use]
pub fn lines<F: Form>(form: &F) -> Vec<String> {
    let mut lines = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(form) {
        tell_all(F::KIND, "", FORM, &fields, &mut lines);
    }
    lines
}

/// The names of what is in a part.
fn names_in(part: &str) -> Names {
    match part {
        "header" => HEADER,
        "applicant" | "users" | "taxpayers" | "agent" => PERSON,
        "papers" | "attachments" => PAPER,
        "transfers" | "giver" | "taker" => TRANSFER,
        "entries" => ENTRY,
        "land" | "buildings" | "property" => ESTATE,
        "contract" | "relief" | "adjusts" => PAPERWORK,
        "lines" => PAYMENT,
        "budget" => BUDGET,
        "groups" | "rows" | "counts" => COUNTED,
        _ => FORM,
    }
}

fn tell_all(kind: Kind, before: &str, names: Names, fields: &Map<String, Value>, lines: &mut Vec<String>) {
    for (key, name) in names {
        let Some(value) = fields.get(*key) else { continue };
        // A slip is sent to an agency, all else goes to a day.
        let name = if kind == Kind::TaxInformation && *key == "to" { "Kính gửi" } else { name };
        tell(kind, key, &join(before, name), value, lines);
    }
}

fn join(before: &str, name: &str) -> String {
    match (before, name) {
        ("", name) => name.to_owned(),
        (before, "") => before.to_owned(),
        (before, name) => format!("{before}{WITHIN}{name}"),
    }
}

fn tell(kind: Kind, key: &str, name: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(false) => {}
        Value::String(text) if text.is_empty() => {}
        Value::Object(fields) => tell_all(kind, name, names_in(key), fields, lines),
        Value::Array(items) => {
            (1..)
                .zip(items)
                .for_each(|(number, item)| tell(kind, key, &format!("{name} {number}"), item, lines));
        }
        Value::Bool(true) => lines.push(format!("{name}: có")),
        Value::String(text) => lines.push(format!("{name}: {}", told(key, text))),
        Value::Number(count) => {
            lines.push(format!("{name}: {}", counted(key, count.as_u64().unwrap_or_default())))
        }
    }
}

/// A text as people write it.
fn told(key: &str, text: &str) -> String {
    let word = match (key, text) {
        ("kind", "original") => "bản chính",
        ("kind", "copy") => "bản sao",
        ("kind", "photocopy") => "bản chụp",
        ("kind", "electronic") => "bản điện tử",
        ("result", "early") => "trước hạn",
        ("result", "on_time") => "đúng hạn",
        ("result", "late") => "quá hạn",
        (_, text) => text,
    };
    if let Ok(instant) = Instant::parse(word) {
        return instant.vietnamese();
    }
    let date = word.parse().ok().filter(|date: &Date| date.to_string() == word);
    date.map_or_else(|| word.to_owned(), vietnamese_date)
}

fn counted(key: &str, count: u64) -> String {
    match key {
        "taxable" | "due" | "exempt" | "paid" | "remaining" | "price" => format!("{} đồng", number(count)),
        "late_interest" => percent(count, BASIS_POINTS).unwrap_or_default(),
        // An ordinal, not an amount.
        "first" => count.to_string(),
        _ => number(count),
    }
}
