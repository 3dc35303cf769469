//! A national record as a command: what is about offices in clear, what may be about persons in the details.

use lienthong_calendar::Instant;
use lienthong_dossier::{AMOUNT_MAX, Channel, Delivery, DossierCode, Status};
use lienthong_wire::pb::history::v1::{
    Activity, ImportHistoryRequest, Named, Told, ToldFee, ToldPapers, ToldSupplement,
};
use lienthong_wire::pb::personal::v1::{Applicant, Particular, PersonalDetails};
use lienthong_wire::{Coded as _, timestamp};

use uuid::Uuid;

use super::fields::{FieldFault, Fields, fault};
use super::{Dialect, Note};

/// Fields of a dossier whose text is kept as it is, with the most characters that each may have.
const KEPT: [(&str, usize); 9] = [
    ("SoBienNhan", 500),
    ("MaDoiTuong", 50),
    ("ThongTinKhac", 4_000),
    ("Fax", 500),
    ("TrichYeuHoSo", 1_000),
    ("ThongTinTra", 4_000),
    ("GhiChu", 500),
    ("NoiNopHoSo", 50),
    ("MaHoSoKhac", 50),
];
/// Lists of a dossier that are kept as they are.
pub(crate) const LISTS: [&str; 7] = [
    "TaiLieuNop",
    "DanhSachLePhi",
    "DanhSachTepDinhKemKhac",
    "DanhSachHoSoBoSung",
    "DanhSachGiayToKetQua",
    "DinhDanhCHS",
    "DSKetNoiCSDL",
];
/// Supplements, or fees, of one dossier at most; what the log takes.
const ITEMS_MAX: usize = 64;
/// What a source writes where it has no number.
const DUMMY_NUMBER: &str = "000000001";
/// Minutes by which Vietnam is ahead of UTC.
const OFFSET_MINUTES: i32 = 7 * 60;

type Taken = (ImportHistoryRequest, Vec<Note>);

/// A dossier (`DongBoHoSoMC`).
pub(super) fn dossier(fields: &mut Fields, dialect: Dialect) -> Result<Taken, FieldFault> {
    let code = code(fields)?;
    let status = status(fields, "TrangThaiHoSo")?;
    let mut notes = Vec::new();
    if code.parts().is_err() {
        notes.push(Note::CodeForm);
    }
    identities(fields)?;
    let told = told(fields, dialect, &code)?;
    odd_times(&told, status, &mut notes);
    if told.submitted_result {
        notes.push(Note::ResultIsSubmitted);
    }
    let id_number = fields.short("SoGiayToChuHoSo", 40)?;
    let is_dummy = id_number == DUMMY_NUMBER;
    if is_dummy {
        notes.push(Note::DummyNumber);
    }
    let applicant = Applicant {
        name: fields.short("ChuHoSo", 500)?,
        id_number: if is_dummy { String::new() } else { id_number.clone() },
        phone: fields.short("SoDienThoai", 100)?,
        email: fields.short("Email", 500)?,
        ..Applicant::default()
    };
    let mut particulars = Vec::new();
    if is_dummy {
        particulars.push(particular("SoGiayToChuHoSo", &id_number));
    }
    for (field, chars_max) in KEPT {
        particulars.push(particular(field, &fields.short(field, chars_max)?));
    }
    for list in LISTS {
        particulars.push(particular(list, &fields.rest(list)));
    }
    particulars.extend(fields.others().map(|(name, said)| particular(name, said)));
    particulars.retain(|said| !said.value.is_empty());
    let details = PersonalDetails {
        applicant: (applicant != Applicant::default()).then_some(applicant),
        particulars,
        ..PersonalDetails::default()
    };
    let request = ImportHistoryRequest {
        record: code.to_string(),
        code: code.to_string(),
        status: status.number(),
        details: Some(details),
        told: Some(told.told),
        ..ImportHistoryRequest::default()
    };
    Ok((request, notes))
}

