//! Listing dossiers: what a request asks for, and its pages.

use jiff::civil::Date;
use lienthong_dossier::{DossierCode, Status as DossierStatus};
use lienthong_projection::{Days, Place, Query};
use lienthong_registry::{AgencyId, IdFault, ProcedureCode};
use lienthong_wire::pb::reading::v1 as pb;
use tonic::Status;

use super::token::TokenScope;
use crate::node::Node;
use crate::status::invalid;

/// Items on a page unless the caller says otherwise.
const PAGE_DEFAULT: u32 = 50;
/// Items on a page at most.
const PAGE_MAX: u32 = 1_000;
/// Bytes of a page: with its last dossier it stays below the 4 MiB that gRPC clients take unless told otherwise.
pub(crate) const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The first and the last day that an instant may have.
const DAYS: (Date, Date) = (Date::constant(1, 1, 1), Date::constant(9999, 12, 31));

/// Reads the filters of a request.
///
/// # Errors
/// A filter is malformed or names what the registry does not have.
pub(crate) fn query(node: &Node, request: &pb::ListDossiersRequest) -> Result<Query, Status> {
    let agency = |field: &str, id: &str| match id {
        "" => Ok(None),
        id => node.known_agency(field, id).map(Some),
    };
    Ok(Query {
        code_prefix: code_prefix(&request.code_prefix)?,
        agency: agency("agency", &request.agency)?,
        statuses: statuses(&request.statuses)?,
        procedure: procedure(&request.procedure)?,
        received_by: agency("received_by", &request.received_by)?,
        imported: request.imported,
        received: days("received", &request.received_from, &request.received_to)?,
        due: days("due", &request.due_from, &request.due_to)?,
        overdue_as_of: day("overdue_as_of", &request.overdue_as_of)?,
    })
}

/// The scope of page tokens of just this question.
pub(crate) fn scope(node: &Node, query: &Query) -> TokenScope {
    let Query {
        code_prefix,
        agency,
        statuses,
        procedure,
        received_by,
        imported,
        received,
        due,
        overdue_as_of,
    } = query;
    let id = |agency: &Option<AgencyId>| agency.as_ref().map(ToString::to_string).unwrap_or_default();
    let days = |days: &Option<Days>| days.as_ref().map(|days| format!("{days:?}")).unwrap_or_default();
    let statuses: Vec<String> = statuses.iter().map(|status| status.code().to_string()).collect();
    let question = [
        code_prefix.clone(),
        id(agency),
        statuses.join(","),
        procedure.as_ref().map(ToString::to_string).unwrap_or_default(),
        id(received_by),
        imported.map(|imported| imported.to_string()).unwrap_or_default(),
        days(received),
        days(due),
        overdue_as_of.map(|day| day.to_string()).unwrap_or_default(),
    ];
    TokenScope::new(node.log_id(), "dossiers", &question.each_ref().map(String::as_str))
}

/// Where a token says that its page begins.
///
/// # Errors
/// It is no token of this question.
pub(crate) fn place(scope: &TokenScope, token: &str) -> Result<Option<Place>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let place = scope.read(token).and_then(|says| Place::parse(&says));
    place.map(Some).ok_or_else(bad_page_token)
}

/// What is no beginning of any code finds nothing, so it is said.
fn code_prefix(text: &str) -> Result<String, Status> {
    if text.is_empty() || DossierCode::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    Err(invalid("code_prefix", "MALFORMED", "is not the beginning of a dossier code".to_owned()))
}

fn procedure(code: &str) -> Result<Option<ProcedureCode>, Status> {
    if code.is_empty() {
        return Ok(None);
    }
    // Never repeats the text: a name in the wrong field must not come back in an error.
    let fault = |fault: IdFault| invalid("procedure", "MALFORMED", format!("is not {}", fault.expected));
    ProcedureCode::parse(code).map(Some).map_err(fault)
}

/// A day of a request; none where it says nothing.
///
/// # Errors
/// It is no day of the years that instants have.
pub(crate) fn day(field: &str, text: &str) -> Result<Option<Date>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text && *day >= DAYS.0);
    let malformed = || invalid(field, "MALFORMED", "is not a day such as 2026-12-15".to_owned());
    day.map(Some).ok_or_else(malformed)
}

/// From one day to another; open where one is not said, none where neither is.
fn days(what: &str, from: &str, to: &str) -> Result<Option<Days>, Status> {
    let (from, to) = (day(&format!("{what}_from"), from)?, day(&format!("{what}_to"), to)?);
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let days = from.unwrap_or(DAYS.0)..=to.unwrap_or(DAYS.1);
    if days.is_empty() {
        let problem = "is before the first day".to_owned();
        return Err(invalid(&format!("{what}_to"), "OUT_OF_RANGE", problem));
    }
    Ok(Some(days))
}

/// The size of a page that a request asks for.
///
/// # Errors
/// It is more than a page takes.
pub(crate) fn page_size(asked: u32) -> Result<usize, Status> {
    let size = match asked {
        0 => PAGE_DEFAULT,
        size if size <= PAGE_MAX => size,
        size => {
            let problem = format!("is {size}, at most {PAGE_MAX} are taken");
            return Err(invalid("page_size", "OUT_OF_RANGE", problem));
        }
    };
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

/// A page token that is none of this log and question.
pub(crate) fn bad_page_token() -> Status {
    let problem = "is no token of this query and log; begin again without one".to_owned();
    invalid("page_token", "BAD_TOKEN", problem)
}

/// In the order of their codes, each once, so that one question has one token.
fn statuses(numbers: &[i32]) -> Result<Vec<DossierStatus>, Status> {
    let all = DossierStatus::ALL;
    if numbers.len() > all.len() {
        let problem = format!("has {} statuses, there are {}", numbers.len(), all.len());
        return Err(invalid("statuses", "TOO_MANY", problem));
    }
    let unknown = |number: &&i32| DossierStatus::from_code(**number).is_none();
    if let Some(number) = numbers.iter().find(unknown) {
        return Err(invalid(
            "statuses",
            "UNKNOWN_VALUE",
            format!("{number} is not a national status, 1 to 10"),
        ));
    }
    Ok(all.into_iter().filter(|status| numbers.contains(&i32::from(status.code()))).collect())
}

#[cfg(test)]
mod tests;
