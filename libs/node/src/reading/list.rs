//! Listing dossiers: filters, pages, and how much one call may look at.

use lienthong_admission::State;
use lienthong_dossier::{Dossier, DossierCode, Status as DossierStatus};
use lienthong_projection::StoreError;
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
/// Dossiers that one call looks at; where few of them fit the filters, its page is short and names the next one.
const LOOKED_AT_MAX: usize = 20_000;
/// Rows read at once.
const CHUNK: usize = 256;

/// Which dossiers are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    agency: Option<AgencyId>,
    statuses: Vec<DossierStatus>,
    procedure: Option<ProcedureCode>,
    received_by: Option<AgencyId>,
    imported: Option<bool>,
}

/// A page of dossiers, and where the next one begins.
pub(crate) struct Page {
    /// In the order of their codes.
    pub(crate) dossiers: Vec<(DossierCode, State)>,
    /// Goes on behind this code; none when there is nothing behind it.
    pub(crate) behind: Option<DossierCode>,
}

impl Filter {
    /// Reads the filters of a request.
    ///
    /// # Errors
    /// A filter is malformed or names what the registry does not have.
    pub(crate) fn parse(node: &Node, request: &pb::ListDossiersRequest) -> Result<Self, Status> {
        let agency = |field: &str, id: &str| match id {
            "" => Ok(None),
            id => node.known_agency(field, id).map(Some),
        };
        let procedure = match request.procedure.as_str() {
            "" => None,
            code => {
                // Never repeats the text: a name in the wrong field must not come back in an error.
                let fault =
                    |fault: IdFault| invalid("procedure", "MALFORMED", format!("is not {}", fault.expected));
                Some(ProcedureCode::parse(code).map_err(fault)?)
            }
        };
        Ok(Self {
            agency: agency("agency", &request.agency)?,
            statuses: statuses(&request.statuses)?,
            procedure,
            received_by: agency("received_by", &request.received_by)?,
            imported: request.imported,
        })
    }

    /// The scope of page tokens of just these filters.
    pub(crate) fn scope(&self, node: &Node) -> TokenScope {
        let id = |agency: &Option<AgencyId>| agency.as_ref().map(ToString::to_string).unwrap_or_default();
        let statuses: Vec<String> = self.statuses.iter().map(|status| status.code().to_string()).collect();
        let question = [
            id(&self.agency),
            statuses.join(","),
            self.procedure.as_ref().map(ToString::to_string).unwrap_or_default(),
            id(&self.received_by),
            self.imported.map(|imported| imported.to_string()).unwrap_or_default(),
        ];
        TokenScope::new(node.log_id(), "dossiers", &question.each_ref().map(String::as_str))
    }

    /// The next page. Reads the store: not for an async task.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn page(
        &self,
        node: &Node,
        from: Option<DossierCode>,
        size: usize,
    ) -> Result<Page, StoreError> {
        let mut page = Page { dossiers: Vec::new(), behind: from };
        let mut looked_at = 0;
        while looked_at < LOOKED_AT_MAX {
            let rows = self.rows(node, page.behind.as_ref())?;
            if rows.is_empty() {
                page.behind = None;
                return Ok(page);
            }
            looked_at += rows.len();
            for (code, state) in rows {
                page.behind = Some(code.clone());
                if let Some(state) = state.filter(|state| self.fits(state)) {
                    page.dossiers.push((code, state));
                }
                if page.dossiers.len() == size {
                    return self.ended(node, page);
                }
            }
        }
        self.ended(node, page)
    }

    /// A full page is the last one when there is nothing behind it.
    fn ended(&self, node: &Node, mut page: Page) -> Result<Page, StoreError> {
        let more = match &self.agency {
            Some(agency) => !node.store().list_of(agency, page.behind.as_ref(), 1)?.is_empty(),
            None => !node.store().list(page.behind.as_ref(), "", 1)?.is_empty(),
        };
        if !more {
            page.behind = None;
        }
        Ok(page)
    }

    /// The next dossiers, in the order of their codes. One that does not lie before the agency has no state here.
    fn rows(
        &self,
        node: &Node,
        from: Option<&DossierCode>,
    ) -> Result<Vec<(DossierCode, Option<State>)>, StoreError> {
        let store = node.store();
        let Some(agency) = &self.agency else {
            let rows = store.list(from, "", CHUNK)?;
            return Ok(rows.into_iter().map(|(code, state)| (code, Some(state))).collect());
        };
        let mut rows = Vec::new();
        for (code, standing) in store.list_of(agency, from, CHUNK)? {
            let before_it = standing.holds || standing.offered || standing.referred;
            let state = if before_it { store.state(&code)? } else { None };
            rows.push((code, state));
        }
        Ok(rows)
    }

    fn fits(&self, state: &State) -> bool {
        let dossier = &state.dossier;
        let (procedure, received_by, imported) = match dossier {
            Dossier::Live(case) => (Some(&case.procedure), &case.received_by, false),
            Dossier::Imported(imported) => (None, &imported.by, true),
        };
        let in_status = || dossier.status().is_some_and(|status| self.statuses.contains(&status));
        (self.statuses.is_empty() || in_status())
            && (self.procedure.is_none() || self.procedure.as_ref() == procedure)
            && self.received_by.as_ref().is_none_or(|wanted| wanted == received_by)
            && self.imported.is_none_or(|wanted| wanted == imported)
    }
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
