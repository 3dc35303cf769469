//! Tests of copying: what a copy is, going on with one, and everything that may be wrong with either side.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use lienthong_log::{
    Erasable, EventLog, Header, MemoryLog, MemoryRestore, Partition, ReadError, ReadLimit, Record,
    RestoreError, RestoreLog, Stored,
};
use lienthong_log_embedded::{EmbeddedLog, EmbeddedRestore};
use lienthong_node::{Charter, Founding, KeyFolder};
use lienthong_registry::training::PARTITIONS;
use tempfile::TempDir;

use super::{Copied, CopyError, Stage, Watcher, copy, identity};

const FIFTH: Partition = Partition::Dossiers(5);
/// So small that a copy takes many batches.
const BATCH: ReadLimit = ReadLimit { records: 3, bytes: usize::MAX };

/// All that a log holds.
#[derive(Clone, Default, PartialEq, Debug)]
struct History {
    records: BTreeMap<Partition, Vec<Stored>>,
    erasables: Vec<Erasable>,
}

/// Stops a copy after so many pauses, and calls back when its stages begin.
struct Onlooker<'a> {
    pauses_left: u64,
    begins: Box<dyn FnMut(Stage) + 'a>,
    offsets: (u64, u64),
}

impl Onlooker<'_> {
    fn patient() -> Self {
        Self::stopping_after(u64::MAX)
    }

    fn stopping_after(pauses_left: u64) -> Self {
        Self { pauses_left, begins: Box::new(|_| {}), offsets: (0, 0) }
    }
}

impl Watcher for Onlooker<'_> {
    fn begins(&mut self, stage: Stage, offsets: u64) {
        (self.begins)(stage);
        self.offsets = (0, offsets);
    }

    fn advances(&mut self, offsets: u64) {
        self.offsets.0 += offsets;
    }

    fn stops(&mut self) -> bool {
        self.pauses_left = self.pauses_left.saturating_sub(1);
        self.pauses_left == 0
    }
}

/// A training log with some records, values and tombstones.
async fn source() -> (Arc<MemoryLog>, TempDir) {
    let keys = tempfile::tempdir().unwrap();
    let log = Arc::new(MemoryLog::new(PARTITIONS));
    Charter::found(&*log, &KeyFolder::open(keys.path()).unwrap(), &Founding::training(&[])).await.unwrap();
    for number in 0..20 {
        for partition in [Partition::Dossiers(0), FIFTH, Partition::Reads] {
            append(&*log, partition, &format!("{partition} {number}")).await;
        }
        log.put_erasable(&format!("key {number:02}"), [number; 32]).await.unwrap();
    }
    log.forget_erasable("key 07").await.unwrap();
    log.forget_erasable("never put").await.unwrap();
    (log, keys)
}

async fn append(log: &dyn EventLog, partition: Partition, name: &str) {
    let headers = vec![Header { name: "ce_id".to_owned(), value: Bytes::from_static(b"\xff") }];
    let record = Record { key: name.to_owned().into(), headers, value: format!("value of {name}").into() };
    log.append(partition, record).await.unwrap();
}

async fn history(log: &dyn EventLog) -> History {
    let mut history = History::default();
    for partition in Partition::all(log.dossier_partitions()) {
        let mut records: Vec<Stored> = Vec::new();
        loop {
            let next = records.last().map_or(0, |last| last.offset + 1);
            let batch = log.read(partition, next, ReadLimit::default()).await.unwrap();
            if batch.is_empty() {
                break;
            }
            records.extend(batch);
        }
        history.records.insert(partition, records);
    }
    history.erasables = log.erasables("", usize::MAX).await.unwrap();
    history
}

/// A log with that history.
async fn log_of(history: &History) -> Arc<MemoryLog> {
    let copy = MemoryRestore::new(PARTITIONS);
    fill(&copy, history).await;
    copy.log().unwrap()
}

async fn fill(copy: &dyn RestoreLog, history: &History) {
    for (partition, records) in &history.records {
        copy.restore(*partition, records).await.unwrap();
    }
    copy.restore_erasables(&history.erasables).await.unwrap();
    copy.finish().await.unwrap();
    copy.close().await;
}

async fn copy_to(
    source: &dyn EventLog,
    target: &dyn RestoreLog,
    watcher: &mut Onlooker<'_>,
) -> Result<Copied, CopyError> {
    let identity = identity(source).await?;
    copy(source, target, identity, BATCH, watcher).await
}

fn embedded(dir: &TempDir) -> EmbeddedRestore {
    EmbeddedRestore::open_or_create(dir.path(), PARTITIONS).unwrap()
}

