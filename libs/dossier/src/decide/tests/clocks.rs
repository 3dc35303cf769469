//! Promises, pauses, extensions, waits.

use std::sync::Arc;

use lienthong_calendar::{Instant, Verdict};
use lienthong_registry::Pack;

use crate::testing::*;
use crate::*;

fn due(story: &Story) -> Instant {
    story.case().clock.due().unwrap()
}

#[test]
fn the_promise_is_the_closing_of_the_thirteenth_working_day() {
    let story = Story::at_the_slip();
    assert_eq!(due(&story), at("2026-11-19 17:30"));
}

#[test]
fn the_dossiers_clock_stands_from_the_slip_to_the_last_payment() {
    let mut story = Story::at_the_slip();
    // 13 days less two mornings' worth: 02/11 does not count, 03/11 07:30 to 10:30 does.
    story.tell("2026-11-03 10:30", LAND, slip());
    let remaining = 13 * 480 - 180;
    assert!(
        matches!(story.case().clock, Clock::Paused { remaining_minutes, .. } if remaining_minutes == remaining)
    );
    assert_eq!(story.case().referrals[&1].due, at("2026-11-10 17:30"));
    story.tell("2026-11-04 08:00", TAX, Action::AcceptReferral { referral: 1 });
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    assert!(story.case().is_paused(), "status 6 goes on where the referral ended");
    story.tell("2026-11-09 13:30", TAX, pay("p", "1", FEE, 100));
    // Half a day on 09/11, twelve working days up to 26/11 (24/11 is a holiday), and one hour more.
    assert_eq!(due(&story), at("2026-11-27 08:30"));
}

#[test]
fn a_slip_sent_back_lets_the_clock_run_on() {
    let mut story = Story::at_the_slip();
    let promised = due(&story);
    story.tell("2026-11-03 10:30", LAND, slip());
    story.tell(
        "2026-11-04 10:30",
        TAX,
        Action::ReturnReferral { referral: 1, ground: ground("thiếu diện tích") },
    );
    assert_eq!(due(&story), at("2026-11-20 17:30"));
    assert!(due(&story) > promised);
    assert_eq!(
        story.try_it(TAX, Action::AcceptReferral { referral: 1 }),
        Err(Denial::ReferralEnded { referral: 1 })
    );
    story.tell("2026-11-04 11:00", LAND, slip());
    assert_eq!(story.case().referrals.len(), 2);
}

#[test]
fn overlapping_pauses_are_one() {
    let mut story = Story::at_the_slip();
    let hold = Action::PlaceHold {
        ground: ground("kê biên"),
        issuing_body: Line::parse("Chi cục Thi hành án dân sự").unwrap(),
        document: paper("44/QĐ"),
        expires_at: None,
    };
    story.tell("2026-11-04 07:30", LAND, hold);
    let Clock::Paused { remaining_minutes, .. } = story.case().clock else { panic!("paused") };
    let ask = Action::RequestSupplement { documents: vec![document("hop-dong").kind], ground: ground("x") };
    story.tell("2026-11-05 07:30", LAND, ask);
    story.tell("2026-11-06 07:30", LAND, Action::LiftHold { hold: 1, document: paper("45/QĐ") });
    assert!(
        matches!(story.case().clock, Clock::Paused { remaining_minutes: same, .. } if same == remaining_minutes)
    );
    story.tell("2026-11-09 07:30", DESK, Action::HandInSupplement { documents: vec![document("hop-dong")] });
    // Three working days passed: 04, 05 and 06/11.
    assert_eq!(due(&story), at("2026-11-25 17:30"));
    assert_eq!(
        story.try_it(LAND, Action::LiftHold { hold: 1, document: paper("1") }),
        Err(Denial::UnknownHold { hold: 1 })
    );
}

