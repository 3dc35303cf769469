//! What happened, row by row, for other tools: JSON Lines, CSV, and XES (IEEE 1849) for process mining.
//!
//! The same log at the same position gives the same bytes on every machine. Rows are admitted events alone, an activity of
//! imported history being one each. JSON Lines and CSV tell them in the order of partition and offset; XES, which has a
//! trace for each dossier, in the order of partition and code, and within a dossier as they happened.
//!
//! Never in it: personal data, which is enveloped, and officers' names (rules 1.8). Every row of a training log says so.

mod cell;
mod facts;
mod table;
mod xes;

use lienthong_admission::Verdict;
use lienthong_log::Stored;

use crate::error::AuditError;
use crate::lane::Lane;
use crate::position::At;
use crate::run::{Audit, Pass};
use crate::trust::Trust;

use facts::rows;
use table::{Csv, JsonLines};
use xes::Traces;

/// In what form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object on each line; what there is none of is left out.
    JsonLines,
    /// A header and a line for each row, in UTF-8.
    Csv,
    /// A log for process-mining tools.
    Xes,
}

/// Writes an export, piece by piece, to `write`.
///
/// # Errors
/// The log cannot be read or has not come to the position, the watcher stops it, or `write` fails.
pub async fn export(
    audit: &Audit,
    at: &At,
    format: Format,
    mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), AuditError> {
    // Before a head is written.
    audit.check(at).await?;
    let partitions = 0..audit.trust.partitions();
    let mut give = |bytes: Vec<u8>| write(&bytes).map_err(AuditError::Write);
    match format {
        Format::JsonLines => audit.each(at, partitions, Telling::<JsonLines>::new, give).await,
        Format::Csv => {
            give(table::header()?)?;
            audit.each(at, partitions, Telling::<Csv>::new, give).await
        }
        Format::Xes => {
            give(xes::head(&audit.trust)?)?;
            audit.each(at, partitions, Telling::<Traces>::new, &mut give).await?;
            give(xes::TAIL.to_vec())
        }
    }
}

/// A form in which rows are written.
trait Form: Default + Send + 'static {
    /// One more row.
    fn row(&mut self, row: &cell::Row) -> std::io::Result<()>;

    /// All of a partition.
    fn finish(self) -> std::io::Result<Vec<u8>>;
}

/// Tells one partition.
struct Telling<F> {
    lane: Lane,
    form: F,
}

impl<F: Form> Telling<F> {
    fn new(trust: &Trust, partition: u16) -> Self {
        Self { lane: Lane::new(trust, partition), form: F::default() }
    }
}

impl<F: Form> Pass for Telling<F> {
    type Outcome = Vec<u8>;

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        let applied = self.lane.take(trust, stored)?;
        let Verdict::Admitted(offered) = applied.verdict else { return Ok(()) };
        let state = self.lane.state(offered.code())?;
        let told = facts::Told { trust, partition: self.lane.partition(), stored, act: &offered.body.act };
        for row in rows(&told, state.as_ref().map(|state| &state.dossier)) {
            self.form.row(&row).map_err(AuditError::Write)?;
        }
        Ok(())
    }

    fn finish(self, _: &Trust) -> Result<Vec<u8>, AuditError> {
        self.form.finish().map_err(AuditError::Write)
    }
}
