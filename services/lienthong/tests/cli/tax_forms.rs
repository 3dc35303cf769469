use lienthong_wire::pb::common::v1::{Account, NoticeLine};
use lienthong_wire::pb::personal::v1::{
    Applicant, Building, Party, PartyRole, PersonalDetails, Plot, Transfer,
};
use serde_json::{Value, json};

use crate::case::{Case, DESK, LAND, TAX, applicant};
use crate::services::Up;
use crate::support::{not_done, printed, run};

const CODE: &str = "H56.1-261102-0001";
/// The buyer's registration fee, and the seller's income tax.
const FEE: Account = Account { taxpayer: 2, item: 2801 };
const INCOME: Account = Account { taxpayer: 1, item: 1006 };

/// From the desk by way of the land office to the tax office, which takes the slip on.
fn go_to_the_tax_office(case: &Case<'_>) {
    case.handed_to_the_land_office("2026-11-02T09:00");
    case.supplement_asked("2026-11-02T14:00", &["hop-dong"], "Điều 29 NĐ 101/2024/NĐ-CP", "");
    case.supplement_handed_in("2026-11-03T08:00", &["hop-dong"]);
    case.completed(LAND, "2026-11-03T10:00", "tham-dinh", "du-dieu-kien");
    case.slip_sent("2026-11-03T14:00", "88/PCTT", slip());
}

fn slip() -> PersonalDetails {
    let party = |ordinal, role: PartyRole, person: Applicant| Party {
        ordinal,
        role: role.into(),
        person: Some(person),
        share_per_10000: 10_000,
        relation: String::new(),
    };
    let seller =
        Applicant { name: "Hoàng Văn Bán".to_owned(), tax_code: "8000000001".to_owned(), ..applicant() };
    PersonalDetails {
        parties: vec![party(1, PartyRole::Transferor, seller), party(2, PartyRole::Transferee, applicant())],
        plots: vec![
            Plot {
                parcel: "215".to_owned(),
                map_sheet: "36".to_owned(),
                address: "Tổ dân phố Nam Sơn".to_owned(),
                area_m2_hundredths: 10_050,
                common_area_m2_hundredths: 1_000,
                purpose: "ODT".to_owned(),
                certificate: "CX 123456".to_owned(),
                certificate_date: "2019-06-20".to_owned(),
                location: "Đường Lê Lợi".to_owned(),
                position: 2,
                table_value_dong: 3_000_000_000,
                ..Plot::default()
            },
            Plot { parcel: "216".to_owned(), map_sheet: "36".to_owned(), ..Plot::default() },
        ],
        buildings: vec![Building {
            kind: "Nhà ở riêng lẻ, cấp III".to_owned(),
            floor_area_m2_hundredths: 14_480,
            storeys: 2,
            ..Building::default()
        }],
        transfer: Some(Transfer {
            contract: "1234/2026/HĐCN".to_owned(),
            contract_date: "2026-10-28".to_owned(),
            notary: "Văn phòng công chứng Mẫu Sơn".to_owned(),
            contract_value_dong: 2_500_000_000,
            exemption_claim: "Hộ nghèo".to_owned(),
        }),
        ..PersonalDetails::default()
    }
}

fn line(account: Account, taxable_dong: u64, due_dong: u64, exempt_dong: u64) -> NoticeLine {
    NoticeLine {
        account: Some(account),
        due_date: "2026-12-10".to_owned(),
        taxable_dong,
        due_dong,
        exempt_dong,
        exempt_ground: if exempt_dong > 0 { "Điều 10 NĐ 10/2022/NĐ-CP" } else { "" }.to_owned(),
    }
}

