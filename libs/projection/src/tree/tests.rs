use std::sync::mpsc::channel;

use super::*;

impl Tree {
    /// Breaks the tree as a panic of sled's would.
    pub(crate) fn break_down(&self) {
        let panicked = self.call::<()>(|_| panic!("page 7 is gone")).unwrap_err();
        assert_eq!(panicked.to_string(), "sled panicked: page 7 is gone");
    }
}

fn open(dir: &Path) -> Tree {
    Tree::open(dir, &StoreConfig::default()).unwrap()
}

#[test]
fn after_a_panic_nothing_is_answered_until_it_is_opened_anew() {
    let place = tempfile::tempdir().unwrap();
    let tree = open(place.path());
    let mut batch = Batch::default();
    batch.insert("key", "value");
    tree.apply(batch.clone()).unwrap();
    let mut rows = tree.range((Bound::Unbounded, Bound::Unbounded));
    tree.break_down();
    assert!(matches!(tree.get(b"key"), Err(StoreError::Broken)));
    assert!(matches!(tree.apply(batch), Err(StoreError::Broken)));
    assert!(matches!(rows.next(), Some(Err(StoreError::Broken))));
    assert!(rows.next().is_none());
    drop(rows);
    drop(tree);
    assert_eq!(open(place.path()).get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
}

#[test]
fn who_asks_for_it_is_told_once_that_it_broke_be_it_before_or_after() {
    let place = tempfile::tempdir().unwrap();
    let tree = open(place.path());
    let (told, heard) = channel();
    tree.when_broken(Box::new(move || told.send(()).unwrap()));
    assert!(heard.try_recv().is_err());
    tree.break_down();
    assert!(tree.get(b"key").is_err());
    assert_eq!(heard.try_iter().count(), 1);
    drop(tree);
    let tree = open(place.path());
    tree.break_down();
    let (told, heard) = channel();
    tree.when_broken(Box::new(move || told.send(()).unwrap()));
    assert_eq!(heard.try_iter().count(), 1);
}

#[test]
fn what_takes_too_long_is_left_behind() {
    let (hold, wait) = channel::<()>();
    assert!(within(1, "test", move || wait.recv()).unwrap().is_none());
    drop(hold);
    assert_eq!(within(60_000, "test", || 7).unwrap(), Some(7));
}