#[tokio::test]
async fn a_copy_of_a_copy_of_any_kind_is_the_source() {
    let (source, _keys) = source().await;
    let expected = history(&*source).await;
    let records = expected.records.values().map(Vec::len).sum::<usize>() as u64;

    let mut onlooker = Onlooker::patient();
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let target = embedded(&dirs[0]);
    let first = copy_to(&*source, &target, &mut onlooker).await.unwrap();
    target.close().await;
    assert_eq!((first.records, first.erasables, first.tombstones), (records, 19, 2));
    assert_eq!(onlooker.offsets, (records, records));
    let genesis = expected.records[&Partition::Registry].len();
    assert_eq!(first.position.to_string(), format!("registry:{genesis},0:20,5:20,reads:20"));

    let log = EmbeddedLog::open(dirs[0].path()).unwrap();
    assert_eq!(history(&log).await, expected);
    let target = embedded(&dirs[1]);
    assert_eq!(copy_to(&log, &target, &mut Onlooker::patient()).await.unwrap(), first);
    target.close().await;

    let again = EmbeddedLog::open(dirs[1].path()).unwrap();
    let target = MemoryRestore::new(PARTITIONS);
    assert_eq!(copy_to(&again, &target, &mut Onlooker::patient()).await.unwrap(), first);
    assert_eq!(history(&*target.log().unwrap()).await, expected);

    // It is a log to work with, and other bytes have another digest.
    append(&log, FIFTH, "behind").await;
    assert_eq!(log.end(FIFTH).await.unwrap(), 21);
    let target = MemoryRestore::new(PARTITIONS);
    assert_ne!(copy_to(&log, &target, &mut Onlooker::patient()).await.unwrap().digest, first.digest);
}

#[tokio::test]
async fn a_copy_that_was_stopped_anywhere_goes_on_and_comes_to_the_same() {
    let (source, _keys) = source().await;
    let whole = copy_to(&*source, &MemoryRestore::new(PARTITIONS), &mut Onlooker::patient()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (mut pauses, mut ends) = (1, Vec::new());
    let copied = loop {
        let target = embedded(&dir);
        let outcome = copy_to(&*source, &target, &mut Onlooker::stopping_after(pauses)).await;
        ends.push(target.end(Partition::Reads).await.unwrap_or_default());
        target.close().await;
        match outcome {
            Ok(copied) => break copied,
            Err(CopyError::Stopped) => assert!(EmbeddedLog::open(dir.path()).is_err()),
            Err(error) => panic!("{error:?}"),
        }
        pauses += 25;
    };
    assert_eq!(copied, whole);
    assert!(ends.len() > 4 && ends.is_sorted(), "{ends:?}");
    assert_eq!(history(&EmbeddedLog::open(dir.path()).unwrap()).await, history(&*source).await);
}

/// Copies the head of a history, then goes on from what `change` made of it.
async fn resumed(change: impl FnOnce(&mut History)) -> Result<Copied, CopyError> {
    let (source, _keys) = source().await;
    let target = MemoryRestore::new(PARTITIONS);
    // Far enough to have the records before the reads.
    let mut head = history(&*source).await;
    head.records.remove(&Partition::Reads);
    head.erasables.truncate(10);
    for (partition, records) in &head.records {
        target.restore(*partition, records).await.unwrap();
    }
    target.restore_erasables(&head.erasables).await.unwrap();
    let mut other = history(&*source).await;
    change(&mut other);
    copy_to(&*log_of(&other).await, &target, &mut Onlooker::patient()).await
}

#[tokio::test]
async fn a_target_with_another_history_is_refused_with_the_place() {
    assert!(resumed(|_| {}).await.is_ok());
    let changes: [fn(&mut Stored); 6] = [
        |stored| stored.record.value = "value of somebody else".into(),
        |stored| stored.record.key = "another key".into(),
        |stored| stored.record.headers[0].name = "ce_ie".to_owned(),
        |stored| stored.record.headers[0].value = "x".into(),
        |stored| stored.record.headers.clear(),
        |stored| stored.appended_ms += 1,
    ];
    for change in changes {
        let outcome = resumed(|source| change(&mut source.records.get_mut(&FIFTH).unwrap()[13])).await;
        assert!(
            matches!(outcome, Err(CopyError::OtherHistory { partition: FIFTH, offset: 13 })),
            "{outcome:?}"
        );
    }
    let outcome = resumed(|source| source.records.get_mut(&FIFTH).unwrap().truncate(15)).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, CopyError::OtherHistory { partition: FIFTH, offset: 15 }), "{error:?}");
    assert_eq!(error.to_string(), "the target holds another history from dossiers/5 15 on");
}

#[tokio::test]
async fn what_was_forgotten_meanwhile_is_forgotten_in_the_copy_and_nothing_comes_back() {
    let forgotten = resumed(|source| source.erasables[3].1 = None).await.unwrap();
    assert_eq!((forgotten.erasables, forgotten.tombstones), (18, 3));
    // The seventh is a tombstone in the target.
    let back = resumed(|source| source.erasables[7].1 = Some([9; 32])).await.unwrap();
    assert_eq!((back.erasables, back.tombstones), (19, 2));
    for gone in [3, 9] {
        let other = resumed(|source| drop(source.erasables.remove(gone))).await;
        let key = format!("key {gone:02}");
        assert!(matches!(&other, Err(CopyError::OtherErasable { key: other }) if *other == key), "{other:?}");
    }
    let other = resumed(|source| source.erasables.clear()).await;
    assert!(matches!(other, Err(CopyError::OtherErasable { .. })), "{other:?}");
}

