use lienthong_dossier::{CommandId, Status};
use lienthong_registry::Rules;
use lienthong_seal::Hash;
use lienthong_wire::stored::{Body, Witness};
use uuid::Uuid;

use super::*;
use crate::reading::support::*;

fn stood(offset: u64, act: lienthong_dossier::Act) -> Stood {
    let body = Body {
        log_id: Hash::ZERO,
        rules: Rules::ONE,
        act,
        prev: None,
        witness: Witness { count: 0, hash: Hash::ZERO },
        command_id: CommandId(Uuid::nil()),
        command_hash: Hash::ZERO,
        data_key: None,
        envelopes: Vec::new(),
        wraps: Vec::new(),
    };
    Stood { offset, appended_ms: 1_000 * i64::try_from(offset).unwrap(), leaf: Hash::of(b"leaf"), body }
}

#[test]
fn every_record_is_told_with_the_status_it_led_to() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 15_000_000);
    story.pay("2026-11-06 09:30", "KB-2", INCOME, 30_000_000);
    let registry = registry();
    let mut replay = Replay::new(&registry, 7);
    (0..).zip(story.acts.clone()).for_each(|(offset, act)| replay.tell(&stood(offset, act)));
    let entries = replay.entries(story.case().last_at);
    let statuses: Vec<_> = entries.iter().map(|entry| Status::from_code(entry.status).unwrap()).collect();
    use Status::*;
    assert_eq!(
        statuses,
        [
            Accepted,
            Accepted,
            Accepted,
            Processing,
            Processing,
            Processing,
            Processing,
            PaymentAwaited,
            PaymentAwaited,
            Processing
        ]
    );
    let last = entries.last().unwrap();
    assert_eq!((last.partition, last.offset), (7, 9));
    assert_eq!(last.agency_name, "Thuế cơ sở 1 tỉnh Thanh Hóa");
    assert_eq!(last.actor.as_ref().unwrap().name, "Lê Thị Mẫu");
    assert_eq!(last.append_time, Some(timestamp(Instant::from_millis(9_000))));
    let names: Vec<_> = last.facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names, ["PaymentReceived", "ObligationFulfilled"]);
}

#[test]
fn each_step_and_referral_is_compared_with_its_day_due_and_a_hand_over_is_held_against_its_taker() {
    let mut story = Story::new();
    let told = |story: &Story, as_of: &str| {
        let registry = registry();
        let mut replay = Replay::new(&registry, 7);
        (0..).zip(story.acts.clone()).for_each(|(offset, act)| replay.tell(&stood(offset, act)));
        let facts = replay.entries(at(as_of)).into_iter().flat_map(|entry| entry.facts);
        let compared: Vec<_> = facts
            .filter(|fact| fact.verdict != 0 || fact.waited_minutes.is_some())
            .map(|fact| (fact.name.clone(), fact.verdict(), fact.waited_minutes))
            .collect();
        compared
    };
    let compared = |name: &str, verdict, waited| (name.to_owned(), verdict, waited);
    let mut commands = to_the_notice().into_iter();
    for (when, who, action) in commands.by_ref().take(3) {
        story.tell(when, who, action);
    }
    let first_step = compared("StepCompleted", pb::Verdict::OnTime, None);
    // On offer since 09:05, with a break for lunch.
    let waits = compared("CustodyOffered", pb::Verdict::Unspecified, Some(145 + 60));
    assert_eq!(told(&story, "2026-11-02 14:30"), [first_step.clone(), waits]);
    for (when, who, action) in commands {
        story.tell(when, who, action);
    }
    let all = [
        first_step,
        compared("CustodyAccepted", pb::Verdict::Unspecified, Some(55)),
        compared("StepCompleted", pb::Verdict::OnTime, None),
        compared("NoticeIssued", pb::Verdict::Early, None),
    ];
    assert_eq!(told(&story, "2026-11-30 08:00"), all);
}
