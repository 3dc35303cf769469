//! II.06: how an agency's dossiers stand.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Form, FormError, Header, Kind, form::sealed::Printed, number, percent};

/// What was counted for one row; columns 3, 7 and 11 are sums of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Column 4: received online in the window.
    pub online: u64,
    /// Column 5: received directly or by post in the window.
    pub direct: u64,
    /// Column 6: carried over from the window before.
    pub carried: u64,
    /// Column 8: solved before the day due.
    pub solved_early: u64,
    /// Column 9: solved on the day due.
    pub solved_on_time: u64,
    /// Column 10: solved late.
    pub solved_late: u64,
    /// Column 12: pending, in time.
    pub pending_in_time: u64,
    /// Column 13: pending, late.
    pub pending_late: u64,
}

/// One field of work (lĩnh vực).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What was counted.
    pub counts: Counts,
}

/// Rows of agencies of one level; its sum stands over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// `Sở, ban, ngành`.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Biểu số II.06/VPCP/KSTT (TT 01/2020/TT-VPCP): tình hình, kết quả giải quyết thủ tục hành chính.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What stands over it.
    pub header: Header,
    /// The first day of the window.
    pub from: Option<Date>,
    /// The last day of the window.
    pub to: Option<Date>,
    /// The window is not safely over yet.
    pub provisional: bool,
    /// The position of the log that it was made at: `0:17,5:2`.
    pub position: Option<String>,
    /// The day at whose end what is pending is late or not.
    pub as_of: Option<Date>,
    /// The groups of rows.
    pub groups: Vec<Group>,
    /// Who made it.
    pub author: Option<String>,
    /// The signing person's office.
    pub signer_title: Option<String>,
    /// Who signs.
    pub signer: Option<String>,
}

/// Columns 3 to 13.
const COLUMNS: usize = 11;

/// Where columns 3, 7, 8, 9 and 11 stand in a row.
const RECEIVED: usize = 0;
const SOLVED: usize = 4;
const EARLY: usize = 5;
const ON_TIME: usize = 6;
const PENDING: usize = 8;

type Columns = [u64; COLUMNS];

impl Counts {
    /// Columns 3 to 13, where each sum can be held.
    fn columns(&self) -> Option<Columns> {
        let sum = |parts: [u64; 3]| parts.into_iter().try_fold(0_u64, u64::checked_add);
        Some([
            sum([self.online, self.direct, self.carried])?,
            self.online,
            self.direct,
            self.carried,
            sum([self.solved_early, self.solved_on_time, self.solved_late])?,
            self.solved_early,
            self.solved_on_time,
            self.solved_late,
            sum([self.pending_in_time, self.pending_late, 0])?,
            self.pending_in_time,
            self.pending_late,
        ])
    }
}

impl Row {
    /// Columns 3 to 13 of a row that balances: c3 = c7 + c11.
    fn columns(&self) -> Result<Columns, FormError> {
        let columns = self.counts.columns().ok_or(FormError::TooLarge { field: "counts" })?;
        let (received, solved, pending) = (columns[RECEIVED], columns[SOLVED], columns[PENDING]);
        if solved.checked_add(pending) == Some(received) {
            return Ok(columns);
        }
        Err(FormError::Unbalanced { row: self.name.clone(), received, solved, pending })
    }
}

fn add(total: &mut Columns, columns: &Columns) -> Result<(), FormError> {
    for (total, column) in total.iter_mut().zip(columns) {
        *total = total.checked_add(*column).ok_or(FormError::TooLarge { field: "counts" })?;
    }
    Ok(())
}

fn cells(columns: &Columns) -> Vec<String> {
    columns.iter().copied().map(number).collect()
}

impl Form for Report {
    const KIND: Kind = Kind::Report;
}

impl Printed for Report {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len() + 1).sum()
    }

    fn derive(&self) -> Result<Value, FormError> {
        let mut total = [0; COLUMNS];
        let mut groups = Vec::new();
        for group in &self.groups {
            let mut sum = [0; COLUMNS];
            let mut rows = Vec::new();
            for row in &group.rows {
                let columns = row.columns()?;
                add(&mut sum, &columns)?;
                rows.push(json!({ "name": row.name, "cells": cells(&columns) }));
            }
            add(&mut total, &sum)?;
            groups.push(json!({ "name": group.name, "cells": cells(&sum), "rows": rows }));
        }
        // Parts of a sum that was held.
        let in_time = total[EARLY] + total[ON_TIME];
        Ok(json!({
            "groups": groups,
            "total": cells(&total),
            "in_time": percent(in_time, total[SOLVED]),
            "late": percent(total[SOLVED] - in_time, total[SOLVED]),
        }))
    }
}
