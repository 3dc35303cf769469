//! To whom an act gives access to the dossier's personal data. Access follows custody, in the same record.

use std::collections::BTreeSet;

use lienthong_registry::AgencyId;

use crate::event::{Act, Event, EventKind};

/// The agencies that need the dossier's key after this act, whether or not they had it before.
#[must_use]
pub fn gains_access(act: &Act) -> BTreeSet<AgencyId> {
    receivers(&act.agency, &act.events)
}

/// The same for events that an agency decided.
pub(crate) fn receivers(agency: &AgencyId, events: &[Event]) -> BTreeSet<AgencyId> {
    let receivers = events.iter().flat_map(|event| match &event.kind {
        EventKind::DossierFiled(_)
        | EventKind::DossierAccepted(_)
        | EventKind::DossierRefused { .. }
        | EventKind::DossierAdopted(_) => [Some(agency), None],
        EventKind::HistoryImported { competent, .. } => [Some(agency), competent.as_ref()],
        EventKind::CustodyOffered { to, .. }
        | EventKind::ReferralSent { to, .. }
        | EventKind::CustodyTransferredBySuccession { to, .. } => [Some(to), None],
        EventKind::CustodyAccepted
        | EventKind::CustodyReturned { .. }
        | EventKind::CustodyOfferWithdrawn
        | EventKind::DueDateRecomputed { .. }
        | EventKind::StepCompleted { .. }
        | EventKind::WaitEnded { .. }
        | EventKind::SupplementRequested { .. }
        | EventKind::SupplementReceived { .. }
        | EventKind::HoldPlaced { .. }
        | EventKind::HoldLifted { .. }
        | EventKind::ApologyIssued { .. }
        | EventKind::ReferralAccepted { .. }
        | EventKind::ReferralReturned { .. }
        | EventKind::ReferralAnswered { .. }
        | EventKind::NoticeIssued { .. }
        | EventKind::NoticeAdjusted { .. }
        | EventKind::NoticeCancelled { .. }
        | EventKind::PaymentReceived { .. }
        | EventKind::FeeReceived { .. }
        | EventKind::ReceiptIssued { .. }
        | EventKind::PaymentReconciled { .. }
        | EventKind::PaymentCancelled { .. }
        | EventKind::RefundDue { .. }
        | EventKind::ObligationFulfilled { .. }
        | EventKind::LandRegisterEntered { .. }
        | EventKind::WithdrawalRequested { .. }
        | EventKind::WithdrawalGranted { .. }
        | EventKind::WithdrawalDeclined { .. }
        | EventKind::ProcessingStopped { .. }
        | EventKind::ProcessingResumed { .. }
        | EventKind::ResultIssued { .. }
        | EventKind::ResultRecalled { .. }
        | EventKind::ResultDelivered { .. }
        | EventKind::DossierErased { .. } => [None, None],
    });
    receivers.flatten().cloned().collect()
}
