//! Numbers as Vietnamese papers write them: in figures, in percent, in words.

use lienthong_tax::Dong;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

const THOUSAND: u64 = 1_000;
const MILLION: u64 = 1_000_000;
/// Tỷ: beyond it counting begins anew, `một nghìn tỷ`.
const BILLION: u64 = 1_000_000_000;

/// A sum in words, exact: `mười lăm triệu đồng`.
///
/// The administrative norm: `linh` before a lone unit (`một trăm linh năm`), `nghìn` and `tỷ`; after tens `mốt` for 1 and
/// `tư` for 4 (from twenty on), `lăm` for 5. After a larger group hundreds are always said (`một nghìn không trăm linh năm`),
/// and an empty group is left out (`một triệu không trăm linh năm`).
#[must_use]
pub fn words(dong: u64) -> String {
    let mut said = Vec::new();
    if dong == 0 {
        said.push(DIGITS[0]);
    }
    say(dong, false, &mut said);
    said.push("đồng");
    said.join(" ")
}

/// Says a number; `after` when something larger was said before it.
fn say(number: u64, after: bool, said: &mut Vec<&'static str>) {
    let (billions, rest) = (number / BILLION, number % BILLION);
    if billions > 0 {
        say(billions, after, said);
        said.push("tỷ");
    }
    let mut after = after || billions > 0;
    for (group, unit) in
        [(rest / MILLION, "triệu"), (rest / THOUSAND % THOUSAND, "nghìn"), (rest % THOUSAND, "")]
    {
        if group == 0 {
            continue;
        }
        say_group(group, after, said);
        if !unit.is_empty() {
            said.push(unit);
        }
        after = true;
    }
}

/// Says 1 to 999; with its hundreds, though there be none, when `full`.
fn say_group(group: u64, full: bool, said: &mut Vec<&'static str>) {
    let (hundreds, tens, units) = (group / 100, group / 10 % 10, group % 10);
    let hundreds_said = full || hundreds > 0;
    if hundreds_said {
        said.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if units > 0 && hundreds_said => said.push("linh"),
        0 => {}
        1 => said.push("mười"),
        _ => said.extend([digit(tens), "mươi"]),
    }
    match (tens, units) {
        (_, 0) => {}
        (2.., 1) => said.push("mốt"),
        (2.., 4) => said.push("tư"),
        (1.., 5) => said.push("lăm"),
        _ => said.push(digit(units)),
    }
}

fn digit(digit: u64) -> &'static str {
    // Each is a remainder of ten.
    DIGITS[(digit % 10) as usize]
}

/// Thousands parted by dots: `26.356`.
#[must_use]
pub fn number(number: u64) -> String {
    // As notices write money, without the unit.
    let money = Dong::new(number).to_string();
    money.trim_end_matches(" đ").to_owned()
}

/// A share in percent with two decimals, half up: `99,83%`. None of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> Option<String> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    // u64 × 20,000 always fits.
    let hundredths = (part * 20_000 + whole).checked_div(whole * 2)?;
    Some(format!("{},{:02}%", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests;