#[test]
fn a_hold_with_an_end_is_over_at_its_end_whoever_notices() {
    let mut story = Story::at_the_slip();
    let hold = Action::PlaceHold {
        ground: ground("tranh chấp"),
        issuing_body: Line::parse("Tòa án nhân dân khu vực").unwrap(),
        document: paper("7/TB"),
        expires_at: Some(at("2026-11-06 07:30")),
    };
    story.tell("2026-11-04 07:30", LAND, hold);
    story.now = at("2026-11-05 08:00");
    assert_eq!(
        story.try_it(DESK, Action::EndWait(Wait::Hold(1))),
        Err(Denial::WaitRuns { until: at("2026-11-06 07:30") })
    );
    story.tell("2026-11-10 08:00", DESK, Action::EndWait(Wait::Hold(1)));
    // Counted from the deadline: two days later than promised, not four.
    assert_eq!(due(&story), at("2026-11-23 17:30"));
}

#[test]
fn one_extension_in_time_and_no_second() {
    let mut story = Story::at_the_slip();
    let extend = |days| Action::Extend { days, ground: ground("chờ trích đo") };
    assert_eq!(story.try_it(LAND, extend(0)), Err(Denial::DaysOutOfRange { days: 0, days_max: 60 }));
    story.now = at("2026-11-19 08:00");
    assert_eq!(
        story.try_it(LAND, extend(3)),
        Err(Denial::ExtensionTooLate { until: at("2026-11-18 17:30") })
    );
    story.tell("2026-11-18 17:30", LAND, extend(3));
    // 24/11/2026 is a holiday.
    assert_eq!(due(&story), at("2026-11-25 17:30"));
    assert_eq!(story.try_it(LAND, extend(3)), Err(Denial::ExtendedAlready));
}

#[test]
fn lateness_is_not_undone_by_a_pause() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-23 08:00", LAND, slip());
    story.tell("2026-11-25 08:00", TAX, Action::ReturnReferral { referral: 1, ground: ground("x") });
    assert_eq!(due(&story), at("2026-11-19 17:30"));
    assert_eq!(Verdict::of(at("2026-11-25 08:00"), due(&story)), Verdict::Late);
}

#[test]
fn a_step_runs_from_acceptance_and_not_after_three_in_the_afternoon() {
    let mut story = Story::new("2026-11-02 08:15");
    story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
    assert_eq!(story.case().step_clock.due(), Some(at("2026-11-02 14:15")));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    story.tell("2026-11-02 09:00", DESK, offer(LAND));
    story.tell("2026-11-02 15:01", LAND, Action::AcceptCustody);
    assert_eq!(
        story.case().step_clock,
        Clock::Running { start: at("2026-11-03 07:30"), due: at("2026-11-03 17:30") }
    );
}

const OPINIONS: &str = r#"
procedure: "9.000001"
version: "1"
name: Thủ tục thử có lấy ý kiến và niêm yết
field: { code: G99-TT01, name: Thử }
legal_basis: [Thử]
in_force: { from: 2024-08-01 }
territory: "38"
total: 5d
supplement: restart
documents:
  - { id: don, name: Đơn }
results:
  - { id: ket-qua, name: Kết quả }
steps:
  - id: tiep-nhan
    name: Tiếp nhận
    role: ward-desk
    kind: work
    limit: 1d
    outcomes: [{ id: chuyen, name: Chuyển, next: niem-yet }]
  - id: niem-yet
    name: Niêm yết công khai
    role: commune
    kind: posting
    limit: 3cd
    outcomes: [{ id: het-han, name: Hết thời hạn, next: xem-xet }]
  - id: xem-xet
    name: Xem xét
    role: commune
    kind: work
    limit: 4d
    referrals:
      - { subject: opinion, role: department, limit: 2d, outside_clock: true, silence: agreed }
    documents: [ket-qua]
    issues_result: true
    outcomes: [{ id: dong-y, name: Đồng ý, next: tra }]
  - id: tra
    name: Trả kết quả
    role: ward-desk
    kind: wait-citizen
    limit: 0d
    outcomes: [{ id: da-tra, name: Đã trả, end: approved }]
"#;

/// A pack with a posting and an opinion; the desk's ward is the commune of the case.
fn with_opinion() -> Story {
    let pack = Pack::parse("opinions.yaml", OPINIONS).unwrap();
    let registry = registry_with(&[Arc::new(pack)]);
    Story::with(Arc::new(registry), at("2026-11-02 08:00"))
}

