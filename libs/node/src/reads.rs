//! Readings of personal data: each is in the log before anything of it is shown.
//!
//! A node follows `lienthong.reads` only for its running hash, which its own next record names: so every reader is a
//! witness of what others have read.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use lienthong_admission::{AHEAD_MS_MAX, EXPIRY_MS_MAX, IncomingRead, ReadsCursor};
use lienthong_dossier::{DossierCode, FieldClass, ReadKind};
use lienthong_log::{AppendError, Header, Partition, ReadError, ReadLimit, Record, Stored, follow};
use lienthong_seal::{Hash, chain, read_leaf};
use lienthong_wire::request::personal::Reader;
use lienthong_wire::stored::{self, Read, ReadBody, Witness};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::{Refusal, with_causes};
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::pause::Pause;

/// A reading whose append took longer is made anew, with a time and a seal of its own: the log may have taken it when it
/// had expired, which is a fault. So much less than the expiry as clocks may differ.
pub(crate) const RECORDING_MAX: Duration =
    Duration::from_millis((EXPIRY_MS_MAX - AHEAD_MS_MAX).unsigned_abs());

/// How often a reading is made at most.
pub(crate) const RECORDING_TRIES_MAX: u32 = 3;

/// The newest witness that a record of this node may name.
pub(crate) struct Reads {
    witness: watch::Sender<(u64, Hash)>,
}

impl Reads {
    /// Before anything was read of the partition.
    pub(crate) fn new(log_id: Hash) -> Self {
        Self { witness: watch::Sender::new((0, chain::start(log_id, chain::READS))) }
    }
}

#[cfg(test)]
impl Reads {
    /// Resolves once so many records may be named.
    pub(crate) async fn followed(&self, count: u64) {
        let mut witness = self.witness.subscribe();
        assert!(witness.wait_for(|(named, _)| *named >= count).await.is_ok());
    }
}

/// What is recorded of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) offset: u64,
    pub(crate) leaf: Hash,
    pub(crate) request: Uuid,
    pub(crate) at: lienthong_calendar::Instant,
}

/// What is to be recorded, whenever that is.
pub(crate) struct Asked<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) request: Uuid,
    pub(crate) kind: ReadKind,
    pub(crate) codes: Vec<DossierCode>,
    pub(crate) classes: Vec<FieldClass>,
}

/// Follows the readings until the node stops.
pub(crate) async fn run(node: Node) {
    let ended = tokio::select! {
        () = node.stopping().cancelled() => Ok(()),
        ended = keep_up(&node) => ended,
    };
    // Readings go on and are recorded; they only name an older witness.
    if let Err(refusal) = ended {
        tracing::error!(
            node = node.0.name,
            error = with_causes(&refusal),
            "no longer follows the readings of personal data"
        );
    }
}

async fn keep_up(node: &Node) -> Result<(), Refusal> {
    let inner = &node.0;
    let mut pause = Pause::default();
    let mut cursor = begin(node).await?;
    inner.reads.witness.send_replace(cursor.witness);
    loop {
        let mut batches = follow(Arc::clone(&inner.log), Partition::Reads, cursor.next);
        loop {
            match batches.next().await {
                Some(Ok(batch)) => {
                    for stored in &batch {
                        with(stored, |record| cursor.count(record));
                    }
                    inner.store.set_reads(&cursor)?;
                    inner.reads.witness.send_replace(cursor.witness);
                    pause = Pause::default();
                }
                Some(Err(ReadError::Unavailable { .. })) => break,
                Some(Err(error)) => return Err(Refusal::Read(error)),
                None => return Ok(()),
            }
        }
        tokio::time::sleep(pause.lengthen()).await;
    }
}

