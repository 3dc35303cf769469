//! Events on their way out of a record: every text, id, code and limit is checked.

use lienthong_dossier::{
    Account, Activity, Adoption, ClockChange, Clocks, DOCUMENTS_MAX, Document, EnvelopeName, Event,
    EventKind, History, LINES_MAX, Named, Next, NoticeLine, Opening, Pins, REFERRALS_MAX, ReferralDue, Told,
    ToldPapers, ToldSupplement, Wait,
};
use lienthong_tax::Dong;

use crate::Invalid;
use crate::code::{coded, coded_or_none};
use crate::field::{fixed_or_none, given, list, text, text_or_none, texts};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::clock_change::Change;
use crate::pb::log::v1::event::Kind;
use crate::time::{date_field, micros_field, micros_or_none};
use crate::told::{self, ITEMS_MAX};

pub(super) fn event(event: pb::Event) -> Result<Event, Invalid> {
    let dossier = event.dossier_clock.map(clock).transpose();
    let step = event.step_clock.map(clock).transpose();
    Ok(Event {
        kind: kind(given("kind", event.kind)?)?,
        clocks: Clocks {
            dossier: dossier.map_err(|invalid| invalid.within("dossier_clock"))?,
            step: step.map_err(|invalid| invalid.within("step_clock"))?,
        },
    })
}

fn clock(change: pb::ClockChange) -> Result<ClockChange, Invalid> {
    Ok(match given("change", change.change)? {
        Change::Runs(runs) => ClockChange::Runs {
            start: micros_field("start_us", runs.start_us)?,
            due: micros_field("due_us", runs.due_us)?,
        },
        Change::Pauses(pauses) => ClockChange::Pauses { remaining_minutes: pauses.remaining_minutes },
        Change::Ends(pb::ClockEnds {}) => ClockChange::Ends,
    })
}

fn name(detail: &str) -> Result<Option<EnvelopeName>, Invalid> {
    text_or_none("detail", detail)
}

