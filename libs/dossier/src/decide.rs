//! `decide` and `permit`: what a command leads to, and whether a record may stand.
//!
//! Both ask one question, `events`: which events follow from this action in this state? `decide` proposes them.
//! `permit` reads the action back from the event that was decided, asks again, and lets the record stand only when it
//! says the same. So what `decide` yields, `permit` permits, and a node that computes a due date in its own favour
//! is found out.

mod adoption;
mod custody;
mod ending;
mod erasure;
mod intake;
mod money;
mod pauses;
mod recompute;
mod referrals;
mod steps;
mod succession;
mod unfold;
mod waits;
mod who;

pub use intake::ACTIVITIES_MAX;
pub use pauses::{EXTENSION_DAYS_MAX, HOLDS_MAX};
pub use referrals::REFERRALS_MAX;
pub use waits::WAITS_MAX;

use lienthong_calendar::Instant;
use lienthong_registry::{Agency, AgencyId, Registry, Rules};

use crate::access::receivers;
use crate::action::action_of;
use crate::case::{Case, Dossier, Phase};
use crate::command::{Action, Command};
use crate::custody::Custody;
use crate::denial::Denial;
use crate::event::{Act, EnvelopeName, Event, EventKind, Wait};
use crate::power;
use crate::text::DossierCode;

use unfold::Unfolding;

/// The events that `command` leads to; none when it was done before.
///
/// # Errors
/// The rule that the command breaks.
pub fn decide(
    rules: Rules,
    dossier: Option<&Dossier>,
    registry: &Registry,
    command: &Command,
) -> Result<Vec<Event>, Denial> {
    if let Some(label) = &command.secrecy {
        return Err(Denial::Secret { label: label.clone() });
    }
    let asked = Asked {
        registry,
        code: &command.code,
        agency: &command.agency,
        at: command.at,
        enveloped: command.private.is_some(),
    };
    let power = command.actor.power;
    power::may_command(power)?;
    let events = events(rules, dossier, &asked, &command.action)?;
    if let Some(first) = decided(&events) {
        power::suffices(power, &first.kind)?;
    }
    Ok(events)
}

/// Whether the record `act` may stand in this state.
///
/// # Errors
/// The rule that it breaks.
pub fn permit(rules: Rules, dossier: Option<&Dossier>, registry: &Registry, act: &Act) -> Result<(), Denial> {
    let first = decided(&act.events).ok_or(Denial::Consequences)?;
    let action = action_of(&first.kind).ok_or(Denial::Consequences)?;
    power::suffices(act.actor.power, &first.kind)?;
    let asked = Asked {
        registry,
        code: &act.code,
        agency: &act.agency,
        at: act.at,
        enveloped: first.kind.detail().is_some(),
    };
    if events(rules, dossier, &asked, &action)? == act.events { Ok(()) } else { Err(Denial::Consequences) }
}

/// The event that an officer decided: the first one after the waits that the record notes, or the first of these.
fn decided(events: &[Event]) -> Option<&Event> {
    let mut rest = events;
    while let Some((Event { kind: EventKind::WaitEnded { wait, .. }, .. }, after)) = rest.split_first() {
        rest = match (wait, after) {
            (Wait::Step, [_, after @ ..]) => after,
            (_, after) => after,
        };
    }
    rest.first().or(events.first())
}

/// Who asks, when, for which dossier.
struct Asked<'a> {
    registry: &'a Registry,
    code: &'a DossierCode,
    agency: &'a AgencyId,
    at: Instant,
    enveloped: bool,
}

