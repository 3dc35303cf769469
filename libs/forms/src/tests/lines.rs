//! Forms as they are read on a screen.

use serde_json::Value;

use super::samples;
use crate::*;

/// How many values of a form there are to tell.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "training").map(|(_, value)| count(value)).sum()
        }
        Value::Array(values) => values.iter().map(count).sum(),
        Value::Null => 0,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

#[track_caller]
fn check_every_field<F: Form>(form: &F) {
    let lines = lines(form);
    assert_eq!(lines.len(), count(&serde_json::to_value(form).unwrap()), "{lines:#?}");
    for line in &lines {
        let (name, text) = line.split_once(": ").unwrap();
        // No key as JSON has it, no time as programs write it.
        assert!(!name.contains('_') && name.starts_with(|first: char| first.is_uppercase()), "{line}");
        assert!(!text.is_empty() && !text.contains("+07:00"), "{line}");
    }
}

#[test]
fn every_field_of_every_form_is_told_by_a_name_of_its_own_language() {
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
fn texts_days_instants_amounts_and_parts_are_told_as_people_write_them() {
    let receipt = lines(&samples::receipt());
    for line in [
        "Cơ quan: Trung tâm Phục vụ hành chính công",
        "Ngày: 02/11/2026",
        "Mã hồ sơ: H56.2-261102-0001",
        "Tổ chức, cá nhân – Tên: Lò Thị Mẫu",
        "Giấy tờ 1 – Hình thức: bản chính",
        "Tiếp nhận: 08:15 ngày 02/11/2026",
    ] {
        assert!(receipt.iter().any(|told| told == line), "{line} is not in {receipt:#?}");
    }
    let notice = lines(&samples::tax_notice());
    for line in ["Khoản nộp 1 – Phải nộp: 15.000.000 đồng", "Tiền chậm nộp mỗi ngày: 0,03%"]
    {
        assert!(notice.iter().any(|told| told == line), "{line} is not in {notice:#?}");
    }
    let slip = lines(&samples::control_slip());
    assert!(slip.iter().any(|told| told.starts_with("Bàn giao 1 – Bên giao – Cơ quan: ")), "{slip:#?}");
    let information = lines(&samples::tax_information());
    assert!(information.iter().any(|told| told.starts_with("Kính gửi: ")), "{information:#?}");
}

#[test]
fn what_is_not_filled_in_is_not_told() {
    let mut slip = samples::control_slip();
    slip.applicant = None;
    slip.header.training = true;
    let lines = lines(&slip);
    assert!(
        !lines.iter().any(|line| line.contains("Tổ chức, cá nhân") || line.contains("training")),
        "{lines:#?}"
    );
}
