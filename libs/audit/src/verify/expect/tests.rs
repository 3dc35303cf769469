use super::*;

const HASH: &str = "408a614eebece8599e4d276ed3e623d9655c6e39a924cd8711f3fbc8237a36af";

fn parse(text: &str) -> Result<Expectation, ExpectationFault> {
    format!("{text}={HASH}").parse()
}

fn at(registry: Option<u64>, dossiers: &[(u16, u64)]) -> Expected {
    Expected::At { registry, dossiers: Position(dossiers.iter().copied().collect()) }
}

#[test]
fn expectations_name_one_partition_several_or_the_end() {
    for (text, expected) in [
        ("end", Expected::End),
        ("5:130", at(None, &[(5, 130)])),
        ("registry:31", at(Some(31), &[])),
        ("registry:31,0:17,5:2", at(Some(31), &[(0, 17), (5, 2)])),
    ] {
        let read = parse(text).unwrap();
        assert_eq!((read.at, read.hash.to_string()), (expected, HASH.to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_expectation_says_so() {
    for text in ["5:130", "5:130=", "5:130=abc", "=", "registry:x=00"] {
        assert!(matches!(text.parse::<Expectation>(), Err(ExpectationFault::Form { .. })), "{text}");
    }
    assert!(matches!(parse("5"), Err(ExpectationFault::Position(_))));
    assert_eq!(parse("0:17,reads:4"), Err(ExpectationFault::Reads));
}
