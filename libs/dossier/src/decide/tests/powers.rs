//! What an officer may do in the agency's name.

use lienthong_registry::Rules;

use crate::testing::*;
use crate::*;

/// Everyone below `power` is denied for it, by `decide` and as a record by `permit`; everyone else is not.
fn check(story: &Story, who: &str, action: &Action, power: Power) {
    let decided = |has: Power| {
        let mut command = story.command(who, action.clone());
        command.actor.power = has;
        decide(Rules::ONE, story.dossier.as_ref(), &story.registry, &command)
    };
    let events = decided(Power::Sign).unwrap_or_else(|denial| panic!("{action:?}: {denial}"));
    for has in Power::ALL.iter().copied() {
        let denied = Denial::NoPower { needed: power, has };
        let command = story.command(who, action.clone());
        let act = Act {
            code: command.code,
            agency: command.agency,
            actor: Actor { power: has, ..command.actor },
            at: command.at,
            occurred_at: None,
            events: events.clone(),
        };
        let permitted = permit(Rules::ONE, story.dossier.as_ref(), &story.registry, &act);
        if has >= power {
            assert_eq!((decided(has), permitted), (Ok(events.clone()), Ok(())), "{action:?}");
        } else {
            let first = if has == Power::Read {
                // Told before anything about the dossier is.
                Denial::NoPower { needed: Power::Decide, has }
            } else {
                denied.clone()
            };
            assert_eq!((decided(has), permitted), (Err(first), Err(denied)), "{action:?}");
        }
    }
}

#[test]
fn at_the_desk_a_refusal_is_signed_and_all_else_is_handled() {
    let story = Story::new("2026-11-02 08:15");
    let refuse = Action::Refuse { intake: Some(intake("1.099001")), ground: ground("ngoài thẩm quyền") };
    for (action, power) in [
        (Action::Receive(intake("1.099001")), Power::Decide),
        (Action::File(intake("1.099001")), Power::Decide),
        (refuse, Power::Sign),
    ] {
        check(&story, DESK, &action, power);
    }
    let story = Story::at_the_slip();
    check(&story, DESK, &Action::RequestWithdrawal, Power::Decide);
}

#[test]
fn the_holder_signs_what_a_citizen_may_complain_about() {
    let story = Story::at_the_slip();
    let stop = Action::Stop { ground: ground("NĐ 101/2024 art. 19"), decision: paper("1") };
    let hold = Action::PlaceHold {
        ground: ground("kê biên"),
        issuing_body: Line::parse("Tòa án").unwrap(),
        document: paper("12/TB-TA"),
        expires_at: None,
    };
    let ask =
        Action::RequestSupplement { documents: vec![document("hop-dong").kind], ground: ground("thiếu") };
    for (action, power) in [
        (slip(), Power::Decide),
        (hold, Power::Decide),
        (ask, Power::Decide),
        (Action::Extend { days: 2, ground: ground("đo lại") }, Power::Sign),
        (stop, Power::Sign),
    ] {
        check(&story, LAND, &action, power);
    }
}

#[test]
fn an_answer_to_a_wish_to_withdraw_is_signed_whichever_it_is() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-03 11:00", DESK, Action::RequestWithdrawal);
    for answer in [Withdrawal::Grant(paper("31/TB")), Withdrawal::Decline(ground("đã ký"))] {
        check(&story, LAND, &Action::DecideWithdrawal(answer), Power::Sign);
    }
}

#[test]
fn a_notice_is_signed_and_money_that_came_is_noted() {
    let mut story = Story::at_the_tax_office();
    check(&story, TAX, &Action::ReturnReferral { referral: 1, ground: ground("thiếu") }, Power::Decide);
    let issue = || notice("01/TB", vec![line(FEE, 100, 0)]);
    check(&story, TAX, &issue(), Power::Sign);
    story.tell("2026-11-05 09:00", TAX, issue());
    let adjust = Action::AdjustNotice {
        supersedes: paper("01/TB"),
        notice: paper("02/TB"),
        ground: ground("tính lại"),
        lines: vec![line(FEE, 80, 0)],
    };
    for (action, power) in [
        (pay("p1", "01/TB", FEE, 60), Power::Decide),
        // All of it, and more: what follows from the amounts needs nobody's signature.
        (pay("p1", "01/TB", FEE, 160), Power::Decide),
        (Action::RecordDebt { decision: paper("7/QĐ") }, Power::Sign),
        (Action::CancelNotice { notice: paper("01/TB"), ground: ground("nhầm") }, Power::Sign),
        (adjust, Power::Sign),
    ] {
        check(&story, TAX, &action, power);
    }
}

#[test]
fn who_may_only_look_is_told_nothing_but_that() {
    let story = Story::new("2026-11-02 08:15");
    let mut command = story.command("nobody", Action::AcceptCustody);
    command.actor.power = Power::Read;
    let denied = Denial::NoPower { needed: Power::Decide, has: Power::Read };
    assert_eq!(decide(Rules::ONE, None, &story.registry, &command), Err(denied));
}
