//! What a log says of itself.

use lienthong_log::MemoryLog;
use tempfile::TempDir;

use super::*;

fn keys() -> (TempDir, KeyFolder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = KeyFolder::open(dir.path()).unwrap();
    (dir, folder)
}

fn log() -> MemoryLog {
    MemoryLog::new(training::PARTITIONS)
}

async fn append(log: &MemoryLog, value: Bytes) {
    let record = Record { key: Bytes::new(), headers: Vec::new(), value };
    log.append(Partition::Registry, record).await.unwrap();
}

/// A pack that fills most of a record, so that the genesis takes several.
fn large_pack() -> Arc<Pack> {
    let shipped = &Pack::shipped().unwrap()[0];
    let text = shipped.text().replace(shipped.procedure().as_str(), "9.000001");
    Arc::new(Pack::parse("large.yaml", &format!("{text}\n# {}\n", "x".repeat(40_000))).unwrap())
}

async fn fault(log: &MemoryLog) -> CharterError {
    Charter::open(log, None).await.err().unwrap()
}

#[tokio::test]
async fn a_training_log_is_founded_once_and_opened_by_its_id() {
    let (log, (_dir, keys)) = (log(), keys());
    assert!(matches!(fault(&log).await, CharterError::Empty));
    let charter = Charter::found_training(&log, &keys, &[]).await.unwrap();
    assert_eq!(charter.registry.log_id(), &charter.log_id.0);
    // One record, which is there whole or not at all; only packs beside the shipped ones make it more.
    let records = log.end(Partition::Registry).await.unwrap();
    assert_eq!(records, 1);
    // To found it again with the same keys changes nothing.
    let again = Charter::found_training(&log, &keys, &[]).await.unwrap();
    assert_eq!(again.log_id, charter.log_id);
    assert_eq!(log.end(Partition::Registry).await.unwrap(), records);
    assert_eq!(Charter::open(&log, Some(charter.log_id)).await.unwrap().log_id, charter.log_id);
    let pinned = Hash([1; 32]);
    let other = Charter::open(&log, Some(pinned)).await.err().unwrap();
    assert!(
        matches!(other, CharterError::OtherLog { found, pinned: of } if found == charter.log_id && of == pinned)
    );
}

#[tokio::test]
async fn a_genesis_that_was_cut_off_is_told_and_finished_with_the_same_keys() {
    let (whole, (_dir, keys), packs) = (log(), keys(), [large_pack()]);
    let charter = Charter::found_training(&whole, &keys, &packs).await.unwrap();
    let sealed = values(&whole).await.unwrap();
    assert!(sealed.len() > 1);
    for there in 1..sealed.len() {
        let cut = log();
        for value in &sealed[..there] {
            append(&cut, value.clone()).await;
        }
        let error = fault(&cut).await;
        assert!(matches!(error, CharterError::Unfinished { records } if records == there), "{error}");
        assert!(error.to_string().contains("make it again"), "{error}");
        let (_other, strangers) = self::keys();
        for (keys, packs) in [(&strangers, &packs[..]), (&keys, &[])] {
            let refused = Charter::found_training(&cut, keys, packs).await.err().unwrap();
            assert!(matches!(refused, CharterError::OtherGenesis), "{refused}");
            assert!(refused.to_string().contains("remove it"), "{refused}");
        }
        let finished = Charter::found_training(&cut, &keys, &packs).await.unwrap();
        assert_eq!(finished.log_id, charter.log_id);
        assert_eq!(values(&cut).await.unwrap(), sealed);
    }
}

#[tokio::test]
async fn what_is_no_genesis_is_refused() {
    let junk = log();
    append(&junk, Bytes::from_static(b"no genesis")).await;
    assert!(matches!(fault(&junk).await, CharterError::Genesis(GenesisFault::Unreadable { record: 0, .. })));
    let (whole, (_dir, keys)) = (log(), keys());
    Charter::found_training(&whole, &keys, &[large_pack()]).await.unwrap();
    let sealed = values(&whole).await.unwrap();
    let headless = log();
    for value in sealed.into_iter().skip(1) {
        append(&headless, value).await;
    }
    assert!(matches!(fault(&headless).await, CharterError::Genesis(GenesisFault::Chain { record: 0 })));
    whole.close().await;
    assert!(matches!(fault(&whole).await, CharterError::Read(ReadError::Closed)));
}
