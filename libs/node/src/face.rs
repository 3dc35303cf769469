//! What every command method of every service does: check the size, parse, submit, answer.

use lienthong_wire::pb::common::v1 as pb;
use lienthong_wire::stored::TraceParent;
use lienthong_wire::{Coded, IntoCommand, Message, reason, timestamp};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

use crate::deadline::deadline;
use crate::node::Node;
use crate::status::{code_taken, invalid, malformed, status};
use crate::submit::{Receipt, VERDICT_WAIT_MAX};

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
    let trace = trace(&request);
    let deadline = deadline(request.metadata(), VERDICT_WAIT_MAX);
    let request = request.into_inner();
    let bytes = request.encoded_len();
    if bytes > REQUEST_BYTES_MAX {
        let why = reason(pb::ErrorReason::TooLarge);
        let message = format!("the request is {bytes} bytes, at most {REQUEST_BYTES_MAX} are taken");
        return Err(invalid("", why, message));
    }
    let command = request.into_command(node.now()).map_err(|fault| malformed(&fault))?;
    let receipt = node.submit_by(command, trace, deadline).await.map_err(status)?;
    Ok(Response::new(answer(node, &receipt)))
}

/// The trace that the call belongs to. One of another form is left out rather than refused: it is for tools.
fn trace<R>(request: &Request<R>) -> Option<TraceParent> {
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

/// The answer to a first command; where its code is taken, with a fresh code of the same agency and day.
///
/// # Errors
/// The answer's own.
pub fn fresh_code(
    node: &Node,
    code: &str,
    answer: Result<Response<pb::Receipt>, Status>,
) -> Result<Response<pb::Receipt>, Status> {
    answer.map_err(|status| {
        let fresh = is_code_taken(&status).then(|| node.code_after(code)).flatten();
        fresh.map_or(status, |fresh| code_taken(fresh.as_str()))
    })
}

fn is_code_taken(status: &Status) -> bool {
    status.get_details_error_info().is_some_and(|info| info.reason == "CODE_TAKEN")
}

#[cfg(test)]
mod tests;
