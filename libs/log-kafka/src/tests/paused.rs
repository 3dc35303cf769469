//! A broker that stands still with its connections open.

use lienthong_broker::Options;
use lienthong_log::contract::record;
use lienthong_log::{AppendError, EventLog};

use super::{DOSSIERS, address_at, append, cluster, condition, create, is_fine, names, open, timed};

pub(super) async fn an_append_nobody_answers_is_unknown_in_its_time_and_later_ones_go_on() {
    let cluster = cluster(Options::default()).await;
    let address = address_at(cluster.bootstrap());
    create(&address).await;
    let log = open(&address).await;
    append(&log, DOSSIERS, "before").await;

    tokio::task::block_in_place(|| cluster.pause(0)).unwrap();
    let (took, answer) = timed(log.append(DOSSIERS, record("open"))).await;
    assert!(matches!(answer, Err(AppendError::Unknown { .. })), "{answer:?}");
    assert!((15..30).contains(&took.as_secs()), "{took:?}");
    condition(&log, "the broker is missed", |condition| !condition.is_fine()).await;

    tokio::task::block_in_place(|| cluster.resume(0)).unwrap();
    append(&log, DOSSIERS, "after").await;
    is_fine(&log).await;
    let (generation, _) = log.senders().unwrap().producers.now();
    assert_eq!(generation, 0, "the producer was replaced");
    // Whether the open one is there is what nobody knew.
    let mut names = names(&log, DOSSIERS).await;
    names.retain(|name| name != "open");
    assert_eq!(names, ["before", "after"]);
}
