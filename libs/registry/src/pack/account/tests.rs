use std::fmt::Write as _;

use jiff::civil::date;

use super::*;
use crate::training::tests::registry;
use crate::{CommuneCode, SHIPPED_PACKS};

const DAY: Date = date(2026, 11, 21);

/// The construction permit with other accounts.
fn pack(accounts: &str) -> Result<Pack, Vec<String>> {
    let (file, text) = SHIPPED_PACKS[3];
    let shipped =
        "  - { role: ward-desk, number: \"3511.0.9990001\", bank: Kho bạc Nhà nước khu vực Thanh Hóa }\n";
    assert_eq!(text.matches(shipped).count(), 1);
    let parsed = Pack::parse(file, &text.replace(shipped, accounts));
    parsed.map_err(|faults| faults.iter().map(|fault| fault.fault.to_string()).collect())
}

fn number(text: &str) -> AccountNumber {
    text.parse().unwrap()
}

/// 68 accounts, one a ward: no fee of one is paid into that of another.
#[test]
fn a_fee_of_a_ward_is_paid_into_its_own_account_and_no_other() {
    let mut accounts = String::new();
    for ward in 1..=68 {
        writeln!(accounts, "  - {{ agency: H56.{ward}, number: \"65010{ward:05}\", bank: BIDV }}").unwrap();
    }
    let (pack, registry) = (pack(&accounts).unwrap(), registry());
    assert_eq!(pack.accounts().len(), 68);
    for ward in 1..=68 {
        let agency = registry.agency(&AgencyId::parse(&format!("H56.{ward}")).unwrap()).unwrap();
        for other in 1..=68 {
            let paid = pack.may_pay_into(agency, &number(&format!("65010{other:05}")), DAY);
            assert_eq!(paid.is_ok(), ward == other, "{ward} into the account of {other}");
        }
    }
    let desk = |id: &str| registry.agency(&AgencyId::parse(id).unwrap()).unwrap();
    let wrong = pack.may_pay_into(desk("H56.2"), &number("6501000001"), DAY).unwrap_err();
    assert_eq!(wrong.to_string(), "that is not the account of H56.2, which is 6501000002");
    let none = pack.may_pay_into(desk("H56.69"), &number("6501000001"), DAY).unwrap_err();
    assert_eq!(none, WrongAccount::None { agency: AgencyId::parse("H56.69").unwrap() });
}

#[test]
fn an_account_of_its_own_goes_before_the_one_of_its_role() {
    let both = "  - { role: ward-desk, number: \"1111111\", bank: A }\n  - { agency: H56.2, number: \"2222222\", bank: B }\n";
    let (pack, registry) = (pack(both).unwrap(), registry());
    let paid = |commune: &str| {
        let commune = CommuneCode::parse(commune).unwrap();
        let desk = registry.resolve(Role::WardDesk, &commune, DAY).unwrap();
        pack.account_of(desk, DAY).unwrap().number.to_string()
    };
    assert_eq!([paid("14758"), paid("14797")], ["1111111", "2222222"]);
}

#[test]
fn accounts_are_of_one_payee_with_a_number() {
    let fault = |accounts: &str| pack(accounts).unwrap_err();
    let one_of_two = "an account is of an agency or of a role: one of the two";
    assert_eq!(fault("  - { number: \"1111111\", bank: A }\n"), [one_of_two]);
    assert_eq!(fault("  - { agency: H56.2, role: ward-desk, number: \"1111111\", bank: A }\n"), [one_of_two]);
    let short = "field `number`: `12-34` is not an account number of 6 to 34 digits, letters and dots";
    assert_eq!(fault("  - { role: ward-desk, number: 12-34, bank: A }\n"), [short]);
    let twice = "  - { agency: H56.2, number: \"1111111\", bank: A }\n".repeat(2);
    assert!(
        fault(&twice)[0].starts_with("account of `H56.2` is there already, in line "),
        "{:?}",
        fault(&twice)
    );
    assert_eq!(
        fault("  - { role: city, number: \"1111111\", bank: A }\n"),
        ["role city holds no step of the procedure and collects no fee"]
    );
}

#[test]
fn a_pack_without_fees_has_no_account() {
    let (file, text) = SHIPPED_PACKS[2];
    let text = text.replace(
        "\nsteps:\n",
        "\naccounts:\n  - { role: ward-desk, number: \"1111111\", bank: A }\nsteps:\n",
    );
    let faults = Pack::parse(file, &text).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].fault, Fault::AccountWithoutFee);
}
