//! A dossier as a national record (`DongBoHoSoMC`), in the order of fields that provincial systems use.

use std::collections::BTreeMap;

use lienthong_dossier::{ApplicantKind, Delivery, PaymentChannel};
use lienthong_wire::pb::history::v1 as history;
use lienthong_wire::pb::personal::v1::{Applicant, PersonalDetails};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, Timestamp, instant};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use super::Told;
use crate::sync::{Dialect, print_time};

/// A record's fields in their order.
pub(super) struct Line(Vec<(String, Said)>);

/// What a field says: a text, or JSON as it was given.
pub(super) enum Said {
    Text(String),
    Json(Box<RawValue>),
}

impl Line {
    pub(super) fn new(fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(fields.into_iter().map(|(field, text)| (field.to_owned(), Said::Text(text))).collect())
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, said) in &self.0 {
            match said {
                Said::Text(text) => map.serialize_entry(field, text)?,
                Said::Json(json) => map.serialize_entry(field, json)?,
            }
        }
        map.end()
    }
}

/// The record, and the fields that had to stay empty though they are asked for.
pub(super) fn of(told: &Told, dialect: Dialect) -> (Line, Vec<&'static str>) {
    let imported = told.entries.iter().find_map(|entry| {
        let fact = entry.facts.iter().find(|fact| fact.told.is_some())?;
        Some((entry.offset, fact.told.as_ref()?))
    });
    let details = |offset: u64| told.details.get(&offset).cloned().unwrap_or_default();
    let record = match imported {
        Some((offset, heard)) => {
            let mut record = Record::heard(told, heard, &details(offset), dialect);
            if told.entries.iter().flat_map(|entry| &entry.facts).any(|fact| fact.name == "DossierAdopted") {
                record.go_on(told, dialect);
            }
            record
        }
        None => Record::live(told, &details(told.entries.first().map_or(0, |first| first.offset)), dialect),
    };
    record.finish()
}

/// The fields, in any order.
struct Record {
    fields: BTreeMap<String, Said>,
    /// Lists that say less than what happened.
    unsaid: Vec<&'static str>,
}

/// Scalars and lists in their order.
const ORDER: [&str; 39] = [
    "MaHoSo",
    "SoBienNhan",
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "TenLinhVuc",
    "KenhThucHien",
    "SoGiayToChuHoSo",
    "ChuHoSo",
    "LoaiDoiTuong",
    "MaDoiTuong",
    "ThongTinKhac",
    "Email",
    "Fax",
    "SoDienThoai",
    "TrichYeuHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NgayTra",
    "ThongTinTra",
    "HinhThuc",
    "NgayKetThucXuLy",
    "DonViXuLy",
    "GhiChu",
    "TaiLieuNop",
    "DanhSachLePhi",
    "DanhSachTepDinhKemKhac",
    "DanhSachHoSoBoSung",
    "DanhSachGiayToKetQua",
    "NoiNopHoSo",
    "HoSoCoThanhPhanSoHoa",
    "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen",
    "NgayTuChoi",
    "DinhDanhCHS",
    "NgayNopHoSo",
    "DSKetNoiCSDL",
    "MaHoSoKhac",
];
/// Those of them that are lists.
const LISTS: [&str; 7] = crate::sync::LISTS;
/// What provincial systems must send.
const REQUIRED: [&str; 14] = [
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "TenLinhVuc",
    "SoGiayToChuHoSo",
    "LoaiDoiTuong",
    "NgayTiepNhan",
    "HinhThuc",
    "DonViXuLy",
    "HoSoCoThanhPhanSoHoa",
    "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen",
    "NoiNopHoSo",
    "NgayNopHoSo",
];
/// Last in the order, and only there when a source gave them.
const OPTIONAL: [&str; 2] = ["SoBienNhan", "MaHoSoKhac"];

impl Record {
    fn new() -> Self {
        Self { fields: BTreeMap::new(), unsaid: Vec::new() }
    }

    fn put(&mut self, field: &str, text: impl Into<String>) {
        self.fields.insert(field.to_owned(), Said::Text(text.into()));
    }

    fn time(&mut self, field: &str, at: Option<&Timestamp>) {
        self.put(field, at.and_then(instant).map(print_time).unwrap_or_default());
    }

    fn list(&mut self, field: &str, rows: &[serde_json::Value]) {
        if let Ok(json) = serde_json::value::to_raw_value(rows) {
            self.fields.insert(field.to_owned(), Said::Json(json));
        }
    }

