//! Who may do what: the part in the dossier that each action belongs to.
//!
//! It is asked before anything else about the case, so that whoever has no part is told that, whatever state the case is
//! in. Where nobody has the part (nothing is on offer, no such request or notice), what is asked next says so.

use super::Asked;
use crate::case::{Case, Phase};
use crate::command::Action;
use crate::custody::Custody;
use crate::denial::Denial;
use crate::money::NoticeState;
use crate::text::PaperNumber;

/// Whether the agency has the part.
pub(super) fn has_part(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<(), Denial> {
    match action {
        // They open a dossier; that there is one already is told to everybody.
        Action::File(_) | Action::ImportHistory(_) => Ok(()),
        // Asked of imported dossiers too, so its own rule says who.
        Action::Erase { .. } => Ok(()),
        Action::Receive(_) if case.phase != Phase::Filed => Ok(()),
        Action::Receive(_)
        | Action::Refuse { .. }
        | Action::HandInSupplement { .. }
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
        Action::CancelPayment { payment, .. } => match case.money.payments.get(payment) {
            Some(payment) => issued(asked, case, &payment.notice),
            None => Ok(()),
        },
        Action::RecordDebt { .. } => issued_one(asked, case),
        Action::EndWait(_) => asked.is_party(case),
    }
}

fn offered_to(asked: &Asked<'_>, case: &Case) -> Result<(), Denial> {
    match &case.custody {
        Custody::Offered { to, .. } if to != asked.agency => Err(Denial::NotOfferedTo { to: to.clone() }),
        Custody::Offered { .. } | Custody::Held { .. } => Ok(()),
    }
}

fn referred_to(asked: &Asked<'_>, case: &Case, number: u32) -> Result<(), Denial> {
    match case.referrals.get(&number) {
        Some(referral) if &referral.to != asked.agency => {
            Err(Denial::NotReferredTo { to: referral.to.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

fn issued(asked: &Asked<'_>, case: &Case, number: &PaperNumber) -> Result<(), Denial> {
    match case.money.notices.get(number) {
        Some(notice) if &notice.issuer != asked.agency => {
            Err(Denial::NotIssuer { issuer: notice.issuer.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// Has issued one of the notices that stand, if any does.
fn issued_one(asked: &Asked<'_>, case: &Case) -> Result<(), Denial> {
    let mut standing = case.money.notices.values().filter(|notice| notice.state == NoticeState::Current);
    let Some(first) = standing.next() else { return Ok(()) };
    if &first.issuer == asked.agency || standing.any(|notice| &notice.issuer == asked.agency) {
        Ok(())
    } else {
        Err(Denial::NotIssuer { issuer: first.issuer.clone() })
    }
}
