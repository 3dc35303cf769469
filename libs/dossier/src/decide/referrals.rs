//! Asking another agency while keeping custody: slips to the tax office, opinions.

use lienthong_registry::{Referral as Rule, Silence, Subject as Asks};

use super::custody::redirected;
use super::pauses::next_number;
use super::{Asked, steps};
use crate::case::{Case, Referral, ReferralState};
use crate::clock::Timing;
use crate::command::Action;
use crate::denial::Denial;
use crate::event::{EventKind, Subject};
use crate::money::NoticeState;
use crate::text::Ground;

/// Referrals of one dossier at most.
pub const REFERRALS_MAX: usize = 64;

pub(super) fn refer(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<EventKind, Denial> {
    let Action::Refer { to, subject, medium, number } = action else { return Err(Denial::Consequences) };
    asked.not_stopped(case)?;
    let step = steps::current(asked, case)?;
    let mut expected = None;
    let mut found = None;
    for rule in step.referrals.iter().filter(|rule| subject_of(rule) == *subject) {
        let receiver = steps::performer_of(asked, case, rule.role)?;
        if let Some(redirected_from) = redirected(asked, case, to, &receiver) {
            found = Some((rule, receiver, redirected_from));
            break;
        }
        expected = Some(receiver);
    }
    let (rule, to, redirected_from) = match (found, expected) {
        (Some(found), _) => found,
        (None, Some(expected)) => return Err(Denial::WrongReceiver { expected }),
        (None, None) => return Err(Denial::NoReferralHere { subject: *subject, step: step.id.clone() }),
    };
    let same = |(_, referral): &(&u32, &Referral)| {
        asked.now(case, &referral.to) == &to && referral.subject == *subject
    };
    if let Some((open, _)) =
        case.referrals.iter().filter(same).find(|(number, referral)| unsettled(case, **number, referral))
    {
        return Err(Denial::ReferralOpenAlready { referral: *open });
    }
    if case.referrals.len() >= REFERRALS_MAX {
        return Err(Denial::TooMany {
            what: "referrals",
            count: REFERRALS_MAX + 1,
            count_max: REFERRALS_MAX,
        });
    }
    if *subject == Subject::TaxInformation && number.is_none() {
        return Err(Denial::NumberMissing);
    }
    let working = Timing::of(case, asked.registry)?.working(case, &to)?;
    Ok(EventKind::ReferralSent {
        referral: next_number(case.referrals.keys()),
        to,
        subject: *subject,
        medium: *medium,
        outside_clock: rule.outside_clock,
        silence_agrees: rule.silence == Silence::Agreed,
        due: working.promise(asked.at, rule.limit)?.due,
        number: number.clone(),
        detail: asked.envelope("ReferralSent"),
        redirected_from,
    })
}

fn subject_of(rule: &Rule) -> Subject {
    match rule.subject {
        Asks::TaxInformation => Subject::TaxInformation,
        Asks::Opinion => Subject::Opinion,
    }
}

/// Open, or answered by a notice that stands.
fn unsettled(case: &Case, number: u32, referral: &Referral) -> bool {
    referral.state.is_open()
        || case
            .money
            .notices
            .values()
            .any(|notice| notice.referral == number && notice.state == NoticeState::Current)
}

pub(super) fn accept(asked: &Asked<'_>, case: &Case, number: u32) -> Result<EventKind, Denial> {
    if open(asked, case, number)?.state == ReferralState::Accepted {
        return Err(Denial::ReferralAcceptedAlready { referral: number });
    }
    Ok(EventKind::ReferralAccepted { referral: number })
}

pub(super) fn give_back(
    asked: &Asked<'_>,
    case: &Case,
    number: u32,
    ground: &Ground,
) -> Result<EventKind, Denial> {
    open(asked, case, number)?;
    Ok(EventKind::ReferralReturned {
        referral: number,
        ground: ground.clone(),
        detail: asked.envelope("ReferralReturned"),
    })
}

pub(super) fn answer(asked: &Asked<'_>, case: &Case, number: u32, agreed: bool) -> Result<EventKind, Denial> {
    let referral = accepted(asked, case, number)?;
    if referral.subject != Subject::Opinion {
        return Err(Denial::WrongSubject { referral: number, subject: referral.subject });
    }
    Ok(EventKind::ReferralAnswered { referral: number, agreed, detail: asked.envelope("ReferralAnswered") })
}

/// A referral that was taken on and may be answered.
pub(super) fn accepted<'c>(asked: &Asked<'_>, case: &'c Case, number: u32) -> Result<&'c Referral, Denial> {
    let referral = open(asked, case, number)?;
    if referral.state == ReferralState::Accepted {
        Ok(referral)
    } else {
        Err(Denial::ReferralNotAccepted { referral: number })
    }
}

/// A referral whose answer is awaited and not too late.
fn open<'c>(asked: &Asked<'_>, case: &'c Case, number: u32) -> Result<&'c Referral, Denial> {
    let referral = case.referrals.get(&number).ok_or(Denial::UnknownReferral { referral: number })?;
    asked.in_work(case)?;
    if referral.silence_agrees && asked.at > referral.due && referral.state != ReferralState::Answered {
        return Err(Denial::Late { deadline: referral.due });
    }
    if !referral.state.is_open() {
        return Err(Denial::ReferralEnded { referral: number });
    }
    Ok(referral)
}
