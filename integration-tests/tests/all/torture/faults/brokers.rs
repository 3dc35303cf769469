//! Brokers that are killed, or stand still, one at a time: of three that keep every record, two go on.

use std::time::Duration;

use super::super::stage::Stage;

/// SIGKILL; it comes back after a while, and has caught up on return.
pub(super) async fn kill(stage: &Stage, broker: usize, lasts: Duration) {
    let Some(cluster) = &stage.cluster else { return };
    let _hands = stage.brokers.lock().await;
    let broker = broker % cluster.brokers();
    tokio::task::block_in_place(|| cluster.kill(broker).unwrap());
    tokio::time::sleep(lasts).await;
    tokio::task::block_in_place(|| {
        cluster.start_again(broker).unwrap();
        cluster.wait_ready(broker).unwrap();
        cluster.wait_in_sync().unwrap();
    });
}

/// SIGSTOP, and SIGCONT after a while; it has caught up on return.
pub(super) async fn pause(stage: &Stage, broker: usize, lasts: Duration) {
    let Some(cluster) = &stage.cluster else { return };
    let _hands = stage.brokers.lock().await;
    let broker = broker % cluster.brokers();
    tokio::task::block_in_place(|| cluster.pause(broker).unwrap());
    tokio::time::sleep(lasts).await;
    tokio::task::block_in_place(|| {
        cluster.resume(broker).unwrap();
        cluster.wait_in_sync().unwrap();
    });
}
