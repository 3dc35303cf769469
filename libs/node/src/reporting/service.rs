//! `lienthong.reporting.v1.Reporting`.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_dossier::DossierCode;
use lienthong_registry::Registry;
use lienthong_report::{Column, Facts, Ii06, Indicators, Payments, Rows, Shares};
use lienthong_wire::pb::reporting::v1 as pb;
use tokio::sync::Semaphore;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::answer;
use super::scope::{Asker, Scope, Unfinished};
use crate::deadline::deadline;
use crate::error::Refusal;
use crate::node::{Node, WAIT_MAX};
use crate::reading::{TokenScope, bad_page_token, page_size};
use crate::status::{defect, invalid, status};

/// Reports that are made at once, each of which reads the whole projection.
pub const REPORTS_MAX: usize = 4;

/// The face of a node.
pub struct ReportingService {
    node: Node,
    places: Arc<Semaphore>,
}

impl ReportingService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node, places: Arc::new(Semaphore::new(REPORTS_MAX)) }
    }

    /// The scope, once its `at_least` is applied.
    async fn scope(&self, metadata: &MetadataMap, scope: Option<pb::Scope>) -> Result<Scope, Status> {
        let at_least = scope.as_ref().map_or(&[][..], |scope| &scope.at_least);
        self.node.reach_positions(deadline(metadata, WAIT_MAX), "scope.at_least", at_least).await?;
        Scope::parse(&self.node, scope)
    }

    /// Lets every dossier be counted, and gives the registry by which it was and what the report is made of.
    async fn count<R: Send + 'static>(
        &self,
        scope: &Scope,
        mut report: R,
        count: impl Fn(&mut R, &Facts) + Send + Sync + 'static,
    ) -> Result<(R, Arc<Registry>, pb::Basis), Status> {
        let busy = |_| status(Refusal::Busy { limit: REPORTS_MAX });
        let _place = Arc::clone(&self.places).try_acquire_owned().map_err(busy)?;
        let asker = Asker::default();
        let (node, registry, gone) = (self.node.clone(), self.node.registry(), asker.is_gone());
        let (survey, known) = (scope.clone(), Arc::clone(&registry));
        let counted = tokio::task::spawn_blocking(move || {
            let newest = survey.survey(&node, &known, &gone, |facts| count(&mut report, facts))?;
            Ok::<_, Unfinished>((report, newest))
        });
        let (report, newest) =
            counted.await.map_err(|error| defect(&error))?.map_err(|unfinished| match unfinished {
                Unfinished::Store(error) => status(Refusal::Store(error)),
                Unfinished::Gone => status(Refusal::Draining),
            })?;
        let basis = scope.basis(self.node.training(), newest);
        Ok((report, registry, basis))
    }
}

#[tonic::async_trait]
impl pb::reporting_server::Reporting for ReportingService {
    async fn get_ii06(&self, request: Request<pb::GetIi06Request>) -> Result<Response<pb::Ii06>, Status> {
        let (metadata, _, request) = request.into_parts();
        let rows = rows(request.rows)?;
        let scope = self.scope(&metadata, request.scope).await?;
        let report = Ii06::new(scope.window, rows, scope.settings);
        let (report, registry, basis) = self.count(&scope, report, Ii06::count).await?;
        Ok(Response::new(answer::ii06(&report, &registry, basis)))
    }

    async fn list_behind(
        &self,
        request: Request<pb::ListBehindRequest>,
    ) -> Result<Response<pb::ListBehindResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let size = page_size(request.page_size)?;
        let rows = rows(request.rows)?;
        let column = Column::new(request.column).ok_or_else(|| {
            let problem = format!("{} is no column that counts: they are 3 to 13", request.column);
            invalid("column", "OUT_OF_RANGE", problem)
        })?;
        let scope = self.scope(&metadata, request.scope).await?;
        let mut question = scope.question(rows);
        question.extend([request.row.clone(), request.column.to_string()]);
        let question: Vec<&str> = question.iter().map(String::as_str).collect();
        let tokens = TokenScope::new(self.node.log_id(), "behind", &question);
        let from = match request.page_token.as_str() {
            "" => None,
            token => {
                let says = tokens.read(token).and_then(|says| String::from_utf8(says).ok());
                Some(says.and_then(|code| DossierCode::parse(&code).ok()).ok_or_else(bad_page_token)?)
            }
        };
        let (window, settings) = (scope.window, scope.settings);
        let (known, row) = (self.node.registry(), request.row);
        let fits = move |facts: &Facts| {
            from.as_ref().is_none_or(|from| facts.code > *from)
                && facts.is_in(column, window, settings)
                && (row.is_empty() || facts.row(rows).label(&known, rows, window.to()).code == row)
        };
        let count = move |found: &mut BTreeMap<DossierCode, Facts>, facts: &Facts| {
            if fits(facts) {
                found.insert(facts.code.clone(), facts.clone());
            }
            // One more than a page tells whether there is another.
            if found.len() > size + 1 {
                found.pop_last();
            }
        };
        let (mut found, registry, basis) = self.count(&scope, BTreeMap::new(), count).await?;
        let last = if found.len() > size {
            found.pop_last();
            found.keys().next_back().map(ToString::to_string)
        } else {
            None
        };
        Ok(Response::new(pb::ListBehindResponse {
            basis: Some(basis),
            dossiers: found.values().map(|facts| answer::behind(facts, &scope, &registry)).collect(),
            next_page_token: last.map(|last| tokens.write(last.as_bytes())).unwrap_or_default(),
        }))
    }

    async fn get_shares(
        &self,
        request: Request<pb::GetSharesRequest>,
    ) -> Result<Response<pb::Shares>, Status> {
        let (metadata, _, request) = request.into_parts();
        let scope = self.scope(&metadata, request.scope).await?;
        let shares = Shares::new(scope.window, scope.settings);
        let (shares, registry, basis) = self.count(&scope, shares, Shares::count).await?;
        Ok(Response::new(answer::shares(&shares, &registry, basis)))
    }

    async fn get_payments(
        &self,
        request: Request<pb::GetPaymentsRequest>,
    ) -> Result<Response<pb::Payments>, Status> {
        let (metadata, _, request) = request.into_parts();
        let scope = self.scope(&metadata, request.scope).await?;
        let payments = Payments::new(scope.window);
        let (payments, _, basis) = self.count(&scope, payments, Payments::count).await?;
        Ok(Response::new(answer::payments(&payments, basis)))
    }

    async fn get_indicators(
        &self,
        request: Request<pb::GetIndicatorsRequest>,
    ) -> Result<Response<pb::Indicators>, Status> {
        let (metadata, _, request) = request.into_parts();
        let scope = self.scope(&metadata, request.scope).await?;
        let indicators = Indicators::new(scope.window);
        let (indicators, _, basis) = self.count(&scope, indicators, Indicators::count).await?;
        Ok(Response::new(answer::indicators(&indicators, basis)))
    }
}

fn rows(number: i32) -> Result<Rows, Status> {
    match pb::Rows::try_from(number) {
        Ok(pb::Rows::Unspecified | pb::Rows::Agency) => Ok(Rows::Agency),
        Ok(pb::Rows::Field) => Ok(Rows::Field),
        Ok(pb::Rows::Procedure) => Ok(Rows::Procedure),
        Err(_) => Err(invalid("rows", "UNKNOWN_VALUE", format!("{number} is not on the list"))),
    }
}
