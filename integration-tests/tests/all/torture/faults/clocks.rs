//! A clock that is put forward or back under a running process, and right again after a while.

use std::time::Duration;

use super::super::stage::{Stage, Tortured};

pub(super) async fn turn(stage: &Stage, seat: &Tortured, seconds: i64, lasts: Duration) {
    let _hands = seat.hands.lock().await;
    stage.ground.turn_clock(seat.seat.name(), seconds);
    // The process looks at its clock's file once a second.
    tokio::time::sleep(Duration::from_secs(1) + lasts).await;
    stage.ground.turn_clock(seat.seat.name(), 0);
}
