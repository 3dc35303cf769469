//! The face every sealing node has for personal data: parses, reads, maps errors.

use lienthong_registry::CommuneCode;
use lienthong_wire::pb::common::v1::ErrorReason;
use lienthong_wire::pb::personal_reading::v1 as pb;
use lienthong_wire::request::personal::{
    NUMBER_MAX, NUMBER_MIN, PLOT_NUMBER_MAX, PersonNumber, PlotNumber, Reader, classes, codes,
};
use lienthong_wire::{Message as _, reason};
use tokio::time::{Instant, timeout_at};
use tonic::{Extensions, Request, Response, Status};
use zeroize::Zeroizing;

use super::find::{FOUND_DEFAULT, FOUND_MAX};
use super::{Unread, receipt};
use crate::caller::caller_in;
use crate::deadline::deadline;
use crate::error::Refusal;
use crate::node::Node;
use crate::numbers::Sought;
use crate::reading::PAGE_BYTES_MAX;
use crate::status::{denied_about, invalid, malformed, status};
use crate::submit::VERDICT_WAIT_MAX;
use lienthong_dossier::Denial;

/// `lienthong.personal_reading.v1.Personal`.
pub struct PersonalService {
    node: Node,
}

impl PersonalService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    /// Who reads. Whether the caller may act for the agency is asked here and nowhere else; `connection` knows who calls.
    fn reader(&self, connection: &Extensions, reader: Option<pb::Reader>) -> Result<Reader, Status> {
        let reader = Reader::read(reader).map_err(|fault| malformed(&fault))?;
        let caller = caller_in(connection)?;
        self.node.speaks_for(&caller, "reader.agency", &reader.agency)?;
        let may = caller.acts_with(reader.actor.power);
        may.map_err(|fault| self.node.turn_away(&fault))?;
        Ok(reader)
    }
}

/// What is answered in time. What is not is not shown, whether it was recorded or not.
async fn within<T>(deadline: Instant, answer: impl Future<Output = Result<T, Unread>>) -> Result<T, Status> {
    let answered = timeout_at(deadline, answer).await;
    let unread = match answered {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(unread)) => unread,
        Err(_) => Refusal::ReadNotRecorded.into(),
    };
    Err(match (unread.index, unread.refusal) {
        (Some(index), Refusal::Denied(denial)) => denied_about(&denial, index),
        (Some(index), Refusal::NotAParty { agency }) => denied_about(&Denial::NotAParty { agency }, index),
        (_, refusal) => status(refusal),
    })
}

/// What a request seeks. Never repeats a text: it may be somebody's number.
fn sought(id_number: &str, plot: Option<pb::PlotNumber>) -> Result<Sought, Status> {
    let malformed = |field, what: String| invalid(field, reason(ErrorReason::Malformed), what);
    match (id_number.is_empty(), plot) {
        (true, None) => {
            Err(invalid("id_number", reason(ErrorReason::Missing), "must be given, or plot".to_owned()))
        }
        (false, Some(_)) => {
            Err(malformed("plot", "is given beside id_number; seek by one of them".to_owned()))
        }
        (false, None) => {
            let what = || format!("is not {NUMBER_MIN} to {NUMBER_MAX} letters and digits");
            let number = PersonNumber::parse(id_number);
            number.map(Sought::Person).ok_or_else(|| malformed("id_number", what()))
        }
        (true, Some(plot)) => {
            let (sheet, parcel) = (Zeroizing::new(plot.map_sheet), Zeroizing::new(plot.parcel));
            let commune = CommuneCode::parse(&plot.commune);
            let commune =
                commune.map_err(|fault| malformed("plot.commune", format!("is not {}", fault.expected)))?;
            let what = || {
                format!(
                    "has a sheet or a parcel that is not 1 to {PLOT_NUMBER_MAX} letters, digits, -, / and ."
                )
            };
            PlotNumber::parse(&commune, &sheet, &parcel)
                .map(Sought::Plot)
                .ok_or_else(|| malformed("plot", what()))
        }
    }
}

#[tonic::async_trait]
impl pb::personal_server::Personal for PersonalService {
    async fn read_personal(
        &self,
        request: Request<pb::ReadPersonalRequest>,
    ) -> Result<Response<pb::ReadPersonalResponse>, Status> {
        let (metadata, caller, request) = request.into_parts();
        let reader = self.reader(&caller, request.reader)?;
        let codes = codes(request.codes).map_err(|fault| malformed(&fault))?;
        let classes = classes(&request.classes).map_err(|fault| malformed(&fault))?;
        let deadline = deadline(&metadata, VERDICT_WAIT_MAX);
        self.node.reach_positions(deadline, "at_least", &request.at_least).await?;
        let several = codes.len() > 1;
        let (dossiers, recorded) = within(deadline, self.node.read_personal(&reader, codes, classes)).await?;
        let training = self.node.training();
        let answer = pb::ReadPersonalResponse { dossiers, receipt: Some(receipt(&recorded)), training };
        let bytes = answer.encoded_len();
        if several && bytes > PAGE_BYTES_MAX {
            let problem =
                format!("the answer has {bytes} bytes, at most {PAGE_BYTES_MAX} are sent of several");
            return Err(invalid("codes", reason(ErrorReason::TooLarge), problem));
        }
        Ok(Response::new(answer))
    }

    async fn find_dossiers(
        &self,
        request: Request<pb::FindDossiersRequest>,
    ) -> Result<Response<pb::FindDossiersResponse>, Status> {
        let (metadata, caller, request) = request.into_parts();
        let reader = self.reader(&caller, request.reader)?;
        let sought = sought(&Zeroizing::new(request.id_number), request.plot)?;
        let size = match usize::try_from(request.page_size).unwrap_or(usize::MAX) {
            0 => FOUND_DEFAULT,
            size if size <= FOUND_MAX => size,
            size => {
                let problem = format!("is {size}, at most {FOUND_MAX} are taken");
                return Err(invalid("page_size", reason(ErrorReason::OutOfRange), problem));
            }
        };
        let search = self.node.search(&reader, &sought, &request.page_token, size)?;
        let deadline = deadline(&metadata, VERDICT_WAIT_MAX);
        let page = within(deadline, self.node.find(&reader, &search, deadline)).await?;
        Ok(Response::new(pb::FindDossiersResponse {
            next_page_token: self.node.next_page(&reader, &search, &page),
            codes: page.codes.iter().map(ToString::to_string).collect(),
            receipt: Some(receipt(&page.recorded)),
            training: self.node.training(),
        }))
    }
}