fn events(
    rules: Rules,
    dossier: Option<&Dossier>,
    asked: &Asked<'_>,
    action: &Action,
) -> Result<Vec<Event>, Denial> {
    // Rules that a reader does not know never get here: it stops at the fence that puts them in force.
    if rules < Rules::ONE {
        return Err(Denial::UnknownRules { rules: rules.0 });
    }
    if let Some(last) = dossier.map(Dossier::last_at)
        && asked.at < last
    {
        return Err(Denial::Backdated { last });
    }
    // Who was succeeded is mostly no more.
    let is_succession = matches!(action, Action::Succeed { .. });
    let agency = if is_succession { asked.known()? } else { asked.acting()? };
    let mut unfolding = Unfolding::new(asked, dossier);
    match (dossier, action) {
        (None, Action::ImportHistory(history)) => {
            unfolding.happens(intake::import(asked, None, history)?)?;
        }
        (Some(Dossier::Imported(imported)), Action::ImportHistory(history)) => {
            unfolding.happens(intake::import(asked, Some(imported), history)?)?;
        }
        (None, Action::File(_) | Action::Receive(_) | Action::Refuse { .. }) => {
            unfolding.happens(intake::open(asked, agency, action)?)?;
        }
        (None, _) => return Err(Denial::UnknownDossier),
        (Some(_), Action::ImportHistory(_) | Action::File(_)) => return Err(Denial::CodeTaken),
        (Some(Dossier::Imported(imported)), Action::Adopt { procedure, commune, step }) => {
            unfolding.happens(adoption::adopt(asked, imported, procedure, commune, step)?)?;
        }
        (Some(dossier), Action::Erase { ground }) => {
            unfolding.happens(erasure::erase(asked, dossier, ground)?)?;
        }
        (Some(Dossier::Imported(imported)), _) => {
            return Err(imported.erased.map_or(Denial::Imported, erasure::erased));
        }
        (Some(Dossier::Live(_)), Action::Adopt { .. }) => return Err(Denial::CodeTaken),
        (
            Some(Dossier::Live(case)),
            Action::Succeed { .. } | Action::IssueReceipt { .. } | Action::ReconcilePayment { .. },
        ) => {
            who::has_part(asked, case, action)?;
            match beside(asked, case, action)? {
                Some(event) => unfolding.happens(event)?,
                None => return Ok(Vec::new()),
            }
        }
        (Some(Dossier::Live(case)), action) => {
            who::has_part(asked, case, action)?;
            allowed(case, action)?;
            waits::note(&mut unfolding)?;
            if !waits::is_all(case, action, unfolding.events()) {
                let case = unfolding.case().ok_or(Denial::UnknownDossier)?;
                match go_on(asked, case, action)? {
                    Some(first) => unfolding.happens(first)?,
                    // Done before: then nothing is recorded, overdue waits neither.
                    None => return Ok(Vec::new()),
                }
            }
        }
    }
    let events = unfolding.into_events();
    asked.reaches(&events)?;
    Ok(events)
}

