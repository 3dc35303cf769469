//! Service processes that are killed, or stand still: their connections stay open, and nothing answers.

use std::time::Duration;

use super::super::stage::{Stage, Tortured};

/// SIGKILL, and another process in its place at once.
pub(super) async fn kill(stage: &Stage, seat: &Tortured) {
    let _hands = seat.hands.lock().await;
    let _disturbed = seat.disturbed();
    stage.kill(seat);
    stage.start(seat);
}

/// SIGSTOP, and SIGCONT after a while.
pub(super) async fn pause(seat: &Tortured, lasts: Duration) {
    let _hands = seat.hands.lock().await;
    let _disturbed = seat.disturbed();
    // False where it has ended by itself, and another one is not there yet.
    if seat.seat.signal("STOP") {
        tokio::time::sleep(lasts).await;
        seat.seat.signal("CONT");
    }
}
