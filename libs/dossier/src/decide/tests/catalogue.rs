//! The permit to build a house and the registration of a household business, told whole; and who may file how.

use std::sync::Arc;

use lienthong_registry::{Pack, SHIPPED_PACKS};

use crate::testing::*;
use crate::*;

const PERMIT: &str = "1.099004";
const HOUSEHOLD: &str = "1.099005";
const PLANNING: &str = "planning";
const FIRE_POLICE: &str = "fire-police";

fn filed(procedure: &str, channel: Channel) -> Intake {
    Intake { channel, ..intake(procedure) }
}

fn ask(to: &str) -> Action {
    Action::Refer { to: agency(to), subject: Subject::Opinion, medium: Medium::Electronic, number: None }
}

fn issue(with: &str) -> Action {
    Action::IssueResult { number: paper("KQ 1"), outcome: outcome(with) }
}

/// A permit filed online on Monday 02/11/2026, both opinions asked for on Tuesday.
fn permit_at_the_opinions() -> Story {
    let mut story = Story::new("2026-11-02 07:45");
    story.tell("2026-11-02 07:45", DESK, Action::File(filed(PERMIT, Channel::Online)));
    story.tell("2026-11-02 08:15", DESK, Action::Receive(filed(PERMIT, Channel::Online)));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    story.tell("2026-11-03 10:00", DESK, complete("kiem-tra", "hop-le"));
    assert_eq!(story.tell("2026-11-03 10:30", DESK, ask(PLANNING)), ["ReferralSent"]);
    assert_eq!(story.tell("2026-11-03 10:35", DESK, ask(FIRE_POLICE)), ["ReferralSent"]);
    story
}

#[test]
fn a_permit_waits_for_two_opinions_at_once_and_silence_agrees() {
    let mut story = permit_at_the_opinions();
    let twelve_days_on = at("2026-11-19 08:00").date();
    assert!(story.case().referrals.values().all(|referral| referral.due.date() == twelve_days_on));
    story.tell("2026-11-04 09:00", PLANNING, Action::AcceptReferral { referral: 1 });
    story.tell("2026-11-10 09:00", PLANNING, Action::AnswerReferral { referral: 1, agreed: true });
    let done = || complete("lay-y-kien", "du-dieu-kien");
    assert_eq!(story.try_it(DESK, done()), Err(Denial::ReferralsOpen { open: 1 }));
    assert_eq!(story.case().status(), Status::Processing);

    // The fire police say nothing. Their word comes too late, and the next act notes that the wait was over.
    story.now = at("2026-11-20 08:00");
    let late = story.try_it(FIRE_POLICE, Action::AcceptReferral { referral: 2 });
    assert!(matches!(late, Err(Denial::Late { deadline }) if deadline.date() == twelve_days_on), "{late:?}");
    assert_eq!(story.tell("2026-11-20 08:30", DESK, done()), ["WaitEnded", "StepCompleted"]);
    story.tell("2026-11-20 14:00", DESK, complete("ky-giay-phep", "da-ky"));
    assert_eq!(story.tell("2026-11-23 08:30", DESK, issue("da-ban-giao")), ["ResultIssued", "StepCompleted"]);
    story.tell("2026-11-23 09:00", DESK, Action::HandOverResult { channel: Delivery::Electronic });

    let case = story.case();
    assert_eq!((case.status(), case.paper_hand_offs), (Status::Delivered, 0));
    let parties: Vec<_> = case.parties.iter().map(ToString::to_string).collect();
    assert_eq!(parties, [DESK, FIRE_POLICE, PLANNING]);
}

#[test]
fn an_opinion_against_it_refuses_the_permit() {
    let mut story = permit_at_the_opinions();
    for (referral, who) in [(1, PLANNING), (2, FIRE_POLICE)] {
        story.tell("2026-11-04 09:00", who, Action::AcceptReferral { referral });
        story.tell("2026-11-04 09:00", who, Action::AnswerReferral { referral, agreed: referral == 1 });
    }
    story.tell("2026-11-05 08:00", DESK, complete("lay-y-kien", "khong-du-dieu-kien"));
    story.tell("2026-11-05 09:00", DESK, issue("da-thong-bao"));
    story.tell("2026-11-05 10:00", DESK, Action::HandOverResult { channel: Delivery::Postal });
    assert_eq!(story.case().status(), Status::Delivered);
}

/// A household business received on Monday 02/11/2026, its tax code asked for that afternoon.
fn household_at_the_tax_code() -> Story {
    let mut story = Story::new("2026-11-02 08:15");
    story.tell("2026-11-02 08:15", DESK, Action::Receive(filed(HOUSEHOLD, Channel::Online)));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    story.tell("2026-11-02 14:00", DESK, complete("xem-xet", "hop-le"));
    story.tell("2026-11-02 14:10", DESK, ask(TAX));
    story
}