fn kind(kind: Kind) -> Result<EventKind, Invalid> {
    Ok(match kind {
        Kind::DossierFiled(it) => EventKind::DossierFiled(opening(it)?),
        Kind::DossierAccepted(it) => EventKind::DossierAccepted(opening(it)?),
        Kind::DossierRefused(it) => EventKind::DossierRefused {
            opening: it.opening.map(opening).transpose()?,
            ground: text("ground", &it.ground)?,
        },
        Kind::CustodyOffered(it) => {
            let redirected_from = text_or_none("redirected_from", &it.redirected_from)?;
            let (to, medium) = (text("to", &it.to)?, coded("medium", it.medium)?);
            EventKind::CustodyOffered { to, medium, redirected_from }
        }
        Kind::CustodyAccepted(pb::CustodyAccepted {}) => EventKind::CustodyAccepted,
        Kind::CustodyReturned(it) => {
            EventKind::CustodyReturned { ground: text("ground", &it.ground)?, detail: name(&it.detail)? }
        }
        Kind::CustodyOfferWithdrawn(pb::CustodyOfferWithdrawn {}) => EventKind::CustodyOfferWithdrawn,
        Kind::CustodyTransferredBySuccession(it) => EventKind::CustodyTransferredBySuccession {
            from: text("from", &it.from)?,
            to: text("to", &it.to)?,
            legal_basis: text_or_none("legal_basis", &it.legal_basis)?,
        },
        Kind::DueDateRecomputed(it) => EventKind::DueDateRecomputed {
            calendar: text("calendar", &it.calendar)?,
            referrals: list("referrals", it.referrals, REFERRALS_MAX, |it| {
                Ok(ReferralDue { referral: it.referral, due: micros_field("due_us", it.due_us)? })
            })?,
        },
        Kind::StepCompleted(it) => EventKind::StepCompleted {
            step: text("step", &it.step)?,
            outcome: text("outcome", &it.outcome)?,
            next: next(given("next", it.next)?)?,
            detail: name(&it.detail)?,
        },
        Kind::WaitEnded(it) => EventKind::WaitEnded {
            wait: match given("wait", it.wait)? {
                pb::wait_ended::Wait::Step(pb::WaitStep {}) => Wait::Step,
                pb::wait_ended::Wait::Referral(referral) => Wait::Referral(referral),
                pb::wait_ended::Wait::Hold(hold) => Wait::Hold(hold),
            },
            deadline: micros_field("deadline_us", it.deadline_us)?,
        },
        Kind::SupplementRequested(it) => EventKind::SupplementRequested {
            documents: texts("documents", &it.documents, DOCUMENTS_MAX)?,
            ground: text("ground", &it.ground)?,
            detail: name(&it.detail)?,
        },
        Kind::SupplementReceived(it) => {
            EventKind::SupplementReceived { documents: documents(it.documents)?, detail: name(&it.detail)? }
        }
        Kind::HoldPlaced(it) => EventKind::HoldPlaced {
            hold: it.hold,
            ground: text("ground", &it.ground)?,
            issuing_body: text("issuing_body", &it.issuing_body)?,
            document: text("document", &it.document)?,
            expires_at: it.expires_at_us.map(|us| micros_field("expires_at_us", us)).transpose()?,
        },
        Kind::HoldLifted(it) => {
            EventKind::HoldLifted { hold: it.hold, document: text("document", &it.document)? }
        }
        Kind::ApologyIssued(it) => {
            EventKind::ApologyIssued { days: it.days, ground: text("ground", &it.ground)? }
        }
        Kind::ReferralSent(it) => EventKind::ReferralSent {
            referral: it.referral,
            to: text("to", &it.to)?,
            subject: coded("subject", it.subject)?,
            medium: coded("medium", it.medium)?,
            outside_clock: it.outside_clock,
            silence_agrees: it.silence_agrees,
            due: micros_field("due_us", it.due_us)?,
            number: text_or_none("number", &it.number)?,
            detail: name(&it.detail)?,
            redirected_from: text_or_none("redirected_from", &it.redirected_from)?,
        },
        Kind::ReferralAccepted(it) => EventKind::ReferralAccepted { referral: it.referral },
        Kind::ReferralReturned(it) => EventKind::ReferralReturned {
            referral: it.referral,
            ground: text("ground", &it.ground)?,
            detail: name(&it.detail)?,
        },
        Kind::ReferralAnswered(it) => EventKind::ReferralAnswered {
            referral: it.referral,
            agreed: it.agreed,
            detail: name(&it.detail)?,
        },
        Kind::NoticeIssued(it) => EventKind::NoticeIssued {
            referral: it.referral,
            notice: text("notice", &it.notice)?,
            lines: lines(it.lines)?,
        },
        Kind::NoticeAdjusted(it) => EventKind::NoticeAdjusted {
            supersedes: text("supersedes", &it.supersedes)?,
            notice: text("notice", &it.notice)?,
            ground: text("ground", &it.ground)?,
            lines: lines(it.lines)?,
        },
        Kind::NoticeCancelled(it) => EventKind::NoticeCancelled {
            notice: text("notice", &it.notice)?,
            ground: text("ground", &it.ground)?,
        },
        Kind::PaymentReceived(it) => EventKind::PaymentReceived {
            payment: text("payment", &it.payment)?,
            notice: text("notice", &it.notice)?,
            account: account(it.account)?,
            amount: Dong::new(it.amount_dong),
            channel: coded("channel", it.channel)?,
            into: text_or_none("into", &it.into)?,
        },
        Kind::FeeReceived(it) => EventKind::FeeReceived {
            payment: text("payment", &it.payment)?,
            fee: text("fee", &it.fee)?,
            amount: Dong::new(it.amount_dong),
            channel: coded("channel", it.channel)?,
            into: text_or_none("into", &it.into)?,
        },
        Kind::ReceiptIssued(it) => EventKind::ReceiptIssued {
            payment: text("payment", &it.payment)?,
            receipt: text("receipt", &it.receipt)?,
        },
        Kind::PaymentReconciled(it) => EventKind::PaymentReconciled {
            payment: text("payment", &it.payment)?,
            amount: Dong::new(it.amount_dong),
            statement: text("statement", &it.statement)?,
        },
        Kind::PaymentCancelled(it) => EventKind::PaymentCancelled {
            payment: text("payment", &it.payment)?,
            ground: text("ground", &it.ground)?,
        },
        Kind::RefundDue(it) => {
            EventKind::RefundDue { account: account(it.account)?, amount: Dong::new(it.amount_dong) }
        }
        Kind::ObligationFulfilled(it) => EventKind::ObligationFulfilled {
            debt_decision: text_or_none("debt_decision", &it.debt_decision)?,
        },
        Kind::LandRegisterEntered(it) => {
            EventKind::LandRegisterEntered { entry: text("entry", &it.entry)?, detail: name(&it.detail)? }
        }
        Kind::WithdrawalRequested(it) => EventKind::WithdrawalRequested { detail: name(&it.detail)? },
        Kind::WithdrawalGranted(it) => {
            EventKind::WithdrawalGranted { decision: text("decision", &it.decision)? }
        }
        Kind::WithdrawalDeclined(it) => EventKind::WithdrawalDeclined { ground: text("ground", &it.ground)? },
        Kind::ProcessingStopped(it) => EventKind::ProcessingStopped {
            ground: text("ground", &it.ground)?,
            decision: text("decision", &it.decision)?,
        },
        Kind::ProcessingResumed(it) => {
            EventKind::ProcessingResumed { decision: text("decision", &it.decision)? }
        }
        Kind::ResultIssued(it) => EventKind::ResultIssued {
            number: text("number", &it.number)?,
            outcome: text("outcome", &it.outcome)?,
        },
        Kind::ResultRecalled(it) => {
            EventKind::ResultRecalled { ground: text("ground", &it.ground)?, step: text("step", &it.step)? }
        }
        Kind::ResultDelivered(it) => {
            EventKind::ResultDelivered { channel: coded("channel", it.channel)?, detail: name(&it.detail)? }
        }
        Kind::HistoryImported(it) => EventKind::HistoryImported {
            detail: name(&it.detail)?,
            competent: text_or_none("competent", &it.competent)?,
            history: Box::new(history(*it)?),
        },
        Kind::DossierAdopted(it) => EventKind::DossierAdopted(Adoption {
            procedure: text("procedure", &it.procedure)?,
            pins: Pins { pack: text("pack", &it.pack)?, calendar: it.calendar, rates: it.rates },
            commune: text("commune", &it.commune)?,
            step: text("step", &it.step)?,
            begins: it.begins,
        }),
        Kind::DossierErased(it) => EventKind::DossierErased {
            ground: text("ground", &it.ground)?,
            kept_until: date_field("kept_until", &it.kept_until)?,
        },
    })
}

