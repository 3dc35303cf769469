//! Reading a record's first event back as the action it came from, so that admission can decide it again.

use crate::command::{Action, Intake, Withdrawal};
use crate::event::{EventKind, Opening};

/// The action whose first event this is; none for events that only follow from others.
pub(crate) fn action_of(kind: &EventKind) -> Option<Action> {
    Some(match kind.clone() {
        EventKind::DossierFiled(opening) => Action::File(intake(opening)),
        EventKind::DossierAccepted(opening) => Action::Receive(intake(opening)),
        EventKind::DossierRefused { opening, ground } => {
            Action::Refuse { intake: opening.map(intake), ground }
        }
        EventKind::CustodyOffered { to, medium } => Action::OfferCustody { to, medium },
        EventKind::CustodyAccepted => Action::AcceptCustody,
        EventKind::CustodyReturned { ground, .. } => Action::ReturnCustody { ground },
        EventKind::CustodyOfferWithdrawn => Action::WithdrawOffer,
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
        EventKind::ReferralSent { to, subject, medium, number, .. } => {
            Action::Refer { to, subject, medium, number }
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
        EventKind::PaymentReceived { payment, notice, account, amount, channel } => {
            Action::RecordPayment { payment, notice, account, amount, channel }
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
