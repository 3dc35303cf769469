//! `dossier receipt`: Mẫu 01, whose applicant is personal data, so that printing it is a reading.

use clap::Args;
use lienthong_calendar::Instant;
use lienthong_dossier::CopyForm;
use lienthong_forms::{Case, CopyKind, Paper, Receipt as Form};
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, instant};

use super::officer::Officer;
use super::paper::{Printing, applicant, case, header, told};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach};
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// The dossier code (mã hồ sơ)
    code: String,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Receipt {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = show::get(&self.code, connection).await?;
        let timeline = timeline::get(&self.code, connection).await?;
        let accepted = timeline.entries.iter().find_map(|entry| {
            let fact = entry.facts.iter().find(|fact| fact.name == "DossierAccepted")?;
            Some((entry, fact, entry.at.as_ref().and_then(instant)?))
        });
        let Some((entry, fact, received)) = accepted else {
            return Err(Failure::refused(
                format!("{} was not received at a desk", self.code),
                "a receipt is for what a desk of the bus received; `lienthong dossier timeline` tells what happened",
            ));
        };
        let events = self.officer.read(&self.code, connection).await?;
        let case = case(&dossier, applicant(&events, entry.offset));
        self.printing.print(&receipt(&dossier, entry, fact, received, case), output)
    }
}

fn receipt(
    dossier: &pb::Dossier,
    entry: &pb::TimelineEntry,
    fact: &pb::Fact,
    received: Instant,
    case: Case,
) -> Form {
    let limit = dossier.procedure.as_ref().map(|procedure| procedure.limit.clone());
    let papers = fact.papers.iter().map(|paper| Paper {
        name: paper.name.clone(),
        kind: CopyForm::from_number(paper.form).map(|form| match form {
            CopyForm::Original => CopyKind::Original,
            CopyForm::Copy => CopyKind::Copy,
            CopyForm::Electronic => CopyKind::Electronic,
        }),
        count: Some(paper.copies),
        note: None,
    });
    Form {
        header: header(&entry.agency_name, dossier.training, Some(received.date())),
        submitter: told(&*case.applicant.name),
        case,
        reception_point: None,
        // The leaf of the reception is the check token: whoever has the log finds it there, and nobody guesses it.
        qr: format!("{}/{}", dossier.code, entry.leaf),
        papers: papers.collect(),
        sets: None,
        limit: limit.and_then(told),
        received,
        promised: fact.clock.as_ref().and_then(|clock| clock.due.as_ref()).and_then(instant),
        collect_at: None,
        fee: None,
        book: None,
        entry: None,
        officer: entry.actor.as_ref().map(|actor| actor.name.clone()),
    }
}