fn next(next: pb::step_completed::Next) -> Result<Next, Invalid> {
    Ok(match next {
        pb::step_completed::Next::Begins(step) => Next::Begins(text("begins", &step)?),
        pb::step_completed::Next::Awaits(step) => Next::Awaits(text("awaits", &step)?),
        pb::step_completed::Next::Ends(pb::ProcedureEnds {}) => Next::Ends,
    })
}

fn opening(opening: pb::Opening) -> Result<Opening, Invalid> {
    Ok(Opening {
        procedure: text("procedure", &opening.procedure)?,
        pins: Pins { pack: text("pack", &opening.pack)?, calendar: opening.calendar, rates: opening.rates },
        commune: text("commune", &opening.commune)?,
        channel: coded("channel", opening.channel)?,
        applicant: coded("applicant", opening.applicant)?,
        documents: documents(opening.documents)?,
        detail: name(&opening.detail)?,
        step: text_or_none("step", &opening.step)?,
    })
}

fn documents(documents: Vec<pb::Document>) -> Result<Vec<Document>, Invalid> {
    list("documents", documents, DOCUMENTS_MAX, |document| {
        let copies = u16::try_from(document.copies)
            .map_err(|_| Invalid::new("copies", "are more than 65535", ErrorReason::OutOfRange));
        Ok(Document {
            kind: text("kind", &document.kind)?,
            form: coded("form", document.form)?,
            copies: copies?,
            sha256: fixed_or_none("sha256", &document.sha256)?,
        })
    })
}