#[test]
fn silence_agrees_at_the_deadline_and_a_later_answer_is_late() {
    let mut story = with_opinion();
    story.tell("2026-11-02 08:00", DESK, Action::Receive(intake("9.000001")));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen"));
    assert_eq!(story.case().status(), Status::Processing, "the next step is the same agency's");
    let posted = story.case().step_clock.due().unwrap();
    assert_eq!(
        story.try_it(DESK, complete("niem-yet", "het-han")),
        Err(Denial::PostingRuns { until: posted })
    );
    story.tell("2026-11-06 08:00", DESK, Action::EndWait(Wait::Step));
    assert_eq!(story.case().step.as_ref().unwrap().id, step("xem-xet"));
    let ask = Action::Refer {
        to: agency("department"),
        subject: Subject::Opinion,
        medium: Medium::Electronic,
        number: None,
    };
    story.tell("2026-11-06 08:30", DESK, ask);
    let deadline = story.case().referrals[&1].due;
    assert_eq!(deadline, at("2026-11-10 17:30"));
    let issue = Action::IssueResult { number: paper("1"), outcome: outcome("dong-y") };
    assert_eq!(story.try_it(DESK, issue.clone()), Err(Denial::ReferralsOpen { open: 1 }));
    story.now = at("2026-11-11 08:00");
    assert_eq!(
        story.try_it("department", Action::AcceptReferral { referral: 1 }),
        Err(Denial::Late { deadline })
    );
    story.tell("2026-11-12 08:00", "department", Action::EndWait(Wait::Referral(1)));
    assert_eq!(story.case().referrals[&1].state, ReferralState::Lapsed);
    let Clock::Running { due, .. } = story.case().clock else { panic!("runs again") };
    assert!(due < at("2026-11-12 08:00").max(at("2026-11-13 17:31")), "counted from the deadline: {due}");
    story.tell("2026-11-12 09:00", DESK, issue);
    story.tell("2026-11-12 10:00", DESK, Action::HandOverResult { channel: Delivery::Postal });
    assert_eq!(story.case().status(), Status::Delivered);
}

#[test]
fn a_supplement_restarts_the_whole_limit_where_the_pack_says_so() {
    let mut story = with_opinion();
    story.tell("2026-11-02 08:00", DESK, Action::Receive(intake("9.000001")));
    assert_eq!(due(&story), at("2026-11-09 17:30"));
    let ask = Action::RequestSupplement { documents: vec![document("don").kind], ground: ground("x") };
    story.tell("2026-11-04 08:00", DESK, ask);
    assert_eq!(
        story.try_it(DESK, complete("tiep-nhan", "chuyen")),
        Err(Denial::NotInStatus { status: Status::SupplementRequested })
    );
    story.tell("2026-11-05 08:00", DESK, Action::HandInSupplement { documents: vec![document("don")] });
    assert_eq!(story.case().status(), Status::Accepted);
    assert_eq!(due(&story), at("2026-11-12 17:30"));
}

fn hold_until(ground_text: &str, expires: &str) -> Action {
    Action::PlaceHold {
        ground: ground(ground_text),
        issuing_body: Line::parse("Tòa án nhân dân khu vực").unwrap(),
        document: paper("7/TB"),
        expires_at: Some(at(expires)),
    }
}

#[test]
fn the_promise_is_the_same_whichever_wait_is_noted_first() {
    let promise = |first: u32, second: u32| {
        let mut story = Story::at_the_slip();
        story.tell("2026-11-04 07:30", LAND, hold_until("một", "2026-11-06 07:30"));
        story.tell("2026-11-04 07:30", LAND, hold_until("hai", "2026-11-16 07:30"));
        let noted = story.tell("2026-11-17 07:30", DESK, Action::EndWait(Wait::Hold(first)));
        assert_eq!(noted, ["WaitEnded", "WaitEnded"], "every wait that is over is noted");
        assert_eq!(
            story.try_it(DESK, Action::EndWait(Wait::Hold(second))),
            Err(Denial::UnknownHold { hold: second })
        );
        due(&story)
    };
    assert_eq!(promise(1, 2), promise(2, 1));
    // Eight working days from 04/11 to 16/11.
    assert_eq!(promise(1, 2), at("2026-12-02 17:30"));
}

