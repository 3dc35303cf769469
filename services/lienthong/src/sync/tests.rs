//! Records as systems in use write them. All persons, codes and numbers are invented.

use lienthong_calendar::Instant;
use lienthong_wire::pb::history::v1::{Named, Told};
use lienthong_wire::timestamp;

use super::*;

/// A dossier with every field, a supplement and a pause for payment.
pub(super) const FULL: &str = r#"{"MaHoSo":"H56.31.14-261102-0147","MaTTHC":"1.099001","TenTTHC":"Đăng ký biến động đất đai","MaLinhVuc":"G15-DD01","TenLinhVuc":"Đất đai",
 "KenhThucHien":"2","SoGiayToChuHoSo":"999185000001","ChuHoSo":"Lò Thị Mẫu","LoaiDoiTuong":"1","MaDoiTuong":"TK-MAU-000147","ThongTinKhac":"","Email":"mau@congdan.example","Fax":"","SoDienThoai":"0000000000",
 "TrichYeuHoSo":"Nhận chuyển nhượng thửa 912","NgayTiepNhan":"20261102081532","NgayHenTra":"20261123152000","TrangThaiHoSo":"10","NgayTra":"20261120085000","ThongTinTra":"Trả tại quầy",
 "HinhThuc":"0","NgayKetThucXuLy":"20261119103000","DonViXuLy":"Chi nhánh Văn phòng đăng ký đất đai khu vực I","GhiChu":"",
 "TaiLieuNop":[{"TepDinhKemId":"147-1","TenTepDinhKem":"Hợp đồng.pdf","IsDeleted":"0","MaThanhPhanHoSo":"KQ1","DuongDanTaiTepTin":"https://tep.example/147/1","DuocSoHoa":"1","DuocTaiSuDung":"0","DuocLayTuKhoDMQG":"0","MaKetQuaThayThe":""}],
 "DanhSachLePhi":[{"TenPhiLePhi":"Lệ phí","MaPhiLePhi":"LP01","HinhThucThu":"1","Gia":"50000","LoaiPhiLePhi":"1"}],
 "DanhSachTepDinhKemKhac":[{"TenGiayTo":"Giấy chứng nhận đã cấp","SoLuong":1,"LoaiGiayTo":0}],
 "DanhSachHoSoBoSung":[{"HoSoBoSungId":1,"NgayBoSung":"20261103152000","NgayTiepNhanBoSung":"2026-11-05T08:40:00","TrangThaiBoSung":true,"NgayHenTraTruoc":"20261116173000","NgayHenTraMoi":"20261118105000"}],
 "DanhSachGiayToKetQua":[{"TenGiayTo":"Giấy chứng nhận","GiayToId":"147-KQ","DuongDanTepTinKetQua":"https://tep.example/147/kq","MaGiayToKetQua":"KQ.G15.000001"}],
 "NoiNopHoSo":"2","HoSoCoThanhPhanSoHoa":"1","TaiKhoanDuocXacThucVoiVNeID":"1","DuocThanhToanTrucTuyen":"1","NgayTuChoi":"","DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"999185000001"}],"NgayNopHoSo":"20261101203010","DSKetNoiCSDL":[]}"#;

fn one_line(record: &str) -> String {
    record.replace('\n', "")
}

fn read(text: &str) -> Vec<Result<Item, SyncFault>> {
    Sync::read(io::Cursor::new(text.as_bytes().to_vec()), Dialect::default()).unwrap().collect()
}

fn item(text: &str) -> Item {
    let mut items = read(text);
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0).unwrap()
}

fn fault(text: &str) -> String {
    let mut items = read(text);
    assert_eq!(items.len(), 1, "{items:?}");
    crate::exit::with_causes(&items.remove(0).unwrap_err().fault)
}

fn at(text: &str) -> Option<lienthong_wire::Timestamp> {
    Some(timestamp(Instant::parse(&format!("{text}+07:00")).unwrap()))
}

