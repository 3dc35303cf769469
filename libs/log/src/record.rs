//! Records: what is appended, and what is read.

use std::fmt;

use bytes::Bytes;

use crate::error::AppendError;

/// The most bytes of a record, as [`Record::bytes`] counts them: a body of 64 KiB with its seal and headers, and room.
pub const RECORD_BYTES_MAX: usize = 128 * 1024;

/// What each header counts for in [`Record::bytes`] besides its name and value, so that empty ones have a limit too.
pub const HEADER_BYTES: usize = 8;

/// What is appended: a key, headers in their order, and a value. The log does not look into any of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The dossier code, or empty where there is none. Says nothing about the partition.
    pub key: Bytes,
    /// In record order, which is kept. Names may repeat.
    pub headers: Vec<Header>,
    /// The body as it was sealed.
    pub value: Bytes,
}

/// One header of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `ce_type` and the like.
    pub name: String,
    /// Mostly text, but any bytes are kept.
    pub value: Bytes,
}

/// A record with the place and the time that the log gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in its partition. Rises from record to record, and may skip numbers.
    pub offset: u64,
    /// When the log took it: milliseconds since the epoch, by the log's clock.
    pub appended_ms: i64,
    /// The record, byte for byte as it was appended.
    pub record: Record,
}

impl Record {
    /// Bytes as limits count them: key, value, and each header's name and value plus [`HEADER_BYTES`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|header| header.name.len() + header.value.len() + HEADER_BYTES).sum();
        self.key.len() + headers + self.value.len()
    }

    /// Checks the size, for whoever implements a log.
    ///
    /// # Errors
    /// `TooLarge` above [`RECORD_BYTES_MAX`].
    pub fn check(&self) -> Result<(), AppendError> {
        match self.bytes() {
            bytes if bytes > RECORD_BYTES_MAX => {
                Err(AppendError::TooLarge { bytes, limit: RECORD_BYTES_MAX })
            }
            _ => Ok(()),
        }
    }
}

/// The value's size, not the value: records end up in logs and test output by way of `Debug`.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("headers", &self.headers)
            .field("value_bytes", &self.value.len())
            .finish()
    }
}
