//! Tasks: what an agency, or an officer of it, is waited for.

use lienthong_admission::State;
use lienthong_dossier::{Case, OfficerId, ReferralState};
use lienthong_projection::{Matter, StoreError, Task, tasks};
use lienthong_registry::AgencyId;
use lienthong_seal::partition_of;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, timestamp};
use tonic::Status;

use super::left::left;
use super::list::bad_page_token;
use super::token::TokenScope;
use super::view::View;
use crate::node::Node;
use crate::status::invalid;

/// Tasks that one call looks at; where few of them are the officer's, its page is short and names the next one.
const LOOKED_AT_MAX: usize = 8_192;

/// Whose tasks are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    agency: AgencyId,
    officer: Option<OfficerId>,
}

/// A page of tasks, and where the next one begins.
pub(crate) struct Page {
    pub(crate) tasks: Vec<pb::Task>,
    /// Goes on behind this one; none when there is nothing behind it.
    pub(crate) behind: Option<Task>,
}

impl Whose {
    /// Reads whose tasks a request asks for.
    ///
    /// # Errors
    /// The officer's id is none.
    pub(crate) fn parse(agency: AgencyId, officer: &str) -> Result<Self, Status> {
        let officer = match officer {
            "" => None,
            // Never repeats the text.
            id => Some(
                OfficerId::parse(id)
                    .map_err(|_| invalid("officer_id", "MALFORMED", "is no officer's id".to_owned()))?,
            ),
        };
        Ok(Self { agency, officer })
    }

    /// The scope of page tokens of just this question.
    pub(crate) fn scope(&self, node: &Node) -> TokenScope {
        let officer = self.officer.as_ref().map_or("", OfficerId::as_str);
        TokenScope::new(node.log_id(), "tasks", &[self.agency.as_str(), officer])
    }

    /// Where a token says that its page begins.
    ///
    /// # Errors
    /// It is no token of this question.
    pub(crate) fn place(scope: &TokenScope, token: &str) -> Result<Option<Task>, Status> {
        if token.is_empty() {
            return Ok(None);
        }
        let task = scope.read(token).and_then(|says| Task::parse(&says));
        task.map(Some).ok_or_else(bad_page_token)
    }

    /// The next page. Reads the store: not for an async task.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn page(&self, node: &Node, from: Option<&Task>, size: usize) -> Result<Page, StoreError> {
        let mut page = Page { tasks: Vec::new(), behind: None };
        for (looked_at, task) in (1..).zip(node.store().tasks(&self.agency, from)) {
            let task = task?;
            if page.tasks.len() == size {
                return Ok(page);
            }
            page.tasks.extend(self.task(node, &task)?);
            page.behind = Some(task);
            if looked_at == LOOKED_AT_MAX {
                return Ok(page);
            }
        }
        page.behind = None;
        Ok(page)
    }

    /// The task as it is shown; none when it is not wanted, or was done meanwhile.
    fn task(&self, node: &Node, task: &Task) -> Result<Option<pb::Task>, StoreError> {
        if task.matter == Matter::Promise {
            return Ok(None);
        }
        let officer = node.store().officer(&self.agency, &task.code)?;
        if self.officer.is_some() && self.officer != officer {
            return Ok(None);
        }
        let Some(state) = node.store().state(&task.code)? else { return Ok(None) };
        let stands = tasks(&task.code, &state).contains(&(self.agency.clone(), task.clone()));
        let Some(case) = state.dossier.live().filter(|_| stands) else { return Ok(None) };
        let officer = officer.filter(|_| is_taken_on(case, task.matter));
        if self.officer.is_some() && officer.is_none() {
            return Ok(None);
        }
        Ok(Some(self.shown(node, task, &state, case, officer.as_ref())))
    }

    fn shown(
        &self,
        node: &Node,
        task: &Task,
        state: &State,
        case: &Case,
        officer: Option<&OfficerId>,
    ) -> pb::Task {
        let (registry, as_of) = (node.registry(), node.as_of(state));
        let partition = partition_of(task.code.as_str(), node.partitions());
        let view =
            View { registry: &registry, training: node.training(), partition, code: &task.code, as_of };
        let kind = match task.matter {
            Matter::Offer => pb::TaskKind::Offer,
            Matter::Referral(_) => pb::TaskKind::Referral,
            Matter::Step | Matter::Promise => pb::TaskKind::Step,
        };
        let referral = match task.matter {
            Matter::Referral(ordinal) => {
                case.referrals.get(&ordinal).map(|referral| view.referral(ordinal, case, referral))
            }
            Matter::Offer | Matter::Step | Matter::Promise => None,
        };
        let step = view.step(case);
        let dossier_left = || left(&registry, case, &case.received_by, case.clock, as_of);
        let left = match task.matter {
            Matter::Referral(_) => referral.as_ref().and_then(|referral| referral.left),
            Matter::Step => step.as_ref().and_then(|step| step.left).or_else(dossier_left),
            Matter::Offer | Matter::Promise => dossier_left(),
        };
        pb::Task {
            code: task.code.to_string(),
            kind: kind.into(),
            due: task.due().map(timestamp),
            left,
            officer_id: officer.map(ToString::to_string).unwrap_or_default(),
            step,
            referral,
            status: case.status().number(),
            procedure: case.procedure.to_string(),
            dossier_due: case.clock.due().map(timestamp),
            as_of: Some(timestamp(as_of)),
        }
    }
}

/// Whether somebody of the agency has taken it on.
fn is_taken_on(case: &Case, matter: Matter) -> bool {
    match matter {
        Matter::Offer => false,
        Matter::Step | Matter::Promise => true,
        Matter::Referral(ordinal) => {
            case.referrals.get(&ordinal).is_some_and(|referral| referral.state == ReferralState::Accepted)
        }
    }
}
