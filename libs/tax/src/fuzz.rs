//! Rates that nobody meant to publish.

use jiff::civil::Date;
use lienthong_fuzz::Target;

use crate::{Case, Dong, Kind, Rates, Relation, SHIPPED_RATES, assess, late_interest};

lienthong_fuzz::targets!(rates);

/// What is read assesses every case, or says why not.
fn rates() {
    let words = [
        "registration_fee:",
        "periods:",
        "- from: ",
        "basis_points: ",
        "cap_dong: ",
        "&a ",
        "*a ",
        "!!map ",
        "[",
        "{",
        "? ",
        "<<: ",
    ];
    Target::new([SHIPPED_RATES]).words(words).check_text(|text| {
        let Ok(rates) = Rates::parse("thu", text) else { return };
        let amounts = [0, 1, 3_000_000_000, u64::MAX].map(Dong::new);
        for on in [Date::MIN, "2026-11-20".parse().unwrap(), Date::MAX] {
            for (kind, amount) in [Kind::Transfer, Kind::Gift].into_iter().zip(amounts) {
                let case = Case {
                    kind,
                    relation: Relation::None,
                    table_value: amount,
                    contract_value: Some(Dong::new(7)),
                    on,
                };
                if let Ok(assessed) = assess(&rates, &case) {
                    assert!(assessed.lines.iter().all(|line| line.exempt <= line.due), "{assessed:?}");
                }
                let _ = late_interest(&rates, amount, u32::MAX, on);
            }
        }
    });
}