#[test]
fn a_dossier_is_told_in_clear_as_far_as_it_is_about_offices() {
    let item = item(&one_line(FULL));
    assert!(item.notes.is_empty() && item.unknown.is_empty(), "{item:?}");
    let request = item.request;
    assert_eq!(
        (request.code.as_str(), request.record.as_str()),
        ("H56.31.14-261102-0147", "H56.31.14-261102-0147")
    );
    assert_eq!((request.status, request.activities.len()), (10, 0));
    let told: Told = request.told.unwrap();
    let named = |code: &str, name: &str| Some(Named { code: code.to_owned(), name: name.to_owned() });
    assert_eq!(told.procedure, named("1.099001", "Đăng ký biến động đất đai"));
    assert_eq!(told.agency, named("H56.31.14", "Chi nhánh Văn phòng đăng ký đất đai khu vực I"));
    assert_eq!((told.channel, told.applicant, told.delivery), (2, 1, 1));
    assert_eq!(told.filed_at, at("2026-11-01T20:30:10"));
    assert_eq!(told.received_at, at("2026-11-02T08:15:32"));
    assert_eq!(told.due, at("2026-11-23T15:20:00"));
    assert_eq!((told.finished_at, told.returned_at), (at("2026-11-19T10:30:00"), at("2026-11-20T08:50:00")));
    assert_eq!(told.refused_at, None);
    let [supplement] = told.supplements.as_slice() else { panic!("{:?}", told.supplements) };
    assert_eq!(supplement.answered_at, at("2026-11-05T08:40:00"));
    assert_eq!(supplement.due_after, at("2026-11-18T10:50:00"));
    assert_eq!((told.fees[0].collected, told.fees[0].amount_dong), (1, 50_000));
    assert_eq!((told.online_payment, told.digitised, told.vneid), (Some(1), Some(true), Some(true)));
    let papers = told.papers.unwrap();
    assert_eq!((papers.filed, papers.digitised, papers.results, papers.coded_results), (1, 1, 1, 1));
    // Everything about persons lies in the details, and nothing else is lost.
    let details = request.details.unwrap();
    let applicant = details.applicant.unwrap();
    assert_eq!((applicant.name.as_str(), applicant.id_number.as_str()), ("Lò Thị Mẫu", "999185000001"));
    let names: Vec<_> = details.particulars.iter().map(|said| said.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "MaDoiTuong",
            "TrichYeuHoSo",
            "ThongTinTra",
            "NoiNopHoSo",
            "TaiLieuNop",
            "DanhSachLePhi",
            "DanhSachTepDinhKemKhac",
            "DanhSachHoSoBoSung",
            "DanhSachGiayToKetQua",
            "DinhDanhCHS"
        ]
    );
}

#[test]
fn forks_may_leave_out_write_numbers_and_put_one_for_a_list() {
    let item = item(
        r#"{"MaHoSo":"000.00.14.H20-200703-0002","TrangThaiHoSo":4,"MaTTHC":null,"NgayTiepNhan":20200703080000,"DanhSachLePhi":{"Gia":5000},"IsDeleted":false,"Moi":[1]}"#,
    );
    let told = item.request.told.unwrap();
    assert_eq!(told.agency.unwrap().code, "000.00.14.H20");
    assert_eq!(told.fees[0].amount_dong, 5_000);
    assert_eq!(told.received_at, at("2020-07-03T08:00:00"));
    assert_eq!(item.unknown.into_iter().collect::<Vec<_>>(), ["IsDeleted", "Moi"]);
    let kept = item.request.details.unwrap().particulars;
    assert!(kept.iter().any(|said| said.name == "Moi" && said.value == "[1]"), "{kept:?}");
}

