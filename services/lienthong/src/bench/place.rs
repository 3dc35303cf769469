//! The log that is measured on, and what it promises before it answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthong_log::EventLog;
use lienthong_log_embedded::{FILE_NAME, OpenError};
use lienthong_node::config::kafka_from_environment;
use lienthong_node::process::Service;
use lienthong_node::{Charter, LogUrl, OpenLogError, open_log};
use serde::Serialize;
use tempfile::TempDir;

use super::{BenchError, History, Watcher};
use crate::passphrase::key_folder;
use crate::province::{Foundation, Ports, Province, ProvinceError};

/// Where it is measured.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: LogUrl,
    dir: PathBuf,
    /// Removed at the end; none where the log is the caller's.
    _folder: Option<TempDir>,
}

/// When an append is answered. Figures say nothing without it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Durability {
    /// `embedded` or `kafka`.
    log: &'static str,
    /// The bytes are on the disk.
    fsync: bool,
    /// Brokers that must have the bytes in memory; none where there is no broker.
    acks: Option<&'static str>,
    /// Brokers that have a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<u16>,
    /// Of them, those that must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_insync_replicas: Option<u16>,
}

impl Place {
    /// The log at `url`; without, a fresh one in a folder that is removed at the end.
    pub(crate) fn new(url: Option<&LogUrl>) -> Result<Self, BenchError> {
        if let Some(url) = url {
            return Ok(Self { url: url.clone(), dir: url.folder(), _folder: None });
        }
        let folder = TempDir::new().map_err(BenchError::Folder)?;
        let dir = folder.path().to_owned();
        Ok(Self { url: LogUrl::Embedded(dir.clone()), dir, _folder: Some(folder) })
    }

    /// The folder of keys and projections.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A folder beside the log, on the same disk.
    pub(crate) fn scratch(&self) -> Result<TempDir, BenchError> {
        std::fs::create_dir_all(&self.dir)
            .and_then(|()| TempDir::new_in(&self.dir))
            .map_err(BenchError::Folder)
    }

    /// Starts services on the log, which is made where there is none.
    pub(crate) async fn start(&self, services: &[&'static Service]) -> Result<Province, BenchError> {
        let foundation = Foundation::Training(Vec::new());
        Ok(Province::start_these(services, &self.url, &self.dir, &foundation, Ports::Free).await?)
    }

    /// The log alone; none where there is none yet.
    pub(crate) async fn log(&self) -> Result<Option<Arc<dyn EventLog>>, BenchError> {
        let security = kafka_from_environment().map_err(ProvinceError::Config)?;
        match open_log(&self.url, &security, None).await {
            Ok(log) => Ok(Some(log)),
            Err(
                OpenLogError::Embedded(OpenError::Missing { .. })
                | OpenLogError::Kafka(lienthong_log_kafka::OpenError::Missing { .. }),
            ) => Ok(None),
            Err(error) => Err(ProvinceError::opening(&self.url, error).into()),
        }
    }

    /// Writes a history where there is no log yet, and lets go of it; whether it did.
    pub(crate) async fn fill(&self, history: &History, watcher: &dyn Watcher) -> Result<bool, BenchError> {
        if let Some(log) = self.log().await? {
            log.close().await;
            return Ok(false);
        }
        self.write(history, watcher).await?;
        Ok(true)
    }

    /// Writes a history into the log, which is made where there is none, and lets go of it.
    pub(crate) async fn write(&self, history: &History, watcher: &dyn Watcher) -> Result<(), BenchError> {
        let province = self.start(&[]).await?;
        let written = self.written(province.log(), history, watcher).await;
        province.stop().await;
        written
    }

    async fn written(
        &self,
        log: &Arc<dyn EventLog>,
        history: &History,
        watcher: &dyn Watcher,
    ) -> Result<(), BenchError> {
        let charter = Charter::open(log.as_ref(), None).await.map_err(ProvinceError::from)?;
        let keys = key_folder(&self.dir).map_err(ProvinceError::from)?;
        let scratch = self.scratch()?;
        Ok(history.write(log, &charter, &keys, scratch.path(), watcher).await?)
    }

    /// Bytes of the log's file; none where it is with brokers.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        let file = std::fs::metadata(self.folder()?.join(FILE_NAME)).ok()?;
        Some(file.len())
    }

    /// What the log promises.
    pub(crate) fn durability(&self, log: &dyn EventLog) -> Durability {
        let copies = log.copies();
        let (log, fsync, acks) = match self.url {
            LogUrl::Embedded(_) => ("embedded", true, None),
            LogUrl::Kafka(_) => ("kafka", false, Some("all")),
        };
        let replicas = copies.map(|copies| copies.replicas);
        Durability {
            log,
            fsync,
            acks,
            replicas,
            min_insync_replicas: copies.map(|copies| copies.in_sync_min),
        }
    }

    /// The folder of the log, where it is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.url {
            LogUrl::Embedded(dir) => Some(dir),
            LogUrl::Kafka(_) => None,
        }
    }
}
