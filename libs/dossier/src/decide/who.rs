//! Who may do what: the part in the dossier that each action belongs to.
//!
//! It is asked before anything else about the case, so that whoever has no part is told that, whatever state the case is
//! in. Where nobody has the part (nothing is on offer, no such request or notice), what is asked next says so.

use super::Asked;
use crate::case::{Case, Phase};
use crate::command::Action;
use crate::custody::Custody;
use crate::denial::Denial;
use crate::money::{NoticeState, PaidOn};
use crate::text::PaperNumber;

/// Whether the agency has the part.
pub(super) fn has_part(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<(), Denial> {
    match action {
        // They open a dossier; that there is one already is told to everybody.
        Action::File(_) | Action::ImportHistory(_) => Ok(()),
        // Asked of imported dossiers too, so its own rule says who.
        Action::Erase { .. } => Ok(()),
        // The registry says who, or the source.
        Action::Succeed { .. } | Action::Adopt { .. } => Ok(()),
        Action::Receive(_) if case.phase != Phase::Filed => Ok(()),
        Action::Receive(_)
        | Action::Refuse { .. }
        | Action::HandInSupplement { .. }
        | Action::CollectFee { .. }
        | Action::RequestWithdrawal => asked.received(case),
        Action::HandOverResult { .. } => asked.received(case).and_then(|()| asked.holds(case)),
        Action::OfferCustody { .. }
        | Action::WithdrawOffer
        | Action::CompleteStep { .. }
        | Action::RequestSupplement { .. }
        | Action::PlaceHold { .. }
        | Action::LiftHold { .. }
        | Action::Extend { .. }
        | Action::Refer { .. }
        | Action::DecideWithdrawal(_)
        | Action::Stop { .. }
        | Action::Resume { .. }
        | Action::IssueResult { .. }
        | Action::RecallResult { .. }
        | Action::EnterLandRegister { .. } => asked.holds(case),
        Action::AcceptCustody | Action::ReturnCustody { .. } => offered_to(asked, case),
        Action::AcceptReferral { referral }
        | Action::ReturnReferral { referral, .. }
        | Action::AnswerReferral { referral, .. }
        | Action::IssueNotice { referral, .. } => referred_to(asked, case, *referral),
        Action::AdjustNotice { supersedes: notice, .. }
        | Action::CancelNotice { notice, .. }
        | Action::RecordPayment { notice, .. } => issued(asked, case, notice),
        Action::CancelPayment { payment, .. }
        | Action::IssueReceipt { payment, .. }
        | Action::ReconcilePayment { payment, .. } => match case.money.payments.get(payment).map(|it| &it.on)
        {
            Some(PaidOn::Notice { notice, .. }) => issued(asked, case, notice),
            Some(PaidOn::Fee(_)) => asked.received(case),
            None => Ok(()),
        },
        Action::RecordDebt { .. } => issued_one(asked, case),
        Action::EndWait(_) | Action::Recompute { .. } => asked.is_party(case),
    }
}

fn offered_to(asked: &Asked<'_>, case: &Case) -> Result<(), Denial> {
    match &case.custody {
        Custody::Offered { to, .. } => asked.is_now(case, to).map_err(|to| Denial::NotOfferedTo { to }),
        Custody::Held { .. } => Ok(()),
    }
}

fn referred_to(asked: &Asked<'_>, case: &Case, number: u32) -> Result<(), Denial> {
    match case.referrals.get(&number) {
        Some(referral) => asked.is_now(case, &referral.to).map_err(|to| Denial::NotReferredTo { to }),
        None => Ok(()),
    }
}

fn issued(asked: &Asked<'_>, case: &Case, number: &PaperNumber) -> Result<(), Denial> {
    match case.money.notices.get(number) {
        Some(notice) => asked.is_now(case, &notice.issuer).map_err(|issuer| Denial::NotIssuer { issuer }),
        None => Ok(()),
    }
}

/// Has issued one of the notices that stand, if any does.
fn issued_one(asked: &Asked<'_>, case: &Case) -> Result<(), Denial> {
    let mut standing = case.money.notices.values().filter(|notice| notice.state == NoticeState::Current);
    let Some(first) = standing.next() else { return Ok(()) };
    match asked.is_now(case, &first.issuer) {
        Err(_) if standing.any(|notice| asked.is_now(case, &notice.issuer).is_ok()) => Ok(()),
        first => first.map_err(|issuer| Denial::NotIssuer { issuer }),
    }
}
