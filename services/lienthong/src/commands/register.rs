//! `register`: Mẫu 07, the register of what a desk received.
//!
//! ```text
//! dossiers of a desk --timeline, cut at a position--> rows of the window --in the order of reception--.
//!                    --ReadPersonal, one record for a page-------------------------------------------+--> Register
//! ```
//!
//! A projection and nothing else: of the same log at the same position it is the same bytes, until personal data is erased.
//! How many dossiers it has is known before any personal data is read.

use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use lienthong_audit::Position;
use lienthong_dossier::{Delivery, Status};
use lienthong_forms::{Entry, ROWS_MAX, Register as Form};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, instant};

use super::at::{At, positions};
use super::day;
use super::dossier::officer::Officer;
use super::dossier::paper::{Printing, applicant, header, told};
use super::dossier::timeline;
use crate::Output;
use crate::connection::{Connection, Empty, Reach, call};
use crate::exit::Failure;

/// Dossiers listed at once; what a service gives at most.
const PAGE: u32 = 1_000;
/// Dossiers of one reading of personal data, which one record names; what a service reads at once.
const READ_MAX: usize = 100;
/// Timelines asked for at once.
const IN_FLIGHT_MAX: usize = 16;

/// Stands for an applicant whose personal data is no more.
const ERASED: &str = "(dữ liệu cá nhân đã xóa)";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lienthong register --from 2026-11-01 --to 2026-11-30 --agency H56.2 --officer cb-01 --purpose handling --pdf 11.pdf\n  \
    lienthong register --from 2026-12-01 --to 2026-12-31 --first 1483 --book 06/2026 \\\n      \
        --agency H56.2 --officer cb-01 --purpose handling --pdf 12.pdf      # the book goes on")]
pub(crate) struct Register {
    /// First day of reception
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Date,
    /// Last day of reception
    #[arg(long, value_name = "DATE", value_parser = day)]
    to: Date,
    /// As of this position, PARTITION:OFFSET with commas between them (nothing of partitions that are not named), or end
    #[arg(long, value_name = "POSITION", default_value = "end", value_parser = At::parse)]
    at: At,
    /// Number of the book (quyển số)
    #[arg(long, value_name = "BOOK")]
    book: Option<String>,
    /// Number of the first entry, where a book goes on
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    first: u64,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    reach: Reach,
}

/// A dossier of the register, before its personal data is read.
struct Row {
    /// What the desk is called on the day.
    desk: String,
    /// The record of the reception, within the dossier's partition.
    record: u64,
    erased: bool,
    entry: Entry,
}

pub(crate) fn run(register: &Register, output: &mut Output<'_>) -> Result<(), Failure> {
    if register.to < register.from {
        return Err(Failure::usage(
            format!("the window ends on {}, before it begins on {}", register.to, register.from),
            "name the first day with --from and the last one with --to",
        ));
    }
    super::block_on(async {
        let connection = Connection::open(&register.reach, Empty::Refuse, output).await?;
        let printed = register.run(&connection, output).await;
        connection.close().await;
        printed
    })
}

impl Register {
    async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let position = match self.at.position(connection).await? {
            Some(position) => position.clone(),
            None => connection.position().await?,
        };
        let bar = ProgressBar::no_length();
        let style = ProgressStyle::with_template("{msg}  {human_pos} hồ sơ  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let form = self.form(&position, connection, &bar).await;
        bar.finish_and_clear();
        let form = form?;
        output.note(&format!("{} dossiers as of {position}", form.entries.len()));
        self.printing.print(&form, output)
    }

    async fn form(
        &self,
        position: &Position,
        connection: &Connection,
        bar: &ProgressBar,
    ) -> Result<Form, Failure> {
        let (mut rows, training) = self.rows(position, connection, bar).await?;
        rows.sort_by(|a, b| (a.entry.received, &a.entry.dossier).cmp(&(b.entry.received, &b.entry.dossier)));
        self.read(&mut rows, connection, bar).await?;
        let desk = rows.last().map_or(&self.officer.agency, |row| &row.desk);
        Ok(Form {
            header: header(desk, training, None),
            book: self.book.clone(),
            from: Some(self.from),
            to: Some(self.to),
            first: self.first,
            entries: rows.into_iter().map(|row| row.entry).collect(),
        })
    }

