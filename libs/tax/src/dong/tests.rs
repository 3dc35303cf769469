use super::*;

#[test]
fn thousands_are_parted_by_dots() {
    for (dong, shown) in [
        (0, "0 đ"),
        (7, "7 đ"),
        (999, "999 đ"),
        (1_000, "1.000 đ"),
        (45_000, "45.000 đ"),
        (15_000_000, "15.000.000 đ"),
        (u64::MAX, "18.446.744.073.709.551.615 đ"),
    ] {
        assert_eq!(Dong::new(dong).to_string(), shown);
    }
}

#[test]
fn nothing_wraps() {
    let (most, one) = (Dong::new(u64::MAX), Dong::new(1));
    assert_eq!(most.checked_add(one), None);
    assert_eq!(Dong::ZERO.checked_sub(one), None);
    assert_eq!(Dong::ZERO.saturating_sub(one), Dong::ZERO);
    assert_eq!(most.checked_mul(2), None);
    assert_eq!(Dong::new(30_000_000).checked_mul(100), Some(Dong::new(3_000_000_000)));
    assert_eq!(Dong::checked_sum([one, one]), Some(Dong::new(2)));
    assert_eq!(Dong::checked_sum([most, one]), None);
}

#[test]
fn serde_sees_a_number() {
    assert_eq!(serde_json::to_string(&Dong::new(45_000)).unwrap(), "45000");
    assert_eq!(serde_json::from_str::<Dong>("45000").unwrap(), Dong::new(45_000));
    assert!(serde_json::from_str::<Dong>("-1").is_err());
    assert!(serde_json::from_str::<Dong>("1.5").is_err());
}