#[test]
fn a_household_business_has_its_tax_code_and_certificate_inside_three_days() {
    let mut story = household_at_the_tax_code();
    let due = story.case().clock.due().unwrap();
    assert_eq!(due.date(), at("2026-11-05 08:00").date());
    assert_eq!(story.try_it(DESK, complete("ma-so-thue", "da-cap")), Err(Denial::ReferralsOpen { open: 1 }));
    story.tell("2026-11-02 14:11", TAX, Action::AcceptReferral { referral: 1 });
    story.tell("2026-11-02 14:12", TAX, Action::AnswerReferral { referral: 1, agreed: true });
    assert_eq!(story.case().clock.due(), Some(due), "the tax office's time is the dossier's");
    story.tell("2026-11-02 14:20", DESK, complete("ma-so-thue", "da-cap"));
    story.tell("2026-11-03 09:00", DESK, issue("da-cap-giay"));
    story.tell("2026-11-03 09:10", DESK, Action::HandOverResult { channel: Delivery::Electronic });
    let case = story.case();
    assert_eq!((case.status(), case.hand_offs), (Status::Delivered, 2));
}

#[test]
fn the_silence_of_the_tax_office_gives_no_tax_code() {
    let mut story = household_at_the_tax_code();
    story.now = at("2026-11-30 08:00");
    assert_eq!(story.try_it(DESK, complete("ma-so-thue", "da-cap")), Err(Denial::ReferralsOpen { open: 1 }));
    assert_eq!(story.try_it(DESK, Action::EndWait(Wait::Referral(1))), Err(Denial::NoDeadline));
    story.tell("2026-11-30 08:00", TAX, Action::AcceptReferral { referral: 1 });
    story.tell("2026-11-30 08:05", TAX, Action::AnswerReferral { referral: 1, agreed: false });
    story.tell("2026-11-30 08:10", DESK, complete("ma-so-thue", "khong-cap"));
    story.tell("2026-11-30 09:00", DESK, issue("da-thong-bao"));
    story.tell("2026-11-30 09:10", DESK, Action::HandOverResult { channel: Delivery::Desk });
    assert_eq!(story.case().status(), Status::Delivered);
}

/// The household business under another code, with that service.
fn with_service(service: &str) -> Story {
    let (file, text) = SHIPPED_PACKS[4];
    let begins = text.find("service:\n").unwrap();
    let ends = text.find("documents:\n").unwrap();
    let text = format!("{}service:\n{service}\n{}", &text[..begins], &text[ends..]);
    let text = text.replace("\"1.099005\"", "\"1.099009\"");
    let pack = Pack::parse(file, &text).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Story::with(Arc::new(registry_with(&[Arc::new(pack)])), at("2026-11-02 08:15"))
}

#[test]
fn what_needs_presence_is_filed_at_the_desk_alone() {
    let story = with_service("  level: 2\n  presence: required\n  presence_because: Chứng thực chữ ký\n");
    let refused = || {
        Err(Denial::PresenceRequired {
            procedure: intake("1.099009").procedure,
            because: "Chứng thực chữ ký".to_owned(),
        })
    };
    let by = |channel| filed("1.099009", channel);
    assert_eq!(story.try_it(DESK, Action::File(by(Channel::Online))), refused());
    assert_eq!(story.try_it(DESK, Action::Receive(by(Channel::Online))), refused());
    assert_eq!(story.try_it(DESK, Action::Receive(by(Channel::Postal))), refused());
    assert!(story.try_it(DESK, Action::Receive(by(Channel::Direct))).is_ok());
    // The desk says so in writing.
    let refusal = Action::Refuse { intake: Some(by(Channel::Online)), ground: ground("NĐ 23/2015 art. 24") };
    assert_eq!(story.try_it(DESK, refusal).unwrap()[0].kind.name(), "DossierRefused");
}

#[test]
fn what_comes_by_another_channel_than_the_packs_is_not_received() {
    let story = with_service("  level: 3\n  receive_by: [direct, online]\n");
    let by = |channel| Action::Receive(filed("1.099009", channel));
    let refused = Denial::ChannelNotTaken {
        procedure: intake("1.099009").procedure,
        channel: Channel::Postal,
        taken: "direct, online".to_owned(),
    };
    assert_eq!(story.try_it(DESK, by(Channel::Postal)), Err(refused));
    for channel in [Channel::Direct, Channel::Online] {
        assert!(story.try_it(DESK, by(channel)).is_ok(), "{channel:?}");
    }
}
