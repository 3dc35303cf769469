//! Notices, payments and their settlement. The agency that issued a notice records what happens to it, as treasury
//! or bank told it, until the result is issued.

use std::collections::BTreeSet;

use lienthong_registry::{AccountNumber, PayBy, WrongAccount};
use lienthong_tax::Dong;

use super::{Asked, referrals, steps};
use crate::case::Case;
use crate::command::Action;
use crate::denial::Denial;
use crate::event::{Account, EventKind, LINES_MAX, NoticeLine, PaymentChannel, Subject};
use crate::money::{
    ACCOUNTS_MAX, AMOUNT_MAX, NOTICES_MAX, Notice, NoticeState, PAYMENTS_MAX, PaidOn, Payment,
};
use crate::text::{Ground, PaperNumber, PaymentId};

pub(super) fn issue(
    asked: &Asked<'_>,
    case: &Case,
    number: u32,
    notice: &PaperNumber,
    lines: &[NoticeLine],
) -> Result<EventKind, Denial> {
    let referral = referrals::accepted(asked, case, number)?;
    if referral.subject != Subject::TaxInformation {
        return Err(Denial::WrongSubject { referral: number, subject: referral.subject });
    }
    fresh(case, notice)?;
    sound(case, lines)?;
    Ok(EventKind::NoticeIssued { referral: number, notice: notice.clone(), lines: lines.to_vec() })
}

