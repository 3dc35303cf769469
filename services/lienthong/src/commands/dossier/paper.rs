//! Forms on their way out: as JSON, as PDF, or as a few lines.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use lienthong_forms::{Applicant, Case, Form, FormError, Header, lines, pdf};
use lienthong_wire::pb::personal::v1::{self as personal, PersonalDetails};
use lienthong_wire::pb::personal_reading::v1::PersonalEvent;
use lienthong_wire::pb::reading::v1::Dossier;

use super::words::TRAINING;
use crate::exit::Failure;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(in crate::commands) struct Printing {
    /// Print it into this file; printing it twice gives the same bytes
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
}

impl Printing {
    pub(in crate::commands) fn print<F: Form>(
        &self,
        form: &F,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        if let Some(file) = &self.pdf {
            write(file, form, output)?;
        }
        match output.format() {
            Format::Json => output.json(form),
            Format::Text if self.pdf.is_none() => tell(form, output),
            Format::Text => {}
        }
        Ok(())
    }
}

/// Prints a form into a file.
pub(in crate::commands) fn write<F: Form>(
    file: &Path,
    form: &F,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let bytes = pdf(form).map_err(|error| unprintable(&error))?;
    fs::write(file, bytes).map_err(|error| Failure::unwritable(file, &error))?;
    output.note(&format!("printed into {}", file.display()));
    Ok(())
}

/// A form's fields, one to a line.
fn tell<F: Form>(form: &F, output: &mut Output<'_>) {
    output.text(F::KIND.title());
    if serde_json::to_value(form).is_ok_and(|form| form["header"]["training"] == true) {
        output.text(TRAINING);
    }
    lines(form).iter().for_each(|line| output.text(&format!("  {line}")));
}

fn unprintable(error: &FormError) -> Failure {
    Failure::refused(error, "put right what the form is made of, then print it again")
}

/// What stands over a form of an agency.
pub(in crate::commands) fn header(agency: &str, training: bool, date: Option<Date>) -> Header {
    Header { agency: agency.to_owned(), training, date, ..Header::default() }
}

/// Whose dossier it is and what it asks for.
pub(super) fn case(dossier: &Dossier, applicant: personal::Applicant) -> Case {
    let personal::Applicant { name, id_number, address, phone, email, .. } = applicant;
    Case {
        dossier: dossier.code.clone(),
        applicant: Applicant {
            name,
            address: told(address),
            phone: told(phone),
            email: told(email),
            id_number: told(id_number),
        },
        request: dossier.procedure.as_ref().map(|procedure| procedure.name.clone()).unwrap_or_default(),
    }
}

/// The applicant as told last when the record at that offset was written.
pub(in crate::commands) fn applicant(events: &[PersonalEvent], record: u64) -> personal::Applicant {
    let before = events.iter().rev().filter(|event| offset(event) <= record);
    before.filter_map(|event| event.details.as_ref()?.applicant.clone()).next().unwrap_or_default()
}

/// What the record at that offset told about persons and plots.
pub(super) fn details(events: &[PersonalEvent], record: u64) -> PersonalDetails {
    let event = events.iter().find(|event| offset(event) == record);
    event.and_then(|event| event.details.clone()).unwrap_or_default()
}

/// The record of an event; all records of a dossier lie in one partition.
fn offset(event: &PersonalEvent) -> u64 {
    event.position.as_ref().map(|position| position.offset).unwrap_or_default()
}

/// A text, where there is one.
pub(in crate::commands) fn told(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}
