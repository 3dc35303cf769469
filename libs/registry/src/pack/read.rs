//! The schema: which fields there are, where, and of which type.

use std::num::NonZeroU16;

use lienthong_tax::Dong;

use super::{
    CopyKind, Document, Ending, Fault, Fee, Field, Next, Payee, PayeeAccount, Produced,
    draft::{Draft, DraftOutcome, DraftReferral, DraftStep},
    fault::Faults,
    fields::{At, Fields},
    service::DraftService,
    yaml::{self, Node},
};
use crate::StepId;

/// The pack as far as it can be read; none if it is no mapping of fields at all.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<Draft> {
    let root = yaml::parse(text, faults)?;
    let mut fields = Fields::of(&root, "pack", faults)?;
    let mut in_force = fields.inner("in_force", faults);
    if fields.has("retention") != fields.has("retention_source") {
        let said = if fields.has("retention") { "retention" } else { "retention_source" };
        faults.add(fields.line_of(said), Fault::RetentionSource);
    }
    let draft = Draft {
        procedure: fields.required("procedure", faults).map(|at| at.value),
        version: fields.required("version", faults).map(|at| at.value),
        name: fields.text("name", faults),
        field: fields.inner("field", faults).and_then(|inner| field(inner, faults)),
        legal_basis: fields.values("legal_basis", faults).into_iter().map(|at| at.value).collect(),
        from: in_force.as_mut().and_then(|inner| inner.required("from", faults)).map(|at| at.value),
        to: in_force.as_mut().and_then(|inner| inner.optional("to", faults)),
        territory: fields.required("territory", faults).map(|at| at.value),
        total: fields.required("total", faults),
        supplement: fields.required("supplement", faults).map(|at| at.value),
        retention: fields.optional("retention", faults),
        retention_source: fields.optional("retention_source", faults),
        service: fields.maybe_inner("service", faults).map(|inner| DraftService::read(inner, faults)),
        documents: fields.list("documents", faults, document),
        produced: fields.list("produced", faults, |node, faults| produced(node, "produced", faults)),
        results: fields.list("results", faults, |node, faults| produced(node, "result", faults)),
        fees: fields.list("fees", faults, fee),
        accounts: fields.list("accounts", faults, account),
        steps_line: fields.line_of("steps"),
        steps: fields.list("steps", faults, step),
    };
    if let Some(in_force) = in_force {
        in_force.close(faults);
    }
    fields.close(faults);
    Some(draft)
}

fn field(mut fields: Fields<'_>, faults: &mut Faults) -> Option<Field> {
    let code = fields.required("code", faults);
    let name = fields.text("name", faults);
    fields.close(faults);
    Some(Field { code: code?.value, name: name? })
}

fn document(node: &Node, faults: &mut Faults) -> Option<At<Document>> {
    let mut fields = Fields::of(node, "document", faults)?;
    let id = fields.required("id", faults);
    let name = fields.text("name", faults);
    let copy = fields.optional("copy", faults).map_or(CopyKind::Original, |at| at.value);
    let document = Document {
        form: fields.optional("form", faults).map(|at| at.value),
        required: fields.optional("required", faults).is_none_or(|at| at.value),
        copy,
        online: fields.optional("online", faults).map_or(copy, |at| at.value),
        paper_because: fields.optional("paper_because", faults).map(|at| at.value),
        copies: fields.optional("copies", faults).map_or(NonZeroU16::MIN, |at| at.value).get(),
        reuse: fields.optional("reuse", faults).map(|at| at.value),
        id: id?.value,
        name: name?,
    };
    fields.close(faults);
    Some(At { line: node.line, value: document })
}

fn produced(node: &Node, of: &'static str, faults: &mut Faults) -> Option<At<Produced>> {
    let mut fields = Fields::of(node, of, faults)?;
    let id = fields.required("id", faults);
    let name = fields.text("name", faults);
    let form = fields.optional("form", faults).map(|at| at.value);
    fields.close(faults);
    Some(At { line: node.line, value: Produced { id: id?.value, name: name?, form } })
}

