//! Facts: one event each, flat, with the registry's names beside the ids.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Activity, Case, ClockChange, Document, Dossier, Event, EventKind, Next, Opening, Subject, Wait,
};
use lienthong_registry::{AgencyId, DocumentKind, Pack, Registry};
use lienthong_seal::Hash;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, timestamp};

use super::notices;
use super::view::{agency_name, pack_of};

/// Tells events of one dossier on one day.
#[derive(Clone, Copy)]
pub(crate) struct Teller<'a> {
    pub(super) registry: &'a Registry,
    /// The case with the act folded in; none for imported history.
    pub(super) case: Option<&'a Case>,
    pub(super) pack: Option<&'a Pack>,
    pub(super) on: Date,
}

impl<'a> Teller<'a> {
    /// Tells what happened at `at` to a dossier that is now like this.
    pub(crate) fn new(registry: &'a Registry, dossier: Option<&'a Dossier>, at: Instant) -> Self {
        let case = dossier.and_then(Dossier::live);
        let pack = case.and_then(|case| pack_of(registry, case));
        Self { registry, case, pack, on: at.date() }
    }

    /// The event as the contract carries it. A field is set where the event has it.
    pub(crate) fn fact(&self, event: &Event) -> pb::Fact {
        let fact = pb::Fact {
            name: event.kind.name().to_owned(),
            text: self.sentence(event),
            has_details: event.kind.detail().is_some(),
            clock: event.clocks.dossier.map(effect),
            step_clock: event.clocks.step.map(effect),
            ..pb::Fact::default()
        };
        match &event.kind {
            EventKind::DossierFiled(opening) | EventKind::DossierAccepted(opening) => {
                self.with_opening(opening, fact)
            }
            EventKind::DossierRefused { opening, ground } => {
                let fact = pb::Fact { ground: ground.to_string(), ..fact };
                match opening {
                    Some(opening) => self.with_opening(opening, fact),
                    None => fact,
                }
            }
            EventKind::CustodyOffered { to, medium, redirected_from } => {
                let fact = self.with_agency(to, redirected_from.as_ref(), fact);
                pb::Fact { medium: medium.number(), ..fact }
            }
            EventKind::CustodyTransferredBySuccession { from, to, legal_basis } => pb::Fact {
                ground: legal_basis.as_ref().map(ToString::to_string).unwrap_or_default(),
                ..self.with_agency(to, Some(from), fact)
            },
            EventKind::DueDateRecomputed { calendar, .. } => {
                pb::Fact { number: calendar.to_string(), ..fact }
            }
            EventKind::DossierAdopted(adoption) => pb::Fact {
                procedure: adoption.procedure.to_string(),
                next_step: adoption.step.to_string(),
                ..fact
            },
            EventKind::CustodyAccepted
            | EventKind::CustodyOfferWithdrawn
            | EventKind::WithdrawalRequested { .. } => fact,
            EventKind::CustodyReturned { ground, .. } | EventKind::WithdrawalDeclined { ground } => {
                pb::Fact { ground: ground.to_string(), ..fact }
            }
            EventKind::StepCompleted { step, outcome, next, .. } => pb::Fact {
                step: step.to_string(),
                outcome: outcome.to_string(),
                next_step: match next {
                    Next::Begins(step) | Next::Awaits(step) => step.to_string(),
                    Next::Ends => String::new(),
                },
                ..fact
            },
            EventKind::WaitEnded { wait, deadline } => {
                let (referral, hold) = match wait {
                    Wait::Step => (0, 0),
                    Wait::Referral(number) => (*number, 0),
                    Wait::Hold(number) => (0, *number),
                };
                pb::Fact { referral, hold, due: Some(timestamp(*deadline)), ..fact }
            }
            EventKind::SupplementRequested { documents, ground, .. } => {
                pb::Fact { ground: ground.to_string(), ..self.with_documents(documents, fact) }
            }
            EventKind::SupplementReceived { documents, .. } => self.with_papers(documents, fact),
            EventKind::HoldPlaced { hold, ground, issuing_body, document, expires_at } => pb::Fact {
                hold: *hold,
                ground: ground.to_string(),
                issuing_body: issuing_body.to_string(),
                number: document.to_string(),
                due: expires_at.map(timestamp),
                ..fact
            },
            EventKind::HoldLifted { hold, document } => {
                pb::Fact { hold: *hold, number: document.to_string(), ..fact }
            }
            EventKind::ApologyIssued { days, ground } => {
                pb::Fact { days: *days, ground: ground.to_string(), ..fact }
            }
            EventKind::ReferralSent {
                referral, to, subject, medium, due, number, redirected_from, ..
            } => pb::Fact {
                referral: *referral,
                subject: subject.number(),
                medium: medium.number(),
                due: Some(timestamp(*due)),
                number: optional(number.as_ref()),
                ..self.with_agency(to, redirected_from.as_ref(), fact)
            },
            EventKind::ReferralAccepted { referral } => self.asked(*referral, fact),
            EventKind::ReferralReturned { referral, ground, .. } => {
                pb::Fact { ground: ground.to_string(), ..self.asked(*referral, fact) }
            }
            EventKind::ReferralAnswered { referral, agreed, .. } => {
                pb::Fact { agreed: Some(*agreed), ..self.asked(*referral, fact) }
            }
            EventKind::NoticeIssued { referral, notice, lines } => pb::Fact {
                notice: notice.to_string(),
                lines: lines.iter().map(notices::line).collect(),
                ..self.asked(*referral, fact)
            },
            EventKind::NoticeAdjusted { supersedes, notice, ground, lines } => pb::Fact {
                supersedes: supersedes.to_string(),
                notice: notice.to_string(),
                ground: ground.to_string(),
                lines: lines.iter().map(notices::line).collect(),
                ..fact
            },
            EventKind::NoticeCancelled { notice, ground } => {
                pb::Fact { notice: notice.to_string(), ground: ground.to_string(), ..fact }
            }
            EventKind::FeeReceived { payment, fee, amount, channel, into } => pb::Fact {
                payment: payment.to_string(),
                fee: fee.to_string(),
                amount_dong: amount.get(),
                payment_channel: channel.number(),
                into: optional(into.as_ref()),
                ..fact
            },
            EventKind::ReceiptIssued { payment, receipt } => {
                pb::Fact { payment: payment.to_string(), number: receipt.to_string(), ..fact }
            }
            EventKind::PaymentReconciled { payment, amount, statement } => pb::Fact {
                payment: payment.to_string(),
                amount_dong: amount.get(),
                number: statement.to_string(),
                ..fact
            },
            EventKind::PaymentReceived { payment, notice, account, amount, channel, into } => pb::Fact {
                payment: payment.to_string(),
                notice: notice.to_string(),
                account: Some(notices::account(*account)),
                amount_dong: amount.get(),
                payment_channel: channel.number(),
                into: optional(into.as_ref()),
                ..fact
            },
            EventKind::PaymentCancelled { payment, ground } => {
                pb::Fact { payment: payment.to_string(), ground: ground.to_string(), ..fact }
            }
            EventKind::RefundDue { account, amount } => {
                pb::Fact { account: Some(notices::account(*account)), amount_dong: amount.get(), ..fact }
            }
            EventKind::ObligationFulfilled { debt_decision } => {
                pb::Fact { number: optional(debt_decision.as_ref()), ..fact }
            }
            EventKind::LandRegisterEntered { entry, .. } => pb::Fact { number: entry.to_string(), ..fact },
            EventKind::WithdrawalGranted { decision } | EventKind::ProcessingResumed { decision } => {
                pb::Fact { number: decision.to_string(), ..fact }
            }
            EventKind::ProcessingStopped { ground, decision } => {
                pb::Fact { ground: ground.to_string(), number: decision.to_string(), ..fact }
            }
            EventKind::DossierErased { ground, .. } => pb::Fact { ground: ground.to_string(), ..fact },
            EventKind::ResultIssued { number, outcome } => {
                pb::Fact { number: number.to_string(), outcome: outcome.to_string(), ..fact }
            }
            EventKind::ResultRecalled { ground, step } => {
                pb::Fact { ground: ground.to_string(), step: step.to_string(), ..fact }
            }
            EventKind::ResultDelivered { channel, .. } => pb::Fact { delivery: channel.number(), ..fact },
            EventKind::HistoryImported { history, .. } => pb::Fact {
                source: history.source.to_string(),
                record: history.record.clone(),
                activities: history.activities.iter().map(activity).collect(),
                told: history.told.as_ref().map(Into::into),
                ..fact
            },
        }
    }

