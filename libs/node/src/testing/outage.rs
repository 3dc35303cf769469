//! A log whose brokers can go away: what is appended meanwhile is not answered and comes later, and who reads is told
//! that nobody is there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use lienthong_log::*;
use tokio::sync::watch;

/// A log in memory behind brokers that go away when they are told to.
pub(crate) struct Outage {
    pub(crate) log: MemoryLog,
    copies: Option<Copies>,
    appends_held: AtomicBool,
    answers_lost: AtomicBool,
    /// Offered meanwhile.
    held: Mutex<Vec<(Partition, Record)>>,
    reads: Mutex<Option<ReadError>>,
    /// From which offset on who reads dossiers waits, and how many have come to.
    waits: watch::Sender<(Option<u64>, usize)>,
    ends: Mutex<Option<ReadError>>,
    /// The key whose erasable value cannot be forgotten.
    unanswered: Mutex<Option<String>>,
    lists: AtomicBool,
    /// Reads that were refused.
    refused: watch::Sender<usize>,
    /// Appends whose answer was lost.
    lost: watch::Sender<usize>,
}

impl Outage {
    pub(crate) fn new(partitions: u16, copies: Option<(u16, u16)>) -> Arc<Self> {
        Arc::new(Self {
            log: MemoryLog::new(partitions),
            copies: copies.map(|(replicas, in_sync_min)| Copies { replicas, in_sync_min }),
            appends_held: AtomicBool::new(false),
            answers_lost: AtomicBool::new(false),
            held: Mutex::default(),
            reads: Mutex::default(),
            waits: watch::Sender::default(),
            ends: Mutex::default(),
            unanswered: Mutex::default(),
            lists: AtomicBool::new(true),
            refused: watch::Sender::default(),
            lost: watch::Sender::default(),
        })
    }

    /// From now on no append, and no new erasable value, is answered.
    pub(crate) fn hold_appends(&self) {
        self.appends_held.store(true, Ordering::SeqCst);
    }

    /// From now on nobody knows of any append whether it lands.
    pub(crate) fn lose_answers(&self) {
        self.answers_lost.store(true, Ordering::SeqCst);
    }

    /// Waits until so many answers were lost.
    pub(crate) async fn unanswered(&self, appends: usize) {
        self.lost.subscribe().wait_for(|lost| *lost >= appends).await.unwrap();
    }

    /// What was offered lands, and appends are answered again.
    pub(crate) async fn land(&self) {
        self.appends_held.store(false, Ordering::SeqCst);
        self.answers_lost.store(false, Ordering::SeqCst);
        let held = std::mem::take(&mut *self.held.lock().unwrap());
        for (partition, record) in held {
            self.log.append(partition, record).await.unwrap();
        }
    }

    /// From now on every read fails so; none to let them succeed again.
    pub(crate) fn fail_reads(&self, error: Option<ReadError>) {
        *self.reads.lock().unwrap() = error;
    }

    /// From now on who reads dossiers from this offset or a later one waits; none to let it go on.
    pub(crate) fn hold_reads(&self, from: Option<u64>) {
        self.waits.send_replace((from, 0));
    }

    /// Waits until somebody does.
    pub(crate) async fn is_read(&self) {
        self.waits.subscribe().wait_for(|(_, reads)| *reads > 0).await.unwrap();
    }

    /// From now on nobody is told where a partition ends; none to let it be told again.
    pub(crate) fn fail_ends(&self, error: Option<ReadError>) {
        *self.ends.lock().unwrap() = error;
    }

    /// From now on nobody knows whether the erasable value of this key is forgotten; none to let it be.
    pub(crate) fn leave_unanswered(&self, key: Option<&str>) {
        *self.unanswered.lock().unwrap() = key.map(str::to_owned);
    }

    /// From now on whoever lists the erasable values comes upon a defect.
    pub(crate) fn break_lists(&self) {
        self.lists.store(false, Ordering::SeqCst);
    }

    /// Waits until so many reads were refused.
    pub(crate) async fn refused(&self, reads: usize) {
        self.refused.subscribe().wait_for(|refused| *refused >= reads).await.unwrap();
    }

    fn readable(&self) -> Result<(), ReadError> {
        let refused = self.reads.lock().unwrap().clone();
        refused.map_or(Ok(()), |error| {
            self.refused.send_modify(|refused| *refused += 1);
            Err(error)
        })
    }
}

/// Nobody answers, as long as anything is waited for.
async fn nobody<T>() -> T {
    std::future::pending().await
}

/// What is the matter while the brokers are away.
pub(crate) fn away() -> ReadError {
    ReadError::Unavailable { source: Arc::new(std::io::Error::other("no broker answers")) }
}

/// What an append comes to meanwhile.
fn unknown() -> AppendError {
    AppendError::Unknown { source: Arc::new(std::io::Error::other("no broker answers")) }
}

/// One trouble with the command that mends it.
pub(crate) fn trouble() -> Condition {
    let (what, mend) = ("retention.ms is 7 days", "kafka-configs --alter");
    Condition { troubles: vec![Trouble { what: what.to_owned(), mend: Some(mend.to_owned()) }] }
}

#[tonic::async_trait]
impl EventLog for Outage {
    fn dossier_partitions(&self) -> u16 {
        self.log.dossier_partitions()
    }

    fn copies(&self) -> Option<Copies> {
        self.copies
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.log.condition()
    }

    async fn append(&self, partition: Partition, record: Record) -> Result<u64, AppendError> {
        if self.appends_held.load(Ordering::SeqCst) {
            self.held.lock().unwrap().push((partition, record));
            return nobody().await;
        }
        if self.answers_lost.load(Ordering::SeqCst) {
            self.held.lock().unwrap().push((partition, record));
            self.lost.send_modify(|lost| *lost += 1);
            return Err(unknown());
        }
        self.log.append(partition, record).await
    }

    async fn read(
        &self,
        partition: Partition,
        from: u64,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        self.readable()?;
        let held = self.waits.borrow().0.is_some_and(|held| held <= from);
        if held && matches!(partition, Partition::Dossiers(_)) {
            self.waits.send_modify(|(_, reads)| *reads += 1);
            self.waits.subscribe().wait_for(|(held, _)| held.is_none()).await.unwrap();
        }
        self.log.read(partition, from, limit).await
    }

    async fn end(&self, partition: Partition) -> Result<u64, ReadError> {
        self.readable()?;
        let failing = self.ends.lock().unwrap().clone();
        failing.map_or(Ok(()), Err)?;
        self.log.end(partition).await
    }

    fn tail(&self, partition: Partition) -> Result<watch::Receiver<u64>, ReadError> {
        self.log.tail(partition)
    }

    async fn put_erasable(
        &self,
        key: &str,
        value: [u8; ERASABLE_BYTES],
    ) -> Result<[u8; ERASABLE_BYTES], AppendError> {
        if self.appends_held.load(Ordering::SeqCst) {
            return nobody().await;
        }
        self.log.put_erasable(key, value).await
    }

    async fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError> {
        self.log.erasable(key).await
    }

    async fn forget_erasable(&self, key: &str) -> Result<(), AppendError> {
        if self.unanswered.lock().unwrap().as_deref() == Some(key) {
            return Err(unknown());
        }
        self.log.forget_erasable(key).await
    }

    async fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        assert!(self.lists.load(Ordering::SeqCst), "a defect");
        self.log.erasables(after, limit).await
    }

    async fn close(&self) {
        // Another handle to the brokers finds what this one left.
    }
}
