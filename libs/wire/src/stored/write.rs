//! Events on their way into a record.

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Account, Activity, ApplicantKind, Channel, ClockChange, Delivery, Document, EnvelopeName, Event,
    EventKind, History, Named, Next, NoticeLine, Opening, ReferralDue, Status, Told, ToldFee, ToldSupplement,
    Wait,
};
use lienthong_registry::AgencyId;
use lienthong_seal::Hash;

use crate::Coded as _;
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::clock_change::Change;
use crate::pb::log::v1::event::Kind;

pub(super) fn hash(hash: Hash) -> Bytes {
    Bytes::copy_from_slice(&hash.0)
}

pub(super) fn event(event: &Event) -> pb::Event {
    pb::Event {
        dossier_clock: event.clocks.dossier.map(clock),
        step_clock: event.clocks.step.map(clock),
        kind: Some(kind(&event.kind)),
    }
}

fn clock(change: ClockChange) -> pb::ClockChange {
    let change = match change {
        ClockChange::Runs { start, due } => {
            Change::Runs(pb::ClockRuns { start_us: start.as_micros(), due_us: due.as_micros() })
        }
        ClockChange::Pauses { remaining_minutes } => Change::Pauses(pb::ClockPauses { remaining_minutes }),
        ClockChange::Ends => Change::Ends(pb::ClockEnds {}),
    };
    pb::ClockChange { change: Some(change) }
}

