use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{Relation, SHIPPED_RATES, SHIPPED_RATES_VERSION};

fn rates() -> Rates {
    Rates::parse(SHIPPED_RATES_VERSION, SHIPPED_RATES).unwrap()
}

fn today() -> Date {
    date(2026, 11, 21)
}

fn case(kind: Kind, relation: Relation, table: u64, contract: Option<u64>) -> Case {
    Case {
        kind,
        relation,
        table_value: Dong::new(table),
        contract_value: contract.map(Dong::new),
        on: today(),
    }
}

fn check(case: &Case, lptb: u64, pit: u64) {
    let assessment = assess(&rates(), case).unwrap();
    assert_eq!((assessment.lptb().get(), assessment.pit().get()), (lptb, pit), "{case:?}");
}

/// 100 m² at 30,000,000 đ/m².
const TABLE: u64 = 3_000_000_000;

#[test]
fn the_higher_of_table_and_contract_counts() {
    let sale = |contract| case(Kind::Transfer, Relation::None, TABLE, contract);
    check(&sale(Some(2_500_000_000)), 15_000_000, 60_000_000);
    check(&sale(Some(3_500_000_000)), 17_500_000, 70_000_000);
    check(&sale(Some(TABLE)), 15_000_000, 60_000_000);
    check(&sale(None), 15_000_000, 60_000_000);
}

#[test]
fn a_gift_from_father_to_son_costs_nothing() {
    let gift = case(Kind::Gift, Relation::ParentChild, TABLE, None);
    check(&gift, 0, 0);
    // The notice shows what would be due and that it is exempt.
    let lines = assess(&rates(), &gift).unwrap().lines;
    assert_eq!(lines.iter().map(|line| line.due.get()).collect::<Vec<_>>(), [15_000_000, 298_000_000]);
    assert!(lines.iter().all(|line| line.exempt == line.due));
}

#[test]
fn a_sale_from_father_to_son_owes_the_registration_fee() {
    check(&case(Kind::Transfer, Relation::ParentChild, TABLE, Some(2_500_000_000)), 15_000_000, 0);
}

#[test]
fn listed_pairs_are_exempt_and_others_are_not() {
    for relation in Relation::ALL {
        let (fee, tax) = match relation {
            Relation::None | Relation::StepParent => (15_000_000, 298_000_000),
            Relation::Spouses
            | Relation::ParentChild
            | Relation::AdoptiveParentChild
            | Relation::ParentsInLaw
            | Relation::Grandparents
            | Relation::Siblings => (0, 0),
        };
        check(&case(Kind::Gift, relation, TABLE, None), fee, tax);
        check(&case(Kind::Inheritance, relation, TABLE, None), fee, tax);
        check(&case(Kind::Transfer, relation, TABLE, None), 15_000_000, tax.min(60_000_000));
    }
}

#[test]
fn the_registration_fee_has_a_cap() {
    let sale = |price| case(Kind::Transfer, Relation::None, price, None);
    check(&sale(100_000_000_000), 500_000_000, 2_000_000_000);
    check(&sale(100_000_000_200), 500_000_000, 2_000_000_004);
    check(&sale(200_000_000_000), 500_000_000, 4_000_000_000);
    check(&sale(99_999_999_800), 499_999_999, 1_999_999_996);
    let line = assess(&rates(), &sale(200_000_000_000)).unwrap().lines.remove(0);
    assert_eq!(line.taxable, Dong::new(200_000_000_000));
    assert!(line.reasons.iter().any(|reason| reason.starts_with("Mức tối đa 500.000.000 đ")));
}

#[test]
fn the_threshold_of_gifts_rose_on_1_july_2026() {
    let gift = |on, value| Case { on, ..case(Kind::Gift, Relation::None, value, None) };
    let (before, after) = (date(2026, 6, 30), date(2026, 7, 1));
    check(&gift(before, 100_000_000), 500_000, 9_000_000);
    check(&gift(after, 100_000_000), 500_000, 8_000_000);
    check(&gift(before, 10_000_000), 50_000, 0);
    check(&gift(before, 10_000_010), 50_000, 1);
    check(&gift(after, 20_000_000), 100_000, 0);
    check(&gift(after, 15_000_000), 75_000, 0);
    // A sale knows no threshold.
    check(&case(Kind::Transfer, Relation::None, 15_000_000, None), 75_000, 300_000);
}

#[test]
fn each_line_is_rounded_half_up_once() {
    let sale = |price| case(Kind::Transfer, Relation::None, price, None);
    // 0.5% of 100 is 0.5; 2% of 25 is 0.5.
    check(&sale(100), 1, 2);
    check(&sale(99), 0, 2);
    check(&sale(25), 0, 1);
    check(&sale(24), 0, 0);
    check(&sale(0), 0, 0);
}

