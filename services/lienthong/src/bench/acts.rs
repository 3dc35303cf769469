//! What a load is made of: a desk receives dossiers and sends them on their way, whoever gives the commands.

use fastrand::Rng;
use jiff::civil::{date, time};
use lienthong_calendar::Instant;
use lienthong_dossier::Command;
use lienthong_registry::training;
use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::common::v1::{
    ApplicantKind, Channel as Filed, CommandHeader, CopyForm, Document, Medium, Power,
};
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::{IntoCommand, Invalid, Timestamp, timestamp};

use super::BenchError;
use crate::demo::cast::{officer, person};

/// The procedure of all dossiers: a sale of land.
const PROCEDURE: &str = "1.099001";

/// A command on a dossier that was received.
pub(super) enum Next {
    Complete(Box<casework::CompleteStepRequest>),
    Offer(casework::OfferCustodyRequest),
    Withdraw(casework::WithdrawOfferRequest),
}

/// The communes of all desks, in their order.
pub(super) fn communes() -> Result<Vec<String>, BenchError> {
    let communes = training::communes().map_err(|fault| BenchError::Shipped(fault.to_string()))?;
    Ok(communes.iter().map(|commune| commune.code.to_string()).collect())
}

/// When what clients command is said to be, which counts in a training log. By the clock it would be refused as soon as the
/// shipped calendar ends.
pub(super) fn said() -> Timestamp {
    timestamp(Instant::at(date(2026, 11, 2), time(8, 0, 0, 0)))
}

/// The header of a new command of an agency.
pub(super) fn header(rng: &mut Rng, agency: &str, said: Timestamp) -> CommandHeader {
    let id = uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid();
    CommandHeader {
        command_id: id.to_string(),
        actor: Some(officer(rng, agency, "Chuyên viên một cửa", Power::Decide)),
        agency: agency.to_owned(),
        occurred_at: Some(said),
    }
}

/// Somebody sells land in a commune.
pub(super) fn reception(
    rng: &mut Rng,
    header: CommandHeader,
    code: &str,
    commune: &str,
) -> desk::ReceiveRequest {
    let paper = |kind: &str| Document {
        kind: kind.to_owned(),
        form: CopyForm::Electronic.into(),
        copies: 1,
        ..Document::default()
    };
    desk::ReceiveRequest {
        header: Some(header),
        code: code.to_owned(),
        intake: Some(desk::Intake {
            procedure: PROCEDURE.to_owned(),
            commune: commune.to_owned(),
            channel: Filed::Online.into(),
            applicant_kind: ApplicantKind::Citizen.into(),
            documents: ["don-dang-ky-bien-dong", "giay-chung-nhan-da-cap", "to-khai-01-lptb"]
                .map(paper)
                .into(),
        }),
        details: Some(PersonalDetails { applicant: Some(person(rng)), ..Default::default() }),
    }
}

impl Next {
    /// The n-th command on a dossier of its desk, from 0: the desk's step, then the dossier is offered to the land office
    /// and the offer taken back, over and over.
    pub(super) fn nth(n: u32, header: CommandHeader, code: &str) -> Self {
        let (header, code) = (Some(header), code.to_owned());
        if n == 0 {
            let (step, outcome) = ("tiep-nhan".to_owned(), "chuyen-ho-so".to_owned());
            let request = casework::CompleteStepRequest { header, code, step, outcome, details: None };
            Self::Complete(Box::new(request))
        } else if n % 2 == 1 {
            let (to, medium) = (training::LAND_OFFICE.to_owned(), Medium::Electronic.into());
            Self::Offer(casework::OfferCustodyRequest { header, code, to, medium })
        } else {
            Self::Withdraw(casework::WithdrawOfferRequest { header, code })
        }
    }
}

impl IntoCommand for Next {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        match self {
            Self::Complete(request) => (*request).into_command(at),
            Self::Offer(request) => request.into_command(at),
            Self::Withdraw(request) => request.into_command(at),
        }
    }
}