/// Goes on from where it was, unless the record that was read last there is another one now.
async fn begin(node: &Node) -> Result<ReadsCursor, Refusal> {
    let inner = &node.0;
    let start = ReadsCursor::start(inner.log_id);
    let Some(cursor) = inner.store.reads()? else { return Ok(start) };
    let Some((offset, _)) = cursor.last else { return Ok(start) };
    let limit = ReadLimit { records: 1, bytes: 0 };
    let mut pause = Pause::default();
    let read = loop {
        match inner.log.read(Partition::Reads, offset, limit).await {
            Err(ReadError::Unavailable { .. }) => tokio::time::sleep(pause.lengthen()).await,
            read => break read.map_err(Refusal::Read)?,
        }
    };
    let same = read.first().is_some_and(|stored| with(stored, |record| cursor.is_last(record)));
    if !same {
        tracing::warn!(
            node = inner.name,
            "the readings are not those that were read before; reading them anew"
        );
    }
    Ok(if same { cursor } else { start })
}

/// A record as admission takes it.
fn with<T>(stored: &Stored, use_it: impl FnOnce(&IncomingRead<'_>) -> T) -> T {
    let record = &stored.record;
    let headers: Vec<(&str, &[u8])> =
        record.headers.iter().map(|header| (header.name.as_str(), header.value.as_ref())).collect();
    use_it(&IncomingRead {
        offset: stored.offset,
        appended_ms: stored.appended_ms,
        key: &record.key,
        headers: &headers,
        value: &record.value,
    })
}

impl Node {
    /// Records a reading; once this returns it may be shown.
    ///
    /// # Errors
    /// It is not in the log, or nobody knows.
    pub(crate) async fn record_reading(
        &self,
        keys: &NodeKeys,
        reader: &Reader,
        kind: ReadKind,
        codes: Vec<DossierCode>,
        classes: Vec<FieldClass>,
    ) -> Result<Recorded, Refusal> {
        let request = reader.request.unwrap_or_else(Uuid::new_v4);
        let asked = Asked { reader, request, kind, codes, classes };
        self.record_within(RECORDING_MAX, keys, &asked).await
    }

    /// The same by an append that takes no longer than that.
    pub(crate) async fn record_within(
        &self,
        recording_max: Duration,
        keys: &NodeKeys,
        asked: &Asked<'_>,
    ) -> Result<Recorded, Refusal> {
        for _ in 0..RECORDING_TRIES_MAX {
            let began = Instant::now();
            let recorded = self.record_once(keys, asked).await?;
            if began.elapsed() <= recording_max {
                return Ok(recorded);
            }
            tracing::warn!(node = self.0.name, "a reading came late into the log; it is made anew");
        }
        Err(Refusal::ReadNotRecorded)
    }

    async fn record_once(&self, keys: &NodeKeys, asked: &Asked<'_>) -> Result<Recorded, Refusal> {
        let inner = &self.0;
        if let Some(refusal) = self.trouble() {
            return Err(refusal);
        }
        let (count, hash) = *inner.reads.witness.borrow();
        let (registry, at) = (self.registry(), self.now());
        let body = ReadBody {
            log_id: inner.log_id,
            rules: registry.rules(),
            at,
            agency: asked.reader.agency.clone(),
            actor: asked.reader.actor.clone(),
            purpose: asked.reader.purpose,
            ground: asked.reader.ground.clone(),
            kind: asked.kind,
            codes: asked.codes.clone(),
            classes: asked.classes.clone(),
            witness: Witness { count, hash },
            request: asked.request,
        };
        let bytes = Bytes::from(stored::encode_read_body(&body));
        let leaf = read_leaf(&bytes);
        let signing = keys.signing_for(&registry, at.date())?;
        let seal = signing.seal_all(inner.log_id, &[leaf]).into_iter().next().ok_or(Refusal::Corrupt)?;
        let record = Record {
            key: Bytes::new(),
            headers: stored::read_headers(leaf, &body.agency, at)
                .into_iter()
                .map(|header| Header { name: header.name.to_owned(), value: header.value })
                .collect(),
            value: Bytes::from(stored::encode_read(&Read { body: bytes, seal })),
        };
        match inner.log.append(Partition::Reads, record).await {
            Ok(offset) => Ok(Recorded { offset, leaf, request: asked.request, at }),
            Err(AppendError::Full { limit }) => Err(Refusal::Busy { limit }),
            Err(error) => {
                tracing::error!(
                    node = inner.name,
                    error = with_causes(&error),
                    "a reading was not recorded, and nothing was shown"
                );
                Err(Refusal::ReadNotRecorded)
            }
        }
    }
}
