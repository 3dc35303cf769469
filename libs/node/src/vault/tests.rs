//! Who opens which key, and how many are remembered.

use lienthong_seal::partition_of;

use super::*;
use crate::testing::*;

on_every_log! {
    whom_it_was_offered_to_opens_the_same_key_and_nobody_else_any
}

async fn opened(node: &Node, who: &str) -> Result<Arc<Secrets>, Refusal> {
    let keys = node.0.keys.as_ref().unwrap();
    let state = node.store().state(&code(CODE)).unwrap().unwrap();
    node.0.vault.open(node, keys, &state, &code(CODE), &agency(who)).await
}

async fn whom_it_was_offered_to_opens_the_same_key_and_nobody_else_any(on: On) {
    let site = Site::on(on).await;
    let (desk, land, tax) = (site.desk().await, site.land().await, site.node("tax-office", "tax").await);
    let receipt = offered(&desk).await;
    let partition = partition_of(CODE, desk.partitions());
    for node in [&land, &tax] {
        node.reach(partition, receipt.next, crate::node::WAIT_MAX).await.unwrap();
    }
    let one = opened(&desk, DESK).await.unwrap();
    let other = opened(&land, LAND).await.unwrap();
    assert_eq!(one.key.fingerprint(), other.key.fingerprint());
    assert_eq!(one.half.as_bytes(), other.half.as_bytes());
    assert!(matches!(opened(&tax, TAX).await, Err(Refusal::NotAParty { .. })));
    // Another desk of the same node, which has the key in memory.
    assert!(matches!(opened(&desk, "H56.9").await, Err(Refusal::NotAParty { .. })));
    site.log.forget_erasable(CODE).await.unwrap();
    assert!(matches!(opened(&desk, DESK).await, Err(Refusal::NoKey)));
    assert!(desk.0.vault.remembered(&code(CODE)).is_none());
    for node in [desk, land, tax] {
        node.stop().await;
    }
}

#[test]
fn no_more_keys_are_remembered_than_said() {
    let vault = Vault::default();
    let half = WrappedHalf::from_bytes(&[1; 32]);
    let key = DataKey::derive(&half, &ErasableHalf::from_bytes(&[2; 32])).unwrap();
    let secrets = Arc::new(Secrets { half, key });
    let codes = (0..2 * DATA_KEYS_MAX).map(|number| code(&format!("H56.2-261102-{number:05}")));
    codes.for_each(|code| vault.remember(&code, &secrets));
    let remembered = vault.remembered.lock().unwrap();
    assert_eq!(remembered.fresh.len() + remembered.old.len(), DATA_KEYS_MAX);
    drop(remembered);
    assert!(vault.remembered(&code("H56.2-261102-00000")).is_none());
    assert!(vault.remembered(&code(&format!("H56.2-261102-{:05}", 2 * DATA_KEYS_MAX - 1))).is_some());
}
