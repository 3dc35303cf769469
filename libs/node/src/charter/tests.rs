//! What a log says of itself.

use tempfile::TempDir;

use super::*;
use crate::testing::{On, on_every_log};

on_every_log! {
    a_training_log_is_founded_once_and_opened_by_its_id
    a_genesis_that_was_cut_off_is_told_and_finished_with_the_same_keys
    what_is_no_genesis_is_refused
}

fn keys() -> (TempDir, KeyFolder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = KeyFolder::open(dir.path()).unwrap();
    (dir, folder)
}

async fn log(on: On, dir: &TempDir) -> Arc<dyn EventLog> {
    on.fresh(dir.path(), 1).await
}

async fn append(log: &dyn EventLog, value: Bytes) {
    let record = Record { key: Bytes::new(), headers: Vec::new(), value };
    log.append(Partition::Registry, record).await.unwrap();
}

/// A pack that fills most of a record, so that the genesis takes several.
fn large_pack(number: u32) -> Arc<Pack> {
    let shipped = &Pack::shipped().unwrap()[0];
    let text = shipped.text().replace(shipped.procedure().as_str(), &format!("9.00000{number}"));
    Arc::new(Pack::parse("large.yaml", &format!("{text}\n# {}\n", "x".repeat(36_000))).unwrap())
}

async fn values(log: &dyn EventLog) -> Vec<Bytes> {
    stored(log, 0).await.unwrap().into_iter().map(|stored| stored.record.value).collect()
}

async fn fault(log: &dyn EventLog) -> CharterError {
    Charter::open(log, None).await.err().unwrap()
}

async fn a_training_log_is_founded_once_and_opened_by_its_id(on: On) {
    let (dir, keys) = keys();
    let log = log(on, &dir).await;
    assert!(matches!(fault(log.as_ref()).await, CharterError::Empty));
    let charter = Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
    assert_eq!(charter.registry.log_id(), &charter.log_id.0);
    // Two records: what is shipped does not fit into one.
    let records = log.end(Partition::Registry).await.unwrap();
    assert_eq!(records, 2);
    // To found it again with the same keys changes nothing.
    let again = Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
    assert_eq!(again.log_id, charter.log_id);
    assert_eq!(log.end(Partition::Registry).await.unwrap(), records);
    assert_eq!(Charter::open(log.as_ref(), Some(charter.log_id)).await.unwrap().log_id, charter.log_id);
    let pinned = Hash([1; 32]);
    let other = Charter::open(log.as_ref(), Some(pinned)).await.err().unwrap();
    assert!(
        matches!(other, CharterError::OtherLog { found, pinned: of } if found == charter.log_id && of == pinned)
    );
}

async fn a_genesis_that_was_cut_off_is_told_and_finished_with_the_same_keys(on: On) {
    let ((dir, keys), packs) = (keys(), [large_pack(1), large_pack(2)]);
    let whole = log(on, &dir).await;
    let charter = Charter::found(whole.as_ref(), &keys, &Founding::training(&packs)).await.unwrap();
    let sealed = values(whole.as_ref()).await;
    assert!(sealed.len() > 2);
    for there in 1..sealed.len() {
        let cut = log(on, &dir).await;
        for value in &sealed[..there] {
            append(cut.as_ref(), value.clone()).await;
        }
        let error = fault(cut.as_ref()).await;
        assert!(matches!(error, CharterError::Unfinished { records } if records == there), "{error}");
        assert!(error.to_string().contains("make it again"), "{error}");
        let (_other, strangers) = self::keys();
        for (keys, packs) in [(&strangers, &packs[..]), (&keys, &[])] {
            let refused = Charter::found(cut.as_ref(), keys, &Founding::training(packs)).await.err().unwrap();
            assert!(matches!(refused, CharterError::OtherGenesis), "{refused}");
            assert!(refused.to_string().contains("remove it"), "{refused}");
        }
        let finished = Charter::found(cut.as_ref(), &keys, &Founding::training(&packs)).await.unwrap();
        assert_eq!(finished.log_id, charter.log_id);
        assert_eq!(values(cut.as_ref()).await, sealed);
    }
}

async fn what_is_no_genesis_is_refused(on: On) {
    let (dir, keys) = keys();
    let junk = log(on, &dir).await;
    append(junk.as_ref(), Bytes::from_static(b"no genesis")).await;
    assert!(matches!(
        fault(junk.as_ref()).await,
        CharterError::Genesis(NoGenesis::First(ChainFault::Unreadable(_)))
    ));
    let whole = log(on, &dir).await;
    Charter::found(whole.as_ref(), &keys, &Founding::training(&[large_pack(1)])).await.unwrap();
    let sealed = values(whole.as_ref()).await;
    let headless = log(on, &dir).await;
    for value in sealed.into_iter().skip(1) {
        append(headless.as_ref(), value).await;
    }
    assert!(matches!(
        fault(headless.as_ref()).await,
        CharterError::Genesis(NoGenesis::First(ChainFault::NotNext))
    ));
    whole.close().await;
    assert!(matches!(fault(whole.as_ref()).await, CharterError::Read(ReadError::Closed)));
}