/// The event of what goes beside the course of a case, before and after its end; none when it was done before.
fn beside(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<Option<EventKind>, Denial> {
    if let Some(at) = case.erased {
        return Err(erasure::erased(at));
    }
    if let Action::Succeed { predecessor } = action {
        succession::succeed(asked, case, predecessor)
    } else if let Action::IssueReceipt { payment, receipt } = action {
        money::issue_receipt(case, payment, receipt)
    } else if let Action::ReconcilePayment { payment, amount, statement } = action {
        money::reconcile(case, payment, *amount, statement)
    } else {
        Err(Denial::Consequences)
    }
}

/// What holds for every action on a case that is under way.
fn allowed(case: &Case, action: &Action) -> Result<(), Denial> {
    let status = case.status();
    if matches!(action, Action::Receive(_)) && case.phase != Phase::Filed {
        return Err(Denial::CodeTaken);
    }
    if let Some(at) = case.erased {
        return Err(erasure::erased(at));
    }
    if status.is_final() {
        return Err(Denial::NotInStatus { status });
    }
    if let Custody::Offered { to, .. } = &case.custody {
        let answers = matches!(
            action,
            Action::AcceptCustody
                | Action::ReturnCustody { .. }
                | Action::WithdrawOffer
                | Action::HandInSupplement { .. }
                | Action::CollectFee { .. }
                | Action::RequestWithdrawal
                | Action::Recompute { .. }
        );
        if !answers {
            return Err(Denial::OfferOpen { to: to.clone() });
        }
    }
    Ok(())
}

/// The first event of an action on a case that is under way; none when it was done before.
fn go_on(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<Option<EventKind>, Denial> {
    let first = match action {
        Action::File(_) | Action::ImportHistory(_) => return Err(Denial::CodeTaken),
        Action::Receive(_) | Action::Refuse { .. } => intake::answer_filing(asked, case, action)?,
        Action::HandInSupplement { documents } => pauses::hand_in(asked, case, documents)?,
        Action::RequestWithdrawal => ending::request_withdrawal(asked, case)?,
        Action::HandOverResult { channel } => ending::hand_over(asked, case, *channel)?,
        Action::OfferCustody { to, medium } => custody::offer(asked, case, to, *medium)?,
        Action::WithdrawOffer => custody::withdraw_offer(case)?,
        Action::AcceptCustody => custody::accept(case)?,
        Action::ReturnCustody { ground } => custody::give_back(asked, case, ground)?,
        Action::CompleteStep { step, outcome } => steps::complete(asked, case, step, outcome)?,
        Action::EndWait(wait) => waits::end(asked, case, *wait)?,
        Action::RequestSupplement { documents, ground } => pauses::request(asked, case, documents, ground)?,
        Action::PlaceHold { .. } => pauses::place_hold(asked, case, action)?,
        Action::LiftHold { hold, document } => pauses::lift_hold(asked, case, *hold, document)?,
        Action::Extend { days, ground } => pauses::extend(asked, case, *days, ground)?,
        Action::Refer { .. } => referrals::refer(asked, case, action)?,
        Action::AcceptReferral { referral } => referrals::accept(asked, case, *referral)?,
        Action::ReturnReferral { referral, ground } => referrals::give_back(asked, case, *referral, ground)?,
        Action::AnswerReferral { referral, agreed } => referrals::answer(asked, case, *referral, *agreed)?,
        Action::DecideWithdrawal(withdrawal) => ending::decide_withdrawal(case, withdrawal)?,
        Action::Stop { ground, decision } => ending::stop(asked, case, ground, decision)?,
        Action::Resume { decision } => ending::resume(case, decision)?,
        Action::IssueResult { number, outcome } => ending::issue(asked, case, number, outcome)?,
        Action::RecallResult { ground } => ending::recall(asked, case, ground)?,
        Action::EnterLandRegister { entry } => ending::enter_land_register(asked, case, entry)?,
        Action::IssueNotice { referral, notice, lines } => {
            money::issue(asked, case, *referral, notice, lines)?
        }
        Action::AdjustNotice { .. } => money::adjust(asked, case, action)?,
        Action::CancelNotice { notice, ground } => money::cancel(asked, case, notice, ground)?,
        Action::RecordPayment { .. } => return money::pay(asked, case, action),
        Action::CollectFee { .. } => return money::collect(asked, case, action),
        Action::Recompute { calendar } => return recompute::recompute(asked, case, calendar),
        Action::CancelPayment { payment, ground } => {
            return money::cancel_payment(asked, case, payment, ground);
        }
        Action::RecordDebt { decision } => money::record_debt(asked, case, decision)?,
        // Decided before it comes to this.
        Action::Adopt { .. } => return Err(Denial::CodeTaken),
        Action::Succeed { .. } | Action::IssueReceipt { .. } | Action::ReconcilePayment { .. } => {
            return beside(asked, case, action);
        }
        Action::Erase { ground } => erasure::of_case(asked, case, ground)?,
    };
    Ok(Some(first))
}

impl<'a> Asked<'a> {
    /// The acting agency, known to the registry.
    fn known(&self) -> Result<&'a Agency, Denial> {
        self.registry.agency(self.agency).ok_or_else(|| Denial::UnknownAgency { agency: self.agency.clone() })
    }

    /// The acting agency, known and active on the day.
    fn acting(&self) -> Result<&'a Agency, Denial> {
        let agency = self.known()?;
        let on = self.at.date();
        if agency.is_active(on) {
            Ok(agency)
        } else {
            Err(Denial::InactiveAgency { agency: self.agency.clone(), on })
        }
    }

    /// Whoever is given the dossier has a key for what is in it: a node serves it.
    fn reaches(&self, events: &[Event]) -> Result<(), Denial> {
        let served = |agency: &AgencyId| self.registry.agency(agency).is_some_and(|it| it.key.is_some());
        match receivers(self.agency, events).into_iter().find(|agency| !served(agency)) {
            Some(agency) => Err(Denial::NotOnTheBus { agency }),
            None => Ok(()),
        }
    }

    fn holds(&self, case: &Case) -> Result<(), Denial> {
        self.is_now(case, case.custody.holder()).map_err(|holder| Denial::NotHolder { holder })
    }

    fn received(&self, case: &Case) -> Result<(), Denial> {
        self.is_now(case, &case.received_by).map_err(|desk| Denial::NotReceivingDesk { desk })
    }

    fn is_party(&self, case: &Case) -> Result<(), Denial> {
        if case.parties.iter().any(|party| self.now(case, party) == self.agency) {
            Ok(())
        } else {
            Err(Denial::NotAParty { agency: self.agency.clone() })
        }
    }

    /// Whether the acting agency has this agency's part now: it is the agency, or has taken over from it, recorded in the
    /// dossier or not.
    ///
    /// # Errors
    /// Who has.
    fn is_now(&self, case: &Case, agency: &AgencyId) -> Result<(), AgencyId> {
        let now = self.now(case, agency);
        if now == self.agency { Ok(()) } else { Err(now.clone()) }
    }

    /// Who has an agency's part now.
    fn now<'c>(&self, case: &Case, agency: &'c AgencyId) -> &'c AgencyId
    where
        'a: 'c,
    {
        self.registry.successor(agency, &case.commune, self.at.date()).map_or(agency, |agency| &agency.id)
    }

    /// The case is in work: received, no result yet.
    fn in_work(&self, case: &Case) -> Result<(), Denial> {
        match case.phase {
            Phase::Accepted | Phase::Processing => Ok(()),
            Phase::Filed | Phase::Refused | Phase::Issued | Phase::Delivered | Phase::Withdrawn => {
                Err(Denial::NotInStatus { status: case.status() })
            }
        }
    }

    /// The case is in work and not stopped.
    fn not_stopped(&self, case: &Case) -> Result<(), Denial> {
        self.in_work(case)?;
        if case.stopped { Err(Denial::NotInStatus { status: case.status() }) } else { Ok(()) }
    }

    /// The name under which the command's personal details are enveloped, if it has any.
    fn envelope(&self, event: &str) -> Option<EnvelopeName> {
        self.enveloped.then(|| EnvelopeName::parse(event).ok()).flatten()
    }
}

#[cfg(test)]
mod tests;
