//! `dossier receipt`: Mẫu 01, whose applicant is personal data, so that printing it is a reading.

use clap::Args;
use lienthong_calendar::Instant;
use lienthong_dossier::CopyForm;
use lienthong_forms::{Applicant, Case, CopyKind, Paper, Receipt as Form};
use lienthong_wire::pb::personal::v1 as personal;
use lienthong_wire::pb::personal_reading::v1::ReadPersonalRequest;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, instant};

use super::officer::Officer;
use super::paper::{Printing, header};
use super::{show, timeline};
use crate::Output;
use crate::connection::{Connection, Reach, call};
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
        let request = ReadPersonalRequest {
            reader: Some(self.officer.reader()),
            codes: vec![self.code.clone()],
            classes: Vec::new(),
            at_least: Vec::new(),
        };
        let mut service = connection.personal(&self.officer.agency).await?;
        let read = service.read_personal(call(request)).await;
        let read = read.map_err(|status| connection.refusal(&status))?.into_inner();
        let told = read.dossiers.iter().flat_map(|dossier| &dossier.events);
        let applicant = told.filter_map(|event| event.details.as_ref()?.applicant.clone()).next();
        self.printing.print(&receipt(&dossier, entry, fact, received, applicant.unwrap_or_default()), output)
    }
}

fn receipt(
    dossier: &pb::Dossier,
    entry: &pb::TimelineEntry,
    fact: &pb::Fact,
    received: Instant,
    applicant: personal::Applicant,
) -> Form {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let personal::Applicant { name, id_number, address, phone, email, .. } = applicant;
    let procedure = dossier.procedure.clone().unwrap_or_default();
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
        case: Case {
            dossier: dossier.code.clone(),
            applicant: Applicant {
                name: name.clone(),
                address: some(address),
                phone: some(phone),
                email: some(email),
                id_number: some(id_number),
            },
            request: procedure.name,
        },
        reception_point: None,
        // The leaf of the reception is the check token: whoever has the log finds it there, and nobody guesses it.
        qr: format!("{}/{}", dossier.code, entry.leaf),
        papers: papers.collect(),
        sets: None,
        limit: some(procedure.limit),
        received,
        promised: fact.clock.as_ref().and_then(|clock| clock.due.as_ref()).and_then(instant),
        collect_at: None,
        fee: None,
        book: None,
        entry: None,
        submitter: some(name),
        officer: entry.actor.as_ref().map(|actor| actor.name.clone()),
    }
}
