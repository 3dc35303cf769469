//! Checks of tails and followers.

use std::sync::Arc;

use futures::{FutureExt, StreamExt};

use super::{EVERY_KIND, append, held, read_all, record, soon};
use crate::{EventLog, Partition, ReadLimit, Stored, follow};

/// The tail changes with an append, never for another partition's, and agrees with the end.
pub async fn the_tail_moves_when_records_become_visible(log: Arc<dyn EventLog>) {
    for partition in EVERY_KIND {
        let mut tail = held(log.tail(partition));
        assert_eq!(*tail.borrow_and_update(), held(log.end(partition).await));
        let (changed, offset) = {
            let changed = tail.changed();
            futures::pin_mut!(changed);
            assert!(changed.as_mut().now_or_never().is_none(), "a tail that moved by itself");
            let offset = append(&*log, partition, "one").await;
            (soon(changed).await, offset)
        };
        held(changed);
        let end = *tail.borrow_and_update();
        assert!(end > offset);
        assert_eq!(held(log.end(partition).await), end);
        for other in EVERY_KIND.into_iter().filter(|other| *other != partition) {
            append(&*log, other, "elsewhere").await;
        }
        assert!(!held(tail.has_changed()));
    }
}

/// A follower that waits at the end gets the record that is appended then, and had nothing to return before.
pub async fn an_append_wakes_a_follower(log: Arc<dyn EventLog>) {
    let partition = Partition::Dossiers(0);
    let mut follower = follow(Arc::clone(&log), partition, 0);
    for number in 0..20 {
        let next = follower.next();
        futures::pin_mut!(next);
        assert!(next.as_mut().now_or_never().is_none());
        let waiting = tokio::spawn({
            let log = Arc::clone(&log);
            async move { append(&*log, partition, &number.to_string()).await }
        });
        let batch = soon(next).await.map(held).unwrap_or_default();
        let offset = held(soon(waiting).await);
        assert_eq!(batch.len(), 1);
        assert_eq!((batch[0].offset, &batch[0].record), (offset, &record(&number.to_string())));
    }
}

/// While appends go on, followers see every record once and in order, wherever they began.
pub async fn a_follower_sees_every_record_once_in_order(log: Arc<dyn EventLog>) {
    const BEFORE: usize = 50;
    const DURING: usize = 200;
    let partition = Partition::Dossiers(1);
    for number in 0..BEFORE {
        append(&*log, partition, &format!("before {number}")).await;
    }
    let middle = read_all(&*log, partition, 0, ReadLimit::default()).await[BEFORE / 2].offset;
    let followers = [(0, BEFORE + DURING), (middle, BEFORE / 2 + DURING)].map(|(from, expected)| {
        let stream = follow(Arc::clone(&log), partition, from);
        tokio::spawn(take(stream, expected))
    });
    let writers = (0..4).map(|task| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            for number in 0..DURING / 4 {
                append(&*log, partition, &format!("during {task} {number}")).await;
            }
        })
    });
    soon(futures::future::join_all(writers)).await.into_iter().for_each(held);

    let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
    assert_eq!(all.len(), BEFORE + DURING);
    for (follower, from) in followers.into_iter().zip([0, BEFORE / 2]) {
        assert_eq!(held(soon(follower).await), all[from..]);
    }
}

/// Followers that stopped reading, and reads left half done, do not keep appends from being answered.
pub async fn a_slow_follower_holds_up_no_append(log: Arc<dyn EventLog>) {
    let partition = Partition::Reads;
    append(&*log, partition, "first").await;
    // One was read from once, one is in the middle of its first read, one never started.
    let mut slow = follow(Arc::clone(&log), partition, 0);
    assert_eq!(soon(slow.next()).await.map(held).unwrap_or_default().len(), 1);
    let mut halfway = follow(Arc::clone(&log), partition, 0);
    let _ = halfway.next().now_or_never();
    let never = follow(Arc::clone(&log), partition, 0);
    let read = log.read(partition, 0, ReadLimit::default());
    futures::pin_mut!(read);
    let _ = read.as_mut().now_or_never();

    for number in 0..300 {
        append(&*log, partition, &number.to_string()).await;
    }
    let all = read_all(&*log, partition, 0, ReadLimit::default()).await;
    assert_eq!(all.len(), 301);
    assert_eq!(soon(take(slow, 300)).await, all[1..]);
    assert_eq!(soon(take(never, 301)).await, all);
}

/// A follower that waits ends, without an error, when the log is closed; so does one that is asked only then.
pub async fn a_follower_ends_when_the_log_is_closed(log: Arc<dyn EventLog>) {
    let mut waiting = follow(Arc::clone(&log), Partition::Registry, 0);
    assert!(waiting.next().now_or_never().is_none());
    let mut late = follow(Arc::clone(&log), Partition::Registry, 0);
    soon(log.close()).await;
    assert!(soon(waiting.next()).await.is_none());
    assert!(soon(late.next()).await.is_none());
    assert!(soon(late.next()).await.is_none());
}

/// The next `count` records of a follower.
async fn take(
    mut follower: impl futures::Stream<Item = Result<Vec<Stored>, crate::ReadError>> + Unpin,
    count: usize,
) -> Vec<Stored> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let Some(batch) = follower.next().await else { return seen };
        let batch = held(batch);
        assert!(!batch.is_empty());
        seen.extend(batch);
    }
    seen
}