/// A row of progress (`CapNhatTienDoHoSoMC`). Rows have no identity, so one is what it says of offices: the same row again is
/// repeated. Its text, which may be about persons, is no part of that, for a hash in clear tells what it is of.
pub(super) fn progress(fields: &mut Fields) -> Result<Taken, FieldFault> {
    let code = code(fields)?;
    let status = status(fields, "TrangThai")?;
    let at = fields.time("ThoiDiemXuLy")?.ok_or_else(|| fault("ThoiDiemXuLy", "is missing"))?;
    let officer = fields.short("NguoiXuLy", 50)?;
    let unit = fields.short("PhongBanXuLy", 500)?;
    let title = fields.short("ChucDanh", 500)?;
    let text = fields.text("NoiDungXuLy")?;
    let (began_at, due) = (fields.time("NgayBatDau")?, fields.time("NgayKetThucTheoQuyDinh")?);
    let mut particulars = vec![particular("ChucDanh", &title), particular("NoiDungXuLy", &text)];
    particulars.extend(fields.others().map(|(name, said)| particular(name, said)));
    particulars.retain(|said| !said.value.is_empty());
    let times = [Some(at), began_at, due].map(|at| at.map_or(0, Instant::as_micros).to_string());
    let [at_us, began_us, due_us] = &times;
    let says = [status.vietnamese(), &officer, &unit, at_us, began_us, due_us].join("\n");
    let details = PersonalDetails { particulars, ..PersonalDetails::default() };
    let request = ImportHistoryRequest {
        record: format!("{code}#{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, says.as_bytes())),
        code: code.to_string(),
        activities: vec![Activity {
            name: status.vietnamese().to_owned(),
            resource: Some(officer).filter(|officer| !officer.is_empty()),
            group: Some(unit).filter(|unit| !unit.is_empty()),
            lifecycle: None,
            at: Some(timestamp(at)),
            offset_minutes: OFFSET_MINUTES,
            status: status.number(),
            began_at: began_at.map(timestamp),
            due: due.map(timestamp),
        }],
        details: (!details.particulars.is_empty()).then_some(details),
        ..ImportHistoryRequest::default()
    };
    Ok((request, Vec::new()))
}

/// What is told in clear, and what is noticed on the way.
struct Heard {
    told: Told,
    received_at: Option<Instant>,
    filed_at: Option<Instant>,
    finished_at: Option<Instant>,
    returned_at: Option<Instant>,
    refused_at: Option<Instant>,
    submitted_result: bool,
}

fn told(fields: &mut Fields, dialect: Dialect, code: &DossierCode) -> Result<Heard, FieldFault> {
    let mut named = |code: &str, name: &str| {
        Ok(Some(Named { code: fields.short(code, 50)?, name: fields.short(name, 500)? }))
    };
    let (procedure, field) = (named("MaTTHC", "TenTTHC")?, named("MaLinhVuc", "TenLinhVuc")?);
    let unit = fields.short("DonViXuLy", 500)?;
    let agency = code.parts().ok().map(|parts| parts.agency.to_owned());
    let channel = match fields.code("KenhThucHien")? {
        None => None,
        Some(code) => {
            let channel = Channel::from_code(code.into());
            Some(channel.ok_or_else(|| fault("KenhThucHien", format!("{code} is not on the list")))?)
        }
    };
    let applicant = match fields.code("LoaiDoiTuong")? {
        None => None,
        Some(code) => {
            let kind = dialect.applicant(code);
            Some(kind.ok_or_else(|| {
                fault("LoaiDoiTuong", format!("{code} is not on the list of this dialect (--dialect)"))
            })?)
        }
    };
    let delivery = match fields.code("HinhThuc")? {
        None => None,
        Some(0) => Some(Delivery::Desk),
        Some(1) => Some(Delivery::Postal),
        Some(code) => return Err(fault("HinhThuc", format!("{code} is not on the list"))),
    };
    let online_payment = fields.code("DuocThanhToanTrucTuyen")?;
    if online_payment.is_some_and(|code| code > 3) {
        return Err(fault("DuocThanhToanTrucTuyen", "is not on the list 0 to 3"));
    }
    let (papers, submitted_result) = papers(fields)?;
    let filed_at = fields.time("NgayNopHoSo")?;
    let received_at = fields.time("NgayTiepNhan")?;
    let due = fields.time("NgayHenTra")?;
    let finished_at = fields.time("NgayKetThucXuLy")?;
    let returned_at = fields.time("NgayTra")?;
    let refused_at = fields.time("NgayTuChoi")?;
    let told = Told {
        procedure,
        field,
        agency: Some(Named { code: agency.unwrap_or_default(), name: unit }),
        channel: channel.map_or(0, Channel::number),
        applicant: applicant.map_or(0, lienthong_wire::Coded::number),
        delivery: delivery.map_or(0, Delivery::number),
        filed_at: filed_at.map(timestamp),
        received_at: received_at.map(timestamp),
        due: due.map(timestamp),
        finished_at: finished_at.map(timestamp),
        returned_at: returned_at.map(timestamp),
        refused_at: refused_at.map(timestamp),
        supplements: supplements(fields)?,
        fees: fees(fields, "DanhSachLePhi")?,
        online_payment: online_payment.map(u32::from),
        digitised: fields.flag("HoSoCoThanhPhanSoHoa")?,
        vneid: fields.flag("TaiKhoanDuocXacThucVoiVNeID")?,
        papers: Some(papers),
    };
    Ok(Heard { told, received_at, filed_at, finished_at, returned_at, refused_at, submitted_result })
}

fn supplements(fields: &Fields) -> Result<Vec<ToldSupplement>, FieldFault> {
    let mut rounds = Vec::new();
    for mut round in at_most(ITEMS_MAX, "DanhSachHoSoBoSung", fields)? {
        // What a round brought is kept as it is, but has to be sound all the same.
        files(&round, "DanhSachGiayToBoSung")?;
        fees(&round, "DanhSachLePhiBoSung")?;
        let asked_at = round.time_either("NgayBoSung")?;
        rounds.push(ToldSupplement {
            asked_at: Some(timestamp(asked_at.ok_or_else(|| fault("NgayBoSung", "is missing"))?)),
            answered_at: round.time_either("NgayTiepNhanBoSung")?.map(timestamp),
            due_before: round.time_either("NgayHenTraTruoc")?.map(timestamp),
            due_after: round.time_either("NgayHenTraMoi")?.map(timestamp),
        });
    }
    Ok(rounds)
}

fn fees(fields: &Fields, list: &str) -> Result<Vec<ToldFee>, FieldFault> {
    let mut fees = Vec::new();
    for mut fee in at_most(ITEMS_MAX, list, fields)? {
        let collected = fee.code("HinhThucThu")?.unwrap_or_default();
        if !matches!(collected, 0 | 1 | 2 | 4) {
            return Err(fault("HinhThucThu", format!("{collected} is not on the list")));
        }
        let amount_dong = fee.amount("Gia")?;
        if amount_dong > AMOUNT_MAX.get() {
            return Err(fault("Gia", "is more than any amount may be"));
        }
        fees.push(ToldFee { collected: collected.into(), amount_dong });
    }
    Ok(fees)
}

/// A file that was submitted.
struct File {
    link: String,
    deleted: bool,
    digitised: bool,
    reused: bool,
    from_store: bool,
}

fn files(fields: &Fields, list: &str) -> Result<Vec<File>, FieldFault> {
    let mut files = Vec::new();
    for mut file in fields.items(list)? {
        file.short("TenTepDinhKem", 4_000)?;
        let link = file.text("DuongDanTaiTepTin")?;
        let link = if link.is_empty() { file.text("DuongDan")? } else { link };
        let reused = file.code("DuocTaiSuDung")?.unwrap_or_default();
        if reused > 2 {
            return Err(fault("DuocTaiSuDung", "is not on the list 0 to 2"));
        }
        files.push(File {
            link,
            deleted: file.flag("IsDeleted")? == Some(true),
            digitised: file.flag("DuocSoHoa")? == Some(true),
            reused: reused > 0,
            from_store: file.flag("DuocLayTuKhoDMQG")? == Some(true),
        });
    }
    Ok(files)
}

/// Numbers that identify the owner (DinhDanhCHS): kept as they are, but each has as many digits as its kind.
fn identities(fields: &Fields) -> Result<(), FieldFault> {
    for mut identity in fields.items("DinhDanhCHS")? {
        let number = identity.short("SoDinhDanh", 40)?;
        let digits = match identity.code("LoaiDinhDanh")? {
            None => continue,
            Some(1) => 12,
            Some(2) => 9,
            Some(kind) => return Err(fault("LoaiDinhDanh", format!("{kind} is not on the list 1, 2"))),
        };
        let fits = number.len() == digits && number.bytes().all(|byte| byte.is_ascii_digit());
        if !number.is_empty() && !fits {
            return Err(fault("SoDinhDanh", format!("is not {digits} digits, as its LoaiDinhDanh says")));
        }
    }
    Ok(())
}

/// The records of a list that has no more of them than a dossier takes.
fn at_most(items_max: usize, list: &str, fields: &Fields) -> Result<Vec<Fields>, FieldFault> {
    let items = fields.items(list)?;
    if items.len() > items_max {
        return Err(fault(list, format!("has {} items, at most {items_max} are taken", items.len())));
    }
    Ok(items)
}

/// Counts over files, and whether a submitted file is given as a result.
fn papers(fields: &Fields) -> Result<(ToldPapers, bool), FieldFault> {
    let files = files(fields, "TaiLieuNop")?;
    let there: Vec<_> = files.iter().filter(|file| !file.deleted).collect();
    let count = |is: fn(&File) -> bool| there.iter().filter(|file| is(file)).fold(0, |count, _| count + 1);
    let mut papers = ToldPapers {
        filed: count(|file| !file.link.is_empty()),
        digitised: count(|file| file.digitised),
        reused: count(|file| file.reused),
        from_store: count(|file| file.from_store),
        ..ToldPapers::default()
    };
    let mut is_submitted = false;
    for mut result in fields.items("DanhSachGiayToKetQua")? {
        result.short("TenGiayTo", 2_000)?;
        let link = result.text("DuongDanTepTinKetQua")?;
        let code = result.text("MaGiayToKetQua")?;
        let code = if code.is_empty() { result.text("MaKetQua")? } else { code };
        is_submitted |= !link.is_empty() && there.iter().any(|file| file.link == link);
        papers.results += u32::from(!link.is_empty());
        papers.coded_results += u32::from(!link.is_empty() && !code.is_empty());
    }
    Ok((papers, is_submitted))
}

/// What is odd about the times of a dossier.
fn odd_times(heard: &Heard, status: Status, notes: &mut Vec<Note>) {
    let missing = match status {
        Status::Issued | Status::Delivered if heard.finished_at.is_none() => Some("NgayKetThucXuLy"),
        Status::Delivered if heard.returned_at.is_none() => Some("NgayTra"),
        Status::Refused if heard.refused_at.is_none() => Some("NgayTuChoi"),
        Status::Filed | Status::Refused => None,
        Status::Accepted
        | Status::Processing
        | Status::SupplementRequested
        | Status::PaymentAwaited
        | Status::Withdrawn
        | Status::Stopped
        | Status::Issued
        | Status::Delivered => heard.received_at.is_none().then_some("NgayTiepNhan"),
    };
    notes.extend(missing.map(|missing| Note::NoTime { status: status.code(), missing }));
    let order = [
        ("NgayNopHoSo", heard.filed_at),
        ("NgayTiepNhan", heard.received_at),
        ("NgayKetThucXuLy", heard.finished_at),
        ("NgayTra", heard.returned_at),
    ];
    let told: Vec<_> = order.into_iter().filter_map(|(field, at)| Some((field, at?))).collect();
    for pair in told.windows(2) {
        if let [(earlier, before), (later, after)] = pair
            && after < before
        {
            notes.push(Note::Order { earlier, later });
        }
    }
}

/// Its code, of whatever pattern: the national one binds receptions of today only.
fn code(fields: &mut Fields) -> Result<DossierCode, FieldFault> {
    let code = fields.required("MaHoSo")?;
    DossierCode::parse(&code).map_err(|problem| fault("MaHoSo", problem.to_string()))
}

fn status(fields: &mut Fields, field: &str) -> Result<Status, FieldFault> {
    let code = fields.code(field)?.ok_or_else(|| fault(field, "is missing"))?;
    Status::from_code(code.into()).ok_or_else(|| fault(field, format!("{code} is not a status 1 to 10")))
}

fn particular(name: &str, value: &str) -> Particular {
    Particular { name: name.to_owned(), value: value.to_owned() }
}
