//! The forms as they come out of the printer.

mod lines;
mod rules;
mod samples;

use std::{collections::BTreeSet, env, fs, process::Command};

use lopdf::Document;
use serde_json::Value;

use super::*;
use crate::pdf::pages;

/// What a reader sees, without the spaces that lines end with.
fn printed(bytes: &[u8]) -> Vec<String> {
    let document = Document::load_mem(bytes).unwrap();
    document.get_pages().keys().map(|page| squeezed(&document.extract_text(&[*page]).unwrap())).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != '\u{200B}').collect()
}

/// Every value that the JSON of a form holds, with its path.
fn leaves(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(path, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((path.to_owned(), value.clone()));
        }
    }
}

/// The ways in which a value may stand on paper.
fn on_paper(path: &str, value: &Value) -> Vec<String> {
    let text = match value {
        Value::Number(count) if path == ".late_interest" => {
            return vec![percent(count.as_u64().unwrap(), 10_000).unwrap()];
        }
        // An entry's number is an ordinal, not an amount.
        Value::Number(count) if path == ".first" => return vec![count.to_string()],
        Value::Number(count) => return vec![number(count.as_u64().unwrap())],
        Value::String(text) => text.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            panic!("{path} is not filled in")
        }
    };
    if let Ok(instant) = text.parse::<lienthong_calendar::Instant>() {
        let civil = instant.civil();
        let (hour, minute, day) =
            (civil.hour(), civil.minute(), lienthong_calendar::vietnamese_date(civil.date()));
        return vec![
            format!("{hour:02} giờ {minute:02} phút, ngày {day}"),
            format!("{hour:02}:{minute:02}{day}"),
        ];
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        let long = format!("ngày {:02} tháng {:02} năm {}", date.day(), date.month(), date.year());
        return vec![lienthong_calendar::vietnamese_date(date), long];
    }
    let named = match (path.rsplit('.').next().unwrap(), text) {
        ("kind", "original") => "Bản chính",
        ("kind", "copy") => "Bản sao",
        ("kind", "photocopy") => "Bản chụp",
        ("kind", "electronic") => "Bản điện tử",
        ("result", "early") => "Trước hạn",
        ("result", "on_time") => "Đúng hạn",
        ("result", "late") => "Quá hạn",
        _ => text,
    };
    vec![named.to_owned(), named.to_uppercase()]
}

#[track_caller]
fn check_every_field<F: Form>(form: &F) {
    let pages = printed(&pdf(form).unwrap());
    let text = pages.concat();
    let mut fields = Vec::new();
    leaves("", &serde_json::to_value(form).unwrap(), &mut fields);
    fields.retain(|(path, value)| path != ".qr" && !value.is_boolean());
    fields.push((".title".to_owned(), F::KIND.title().into()));
    if let Some(source) = F::KIND.source() {
        fields.push((".source".to_owned(), format!("{}, {}", source.number, source.instrument).into()));
    }
    for (path, value) in fields {
        let ways = on_paper(&path, &value);
        assert!(ways.iter().any(|way| text.contains(&squeezed(way))), "{path}: none of {ways:?} in {text}");
    }
    for page in &pages {
        assert!(!page.contains("TẬPHUẤN"), "{page}");
    }
    assert!(text.contains("CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM") && text.contains("Độclập-Tựdo-Hạnhphúc"), "{text}");
}

#[test]
fn every_field_of_every_form_is_printed_with_its_diacritics() {
    check_every_field(&samples::receipt());
    check_every_field(&samples::supplement_request());
    check_every_field(&samples::refusal());
    check_every_field(&samples::apology());
    check_every_field(&samples::stop_notice());
    check_every_field(&samples::control_slip());
    check_every_field(&samples::register(3));
    check_every_field(&samples::tax_information());
    check_every_field(&samples::tax_notice());
    check_every_field(&samples::report());
}

