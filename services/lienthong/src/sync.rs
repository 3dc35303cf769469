//! National sync records: dossiers (`DongBoHoSoMC`) and rows of their progress (`CapNhatTienDoHoSoMC`), JSON Lines.
//!
//! ```text
//! line --record, array, or {data: …}--> Item { line, Dossier | Progress } , or a fault that stops nothing
//! ```
//!
//! Forks of the systems that write them differ: fields are missing, integers are texts, a list of one is an object. Codes
//! that differ from one adapter to another are mapped by a [`Dialect`]. What is not understood is kept and told.

mod dialect;
mod fields;
mod record;
mod time;

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Read};

use lienthong_wire::pb::history::v1::ImportHistoryRequest;
use serde_json::value::RawValue;

use crate::decoded::{Source, decoded};

pub use dialect::Dialect;
pub use fields::FieldFault;
pub(crate) use record::LISTS;
pub(crate) use time::print as print_time;

use fields::Fields;

/// The longest line, in bytes; a record that goes into the log is much shorter.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Records of one line at most.
pub const RECORDS_MAX: usize = 1_000;

/// What one record of a file says.
#[derive(Debug)]
pub struct Item {
    /// Its line.
    pub line: u64,
    /// The command that brings it in, but for its header and source.
    pub request: ImportHistoryRequest,
    /// What is odd about it, though it is taken.
    pub notes: Vec<Note>,
    /// Fields that are not understood; they are kept.
    pub unknown: BTreeSet<String>,
}

/// What is odd about a record that is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A status without its time.
    #[error("TrangThaiHoSo {status} without {missing}: reports count only what has a time")]
    NoTime {
        /// The status.
        status: u8,
        /// What is missing.
        missing: &'static str,
    },
    /// A code of its own pattern.
    #[error("MaHoSo is not of the form AGENCY-YYMMDD-NNNN, so no agency is read from it")]
    CodeForm,
    /// A number that belongs to nobody.
    #[error("SoGiayToChuHoSo is a dummy of the source, no number")]
    DummyNumber,
    /// A submitted file is given as the result.
    #[error("a result's file is one that was submitted")]
    ResultIsSubmitted,
    /// Times in another order than they can be.
    #[error("{later} lies before {earlier}")]
    Order {
        /// What comes first.
        earlier: &'static str,
        /// What comes then.
        later: &'static str,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read on.
    #[error("cannot be read")]
    Unreadable(#[source] io::Error),
    /// Longer than any line may be.
    #[error("is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// No JSON, or none of the forms that records come in.
    #[error("is no record, list of records or {{data}} in JSON")]
    NotJson(#[source] serde_json::Error),
    /// Too many at once.
    #[error("has more than {RECORDS_MAX} records")]
    TooMany,
    /// Neither a dossier nor a row of progress.
    #[error("is neither a dossier (MaTTHC, TrangThaiHoSo) nor a row of progress (ThoiDiemXuLy)")]
    Neither,
    /// A field is not what it has to be.
    #[error(transparent)]
    Field(#[from] FieldFault),
}

/// A fault and its line.
#[derive(Debug)]
pub struct SyncFault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl Fault {
    /// Whether there is no reading on behind it.
    #[must_use]
    pub fn ends_reading(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

/// The records of a file, one after another.
pub struct Sync {
    from: Source,
    dialect: Dialect,
    line: u64,
    /// Records of the line that was read last, the first at the end.
    waiting: Vec<Box<RawValue>>,
    ended: bool,
}

impl Sync {
    /// Reads JSON Lines, gzipped or not.
    ///
    /// # Errors
    /// The first bytes cannot be read.
    pub fn read(from: impl Read + Send + 'static, dialect: Dialect) -> io::Result<Self> {
        Ok(Self { from: decoded(from)?, dialect, line: 0, waiting: Vec::new(), ended: false })
    }

    /// The next line that says anything.
    fn read_line(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            let mut bytes = Vec::new();
            let limit = LINE_BYTES_MAX as u64 + 1;
            let read = self.from.by_ref().take(limit).read_until(b'\n', &mut bytes);
            if read.map_err(Fault::Unreadable)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if bytes.len() > LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
                self.from.skip_until(b'\n').map_err(Fault::Unreadable)?;
                return Err(Fault::TooLong);
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(bytes));
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Item>, Fault> {
        while self.waiting.is_empty() {
            let Some(bytes) = self.read_line()? else { return Ok(None) };
            self.waiting = records(&bytes)?;
            self.waiting.reverse();
        }
        let Some(record) = self.waiting.pop() else { return Ok(None) };
        let mut fields = Fields::parse(&record).map_err(Fault::NotJson)?;
        let is_progress = fields.has("ThoiDiemXuLy");
        let (request, notes) = if is_progress {
            record::progress(&mut fields)?
        } else if fields.has("TrangThaiHoSo") || fields.has("MaTTHC") {
            record::dossier(&mut fields, self.dialect)?
        } else {
            return Err(Fault::Neither);
        };
        Ok(Some(Item { line: self.line, request, notes, unknown: fields.into_unknown() }))
    }
}

/// The records of a line: one, a list of them, or the body of a call that has them as `data`.
fn records(line: &[u8]) -> Result<Vec<Box<RawValue>>, Fault> {
    let body: Box<RawValue> = serde_json::from_slice(line).map_err(Fault::NotJson)?;
    let data = fields::member(&body, "data").map_err(Fault::NotJson)?.unwrap_or(body);
    let records = fields::list(&data).map_err(Fault::NotJson)?;
    if records.len() > RECORDS_MAX { Err(Fault::TooMany) } else { Ok(records) }
}

impl Iterator for Sync {
    type Item = Result<Item, SyncFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.next_record() {
            Ok(item) => item.map(Ok),
            Err(fault) => {
                self.ended = fault.ends_reading();
                Some(Err(SyncFault { line: self.line, fault }))
            }
        }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