/// A target whose disk does not keep what it is given.
struct Lossy {
    kept: MemoryRestore,
    record: fn(&mut Stored),
    erasable: fn(&mut Erasable),
}

#[async_trait]
impl RestoreLog for Lossy {
    fn dossier_partitions(&self) -> u16 {
        self.kept.dossier_partitions()
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.kept.end(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.kept.read(partition, from, limit).await
    }

    async fn restore(&self, partition: Partition, records: &[Stored]) -> Result<(), RestoreError> {
        let mut records = records.to_vec();
        records.iter_mut().filter(|stored| partition == FIFTH && stored.offset == 13).for_each(self.record);
        self.kept.restore(partition, &records).await
    }

    async fn restore_erasables(&self, erasables: &[Erasable]) -> Result<(), RestoreError> {
        let mut erasables = erasables.to_vec();
        erasables.iter_mut().filter(|(key, _)| key == "key 03").for_each(self.erasable);
        self.kept.restore_erasables(&erasables).await
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        self.kept.erasables(after, limit).await
    }

    async fn finish(&self) -> Result<(), RestoreError> {
        self.kept.finish().await
    }

    async fn close(&self) {
        self.kept.close().await;
    }
}

#[tokio::test]
async fn what_the_target_does_not_keep_is_found_before_it_is_a_log() {
    let (source, _keys) = source().await;
    let changes: [fn(&mut Stored); 3] = [
        |stored| {
            let mut value = stored.record.value.to_vec();
            value[3] ^= 1;
            stored.record.value = value.into();
        },
        |stored| stored.appended_ms -= 1,
        |stored| stored.record.headers.clear(),
    ];
    for record in changes {
        let target = Lossy { kept: MemoryRestore::new(PARTITIONS), record, erasable: |_| {} };
        let outcome = copy_to(&*source, &target, &mut Onlooker::patient()).await;
        assert!(matches!(outcome, Err(CopyError::NotKept { partition: FIFTH, offset: 13 })), "{outcome:?}");
        assert!(target.kept.log().is_none());
    }
    let erasable: [fn(&mut Erasable); 2] = [|(_, value)| *value = Some([0; 32]), |(key, _)| key.push('x')];
    for erasable in erasable {
        let target = Lossy { kept: MemoryRestore::new(PARTITIONS), record: |_| {}, erasable };
        let outcome = copy_to(&*source, &target, &mut Onlooker::patient()).await;
        assert!(
            matches!(&outcome, Err(CopyError::ErasableNotKept { key }) if key == "key 03"),
            "{outcome:?}"
        );
        assert!(target.kept.log().is_none());
    }
}

#[tokio::test]
async fn gaps_go_where_they_can_be_kept() {
    let (source, _keys) = source().await;
    let mut gapped = history(&*source).await;
    for stored in &mut gapped.records.get_mut(&FIFTH).unwrap()[10..] {
        stored.offset += 7;
    }
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    fill(&embedded(&dirs[0]), &gapped).await;
    let source = EmbeddedLog::open(dirs[0].path()).unwrap();
    assert_eq!(history(&source).await, gapped);

    let refused = copy_to(&source, &MemoryRestore::new(PARTITIONS), &mut Onlooker::patient()).await;
    let is_gap = matches!(
        refused,
        Err(CopyError::Restore(RestoreError::Gap { partition: FIFTH, expected: 10, offset: 17 }))
    );
    assert!(is_gap, "{refused:?}");

    let target = embedded(&dirs[1]);
    let mut onlooker = Onlooker::patient();
    copy_to(&source, &target, &mut onlooker).await.unwrap();
    assert_eq!(onlooker.offsets.0, onlooker.offsets.1);
    target.close().await;
    assert_eq!(history(&EmbeddedLog::open(dirs[1].path()).unwrap()).await, gapped);
}

#[tokio::test]
async fn a_source_that_grows_is_copied_up_to_the_ends_it_had() {
    let (source, _keys) = source().await;
    let before = history(&*source).await;
    let target = MemoryRestore::new(PARTITIONS);
    let mut onlooker = Onlooker::patient();
    let growing = Arc::clone(&source);
    onlooker.begins = Box::new(move |_| {
        append(&*growing, FIFTH, "meanwhile").now_or_never().unwrap();
    });
    copy_to(&*source, &target, &mut onlooker).await.unwrap();
    assert_eq!(source.end(FIFTH).await.unwrap(), 22);
    assert_eq!(history(&*target.log().unwrap()).await, before);
}

#[tokio::test]
async fn a_source_without_a_whole_genesis_is_refused() {
    let empty = MemoryLog::new(PARTITIONS);
    assert!(matches!(identity(&empty).await, Err(CopyError::NoGenesis)));
    let (source, _keys) = source().await;
    let mut forged = history(&*source).await;
    let genesis = &mut forged.records.get_mut(&Partition::Registry).unwrap()[0].record.value;
    let mut bytes = genesis.to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    *genesis = bytes.into();
    assert!(matches!(identity(&*log_of(&forged).await).await, Err(CopyError::Genesis(_))));
    append(&empty, Partition::Registry, "no genesis").await;
    assert!(matches!(identity(&empty).await, Err(CopyError::Genesis(_))));
}