pub(super) fn adjust(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<EventKind, Denial> {
    let Action::AdjustNotice { supersedes, notice, ground, lines } = action else {
        return Err(Denial::Consequences);
    };
    standing(asked, case, supersedes)?;
    fresh(case, notice)?;
    sound(case, lines)?;
    Ok(EventKind::NoticeAdjusted {
        supersedes: supersedes.clone(),
        notice: notice.clone(),
        ground: ground.clone(),
        lines: lines.clone(),
    })
}

pub(super) fn cancel(
    asked: &Asked<'_>,
    case: &Case,
    notice: &PaperNumber,
    ground: &Ground,
) -> Result<EventKind, Denial> {
    standing(asked, case, notice)?;
    Ok(EventKind::NoticeCancelled { notice: notice.clone(), ground: ground.clone() })
}

/// Money that came is recorded, whatever it exceeds. The same payment id again is a repeat.
pub(super) fn pay(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<Option<EventKind>, Denial> {
    let Action::RecordPayment { payment, notice: number, account, amount, channel, into } = action else {
        return Err(Denial::Consequences);
    };
    let notice = issued(case, number)?;
    if let Some(known) = case.money.payments.get(payment) {
        let on = PaidOn::Notice { notice: number.clone(), account: *account };
        let same = is_same(known, &on, *amount, *channel, into.as_ref());
        return if same { Ok(None) } else { Err(Denial::PaymentTaken { payment: payment.clone() }) };
    }
    asked.in_work(case)?;
    if !(Dong::new(1)..=AMOUNT_MAX).contains(amount) {
        return Err(Denial::AmountOutOfRange);
    }
    if !notice.lines.iter().any(|line| line.account == *account) {
        return Err(Denial::UnknownAccount { account: *account });
    }
    room(case)?;
    if let Some(into) = into {
        // Where taxes go the tax office knows; a pack may say it too.
        belongs(asked, case, into, Unnamed::Goes)?;
    }
    Ok(Some(EventKind::PaymentReceived {
        payment: payment.clone(),
        notice: number.clone(),
        account: *account,
        amount: *amount,
        channel: *channel,
        into: into.clone(),
    }))
}

/// A fee of the procedure is paid once, in the amount that the pack says, into the account that the pack names.
pub(super) fn collect(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<Option<EventKind>, Denial> {
    let Action::CollectFee { payment, fee: id, amount, channel, into } = action else {
        return Err(Denial::Consequences);
    };
    let on = PaidOn::Fee(id.clone());
    if let Some(known) = case.money.payments.get(payment) {
        let same = is_same(known, &on, *amount, *channel, into.as_ref());
        return if same { Ok(None) } else { Err(Denial::PaymentTaken { payment: payment.clone() }) };
    }
    let pack = steps::pack(asked, case)?;
    let fee = pack.fees().iter().find(|fee| &fee.id == id);
    let fee = fee.ok_or_else(|| Denial::UnknownFee { fee: id.clone() })?;
    if fee.amount != *amount {
        return Err(Denial::FeeAmount { fee: id.clone(), amount: fee.amount });
    }
    let way = pay_by(*channel);
    let ways = &pack.service().pay_by;
    if !ways.contains(&way) {
        let taken = ways.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Denial::PayChannelNotTaken { channel: *channel, taken });
    }
    let standing = |(_, known): &(&PaymentId, &Payment)| known.on == on && known.cancelled.is_none();
    if let Some((paid, _)) = case.money.payments.iter().find(standing) {
        return Err(Denial::FeePaid { fee: id.clone(), payment: paid.clone() });
    }
    room(case)?;
    match into {
        Some(into) => belongs(asked, case, into, Unnamed::IsRefused)?,
        None if *channel == PaymentChannel::Cash => {}
        None => return Err(Denial::NoPayeeAccount),
    }
    let (payment, fee, into) = (payment.clone(), id.clone(), into.clone());
    Ok(Some(EventKind::FeeReceived { payment, fee, amount: *amount, channel: *channel, into }))
}

/// The payment that is known under this id is this one. A void voucher's id is spent: the money comes under another one.
fn is_same(
    known: &Payment,
    on: &PaidOn,
    amount: Dong,
    channel: PaymentChannel,
    into: Option<&AccountNumber>,
) -> bool {
    (&known.on, known.amount, known.channel, known.into.as_ref()) == (on, amount, channel, into)
        && known.cancelled.is_none()
}

fn pay_by(channel: PaymentChannel) -> PayBy {
    match channel {
        PaymentChannel::Cash => PayBy::Cash,
        PaymentChannel::Bank => PayBy::Bank,
        PaymentChannel::Wallet => PayBy::Wallet,
        PaymentChannel::Portal => PayBy::Portal,
    }
}

/// What becomes of money for an agency of which the pack names no account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unnamed {
    Goes,
    IsRefused,
}

/// Whether an account is that of the acting agency, by the pack that the case pins.
fn belongs(asked: &Asked<'_>, case: &Case, into: &AccountNumber, unnamed: Unnamed) -> Result<(), Denial> {
    let agency = asked.known()?;
    match steps::pack(asked, case)?.may_pay_into(agency, into, asked.at.date()) {
        Err(WrongAccount::None { .. }) if unnamed == Unnamed::Goes => Ok(()),
        paid => paid.map_err(|problem| Denial::WrongPayee { problem }),
    }
}

fn room(case: &Case) -> Result<(), Denial> {
    if case.money.payments.len() < PAYMENTS_MAX {
        return Ok(());
    }
    Err(Denial::TooMany { what: "payments", count: PAYMENTS_MAX + 1, count_max: PAYMENTS_MAX })
}

/// A payment that stands.
fn paid<'c>(case: &'c Case, id: &PaymentId) -> Result<&'c Payment, Denial> {
    let unknown = || Denial::UnknownPayment { payment: id.clone() };
    let payment = case.money.payments.get(id).ok_or_else(unknown)?;
    match payment.cancelled {
        Some(_) => Err(Denial::PaymentVoid { payment: id.clone() }),
        None => Ok(payment),
    }
}

/// A payment has one receipt.
pub(super) fn issue_receipt(
    case: &Case,
    id: &PaymentId,
    receipt: &PaperNumber,
) -> Result<Option<EventKind>, Denial> {
    match &paid(case, id)?.receipt {
        None => Ok(Some(EventKind::ReceiptIssued { payment: id.clone(), receipt: receipt.clone() })),
        Some((given, _)) if given == receipt => Ok(None),
        Some((given, _)) => Err(Denial::ReceiptTaken { payment: id.clone(), receipt: given.clone() }),
    }
}

/// A payment is found on one statement, with the amount on record.
pub(super) fn reconcile(
    case: &Case,
    id: &PaymentId,
    stated: Dong,
    statement: &PaperNumber,
) -> Result<Option<EventKind>, Denial> {
    let payment = paid(case, id)?;
    if payment.amount != stated {
        return Err(Denial::NotOnStatement { payment: id.clone(), recorded: payment.amount, stated });
    }
    match &payment.reconciled {
        None => {
            let statement = statement.clone();
            Ok(Some(EventKind::PaymentReconciled { payment: id.clone(), amount: stated, statement }))
        }
        Some((found, _)) if found == statement => Ok(None),
        Some((found, _)) => Err(Denial::ReconciledAlready { payment: id.clone(), statement: found.clone() }),
    }
}

