use jiff::civil::date;

use super::*;

fn fault(change: impl FnOnce(&str) -> String) -> RatesFault {
    let changed = change(SHIPPED_RATES);
    assert_ne!(changed, SHIPPED_RATES, "nothing was changed");
    Rates::parse("test", &changed).unwrap_err()
}

fn line_of(text: &str, yaml: &str) -> u64 {
    let (line, _) =
        yaml.lines().zip(1..).map(|(line, n)| (n, line)).find(|(_, line)| line.contains(text)).unwrap();
    line
}

#[test]
fn the_shipped_rates_are_sound() {
    let rates = Rates::parse(SHIPPED_RATES_VERSION, SHIPPED_RATES).unwrap();
    assert_eq!(rates.version(), SHIPPED_RATES_VERSION);
    let on = date(2026, 11, 21);
    assert_eq!(rates.registration_fee(on).unwrap().0.code, "2801");
    assert_eq!(rates.income_tax(on).unwrap().0.code, "1006");
    assert_eq!(rates.late_payment(on).unwrap().basis_points_per_day, 3);
}

#[test]
fn a_period_lasts_until_the_next_begins() {
    let rates = Rates::parse("test", SHIPPED_RATES).unwrap();
    let threshold = |on| rates.income_tax(on).unwrap().1.gift_and_inheritance.threshold_dong;
    assert_eq!(threshold(date(2026, 6, 30)), Dong::new(10_000_000));
    assert_eq!(threshold(date(2026, 7, 1)), Dong::new(20_000_000));
    assert_eq!(threshold(Date::MAX), Dong::new(20_000_000));
}

#[test]
fn before_the_first_period_there_is_no_rate() {
    let rates = Rates::parse("test", SHIPPED_RATES).unwrap();
    let (levy, on, first) = (Levy::RegistrationFee, date(2022, 2, 28), date(2022, 3, 1));
    let error = rates.registration_fee(on).unwrap_err();
    assert_eq!(error, TaxError::NotCovered { levy, on, first });
    assert_eq!(
        error.to_string(),
        "no rates of registration fee on 2022-02-28: the first hold from 2022-03-01"
    );
}

#[test]
fn faults_name_their_line() {
    let from = date(2014, 1, 1);
    let line = line_of("2026-07-01 #", SHIPPED_RATES);
    let levy = Levy::IncomeTax;
    assert_eq!(
        fault(|yaml| yaml.replace("2026-07-01 #", "2014-01-01 #")),
        RatesFault::Order { line, levy, from }
    );

    let line = line_of("from: 2022-03-01", SHIPPED_RATES);
    let levy = Levy::RegistrationFee;
    let over = fault(|yaml| yaml.replace("basis_points: 50 ", "basis_points: 10001 "));
    assert_eq!(over, RatesFault::Rate { line, levy, basis_points: 10_001 });
    let all = fault(|yaml| yaml.replacen("- spouses", "- none", 1));
    assert_eq!(all, RatesFault::ExemptsAll { line, levy });
    let item = fault(|yaml| yaml.replace("\"2801\"", "\"28O1\""));
    assert_eq!(item, RatesFault::BudgetItem { levy, code: "28O1".to_owned() });
}

#[test]
fn what_is_not_of_this_form_is_refused_where_it_stands() {
    let refused = |change: fn(&str) -> String, text: &str| {
        let yaml = change(SHIPPED_RATES);
        let RatesFault::Yaml { line, reason } = Rates::parse("test", &yaml).unwrap_err() else {
            panic!("{text}")
        };
        assert_eq!(line, Some(line_of(text, &yaml)), "{reason}");
        assert!(!reason.contains('\n'), "{reason}");
    };
    refused(|yaml| yaml.replace("cap_dong", "cap_vnd"), "cap_vnd");
    refused(|yaml| yaml.replace("2022-03-01", "01/03/2022"), "01/03/2022");
    refused(|yaml| yaml.replacen("- siblings", "- cousins", 1), "- cousins");
    refused(|yaml| yaml.replace("threshold_dong: 20000000", "threshold_dong: -1"), "threshold_dong: -1");
    refused(|yaml| yaml.replace("basis_points: 50 ", "basis_points: 0.5 "), "basis_points: 0.5");
    assert!(matches!(Rates::parse("test", ""), Err(RatesFault::Yaml { .. })));
}

#[test]
fn a_levy_without_periods_is_a_fault() {
    let cut = |yaml: &str| {
        let end = yaml.find("late_payment:").unwrap();
        format!("{}late_payment:\n  periods: []\n", &yaml[..end])
    };
    assert_eq!(fault(cut), RatesFault::NoPeriods { levy: Levy::LatePayment });
}
