use proptest::prelude::*;

use super::*;

#[test]
fn sums_are_said_by_the_administrative_norm() {
    let cases: [(u64, &str); 56] = [
        (0, "không"),
        (1, "một"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (31, "ba mươi mốt"),
        (44, "bốn mươi tư"),
        (55, "năm mươi lăm"),
        (99, "chín mươi chín"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (104, "một trăm linh bốn"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (111, "một trăm mười một"),
        (115, "một trăm mười lăm"),
        (121, "một trăm hai mươi mốt"),
        (555, "năm trăm năm mươi lăm"),
        (999, "chín trăm chín mươi chín"),
        (1_000, "một nghìn"),
        (1_001, "một nghìn không trăm linh một"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_010, "một nghìn không trăm mười"),
        (1_015, "một nghìn không trăm mười lăm"),
        (1_021, "một nghìn không trăm hai mươi mốt"),
        (1_100, "một nghìn một trăm"),
        (10_000, "mười nghìn"),
        (10_500, "mười nghìn năm trăm"),
        (15_000, "mười lăm nghìn"),
        (26_356, "hai mươi sáu nghìn ba trăm năm mươi sáu"),
        (45_000, "bốn mươi lăm nghìn"),
        (100_000, "một trăm nghìn"),
        (105_000, "một trăm linh năm nghìn"),
        (1_000_000, "một triệu"),
        (1_000_005, "một triệu không trăm linh năm"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (15_000_000, "mười lăm triệu"),
        (17_500_000, "mười bảy triệu năm trăm nghìn"),
        (21_000_000, "hai mươi mốt triệu"),
        (124_021_015, "một trăm hai mươi tư triệu không trăm hai mươi mốt nghìn không trăm mười lăm"),
        (500_000_000, "năm trăm triệu"),
        (1_000_000_000, "một tỷ"),
        (1_000_000_005, "một tỷ không trăm linh năm"),
        (1_005_000_000, "một tỷ không trăm linh năm triệu"),
        (3_000_000_000, "ba tỷ"),
        (
            2_147_483_648,
            "hai tỷ một trăm bốn mươi bảy triệu bốn trăm tám mươi ba nghìn sáu trăm bốn mươi tám",
        ),
        (1_000_000_000_000, "một nghìn tỷ"),
        (1_005_000_000_001, "một nghìn không trăm linh năm tỷ không trăm linh một"),
        (1_000_000_000_000_000, "một triệu tỷ"),
    ];
    for (dong, said) in cases {
        assert_eq!(words(dong), format!("{said} đồng"), "{dong}");
    }
}

#[test]
fn counts_are_parted_by_dots() {
    let cases = [(0, "0"), (387, "387"), (1_967, "1.967"), (26_356, "26.356"), (4_300_000, "4.300.000")];
    for (count, printed) in cases {
        assert_eq!(number(count), printed);
    }
}

#[test]
fn shares_have_a_decimal_comma_and_are_rounded_half_up() {
    let cases = [
        (25_925, 25_969, Some("99,83%")),
        (44, 25_969, Some("0,17%")),
        (6_339, 43_898, Some("14,44%")),
        (13_883, 174_270, Some("7,97%")),
        (17_542, 17_542, Some("100,00%")),
        (1, 20_000, Some("0,01%")),
        (1, 20_001, Some("0,00%")),
        (3, 10_000, Some("0,03%")),
        (u64::MAX, 1, Some("1844674407370955161500,00%")),
        (0, 0, None),
    ];
    for (part, whole, printed) in cases {
        assert_eq!(percent(part, whole).as_deref(), printed, "{part} of {whole}");
    }
}

/// Reads words as a reader does: a unit counts what was said since the last larger one.
fn heard(said: &str) -> u128 {
    let (mut billions, mut rest, mut group) = (0_u128, 0_u128, 0_u128);
    // What stands before `mươi` or `trăm`, or alone.
    let mut digit = 0_u128;
    for word in said.split(' ') {
        match word {
            "mười" => (group, digit) = (group + 10, 0),
            "mươi" => (group, digit) = (group + digit * 10, 0),
            "trăm" => (group, digit) = (group + digit * 100, 0),
            "linh" => {}
            "nghìn" => (rest, group, digit) = (rest + (group + digit) * 1_000, 0, 0),
            "triệu" => (rest, group, digit) = (rest + (group + digit) * 1_000_000, 0, 0),
            "tỷ" => {
                billions = (billions + rest + group + digit) * 1_000_000_000;
                (rest, group, digit) = (0, 0, 0);
            }
            "đồng" => return billions + rest + group + digit,
            "mốt" => digit = 1,
            "tư" => digit = 4,
            "lăm" => digit = 5,
            _ => digit = DIGITS.iter().position(|named| *named == word).unwrap() as u128,
        }
    }
    panic!("no đồng in {said}")
}

proptest! {
    #[test]
    fn what_is_said_is_heard_as_the_same_sum(magnitude in 0_u32..64, bits: u64) {
        let dong = bits >> magnitude;
        prop_assert_eq!(heard(&words(dong)), u128::from(dong));
    }

    #[test]
    fn round_sums_are_heard_too(digits in 1_u64..1_000, zeros in 0_u32..16, tail in 0_u64..1_100) {
        let dong = digits * 10_u64.pow(zeros) + tail;
        prop_assert_eq!(heard(&words(dong)), u128::from(dong));
    }
}
