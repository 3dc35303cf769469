//! A reader that stands still without a word.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::future::join_all;
use lienthong_log::contract::record;
use lienthong_log::{EventLog, ReadError};

use super::{DOSSIERS, append, condition, follow, is_fine, log, numbered, records, says, until, within};

pub(super) async fn a_reader_that_stands_still_is_built_anew_and_every_record_arrives_once() {
    let log = Arc::new(log().await);
    let follower = tokio::spawn(follow(Arc::clone(&log), DOSSIERS));
    for number in 0..10 {
        append(&log, DOSSIERS, &number.to_string()).await;
    }
    log.tail.wedge.store(true, Ordering::Relaxed);
    until(5, "the reader stands still", async || !log.tail.wedge.load(Ordering::Relaxed)).await;

    let names: Vec<_> = (10..20).map(|number: u64| number.to_string()).collect();
    let appends = join_all(names.iter().map(|name| log.append(DOSSIERS, record(name))));
    let noticed = condition(&log, "it is noticed", |condition| says(condition, "stands still"));
    let (answers, _) = within(40, "the appends are answered", futures::future::join(appends, noticed)).await;
    for (number, answer) in (10..).zip(answers) {
        assert_eq!(answer.unwrap(), number);
    }
    is_fine(&log).await;
    log.close().await;
    let (read, error) = within(5, "the follower ends", follower).await.unwrap();
    assert_eq!(records(read), numbered(0..20));
    assert!(matches!(error, ReadError::Closed));
}
