use std::fs;

use serde_json::{Value, json};

use crate::case::{Case, DESK};
use crate::services::Up;
use crate::support::{Run, done_json, not_done, run};

/// A register and its paper; what it was made of is told on stderr.
fn register(up: &Up, asked: &[&str]) -> (Value, Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let paper = folder.path().join("register.pdf");
    let told = ["--pdf", paper.to_str().unwrap(), "--output", "json"];
    let Run { code, stdout, stderr } = run(&[&command(up, asked)[..], &told].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let basis = stderr.lines().next().unwrap().to_owned();
    (serde_json::from_str(&stdout).unwrap(), fs::read(paper).unwrap(), basis)
}

fn command<'a>(up: &'a Up, asked: &[&'a str]) -> Vec<&'a str> {
    let officer = ["--agency", DESK, "--officer", "cb-01", "--purpose", "handling"];
    [&["register"], asked, &officer, &["--server", up.address("ward-desk")]].concat()
}

const NOVEMBER: [&str; 4] = ["--from", "2026-11-02", "--to", "2026-11-30"];

#[test]
fn a_register_has_what_the_desk_received_in_the_window_and_is_the_same_for_ever() {
    let up = Up::start();
    let case = |number: u32, day: &str| Case::new(&up, &format!("H56.1-{day}-{number:04}"));
    let (second, first) = (case(1, "261103"), case(2, "261102"));
    // Received in another order than that of the codes.
    second.received("2026-11-03T08:00");
    first.received("2026-11-02T08:15");
    first.handed_to_the_land_office("2026-11-02T09:00");
    first.extended("2026-11-03T09:00", 3, "Chờ trích đo lại thửa đất");
    second.handed_to_the_land_office("2026-11-03T09:00");
    second.withdrawn("2026-11-05T14:00", "", "2026-11-06T08:30", "31/TB");
    // Neither received in the window: refused, and received on another day.
    case(3, "261102").refused("2026-11-02T10:00", "Điều 45 Luật Đất đai", "");
    case(1, "261201").received("2026-12-01T08:00");

    let (data, bytes, basis) = register(&up, &NOVEMBER);
    let position = basis.strip_prefix("2 dossiers as of ").unwrap();
    assert_eq!((&data["header"]["training"], &data["first"]), (&json!(true), &json!(1)));
    assert_eq!((&data["from"], &data["to"]), (&json!("2026-11-02"), &json!("2026-11-30")));
    let procedure = &data["entries"][0]["procedure"];
    assert!(procedure.as_str().unwrap().starts_with("Đăng ký biến động"), "{procedure}");
    let entry = |code: &str, received: &str, promised: &str, note: Value| {
        json!({
            "dossier": code,
            "procedure": procedure,
            "sets": null,
            "applicant": "Lò Thị Mẫu",
            "contact": "12 đường Lê Lợi, phường Hạc Thành; 0900 000 001",
            "competent": "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa",
            "received": received,
            "promised": promised,
            "returned": null,
            "delivery": null,
            "signed": null,
            "note": note,
        })
    };
    let (first, second) = ("H56.1-261102-0002", "H56.1-261103-0001");
    let expected = json!([
        entry(first, "2026-11-02T08:15:00+07:00", "2026-11-25T17:30:00+07:00", Value::Null),
        entry(
            second,
            "2026-11-03T08:00:00+07:00",
            "2026-11-20T17:30:00+07:00",
            json!("Công dân yêu cầu rút hồ sơ")
        ),
    ]);
    assert_eq!(data["entries"], expected);
    let again = register(&up, &NOVEMBER);
    assert_eq!(again, (data.clone(), bytes.clone(), basis.clone()));

    // What comes later is not in the register of that position.
    case(2, "261103").received("2026-11-03T10:00");
    let then = register(&up, &[&NOVEMBER[..], &["--at", position]].concat());
    assert_eq!(then, (data, bytes, basis.clone()));
    let (now, _, _) = register(&up, &[&NOVEMBER[..], &["--first", "1483", "--book", "06/2026"]].concat());
    assert_eq!(
        (now["entries"].as_array().unwrap().len(), &now["first"], &now["book"]),
        (3, &json!(1483), &json!("06/2026"))
    );
    let (empty, _, _) = register(&up, &["--from", "2026-10-01", "--to", "2026-10-31"]);
    assert_eq!((empty["entries"].as_array().unwrap().len(), &empty["header"]["agency"]), (0, &json!(DESK)));
    let turned = command(&up, &["--from", "2026-11-30", "--to", "2026-11-02"]);
    not_done(&turned, 2, "the window ends on 2026-11-02, before it begins");
}

#[test]
fn one_record_of_reading_stands_for_a_page_of_dossiers() {
    let up = Up::start();
    for number in 1..=101 {
        Case::new(&up, &format!("H56.1-261102-{number:04}")).received("2026-11-02T08:15");
    }
    let (data, _, _) = register(&up, &NOVEMBER);
    assert_eq!(data["entries"].as_array().unwrap().len(), 101);
    assert!(data["entries"].as_array().unwrap().iter().all(|entry| entry["applicant"] == "Lò Thị Mẫu"));
    let officer = ["--agency", DESK, "--officer", "cb-01", "--purpose", "handling"];
    let read = ["dossier", "read", "H56.1-261102-0001", "--server", up.address("ward-desk")];
    // Of 100 dossiers, of the last one, and of this one.
    assert_eq!(done_json(&[&read[..], &officer].concat())["receipt"]["offset"], "2");
}
