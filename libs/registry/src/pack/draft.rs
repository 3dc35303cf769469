//! A pack as far as it could be read. What is none had a fault, which was noted when it was read.

use std::sync::Arc;

use jiff::civil::Date;
use lienthong_calendar::Limit;

use super::{
    Carrier, Document, Fee, Field, Need, Next, Outcome, Pack, PayeeAccount, Produced, Referral, Retention,
    Silence, Step, StepKind, Subject, Supplement, fields::At, service::DraftService,
};
use crate::{DocumentKind, OutcomeId, PackVersion, Period, ProcedureCode, ProvinceCode, Role, StepId};

pub(super) struct Draft {
    pub(super) procedure: Option<ProcedureCode>,
    pub(super) version: Option<PackVersion>,
    pub(super) name: Option<String>,
    pub(super) field: Option<Field>,
    pub(super) legal_basis: Vec<String>,
    pub(super) from: Option<Date>,
    pub(super) to: Option<At<Date>>,
    pub(super) territory: Option<ProvinceCode>,
    pub(super) total: Option<At<Limit>>,
    pub(super) supplement: Option<Supplement>,
    pub(super) retention: Option<At<Retention>>,
    pub(super) retention_source: Option<At<String>>,
    pub(super) service: Option<DraftService>,
    pub(super) documents: Vec<At<Document>>,
    pub(super) produced: Vec<At<Produced>>,
    pub(super) results: Vec<At<Produced>>,
    pub(super) fees: Vec<At<Fee>>,
    pub(super) accounts: Vec<At<PayeeAccount>>,
    /// Where the steps are, for a fault of all.
    pub(super) steps_line: u32,
    pub(super) steps: Vec<DraftStep>,
}

pub(super) struct DraftStep {
    pub(super) line: u32,
    pub(super) id: Option<StepId>,
    pub(super) name: Option<String>,
    pub(super) role: Option<At<Role>>,
    pub(super) kind: Option<StepKind>,
    pub(super) limit: Option<At<Limit>>,
    pub(super) in_total: Option<At<bool>>,
    pub(super) medium: Option<At<Carrier>>,
    pub(super) paper_because: Option<At<String>>,
    pub(super) documents: Vec<At<DocumentKind>>,
    pub(super) referrals: Vec<DraftReferral>,
    pub(super) needs: Vec<At<Need>>,
    pub(super) issues_result: At<bool>,
    pub(super) outcomes: Vec<DraftOutcome>,
}

pub(super) struct DraftReferral {
    pub(super) line: u32,
    pub(super) subject: Option<Subject>,
    pub(super) role: Option<At<Role>>,
    pub(super) limit: Option<At<Limit>>,
    pub(super) outside_clock: bool,
    pub(super) silence: Option<At<Silence>>,
}

pub(super) struct DraftOutcome {
    pub(super) line: u32,
    pub(super) id: Option<OutcomeId>,
    pub(super) name: Option<String>,
    pub(super) next: Option<At<Next>>,
}

impl Draft {
    /// The pack, if nothing of it is missing.
    pub(super) fn build(self, file: &str, text: &str) -> Option<Pack> {
        let steps: Vec<_> = self.steps.into_iter().map(DraftStep::build).collect::<Option<_>>()?;
        Some(Pack {
            file: file.into(),
            text: Arc::from(text),
            procedure: self.procedure?,
            version: self.version?,
            name: self.name?,
            field: self.field?,
            legal_basis: self.legal_basis,
            in_force: Period { from: Some(self.from?), to: self.to.map(|to| to.value) },
            territory: self.territory?,
            total: self.total?.value,
            supplement: self.supplement?,
            retention: self.retention.map(|at| at.value).unwrap_or_default(),
            retention_source: self.retention_source.map(|at| at.value),
            service: self.service.map(DraftService::build).unwrap_or_default(),
            documents: values(self.documents),
            produced: values(self.produced),
            results: values(self.results),
            fees: values(self.fees),
            accounts: values(self.accounts),
            entry: Box::new(steps.first()?.clone()),
            steps,
        })
    }
}

impl DraftStep {
    /// Its id as far as faults need it to be named; none keeps them silent.
    pub(super) fn id(&self) -> Option<&StepId> {
        self.id.as_ref()
    }

    /// Whether its limit is part of the total: work is, unless it says otherwise; waiting is not.
    pub(super) fn counts(&self) -> Option<bool> {
        let by_kind = self.kind.map(|kind| kind == StepKind::Work);
        self.in_total.as_ref().map(|said| said.value).or(by_kind)
    }

    /// Where it says that the dossier leaves it on paper.
    pub(super) fn on_paper(&self) -> Option<u32> {
        self.medium.as_ref().filter(|medium| medium.value == Carrier::Paper).map(|medium| medium.line)
    }

    fn build(self) -> Option<Step> {
        Some(Step {
            in_total: self.counts()?,
            id: self.id?,
            name: self.name?,
            role: self.role?.value,
            kind: self.kind?,
            limit: self.limit?.value,
            medium: self.medium.map_or(Carrier::Electronic, |medium| medium.value),
            paper_because: self.paper_because.map(|at| at.value),
            documents: values(self.documents),
            referrals: self.referrals.into_iter().map(DraftReferral::build).collect::<Option<_>>()?,
            needs: values(self.needs),
            issues_result: self.issues_result.value,
            outcomes: self.outcomes.into_iter().map(DraftOutcome::build).collect::<Option<_>>()?,
            line: self.line,
        })
    }
}

impl DraftReferral {
    fn build(self) -> Option<Referral> {
        Some(Referral {
            subject: self.subject?,
            role: self.role?.value,
            limit: self.limit?.value,
            outside_clock: self.outside_clock,
            silence: self.silence.map_or(Silence::None, |silence| silence.value),
            line: self.line,
        })
    }
}

impl DraftOutcome {
    fn build(self) -> Option<Outcome> {
        Some(Outcome { id: self.id?, name: self.name?, next: self.next?.value, line: self.line })
    }
}

fn values<T>(located: Vec<At<T>>) -> Vec<T> {
    located.into_iter().map(|at| at.value).collect()
}
