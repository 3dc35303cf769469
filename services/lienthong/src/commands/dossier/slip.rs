//! `dossier slip`: the control slip (phiếu kiểm soát), a projection of the timeline.

use clap::Args;
use lienthong_calendar::{Instant, Verdict};
use lienthong_forms::{ControlSlip, Hand, Transfer};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Timestamp, instant};

use super::paper::{Printing, header};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

/// To whom the result goes; no agency.
const RECIPIENT: &str = "Người nhận kết quả";

#[derive(Debug, Args)]
pub(crate) struct Slip {
    /// The dossier code (mã hồ sơ)
    code: String,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Slip {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = show::get(&self.code, connection).await?;
        let timeline = timeline::get(&self.code, connection).await?;
        self.printing.print(&slip(&dossier, &timeline.entries), output)
    }
}

fn slip(dossier: &pb::Dossier, entries: &[pb::TimelineEntry]) -> ControlSlip {
    let agency = entries.first().map_or("", |entry| &entry.agency_name);
    let transfers = transfers(entries);
    let mut partners: Vec<String> = Vec::new();
    for hand in transfers.iter().map(|transfer| &transfer.taker) {
        let is_agency = !["", RECIPIENT].contains(&hand.agency.as_str());
        if hand.agency != agency && is_agency && !partners.contains(&hand.agency) {
            partners.push(hand.agency.clone());
        }
    }
    ControlSlip {
        header: header(agency, dossier.training, None),
        dossier: dossier.code.clone(),
        applicant: None,
        request: dossier.procedure.as_ref().map(|procedure| procedure.name.clone()),
        competent: Some(agency.to_owned()),
        partners,
        transfers,
    }
}

/// What is told while a timeline is read.
#[derive(Default)]
struct Told {
    transfers: Vec<Transfer>,
    /// When the current step is due.
    step_due: Option<Instant>,
    /// How the last step ended.
    step: Option<Verdict>,
    /// The row of each open referral, and when its answer is due.
    referrals: Vec<(u32, usize, Option<Instant>)>,
}

/// Both times and both persons of each hand-over, of custody and of referrals, oldest first.
fn transfers(entries: &[pb::TimelineEntry]) -> Vec<Transfer> {
    let mut told = Told::default();
    for entry in entries {
        for fact in &entry.facts {
            told.tell(entry, fact);
        }
    }
    told.transfers
}

impl Told {
    fn tell(&mut self, entry: &pb::TimelineEntry, fact: &pb::Fact) {
        match fact.name.as_str() {
            "DossierAccepted" => self.transfers.push(Transfer {
                giver: Hand { agency: "Người nộp hồ sơ".to_owned(), ..Hand::default() },
                taker: hand(entry),
                result: None,
                note: None,
            }),
            "StepCompleted" => {
                self.step = self.step_due.zip(at(entry.at.as_ref())).map(|(due, at)| Verdict::of(at, due))
            }
            "CustodyOffered" => {
                let taker = Hand { agency: fact.agency_name.clone(), ..Hand::default() };
                self.transfers.push(Transfer {
                    giver: hand(entry),
                    taker,
                    result: self.step.take(),
                    note: None,
                });
            }
            "CustodyAccepted" => {
                if let Some(transfer) = self.transfers.iter_mut().rfind(|it| it.taker.at.is_none()) {
                    transfer.taker = hand(entry);
                }
            }
            "CustodyReturned" | "CustodyOfferWithdrawn" => {
                if let Some(transfer) = self.transfers.iter_mut().rfind(|it| it.taker.at.is_none()) {
                    transfer.note = Some(fact.text.clone());
                }
            }
            "CustodyTransferredBySuccession" => self.transfers.push(Transfer {
                giver: Hand {
                    agency: fact.predecessor_name.clone(),
                    at: at(entry.at.as_ref()),
                    person: None,
                },
                taker: Hand { agency: fact.agency_name.clone(), at: at(entry.at.as_ref()), person: None },
                result: None,
                note: Some(fact.text.clone()),
            }),
            "ReferralSent" => {
                let taker = Hand { agency: fact.agency_name.clone(), ..Hand::default() };
                self.referrals.push((fact.referral, self.transfers.len(), at(fact.due.as_ref())));
                self.transfers.push(Transfer {
                    giver: hand(entry),
                    taker,
                    result: None,
                    note: Some(fact.text.clone()),
                });
            }
            "ReferralAccepted" => {
                let row = self.referrals.iter().find(|(number, ..)| *number == fact.referral);
                if let Some(transfer) = row.and_then(|(_, row, _)| self.transfers.get_mut(*row)) {
                    transfer.taker = hand(entry);
                }
            }
            "ReferralAnswered" | "ReferralReturned" | "NoticeIssued" => self.answer(entry, fact),
            "ResultDelivered" => self.transfers.push(Transfer {
                giver: hand(entry),
                taker: Hand { agency: RECIPIENT.to_owned(), at: at(entry.at.as_ref()), person: None },
                result: None,
                note: Some(fact.text.clone()),
            }),
            _ => {}
        }
        if let Some(clock) = &fact.step_clock
            && let Some(due) = at(clock.due.as_ref())
        {
            self.step_due = Some(due);
        }
    }

    /// A referral goes back, held to its own date.
    fn answer(&mut self, entry: &pb::TimelineEntry, fact: &pb::Fact) {
        let row = self.referrals.iter().position(|(number, ..)| *number == fact.referral);
        let Some((_, row, due)) = row.map(|row| self.referrals.remove(row)) else { return };
        let asked = self.transfers.get(row).map(|transfer| transfer.giver.agency.clone());
        self.transfers.push(Transfer {
            giver: hand(entry),
            taker: Hand { agency: asked.unwrap_or_default(), at: at(entry.at.as_ref()), person: None },
            result: due.zip(at(entry.at.as_ref())).map(|(due, at)| Verdict::of(at, due)),
            note: Some(fact.text.clone()),
        });
    }
}

fn hand(entry: &pb::TimelineEntry) -> Hand {
    Hand {
        agency: entry.agency_name.clone(),
        at: at(entry.at.as_ref()),
        person: entry.actor.as_ref().map(|actor| actor.name.clone()),
    }
}

fn at(timestamp: Option<&Timestamp>) -> Option<Instant> {
    timestamp.and_then(instant)
}