    fn person(&mut self, applicant: &Applicant) {
        self.put("ChuHoSo", &applicant.name);
        self.put("SoGiayToChuHoSo", &applicant.id_number);
        self.put("Email", &applicant.email);
        self.put("SoDienThoai", &applicant.phone);
    }

    /// What another system told, as it told it.
    fn heard(told: &Told, heard: &history::Told, details: &PersonalDetails, dialect: Dialect) -> Self {
        let mut record = Self::new();
        let named = |it: &Option<history::Named>| it.clone().unwrap_or_default();
        record.put("MaHoSo", &told.dossier.code);
        let (procedure, field) = (named(&heard.procedure), named(&heard.field));
        record.put("MaTTHC", procedure.code);
        record.put("TenTTHC", procedure.name);
        record.put("MaLinhVuc", field.code);
        record.put("TenLinhVuc", field.name);
        record.put("KenhThucHien", number(heard.channel));
        record.put("LoaiDoiTuong", applicant(heard.applicant, dialect));
        record.put("TrangThaiHoSo", number(told.entries.last().map_or(0, |last| last.status)));
        record.put("HinhThuc", delivery(heard.delivery));
        record.put("DonViXuLy", named(&heard.agency).name);
        for (field, at) in [
            ("NgayNopHoSo", &heard.filed_at),
            ("NgayTiepNhan", &heard.received_at),
            ("NgayHenTra", &heard.due),
            ("NgayKetThucXuLy", &heard.finished_at),
            ("NgayTra", &heard.returned_at),
            ("NgayTuChoi", &heard.refused_at),
        ] {
            record.time(field, at.as_ref());
        }
        let flag = |flag: Option<bool>| flag.map_or("", |flag| if flag { "1" } else { "0" });
        record.put("HoSoCoThanhPhanSoHoa", flag(heard.digitised));
        record.put("TaiKhoanDuocXacThucVoiVNeID", flag(heard.vneid));
        record.put(
            "DuocThanhToanTrucTuyen",
            heard.online_payment.map_or(String::new(), |code| code.to_string()),
        );
        record.person(&details.applicant.clone().unwrap_or_default());
        for said in &details.particulars {
            // Lists and fields that nobody knows were kept as JSON.
            let is_json = LISTS.contains(&said.name.as_str()) || !ORDER.contains(&said.name.as_str());
            let json = is_json.then(|| RawValue::from_string(said.value.clone()).ok()).flatten();
            let value = json.map_or_else(|| Said::Text(said.value.clone()), Said::Json);
            record.fields.insert(said.name.clone(), value);
        }
        record
    }

    /// What happened on the bus since the dossier was adopted.
    fn go_on(&mut self, told: &Told, dialect: Dialect) {
        let mut live = Self::live(told, &PersonalDetails::default(), dialect);
        for field in ["NgayHenTra", "NgayKetThucXuLy", "NgayTra", "HinhThuc", "DonViXuLy"] {
            match live.fields.remove(field) {
                Some(Said::Text(text)) if !text.is_empty() => self.put(field, text),
                Some(_) | None => {}
            }
        }
        self.append("DanhSachHoSoBoSung", supplements(told));
        self.append("DanhSachLePhi", fees(told.entries.iter().flat_map(|entry| &entry.facts)));
    }

    /// A list as it was told, and rows behind it.
    fn append(&mut self, field: &str, rows: Vec<serde_json::Value>) {
        let before = match self.fields.get(field) {
            Some(Said::Json(json)) => serde_json::from_str(json.get()).unwrap_or_default(),
            Some(Said::Text(_)) | None => Vec::new(),
        };
        if !rows.is_empty() {
            self.list(field, &[before, rows].concat());
        }
    }

