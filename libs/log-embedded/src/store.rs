//! The tables, and reading them.
//!
//! ```text
//! records    (partition u16, offset u64) -> row (see `encoding`)
//! erasables  key -> 32 bytes, or nothing: a tombstone
//! meta       "format", "dossier_partitions" -> u64; "copying" as long as the log is a copy that is not finished
//! ```

use std::ops::{Bound, Range};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use lienthong_log::{
    AppendError, Cause, ERASABLE_BYTES, Erasable, Partition, ReadError, ReadLimit, RestoreError, Stored,
};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction};

use crate::encoding;

pub(crate) const RECORDS: TableDefinition<'_, (u16, u64), &[u8]> = TableDefinition::new("records");
pub(crate) const ERASABLES: TableDefinition<'_, &str, Option<[u8; ERASABLE_BYTES]>> =
    TableDefinition::new("erasables");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

const FORMAT: u64 = 1;
const FORMAT_KEY: &str = "format";
const DOSSIER_PARTITIONS_KEY: &str = "dossier_partitions";
const COPYING_KEY: &str = "copying";

/// The database, for as long as the log is open.
pub(crate) struct Store {
    /// None once the log is over. Reads and commits share the lock; only closing takes it alone, and so waits for them.
    database: RwLock<Option<Database>>,
    over: OnceLock<Over>,
}

/// Why there is no database any more.
#[derive(Clone, Debug)]
pub(crate) enum Over {
    Closed,
    Failed(Cause),
}

/// What a database says about itself.
pub(crate) enum Contents {
    /// A log of this many dossier partitions, or what is to become one.
    Log { dossier_partitions: u16, kind: Kind },
    /// No table: nothing was ever written to it.
    Nothing,
    /// Tables of somebody else, or of a later version.
    Unknown,
}

/// How far a log has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is being copied from another log.
    Copy,
    /// It is a log to work with.
    Whole,
}

/// What `database` holds.
pub(crate) fn contents(database: &Database) -> Result<Contents, redb::Error> {
    let transaction = database.begin_read()?;
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::TableDoesNotExist(_)) if transaction.list_tables()?.next().is_none() => {
            return Ok(Contents::Nothing);
        }
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Ok(Contents::Unknown),
    };
    let number = |key| Ok::<_, redb::Error>(meta.get(key)?.map(|number| number.value()));
    let partitions = number(DOSSIER_PARTITIONS_KEY)?.and_then(|number| u16::try_from(number).ok());
    let kind = number(COPYING_KEY)?.map_or(Kind::Whole, |_| Kind::Copy);
    Ok(match (number(FORMAT_KEY)?, partitions) {
        (Some(FORMAT), Some(dossier_partitions)) => Contents::Log { dossier_partitions, kind },
        _ => Contents::Unknown,
    })
}

/// Makes an empty log or an empty copy of an empty database, in one commit.
pub(crate) fn initialise(
    database: &Database,
    dossier_partitions: u16,
    kind: Kind,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert(FORMAT_KEY, FORMAT)?;
        meta.insert(DOSSIER_PARTITIONS_KEY, u64::from(dossier_partitions))?;
        if kind == Kind::Copy {
            meta.insert(COPYING_KEY, 1)?;
        }
        // Made here, so that a read never finds its table missing.
        transaction.open_table(RECORDS)?;
        transaction.open_table(ERASABLES)?;
    }
    Ok(transaction.commit()?)
}

/// Makes a log of a copy.
pub(crate) fn finish(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(META)?.remove(COPYING_KEY)?;
    Ok(())
}

/// The offset after the last record of a partition, whatever that record looks like.
pub(crate) fn end(
    records: &impl ReadableTable<(u16, u64), &'static [u8]>,
    partition: Partition,
) -> Result<u64, redb::Error> {
    let code = code(partition);
    let last = records.range((code, 0)..=(code, u64::MAX))?.next_back().transpose()?;
    Ok(last.map_or(0, |(key, _)| key.value().1.saturating_add(1)))
}

/// The number of a partition in the keys. Dossier partitions are far fewer than the two numbers above them.
pub(crate) fn code(partition: Partition) -> u16 {
    match partition {
        Partition::Dossiers(number) => number,
        Partition::Registry => u16::MAX,
        Partition::Reads => u16::MAX - 1,
    }
}

impl Store {
    pub(crate) fn new(database: Database) -> Self {
        Self { database: RwLock::new(Some(database)), over: OnceLock::new() }
    }

    /// Runs `f` on the database.
    pub(crate) fn with<T, E>(&self, f: impl FnOnce(&Database) -> Result<T, E>) -> Result<Result<T, E>, Over> {
        // The lock guards a value that is only ever taken out, so a poisoned one is whole.
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().map(f).ok_or_else(|| self.over())
    }

