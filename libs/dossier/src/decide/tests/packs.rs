//! Every shipped pack runs from reception to hand-over by the common acts alone: no procedure is named here but by its
//! code and a day it was in force.

use lienthong_calendar::Instant;
use lienthong_registry::{Need, Role, StepKind};

use crate::testing::*;
use crate::*;

/// Takes the ordinary way through a pack, a quarter of an hour an act.
fn walk(procedure: &str, day: &str) -> Story {
    let mut story = Story::new(day);
    story.does(DESK, Action::Receive(intake(procedure))).unwrap();
    for _ in 0..100 {
        if story.case().status() == Status::Delivered {
            return story;
        }
        story.now = Instant::from_micros(story.now.as_micros() + 15 * 60 * 1_000_000);
        let (who, action) = next(&story);
        let shown = format!("{who}: {action:?}");
        if let Err(denial) = story.does(&who, action) {
            panic!("{shown}: {denial}");
        }
    }
    panic!("{procedure} does not end");
}

/// What comes next on the ordinary way, and who does it.
fn next(story: &Story) -> (String, Action) {
    let case = story.case();
    let holder = case.custody.holder().to_string();
    let pack = story.registry.pack(&case.procedure, &case.pins.pack).unwrap();
    let current = case.step.as_ref().unwrap();
    let written = pack.step(&current.id).unwrap();
    if let Custody::Offered { to, .. } = &case.custody {
        return (to.to_string(), Action::AcceptCustody);
    }
    if current.begun.is_none() {
        let competent =
            || story.registry.resolve(written.role, &case.commune, story.now.date()).unwrap().id.clone();
        let to = if written.role == Role::WardDesk { case.received_by.clone() } else { competent() };
        return (holder, offer(to.as_str()));
    }
    let outcome = written.outcomes[0].id.clone();
    if written.needs.contains(&Need::ObligationFulfilled) && !case.money.fulfilled {
        return match case.referrals.get(&1).map(|referral| referral.state) {
            None => (holder, slip()),
            Some(ReferralState::Sent) => (TAX.to_owned(), Action::AcceptReferral { referral: 1 }),
            Some(_) => (TAX.to_owned(), notice("1/TB", vec![line(FEE, 5, 5)])),
        };
    }
    if written.needs.contains(&Need::LandRegisterEntry) && case.land_register.is_none() {
        return (holder, Action::EnterLandRegister { entry: paper("CN-1") });
    }
    if written.issues_result {
        return (holder, Action::IssueResult { number: paper("KQ-1"), outcome });
    }
    if written.kind == StepKind::WaitCitizen {
        return (holder, Action::HandOverResult { channel: Delivery::Desk });
    }
    (holder, Action::CompleteStep { step: current.id.clone(), outcome })
}

#[test]
fn land_transfer_and_gift_run_from_reception_to_hand_over() {
    for procedure in ["1.099001", "1.099002"] {
        let story = walk(procedure, "2026-11-02 08:15");
        let parties: Vec<_> = story.case().parties.iter().map(ToString::to_string).collect();
        assert_eq!(parties, [DESK, LAND, TAX]);
    }
}

#[test]
fn the_allowance_runs_on_three_levels_until_the_city_ended() {
    let story = walk("1.001776", "2025-05-05 08:15");
    let parties: Vec<_> = story.case().parties.iter().map(ToString::to_string).collect();
    assert_eq!(parties, [DESK, "city", "department"]);
    let late = Story::new("2025-07-01 08:15");
    let received = late.try_it(DESK, Action::Receive(intake("1.001776")));
    assert!(matches!(received, Err(Denial::NoPackInForce { .. })), "{received:?}");
}
