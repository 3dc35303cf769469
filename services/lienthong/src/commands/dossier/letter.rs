//! `dossier letter`: Mẫu 02 to 05, what an agency wrote to the applicant.
//!
//! A letter is of an act that stands in the log and says what was so at that act, whatever came later. It names the
//! applicant, so that printing it is a reading.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use lienthong_calendar::{Instant, vietnamese_date};
use lienthong_dossier::Status;
use lienthong_forms::{Apology, Case, Header, Refusal, StopNotice, SupplementRequest};
use lienthong_wire::pb::personal_reading::v1::PersonalEvent;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, instant};

use super::officer::Officer;
use super::paper::{Printing, applicant, case, details, header, told};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct Letter {
    /// The dossier code (mã hồ sơ)
    code: String,
    /// Which form [default: that of the newest act that has one]
    #[arg(long, value_enum, value_name = "FORM")]
    form: Option<Kind>,
    /// Which one where there are several, from 1 for the oldest [default: the newest]
    #[arg(long, value_name = "N", requires = "form", value_parser = clap::value_parser!(u32).range(1..))]
    nth: Option<u32>,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

/// A form that goes to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Mẫu 02 Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
    Supplement,
    /// Mẫu 03 Phiếu từ chối tiếp nhận giải quyết hồ sơ
    Refusal,
    /// Mẫu 04 Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết
    Apology,
    /// Mẫu 05 Thông báo dừng giải quyết hồ sơ, of a stop or of a withdrawal that was granted
    Stop,
}

/// An act that a letter tells of.
#[derive(Clone, Copy)]
struct Act<'a> {
    kind: Kind,
    /// What happened to the dossier before it.
    before: &'a [pb::TimelineEntry],
    entry: &'a pb::TimelineEntry,
    fact: &'a pb::Fact,
}

impl Letter {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = show::get(&self.code, connection).await?;
        let timeline = timeline::get(&self.code, connection).await?;
        let mut acts = acts(&timeline.entries);
        acts.retain(|act| self.form.is_none_or(|form| form == act.kind));
        let act = match self.nth {
            Some(nth) => acts.get(nth as usize - 1),
            None => acts.last(),
        };
        let act = act.ok_or_else(|| self.missing(acts.len()))?;
        let events = self.officer.read(&self.code, connection).await?;
        let case = case(&dossier, applicant(&events, act.entry.offset));
        let header = header(&act.entry.agency_name, dossier.training, act.date());
        match act.kind {
            Kind::Supplement => self.printing.print(&act.supplement(header, case, &events), output),
            Kind::Refusal => self.printing.print(&act.refusal(header, case, &events), output),
            Kind::Apology => self.printing.print(&act.apology(header, case)?, output),
            Kind::Stop => self.printing.print(&act.stop(header, case, &events), output),
        }
    }

    fn missing(&self, there: usize) -> Failure {
        let what = match self.form {
            None => "nothing of which the applicant is written to",
            Some(Kind::Supplement) => "no such request for papers",
            Some(Kind::Refusal) => "no refusal at the desk",
            Some(Kind::Apology) => "no apology with an extension",
            Some(Kind::Stop) => "no such stop, and no withdrawal that was granted",
        };
        let advice = match (self.nth, there) {
            (None, _) | (Some(_), 0) => {
                "a letter is of an act in the log, so do that first; `lienthong dossier timeline` tells what happened"
                    .to_owned()
            }
            (Some(_), there) => format!("there are {there}: --nth takes 1 to {there}"),
        };
        Failure::refused(format!("{} has {what}", self.code), advice)
    }
}

/// Every act with a letter, oldest first.
fn acts(entries: &[pb::TimelineEntry]) -> Vec<Act<'_>> {
    let each = entries.iter().enumerate().flat_map(|(place, entry)| {
        entry.facts.iter().filter_map(move |fact| {
            let kind = match fact.name.as_str() {
                "SupplementRequested" => Kind::Supplement,
                "DossierRefused" => Kind::Refusal,
                "ApologyIssued" => Kind::Apology,
                "ProcessingStopped" | "WithdrawalGranted" => Kind::Stop,
                _ => return None,
            };
            Some(Act { kind, before: entries.get(..place).unwrap_or_default(), entry, fact })
        })
    });
    each.collect()
}