#[test]
fn ten_days_late_cost_three_per_mille() {
    let late = |amount, days| late_interest(&rates(), Dong::new(amount), days, today()).map(Dong::get);
    assert_eq!(late(15_000_000, 10), Ok(45_000));
    assert_eq!(late(15_000_000, 0), Ok(0));
    assert_eq!(late(u64::MAX, 3_333), Ok(18_444_899_399_302_180_660));
    assert_eq!(late(u64::MAX, 3_334), Err(TaxError::Overflow { levy: Levy::LatePayment }));
    assert!(late(u64::MAX, u32::MAX).is_err());
    let early = late_interest(&rates(), Dong::new(1), 1, date(2020, 6, 30));
    assert!(matches!(early, Err(TaxError::NotCovered { levy: Levy::LatePayment, .. })));
}

#[test]
fn a_day_before_the_rates_is_not_guessed() {
    let old = Case { on: date(2022, 2, 28), ..case(Kind::Gift, Relation::None, TABLE, None) };
    assert!(matches!(assess(&rates(), &old), Err(TaxError::NotCovered { levy: Levy::RegistrationFee, .. })));
}

#[test]
fn the_largest_price_is_assessed() {
    check(&case(Kind::Gift, Relation::None, u64::MAX, None), 500_000_000, 1_844_674_407_368_955_162);
}

#[test]
fn reasons_are_for_officers() {
    let gift =
        assess(&rates(), &case(Kind::Gift, Relation::ParentChild, TABLE, Some(2_500_000_000))).unwrap();
    assert_eq!(gift.rates_version, SHIPPED_RATES_VERSION);
    assert_eq!(
        gift.reasons,
        ["Giá tính thuế 3.000.000.000 đ theo bảng giá, cao hơn hợp đồng 2.500.000.000 đ"]
    );
    let [fee, tax] = &gift.lines[..] else { panic!("two lines") };
    assert_eq!((&*fee.item.code, &*tax.item.code), ("2801", "1006"));
    assert_eq!(
        fee.reasons,
        [
            "0,5% × 3.000.000.000 đ = 15.000.000 đ (NĐ 10/2022/NĐ-CP, Điều 8)",
            "Miễn: tặng cho giữa cha đẻ, mẹ đẻ với con đẻ (NĐ 10/2022/NĐ-CP, Điều 10 khoản 10)",
        ]
    );
    assert_eq!(
        tax.reasons,
        [
            "Phần vượt trên 20.000.000 đ mỗi lần nhận (Luật Thuế TNCN 109/2025/QH15)",
            "10% × 2.980.000.000 đ = 298.000.000 đ (Luật Thuế TNCN 109/2025/QH15)",
            "Miễn: tặng cho giữa cha đẻ, mẹ đẻ với con đẻ (Luật Thuế TNCN 109/2025/QH15)",
        ]
    );
    assert_eq!([1, 50, 200, 1_025, 10_000].map(percent), ["0,01%", "0,5%", "2%", "10,25%", "100%"]);
}

proptest! {
    /// Half up, exactly: the result is the only n with 2·n·10000 − 10000 ≤ 2·amount·rate < 2·n·10000 + 10000.
    #[test]
    fn a_share_is_the_exact_one_rounded_half_up(amount in any::<u64>(), rate in 0..=10_000_u64) {
        let rounded = i128::from(share(Dong::new(amount), rate).unwrap().get());
        let twice = 2 * i128::from(amount) * i128::from(rate);
        prop_assert!(2 * rounded * 10_000 - 10_000 <= twice);
        prop_assert!(twice < 2 * rounded * 10_000 + 10_000);
    }

    #[test]
    fn more_value_never_owes_less(a in any::<u64>(), b in any::<u64>(), contract in any::<Option<u64>>()) {
        let rates = rates();
        for kind in Kind::ALL {
            let less = assess(&rates, &case(kind, Relation::None, a.min(b), contract)).unwrap();
            let more = assess(&rates, &case(kind, Relation::None, a.max(b), contract)).unwrap();
            prop_assert!(less.lptb() <= more.lptb() && less.pit() <= more.pit());
        }
    }

    #[test]
    fn a_line_never_exempts_more_than_is_due(
        kind in prop::sample::select(&Kind::ALL[..]),
        relation in prop::sample::select(&Relation::ALL[..]),
        table in any::<u64>(),
    ) {
        for line in assess(&rates(), &case(kind, relation, table, None)).unwrap().lines {
            prop_assert_eq!(line.remaining().checked_add(line.exempt), Some(line.due));
        }
    }
}