fn account(account: Option<pb::Account>) -> Result<Account, Invalid> {
    let pb::Account { taxpayer, item } = given("account", account)?;
    Ok(Account { taxpayer, item })
}

fn lines(lines: Vec<pb::NoticeLine>) -> Result<Vec<NoticeLine>, Invalid> {
    list("lines", lines, LINES_MAX, |line| {
        Ok(NoticeLine {
            account: account(line.account)?,
            due_date: date_field("due_date", &line.due_date)?,
            taxable: Dong::new(line.taxable_dong),
            due: Dong::new(line.due_dong),
            exempt: Dong::new(line.exempt_dong),
            exempt_ground: text_or_none("exempt_ground", &line.exempt_ground)?,
        })
    })
}

fn history(history: pb::HistoryImported) -> Result<History, Invalid> {
    let activity = |activity: pb::Activity| {
        Ok(Activity {
            name: activity.name,
            resource: activity.resource,
            group: activity.group,
            lifecycle: activity.lifecycle,
            at: micros_field("at_us", activity.at_us)?,
            offset_minutes: activity.offset_minutes,
            status: coded_or_none("status", activity.status)?,
            began_at: micros_or_none("began_at_us", activity.began_at_us)?,
            due: micros_or_none("due_us", activity.due_us)?,
        })
    };
    let history = History {
        source: text("source", &history.source)?,
        record: history.record,
        // Bounded by the size of the record alone.
        activities: list("activities", history.activities, usize::MAX, activity)?,
        status: coded_or_none("status", history.status)?,
        told: history.told.map(|it| told(it).map_err(|invalid| invalid.within("told"))).transpose()?,
    };
    told::check(&history)?;
    Ok(history)
}

fn told(told: pb::Told) -> Result<Told, Invalid> {
    let supplement = |it: pb::ToldSupplement| {
        Ok(ToldSupplement {
            asked_at: micros_field("asked_at_us", it.asked_at_us)?,
            answered_at: micros_or_none("answered_at_us", it.answered_at_us)?,
            due_before: micros_or_none("due_before_us", it.due_before_us)?,
            due_after: micros_or_none("due_after_us", it.due_after_us)?,
        })
    };
    Ok(Told {
        procedure: named("procedure", told.procedure)?,
        field: named("field", told.field)?,
        agency: named("agency", told.agency)?,
        channel: coded_or_none("channel", told.channel)?,
        applicant: coded_or_none("applicant", told.applicant)?,
        delivery: coded_or_none("delivery", told.delivery)?,
        filed_at: micros_or_none("filed_at_us", told.filed_at_us)?,
        received_at: micros_or_none("received_at_us", told.received_at_us)?,
        due: micros_or_none("due_us", told.due_us)?,
        finished_at: micros_or_none("finished_at_us", told.finished_at_us)?,
        returned_at: micros_or_none("returned_at_us", told.returned_at_us)?,
        refused_at: micros_or_none("refused_at_us", told.refused_at_us)?,
        supplements: list("supplements", told.supplements, ITEMS_MAX, supplement)?,
        fees: list("fees", told.fees, ITEMS_MAX, |it| told::fee(it.collected, it.amount_dong))?,
        online_payment: told.online_payment.map(told::online_payment).transpose()?,
        digitised: told.digitised,
        vneid: told.vneid,
        papers: papers(given("papers", told.papers)?),
    })
}

fn named(field: &str, named: Option<pb::Named>) -> Result<Named, Invalid> {
    let pb::Named { code, name } = given(field, named)?;
    Ok(Named { code, name })
}

fn papers(it: pb::ToldPapers) -> ToldPapers {
    ToldPapers {
        filed: it.filed,
        digitised: it.digitised,
        reused: it.reused,
        from_store: it.from_store,
        results: it.results,
        coded_results: it.coded_results,
    }
}
