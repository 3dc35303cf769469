//! `dossier tax-notice`: thông báo nộp tiền, each amount in words too. It names taxpayers, so that printing it is a reading.
//!
//! A notice is never edited: what was adjusted is another notice, which says what it replaces.

use std::collections::BTreeSet;

use clap::Args;
use lienthong_calendar::Instant;
use lienthong_forms::{Adjustment, Budget, Header, NoticeLine, Property, TaxNotice as Form, Taxpayer};
use lienthong_tax::Dong;
use lienthong_wire::instant;
use lienthong_wire::pb::common::v1::{Notice, NoticeLineState, NoticeState};
use lienthong_wire::pb::personal::v1::{Party, PersonalDetails};
use lienthong_wire::pb::personal_reading::v1::PersonalEvent;
use lienthong_wire::pb::reading::v1 as pb;

use super::officer::Officer;
use super::paper::{Printing, details, header, told};
use super::tax_slip::{joined, sent, square_metres};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct TaxNotice {
    /// The dossier code (mã hồ sơ)
    code: String,
    /// Number of the notice [default: the newest that stands]
    #[arg(long, value_name = "NUMBER")]
    notice: Option<String>,
    /// The copy of one taxpayer, by ordinal among the parties of the slip [default: all that the notice names]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    taxpayer: Option<u32>,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl TaxNotice {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = show::get(&self.code, connection).await?;
        let notice = self.chosen(&dossier)?;
        let lines = self.lines(notice)?;
        let entries = timeline::get(&self.code, connection).await?.entries;
        let events = self.officer.read(&self.code, connection).await?;
        let form = form(&dossier, notice, &lines, &entries, &events)?;
        match notice.state() {
            NoticeState::Superseded => output.note(&format!(
                "{} does not stand any more: {} stands in its place",
                notice.number, notice.superseded_by
            )),
            NoticeState::Cancelled => {
                output.note(&format!("{} does not stand any more: it was withdrawn", notice.number));
            }
            NoticeState::Unspecified | NoticeState::Current => {}
        }
        self.printing.print(&form, output)
    }

    fn chosen<'a>(&self, dossier: &'a pb::Dossier) -> Result<&'a Notice, Failure> {
        let chosen = dossier.notices.iter().rfind(|notice| match &self.notice {
            Some(number) => notice.number == *number,
            None => notice.state() == NoticeState::Current,
        });
        let numbers: Vec<_> = dossier.notices.iter().map(|notice| notice.number.as_str()).collect();
        let advice = match numbers.as_slice() {
            [] => {
                "the tax office issues one by IssueNotice; `lienthong dossier timeline` tells what happened"
                    .to_owned()
            }
            numbers => format!("its notices are {}: choose one with --notice", numbers.join(", ")),
        };
        chosen.ok_or_else(|| match &self.notice {
            Some(number) => Failure::refused(format!("{} has no notice {number}", self.code), advice),
            None => Failure::refused(format!("no notice of {} stands", self.code), advice),
        })
    }

    fn lines<'a>(&self, notice: &'a Notice) -> Result<Vec<&'a NoticeLineState>, Failure> {
        let mine = |line: &&NoticeLineState| self.taxpayer.is_none_or(|taxpayer| taxpayer == payer(line));
        let lines: Vec<_> = notice.lines.iter().filter(mine).collect();
        if lines.is_empty() {
            let named: BTreeSet<_> = notice.lines.iter().map(payer).collect();
            let named: Vec<_> = named.iter().map(ToString::to_string).collect();
            return Err(Failure::refused(
                format!("{} asks nothing of taxpayer {}", notice.number, self.taxpayer.unwrap_or_default()),
                format!("its taxpayers are {}", named.join(", ")),
            ));
        }
        Ok(lines)
    }
}