    /// What an agency is called on the day.
    pub(super) fn name(&self, agency: &AgencyId) -> String {
        agency_name(self.registry, agency, self.on)
    }

    /// What a referral of the dossier asks for.
    pub(super) fn subject(&self, referral: u32) -> Option<Subject> {
        self.case.and_then(|case| case.referrals.get(&referral)).map(|referral| referral.subject)
    }

    fn with_agency(&self, agency: &AgencyId, predecessor: Option<&AgencyId>, fact: pb::Fact) -> pb::Fact {
        pb::Fact {
            agency: agency.to_string(),
            agency_name: self.name(agency),
            predecessor: predecessor.map(ToString::to_string).unwrap_or_default(),
            predecessor_name: predecessor.map(|it| self.last_name(it)).unwrap_or_default(),
            ..fact
        }
    }

    /// What an agency that is no more was called last.
    pub(super) fn last_name(&self, agency: &AgencyId) -> String {
        let known = self.registry.agency(agency);
        let on = known.and_then(|agency| agency.active.to).map_or(self.on, |last| last.min(self.on));
        agency_name(self.registry, agency, on)
    }

    fn with_opening(&self, opening: &Opening, fact: pb::Fact) -> pb::Fact {
        pb::Fact {
            procedure: opening.procedure.to_string(),
            channel: opening.channel.number(),
            applicant: opening.applicant.number(),
            next_step: opening.step.as_ref().map(ToString::to_string).unwrap_or_default(),
            ..self.with_papers(&opening.documents, fact)
        }
    }

