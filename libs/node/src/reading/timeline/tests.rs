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
    let entries: Vec<_> =
        (0..).zip(story.acts.clone()).map(|(offset, act)| replay.entry(&stood(offset, act))).collect();
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