#[test]
fn a_notice_says_each_amount_in_words_too() {
    let text = printed(&pdf(&samples::tax_notice()).unwrap()).concat();
    for said in [
        "Ba tỷ đồng.",
        "Mười lăm triệu đồng.",
        "Một triệu không trăm linh năm nghìn đồng.",
        "Hai triệu đồng.",
        "Mười một triệu chín trăm chín mươi lăm nghìn đồng.",
        "Sáu mươi chín triệu tám trăm bảy mươi mốt nghìn đồng.",
        "Tổng số tiền còn phải nộp: 81.866.000 đồng.",
        "Tám mươi mốt triệu tám trăm sáu mươi sáu nghìn đồng.",
    ] {
        assert!(text.contains(&squeezed(said)), "{said} is not in {text}");
    }
}

#[test]
fn several_plots_and_payers_are_told_apart() {
    let mut slip = samples::tax_information();
    slip.land.push(Land { plot: samples::text("216"), ..Land::default() });
    let text = printed(&pdf(&slip).unwrap()).concat();
    for said in ["Thửa đất thứ 1", "Thửa đất số: 215", "Thửa đất thứ 2", "Thửa đất số: 216"]
    {
        assert!(text.contains(&squeezed(said)), "{said} is not in {text}");
    }
    let mut notice = samples::tax_notice();
    notice.taxpayers.push(Taxpayer { name: "Hoàng Văn Bán".to_owned(), ..Taxpayer::default() });
    let text = printed(&pdf(&notice).unwrap()).concat();
    for said in ["Người nộp thuế thứ 2", "Tên người nộp thuế: Hoàng Văn Bán"] {
        assert!(text.contains(&squeezed(said)), "{said} is not in {text}");
    }
    notice.taxpayers.clear();
    assert_eq!(pdf(&notice), Err(FormError::Empty { field: "taxpayers" }));
}

#[test]
fn a_report_prints_sums_total_and_shares() {
    let text = printed(&pdf(&samples::report()).unwrap()).concat();
    // The group of two rows, the total, and the shares of 43.695 solved.
    for cell in ["17.906", "17.782", "44.262", "43.751", "511", "99,87%", "0,13%", "Số liệu tạm tính"]
    {
        assert!(text.contains(&squeezed(cell)), "{cell} is not in {text}");
    }
}

#[test]
fn what_is_not_known_leaves_dotted_lines() {
    let header = || Header { agency: "Trung tâm".to_owned(), ..Header::default() };
    let case = || Case {
        dossier: samples::CODE.to_owned(),
        applicant: Applicant { name: "Lò Thị Mẫu".to_owned(), ..Applicant::default() },
        request: String::new(),
    };
    let receipt = Receipt {
        header: header(),
        case: case(),
        reception_point: None,
        qr: String::new(),
        papers: vec![],
        sets: None,
        limit: None,
        promised: None,
        collect_at: Some(String::new()),
        fee: None,
        book: None,
        entry: None,
        submitter: None,
        officer: None,
        ..samples::receipt()
    };
    check_dotted(&receipt, &["Địa chỉ:....", "ngày......tháng......năm", "quyển số:....", "giờ......phút"]);
    let stop = StopNotice {
        header: header(),
        case: case(),
        received: None,
        stop_request: None,
        phase: None,
        legal_ground: None,
        decision: None,
        settlement: None,
        signer_title: None,
        signer: None,
        ..samples::stop_notice()
    };
    check_dotted(&stop, &["Căn cứ pháp lý:....", "THỦ TRƯỞNG CƠ QUAN"]);
    let slip = ControlSlip {
        header: header(),
        dossier: samples::CODE.to_owned(),
        applicant: None,
        request: None,
        competent: None,
        partners: vec![],
        transfers: vec![],
    };
    check_dotted(&slip, &["Người nhận:....", "phối hợp giải quyết hồ sơ:...."]);
    let register = Register { header: header(), book: None, from: None, to: None, first: 1, entries: vec![] };
    check_dotted(&register, &["Quyển số:....", "Từ ngày....../"]);
    let slip = TaxInformation {
        header: header(),
        form: None,
        complete_on: None,
        procedure: None,
        legal_ground: None,
        users: vec![],
        land: vec![],
        buildings: vec![Building::default()],
        contract: Some(Contract::default()),
        relief: Some(Relief::default()),
        attachments: vec![Attachment { name: String::new(), sha256: None }],
        receiver: None,
        signer_title: None,
        signer: None,
        ..samples::tax_information()
    };
    check_dotted(&slip, &["Thửa đất số:....", "Giá chuyển nhượng:....", "Kết cấu:....", "Ngày sinh:....../"]);
    let notice = TaxNotice {
        header: header(),
        form: None,
        subject: None,
        adjusts: None,
        taxpayers: vec![Taxpayer {
            name: "Lò Thị Mẫu".to_owned(),
            agent: Some(Agent::default()),
            ..Taxpayer::default()
        }],
        property: Property::default(),
        lines: vec![NoticeLine::default()],
        budget: Budget::default(),
        late_interest: None,
        signer_title: None,
        signer: None,
        ..samples::tax_notice()
    };
    check_dotted(&notice, &["Ngân hàng thu:....", "Không đồng.", "theo quy định."]);
    let report = Report {
        header: header(),
        from: None,
        to: None,
        provisional: false,
        position: None,
        as_of: None,
        groups: vec![],
        author: None,
        signer_title: None,
        signer: None,
    };
    check_dotted(&report, &["TỔNG CỘNG0", "Kỳ báo cáo: từ ngày....../"]);
}

