use std::fs;

use serde_json::{Value, json};

use crate::services::log_in;
use crate::support::{Run, done, done_json, not_done, run};

/// A dossier as a provincial system writes it, every field in its order, and a row of its progress.
const DOSSIER: &str = r#"{"MaHoSo":"H56.2-261102-0147","MaTTHC":"1.099001","TenTTHC":"Đăng ký biến động","MaLinhVuc":"G15-DD01","TenLinhVuc":"Đất đai","KenhThucHien":"2","SoGiayToChuHoSo":"999185000001","ChuHoSo":"Lò Thị Mẫu","LoaiDoiTuong":"3","MaDoiTuong":"TK-MAU","ThongTinKhac":"","Email":"mau@congdan.example","Fax":"","SoDienThoai":"0000000000","TrichYeuHoSo":"Thửa 912","NgayTiepNhan":"20261102081532","NgayHenTra":"20261123152000","TrangThaiHoSo":"10","NgayTra":"20261120085000","ThongTinTra":"Tại quầy","HinhThuc":"0","NgayKetThucXuLy":"20261119103000","DonViXuLy":"Chi nhánh","GhiChu":"","TaiLieuNop":[{"TepDinhKemId":"1","DuongDanTaiTepTin":"https://tep.example/1"}],"DanhSachLePhi":[{"HinhThucThu":"1","Gia":"50000"}],"DanhSachTepDinhKemKhac":[],"DanhSachHoSoBoSung":[],"DanhSachGiayToKetQua":[],"NoiNopHoSo":"2","HoSoCoThanhPhanSoHoa":"1","TaiKhoanDuocXacThucVoiVNeID":"0","DuocThanhToanTrucTuyen":"1","NgayTuChoi":"","DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"999185000001"}],"NgayNopHoSo":"20261101203010","DSKetNoiCSDL":[],"TruongLa":{"a":1}}"#;
const ROW: &str = r#"{"MaHoSo":"H56.2-261102-0147","NguoiXuLy":"Vi Thị Ví Dụ","ChucDanh":"Công chức","ThoiDiemXuLy":"20261102081532","PhongBanXuLy":"Trung tâm","NoiDungXuLy":"Tiếp nhận hồ sơ","TrangThai":"2","NgayBatDau":"20261102081532","NgayKetThucTheoQuyDinh":"20261102173000"}"#;

/// Imports in JSON: the exit code, the report, and what was said beside it.
fn import(args: &[&str]) -> (i32, Value, String) {
    let Run { code, stdout, stderr } = run(&[&["import", "sync", "--output", "json"], args].concat());
    (code.unwrap(), serde_json::from_str(&stdout).unwrap_or_default(), stderr)
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "imported", "repeated", "refused", "activities"].map(|key| report[key].as_u64().unwrap())
}

/// Exports what the import office imported: the lines, and what was said beside them.
fn export(args: &[&str]) -> (String, String) {
    let officer = ["--agency", "import-office", "--officer", "cb-01", "--purpose", "handling"];
    let Run { code, stdout, stderr } = run(&[&["export", "sync"], &officer[..], args].concat());
    assert_eq!(code, Some(0), "{stderr}");
    (stdout, stderr)
}