    /// What happened on the bus.
    fn live(told: &Told, details: &PersonalDetails, dialect: Dialect) -> Self {
        let mut record = Self::new();
        let dossier = &told.dossier;
        let facts =
            || told.entries.iter().flat_map(|entry| entry.facts.iter().map(move |fact| (entry, fact)));
        let when = |name: &str| {
            facts().rfind(|(_, fact)| fact.name == name).and_then(|(entry, _)| entry.at.as_ref())
        };
        let opening = facts().find(|(_, fact)| !fact.procedure.is_empty()).map(|(_, fact)| fact);
        let procedure = dossier.procedure.clone().unwrap_or_default();
        record.put("MaHoSo", &dossier.code);
        record.put("MaTTHC", procedure.code);
        record.put("TenTTHC", procedure.name);
        record.put("MaLinhVuc", procedure.field_code);
        record.put("TenLinhVuc", procedure.field_name);
        record.put("KenhThucHien", number(opening.map_or(0, |fact| fact.channel)));
        record.put("LoaiDoiTuong", applicant(opening.map_or(0, |fact| fact.applicant), dialect));
        record.put("TrangThaiHoSo", number(told.entries.last().map_or(0, |last| last.status)));
        let recalled = when("ResultRecalled");
        let issued = when("ResultIssued")
            .filter(|issued| recalled.is_none_or(|recalled| seconds(recalled) < seconds(issued)));
        let received = when("DossierAccepted");
        record.time("NgayNopHoSo", when("DossierFiled").or(received));
        record.time("NgayTiepNhan", received);
        let due = facts().filter_map(|(_, fact)| fact.clock.as_ref()?.due.as_ref()).next_back();
        record.time("NgayHenTra", due);
        record.time("NgayKetThucXuLy", issued);
        record.time("NgayTra", when("ResultDelivered"));
        record.time("NgayTuChoi", when("DossierRefused"));
        let handed = facts().rfind(|(_, fact)| fact.name == "ResultDelivered");
        record.put("HinhThuc", delivery(handed.map_or(0, |(_, fact)| fact.delivery)));
        let took = |entry: &&pb::TimelineEntry| entry.facts.iter().any(|fact| fact.name == "CustodyAccepted");
        let holder = told.entries.iter().rfind(took).or(told.entries.first());
        record.put("DonViXuLy", holder.map_or("", |entry| &entry.agency_name));
        record.put("DuocThanhToanTrucTuyen", paid(facts().map(|(_, fact)| fact)));
        let applicant = details.applicant.clone().unwrap_or_default();
        record.list("DanhSachHoSoBoSung", &supplements(told));
        record.papers(facts().map(|(_, fact)| fact));
        record.list("DanhSachLePhi", &fees(facts().map(|(_, fact)| fact)));
        if issued.is_some() {
            record.unsaid.push("DanhSachGiayToKetQua");
        }
        record.list("DinhDanhCHS", &identity(&applicant.id_number));
        record.person(&applicant);
        record
    }

    /// The papers whose files were handed in, by the hash under which the file lies; of others there is nothing to fetch.
    fn papers<'a>(&mut self, facts: impl Iterator<Item = &'a pb::Fact>) {
        let papers: Vec<&pb::Paper> = facts.flat_map(|fact| &fact.papers).collect();
        if papers.iter().any(|paper| paper.sha256.is_empty()) {
            self.unsaid.push("TaiLieuNop");
        }
        let filed = papers.into_iter().filter(|paper| !paper.sha256.is_empty());
        let rows: Vec<_> = filed
            .map(|paper| {
                json!({
                    "TepDinhKemId": paper.sha256, "TenTepDinhKem": paper.name, "IsDeleted": 0,
                    "MaThanhPhanHoSo": paper.kind, "DuongDanTaiTepTin": "",
                })
            })
            .collect();
        self.list("TaiLieuNop", &rows);
    }

    fn finish(mut self) -> (Line, Vec<&'static str>) {
        let says_nothing = |said: Option<&Said>| match said {
            None => true,
            Some(Said::Text(text)) => text.is_empty(),
            Some(Said::Json(_)) => false,
        };
        let required = REQUIRED.into_iter().filter(|field| says_nothing(self.fields.get(*field)));
        let missing = required.chain(self.unsaid).collect();
        let mut line = Vec::with_capacity(ORDER.len());
        for field in ORDER {
            let said = self.fields.remove(field);
            if said.is_none() && OPTIONAL.contains(&field) {
                continue;
            }
            line.push((field.to_owned(), said.unwrap_or_else(|| nothing(field))));
        }
        // What a source told beyond the known fields, by name.
        line.extend(self.fields);
        (Line(line), missing)
    }
}

/// A field that says nothing.
fn nothing(field: &str) -> Said {
    let empty = LISTS.contains(&field).then(|| RawValue::from_string("[]".to_owned()).ok()).flatten();
    empty.map_or_else(|| Said::Text(String::new()), Said::Json)
}

/// A code whose number is the national one; empty for none.
fn number(code: i32) -> String {
    if code == 0 { String::new() } else { code.to_string() }
}

