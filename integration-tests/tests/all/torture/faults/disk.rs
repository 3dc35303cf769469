//! A full disk under the services: what they write fails for want of room, until there is room again.

use std::time::Duration;

use super::super::stage::{Stage, Tortured};

/// The disk is made as small as what lies on it.
pub(super) async fn fill(stage: &Stage, lasts: Duration) {
    let _hands = stage.disk.lock().await;
    let _disturbed: Vec<_> = stage.seats.iter().map(Tortured::disturbed).collect();
    if tokio::task::block_in_place(|| stage.ground.fill()) {
        tokio::time::sleep(lasts).await;
        tokio::task::block_in_place(|| stage.ground.empty());
    }
}
