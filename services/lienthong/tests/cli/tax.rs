use serde_json::json;

use crate::support::{done, done_json, not_done};

fn assess<'a>(kind: &'a str, relation: &'a str, table_value: &'a str, on: &'a str) -> [&'a str; 10] {
    ["tax", "assess", "--kind", kind, "--relation", relation, "--table-value", table_value, "--on", on]
}

#[test]
fn a_sale_owes_fee_and_tax_on_the_higher_price() {
    let args =
        [&assess("transfer", "none", "1000000000", "2026-11-22")[..], &["--contract-value", "1200000000"]]
            .concat();
    let expected = json!({
        "lptb": 6_000_000,
        "pit": 24_000_000,
        "reasons": [
            "Giá tính thuế 1.200.000.000 đ theo hợp đồng, cao hơn bảng giá 1.000.000.000 đ",
            "0,5% × 1.200.000.000 đ = 6.000.000 đ (NĐ 10/2022/NĐ-CP, Điều 8)",
            "2% × 1.200.000.000 đ = 24.000.000 đ (Luật Thuế TNCN 109/2025/QH15)",
        ],
    });
    assert_eq!(done_json(&args), expected);

    insta::assert_snapshot!(done(&args), @r"
    Chuyển nhượng, không có quan hệ được miễn, ngày 22/11/2026
    ────────────────────────────────────────────────────────────────────────────────────────────────────
     Tiểu mục   Khoản thu                        Trị giá tính       Phải nộp   Được miễn   Còn phải nộp
    ════════════════════════════════════════════════════════════════════════════════════════════════════
     2801       Lệ phí trước bạ nhà đất       1.200.000.000 đ    6.000.000 đ         0 đ    6.000.000 đ
    ────────────────────────────────────────────────────────────────────────────────────────────────────
     1006       Thuế thu nhập từ chuyển       1.200.000.000 đ   24.000.000 đ         0 đ   24.000.000 đ
                nhượng bất động sản, nhận
                thừa kế và nhận quà tặng là
                bất động sản
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    - Giá tính thuế 1.200.000.000 đ theo hợp đồng, cao hơn bảng giá 1.000.000.000 đ
    - 0,5% × 1.200.000.000 đ = 6.000.000 đ (NĐ 10/2022/NĐ-CP, Điều 8)
    - 2% × 1.200.000.000 đ = 24.000.000 đ (Luật Thuế TNCN 109/2025/QH15)
    Biểu áp dụng: vn-2026-07
    ");
}

#[test]
fn a_gift_between_siblings_owes_nothing_and_says_why() {
    let json = done_json(&assess("gift", "siblings", "1000000000", "2026-11-22"));
    assert_eq!((&json["lptb"], &json["pit"]), (&json!(0), &json!(0)));
    let reasons = json["reasons"].as_array().unwrap();
    let exempt = reasons.iter().filter(|reason| reason.as_str().unwrap().starts_with("Miễn: tặng cho"));
    assert_eq!(exempt.count(), 2, "{reasons:?}");
}

#[test]
fn every_relation_of_the_manual_is_taken() {
    for relation in [
        "none",
        "spouses",
        "parent-child",
        "adoptive-parent-child",
        "parents-in-law",
        "grandparents",
        "siblings",
        "step-parent",
    ] {
        let json = done_json(&assess("inheritance", relation, "1000000000", "2026-11-22"));
        assert_eq!(
            json["pit"].as_u64().unwrap() > 0,
            ["none", "step-parent"].contains(&relation),
            "{relation}"
        );
    }
}

#[test]
fn a_day_without_rates_is_refused() {
    not_done(&assess("gift", "none", "1", "1999-11-22"), 1, "no rates of registration fee on 1999-11-22");
}

#[test]
fn the_fee_has_its_cap_however_large_the_value() {
    let largest = u64::MAX.to_string();
    let json = done_json(&assess("transfer", "none", &largest, "2026-11-22"));
    assert_eq!(json["lptb"], 500_000_000);
}

#[test]
fn words_and_sums_that_are_none_are_wrong_usage() {
    not_done(&assess("sale", "none", "1", "2026-11-22"), 2, "invalid value 'sale' for '--kind <KIND>'");
    not_done(&assess("gift", "cousins", "1", "2026-11-22"), 2, "invalid value 'cousins'");
    not_done(&assess("gift", "none", "1.5", "2026-11-22"), 2, "invalid value '1.5'");
    not_done(
        &assess("gift", "none", "99999999999999999999", "2026-11-22"),
        2,
        "invalid value '99999999999999999999'",
    );
}