#[test]
fn lists_and_bodies_of_calls_are_records_too() {
    let row = r#"{"MaHoSo":"H56.31.14-261102-0147","NguoiXuLy":"Vi Thị Ví Dụ","ChucDanh":"Công chức","ThoiDiemXuLy":"20261102081532","PhongBanXuLy":"Trung tâm","NoiDungXuLy":"Tiếp nhận","TrangThai":"2","NgayBatDau":"20261102081532","NgayKetThucTheoQuyDinh":""}"#;
    for text in [row.to_owned(), format!("[{row}]"), format!(r#"{{"session":"x","data":[{row}]}}"#)] {
        let item = item(&text);
        let [activity] = item.request.activities.as_slice() else { panic!("{item:?}") };
        assert_eq!((activity.name.as_str(), activity.status), ("Được tiếp nhận", 2));
        assert_eq!(activity.resource.as_deref(), Some("Vi Thị Ví Dụ"));
        assert_eq!((activity.at, activity.due), (at("2026-11-02T08:15:32"), None));
        assert_eq!(item.request.told, None);
    }
    let two = read(&format!("[{row},{}]\n\n{row}\n", row.replace("20261102081532", "20261102081533")));
    let records: Vec<_> =
        two.into_iter().map(|item| item.unwrap()).map(|item| (item.line, item.request.record)).collect();
    assert_eq!(records.len(), 3);
    // The same row is the same record, another one another.
    assert_eq!((records[0].0, records[1].0, records[2].0), (1, 1, 3));
    assert_eq!(records[0].1, records[2].1);
    assert_ne!(records[0].1, records[1].1);
}

#[test]
fn a_bad_line_says_what_is_wrong_and_stops_nothing() {
    let with = |from: &str, to: &str| {
        let full = one_line(FULL);
        assert!(full.contains(from), "{from}");
        full.replace(from, to)
    };
    for (line, said) in [
        ("{bad".to_owned(), "is no record, list of records or {data} in JSON"),
        ("7".to_owned(), "is no record, list of records or {data} in JSON"),
        (r#"{"MaHoSo":"1"}"#.to_owned(), "is neither a dossier"),
        (with(r#""MaHoSo":"H56.31.14-261102-0147""#, r#""MaHoSo":"""#), "MaHoSo is missing"),
        (with("20261102081532", "20261102241532"), "NgayTiepNhan is no time such as 20261102081532"),
        (with("20261102081532", "20260230081532"), "NgayTiepNhan is no time such as 20261102081532"),
        (with("20261102081532", "02/11/2026"), "NgayTiepNhan is no time such as 20261102081532"),
        (
            with(r#""TrangThaiHoSo":"10""#, r#""TrangThaiHoSo":"11""#),
            "TrangThaiHoSo 11 is not a status 1 to 10",
        ),
        (
            with(r#""LoaiDoiTuong":"1""#, r#""LoaiDoiTuong":"9""#),
            "LoaiDoiTuong 9 is not on the list of this dialect",
        ),
        (with(r#""KenhThucHien":"2""#, r#""KenhThucHien":"4""#), "KenhThucHien 4 is not on the list"),
        (with(r#""HinhThuc":"0""#, r#""HinhThuc":"2""#), "HinhThuc 2 is not on the list"),
        (with(r#""Gia":"50000""#, r#""Gia":"50.000""#), "Gia is no whole amount in đồng"),
        (
            with(r#""GhiChu":"""#, &format!(r#""GhiChu":"{}""#, "ă".repeat(501))),
            "GhiChu is longer than 500 characters",
        ),
    ] {
        let said_of = fault(&line);
        assert!(said_of.contains(said), "{said_of} of {line}");
        assert!(!said_of.contains("Lò Thị Mẫu"), "{said_of}");
    }
    let items = read(&format!("{{bad\n{}\n", one_line(FULL)));
    assert!(items[0].is_err() && items[1].as_ref().is_ok_and(|item| item.line == 2), "{items:?}");
    let long = format!("{{\"MaHoSo\":\"{}\"}}\n{}", "x".repeat(LINE_BYTES_MAX), one_line(FULL));
    let items = read(&long);
    assert!(matches!(items[0], Err(SyncFault { line: 1, fault: Fault::TooLong })), "{:?}", items[0]);
    assert!(items[1].as_ref().is_ok_and(|item| item.line == 2));
}

#[test]
fn what_is_odd_is_taken_and_told() {
    let notes = |from: &str, to: &str| {
        let full = one_line(FULL);
        assert!(full.contains(from), "{from}");
        item(&full.replace(from, to)).notes
    };
    assert_eq!(
        notes(r#""NgayKetThucXuLy":"20261119103000""#, r#""NgayKetThucXuLy":"""#),
        [Note::NoTime { status: 10, missing: "NgayKetThucXuLy" }]
    );
    assert_eq!(
        notes("20261119103000", "20261121103000"),
        [Note::Order { earlier: "NgayKetThucXuLy", later: "NgayTra" }]
    );
    assert_eq!(notes("https://tep.example/147/kq", "https://tep.example/147/1"), [Note::ResultIsSubmitted]);
    let dummy =
        one_line(FULL).replace(r#""SoGiayToChuHoSo":"999185000001""#, r#""SoGiayToChuHoSo":"000000001""#);
    let dummy = item(&dummy);
    assert_eq!(dummy.notes, [Note::DummyNumber]);
    // Nobody is found by a number that belongs to nobody, but it is kept.
    let details = dummy.request.details.unwrap();
    assert_eq!(details.applicant.unwrap().id_number, "");
    assert!(details.particulars.iter().any(|said| said.name == "SoGiayToChuHoSo"));
}

#[test]
fn dialects_number_kinds_of_applicants_in_their_own_way() {
    use lienthong_dossier::ApplicantKind;
    for (dialect, code, kind) in [
        (Dialect::Province, 1, Some(ApplicantKind::Citizen)),
        (Dialect::Province, 4, Some(ApplicantKind::Organisation)),
        (Dialect::Province, 0, None),
        (Dialect::Java, 2, Some(ApplicantKind::Business)),
        (Dialect::Java, 3, None),
        (Dialect::Ministry, 0, Some(ApplicantKind::Citizen)),
        (Dialect::Ministry, 2, Some(ApplicantKind::HouseholdBusiness)),
    ] {
        assert_eq!(dialect.applicant(code), kind);
        assert_eq!(kind.and_then(|kind| dialect.applicant_code(kind)), kind.map(|_| code));
    }
}

#[test]
fn codes_are_bounded_and_one_of_another_pattern_is_told() {
    let dossier =
        |code: &str| format!(r#"{{"MaHoSo":"{code}","TrangThaiHoSo":4,"NgayTiepNhan":20200703080000}}"#);
    for code in ["H56.2-261102-0147", "000.00.14.H20-200703-0002", "G09.20-20260609-0092637"] {
        assert_eq!(item(&dossier(code)).notes, [], "{code}");
    }
    for code in
        ["2026/HS-17", "h56.2-261102-0147", "H56.2-2611-0147", "H56.2-261102-147", "H56.2-261102-01470000"]
    {
        let odd = item(&dossier(code));
        assert_eq!(odd.notes, [Note::CodeForm], "{code}");
        assert_eq!(odd.request.told.unwrap().agency.unwrap().code, "", "{code}");
    }
    item(&dossier(&"x".repeat(50)));
    assert_eq!(fault(&dossier(&"x".repeat(51))), "MaHoSo is 51 bytes, at most 50 are taken");
    let row = r#"{"MaHoSo":"CODE","NguoiXuLy":"a","ThoiDiemXuLy":"20261102081532","TrangThai":"2"}"#;
    item(&row.replace("CODE", &"x".repeat(50)));
    assert_eq!(fault(&row.replace("CODE", &"x".repeat(51))), "MaHoSo is 51 bytes, at most 50 are taken");
}

#[test]
fn what_lies_in_lists_has_to_be_sound_too() {
    let with = |list: &str| format!(r#"{{"MaHoSo":"H56.2-261102-0147","TrangThaiHoSo":1,{list}}}"#);
    let text = |characters: usize| "ư".repeat(characters);
    for (sound, unsound, problem) in [
        (
            r#""DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"999185000001"}]"#.to_owned(),
            r#""DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"99918500000"}]"#.to_owned(),
            "SoDinhDanh is not 12 digits, as its LoaiDinhDanh says",
        ),
        (
            r#""DinhDanhCHS":{"LoaiDinhDanh":2,"SoDinhDanh":"000000001"}"#.to_owned(),
            r#""DinhDanhCHS":{"LoaiDinhDanh":2,"SoDinhDanh":"00000000x"}"#.to_owned(),
            "SoDinhDanh is not 9 digits, as its LoaiDinhDanh says",
        ),
        (
            r#""DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":""},{"SoDinhDanh":"B 77"}]"#.to_owned(),
            r#""DinhDanhCHS":[{"LoaiDinhDanh":"3","SoDinhDanh":"1"}]"#.to_owned(),
            "LoaiDinhDanh 3 is not on the list 1, 2",
        ),
        (
            format!(r#""DinhDanhCHS":[{{"SoDinhDanh":"{}"}}]"#, text(40)),
            format!(r#""DinhDanhCHS":[{{"SoDinhDanh":"{}"}}]"#, text(41)),
            "SoDinhDanh is longer than 40 characters",
        ),
        (
            format!(r#""TaiLieuNop":[{{"TenTepDinhKem":"{}"}}]"#, text(4_000)),
            format!(r#""TaiLieuNop":[{{"TenTepDinhKem":"{}"}}]"#, text(4_001)),
            "TenTepDinhKem is longer than 4000 characters",
        ),
        (
            r#""TaiLieuNop":[{"DuocTaiSuDung":2}]"#.to_owned(),
            r#""TaiLieuNop":[{"DuocTaiSuDung":3}]"#.to_owned(),
            "DuocTaiSuDung is not on the list 0 to 2",
        ),
        (
            format!(r#""DanhSachGiayToKetQua":[{{"TenGiayTo":"{}"}}]"#, text(2_000)),
            format!(r#""DanhSachGiayToKetQua":[{{"TenGiayTo":"{}"}}]"#, text(2_001)),
            "TenGiayTo is longer than 2000 characters",
        ),
        (
            format!(r#""DanhSachLePhi":[{}]"#, vec![r#"{"Gia":"1"}"#; 64].join(",")),
            format!(r#""DanhSachLePhi":[{}]"#, vec![r#"{"Gia":"1"}"#; 65].join(",")),
            "DanhSachLePhi has 65 items, at most 64 are taken",
        ),
        (
            format!(r#""DanhSachHoSoBoSung":[{}]"#, vec![r#"{"NgayBoSung":"20261103152000"}"#; 64].join(",")),
            format!(r#""DanhSachHoSoBoSung":[{}]"#, vec![r#"{"NgayBoSung":"20261103152000"}"#; 65].join(",")),
            "DanhSachHoSoBoSung has 65 items, at most 64 are taken",
        ),
        (
            r#""DanhSachHoSoBoSung":[{"NgayBoSung":"20261103152000","DanhSachLePhiBoSung":[{"Gia":"5000"}]}]"#.to_owned(),
            r#""DanhSachHoSoBoSung":[{"NgayBoSung":"20261103152000","DanhSachLePhiBoSung":[{"Gia":"5.000"}]}]"#.to_owned(),
            "Gia is no whole amount in đồng",
        ),
        (
            r#""DanhSachHoSoBoSung":[{"NgayBoSung":"20261103152000","DanhSachGiayToBoSung":[{"IsDeleted":"False"}]}]"#.to_owned(),
            r#""DanhSachHoSoBoSung":[{"NgayBoSung":"20261103152000","DanhSachGiayToBoSung":[{"IsDeleted":"2"}]}]"#.to_owned(),
            "IsDeleted is neither 0 nor 1",
        ),
    ] {
        item(&with(&sound));
        assert_eq!(fault(&with(&unsound)), problem);
    }
}
