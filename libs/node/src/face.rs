//! What every command method of every service does: check the size, parse, submit, answer.

use lienthong_registry::AgencyId;
use lienthong_wire::pb::common::v1 as pb;
use lienthong_wire::stored::TraceParent;
use lienthong_wire::{Coded, IntoCommand, Message, reason, timestamp};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

use crate::caller::{Caller, CallerFault, caller};
use crate::deadline::deadline;
use crate::gate::turned;
use crate::node::Node;
use crate::shares::Way;
use crate::status::{caller_refused, code_taken, invalid, malformed, status};
use crate::submit::{Receipt, Terms, VERDICT_WAIT_MAX};

/// The most bytes of a request. A record takes 64 KiB, and a request is little more than what goes into it.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// Carries out the command that a request is.
///
/// # Errors
/// A status with its reason, the field at fault and what to do.
pub async fn carry_out<R>(node: &Node, request: Request<R>) -> Result<Response<pb::Receipt>, Status>
where
    R: IntoCommand + Message,
{
    let (trace, caller) = (trace(&request), caller(&request)?);
    let deadline = deadline(request.metadata(), VERDICT_WAIT_MAX);
    let terms = Terms { deadline, way: Way::Alone, trace };
    counted(node, &caller, terms, request.into_inner()).await.map(Response::new)
}

/// Carries out a caller's command, and counts how it ended.
pub(crate) async fn counted<R>(
    node: &Node,
    caller: &Caller,
    terms: Terms,
    request: R,
) -> Result<pb::Receipt, Status>
where
    R: IntoCommand + Message,
{
    let answered = answered(node, caller, terms, request).await;
    node.0.tally.commands.add(outcome(&answered));
    answered
}

async fn answered<R>(node: &Node, caller: &Caller, terms: Terms, request: R) -> Result<pb::Receipt, Status>
where
    R: IntoCommand + Message,
{
    let bytes = request.encoded_len();
    if bytes > REQUEST_BYTES_MAX {
        return Err(too_large(bytes));
    }
    let command = request.into_command(node.now()).map_err(|fault| malformed(&fault))?;
    let may = caller.acts_for("header.agency", &command.agency);
    let may = may.and_then(|()| caller.commands_with(command.actor.power));
    may.map_err(|fault| node.turn_away(&fault))?;
    let receipt = node.submit_by(command, terms).await.map_err(status)?;
    Ok(answer(node, &receipt))
}

/// A request of more bytes than are taken.
pub(crate) fn too_large(bytes: usize) -> Status {
    let message = format!("the request is {bytes} bytes, at most {REQUEST_BYTES_MAX} are taken");
    invalid("", reason(pb::ErrorReason::TooLarge), message)
}

impl Node {
    /// Sends a caller away, which is counted.
    pub(crate) fn turn_away(&self, fault: &CallerFault) -> Status {
        self.0.tally.turned.add(turned(fault));
        caller_refused(fault)
    }

    /// Whether a caller may ask in the name of an agency, which `field` names. Who may not is counted.
    ///
    /// # Errors
    /// `OTHER_CERTIFICATE`.
    pub fn speaks_for(&self, caller: &Caller, field: &'static str, agency: &AgencyId) -> Result<(), Status> {
        caller.acts_for(field, agency).map_err(|fault| self.turn_away(&fault))
    }
}

/// How a command ended, for the count: one of a closed list.
fn outcome(answered: &Result<pb::Receipt, Status>) -> &'static str {
    match answered {
        Ok(receipt) if receipt.repeated => "REPEATED",
        Ok(_) => "DONE",
        Err(status) => {
            let info = status.get_details_error_info();
            let known = info
                .and_then(|info| pb::ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)));
            reason(known.unwrap_or(pb::ErrorReason::Unspecified))
        }
    }
}

/// The trace that the call belongs to. One of another form is left out rather than refused: it is for tools.
pub(crate) fn trace<R>(request: &Request<R>) -> Option<TraceParent> {
    TraceParent::parse(request.metadata().get("traceparent")?.to_str().ok()?)
}

fn answer(node: &Node, receipt: &Receipt) -> pb::Receipt {
    pb::Receipt {
        code: receipt.code.to_string(),
        position: Some(pb::Position { partition: receipt.partition.into(), offset: receipt.next }),
        leaf: receipt.leaf.to_string(),
        at: Some(timestamp(receipt.at)),
        status: receipt.status.map_or(0, Coded::number),
        due: receipt.due.map(timestamp),
        repeated: receipt.repeated,
        training: node.training(),
    }
}

/// What a first command is refused with; where its code is taken, with a fresh code of the same agency and day.
pub(crate) fn with_fresh_code(node: &Node, code: &str, refused: Status) -> Status {
    let fresh = is_code_taken(&refused).then(|| node.code_after(code)).flatten();
    fresh.map_or(refused, |fresh| code_taken(fresh.as_str()))
}

/// The answer to a first command; where its code is taken, with a fresh code of the same agency and day.
///
/// # Errors
/// The answer's own.
pub fn fresh_code(
    node: &Node,
    code: &str,
    answer: Result<Response<pb::Receipt>, Status>,
) -> Result<Response<pb::Receipt>, Status> {
    answer.map_err(|refused| with_fresh_code(node, code, refused))
}

fn is_code_taken(status: &Status) -> bool {
    status.get_details_error_info().is_some_and(|info| info.reason == "CODE_TAKEN")
}

#[cfg(test)]
mod tests;
