//! Waiting for a verdict.

use lienthong_admission::Reason;

use super::*;

fn void(reason: Reason) -> Outcome {
    Outcome::Void { void: reason.into(), appended: Instant::from_micros(0) }
}

#[tokio::test]
async fn a_verdict_reaches_who_waits_and_nobody_is_left_behind() {
    let pending = Pending::default();
    let leaf = Hash([1; 32]);
    assert!(!pending.is_expected(leaf));
    let mut waiting = pending.expect(leaf);
    let given_up = pending.expect(Hash([2; 32]));
    assert!(pending.is_expected(leaf));
    pending.tell(leaf, void(Reason::Stale));
    pending.tell(Hash([3; 32]), void(Reason::Stale));
    let told = (&mut waiting.outcome).await.unwrap();
    assert!(matches!(told, Outcome::Void { void, .. } if void.reason == Reason::Stale));
    drop((waiting, given_up));
    assert!(pending.lock().is_empty());
}