pub(super) fn cancel_payment(
    asked: &Asked<'_>,
    case: &Case,
    payment: &PaymentId,
    ground: &Ground,
) -> Result<Option<EventKind>, Denial> {
    let unknown = || Denial::UnknownPayment { payment: payment.clone() };
    let known = case.money.payments.get(payment).ok_or_else(unknown)?;
    if known.cancelled.is_some() {
        return Ok(None);
    }
    if known.account().is_some() {
        asked.in_work(case)?;
    }
    Ok(Some(EventKind::PaymentCancelled { payment: payment.clone(), ground: ground.clone() }))
}

/// A debt recorded by a decision (ghi nợ) fulfils the obligation as payment does.
pub(super) fn record_debt(
    asked: &Asked<'_>,
    case: &Case,
    decision: &PaperNumber,
) -> Result<EventKind, Denial> {
    if !case.money.has_current() {
        return Err(Denial::NothingOwed);
    }
    asked.in_work(case)?;
    if !case.money.is_open() {
        return Err(Denial::NothingOwed);
    }
    Ok(EventKind::ObligationFulfilled { debt_decision: Some(decision.clone()) })
}

/// What must follow a change of money in the same record: refunds first, then fulfilment.
pub(super) fn settlement(case: &Case) -> Option<EventKind> {
    if let Some((account, amount)) = case.money.unrecorded_refunds().into_iter().next() {
        return Some(EventKind::RefundDue { account, amount });
    }
    let settled = case.money.is_open() && case.money.remaining() == Dong::ZERO;
    settled.then_some(EventKind::ObligationFulfilled { debt_decision: None })
}

fn issued<'c>(case: &'c Case, number: &PaperNumber) -> Result<&'c Notice, Denial> {
    case.money.notices.get(number).ok_or_else(|| Denial::UnknownNotice { notice: number.clone() })
}

fn standing(asked: &Asked<'_>, case: &Case, number: &PaperNumber) -> Result<(), Denial> {
    let notice = issued(case, number)?;
    asked.in_work(case)?;
    match notice.state {
        NoticeState::Current => Ok(()),
        NoticeState::SupersededBy(_) | NoticeState::Cancelled => {
            Err(Denial::UnknownNotice { notice: number.clone() })
        }
    }
}

fn fresh(case: &Case, notice: &PaperNumber) -> Result<(), Denial> {
    if case.money.notices.contains_key(notice) {
        return Err(Denial::NoticeTaken { notice: notice.clone() });
    }
    if case.money.notices.len() >= NOTICES_MAX {
        return Err(Denial::TooMany { what: "notices", count: NOTICES_MAX + 1, count_max: NOTICES_MAX });
    }
    Ok(())
}

fn sound(case: &Case, lines: &[NoticeLine]) -> Result<(), Denial> {
    if lines.is_empty() {
        return Err(Denial::NoLines);
    }
    if lines.len() > LINES_MAX {
        return Err(Denial::TooMany { what: "lines", count: lines.len(), count_max: LINES_MAX });
    }
    let mut keys = BTreeSet::new();
    for line in lines {
        if line.due > AMOUNT_MAX || line.taxable > AMOUNT_MAX {
            return Err(Denial::AmountOutOfRange);
        }
        let exempt_unsaid = line.exempt > Dong::ZERO && line.exempt_ground.is_none();
        if line.exempt > line.due || exempt_unsaid {
            return Err(Denial::LineAmounts { account: line.account });
        }
        if !keys.insert((line.account, line.due_date)) {
            return Err(Denial::LineTwice { account: line.account });
        }
    }
    let issued = case.money.notices.values().flat_map(|notice| &notice.lines);
    let accounts: BTreeSet<Account> = issued.chain(lines).map(|line| line.account).collect();
    if accounts.len() > ACCOUNTS_MAX {
        return Err(Denial::TooMany { what: "accounts", count: accounts.len(), count_max: ACCOUNTS_MAX });
    }
    Ok(())
}
