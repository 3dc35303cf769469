use serde_json::{Value, json};

use crate::case::{Case, DESK};
use crate::services::Up;
use crate::support::{done, done_json, not_done, printed};

/// A desk that prints letters.
struct Printer<'a> {
    server: &'a str,
    folder: tempfile::TempDir,
}

impl<'a> Printer<'a> {
    fn new(up: &'a Up) -> Self {
        Self { server: up.address("ward-desk"), folder: tempfile::tempdir().unwrap() }
    }

    fn command<'b>(&'b self, code: &'b str, asked: &[&'b str]) -> Vec<&'b str> {
        let officer =
            ["--agency", DESK, "--officer", "cb-01", "--purpose", "handling", "--server", self.server];
        [&["dossier", "letter", code], asked, &officer].concat()
    }

    /// The letter, which is printed the same twice.
    fn letter(&self, code: &str, asked: &[&str]) -> Value {
        let [one, two] = ["1.pdf", "2.pdf"].map(|name| self.folder.path().join(name));
        let command = self.command(code, asked);
        let (data, bytes) = printed(&command, &one);
        assert_eq!(printed(&command, &two), (data.clone(), bytes.clone()));
        assert!(bytes.starts_with(b"%PDF-"));
        assert_eq!(data["header"]["training"], true, "{data}");
        assert_eq!(data["dossier"], code, "{data}");
        assert_eq!(data["applicant"]["name"], "Lò Thị Mẫu", "{data}");
        assert_eq!(data["applicant"]["address"], "12 đường Lê Lợi, phường Hạc Thành", "{data}");
        data
    }
}

#[track_caller]
fn check(data: &Value, fields: &[(&str, Value)]) {
    for (path, value) in fields {
        assert_eq!(data.pointer(path), Some(value), "{path} of {data}");
    }
}

const LAND: &str = "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa";

#[test]
fn a_request_for_papers_names_them_and_each_of_several_can_be_printed() {
    let up = Up::start();
    let (case, code) = (Case::new(&up, "H56.1-261102-0001"), "H56.1-261102-0001");
    case.received("2026-11-02T08:15");
    case.handed_to_the_land_office("2026-11-02T09:00");
    case.supplement_asked("2026-11-03T08:00", &["hop-dong"], "Điều 29 NĐ 101/2024/NĐ-CP", "Thiếu trang 3");
    case.supplement_handed_in("2026-11-04T08:00", &["hop-dong"]);
    let papers = ["to-khai-01-lptb", "giay-to-mien-giam"];
    case.supplement_asked("2026-11-05T10:00", &papers, "Điều 30 NĐ 101/2024/NĐ-CP", "");
    let printer = Printer::new(&up);

    let first = printer.letter(code, &["--form", "supplement", "--nth", "1"]);
    check(
        &first,
        &[
            ("/items", json!(["Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất"])),
            ("/reason", json!("Thiếu trang 3")),
            ("/legal_ground", json!("Điều 29 NĐ 101/2024/NĐ-CP")),
            ("/phase", json!("Thẩm định, giải quyết hồ sơ")),
            ("/issuer", json!(LAND)),
            ("/officer", json!("Ngô Văn Đất")),
            ("/header/date", json!("2026-11-03")),
            ("/header/agency", json!(LAND)),
            ("/contact", Value::Null),
        ],
    );
    let newest = printer.letter(code, &[]);
    check(
        &newest,
        &[
            (
                "/items",
                json!([
                    "Tờ khai lệ phí trước bạ nhà đất",
                    "Giấy tờ chứng minh thuộc đối tượng được miễn, giảm nghĩa vụ tài chính"
                ]),
            ),
            ("/reason", Value::Null),
            ("/header/date", json!("2026-11-05")),
        ],
    );
    assert_eq!(printer.letter(code, &["--form", "supplement", "--nth", "2"]), newest);
    let third = printer.command(code, &["--form", "supplement", "--nth", "3"]);
    not_done(&third, 1, "H56.1-261102-0001 has no such request for papers");
    not_done(&printer.command(code, &["--nth", "1"]), 2, "the following required arguments");
    not_done(
        &printer.command(code, &["--form", "refusal"]),
        1,
        "H56.1-261102-0001 has no refusal at the desk",
    );
    // Who may not read whose dossier it is prints no letter, and whoever prints one stands in the log.
    let stranger =
        ["--agency", "H56.2", "--officer", "cb-01", "--purpose", "handling", "--server", printer.server];
    not_done(&[&["dossier", "letter", code], &stranger[..]].concat(), 1, "H56.2 has no part in the dossier");
    let read = |command: &[&str]| done_json(command)["receipt"]["offset"].as_str().map(str::to_owned);
    let mut personal = printer.command(code, &[]);
    personal[1] = "read";
    // Three letters were printed twice before.
    assert_eq!(read(&personal).as_deref(), Some("6"));
    let text = done(&printer.command(code, &[]));
    assert!(text.starts_with("Phiếu yêu cầu bổ sung") && text.contains("TẬP HUẤN"), "{text}");
}