/// The text of what may be there; empty for what is not.
fn optional(text: Option<&impl ToString>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

fn name(detail: Option<&EnvelopeName>) -> String {
    optional(detail)
}

fn kind(kind: &EventKind) -> Kind {
    match kind {
        EventKind::DossierFiled(it) => Kind::DossierFiled(opening(it)),
        EventKind::DossierAccepted(it) => Kind::DossierAccepted(opening(it)),
        EventKind::DossierRefused { opening: it, ground } => Kind::DossierRefused(pb::DossierRefused {
            opening: it.as_ref().map(opening),
            ground: ground.to_string(),
        }),
        EventKind::CustodyOffered { to, medium, redirected_from } => {
            Kind::CustodyOffered(pb::CustodyOffered {
                to: to.to_string(),
                medium: medium.number(),
                redirected_from: optional(redirected_from.as_ref()),
            })
        }
        EventKind::CustodyAccepted => Kind::CustodyAccepted(pb::CustodyAccepted {}),
        EventKind::CustodyReturned { ground, detail } => Kind::CustodyReturned(pb::CustodyReturned {
            ground: ground.to_string(),
            detail: name(detail.as_ref()),
        }),
        EventKind::CustodyOfferWithdrawn => Kind::CustodyOfferWithdrawn(pb::CustodyOfferWithdrawn {}),
        EventKind::CustodyTransferredBySuccession { from, to, legal_basis } => {
            Kind::CustodyTransferredBySuccession(pb::CustodyTransferredBySuccession {
                from: from.to_string(),
                to: to.to_string(),
                legal_basis: optional(legal_basis.as_ref()),
            })
        }
        EventKind::DueDateRecomputed { calendar, referrals } => {
            let due =
                |it: &ReferralDue| pb::ReferralDue { referral: it.referral, due_us: it.due.as_micros() };
            Kind::DueDateRecomputed(pb::DueDateRecomputed {
                calendar: calendar.to_string(),
                referrals: referrals.iter().map(due).collect(),
            })
        }
        EventKind::StepCompleted { step, outcome, next, detail } => Kind::StepCompleted(pb::StepCompleted {
            step: step.to_string(),
            outcome: outcome.to_string(),
            next: Some(match next {
                Next::Begins(step) => pb::step_completed::Next::Begins(step.to_string()),
                Next::Awaits(step) => pb::step_completed::Next::Awaits(step.to_string()),
                Next::Ends => pb::step_completed::Next::Ends(pb::ProcedureEnds {}),
            }),
            detail: name(detail.as_ref()),
        }),
        EventKind::WaitEnded { wait, deadline } => Kind::WaitEnded(pb::WaitEnded {
            wait: Some(match *wait {
                Wait::Step => pb::wait_ended::Wait::Step(pb::WaitStep {}),
                Wait::Referral(referral) => pb::wait_ended::Wait::Referral(referral),
                Wait::Hold(hold) => pb::wait_ended::Wait::Hold(hold),
            }),
            deadline_us: deadline.as_micros(),
        }),
        EventKind::SupplementRequested { documents, ground, detail } => {
            Kind::SupplementRequested(pb::SupplementRequested {
                documents: documents.iter().map(ToString::to_string).collect(),
                ground: ground.to_string(),
                detail: name(detail.as_ref()),
            })
        }
        EventKind::SupplementReceived { documents, detail } => {
            Kind::SupplementReceived(pb::SupplementReceived {
                documents: documents.iter().map(document).collect(),
                detail: name(detail.as_ref()),
            })
        }
        EventKind::HoldPlaced { hold, ground, issuing_body, document, expires_at } => {
            Kind::HoldPlaced(pb::HoldPlaced {
                hold: *hold,
                ground: ground.to_string(),
                issuing_body: issuing_body.to_string(),
                document: document.to_string(),
                expires_at_us: expires_at.map(|instant| instant.as_micros()),
            })
        }
        EventKind::HoldLifted { hold, document } => {
            Kind::HoldLifted(pb::HoldLifted { hold: *hold, document: document.to_string() })
        }
        EventKind::ApologyIssued { days, ground } => {
            Kind::ApologyIssued(pb::ApologyIssued { days: *days, ground: ground.to_string() })
        }
        EventKind::ReferralSent {
            referral,
            to,
            subject,
            medium,
            outside_clock,
            silence_agrees,
            due,
            number,
            detail,
            redirected_from,
        } => Kind::ReferralSent(pb::ReferralSent {
            referral: *referral,
            to: to.to_string(),
            subject: subject.number(),
            medium: medium.number(),
            outside_clock: *outside_clock,
            silence_agrees: *silence_agrees,
            due_us: due.as_micros(),
            number: optional(number.as_ref()),
            detail: name(detail.as_ref()),
            redirected_from: optional(redirected_from.as_ref()),
        }),
        EventKind::ReferralAccepted { referral } => {
            Kind::ReferralAccepted(pb::ReferralAccepted { referral: *referral })
        }
        EventKind::ReferralReturned { referral, ground, detail } => {
            Kind::ReferralReturned(pb::ReferralReturned {
                referral: *referral,
                ground: ground.to_string(),
                detail: name(detail.as_ref()),
            })
        }
        EventKind::ReferralAnswered { referral, agreed, detail } => {
            Kind::ReferralAnswered(pb::ReferralAnswered {
                referral: *referral,
                agreed: *agreed,
                detail: name(detail.as_ref()),
            })
        }
        EventKind::NoticeIssued { referral, notice, lines: it } => Kind::NoticeIssued(pb::NoticeIssued {
            referral: *referral,
            notice: notice.to_string(),
            lines: lines(it),
        }),
        EventKind::NoticeAdjusted { supersedes, notice, ground, lines: it } => {
            Kind::NoticeAdjusted(pb::NoticeAdjusted {
                supersedes: supersedes.to_string(),
                notice: notice.to_string(),
                ground: ground.to_string(),
                lines: lines(it),
            })
        }
        EventKind::NoticeCancelled { notice, ground } => Kind::NoticeCancelled(pb::NoticeCancelled {
            notice: notice.to_string(),
            ground: ground.to_string(),
        }),
        EventKind::PaymentReceived { payment, notice, account: of, amount, channel, into } => {
            Kind::PaymentReceived(pb::PaymentReceived {
                payment: payment.to_string(),
                notice: notice.to_string(),
                account: Some(account(*of)),
                amount_dong: amount.get(),
                channel: channel.number(),
                into: optional(into.as_ref()),
            })
        }
        EventKind::FeeReceived { payment, fee, amount, channel, into } => {
            Kind::FeeReceived(pb::FeeReceived {
                payment: payment.to_string(),
                fee: fee.to_string(),
                amount_dong: amount.get(),
                channel: channel.number(),
                into: optional(into.as_ref()),
            })
        }
        EventKind::ReceiptIssued { payment, receipt } => Kind::ReceiptIssued(pb::ReceiptIssued {
            payment: payment.to_string(),
            receipt: receipt.to_string(),
        }),
        EventKind::PaymentReconciled { payment, amount, statement } => {
            Kind::PaymentReconciled(pb::PaymentReconciled {
                payment: payment.to_string(),
                amount_dong: amount.get(),
                statement: statement.to_string(),
            })
        }
        EventKind::PaymentCancelled { payment, ground } => Kind::PaymentCancelled(pb::PaymentCancelled {
            payment: payment.to_string(),
            ground: ground.to_string(),
        }),
        EventKind::RefundDue { account: of, amount } => {
            Kind::RefundDue(pb::RefundDue { account: Some(account(*of)), amount_dong: amount.get() })
        }
        EventKind::ObligationFulfilled { debt_decision } => {
            Kind::ObligationFulfilled(pb::ObligationFulfilled {
                debt_decision: optional(debt_decision.as_ref()),
            })
        }
        EventKind::LandRegisterEntered { entry, detail } => {
            Kind::LandRegisterEntered(pb::LandRegisterEntered {
                entry: entry.to_string(),
                detail: name(detail.as_ref()),
            })
        }
        EventKind::WithdrawalRequested { detail } => {
            Kind::WithdrawalRequested(pb::WithdrawalRequested { detail: name(detail.as_ref()) })
        }
        EventKind::WithdrawalGranted { decision } => {
            Kind::WithdrawalGranted(pb::WithdrawalGranted { decision: decision.to_string() })
        }
        EventKind::WithdrawalDeclined { ground } => {
            Kind::WithdrawalDeclined(pb::WithdrawalDeclined { ground: ground.to_string() })
        }
        EventKind::ProcessingStopped { ground, decision } => Kind::ProcessingStopped(pb::ProcessingStopped {
            ground: ground.to_string(),
            decision: decision.to_string(),
        }),
        EventKind::ProcessingResumed { decision } => {
            Kind::ProcessingResumed(pb::ProcessingResumed { decision: decision.to_string() })
        }
        EventKind::ResultIssued { number, outcome } => {
            Kind::ResultIssued(pb::ResultIssued { number: number.to_string(), outcome: outcome.to_string() })
        }
        EventKind::ResultRecalled { ground, step } => {
            Kind::ResultRecalled(pb::ResultRecalled { ground: ground.to_string(), step: step.to_string() })
        }
        EventKind::ResultDelivered { channel, detail } => Kind::ResultDelivered(pb::ResultDelivered {
            channel: channel.number(),
            detail: name(detail.as_ref()),
        }),
        EventKind::HistoryImported { history: it, competent, detail } => {
            Kind::HistoryImported(Box::new(history(it, competent.as_ref(), detail.as_ref())))
        }
        EventKind::DossierAdopted(it) => Kind::DossierAdopted(pb::DossierAdopted {
            procedure: it.procedure.to_string(),
            pack: it.pins.pack.to_string(),
            calendar: it.pins.calendar.clone(),
            rates: it.pins.rates.clone(),
            commune: it.commune.to_string(),
            step: it.step.to_string(),
            begins: it.begins,
        }),
        EventKind::DossierErased { ground, kept_until } => Kind::DossierErased(pb::DossierErased {
            ground: ground.to_string(),
            kept_until: kept_until.to_string(),
        }),
    }
}

fn opening(opening: &Opening) -> pb::Opening {
    pb::Opening {
        procedure: opening.procedure.to_string(),
        pack: opening.pins.pack.to_string(),
        calendar: opening.pins.calendar.clone(),
        rates: opening.pins.rates.clone(),
        commune: opening.commune.to_string(),
        channel: opening.channel.number(),
        applicant: opening.applicant.number(),
        documents: opening.documents.iter().map(document).collect(),
        detail: name(opening.detail.as_ref()),
        step: optional(opening.step.as_ref()),
    }
}

fn document(document: &Document) -> pb::Document {
    pb::Document {
        kind: document.kind.to_string(),
        form: document.form.number(),
        copies: document.copies.into(),
        sha256: document.sha256.map(|sha256| Bytes::copy_from_slice(&sha256)).unwrap_or_default(),
    }
}

fn account(account: Account) -> pb::Account {
    pb::Account { taxpayer: account.taxpayer, item: account.item }
}

fn lines(lines: &[NoticeLine]) -> Vec<pb::NoticeLine> {
    let line = |line: &NoticeLine| pb::NoticeLine {
        account: Some(account(line.account)),
        due_date: line.due_date.to_string(),
        taxable_dong: line.taxable.get(),
        due_dong: line.due.get(),
        exempt_dong: line.exempt.get(),
        exempt_ground: optional(line.exempt_ground.as_ref()),
    };
    lines.iter().map(line).collect()
}

fn history(
    history: &History,
    competent: Option<&AgencyId>,
    detail: Option<&EnvelopeName>,
) -> pb::HistoryImported {
    let activity = |activity: &Activity| pb::Activity {
        name: activity.name.clone(),
        resource: activity.resource.clone(),
        group: activity.group.clone(),
        lifecycle: activity.lifecycle.clone(),
        at_us: activity.at.as_micros(),
        offset_minutes: activity.offset_minutes,
        status: activity.status.map_or(0, Status::number),
        began_at_us: activity.began_at.map(Instant::as_micros),
        due_us: activity.due.map(Instant::as_micros),
    };
    pb::HistoryImported {
        source: history.source.to_string(),
        record: history.record.clone(),
        activities: history.activities.iter().map(activity).collect(),
        status: history.status.map_or(0, Status::number),
        detail: name(detail),
        told: history.told.as_ref().map(told),
        competent: optional(competent),
    }
}

fn told(told: &Told) -> pb::Told {
    let named = |it: &Named| Some(pb::Named { code: it.code.clone(), name: it.name.clone() });
    let supplement = |it: &ToldSupplement| pb::ToldSupplement {
        asked_at_us: it.asked_at.as_micros(),
        answered_at_us: it.answered_at.map(Instant::as_micros),
        due_before_us: it.due_before.map(Instant::as_micros),
        due_after_us: it.due_after.map(Instant::as_micros),
    };
    let fee = |it: &ToldFee| pb::ToldFee { collected: it.collected.into(), amount_dong: it.amount.get() };
    pb::Told {
        procedure: named(&told.procedure),
        field: named(&told.field),
        agency: named(&told.agency),
        channel: told.channel.map_or(0, Channel::number),
        applicant: told.applicant.map_or(0, ApplicantKind::number),
        delivery: told.delivery.map_or(0, Delivery::number),
        filed_at_us: told.filed_at.map(Instant::as_micros),
        received_at_us: told.received_at.map(Instant::as_micros),
        due_us: told.due.map(Instant::as_micros),
        finished_at_us: told.finished_at.map(Instant::as_micros),
        returned_at_us: told.returned_at.map(Instant::as_micros),
        refused_at_us: told.refused_at.map(Instant::as_micros),
        supplements: told.supplements.iter().map(supplement).collect(),
        fees: told.fees.iter().map(fee).collect(),
        online_payment: told.online_payment.map(u32::from),
        digitised: told.digitised,
        vneid: told.vneid,
        papers: Some(pb::ToldPapers {
            filed: told.papers.filed,
            digitised: told.papers.digitised,
            reused: told.papers.reused,
            from_store: told.papers.from_store,
            results: told.papers.results,
            coded_results: told.papers.coded_results,
        }),
    }
}
