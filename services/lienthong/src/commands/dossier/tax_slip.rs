//! `dossier tax-slip`: phiếu chuyển thông tin, by which the land registry asks the tax office what is owed. It is about
//! persons and plots, so that printing it is a reading.

use clap::Args;
use lienthong_calendar::{Instant, vietnamese_date};
use lienthong_dossier::Subject;
use lienthong_forms::{
    Attachment, Building, Contract, Land, LandUser, Relief, TaxInformation, number, percent,
};
use lienthong_tax::Dong;
use lienthong_wire::pb::personal::v1::{self as personal, PartyRole, PersonalDetails};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, instant};

use super::officer::Officer;
use super::paper::{Printing, details, header, told};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

/// Shares of ownership are told in ten-thousandths.
const WHOLE: u64 = 10_000;
/// Areas are told in hundredths of a square metre.
const PER_M2: u64 = 100;

#[derive(Debug, Args)]
pub(crate) struct TaxSlip {
    /// The dossier code (mã hồ sơ)
    code: String,
    /// Ordinal of the slip among the dossier's referrals, as `dossier show` tells it [default: the newest slip]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    slip: Option<u32>,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl TaxSlip {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = show::get(&self.code, connection).await?;
        let entries = timeline::get(&self.code, connection).await?.entries;
        let asked = |fact: &pb::Fact| self.slip.is_none_or(|slip| slip == fact.referral);
        let slip = sent(&entries).rfind(|(_, fact)| asked(fact)).ok_or_else(|| {
            let numbers: Vec<_> = sent(&entries).map(|(_, fact)| fact.referral.to_string()).collect();
            match (self.slip, numbers.is_empty()) {
                (Some(slip), false) => Failure::refused(
                    format!("{} has no slip {slip}", self.code),
                    format!("its slips are {}", numbers.join(", ")),
                ),
                (None, _) | (Some(_), true) => Failure::refused(
                    format!("no tax information slip of {} was sent", self.code),
                    "the land registry sends one by SendTaxInformation; `lienthong dossier timeline` tells what happened",
                ),
            }
        })?;
        let events = self.officer.read(&self.code, connection).await?;
        let details = details(&events, slip.0.offset);
        self.printing.print(&information(&dossier, &entries, slip, &details), output)
    }
}

/// Every slip to the tax office with the record it was sent by, oldest first.
pub(super) fn sent(
    entries: &[pb::TimelineEntry],
) -> impl DoubleEndedIterator<Item = (&pb::TimelineEntry, &pb::Fact)> {
    let facts = entries.iter().flat_map(|entry| entry.facts.iter().map(move |fact| (entry, fact)));
    facts.filter(|(_, fact)| fact.name == "ReferralSent" && fact.subject == Subject::TaxInformation.number())
}

fn information(
    dossier: &pb::Dossier,
    entries: &[pb::TimelineEntry],
    (entry, fact): (&pb::TimelineEntry, &pb::Fact),
    details: &PersonalDetails,
) -> TaxInformation {
    let at = entry.at.as_ref().and_then(instant);
    let header = header(&entry.agency_name, dossier.training, at.map(Instant::date));
    let taken = entries.iter().find(|entry| {
        let taken = |it: &pb::Fact| it.name == "ReferralAccepted" && it.referral == fact.referral;
        entry.facts.iter().any(taken)
    });
    let officer = |entry: &pb::TimelineEntry| entry.actor.as_ref().and_then(|actor| told(&*actor.name));
    let is_giver = |party: &&personal::Party| party.role() == PartyRole::Transferor;
    TaxInformation {
        header: lienthong_forms::Header { number: told(&*fact.number), ..header },
        form: None,
        to: fact.agency_name.clone(),
        dossier: dossier.code.clone(),
        complete_on: complete(entries, entry).map(Instant::date),
        procedure: dossier.procedure.as_ref().map(|procedure| procedure.name.clone()),
        legal_ground: None,
        users: details.parties.iter().filter(|party| !is_giver(party)).map(user).collect(),
        land: details.plots.iter().map(land).collect(),
        buildings: details.buildings.iter().map(building).collect(),
        contract: details.transfer.as_ref().map(|transfer| Contract {
            number: told(&*transfer.contract),
            date: transfer.contract_date.parse().ok(),
            certified_by: told(&*transfer.notary),
            transferor: told(names(details.parties.iter().filter(is_giver))),
            price: Some(transfer.contract_value_dong).filter(|price| *price > 0).map(Dong::new),
        }),
        relief: relief(details),
        attachments: attachments(entries, entry),
        receiver: taken.and_then(officer),
        signer_title: entry.actor.as_ref().and_then(|actor| told(&*actor.role)),
        signer: officer(entry),
    }
}