fn command<'a>(verb: &'a str, agency: &'a str, server: &'a str, asked: &[&'a str]) -> Vec<&'a str> {
    let officer = ["--agency", agency, "--officer", "cb-01", "--purpose", "handling", "--server", server];
    [&["dossier", verb, CODE], asked, &officer].concat()
}

/// A form, which is printed the same twice.
fn form(command: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["1.pdf", "2.pdf"].map(|name| folder.path().join(name));
    let (data, bytes) = printed(command, &one);
    assert_eq!(printed(command, &two), (data.clone(), bytes.clone()));
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!((&data["dossier"], &data["header"]["training"]), (&json!(CODE), &json!(true)));
    data
}

#[test]
fn a_slip_says_everything_that_the_tax_office_was_told() {
    let up = Up::start();
    let case = Case::new(&up, CODE);
    case.received("2026-11-02T08:15");
    let none = "no tax information slip of H56.1-261102-0001 was sent";
    not_done(&command("tax-slip", DESK, up.address("ward-desk"), &[]), 1, none);
    go_to_the_tax_office(&case);
    let (land, tax) = (up.address("land-registry"), up.address("tax-office"));
    let data = form(&command("tax-slip", TAX, tax, &[]));
    assert_eq!(form(&command("tax-slip", LAND, land, &["--slip", "1"])), data);
    assert_eq!(
        data["header"],
        json!({
            "superior": null,
            "agency": "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa",
            "number": "88/PCTT",
            "place": null,
            "date": "2026-11-03",
            "training": true,
        })
    );
    // Complete since the supplement came in; the seller is no user, but gives.
    assert_eq!(data["complete_on"], "2026-11-03");
    assert_eq!(data["users"].as_array().unwrap().len(), 1);
    assert_eq!(data["users"][0]["name"], "Lò Thị Mẫu");
    assert_eq!(data["users"][0]["tax_id"], "999185000001");
    assert_eq!(
        (&data["users"][0]["born"], &data["users"][0]["share"]),
        (&json!("1985-04-30"), &json!("100,00%"))
    );
    let plot = &data["land"][0];
    for (field, value) in [
        ("plot", "215"),
        ("sheet", "36"),
        ("area", "100,5 m²"),
        ("area_private", "90,5 m²"),
        ("area_shared", "10 m²"),
        ("position", "Vị trí 2"),
        ("street", "Đường Lê Lợi"),
        ("table_price", "3.000.000.000 đ cho cả thửa"),
        ("certificate", "CX 123456 cấp ngày 20/06/2019"),
    ] {
        assert_eq!(plot[field], value, "{field}");
    }
    assert_eq!(data["land"][1]["plot"], "216");
    assert_eq!(
        (&data["buildings"][0]["floor_area"], &data["buildings"][0]["floors"]),
        (&json!("144,8 m²"), &json!("2"))
    );
    assert_eq!(
        data["contract"],
        json!({
            "number": "1234/2026/HĐCN",
            "date": "2026-10-28",
            "certified_by": "Văn phòng công chứng Mẫu Sơn",
            "transferor": "Hoàng Văn Bán",
            "price": 2_500_000_000_u64,
        })
    );
    assert_eq!(data["relief"]["subject"], "Hộ nghèo");
    // What was handed in at the reception, and later, with the hashes of the files.
    let sha256 = "07".repeat(32);
    assert_eq!(
        data["attachments"],
        json!([
            { "name": "Đơn đăng ký biến động đất đai", "sha256": sha256 },
            { "name": "Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất", "sha256": sha256 },
        ])
    );
    assert_eq!((&data["signer"], &data["receiver"]), (&json!("Ngô Văn Đất"), &json!("Đinh Thị Thu")));
    let second = command("tax-slip", TAX, tax, &["--slip", "2"]);
    not_done(&second, 1, "H56.1-261102-0001 has no slip 2");
}

#[test]
fn a_notice_adds_up_line_by_line_and_one_that_was_adjusted_says_what_it_replaces() {
    let up = Up::start();
    let case = Case::new(&up, CODE);
    case.received("2026-11-02T08:15");
    go_to_the_tax_office(&case);
    let tax = up.address("tax-office");
    let asked = |asked: &[&str]| form(&command("tax-notice", TAX, tax, asked));
    not_done(&command("tax-notice", TAX, tax, &[]), 1, "no notice of H56.1-261102-0001 stands");
    let first =
        vec![line(FEE, 3_000_000_000, 15_000_000, 1_005_000), line(INCOME, 2_500_000_000, 50_000_000, 0)];
    case.notice_issued("2026-11-05T09:00", "455/TB", first);
    case.paid("2026-11-06T09:00", "455/TB", FEE, 2_000_000);

    let data = asked(&[]);
    assert_eq!(
        (&data["header"]["number"], &data["header"]["date"]),
        (&json!("455/TB"), &json!("2026-11-05"))
    );
    assert_eq!(data["adjusts"], Value::Null);
    let payers: Vec<_> = data["taxpayers"].as_array().unwrap().iter().map(|payer| &payer["name"]).collect();
    assert_eq!(payers, ["Hoàng Văn Bán", "Lò Thị Mẫu"]);
    assert_eq!(data["taxpayers"][0]["tax_id"], "8000000001");
    assert_eq!(
        data["lines"][0],
        json!({
            "levy": "Lệ phí trước bạ nhà, đất",
            "payer": "Lò Thị Mẫu",
            "budget_item": "2801",
            "taxable": 3_000_000_000_u64,
            "due": 15_000_000,
            "exempt_reason": "Điều 10 NĐ 10/2022/NĐ-CP",
            "exempt": 1_005_000,
            "paid": 2_000_000,
            "remaining": 11_995_000,
            "pay_by": "2026-12-10",
        })
    );
    assert_eq!(data["lines"][1]["remaining"], 50_000_000);
    assert_eq!(
        (&data["property"]["plot"], &data["property"]["area"]),
        (&json!("215; 216"), &json!("100,5 m²"))
    );
    assert_eq!(data["budget"]["reference"], CODE);
    assert_eq!(
        (&data["signer"], &data["signer_title"]),
        (&json!("Đinh Thị Thu"), &json!("Trưởng Thuế cơ sở"))
    );

    // The buyer's copy says nothing of the seller.
    let copy = asked(&["--taxpayer", "2"]);
    assert_eq!(copy["taxpayers"].as_array().unwrap().len(), 1);
    assert_eq!((copy["lines"].as_array().unwrap().len(), &copy["lines"][0]["payer"]), (1, &Value::Null));
    assert!(!copy.to_string().contains("Hoàng Văn Bán"), "{copy}");
    let nobody = command("tax-notice", TAX, tax, &["--taxpayer", "3"]);
    not_done(&nobody, 1, "455/TB asks nothing of taxpayer 3");

    let second = vec![line(FEE, 3_000_000_000, 16_000_000, 0), line(INCOME, 2_500_000_000, 50_000_000, 0)];
    case.notice_adjusted("2026-11-09T09:00", ["455/TB", "456/TB"], "Xác định lại vị trí thửa đất", second);
    let data = asked(&[]);
    assert_eq!(data["header"]["number"], "456/TB");
    assert_eq!(
        data["adjusts"],
        json!({ "number": "455/TB", "date": "2026-11-05", "reason": "Xác định lại vị trí thửa đất" })
    );
    assert_eq!(
        (&data["lines"][0]["paid"], &data["lines"][0]["remaining"]),
        (&json!(2_000_000), &json!(14_000_000))
    );
    // The one that was replaced can still be printed, as it was issued.
    let former = command("tax-notice", TAX, tax, &["--notice", "455/TB", "--output", "json"]);
    let former = run(&former);
    assert_eq!(former.stderr, "455/TB does not stand any more: 456/TB stands in its place\n");
    let former: Value = serde_json::from_str(&former.stdout).unwrap();
    assert_eq!(
        (&former["lines"][0]["paid"], &former["lines"][0]["remaining"]),
        (&json!(0), &json!(13_995_000))
    );
    let unknown = command("tax-notice", TAX, tax, &["--notice", "457/TB"]);
    not_done(&unknown, 1, "H56.1-261102-0001 has no notice 457/TB");
    assert!(run(&unknown).stderr.contains("455/TB, 456/TB"));
}
