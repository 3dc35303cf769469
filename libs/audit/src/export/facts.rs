//! Records as rows: one for each event, and one for each activity of imported history.

use lienthong_calendar::Instant;
use lienthong_dossier::{
    Account, Act, Activity, ClockChange, Document, Dossier, Event, EventKind, History, Next, NoticeLine,
    Opening, Wait,
};
use lienthong_log::Stored;

use super::cell::{Column, Row};
use crate::trust::Trust;

/// An admitted record.
pub(super) struct Told<'a> {
    pub(super) trust: &'a Trust,
    pub(super) partition: u16,
    pub(super) stored: &'a Stored,
    pub(super) act: &'a Act,
}

/// The rows of a record after which the dossier is in this state.
pub(super) fn rows(told: &Told<'_>, after: Option<&Dossier>) -> Vec<Row> {
    let mut rows = Vec::new();
    for event in &told.act.events {
        let mut row = common(told, after);
        row.text(Column::Event, event.kind.name());
        if let Some(ClockChange::Runs { due, .. }) = event.clocks.dossier {
            row.time(Column::Due, due);
        }
        if let EventKind::HistoryImported { history, .. } = &event.kind {
            rows.extend(imported(&row, history));
        } else {
            tell(&mut row, event);
            rows.push(row);
        }
    }
    for (row, number) in rows.iter_mut().zip(1_u32..) {
        row.number(Column::Row, number);
    }
    rows
}

fn common(told: &Told<'_>, after: Option<&Dossier>) -> Row {
    let Told { trust, partition, stored, act } = told;
    let mut row = Row::default();
    row.number(Column::Partition, *partition);
    row.number(Column::Offset, stored.offset);
    row.text(Column::Code, &act.code);
    row.time(Column::At, act.at);
    row.time(Column::AppendedAt, Instant::from_millis(stored.appended_ms));
    if let Some(occurred_at) = act.occurred_at {
        row.time(Column::OccurredAt, occurred_at);
    }
    row.text(Column::Agency, &act.agency);
    row.text(Column::Officer, &act.actor.officer);
    if let Some(status) = after.and_then(Dossier::status) {
        row.number(Column::Status, status.code());
    }
    if trust.is_training() {
        row.flag(Column::Training, true);
    }
    row
}

fn tell(row: &mut Row, event: &Event) {
    match &event.kind {
        EventKind::DossierFiled(it) | EventKind::DossierAccepted(it) => opening(row, it),
        EventKind::DossierRefused { opening: first, ground } => {
            if let Some(first) = first {
                opening(row, first);
            }
            row.text(Column::Ground, ground);
        }
        EventKind::CustodyOffered { to, medium, redirected_from } => {
            row.text(Column::To, to);
            row.text(Column::Medium, medium.as_str());
            row.maybe(Column::Predecessor, redirected_from.as_ref());
        }
        EventKind::CustodyTransferredBySuccession { from, to, legal_basis } => {
            row.text(Column::To, to);
            row.text(Column::Predecessor, from);
            row.maybe(Column::Ground, legal_basis.as_ref());
        }
        EventKind::DueDateRecomputed { calendar, .. } => row.text(Column::Calendar, calendar),
        EventKind::DossierAdopted(adoption) => {
            row.text(Column::Procedure, &adoption.procedure);
            row.text(Column::Commune, &adoption.commune);
            row.text(Column::NextStep, &adoption.step);
        }
        EventKind::CustodyAccepted
        | EventKind::CustodyOfferWithdrawn
        | EventKind::WithdrawalRequested { .. } => {}
        EventKind::CustodyReturned { ground, .. } | EventKind::WithdrawalDeclined { ground } => {
            row.text(Column::Ground, ground);
        }
        EventKind::StepCompleted { step, outcome, next, .. } => {
            row.text(Column::Step, step);
            row.text(Column::Outcome, outcome);
            match next {
                Next::Begins(step) | Next::Awaits(step) => row.text(Column::NextStep, step),
                Next::Ends => {}
            }
        }
        EventKind::WaitEnded { wait, deadline } => {
            match wait {
                Wait::Step => {}
                Wait::Referral(number) => row.number(Column::Referral, *number),
                Wait::Hold(number) => row.number(Column::Hold, *number),
            }
            row.time(Column::Deadline, *deadline);
        }
        EventKind::SupplementRequested { documents, ground, .. } => {
            row.text(Column::Documents, &joined(documents.iter()));
            row.text(Column::Ground, ground);
        }
        EventKind::SupplementReceived { documents, .. } => row.text(Column::Documents, &kinds(documents)),
        EventKind::HoldPlaced { hold, ground, issuing_body, document, expires_at } => {
            row.number(Column::Hold, *hold);
            row.text(Column::Ground, ground);
            row.text(Column::IssuingBody, issuing_body);
            row.text(Column::Number, document);
            if let Some(expires_at) = expires_at {
                row.time(Column::Deadline, *expires_at);
            }
        }
        EventKind::HoldLifted { hold, document } => {
            row.number(Column::Hold, *hold);
            row.text(Column::Number, document);
        }
        EventKind::ApologyIssued { days, ground } => {
            row.number(Column::Days, *days);
            row.text(Column::Ground, ground);
        }
        EventKind::ReferralSent { referral, to, subject, medium, due, number, redirected_from, .. } => {
            row.maybe(Column::Predecessor, redirected_from.as_ref());
            row.number(Column::Referral, *referral);
            row.text(Column::To, to);
            row.text(Column::Subject, subject.as_str());
            row.text(Column::Medium, medium.as_str());
            row.time(Column::Deadline, *due);
            row.maybe(Column::Number, number.as_ref());
        }
        EventKind::ReferralAccepted { referral } => row.number(Column::Referral, *referral),
        EventKind::ReferralReturned { referral, ground, .. } => {
            row.number(Column::Referral, *referral);
            row.text(Column::Ground, ground);
        }
        EventKind::ReferralAnswered { referral, agreed, .. } => {
            row.number(Column::Referral, *referral);
            row.flag(Column::Agreed, *agreed);
        }
        EventKind::LandRegisterEntered { entry, .. } => row.text(Column::Number, entry),
        EventKind::WithdrawalGranted { decision } | EventKind::ProcessingResumed { decision } => {
            row.text(Column::Number, decision);
        }
        EventKind::ProcessingStopped { ground, decision } => {
            row.text(Column::Ground, ground);
            row.text(Column::Number, decision);
        }
        EventKind::ResultIssued { number, outcome } => {
            row.text(Column::Number, number);
            row.text(Column::Outcome, outcome);
        }
        EventKind::ResultRecalled { ground, step } => {
            row.text(Column::Ground, ground);
            row.text(Column::Step, step);
        }
        EventKind::ResultDelivered { channel, .. } => row.text(Column::Channel, channel.as_str()),
        EventKind::NoticeIssued { .. }
        | EventKind::NoticeAdjusted { .. }
        | EventKind::NoticeCancelled { .. }
        | EventKind::PaymentReceived { .. }
        | EventKind::FeeReceived { .. }
        | EventKind::ReceiptIssued { .. }
        | EventKind::PaymentReconciled { .. }
        | EventKind::PaymentCancelled { .. }
        | EventKind::RefundDue { .. }
        | EventKind::ObligationFulfilled { .. } => money(row, &event.kind),
        EventKind::DossierErased { ground, .. } => row.text(Column::Ground, ground),
        // Told activity by activity.
        EventKind::HistoryImported { .. } => {}
    }
}

