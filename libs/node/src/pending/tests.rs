//! Waiting for a verdict.

use lienthong_admission::Reason;

use super::*;

#[tokio::test]
async fn a_verdict_reaches_who_waits_and_nobody_is_left_behind() {
    let pending = Pending::default();
    let leaf = Hash([1; 32]);
    assert!(!pending.is_expected(leaf));
    let mut waiting = pending.expect(leaf);
    let given_up = pending.expect(Hash([2; 32]));
    assert!(pending.is_expected(leaf));
    pending.tell(leaf, Outcome::Void(Reason::Stale.into()));
    pending.tell(Hash([3; 32]), Outcome::Void(Reason::Stale.into()));
    let told = (&mut waiting.outcome).await.unwrap();
    assert!(matches!(told, Outcome::Void(void) if void.reason == Reason::Stale));
    drop((waiting, given_up));
    assert!(pending.lock().is_empty());
}