    /// Every dossier that the desk received within the window, and whether the log is a training log.
    async fn rows(
        &self,
        position: &Position,
        connection: &Connection,
        bar: &ProgressBar,
    ) -> Result<(Vec<Row>, bool), Failure> {
        bar.set_message("Đang đọc nhật ký");
        let (mut rows, mut token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListDossiersRequest {
                received_by: self.officer.agency.clone(),
                imported: Some(false),
                received_from: self.from.to_string(),
                received_to: self.to.to_string(),
                page_size: PAGE,
                page_token: token,
                at_least: positions(position),
                ..pb::ListDossiersRequest::default()
            };
            let page = connection.reading().list_dossiers(call(request)).await;
            let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
            token = page.next_page_token;
            let timelines = page.dossiers.iter().map(async |dossier| {
                let told = timeline::get(&dossier.code, connection).await?;
                Ok::<_, Failure>((dossier, told.entries))
            });
            let mut timelines = stream::iter(timelines).buffered(IN_FLIGHT_MAX);
            while let Some((dossier, mut entries)) = timelines.try_next().await? {
                timeline::cut(&mut entries, position);
                rows.extend(row(dossier, &entries));
                check_room(rows.len())?;
                bar.set_position(rows.len() as u64);
            }
            if token.is_empty() {
                return Ok((rows, page.training));
            }
        }
    }

    /// Names applicants. What was erased is gone.
    async fn read(
        &self,
        rows: &mut [Row],
        connection: &Connection,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        bar.set_message("Đang đọc dữ liệu cá nhân");
        bar.set_position(0);
        let mut rows: Vec<_> = rows.iter_mut().filter(|row| !row.erased).collect();
        for page in rows.chunks_mut(READ_MAX) {
            let codes = page.iter().map(|row| row.entry.dossier.clone()).collect();
            let shown = self.officer.read_all(codes, connection).await?;
            // In the order of the request.
            for (row, shown) in page.iter_mut().zip(shown) {
                let person = applicant(&shown.events, row.record);
                row.entry.applicant = person.name;
                let contact = [person.address, person.phone].map(told);
                row.entry.contact = told(contact.into_iter().flatten().collect::<Vec<_>>().join("; "));
            }
            bar.inc(page.len() as u64);
        }
        Ok(())
    }
}

/// Refuses what does not fit into one document.
fn check_room(rows: usize) -> Result<(), Failure> {
    if rows <= ROWS_MAX {
        return Ok(());
    }
    Err(Failure::refused(
        format!("the desk received more than {ROWS_MAX} dossiers, and one document takes no more"),
        "print it in volumes: name a narrower window with --from and --to, and where each goes on with --first",
    ))
}

/// A dossier as its records tell it; none that was only filed, or refused.
fn row(dossier: &pb::Dossier, entries: &[pb::TimelineEntry]) -> Option<Row> {
    let facts = || entries.iter().flat_map(|entry| entry.facts.iter().map(move |fact| (entry, fact)));
    let named = |name: &str| facts().rfind(|(_, fact)| fact.name == name);
    let at = |entry: &pb::TimelineEntry| entry.at.as_ref().and_then(instant);
    let (reception, _) = named("DossierAccepted")?;
    let delivered = named("ResultDelivered");
    // Whoever issued the result led the processing; until then, whoever has it.
    let holds = |fact: &pb::Fact| matches!(&*fact.name, "DossierAccepted" | "CustodyAccepted");
    let competent = named("ResultIssued").or_else(|| facts().rfind(|(_, fact)| holds(fact)));
    let promise = |fact: &pb::Fact| fact.clock.as_ref()?.due.as_ref().and_then(instant);
    let erased = dossier.erased_at.is_some();
    Some(Row {
        desk: reception.agency_name.clone(),
        record: reception.offset,
        erased,
        entry: Entry {
            dossier: dossier.code.clone(),
            procedure: dossier.procedure.as_ref().map(|it| it.name.clone()).unwrap_or_default(),
            sets: None,
            applicant: if erased { ERASED } else { "" }.to_owned(),
            contact: None,
            competent: competent.map(|(entry, _)| entry.agency_name.clone()),
            received: at(reception)?,
            promised: facts().rev().find_map(|(_, fact)| promise(fact)),
            returned: delivered.and_then(|(entry, _)| at(entry)),
            delivery: delivered.and_then(|(_, fact)| {
                Delivery::from_number(fact.delivery).map(|delivery| delivery.vietnamese().to_owned())
            }),
            signed: None,
            note: entries.last().and_then(note),
        },
    })
}

/// How a dossier ended otherwise than by a result.
fn note(last: &pb::TimelineEntry) -> Option<String> {
    match Status::from_number(last.status)? {
        status @ (Status::Withdrawn | Status::Stopped) => Some(status.vietnamese().to_owned()),
        Status::Filed
        | Status::Accepted
        | Status::Refused
        | Status::Processing
        | Status::SupplementRequested
        | Status::PaymentAwaited
        | Status::Issued
        | Status::Delivered => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_one_document_is_printed_in_volumes() {
        assert!(check_room(ROWS_MAX).is_ok());
        let refused = check_room(ROWS_MAX + 1).unwrap_err().to_string();
        assert!(refused.contains("more than 20000 dossiers") && refused.contains("--first"), "{refused}");
    }
}