fn money(row: &mut Row, kind: &EventKind) {
    if let EventKind::NoticeIssued { referral, notice, lines } = kind {
        row.number(Column::Referral, *referral);
        row.text(Column::Notice, notice);
        row.text(Column::Lines, &joined(lines.iter().map(line)));
    } else if let EventKind::NoticeAdjusted { supersedes, notice, ground, lines } = kind {
        row.text(Column::Supersedes, supersedes);
        row.text(Column::Notice, notice);
        row.text(Column::Ground, ground);
        row.text(Column::Lines, &joined(lines.iter().map(line)));
    } else if let EventKind::NoticeCancelled { notice, ground } = kind {
        row.text(Column::Notice, notice);
        row.text(Column::Ground, ground);
    } else if let EventKind::PaymentReceived { payment, notice, account: of, amount, channel, into } = kind {
        row.text(Column::Payment, payment);
        row.text(Column::Notice, notice);
        account(row, *of);
        row.number(Column::AmountDong, amount.get());
        row.text(Column::Channel, channel.as_str());
        row.maybe(Column::Into, into.as_ref());
    } else if let EventKind::FeeReceived { payment, fee, amount, channel, into } = kind {
        row.text(Column::Payment, payment);
        row.text(Column::Fee, fee);
        row.number(Column::AmountDong, amount.get());
        row.text(Column::Channel, channel.as_str());
        row.maybe(Column::Into, into.as_ref());
    } else if let EventKind::ReceiptIssued { payment, receipt } = kind {
        row.text(Column::Payment, payment);
        row.text(Column::Number, receipt);
    } else if let EventKind::PaymentReconciled { payment, amount, statement } = kind {
        row.text(Column::Payment, payment);
        row.number(Column::AmountDong, amount.get());
        row.text(Column::Number, statement);
    } else if let EventKind::PaymentCancelled { payment, ground } = kind {
        row.text(Column::Payment, payment);
        row.text(Column::Ground, ground);
    } else if let EventKind::RefundDue { account: of, amount } = kind {
        account(row, *of);
        row.number(Column::AmountDong, amount.get());
    } else if let EventKind::ObligationFulfilled { debt_decision } = kind {
        row.maybe(Column::Number, debt_decision.as_ref());
    }
}

fn opening(row: &mut Row, opening: &Opening) {
    row.text(Column::Procedure, &opening.procedure);
    row.text(Column::Commune, &opening.commune);
    row.text(Column::Channel, opening.channel.as_str());
    row.text(Column::Documents, &kinds(&opening.documents));
    row.maybe(Column::NextStep, opening.step.as_ref());
}

fn account(row: &mut Row, account: Account) {
    row.number(Column::Taxpayer, account.taxpayer);
    row.number(Column::Item, account.item);
}

/// Imported history: a row for each activity, or one that tells that there is none.
fn imported(common: &Row, history: &History) -> Vec<Row> {
    let mut base = common.clone();
    base.text(Column::Source, &history.source);
    base.text(Column::Record, &history.record);
    if history.activities.is_empty() {
        return vec![base];
    }
    let one = |activity: &Activity| {
        let mut row = base.clone();
        row.text(Column::Activity, &activity.name);
        row.maybe(Column::Resource, activity.resource.as_ref());
        row.maybe(Column::Group, activity.group.as_ref());
        row.maybe(Column::Lifecycle, activity.lifecycle.as_ref());
        row.text(Column::At, &activity.at.at_offset(activity.offset_minutes));
        row
    };
    history.activities.iter().map(one).collect()
}

fn kinds(documents: &[Document]) -> String {
    joined(documents.iter().map(|document| &document.kind))
}

fn line(line: &NoticeLine) -> String {
    let Account { taxpayer, item } = line.account;
    format!("{taxpayer}/{item} {} {}-{}", line.due_date, line.due.get(), line.exempt.get())
}

fn joined(parts: impl Iterator<Item = impl ToString>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(";")
}
