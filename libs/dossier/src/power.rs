//! What an officer must be allowed to do for each kind of event.
//!
//! ```text
//! READ  commands nothing
//! DECIDE handles dossiers: takes in, hands over, completes, asks, records what others say
//! SIGN  issues in the agency's name what binds it towards a citizen or another agency
//! ```
//!
//! Held against the event that the officer decided. What follows from it in the same record is the rules' doing and needs
//! no power of its own.

use crate::denial::Denial;
use crate::event::{EventKind, Power};

/// The power that the officer needs who decides such an event.
///
/// To be signed by the head of the agency or whom the head authorised are the forms 03 to 05 of TT 03/2025/TT-VPCP, the
/// result, and the tax office's notice. Mẫu 01 and 02 carry the name of the officer at the desk.
#[must_use]
pub fn needed(kind: &EventKind) -> Power {
    match kind {
        // Papers in the agency's name that a citizen may complain about: refusal (Mẫu 03), apology and extension (Mẫu 04),
        // stop and what ends it (Mẫu 05), the answer to a wish to withdraw, the result, and its recall.
        EventKind::DossierRefused { .. }
        | EventKind::ApologyIssued { .. }
        | EventKind::ProcessingStopped { .. }
        | EventKind::ProcessingResumed { .. }
        | EventKind::WithdrawalGranted { .. }
        | EventKind::WithdrawalDeclined { .. }
        | EventKind::ResultIssued { .. }
        | EventKind::ResultRecalled { .. }
        // What a citizen has to pay, or need not pay yet.
        | EventKind::NoticeIssued { .. }
        | EventKind::NoticeAdjusted { .. }
        | EventKind::NoticeCancelled { .. }
        | EventKind::ObligationFulfilled { debt_decision: Some(_) }
        // The register proves rights towards everybody.
        | EventKind::LandRegisterEntered { .. }
        // Nobody brings back what is erased.
        | EventKind::DossierErased { .. }
        // The agency's opinion, by which another one decides.
        | EventKind::ReferralAnswered { .. } => Power::Sign,

        // Reception (Mẫu 01), asking for papers and taking them (Mẫu 02): the officer at the desk in his own name.
        EventKind::DossierFiled(_)
        | EventKind::DossierAccepted(_)
        | EventKind::SupplementRequested { .. }
        | EventKind::SupplementReceived { .. }
        | EventKind::FeeReceived { .. }
        | EventKind::ReceiptIssued { .. }
        | EventKind::DossierAdopted(_)
        // Moves between agencies, each noted with who gave and who took.
        | EventKind::CustodyOffered { .. }
        | EventKind::CustodyAccepted
        | EventKind::CustodyReturned { .. }
        | EventKind::CustodyOfferWithdrawn
        // What the registry says, put on record.
        | EventKind::CustodyTransferredBySuccession { .. }
        | EventKind::DueDateRecomputed { .. }
        | EventKind::ReferralSent { .. }
        | EventKind::ReferralAccepted { .. }
        | EventKind::ReferralReturned { .. }
        // Work inside the agency, and time that passed.
        | EventKind::StepCompleted { .. }
        | EventKind::WaitEnded { .. }
        // What somebody else decided or did, on that one's paper: a court, a bank, the citizen, another system.
        | EventKind::HoldPlaced { .. }
        | EventKind::HoldLifted { .. }
        | EventKind::PaymentReceived { .. }
        | EventKind::PaymentReconciled { .. }
        | EventKind::PaymentCancelled { .. }
        | EventKind::WithdrawalRequested { .. }
        | EventKind::ResultDelivered { .. }
        | EventKind::HistoryImported { .. }
        // Never decided, only derived from the amounts.
        | EventKind::RefundDue { .. }
        | EventKind::ObligationFulfilled { debt_decision: None } => Power::Decide,
    }
}

/// Whether an officer may decide such an event.
pub(crate) fn suffices(has: Power, kind: &EventKind) -> Result<(), Denial> {
    at_least(needed(kind), has)
}

/// Whether an officer may command anything at all.
pub(crate) fn may_command(has: Power) -> Result<(), Denial> {
    at_least(Power::Decide, has)
}

fn at_least(needed: Power, has: Power) -> Result<(), Denial> {
    if has >= needed { Ok(()) } else { Err(Denial::NoPower { needed, has }) }
}