fn form(
    dossier: &pb::Dossier,
    notice: &Notice,
    lines: &[&NoticeLineState],
    entries: &[pb::TimelineEntry],
    events: &[PersonalEvent],
) -> Result<Form, Failure> {
    let issued = entries.iter().find_map(|entry| {
        let issues = |fact: &&pb::Fact| {
            matches!(&*fact.name, "NoticeIssued" | "NoticeAdjusted") && fact.notice == notice.number
        };
        Some((entry, entry.facts.iter().find(issues)?))
    });
    let (entry, fact) = issued.ok_or_else(|| {
        let problem = format!("the timeline of {} does not tell of {}", dossier.code, notice.number);
        Failure::refused(problem, "a service of a later release may tell it")
    })?;
    let slip = sent(entries).find(|(_, fact)| fact.referral == notice.referral);
    let slip = slip.map(|(entry, _)| details(events, entry.offset)).unwrap_or_default();
    let payers: BTreeSet<u32> = lines.iter().map(|line| payer(line)).collect();
    let people = payers.iter().map(|payer| person(&slip, *payer));
    let people = people.collect::<Option<Vec<_>>>().ok_or_else(|| {
        Failure::refused(
            format!("the taxpayers of {} are not among what may be read", notice.number),
            "print it as the agency that issued it or sent the slip: --agency",
        )
    })?;
    let at = entry.at.as_ref().and_then(instant);
    let header = header(&entry.agency_name, dossier.training, at.map(Instant::date));
    let several = people.len() > 1;
    let line = |state: &&NoticeLineState| {
        let name = person(&slip, payer(state)).map(|party| party.person.clone().unwrap_or_default().name);
        printed(state, name.filter(|_| several), notice.state() == NoticeState::Current)
    };
    Ok(Form {
        header: Header { number: told(&*notice.number), ..header },
        form: None,
        subject: None,
        dossier: dossier.code.clone(),
        adjusts: told(&*fact.supersedes).map(|number| Adjustment {
            date: issue_date(dossier, &number),
            reason: told(&*fact.ground),
            number,
        }),
        taxpayers: people.into_iter().map(taxpayer).collect(),
        property: property(&slip),
        lines: lines.iter().map(line).collect(),
        budget: Budget {
            collector: told(&*entry.agency_name),
            territory: told(&*dossier.commune),
            reference: Some(dossier.code.clone()),
            ..Budget::default()
        },
        late_interest: None,
        signer_title: entry.actor.as_ref().and_then(|actor| told(&*actor.role)),
        signer: entry.actor.as_ref().and_then(|actor| told(&*actor.name)),
    })
}

/// Ordinal of who pays a line.
fn payer(line: &NoticeLineState) -> u32 {
    line.line.as_ref().and_then(|line| line.account.as_ref()).map_or(0, |account| account.taxpayer)
}

fn person(slip: &PersonalDetails, ordinal: u32) -> Option<&Party> {
    slip.parties.iter().find(|party| party.ordinal == ordinal && party.person.is_some())
}

fn issue_date(dossier: &pb::Dossier, number: &str) -> Option<jiff::civil::Date> {
    let notice = dossier.notices.iter().find(|notice| notice.number == number)?;
    notice.issued_at.as_ref().and_then(instant).map(Instant::date)
}

fn taxpayer(party: &Party) -> Taxpayer {
    let person = party.person.clone().unwrap_or_default();
    Taxpayer {
        name: person.name,
        tax_id: told(person.tax_code).or_else(|| told(person.id_number)),
        address: told(person.address),
        phone: told(person.phone),
        email: told(person.email),
        agent: None,
    }
}

/// Section II, of all plots together.
fn property(slip: &PersonalDetails) -> Property {
    let plots = &slip.plots;
    let areas: Vec<_> = plots.iter().filter_map(|plot| square_metres(plot.area_m2_hundredths)).collect();
    let places: Vec<_> = plots
        .iter()
        .map(|plot| match plot.position {
            0 => plot.location.clone(),
            position if plot.location.is_empty() => format!("vị trí {position}"),
            position => format!("{}, vị trí {position}", plot.location),
        })
        .collect();
    Property {
        address: told(joined(plots.iter().map(|plot| plot.address.as_str()))),
        plot: told(joined(plots.iter().map(|plot| plot.parcel.as_str()))),
        sheet: told(joined(plots.iter().map(|plot| plot.map_sheet.as_str()))),
        position: told(joined(places.iter().map(String::as_str))),
        area: told(areas.join("; ")),
        purpose: told(joined(plots.iter().map(|plot| plot.purpose.as_str()))),
        origin: told(joined(plots.iter().map(|plot| plot.origin.as_str()))),
        house: told(joined(slip.buildings.iter().map(|building| building.kind.as_str()))),
    }
}

/// One line with what is paid on it. A notice that does not stand is printed as it was issued: nothing was paid yet.
fn printed(state: &NoticeLineState, payer: Option<String>, stands: bool) -> NoticeLine {
    let line = state.line.clone().unwrap_or_default();
    let (due, exempt) = (Dong::new(line.due_dong), Dong::new(line.exempt_dong));
    let item = line.account.as_ref().map_or(0, |account| account.item);
    NoticeLine {
        levy: levy(item),
        payer,
        budget_item: Some(item.to_string()),
        taxable: Some(Dong::new(line.taxable_dong)),
        due,
        exempt_reason: told(line.exempt_ground),
        exempt,
        paid: Dong::new(state.paid_dong),
        remaining: if stands { Dong::new(state.remaining_dong) } else { due.saturating_sub(exempt) },
        pay_by: line.due_date.parse().ok(),
    }
}

/// What is paid into a budget item (tiểu mục).
fn levy(item: u32) -> String {
    match item {
        1006 => "Thuế thu nhập cá nhân từ chuyển nhượng, thừa kế, tặng cho bất động sản".to_owned(),
        1401 => "Tiền sử dụng đất".to_owned(),
        2801 => "Lệ phí trước bạ nhà, đất".to_owned(),
        item => format!("Khoản nộp theo tiểu mục {item}"),
    }
}