#[test]
fn a_refusal_states_its_legal_ground_and_its_reason() {
    let up = Up::start();
    let (case, code) = (Case::new(&up, "H56.1-261102-0001"), "H56.1-261102-0001");
    let ground = "Điểm b khoản 1 Điều 45 Luật Đất đai số 31/2024/QH15";
    case.refused("2026-11-02T08:15", ground, "Thửa đất đang có tranh chấp");
    let letter = Printer::new(&up).letter(code, &["--form", "refusal"]);
    check(
        &letter,
        &[
            ("/legal_ground", json!(ground)),
            ("/reason", json!("Thửa đất đang có tranh chấp")),
            ("/submitter", json!("Lò Thị Mẫu")),
            ("/officer", json!("Lê Thị Mẫu")),
            ("/header/date", json!("2026-11-02")),
        ],
    );
    let case = Case::new(&up, "H56.1-261102-0002");
    case.refused("2026-11-02T08:20", ground, "");
    let letter = Printer::new(&up).letter("H56.1-261102-0002", &[]);
    check(&letter, &[("/legal_ground", json!(ground)), ("/reason", json!(ground))]);
}

#[test]
fn an_apology_and_a_stop_say_what_was_so_at_the_act() {
    let up = Up::start();
    let (case, code) = (Case::new(&up, "H56.1-261102-0001"), "H56.1-261102-0001");
    case.received("2026-11-02T08:15");
    case.handed_to_the_land_office("2026-11-02T09:00");
    let printer = Printer::new(&up);
    let nothing = "H56.1-261102-0001 has nothing of which the applicant is written to";
    not_done(&printer.command(code, &[]), 1, nothing);
    case.extended("2026-11-03T09:00", 3, "Chờ trích đo lại thửa đất");
    let letter = printer.letter(code, &["--form", "apology"]);
    check(
        &letter,
        &[
            ("/received", json!("2026-11-02T08:15:00+07:00")),
            ("/received_by", json!("Trung tâm Phục vụ hành chính công phường Hàm Rồng")),
            ("/promised", json!("2026-11-19T17:30:00+07:00")),
            ("/extended", json!("2026-11-25T17:30:00+07:00")),
            ("/ordinal", json!(1)),
            ("/reason", json!("Chờ trích đo lại thửa đất")),
            ("/signer", json!("Ngô Văn Đất")),
            ("/signer_title", json!("Giám đốc chi nhánh")),
            ("/header/date", json!("2026-11-03")),
        ],
    );
    // What comes later, and moves the promise again, changes nothing of the letter.
    case.supplement_asked("2026-11-05T10:00", &["hop-dong"], "Điều 29 NĐ 101/2024/NĐ-CP", "");
    case.supplement_handed_in("2026-11-09T10:00", &["hop-dong"]);
    assert_eq!(printer.letter(code, &["--form", "apology"]), letter);

    case.stopped("2026-11-10T09:00", "Điều 24 NĐ 118/2025/NĐ-CP", "41/TB-CNVPĐK");
    let letter = printer.letter(code, &[]);
    check(
        &letter,
        &[
            ("/header/number", json!("41/TB-CNVPĐK")),
            ("/received", json!("2026-11-02T08:15:00+07:00")),
            ("/stop_request", Value::Null),
            ("/phase", json!("Thẩm định, giải quyết hồ sơ")),
            ("/reason", json!("Điều 24 NĐ 118/2025/NĐ-CP")),
            ("/decision", json!("Dừng giải quyết hồ sơ từ ngày 10/11/2026")),
            ("/signer", json!("Ngô Văn Đất")),
        ],
    );
}

#[test]
fn a_withdrawal_that_was_granted_is_a_stop_at_the_citizens_request() {
    let up = Up::start();
    let (case, code) = (Case::new(&up, "H56.1-261102-0001"), "H56.1-261102-0001");
    case.received("2026-11-02T08:15");
    case.handed_to_the_land_office("2026-11-02T09:00");
    let reason = "Các bên đã hủy hợp đồng";
    case.withdrawn("2026-11-05T14:00", reason, "2026-11-06T08:30", "31/TB-CNVPĐK");
    let letter = Printer::new(&up).letter(code, &["--form", "stop"]);
    check(
        &letter,
        &[
            ("/header/number", json!("31/TB-CNVPĐK")),
            ("/header/date", json!("2026-11-06")),
            ("/stop_request", json!("Đề nghị rút hồ sơ ngày 05/11/2026")),
            ("/reason", json!(reason)),
            ("/decision", json!("Đồng ý cho rút hồ sơ từ ngày 06/11/2026")),
            ("/legal_ground", Value::Null),
        ],
    );
}
