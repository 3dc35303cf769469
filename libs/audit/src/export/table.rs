//! JSON Lines and CSV: a row to a line.

use std::io;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Form;
use super::cell::{Cell, Column, Row};
use crate::error::AuditError;

/// An object on each line.
#[derive(Default)]
pub(super) struct JsonLines(Vec<u8>);

/// Values with commas between them.
#[derive(Default)]
pub(super) struct Csv(Vec<u8>);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (column, cell) in self.cells() {
            map.serialize_entry(column.name(), cell)?;
        }
        map.end()
    }
}

impl Form for JsonLines {
    fn row(&mut self, row: &Row) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, row)?;
        self.0.push(b'\n');
        Ok(())
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.0)
    }
}

impl Form for Csv {
    fn row(&mut self, row: &Row) -> io::Result<()> {
        let cells = Column::ALL.iter().map(|column| row.get(*column).map(Cell::text).unwrap_or_default());
        write(&mut self.0, cells)
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.0)
    }
}

/// The names of the columns.
pub(super) fn header() -> Result<Vec<u8>, AuditError> {
    let mut header = Vec::new();
    let names = Column::ALL.iter().map(|column| column.name());
    write(&mut header, names).map_err(AuditError::Write)?;
    Ok(header)
}

fn write(to: &mut Vec<u8>, cells: impl Iterator<Item = impl AsRef<[u8]>>) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(cells)?;
    writer.flush()
}
