//! Requests of `WardDesk`: what comes in and what goes out.

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Command, DOCUMENTS_MAX, Document, Intake, Line};
use lienthong_tax::Dong;

use super::{Head, IntoCommand, With as _};
use crate::Invalid;
use crate::code::coded;
use crate::field::{fixed_or_none, given, list, text, text_or_none};
use crate::pb::common::v1 as common;
use crate::pb::common::v1::ErrorReason;
use crate::pb::ward_desk::v1 as pb;

impl IntoCommand for pb::FileRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let (intake, label) = intake(given("intake", self.intake)?)?;
        Ok(head.command(at, Action::File(intake)).with(self.details).labelled(label))
    }
}

impl IntoCommand for pb::ReceiveRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let (intake, label) = intake(given("intake", self.intake)?)?;
        Ok(head.command(at, Action::Receive(intake)).with(self.details).labelled(label))
    }
}

impl IntoCommand for pb::RefuseRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let (intake, label) = self.intake.map(intake).transpose()?.unzip();
        let action = Action::Refuse { intake, ground: text("ground", &self.ground)? };
        Ok(head.command(at, action).with(self.details).labelled(label.flatten()))
    }
}

impl IntoCommand for pb::HandInSupplementRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let (documents, label) = documents(self.documents)?;
        if documents.is_empty() {
            return Err(Invalid::missing("documents"));
        }
        Ok(head.command(at, Action::HandInSupplement { documents }).with(self.details).labelled(label))
    }
}

impl IntoCommand for pb::RequestWithdrawalRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        Ok(head.command(at, Action::RequestWithdrawal).with(self.details))
    }
}

impl IntoCommand for pb::HandOverResultRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::HandOverResult { channel: coded("delivery", self.delivery)? };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::CollectFeeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::CollectFee {
            payment: text("payment", &self.payment)?,
            fee: text("fee", &self.fee)?,
            amount: Dong::new(self.amount_dong),
            channel: coded("channel", self.channel)?,
            into: text_or_none("into", &self.into)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::CancelFeeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::CancelPayment {
            payment: text("payment", &self.payment)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action))
    }
}

/// What is taken in, and the first secrecy label on any of its papers.
fn intake(intake: pb::Intake) -> Result<(Intake, Option<Line>), Invalid> {
    read_intake(intake).map_err(|invalid| invalid.within("intake"))
}

fn read_intake(intake: pb::Intake) -> Result<(Intake, Option<Line>), Invalid> {
    let (documents, label) = documents(intake.documents)?;
    let intake = Intake {
        procedure: text("procedure", &intake.procedure)?,
        commune: text("commune", &intake.commune)?,
        channel: coded("channel", intake.channel)?,
        applicant: coded("applicant_kind", intake.applicant_kind)?,
        documents,
    };
    Ok((intake, label))
}

/// Papers, and the first secrecy label on any of them.
fn documents(papers: Vec<common::Document>) -> Result<(Vec<Document>, Option<Line>), Invalid> {
    let papers = list("documents", papers, DOCUMENTS_MAX, |paper| document(&paper))?;
    let label = papers.iter().find_map(|(_, label)| label.clone());
    Ok((papers.into_iter().map(|(paper, _)| paper).collect(), label))
}

fn document(paper: &common::Document) -> Result<(Document, Option<Line>), Invalid> {
    let copies = u16::try_from(paper.copies).ok().filter(|copies| *copies > 0);
    let out_of_range = || Invalid::new("copies", "is not from 1 to 65535", ErrorReason::OutOfRange);
    let document = Document {
        kind: text("kind", &paper.kind)?,
        form: coded("form", paper.form)?,
        copies: copies.ok_or_else(out_of_range)?,
        sha256: fixed_or_none("sha256", &paper.sha256)?,
    };
    Ok((document, text_or_none("secrecy", &paper.secrecy)?))
}