    /// Closes the database, once those who use it are done, and says why to whoever comes later.
    pub(crate) fn end(&self, over: Over) {
        let _ = self.over.set(over);
        let database = self.database.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = database.map(Database::close) {
            // Nothing is lost by it: every answer was given after an fsync. The next open repairs.
            tracing::warn!(error = %error, "the log was not closed cleanly");
        }
    }

    /// Why there is no database; `Closed` as long as nobody said.
    pub(crate) fn over(&self) -> Over {
        self.over.get().cloned().unwrap_or(Over::Closed)
    }

    /// Whether the log is still open.
    pub(crate) fn check(&self) -> Result<(), ReadError> {
        self.over.get().map_or(Ok(()), |over| Err(over.read_error()))
    }

    /// The records of a range of offsets, as many as `limit` allows.
    pub(crate) fn read(
        &self,
        partition: Partition,
        offsets: Range<u64>,
        limit: ReadLimit,
    ) -> Result<Vec<Stored>, ReadError> {
        let code = code(partition);
        let read = |database: &Database| {
            let records = database.begin_read()?.open_table(RECORDS)?;
            let (mut batch, mut total) = (Vec::new(), 0);
            for row in records.range((code, offsets.start)..(code, offsets.end))? {
                let (key, row) = row?;
                let (_, offset) = key.value();
                let stored = match encoding::decode(offset, row.value()) {
                    Ok(stored) => stored,
                    Err(what) if batch.is_empty() => {
                        return Ok(Err(ReadError::Damaged { partition, offset, what }));
                    }
                    // Those before it first; the next read finds it in front.
                    Err(_) => break,
                };
                let bytes = stored.record.bytes();
                if !limit.has_room(batch.len(), total, bytes) {
                    break;
                }
                total += bytes;
                batch.push(stored);
            }
            Ok(Ok(batch))
        };
        self.reading(read)?
    }

    /// The value that stands under `key`.
    pub(crate) fn erasable(&self, key: &str) -> Result<Option<[u8; ERASABLE_BYTES]>, ReadError> {
        self.reading(|database| {
            let erasables = database.begin_read()?.open_table(ERASABLES)?;
            Ok(erasables.get(key)?.and_then(|value| value.value()))
        })
    }

    /// The keys after `after` in order, at most `limit`.
    pub(crate) fn erasables(&self, after: &str, limit: usize) -> Result<Vec<Erasable>, ReadError> {
        self.reading(|database| {
            let erasables = database.begin_read()?.open_table(ERASABLES)?;
            let later = erasables.range::<&str>((Bound::Excluded(after), Bound::Unbounded))?;
            let listed = later.take(limit).map(|row| {
                let (key, value) = row?;
                Ok((key.value().to_owned(), value.value()))
            });
            listed.collect()
        })
    }

    /// The offset after the last record of a partition; 0 where there is none.
    pub(crate) fn end_of(&self, partition: Partition) -> Result<u64, ReadError> {
        self.reading(|database| end(&database.begin_read()?.open_table(RECORDS)?, partition))
    }

    /// The last record of a partition, if there is one.
    pub(crate) fn last(&self, partition: Partition) -> Result<Option<Stored>, ReadError> {
        let code = code(partition);
        let last = self.reading(|database| {
            let records = database.begin_read()?.open_table(RECORDS)?;
            let last = records.range((code, 0)..=(code, u64::MAX))?.next_back().transpose()?;
            Ok(last.map(|(key, row)| (key.value().1, encoding::decode(key.value().1, row.value()))))
        })?;
        last.map(|(offset, stored)| stored.map_err(|what| ReadError::Damaged { partition, offset, what }))
            .transpose()
    }

    fn reading<T>(&self, f: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, ReadError> {
        self.with(f)
            .map_err(|over| over.read_error())?
            .map_err(|error| ReadError::Failed { source: Arc::new(error) })
    }
}

impl Over {
    pub(crate) fn append_error(&self) -> AppendError {
        match self {
            Self::Closed => AppendError::Closed,
            Self::Failed(source) => AppendError::Failed { source: Arc::clone(source) },
        }
    }

    pub(crate) fn restore_error(&self) -> RestoreError {
        match self {
            Self::Closed => RestoreError::Closed,
            Self::Failed(source) => RestoreError::Failed { source: Arc::clone(source) },
        }
    }

    pub(crate) fn read_error(&self) -> ReadError {
        match self {
            Self::Closed => ReadError::Closed,
            Self::Failed(source) => ReadError::Failed { source: Arc::clone(source) },
        }
    }
}