impl Act<'_> {
    fn supplement(&self, header: Header, case: Case, events: &[PersonalEvent]) -> SupplementRequest {
        SupplementRequest {
            issuer: told(&*header.agency),
            header,
            case,
            items: self.fact.document_names.clone(),
            reason: told(details(events, self.entry.offset).text),
            legal_ground: told(&*self.fact.ground),
            phase: self.phase(),
            contact: None,
            contact_phone: None,
            officer: self.officer(),
        }
    }

    fn refusal(&self, header: Header, case: Case, events: &[PersonalEvent]) -> Refusal {
        Refusal {
            header,
            submitter: told(&*case.applicant.name),
            case,
            reason: self.reason(events),
            legal_ground: self.fact.ground.clone(),
            officer: self.officer(),
        }
    }

    fn apology(&self, header: Header, case: Case) -> Result<Apology, Failure> {
        let promised = self.before.iter().rev().flat_map(|entry| entry.facts.iter().rev()).find_map(due);
        let received = self.reception().and_then(|entry| Some((entry, entry.at.as_ref().and_then(instant)?)));
        let (Some((reception, received)), Some(promised), Some(extended)) =
            (received, promised, due(self.fact))
        else {
            return Err(Failure::refused(
                format!("the timeline of {} tells no promise that was extended", case.dossier),
                "a service of a later release may tell it",
            ));
        };
        Ok(Apology {
            header,
            case,
            received,
            received_by: told(&*reception.agency_name),
            promised,
            reason: self.fact.ground.clone(),
            extended,
            // A second extension is not admitted.
            ordinal: 1,
            signer_title: self.office(),
            signer: self.officer(),
        })
    }

    fn stop(&self, header: Header, case: Case, events: &[PersonalEvent]) -> StopNotice {
        let asked = self.request_granted();
        let day = self.date().map(vietnamese_date).unwrap_or_default();
        StopNotice {
            header: Header { number: told(&*self.fact.number), ..header },
            case,
            received: self.reception().and_then(|entry| entry.at.as_ref().and_then(instant)),
            stop_request: asked.and_then(|asked| {
                let on = asked.at.as_ref().and_then(instant)?.date();
                Some(format!("Đề nghị rút hồ sơ ngày {}", vietnamese_date(on)))
            }),
            phase: self.phase(),
            reason: match asked {
                Some(asked) => told(details(events, asked.offset).text)
                    .unwrap_or_else(|| "Tổ chức, cá nhân đề nghị rút hồ sơ".to_owned()),
                None => self.reason(events),
            },
            legal_ground: told(&*self.fact.ground),
            decision: Some(match asked {
                Some(_) => format!("Đồng ý cho rút hồ sơ từ ngày {day}"),
                None => format!("Dừng giải quyết hồ sơ từ ngày {day}"),
            }),
            settlement: None,
            signer_title: self.office(),
            signer: self.officer(),
        }
    }

    /// The citizen's request that this act grants; none for a stop of the agency's own.
    fn request_granted(&self) -> Option<&pb::TimelineEntry> {
        let granted = self.fact.name == "WithdrawalGranted";
        self.before.iter().rfind(|entry| granted && fact(entry, "WithdrawalRequested").is_some())
    }

    /// The reason in full where it was told, else the ground.
    fn reason(&self, events: &[PersonalEvent]) -> String {
        told(details(events, self.entry.offset).text).unwrap_or_else(|| self.fact.ground.clone())
    }

    fn reception(&self) -> Option<&pb::TimelineEntry> {
        self.before.iter().find(|entry| fact(entry, "DossierAccepted").is_some())
    }

    /// Where the case was before the act.
    fn phase(&self) -> Option<String> {
        let phase = match Status::from_number(self.before.last()?.status)? {
            Status::Filed | Status::Accepted => "Tiếp nhận hồ sơ",
            Status::SupplementRequested => "Chờ bổ sung hồ sơ",
            Status::PaymentAwaited => "Thực hiện nghĩa vụ tài chính",
            Status::Processing => "Thẩm định, giải quyết hồ sơ",
            Status::Refused | Status::Withdrawn | Status::Stopped | Status::Issued | Status::Delivered => {
                return None;
            }
        };
        Some(phase.to_owned())
    }

    fn date(&self) -> Option<Date> {
        self.entry.at.as_ref().and_then(instant).map(Instant::date)
    }

    fn officer(&self) -> Option<String> {
        self.entry.actor.as_ref().map(|actor| actor.name.clone())
    }

    fn office(&self) -> Option<String> {
        self.entry.actor.as_ref().and_then(|actor| told(&*actor.role))
    }
}

/// The fact of that name in a record.
fn fact<'a>(entry: &'a pb::TimelineEntry, name: &str) -> Option<&'a pb::Fact> {
    entry.facts.iter().find(|fact| fact.name == name)
}

/// The promise that a fact sets.
fn due(fact: &pb::Fact) -> Option<Instant> {
    fact.clock.as_ref()?.due.as_ref().and_then(instant)
}