#[track_caller]
fn check_dotted<F: Form>(form: &F, expected: &[&str]) {
    let text = printed(&pdf(form).unwrap()).concat();
    for expected in expected.iter().chain(&["Số:...."]) {
        assert!(text.contains(&squeezed(expected)), "{expected} is not in {text}");
    }
    assert!(!text.contains("none"), "{text}");
}

#[test]
fn data_is_never_read_as_markup() {
    let name =
        r##"#panic("x") *đậm* _nghiêng_ $x^2$ \ "kép" 'đơn' `mã` = @ai <b> // [x] #{1+1} -- ~ {{}} \u{41}"##;
    let mut receipt = samples::receipt();
    receipt.case.applicant.name = name.to_owned();
    receipt.papers[0].name = name.to_owned();
    let text = printed(&pdf(&receipt).unwrap()).concat();
    assert_eq!(text.matches(&squeezed(name)).count(), 2, "{text}");
    let mut register = samples::register(1);
    register.entries[0].note = Some(name.to_owned());
    let text = printed(&pdf(&register).unwrap()).concat();
    assert!(text.contains(&squeezed(name)), "{text}");
}

#[test]
fn decomposed_letters_are_printed_like_composed_ones() {
    let mut refusal = samples::refusal();
    refusal.reason = "Nguye\u{302}\u{303}n Thi\u{323} Hươ\u{300}ng".to_owned();
    pdf(&refusal).unwrap();
}

#[test]
fn a_letter_that_no_font_has_is_told_instead_of_printed_as_a_box() {
    for character in ['漢', '😀', '\u{E000}'] {
        let mut refusal = samples::refusal();
        refusal.case.applicant.name = format!("An {character}");
        assert_eq!(pdf(&refusal), Err(FormError::Unprintable { character }));
    }
}

#[test]
fn every_page_of_a_training_form_says_so() {
    let mut register = samples::register(60);
    register.header.training = true;
    let pages = printed(&pdf(&register).unwrap());
    assert!(pages.len() > 2, "{}", pages.len());
    for page in pages {
        // The line over the page, and the mark behind it.
        assert!(page.contains("TẬPHUẤN-khôngcógiátrịpháplý"), "{page}");
        assert_eq!(page.matches("TẬPHUẤN").count(), 2, "{page}");
    }
}

