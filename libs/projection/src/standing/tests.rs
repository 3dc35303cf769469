use lienthong_dossier::ReferralState;

use super::*;
use crate::tests::world::{agency, case, imported, offered, referral, with_notice};

#[track_caller]
fn check(dossier: Dossier, expected: &[(&str, Standing)]) {
    let state = crate::tests::world::state(dossier, 1);
    let expected: BTreeMap<_, _> = expected.iter().map(|(id, standing)| (agency(id), *standing)).collect();
    assert_eq!(standings(&state), expected);
}

fn live(case: Case) -> Dossier {
    Dossier::Live(Box::new(case))
}

const HOLDS: Standing =
    Standing { holds: true, offered: false, referred: false, notice: false, imported: false };
const NONE: Standing =
    Standing { holds: false, offered: false, referred: false, notice: false, imported: false };

#[test]
fn the_holder_has_it() {
    check(live(case("ward")), &[("ward", HOLDS)]);
}

#[test]
fn while_offered_it_lies_before_both() {
    let case = Case { custody: offered("ward", "land"), ..case("ward") };
    check(live(case), &[("ward", HOLDS), ("land", Standing { offered: true, ..NONE })]);
}

#[test]
fn an_open_referral_lies_before_the_agency_asked_and_an_ended_one_does_not() {
    for (state, open) in [
        (ReferralState::Sent, true),
        (ReferralState::Accepted, true),
        (ReferralState::Answered, false),
        (ReferralState::Returned, false),
        (ReferralState::Lapsed, false),
    ] {
        let case = Case { referrals: [(1, referral("land", "tax", state))].into(), ..case("land") };
        let asked = open.then_some(("tax", Standing { referred: true, ..NONE }));
        check(live(case), &[Some(("land", HOLDS)), asked].into_iter().flatten().collect::<Vec<_>>());
    }
}

#[test]
fn a_notice_lies_before_its_issuer_until_it_is_fulfilled() {
    let open = with_notice(case("land"), "tax", NoticeState::Current);
    check(live(open.clone()), &[("land", HOLDS), ("tax", Standing { notice: true, ..NONE })]);
    let mut fulfilled = open;
    fulfilled.money.fulfilled = true;
    check(live(fulfilled), &[("land", HOLDS)]);
    check(live(with_notice(case("land"), "tax", NoticeState::Cancelled)), &[("land", HOLDS)]);
}

#[test]
fn reasons_of_one_agency_come_together() {
    let case = Case {
        custody: offered("land", "tax"),
        referrals: [(1, referral("land", "tax", ReferralState::Sent))].into(),
        ..case("land")
    };
    let both = Standing { offered: true, referred: true, ..NONE };
    check(live(case), &[("land", HOLDS), ("tax", both)]);
}

#[test]
fn a_dossier_that_is_over_lies_before_nobody() {
    for phase in [Phase::Refused, Phase::Delivered, Phase::Withdrawn] {
        let case = Case {
            phase,
            custody: offered("ward", "land"),
            referrals: [(1, referral("land", "tax", ReferralState::Sent))].into(),
            ..with_notice(case("ward"), "treasury", NoticeState::Current)
        };
        check(live(case), &[]);
    }
}

#[test]
fn an_imported_dossier_lies_before_who_brought_it() {
    check(imported("import"), &[("import", Standing { imported: true, ..NONE })]);
}

#[test]
fn a_standing_is_one_byte() {
    for byte in 0..32 {
        assert_eq!(Standing::from_byte(byte).to_byte(), byte);
    }
}
