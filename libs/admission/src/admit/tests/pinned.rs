//! The role that the pinned pack gives an agency, whoever holds the dossier and whatever was published since.

use std::sync::Arc;

use lienthong_dossier::{Action, EventKind, PaperNumber};
use lienthong_registry::{Change, Pack, StepId};

use super::scenes::{self, COMMUNE};
use crate::testing::chain::{PARTS, authority, fence_record, publish};
use crate::testing::*;
use crate::*;

fn refused(bench: &mut Bench, what: &str, draft: &Draft, reason: Reason, detail: &str) {
    let applied = bench.append(draft.sent());
    let Verdict::Void { void, .. } = applied.verdict else { panic!("{what}: {:?}", applied.verdict) };
    assert_eq!((void.reason, void.detail.as_deref()), (reason, Some(detail)), "{what}");
}

fn counts(bench: &mut Bench, what: &str, draft: &Draft) {
    let applied = bench.append(draft.sent());
    assert!(matches!(applied.verdict, Verdict::Admitted(_)), "{what}: {:?}", applied.verdict);
}

/// The first so many acts of the long story.
fn told(acts: usize) -> Bench {
    let mut bench = Bench::new(&World::founded(), "2026-11-02 08:00");
    for (when, who, action) in scenes::asked().into_iter().take(acts) {
        bench.tell(when, who, action);
    }
    bench
}

fn offered_to(draft: &Draft, who: &str) -> Draft {
    draft.clone().with(|body| {
        let EventKind::CustodyOffered { to, .. } = &mut body.act.events[0].kind else { panic!("an offer") };
        *to = agency(who);
    })
}

#[test]
fn an_offer_goes_to_the_agency_of_the_next_steps_role_alone() {
    let mut bench = told(2);
    let offer = bench.draft(DESK, offer(DEPARTMENT));
    for other in [LAND, TAX, COMMUNE, "H56.9", DESK] {
        let wrong = bench.in_name_of(&offered_to(&offer, other), DESK);
        refused(&mut bench, other, &wrong, Reason::Transition, "WRONG_RECEIVER");
    }
    counts(&mut bench, "the department", &offer);
}

#[test]
fn who_holds_a_dossier_cannot_do_a_step_of_another_role() {
    let mut bench = told(4);
    let step = bench.draft(DEPARTMENT, complete("xem-xet", "chuyen"));
    let mut early = told(2);
    let as_desk =
        early.draft(DESK, offer(DEPARTMENT)).with(|body| body.act.events = step.body.act.events.clone());
    let as_desk = early.in_name_of(&as_desk, DESK);
    refused(
        &mut early,
        "the desk does the department's step",
        &as_desk,
        Reason::Transition,
        "STEP_NOT_BEGUN",
    );
    let next = step.clone().with(|body| {
        let EventKind::StepCompleted { step, .. } = &mut body.act.events[0].kind else { panic!("a step") };
        *step = StepId::parse("tham-dinh").unwrap();
    });
    refused(
        &mut bench,
        "the department does the land office's step",
        &next,
        Reason::Transition,
        "WRONG_STEP",
    );
    counts(&mut bench, "the department's own", &step);
}

#[test]
fn the_land_register_is_the_land_offices_whoever_holds_the_dossier() {
    let mut bench = told(4);
    let entry = Action::EnterLandRegister { entry: PaperNumber::parse("1").unwrap() };
    let mut at_land = told(7);
    let entered = at_land.draft(LAND, entry);
    let step = bench.draft(DEPARTMENT, complete("xem-xet", "chuyen"));
    let by_department = step.with(|body| body.act.events = entered.body.act.events.clone());
    refused(&mut bench, "the holding department", &by_department, Reason::Role, "NOT_LAND_REGISTRY");
    counts(&mut at_land, "the holding land office", &entered);
}

#[test]
fn a_later_version_of_a_pack_gives_a_dossier_under_way_no_other_agency() {
    let mut bench = told(2);
    let text = PARTS
        .replace(r#"version: "1""#, r#"version: "2""#)
        .replace("role: department", "role: land-registry")
        .replace("from: 2024-08-01", "from: 2026-11-01");
    let change =
        Change { packs: vec![Arc::new(Pack::parse("parts.yaml", &text).unwrap())], ..Change::default() };
    let fence = publish(&mut bench.reader.revisions, &change, &authority());
    assert!(matches!(bench.append(fence_record(&fence)).verdict, Verdict::Fence(1)));
    let pinned = bench.draft(DESK, offer(DEPARTMENT));
    let by_the_later = bench.in_name_of(&offered_to(&pinned, LAND), DESK);
    refused(&mut bench, "under way", &by_the_later, Reason::Transition, "WRONG_RECEIVER");
    counts(&mut bench, "under way", &pinned);

    // What is received behind the fence follows the later version.
    let fresh = "H56.2-261102-0002";
    let mut other = Bench::new(&World::founded(), "2026-11-02 09:00");
    other.reader = Reader::new(&World::founded(), World::founded().partition_of(fresh));
    other.reader.revisions = bench.reader.revisions.clone();
    other.append(fence_record(&fence));
    for action in [receive("9.000002"), complete("tiep-nhan", "chuyen"), offer(LAND)] {
        let draft = other.draft_of(fresh, DESK, action);
        counts(&mut other, fresh, &draft);
    }
}