#[test]
fn a_long_table_has_its_head_and_number_on_every_page() {
    let mut slip = samples::control_slip();
    slip.transfers = (1..=28)
        .map(|day| samples::transfer("Đơn vị giao", "Đơn vị nhận", day, lienthong_calendar::Verdict::Early))
        .collect();
    check_pages(&printed(&pdf(&slip).unwrap()), "THỜIGIANGIAO,NHẬNHỒSƠ");
    let pages = printed(&pdf(&samples::register(100)).unwrap());
    check_pages(&pages, "Tênthủtụchànhchính");
    let text = pages.concat();
    for entry in 1..=100 {
        assert!(text.contains(&format!("{}H56.2-261102-{entry:04}", 4_999 + entry)), "{entry}");
    }
}

#[track_caller]
fn check_pages(pages: &[String], head: &str) {
    assert!(pages.len() > 2, "{}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert_eq!(page.matches(head).count(), 1, "{page}");
        assert!(page.contains(&format!("Trang{}/{}", index + 1, pages.len())), "{page}");
    }
}

#[test]
fn the_qr_code_on_paper_reads_as_the_given_text() {
    let receipt = samples::receipt();
    let document = pages(&receipt).unwrap();
    let image = typst_render::render(&document.pages[0], 3.0);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut grey = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        image.pixels()[y * width + x].green()
    });
    let read: Vec<_> = grey.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect();
    assert_eq!(read, [receipt.qr]);
}

#[test]
fn papers_have_the_size_that_the_circular_asks_for() {
    let mut sizes = BTreeSet::new();
    let mut note = |name: &'static str, document: typst::layout::PagedDocument| {
        for page in document.pages {
            let size = page.frame.size();
            sizes.insert((name, size.x.to_mm().round() as u32, size.y.to_mm().round() as u32));
        }
    };
    note("01", pages(&samples::receipt()).unwrap());
    note("02", pages(&samples::supplement_request()).unwrap());
    note("03", pages(&samples::refusal()).unwrap());
    note("04", pages(&samples::apology()).unwrap());
    note("05", pages(&samples::stop_notice()).unwrap());
    note("06", pages(&samples::control_slip()).unwrap());
    note("07", pages(&samples::register(1)).unwrap());
    note("II.06", pages(&samples::report()).unwrap());
    let expected = [
        ("01", 148, 210),
        ("02", 148, 210),
        ("03", 148, 210),
        ("04", 148, 210),
        ("05", 148, 210),
        ("06", 210, 297),
        ("07", 297, 210),
        ("II.06", 297, 210),
    ];
    assert_eq!(sizes, BTreeSet::from(expected));
}

/// Where a second process of the test below puts its bytes.
const OUT: &str = "LIENTHONG_FORMS_TEST_OUT";

#[test]
fn the_same_data_gives_the_same_bytes_in_every_process() {
    let print = || {
        [pdf(&samples::receipt()), pdf(&samples::tax_notice()), pdf(&samples::register(40))]
            .map(Result::unwrap)
            .concat()
    };
    let bytes = print();
    if let Some(out) = env::var_os(OUT) {
        return fs::write(out, bytes).unwrap();
    }
    assert!(bytes == print(), "twice in one process");
    let folder = tempfile::tempdir().unwrap();
    for run in ["1", "2"] {
        let out = folder.path().join(run);
        let test = "tests::the_same_data_gives_the_same_bytes_in_every_process";
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", test])
            .env(OUT, &out)
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
        assert!(bytes == fs::read(out).unwrap(), "process {run}");
    }
}

#[test]
fn another_letter_is_another_document() {
    let mut receipt = samples::receipt();
    let id = |form: &Receipt| {
        let document = Document::load_mem(&pdf(form).unwrap()).unwrap();
        document.trailer.get(b"ID").unwrap().clone()
    };
    let before = id(&receipt);
    receipt.officer = Some("Lê Thị Khác".to_owned());
    assert_ne!(before, id(&receipt));
}