fn fee(node: &Node, faults: &mut Faults) -> Option<At<Fee>> {
    let mut fields = Fields::of(node, "fee", faults)?;
    let id = fields.required("id", faults);
    let name = fields.text("name", faults);
    let amount = fields.required("amount", faults).map(|at: At<u64>| Dong::new(at.value));
    let collected = fields.required("collected", faults);
    let said = fields.has("exempt");
    let exempt = fields.some_values("exempt", faults);
    let exempt_because: Option<At<String>> = fields.optional("exempt_because", faults);
    fields.close(faults);
    let id: crate::FeeId = id.map(|at| at.value)?;
    if said != exempt_because.is_some() {
        faults.add(node.line, Fault::ExemptionSource { fee: id.clone() });
    }
    let fee = Fee {
        id,
        name: name?,
        amount: amount?,
        collected: collected?.value,
        exempt: exempt.into_iter().flat_map(|list| list.value).map(|at| at.value).collect(),
        exempt_because: exempt_because.map(|at| at.value),
    };
    Some(At { line: node.line, value: fee })
}

/// Exactly one of `agency: H56.2` and `role: ward-desk`.
fn account(node: &Node, faults: &mut Faults) -> Option<At<PayeeAccount>> {
    let mut fields = Fields::of(node, "account", faults)?;
    let both = fields.has("agency") == fields.has("role");
    let agency = fields.optional("agency", faults).map(|at| Payee::Agency(at.value));
    let role = fields.optional("role", faults).map(|at| Payee::Role(at.value));
    let number = fields.required("number", faults);
    let bank = fields.text("bank", faults);
    fields.close(faults);
    if both {
        faults.add(node.line, Fault::AgencyOrRole);
        return None;
    }
    let account = PayeeAccount { payee: agency.or(role)?, number: number?.value, bank: bank? };
    Some(At { line: node.line, value: account })
}

fn step(node: &Node, faults: &mut Faults) -> Option<DraftStep> {
    let mut fields = Fields::of(node, "step", faults)?;
    let step = DraftStep {
        line: node.line,
        id: fields.required("id", faults).map(|at| at.value),
        name: fields.text("name", faults),
        role: fields.required("role", faults),
        kind: fields.required("kind", faults).map(|at| at.value),
        limit: fields.required("limit", faults),
        in_total: fields.optional("in_total", faults),
        medium: fields.optional("medium", faults),
        paper_because: fields.optional("paper_because", faults),
        documents: fields.values("documents", faults),
        referrals: fields.list("referrals", faults, referral),
        needs: fields.values("needs", faults),
        issues_result: issues_result(&mut fields, faults),
        outcomes: fields.list("outcomes", faults, outcome),
    };
    fields.close(faults);
    Some(step)
}

/// What cannot be read is taken for a yes: whoever wrote it meant this step.
fn issues_result(fields: &mut Fields<'_>, faults: &mut Faults) -> At<bool> {
    let line = fields.line_of("issues_result");
    let said = fields.has("issues_result");
    let read = fields.optional("issues_result", faults);
    At { line, value: said && read.is_none_or(|at: At<bool>| at.value) }
}

fn referral(node: &Node, faults: &mut Faults) -> Option<DraftReferral> {
    let mut fields = Fields::of(node, "referral", faults)?;
    let referral = DraftReferral {
        line: node.line,
        subject: fields.required("subject", faults).map(|at| at.value),
        role: fields.required("role", faults),
        limit: fields.required("limit", faults),
        outside_clock: fields.required("outside_clock", faults).is_some_and(|at| at.value),
        silence: fields.optional("silence", faults),
    };
    fields.close(faults);
    Some(referral)
}

fn outcome(node: &Node, faults: &mut Faults) -> Option<DraftOutcome> {
    let mut fields = Fields::of(node, "outcome", faults)?;
    let id: Option<At<crate::OutcomeId>> = fields.required("id", faults);
    let name = fields.text("name", faults);
    let next = next(&mut fields, id.as_ref().map(|at| at.value.to_string()), faults);
    fields.close(faults);
    Some(DraftOutcome { line: node.line, id: id.map(|at| at.value), name, next })
}

/// Exactly one of `next: step` and `end: approved`.
fn next(fields: &mut Fields<'_>, outcome: Option<String>, faults: &mut Faults) -> Option<At<Next>> {
    if fields.has("next") == fields.has("end") {
        faults.add(fields.line, Fault::NextOrEnd { outcome: outcome.unwrap_or_default() });
        fields.pass("next");
        fields.pass("end");
        return None;
    }
    let step = fields
        .optional("next", faults)
        .map(|at: At<StepId>| At { line: at.line, value: Next::Step(at.value) });
    let end =
        fields.optional("end", faults).map(|at: At<Ending>| At { line: at.line, value: Next::End(at.value) });
    step.or(end)
}