    fn with_papers(&self, documents: &[Document], fact: pb::Fact) -> pb::Fact {
        let paper = |document: &Document| pb::Paper {
            kind: document.kind.to_string(),
            name: self.document_name(&document.kind),
            form: document.form.number(),
            copies: document.copies.into(),
            sha256: document.sha256.map(|sha256| Hash(sha256).to_string()).unwrap_or_default(),
        };
        let papers = documents.iter().map(paper).collect();
        pb::Fact { papers, ..self.with_documents(documents.iter().map(|document| &document.kind), fact) }
    }

    fn with_documents<'d>(
        &self,
        kinds: impl IntoIterator<Item = &'d DocumentKind>,
        fact: pb::Fact,
    ) -> pb::Fact {
        let told = kinds.into_iter().map(|kind| (kind.to_string(), self.document_name(kind)));
        let (documents, document_names) = told.unzip();
        pb::Fact { documents, document_names, ..fact }
    }

    /// What the pack calls a document; its id where the pack has no such document.
    fn document_name(&self, kind: &DocumentKind) -> String {
        self.pack.and_then(|pack| pack.document_name(kind)).unwrap_or(kind.as_str()).to_owned()
    }

    fn asked(&self, referral: u32, fact: pb::Fact) -> pb::Fact {
        pb::Fact { referral, subject: self.subject(referral).map_or(0, |subject| subject.number()), ..fact }
    }
}

fn activity(activity: &Activity) -> pb::ImportedActivity {
    pb::ImportedActivity {
        name: activity.name.clone(),
        resource: activity.resource.clone().unwrap_or_default(),
        group: activity.group.clone().unwrap_or_default(),
        lifecycle: activity.lifecycle.clone().unwrap_or_default(),
        at: Some(timestamp(activity.at)),
        offset_minutes: activity.offset_minutes,
        status: activity.status.map_or(0, lienthong_wire::Coded::number),
        began_at: activity.began_at.map(timestamp),
        due: activity.due.map(timestamp),
    }
}

fn effect(change: ClockChange) -> pb::ClockEffect {
    match change {
        ClockChange::Runs { due, .. } => {
            pb::ClockEffect { due: Some(timestamp(due)), ..pb::ClockEffect::default() }
        }
        ClockChange::Pauses { remaining_minutes } => {
            pb::ClockEffect { remaining_minutes: Some(remaining_minutes), ..pb::ClockEffect::default() }
        }
        ClockChange::Ends => pb::ClockEffect { ended: true, ..pb::ClockEffect::default() },
    }
}

fn optional<T: ToString>(number: Option<&T>) -> String {
    number.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
