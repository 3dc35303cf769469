//! What became of a file: counts, and what is wrong or odd, line by line.
//!
//! Memory is bounded however bad a file is: the first faults and notes are kept for the end, each later one is told as it
//! comes, and counted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Read;
use super::send::Sent;
use crate::commands::dossier::words::TRAINING;
use crate::natural::natural;
use crate::{Format, Output};

/// Faults, notes, and names of unknown fields that are kept, of each.
const KEPT_MAX: usize = 1_000;

/// What became of a file. In JSON.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Records that were decided on, sound or not; `imported + repeated + refused`.
    pub(super) read: u64,
    pub(super) imported: u64,
    /// Those that stood in the log already, with the same content.
    pub(super) repeated: u64,
    pub(super) refused: u64,
    /// Activities of all records that stand in the log now.
    activities: u64,
    /// The log is a training log.
    pub(super) training: bool,
    /// One for each record refused, and one where the file cannot be read to its end; the first [`KEPT_MAX`].
    faults: Vec<LineFault>,
    /// Faults that were told on stderr alone.
    #[serde(skip_serializing_if = "is_none")]
    faults_left_out: u64,
    /// What is odd about records that were taken; the first [`KEPT_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<LineNote>,
    /// Notes that were told on stderr alone.
    #[serde(skip_serializing_if = "is_none")]
    notes_left_out: u64,
    /// Fields that are not understood and are kept, with how many records have them; the first [`KEPT_MAX`] names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unknown_fields: BTreeMap<String, u64>,
    /// How often another name was told on stderr alone.
    #[serde(skip_serializing_if = "is_none")]
    unknown_fields_left_out: u64,
    /// Agencies that the registry does not know, under the code and name given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_agencies: Vec<Unknown>,
    /// Procedures that the registry does not know, under the code and name given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_procedures: Vec<Unknown>,
}

#[derive(Debug, Serialize)]
struct LineFault {
    line: u64,
    fault: String,
}

#[derive(Debug, Serialize)]
struct LineNote {
    line: u64,
    note: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Unknown {
    pub(super) code: String,
    pub(super) name: String,
}

impl Report {
    /// Counts one record. What is not kept any more is told to `late`.
    pub(super) fn count(&mut self, read: Read, activities: u64, outcome: Sent, mut late: impl FnMut(&str)) {
        let line = read.line;
        // What ends the reading is no record.
        self.read += u64::from(!read.ends);
        match outcome {
            Sent::Taken { repeated, training } => {
                self.imported += u64::from(!repeated);
                self.repeated += u64::from(repeated);
                self.activities += activities;
                self.training |= training;
                for note in read.notes {
                    if self.notes.len() < KEPT_MAX {
                        self.notes.push(LineNote { line, note });
                    } else {
                        self.notes_left_out += 1;
                        late(&format!("line {line}: note: {note}"));
                    }
                }
                for field in read.unknown {
                    if self.unknown_fields.len() < KEPT_MAX || self.unknown_fields.contains_key(&field) {
                        *self.unknown_fields.entry(field).or_default() += 1;
                    } else {
                        self.unknown_fields_left_out += 1;
                        late(&format!("line {line}: unknown field, kept: {field}"));
                    }
                }
            }
            Sent::Refused(fault) if self.faults.len() < KEPT_MAX => {
                self.faults.push(LineFault { line, fault });
            }
            Sent::Refused(fault) => {
                self.faults_left_out += 1;
                late(&format!("line {line}: not taken: {fault}"));
            }
            Sent::Halted(_) => {}
        }
        self.refused = self.read - self.imported - self.repeated;
    }

    /// How many faults there are, kept or not.
    pub(super) fn faults(&self) -> u64 {
        self.faults_left_out.saturating_add(self.faults.len() as u64)
    }

    /// Puts what was kept in the order of lines, since records are decided on in any order.
    pub(super) fn sort(&mut self) {
        self.faults.sort_by_key(|fault| fault.line);
        self.notes.sort_by_key(|note| note.line);
    }

    /// As JSON, or line by line.
    pub(super) fn tell(&self, output: &mut Output<'_>) {
        if output.format() == Format::Json {
            output.json(self);
            return;
        }
        if self.training {
            output.text(TRAINING);
        }
        for LineFault { line, fault } in &self.faults {
            output.text(&format!("dòng {line}: không nhận: {fault}"));
        }
        for LineNote { line, note } in &self.notes {
            output.text(&format!("dòng {line}: lưu ý: {note}"));
        }
        for (field, records) in &self.unknown_fields {
            output.text(&format!("trường lạ, giữ nguyên: {field} ({records} bản ghi)"));
        }
        for (what, left_out) in [
            ("lỗi", self.faults_left_out),
            ("lưu ý", self.notes_left_out),
            ("trường lạ", self.unknown_fields_left_out),
        ] {
            if left_out > 0 {
                output.text(&format!("còn {left_out} {what} nữa, đã ghi ra stderr"));
            }
        }
        let unknown = [("cơ quan", &self.unknown_agencies), ("thủ tục", &self.unknown_procedures)];
        for (what, unknown) in unknown {
            let mut unknown: Vec<_> = unknown.iter().collect();
            unknown.sort_by(|one, other| natural(&one.code, &other.code));
            for Unknown { code, name } in unknown {
                output.text(&format!("{what} không có trong danh bạ: {code} {name}"));
            }
        }
        let Self { read, imported, repeated, refused, activities, .. } = self;
        output.text(&format!(
            "Đã đọc {read} bản ghi: nhập mới {imported}, đã có sẵn {repeated}, không nhận {refused}; {activities} hoạt động"
        ));
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn notes_and_names_beyond_what_is_kept_are_told_at_once_and_counted() {
        let (mut report, mut late) = (Report::default(), Vec::new());
        for line in 1..=1_002 {
            let read = Read {
                line,
                notes: vec!["odd".to_owned()],
                unknown: BTreeSet::from([format!("field {line}"), "field 1".to_owned()]),
                ends: false,
                request: Err(String::new()),
            };
            let taken = Sent::Taken { repeated: false, training: true };
            report.count(read, 0, taken, |told| late.push(told.to_owned()));
        }
        assert_eq!(
            late,
            [
                "line 1001: note: odd",
                "line 1001: unknown field, kept: field 1001",
                "line 1002: note: odd",
                "line 1002: unknown field, kept: field 1002",
            ]
        );
        assert_eq!((report.notes.len(), report.notes_left_out), (KEPT_MAX, 2));
        assert_eq!((report.unknown_fields.len(), report.unknown_fields_left_out), (KEPT_MAX, 2));
        // A name that is known goes on being counted.
        assert_eq!(report.unknown_fields["field 1"], 1_002);
    }
}
