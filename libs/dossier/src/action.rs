//! Reading a record's first event back as the action it came from, so that admission can decide it again.

use crate::command::{Action, Intake, Withdrawal};
use crate::event::{Adoption, EventKind, Opening};

/// The action whose first event this is; none for events that only follow from others.
pub(crate) fn action_of(kind: &EventKind) -> Option<Action> {
    Some(match kind.clone() {
        EventKind::DossierFiled(opening) => Action::File(intake(opening)),
        EventKind::DossierAccepted(opening) => Action::Receive(intake(opening)),
        EventKind::DossierRefused { opening, ground } => {
            Action::Refuse { intake: opening.map(intake), ground }
        }
        EventKind::CustodyOffered { to, medium, redirected_from } => {
            Action::OfferCustody { to: redirected_from.unwrap_or(to), medium }
        }
        EventKind::CustodyAccepted => Action::AcceptCustody,
        EventKind::CustodyReturned { ground, .. } => Action::ReturnCustody { ground },
        EventKind::CustodyOfferWithdrawn => Action::WithdrawOffer,
        EventKind::DueDateRecomputed { calendar, .. } => Action::Recompute { calendar },
        EventKind::CustodyTransferredBySuccession { from, .. } => Action::Succeed { predecessor: from },
        EventKind::StepCompleted { step, outcome, .. } => Action::CompleteStep { step, outcome },
        EventKind::WaitEnded { wait, .. } => Action::EndWait(wait),
        EventKind::SupplementRequested { documents, ground, .. } => {
            Action::RequestSupplement { documents, ground }
        }
        EventKind::SupplementReceived { documents, .. } => Action::HandInSupplement { documents },
        EventKind::HoldPlaced { ground, issuing_body, document, expires_at, .. } => {
            Action::PlaceHold { ground, issuing_body, document, expires_at }
        }
        EventKind::HoldLifted { hold, document } => Action::LiftHold { hold, document },
        EventKind::ApologyIssued { days, ground } => Action::Extend { days, ground },
        EventKind::ReferralSent { to, subject, medium, number, redirected_from, .. } => {
            Action::Refer { to: redirected_from.unwrap_or(to), subject, medium, number }
        }
        EventKind::ReferralAccepted { referral } => Action::AcceptReferral { referral },
        EventKind::ReferralReturned { referral, ground, .. } => Action::ReturnReferral { referral, ground },
        EventKind::ReferralAnswered { referral, agreed, .. } => Action::AnswerReferral { referral, agreed },
        EventKind::NoticeIssued { referral, notice, lines } => {
            Action::IssueNotice { referral, notice, lines }
        }
        EventKind::NoticeAdjusted { supersedes, notice, ground, lines } => {
            Action::AdjustNotice { supersedes, notice, ground, lines }
        }
        EventKind::NoticeCancelled { notice, ground } => Action::CancelNotice { notice, ground },
        EventKind::PaymentReceived { payment, notice, account, amount, channel, into } => {
            Action::RecordPayment { payment, notice, account, amount, channel, into }
        }
        EventKind::FeeReceived { payment, fee, amount, channel, into } => {
            Action::CollectFee { payment, fee, amount, channel, into }
        }
        EventKind::ReceiptIssued { payment, receipt } => Action::IssueReceipt { payment, receipt },
        EventKind::PaymentReconciled { payment, amount, statement } => {
            Action::ReconcilePayment { payment, amount, statement }
        }
        EventKind::PaymentCancelled { payment, ground } => Action::CancelPayment { payment, ground },
        EventKind::ObligationFulfilled { debt_decision: Some(decision) } => Action::RecordDebt { decision },
        EventKind::ObligationFulfilled { debt_decision: None } | EventKind::RefundDue { .. } => return None,
        EventKind::LandRegisterEntered { entry, .. } => Action::EnterLandRegister { entry },
        EventKind::WithdrawalRequested { .. } => Action::RequestWithdrawal,
        EventKind::WithdrawalGranted { decision } => Action::DecideWithdrawal(Withdrawal::Grant(decision)),
        EventKind::WithdrawalDeclined { ground } => Action::DecideWithdrawal(Withdrawal::Decline(ground)),
        EventKind::ProcessingStopped { ground, decision } => Action::Stop { ground, decision },
        EventKind::ProcessingResumed { decision } => Action::Resume { decision },
        EventKind::ResultIssued { number, outcome } => Action::IssueResult { number, outcome },
        EventKind::ResultRecalled { ground, .. } => Action::RecallResult { ground },
        EventKind::ResultDelivered { channel, .. } => Action::HandOverResult { channel },
        EventKind::HistoryImported { history, .. } => Action::ImportHistory(history),
        EventKind::DossierAdopted(Adoption { procedure, commune, step, .. }) => {
            Action::Adopt { procedure, commune, step }
        }
        EventKind::DossierErased { ground, .. } => Action::Erase { ground },
    })
}

fn intake(opening: Opening) -> Intake {
    Intake {
        procedure: opening.procedure,
        commune: opening.commune,
        channel: opening.channel,
        applicant: opening.applicant,
        documents: opening.documents,
    }
}