#[test]
fn what_was_imported_is_exported_as_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let file = folder.path().join("tinh.jsonl");
    fs::write(&file, format!("{ROW}\n{DOSSIER}\n[{ROW}]\n{{\"bad\n")).unwrap();
    let file = file.to_str().unwrap();
    let (code, report, said) = import(&[file, "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [4, 2, 1, 1, 2]), "{said}");
    assert_eq!(report["faults"].as_array().unwrap().len(), 1);
    assert_eq!(report["faults"][0]["line"], 4);
    assert_eq!(report["unknown_fields"], json!({ "TruongLa": 1 }));
    // The desk is of the registry, and so is the procedure; the department's name is not asked for.
    assert_eq!((&report["unknown_agencies"], &report["unknown_procedures"]), (&Value::Null, &Value::Null));
    assert!(said.contains("import the file again"), "{said}");
    let (_, again, _) = import(&[file, "--log", &log]);
    assert_eq!(counts(&again), [4, 0, 3, 1, 2]);

    let (lines, said) = export(&["--log", &log]);
    assert_eq!(lines, format!("{DOSSIER}\n"));
    assert!(said.starts_with("1 records as of "), "{said}");
    let (rows, _) = export(&["--rows", "progress", "--log", &log]);
    assert_eq!(rows, format!("{ROW}\n"));
    // Before the dossier's own record there is none of it, and at the same position the bytes are the same.
    let position = said.trim().rsplit_once(' ').unwrap().1.to_owned();
    assert_eq!(export(&["--at", &position, "--log", &log]).0, lines);
    let (partition, _) = position.split_once(':').unwrap();
    assert_eq!(export(&["--at", &format!("{partition}:0"), "--log", &log]).0, "");
    // Who wrote it is in the log: personal data was read.
    let verified = done_json(&["audit", "verify", "--log", &log]);
    assert!(verified["faults"].as_array().unwrap().is_empty(), "{verified}");
    // Nobody else's dossiers are written, and nobody reads without a purpose.
    let desk = ["export", "sync", "--agency", "H56.2", "--officer", "cb-01", "--purpose", "handling"];
    assert_eq!(run(&[&desk[..], &["--log", &log]].concat()).stdout, "");
    let Run { code, .. } =
        run(&["export", "sync", "--agency", "import-office", "--officer", "cb-01", "--log", &log]);
    assert_eq!(code, Some(2));
}

#[test]
fn live_dossiers_are_exported_as_they_went_and_nothing_that_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    assert_eq!(run(&["demo", "--log", &log, "--dossiers", "3", "--seed", "7"]).code, Some(0));
    let listed = done_json(&["dossier", "list", "--log", &log]);
    let desks: Vec<_> = listed["dossiers"].as_array().unwrap().iter().map(|it| &it["receivedBy"]).collect();
    let delivered =
        listed["dossiers"].as_array().unwrap().iter().find(|it| it["status"] == "STATUS_DELIVERED");
    let desk = delivered.unwrap_or_else(|| panic!("{listed}"))["receivedBy"].as_str().unwrap();
    let officer = ["--agency", desk, "--officer", "cb-01", "--purpose", "handling"];
    let lines = run(&[&["export", "sync", "--log", &log], &officer[..]].concat());
    let records: Vec<Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        records.len(),
        desks.iter().filter(|it| it.as_str() == Some(desk)).count(),
        "{}",
        lines.stderr
    );
    let delivered: Vec<_> = records.iter().filter(|record| record["TrangThaiHoSo"] == "10").collect();
    assert!(!delivered.is_empty(), "{records:?}");
    for record in &delivered {
        let time = |field: &str| record[field].as_str().unwrap().to_owned();
        assert!(time("NgayTiepNhan") < time("NgayKetThucXuLy") && time("NgayKetThucXuLy") < time("NgayTra"));
        assert_eq!(
            (record["NgayTuChoi"].as_str(), record["DanhSachGiayToKetQua"].as_array().unwrap().len()),
            (Some(""), 0)
        );
        assert!(!record["ChuHoSo"].as_str().unwrap().is_empty());
        assert_eq!(record["DinhDanhCHS"][0]["SoDinhDanh"], record["SoGiayToChuHoSo"]);
    }
    // The log has no file of the digitised papers nor of the result, and says so.
    for field in ["HoSoCoThanhPhanSoHoa", "NoiNopHoSo", "TaiLieuNop", "DanhSachGiayToKetQua"] {
        assert!(lines.stderr.contains(field), "{}", lines.stderr);
    }
    let rows = run(&[&["export", "sync", "--rows", "progress", "--log", &log], &officer[..]].concat()).stdout;
    let statuses: Vec<Value> = rows
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|row| row["MaHoSo"] == delivered[0]["MaHoSo"])
        .map(|row| row["TrangThai"].clone())
        .collect();
    assert_eq!((statuses.first().unwrap(), statuses.last().unwrap()), (&json!("2"), &json!("10")));
    assert!(statuses.windows(2).any(|pair| pair == ["9", "10"]), "{statuses:?}");
}

