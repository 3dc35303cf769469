use serde_json::Value;

use crate::services::log_in;
use crate::support::{Run, done, done_json, not_done, printed, run};

#[test]
fn what_happened_is_printed_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    assert_eq!(run(&["demo", "--log", &log, "--dossiers", "1", "--seed", "3"]).code, Some(0));
    let dossier = done_json(&["dossier", "list", "--log", &log])["dossiers"][0].clone();
    let (code, desk) = (dossier["code"].as_str().unwrap(), dossier["receivedBy"].as_str().unwrap());
    let (one, two) = (folder.path().join("1.pdf"), folder.path().join("2.pdf"));

    let officer = ["--agency", desk, "--officer", "cb-01", "--purpose", "handling", "--log", &log];
    let receipt = [&["dossier", "receipt", code][..], &officer].concat();
    let (data, bytes) = printed(&receipt, &one);
    assert_eq!(printed(&receipt, &two), (data.clone(), bytes.clone()));
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!((data["dossier"].as_str(), &data["header"]["training"]), (Some(code), &Value::Bool(true)));
    assert!(!data["applicant"]["name"].as_str().unwrap().is_empty(), "{data}");
    assert!(data["limit"].as_str().unwrap().ends_with("ngày làm việc"), "{data}");
    assert!(data["promised"].as_str() > data["received"].as_str(), "{data}");
    assert!(data["qr"].as_str().unwrap().starts_with(code), "{data}");
    // Who may not read whose dossier it is prints no receipt.
    let stranger = ["--agency", "H56.166", "--officer", "cb-01", "--purpose", "handling", "--log", &log];
    let Run { code: refused, stdout, .. } = run(&[&["dossier", "receipt", code][..], &stranger].concat());
    assert_eq!((refused, stdout.as_str()), (Some(1), ""));

    let window = ["--from", "2026-09-01", "--to", "2026-12-31", "--output", "json"];
    let Run { code: ended, stdout, .. } = run(&[&["register"][..], &window, &officer].concat());
    let register: Value = serde_json::from_str(&stdout).unwrap();
    let entry = &register["entries"][0];
    assert_eq!(
        (ended, entry["dossier"].as_str(), entry["applicant"].as_str()),
        (Some(0), Some(code), data["applicant"]["name"].as_str())
    );
    assert_eq!(entry["received"], data["received"]);
    assert!(entry["returned"].as_str() > entry["received"].as_str(), "{entry}");
    assert_eq!(entry["delivery"], "tại quầy");
    assert_eq!(entry["competent"], "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa");

    let slip = ["dossier", "slip", code, "--log", &log];
    let (data, bytes) = printed(&slip, &one);
    assert_eq!(printed(&slip, &two), (data.clone(), bytes));
    let transfers = data["transfers"].as_array().unwrap();
    let agencies: Vec<_> =
        transfers.iter().map(|transfer| transfer["taker"]["agency"].as_str().unwrap()).collect();
    assert!(agencies.len() > 3, "{data}");
    // Each but the citizen's has both times and both persons, and the parts that were held to a date have a verdict.
    for transfer in &transfers[1..transfers.len() - 1] {
        assert!(transfer["giver"]["at"].is_string() && transfer["taker"]["at"].is_string(), "{transfer}");
        assert!(transfer["giver"]["person"].is_string(), "{transfer}");
        assert!(transfer["giver"]["at"].as_str() <= transfer["taker"]["at"].as_str(), "{transfer}");
    }
    assert!(transfers.iter().any(|transfer| transfer["result"].is_string()), "{data}");

    let text = done(&slip);
    for words in [
        "Phiếu kiểm soát quá trình giải quyết hồ sơ\nTẬP HUẤN",
        &format!("\n  Mã hồ sơ: {code}\n"),
        "\n  Bàn giao 1 – Bên nhận – Cơ quan: ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }

    let year = ["--from", "2025-12-15", "--to", "2026-12-14", "--log", &log];
    let report = [&["report", "ii06"][..], &year].concat();
    let (data, bytes) = printed(&report, &one);
    assert_eq!(printed(&report, &two), (data, bytes));
    not_done(&["dossier", "slip", "H56.2-261102-9999", "--log", &log], 1, "");
}
