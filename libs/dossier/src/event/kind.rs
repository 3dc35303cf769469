//! What is asked of every kind of event.

use super::{EnvelopeName, EventKind};

impl EventKind {
    /// The published name, the same in proto, Rust, command line and docs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::DossierFiled(_) => "DossierFiled",
            Self::DossierAccepted(_) => "DossierAccepted",
            Self::DossierRefused { .. } => "DossierRefused",
            Self::CustodyOffered { .. } => "CustodyOffered",
            Self::CustodyAccepted => "CustodyAccepted",
            Self::CustodyReturned { .. } => "CustodyReturned",
            Self::CustodyOfferWithdrawn => "CustodyOfferWithdrawn",
            Self::CustodyTransferredBySuccession { .. } => "CustodyTransferredBySuccession",
            Self::DueDateRecomputed { .. } => "DueDateRecomputed",
            Self::StepCompleted { .. } => "StepCompleted",
            Self::WaitEnded { .. } => "WaitEnded",
            Self::SupplementRequested { .. } => "SupplementRequested",
            Self::SupplementReceived { .. } => "SupplementReceived",
            Self::HoldPlaced { .. } => "HoldPlaced",
            Self::HoldLifted { .. } => "HoldLifted",
            Self::ApologyIssued { .. } => "ApologyIssued",
            Self::ReferralSent { .. } => "ReferralSent",
            Self::ReferralAccepted { .. } => "ReferralAccepted",
            Self::ReferralReturned { .. } => "ReferralReturned",
            Self::ReferralAnswered { .. } => "ReferralAnswered",
            Self::NoticeIssued { .. } => "NoticeIssued",
            Self::NoticeAdjusted { .. } => "NoticeAdjusted",
            Self::NoticeCancelled { .. } => "NoticeCancelled",
            Self::PaymentReceived { .. } => "PaymentReceived",
            Self::FeeReceived { .. } => "FeeReceived",
            Self::ReceiptIssued { .. } => "ReceiptIssued",
            Self::PaymentReconciled { .. } => "PaymentReconciled",
            Self::PaymentCancelled { .. } => "PaymentCancelled",
            Self::RefundDue { .. } => "RefundDue",
            Self::ObligationFulfilled { .. } => "ObligationFulfilled",
            Self::LandRegisterEntered { .. } => "LandRegisterEntered",
            Self::WithdrawalRequested { .. } => "WithdrawalRequested",
            Self::WithdrawalGranted { .. } => "WithdrawalGranted",
            Self::WithdrawalDeclined { .. } => "WithdrawalDeclined",
            Self::ProcessingStopped { .. } => "ProcessingStopped",
            Self::ProcessingResumed { .. } => "ProcessingResumed",
            Self::ResultIssued { .. } => "ResultIssued",
            Self::ResultRecalled { .. } => "ResultRecalled",
            Self::ResultDelivered { .. } => "ResultDelivered",
            Self::HistoryImported { .. } => "HistoryImported",
            Self::DossierAdopted(_) => "DossierAdopted",
            Self::DossierErased { .. } => "DossierErased",
        }
    }

    /// The envelope that holds the event's personal details, where it has one.
    #[must_use]
    pub fn detail(&self) -> Option<&EnvelopeName> {
        match self {
            Self::DossierFiled(opening) | Self::DossierAccepted(opening) => opening.detail.as_ref(),
            Self::DossierRefused { opening, .. } => {
                opening.as_ref().and_then(|opening| opening.detail.as_ref())
            }
            Self::CustodyReturned { detail, .. }
            | Self::StepCompleted { detail, .. }
            | Self::SupplementRequested { detail, .. }
            | Self::SupplementReceived { detail, .. }
            | Self::ReferralSent { detail, .. }
            | Self::ReferralReturned { detail, .. }
            | Self::ReferralAnswered { detail, .. }
            | Self::LandRegisterEntered { detail, .. }
            | Self::WithdrawalRequested { detail }
            | Self::ResultDelivered { detail, .. }
            | Self::HistoryImported { detail, .. } => detail.as_ref(),
            Self::CustodyOffered { .. }
            | Self::CustodyAccepted
            | Self::CustodyOfferWithdrawn
            | Self::CustodyTransferredBySuccession { .. }
            | Self::DueDateRecomputed { .. }
            | Self::WaitEnded { .. }
            | Self::HoldPlaced { .. }
            | Self::HoldLifted { .. }
            | Self::ApologyIssued { .. }
            | Self::ReferralAccepted { .. }
            | Self::NoticeIssued { .. }
            | Self::NoticeAdjusted { .. }
            | Self::NoticeCancelled { .. }
            | Self::PaymentReceived { .. }
            | Self::FeeReceived { .. }
            | Self::ReceiptIssued { .. }
            | Self::PaymentReconciled { .. }
            | Self::PaymentCancelled { .. }
            | Self::RefundDue { .. }
            | Self::ObligationFulfilled { .. }
            | Self::DossierAdopted(_)
            | Self::WithdrawalGranted { .. }
            | Self::WithdrawalDeclined { .. }
            | Self::ProcessingStopped { .. }
            | Self::ProcessingResumed { .. }
            | Self::ResultIssued { .. }
            | Self::ResultRecalled { .. }
            | Self::DossierErased { .. } => None,
        }
    }
}
