//! `dossier read`: the personal data of dossiers, once the reading is in the log.

use clap::Args;
use lienthong_dossier::FieldClass;
use lienthong_wire::Coded as _;
use lienthong_wire::pb::personal::v1 as personal;
use lienthong_wire::pb::personal_reading::v1 as pb;
use lienthong_wire::pb::reading::v1::TimelineEntry;

use super::names::named;
use super::officer::Officer;
use super::timeline;
use super::words::{TRAINING, moment};
use crate::connection::{Connection, Reach, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Columns that the names of fields take.
const LABEL_COLUMNS: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct Read {
    /// The dossier codes (mã hồ sơ)
    #[arg(required = true, value_name = "CODE")]
    codes: Vec<String>,
    /// Classes of fields to show: persons, property, text [default: all]
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class)]
    class: Vec<FieldClass>,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Read {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request = pb::ReadPersonalRequest {
            reader: Some(self.officer.reader()),
            codes: self.codes.clone(),
            classes: self.class.iter().map(|class| class.number()).collect(),
            at_least: Vec::new(),
        };
        let mut service = connection.personal(&self.officer.agency).await?;
        let answer = service.read_personal(call(request)).await;
        let shown = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            let name = "lienthong.personal_reading.v1.ReadPersonalResponse";
            output.json(&super::mapped_of(name, &shown)?);
            return Ok(());
        }
        if shown.training {
            output.text(TRAINING);
        }
        for dossier in &shown.dossiers {
            output.text(&format!("Hồ sơ {}", dossier.code));
            // What happened there, in words.
            let timeline = timeline::get(&dossier.code, connection).await?;
            dossier.events.iter().for_each(|event| tell(event, &timeline.entries, output));
        }
        output.text(&recorded(shown.receipt.as_ref()));
        Ok(())
    }
}

/// Where the reading stands in the log.
pub(super) fn recorded(receipt: Option<&pb::ReadReceipt>) -> String {
    let (offset, at) = receipt.map(|receipt| (receipt.offset, receipt.at)).unwrap_or_default();
    format!("Lượt đọc đã được ghi nhận lúc {}, số {offset}", moment(at.as_ref()))
}

fn tell(event: &pb::PersonalEvent, entries: &[TimelineEntry], output: &mut Output<'_>) {
    let offset = event.position.as_ref().map(|position| position.offset);
    let entry = entries.iter().find(|entry| Some(entry.offset) == offset);
    let fact = entry.and_then(|entry| entry.facts.iter().find(|fact| fact.name == event.event));
    let what = fact.map_or(event.event.as_str(), |fact| fact.text.as_str());
    let agency = named(entry.map_or("", |entry| entry.agency_name.as_str()), &event.agency);
    output.text(&format!("{}  {agency}: {what}", moment(event.at.as_ref())));
    for (label, value) in event.details.iter().flat_map(fields).filter(|(_, value)| !value.is_empty()) {
        let pad = " ".repeat(LABEL_COLUMNS.saturating_sub(label.chars().count()));
        output.text(&format!("   {label}{pad} {value}"));
    }
}

fn fields(details: &personal::PersonalDetails) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut put = |label: &str, value: String| fields.push((label.to_owned(), value));
    if let Some(applicant) = &details.applicant {
        put("Người nộp", person(applicant));
    }
    for party in &details.parties {
        put(&format!("Bên {}", party.ordinal), party.person.as_ref().map(person).unwrap_or_default());
    }
    if let Some(recipient) = &details.recipient {
        put("Người nhận", person(recipient));
    }
    for plot in &details.plots {
        put("Thửa đất", plot_of(plot));
    }
    for building in &details.buildings {
        put("Công trình", building.kind.clone());
    }
    if let Some(transfer) = &details.transfer {
        put("Hợp đồng", joined([&transfer.contract, &transfer.contract_date, &transfer.notary]));
        put("Miễn, giảm", transfer.exemption_claim.clone());
    }
    put("Nội dung", details.text.clone());
    for particular in &details.particulars {
        put(&particular.name, particular.value.clone());
    }
    fields
}

fn person(person: &personal::Applicant) -> String {
    let personal::Applicant { name, id_number, address, phone, email, birth_date, tax_code } = person;
    joined([name, id_number, tax_code, birth_date, address, phone, email])
}

fn plot_of(plot: &personal::Plot) -> String {
    let parcel = match (plot.parcel.as_str(), plot.map_sheet.as_str()) {
        ("", "") => String::new(),
        (parcel, sheet) => format!("thửa {parcel}, tờ {sheet}"),
    };
    joined([&parcel, &plot.address, &plot.purpose, &plot.certificate])
}

/// What is there of these, one behind the other.
fn joined<const N: usize>(texts: [&String; N]) -> String {
    let there: Vec<&str> = texts.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    there.join(", ")
}

fn class(text: &str) -> Result<FieldClass, String> {
    let known = FieldClass::ALL.iter().copied().find(|class| class.as_str() == text);
    known.ok_or_else(|| "not one of persons, property, text".to_owned())
}