/// What was handed in before the slip, oldest first: at the reception, and as supplements.
fn handed_in<'a>(
    entries: &'a [pb::TimelineEntry],
    slip: &pb::TimelineEntry,
) -> impl DoubleEndedIterator<Item = (&'a pb::TimelineEntry, &'a pb::Fact)> {
    let before = slip.offset;
    let facts = entries.iter().flat_map(|entry| entry.facts.iter().map(move |fact| (entry, fact)));
    facts.filter(move |(entry, fact)| {
        entry.offset < before && matches!(&*fact.name, "DossierAccepted" | "SupplementReceived")
    })
}

/// When everything was handed in that the slip rests on.
fn complete(entries: &[pb::TimelineEntry], slip: &pb::TimelineEntry) -> Option<Instant> {
    handed_in(entries, slip).next_back().and_then(|(entry, _)| entry.at.as_ref().and_then(instant))
}

/// The papers that the tax office decides on, with their files where there are any.
fn attachments(entries: &[pb::TimelineEntry], slip: &pb::TimelineEntry) -> Vec<Attachment> {
    let papers = handed_in(entries, slip).flat_map(|(_, fact)| &fact.papers);
    papers.map(|paper| Attachment { name: paper.name.clone(), sha256: told(&*paper.sha256) }).collect()
}

fn user(party: &personal::Party) -> LandUser {
    let person = party.person.clone().unwrap_or_default();
    LandUser {
        name: person.name,
        address: told(person.address),
        tax_id: told(person.tax_code).or_else(|| told(&*person.id_number)),
        born: person.birth_date.parse().ok(),
        phone: told(person.phone),
        email: told(person.email),
        papers: told(person.id_number),
        share: Some(party.share_per_10000)
            .filter(|share| *share > 0)
            .and_then(|share| percent(share.into(), WHOLE)),
    }
}

fn land(plot: &personal::Plot) -> Land {
    let (area, common) = (plot.area_m2_hundredths, plot.common_area_m2_hundredths);
    Land {
        plot: told(&*plot.parcel),
        sheet: told(&*plot.map_sheet),
        address: told(&*plot.address),
        street: told(&*plot.location),
        position: Some(plot.position).filter(|it| *it > 0).map(|position| format!("Vị trí {position}")),
        area: square_metres(area),
        area_private: square_metres(area.saturating_sub(common)).filter(|_| common > 0),
        area_shared: square_metres(common),
        area_within_limit: None,
        area_above_limit: None,
        origin: told(&*plot.origin),
        purpose: told(&*plot.purpose),
        term: told(&*plot.term),
        used_since: None,
        form_of_use: None,
        table_price: Some(plot.table_value_dong)
            .filter(|value| *value > 0)
            .map(|value| format!("{} đ cho cả thửa", number(value))),
        certificate: told(certificate(plot)),
    }
}

fn certificate(plot: &personal::Plot) -> String {
    match plot.certificate_date.parse() {
        Ok(day) => format!("{} cấp ngày {}", plot.certificate, vietnamese_date(day)),
        Err(_) => plot.certificate.clone(),
    }
}

fn building(building: &personal::Building) -> Building {
    let counted = |count: u32| Some(count).filter(|count| *count > 0).map(|count| count.to_string());
    Building {
        kind: building.kind.clone(),
        grade: None,
        built_area: square_metres(building.built_area_m2_hundredths),
        floor_area: square_metres(building.floor_area_m2_hundredths),
        floors: counted(building.storeys),
        completed: counted(building.year),
        structure: None,
        term: None,
    }
}

/// What is claimed: by the contract, or as relatives.
fn relief(details: &PersonalDetails) -> Option<Relief> {
    let claims = details.transfer.iter().map(|transfer| transfer.exemption_claim.as_str());
    let relations = details.parties.iter().map(|party| party.relation.as_str());
    let subject = told(joined(claims.chain(relations)))?;
    Some(Relief { subject: Some(subject), legal_ground: None, papers: None })
}

/// `100,5 m²`; nothing where there is none.
pub(super) fn square_metres(hundredths: u64) -> Option<String> {
    let (whole, part) = (number(hundredths / PER_M2), hundredths % PER_M2);
    let decimals = format!("{part:02}");
    match (hundredths, decimals.trim_end_matches('0')) {
        (0, _) => None,
        (_, "") => Some(format!("{whole} m²")),
        (_, decimals) => Some(format!("{whole},{decimals} m²")),
    }
}

fn names<'a>(parties: impl Iterator<Item = &'a personal::Party>) -> String {
    joined(parties.filter_map(|party| party.person.as_ref()).map(|person| person.name.as_str()))
}

/// Texts one behind the other, each once.
pub(super) fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut each: Vec<&str> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !each.contains(&text) {
            each.push(text);
        }
    }
    each.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_printed_with_the_decimals_that_they_have() {
        for (hundredths, printed) in [
            (0, None),
            (1, Some("0,01 m²")),
            (10_050, Some("100,5 m²")),
            (10_000, Some("100 m²")),
            (123_456_789, Some("1.234.567,89 m²")),
        ] {
            assert_eq!(square_metres(hundredths).as_deref(), printed);
        }
    }
}