#[test]
fn a_wait_that_is_over_is_noted_by_whatever_comes_next() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-04 07:30", LAND, hold_until("một", "2026-11-06 07:30"));
    let ask = Action::RequestSupplement { documents: vec![document("hop-dong").kind], ground: ground("x") };
    assert_eq!(story.tell("2026-11-09 07:30", LAND, ask), ["WaitEnded", "SupplementRequested"]);
    story.tell("2026-11-16 07:30", DESK, Action::HandInSupplement { documents: vec![document("hop-dong")] });
    // Two days of the hold and five of the supplement; 06/11 ran.
    assert_eq!(due(&story), at("2026-12-01 17:30"));
}

#[test]
fn a_document_that_lifts_a_hold_after_its_end_changes_nothing() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-04 07:30", LAND, hold_until("một", "2026-11-06 07:30"));
    story.now = at("2026-11-20 08:00");
    assert_eq!(
        story.try_it(LAND, Action::LiftHold { hold: 1, document: paper("9") }),
        Err(Denial::UnknownHold { hold: 1 })
    );
}

#[test]
fn nothing_makes_a_posting_stand_and_it_ends_at_its_end() {
    let mut story = with_opinion();
    story.tell("2026-11-02 08:00", DESK, Action::Receive(intake("9.000001")));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen"));
    let posted = story.case().step_clock;
    story.tell("2026-11-03 08:00", DESK, hold_until("một", "2026-11-04 08:00"));
    assert_eq!(story.case().step_clock, posted);
    assert!(matches!(story.case().clock, Clock::Paused { .. }));
    assert_eq!(
        story.tell("2026-11-10 08:00", DESK, complete("niem-yet", "het-han")),
        ["WaitEnded", "WaitEnded", "StepCompleted"]
    );
    let begun = story.case().step.as_ref().unwrap().begun;
    assert_eq!(begun, posted.due(), "the next step begins when the posting was over");
    assert!(matches!(story.case().step_clock, Clock::Running { .. }));
}

#[test]
fn a_step_begun_under_a_hold_has_no_due_yet() {
    let mut story = Story::new("2026-11-02 08:15");
    story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    story.tell("2026-11-02 09:00", DESK, hold_until("một", "2026-12-01 07:30"));
    story.tell("2026-11-02 09:00", DESK, offer(LAND));
    story.tell("2026-11-05 09:00", LAND, Action::AcceptCustody);
    assert_eq!(story.case().step_clock.due(), None);
    story.tell("2026-11-06 07:30", LAND, Action::LiftHold { hold: 1, document: paper("9") });
    assert_eq!(story.case().step_clock.due(), Some(at("2026-11-06 17:30")));
}

#[test]
fn a_pause_after_closing_on_the_day_due_keeps_it_in_time() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-19 18:00", LAND, slip());
    story.tell("2026-11-20 09:00", TAX, Action::ReturnReferral { referral: 1, ground: ground("x") });
    assert_eq!(Verdict::of(at("2026-11-20 10:00"), due(&story)), Verdict::OnTime);
}

#[test]
fn a_stranger_notes_no_wait_even_when_it_is_over() {
    let mut story = with_opinion();
    story.tell("2026-11-02 08:00", DESK, Action::Receive(intake("9.000001")));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen"));
    story.now = at("2026-11-10 08:00");
    let stranger = Denial::NotAParty { agency: agency("H56.9") };
    assert_eq!(story.try_it("H56.9", Action::EndWait(Wait::Step)), Err(stranger));
    let holder = Denial::NotHolder { holder: agency(DESK) };
    assert_eq!(story.try_it("H56.9", complete("niem-yet", "het-han")), Err(holder));
    let noted = story.does(DESK, Action::EndWait(Wait::Step)).unwrap();
    let mut act = story.acts.pop().unwrap();
    act.agency = agency("H56.9");
    assert_eq!(noted, act.events);
    let before = story.acts.iter().fold(None, fold);
    let rules = lienthong_registry::Rules::ONE;
    let permitted = permit(rules, before.as_ref(), &story.registry, &act);
    assert_eq!(permitted, Err(Denial::NotAParty { agency: agency("H56.9") }));
}
