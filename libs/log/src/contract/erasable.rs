//! Checks of the erasable values.

use std::sync::Arc;

use futures::future::join_all;

use super::{held, soon};
use crate::{AppendError, ERASABLE_KEY_BYTES_MAX, EventLog};

/// The first value put under a key stands, and whoever puts another one learns it.
pub async fn the_first_erasable_value_stands(log: Arc<dyn EventLog>) {
    assert_eq!(held(log.erasable("a").await), None);
    assert_eq!(held(soon(log.put_erasable("a", [1; 32])).await), [1; 32]);
    assert_eq!(held(log.erasable("a").await), Some([1; 32]));
    assert_eq!(held(soon(log.put_erasable("a", [2; 32])).await), [1; 32]);
    assert_eq!(held(log.erasable("a").await), Some([1; 32]));
    assert_eq!(held(log.erasable("b").await), None);

    let longest = "k".repeat(ERASABLE_KEY_BYTES_MAX);
    assert_eq!(held(soon(log.put_erasable(&longest, [3; 32])).await), [3; 32]);
    let over = format!("{longest}k");
    assert!(matches!(log.put_erasable(&over, [4; 32]).await, Err(AppendError::TooLarge { .. })));
    assert!(matches!(log.forget_erasable(&over).await, Err(AppendError::TooLarge { .. })));
    assert_eq!(held(log.erasable(&over).await), None);
}

/// Of many values put under one key at once one stands, and all are told the same.
pub async fn one_of_many_erasable_values_stands(log: Arc<dyn EventLog>) {
    let puts = (0..16).map(|number: u8| {
        let log = Arc::clone(&log);
        tokio::spawn(async move { held(log.put_erasable("key", [number; 32]).await) })
    });
    let told: Vec<_> = soon(join_all(puts)).await.into_iter().map(held).collect();
    let stands = held(log.erasable("key").await);
    assert!(stands.is_some_and(|value| value[0] < 16));
    assert!(told.iter().all(|value| Some(*value) == stands));
}

/// A forgotten value is gone and cannot be put again; nor can one that was forgotten before it was put.
pub async fn a_forgotten_erasable_value_stays_forgotten(log: Arc<dyn EventLog>) {
    held(soon(log.put_erasable("other", [9; 32])).await);
    held(soon(log.put_erasable("put", [1; 32])).await);
    for key in ["put", "never put"] {
        held(soon(log.forget_erasable(key)).await);
        held(soon(log.forget_erasable(key)).await);
        assert_eq!(held(log.erasable(key).await), None);
        assert!(matches!(soon(log.put_erasable(key, [1; 32])).await, Err(AppendError::Erased)));
        assert_eq!(held(log.erasable(key).await), None);
    }
    assert_eq!(held(log.erasable("other").await), Some([9; 32]));
}

/// A listing shows every key once and in order, tombstones among them, in as many pages as it takes.
pub async fn erasable_values_are_listed_in_order(log: Arc<dyn EventLog>) {
    assert_eq!(held(log.erasables("", 10).await), []);
    for number in [3_u8, 1, 5, 2, 4] {
        held(soon(log.put_erasable(&format!("key {number}"), [number; 32])).await);
    }
    held(soon(log.forget_erasable("key 2")).await);
    held(soon(log.forget_erasable("key 6")).await);
    let expected: Vec<_> = (1..=6_u8)
        .map(|number| (format!("key {number}"), (number != 2 && number != 6).then_some([number; 32])))
        .collect();
    for page in [1, 2, 4, 100] {
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let some = held(log.erasables(&after, page).await);
            assert!(some.len() <= page);
            let Some((last, _)) = some.last() else { break };
            after.clone_from(last);
            listed.extend(some);
        }
        assert_eq!(listed, expected, "in pages of {page}");
    }
}
