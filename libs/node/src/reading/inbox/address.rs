//! To whom an event matters, and as what: the one table of the inbox.

use lienthong_dossier::{Act, Case, EventKind, Subject, Wait};
use lienthong_registry::AgencyId;
use lienthong_wire::pb::reading::v1::InboxKind;

/// An offer of custody, as the record that made it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// Who gave.
    pub(super) giver: AgencyId,
    /// To whom.
    pub(super) to: AgencyId,
}

impl Offer {
    /// The offer that an act makes, if it makes one.
    pub(super) fn of(act: &Act) -> Option<Self> {
        act.events.iter().find_map(|event| {
            if let EventKind::CustodyOffered { to, .. } = &event.kind {
                Some(Self { giver: act.agency.clone(), to: to.clone() })
            } else {
                None
            }
        })
    }
}

/// Whether the event answers an offer, so that the offer says to whom it matters.
pub(super) fn asks_for_offer(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::CustodyAccepted | EventKind::CustodyReturned { .. } | EventKind::CustodyOfferWithdrawn
    )
}

/// As what an event by somebody else is put before an agency; none when it is not its matter. `case` is the dossier as
/// it is now, `offer` the last offer before the event where [`asks_for_offer`] says so.
pub(super) fn put_before(
    agency: &AgencyId,
    kind: &EventKind,
    case: &Case,
    offer: Option<&Offer>,
) -> Option<InboxKind> {
    let gave = || offer.is_some_and(|offer| offer.giver == *agency);
    let was_offered = || offer.is_some_and(|offer| offer.to == *agency);
    let desk_or_holder = || case.desk == *agency || case.custody.holder() == agency;
    let asked_by = |referral: &u32| case.referrals.get(referral).is_some_and(|asked| asked.from == *agency);
    let asked_for_tax = || {
        let mut slips = case.referrals.values().filter(|asked| asked.subject == Subject::TaxInformation);
        slips.any(|slip| slip.from == *agency)
    };
    let is_asked = || case.referrals.values().any(|asked| asked.state.is_open() && asked.to == *agency);
    let (kind, concerned) = match kind {
        EventKind::CustodyOffered { to, .. } => (InboxKind::Offer, to == agency),
        EventKind::CustodyOfferWithdrawn => (InboxKind::OfferWithdrawn, was_offered()),
        EventKind::CustodyTransferredBySuccession { from, to, .. } => {
            (InboxKind::Other, to == agency || from == agency)
        }
        EventKind::CustodyAccepted => (InboxKind::Accepted, gave()),
        EventKind::CustodyReturned { .. } => (InboxKind::Returned, gave()),
        EventKind::ReferralSent { to, .. } => (InboxKind::Referral, to == agency),
        EventKind::ReferralReturned { referral, .. } => (InboxKind::Returned, asked_by(referral)),
        EventKind::ReferralAccepted { referral }
        | EventKind::ReferralAnswered { referral, .. }
        | EventKind::WaitEnded { wait: Wait::Referral(referral), .. } => {
            (InboxKind::Answer, asked_by(referral))
        }
        EventKind::NoticeIssued { referral, .. } => {
            (InboxKind::Notice, asked_by(referral) || desk_or_holder())
        }
        EventKind::NoticeAdjusted { .. } | EventKind::NoticeCancelled { .. } => {
            (InboxKind::Notice, asked_for_tax() || desk_or_holder())
        }
        EventKind::PaymentReceived { .. }
        | EventKind::PaymentCancelled { .. }
        | EventKind::RefundDue { .. }
        | EventKind::ObligationFulfilled { .. } => (InboxKind::Payment, asked_for_tax() || desk_or_holder()),
        EventKind::SupplementRequested { .. } | EventKind::SupplementReceived { .. } => {
            (InboxKind::Supplement, desk_or_holder())
        }
        EventKind::WithdrawalRequested { .. }
        | EventKind::WithdrawalGranted { .. }
        | EventKind::WithdrawalDeclined { .. } => (InboxKind::Withdrawal, desk_or_holder() || is_asked()),
        EventKind::ResultIssued { .. }
        | EventKind::ResultRecalled { .. }
        | EventKind::ResultDelivered { .. } => (InboxKind::Result, desk_or_holder()),
        EventKind::WaitEnded { wait: Wait::Step | Wait::Hold(_), .. }
        | EventKind::HoldPlaced { .. }
        | EventKind::HoldLifted { .. }
        | EventKind::ApologyIssued { .. }
        | EventKind::DueDateRecomputed { .. }
        | EventKind::ProcessingStopped { .. }
        | EventKind::ProcessingResumed { .. } => (InboxKind::Other, desk_or_holder() || is_asked()),
        // Whoever had a part may have a copy of its own, which the bus does not reach.
        EventKind::DossierErased { .. } => (InboxKind::Other, case.parties.contains(agency)),
        // The desk's and the holder's own doing, which puts nothing before anybody else.
        EventKind::DossierFiled(_)
        | EventKind::DossierAccepted(_)
        | EventKind::DossierRefused { .. }
        | EventKind::StepCompleted { .. }
        | EventKind::LandRegisterEntered { .. }
        | EventKind::FeeReceived { .. }
        | EventKind::ReceiptIssued { .. }
        | EventKind::PaymentReconciled { .. }
        | EventKind::DossierAdopted(_)
        | EventKind::HistoryImported { .. } => return None,
    };
    concerned.then_some(kind)
}

#[cfg(test)]
mod tests;