fn applicant(code: i32, dialect: Dialect) -> String {
    let kind = ApplicantKind::from_number(code).and_then(|kind| dialect.applicant_code(kind));
    kind.map(|code| code.to_string()).unwrap_or_default()
}

/// How the result was handed out. An electronic one has no code of its own: it was not fetched, and nothing was posted.
fn delivery(code: i32) -> String {
    match Delivery::from_number(code) {
        Some(Delivery::Desk | Delivery::Electronic) => "0".to_owned(),
        Some(Delivery::Postal) => "1".to_owned(),
        None => String::new(),
    }
}

/// Fees that were paid at the desk and stand.
fn fees<'a>(facts: impl Iterator<Item = &'a pb::Fact> + Clone) -> Vec<serde_json::Value> {
    let void = void(facts.clone());
    let stands = |fact: &&pb::Fact| fact.name == "FeeReceived" && !void.contains(&fact.payment.as_str());
    facts
        .filter(stands)
        .map(|fact| json!({ "TenPhiLePhi": fact.fee, "MaPhiLePhi": fact.fee, "Gia": fact.amount_dong.to_string() }))
        .collect()
}

/// Payments whose vouchers turned out void.
fn void<'a>(facts: impl Iterator<Item = &'a pb::Fact>) -> Vec<&'a str> {
    facts.filter(|fact| fact.name == "PaymentCancelled").map(|fact| fact.payment.as_str()).collect()
}

/// Whether it was paid online: 1 on the national portal, 3 when it was due and is not, 0 when nothing was.
fn paid<'a>(facts: impl Iterator<Item = &'a pb::Fact> + Clone) -> String {
    let void = void(facts.clone());
    let (mut due, mut online) = (false, false);
    for fact in facts {
        due |= !fact.lines.is_empty();
        let by_portal = PaymentChannel::from_number(fact.payment_channel) == Some(PaymentChannel::Portal);
        online |= by_portal && !void.contains(&fact.payment.as_str());
    }
    match (online, due) {
        (true, _) => "1",
        (false, true) => "3",
        (false, false) => "0",
    }
    .to_owned()
}

/// The number of a person, whose kind shows in its length (LoaiDinhDanh): 1 has twelve digits, 2 nine.
fn identity(number: &str) -> Vec<serde_json::Value> {
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let kind = match number.len() {
        12 if is_digits => "1",
        9 if is_digits => "2",
        _ => return Vec::new(),
    };
    vec![json!({ "LoaiDinhDanh": kind, "SoDinhDanh": number })]
}

/// One row for each time papers were asked for.
fn supplements(told: &Told) -> Vec<serde_json::Value> {
    let time = |at: Option<&Timestamp>| at.and_then(instant).map(print_time).unwrap_or_default();
    let mut rounds: Vec<serde_json::Value> = Vec::new();
    let mut due = String::new();
    for entry in &told.entries {
        let officer = entry.actor.as_ref().map(|actor| actor.name.clone()).unwrap_or_default();
        for fact in &entry.facts {
            let moved = fact.clock.as_ref().and_then(|clock| clock.due.as_ref());
            if fact.name == "SupplementRequested" {
                rounds.push(json!({
                    "HoSoBoSungId": rounds.len() + 1,
                    "NguoiYeuCauBoSung": officer,
                    "NoiDungBoSung": fact.ground,
                    "NgayBoSung": time(entry.at.as_ref()),
                    "NguoiTiepNhanBoSung": "",
                    "ThongTinTiepNhan": "",
                    "NgayTiepNhanBoSung": "",
                    "TrangThaiBoSung": false,
                    "DanhSachGiayToBoSung": [],
                    "DanhSachLePhiBoSung": [],
                    "NgayHenTraTruoc": due,
                    "NgayHenTraMoi": "",
                }));
            } else if fact.name == "SupplementReceived"
                && let Some(round) = rounds.last_mut()
            {
                round["NguoiTiepNhanBoSung"] = json!(officer);
                round["NgayTiepNhanBoSung"] = json!(time(entry.at.as_ref()));
                round["TrangThaiBoSung"] = json!(true);
                round["NgayHenTraMoi"] = json!(time(moved));
            }
            if moved.is_some() {
                due = time(moved);
            }
        }
    }
    rounds
}

fn seconds(at: &Timestamp) -> (i64, i32) {
    (at.seconds, at.nanos)
}