#[test]
fn reports_are_of_a_window_and_a_position() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let file = folder.path().join("tinh.jsonl");
    fs::write(&file, format!("{DOSSIER}\n")).unwrap();
    assert_eq!(import(&[file.to_str().unwrap(), "--log", &log]).0, 0);
    let year = ["--from", "2025-12-15", "--to", "2026-12-14", "--log", &log];
    let report = done_json(&[&["report", "ii06"][..], &year].concat());
    let expected = json!({
        "c3": 1, "c4": 1, "c5": 0, "c6": 0, "c7": 1, "c8": 1, "c9": 0, "c10": 0, "c11": 0, "c12": 0, "c13": 0,
    });
    assert_eq!(report["total"], expected);
    assert_eq!((&report["rows"][0]["code"], &report["rows"][0]["unknown"]), (&json!("H56.2"), &json!(false)));
    assert_eq!((&report["on_time_percent"], &report["late_percent"]), (&json!("100,00%"), &json!("0,00%")));
    assert_eq!(report["training"], true);
    // An auditor counts the same from the raw records.
    assert_eq!(done_json(&[&["audit", "report"][..], &year].concat()), report);
    // Before its record there is nothing.
    let position = report["position"].as_str().unwrap();
    let (partition, _) = position.split_once(':').unwrap();
    let start = format!("{partition}:0");
    let before = [&["report", "ii06", "--at", &start][..], &year].concat();
    assert_eq!(done_json(&before)["total"]["c3"], 0);
    let before = [&["audit", "report", "--at", &start][..], &year].concat();
    assert_eq!(done_json(&before)["total"]["c3"], 0);
    // What comes later, into other partitions too, changes nothing at that position.
    let at = [&["report", "ii06", "--at", position][..], &year].concat();
    let later: String = (200..240)
        .map(|number| DOSSIER.replace("261102-0147", &format!("261102-0{number}")) + "\n")
        .collect();
    fs::write(&file, later).unwrap();
    assert_eq!(import(&[file.to_str().unwrap(), "--log", &log]).0, 0);
    assert_eq!(done_json(&at), report);
    assert_eq!(done_json(&[&["audit", "report", "--at", position][..], &year].concat()), report);
    assert_eq!(done_json(&[&["report", "ii06"][..], &year].concat())["total"]["c3"], 41);
    let shown = done(&[&["report", "ii06"][..], &year].concat());
    assert!(
        shown.contains("TẬP HUẤN") && shown.contains("Từ ngày 15/12/2025 đến ngày 14/12/2026"),
        "{shown}"
    );
    let shares = done_json(&[&["report", "shares"][..], &year].concat());
    assert_eq!(
        (&shares["online"]["percent"], &shares["onTime"][0]["month"]),
        (&json!("100,00%"), &json!("2026-11"))
    );
    let indicators = done_json(&[&["report", "indicators"][..], &year].concat());
    let of = |id: &str| {
        let all = indicators["indicators"].as_array().unwrap();
        all.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("{indicators}")).clone()
    };
    assert_eq!(of("3.6")["share"]["percent"], "100,00%");
    assert_eq!(
        (&of("4.2")["share"]["percent"], &of("4.2")["pointsMaxHundredths"]),
        (&json!("0,00%"), &json!(400))
    );
    done(&[&["report", "payments"][..], &year].concat());
    let backwards = ["report", "ii06", "--from", "2026-12-14", "--to", "2025-12-15", "--log", &log];
    not_done(&backwards, 1, "the window ends on 2025-12-15");
    not_done(&[&["report", "ii06", "--at", "0:999999"][..], &year].concat(), 1, "");
}

#[test]
fn what_is_pending_is_late_or_not_at_the_end_of_the_day_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let mut open: Value = serde_json::from_str(DOSSIER).unwrap();
    for (field, text) in [("TrangThaiHoSo", "4"), ("NgayKetThucXuLy", ""), ("NgayTra", "")] {
        open[field] = json!(text);
    }
    assert_eq!(open["NgayHenTra"].as_str().map(|due| &due[..8]), Some("20261123"));
    let file = folder.path().join("tinh.jsonl");
    fs::write(&file, format!("{open}\n")).unwrap();
    assert_eq!(import(&[file.to_str().unwrap(), "--log", &log]).0, 0);
    let year = ["--from", "2025-12-15", "--to", "2026-12-14", "--log", &log];
    for (day, measured, expected) in [
        ("2026-11-23", "2026-11-23", [1, 0]),
        ("2026-11-24", "2026-11-24", [0, 1]),
        ("2027-06-01", "2026-12-14", [0, 1]),
    ] {
        for command in [&["report", "ii06"][..], &["audit", "report"]] {
            let report = done_json(&[command, &year, &["--as-of", day]].concat());
            assert_eq!(report["as_of"], measured, "{command:?}");
            assert_eq!([&report["total"]["c12"], &report["total"]["c13"]], expected, "{command:?} {day}");
        }
    }
}

#[test]
fn what_is_wrong_beyond_what_memory_keeps_is_told_as_it_comes_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    let file = folder.path().join("tinh.jsonl");
    fs::write(&file, format!("{}{DOSSIER}\n", "{\"no\":1}\n".repeat(1_200))).unwrap();
    let (code, report, said) = import(&[file.to_str().unwrap(), "--log", &log]);
    assert_eq!((code, counts(&report)), (1, [1_201, 1, 0, 1_200, 0]));
    assert!(said.contains("error: records not taken: 1200 of 1201; faults: 1200\n"), "{said}");
    let kept = report["faults"].as_array().unwrap();
    assert_eq!((kept.len(), &report["faults_left_out"]), (1_000, &json!(200)));
    // Every line is told once, here or there.
    let of_kept = kept.iter().map(|fault| fault["line"].as_u64().unwrap());
    let told = said.lines().filter_map(|line| line.strip_prefix("line ")?.split_once(": not taken: "));
    let mut lines: Vec<u64> = told.map(|(line, _)| line.parse().unwrap()).chain(of_kept).collect();
    lines.sort_unstable();
    assert_eq!(lines, (1..=1_200).collect::<Vec<_>>());
    assert_eq!((&report["notes_left_out"], &report["unknown_fields_left_out"]), (&Value::Null, &Value::Null));
}
