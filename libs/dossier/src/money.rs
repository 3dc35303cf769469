//! Money: notices with their lines, payments, refunds, and whether anything remains to be paid.
//!
//! Amounts are owed by account (taxpayer and budget item). Lines say how much and until when; payments fill the
//! lines of their account in the order of due dates. What exceeds the due is to be refunded, never lost.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_registry::{AccountNumber, AgencyId, FeeId};
use lienthong_tax::Dong;
use serde::{Deserialize, Serialize};

use crate::event::{Account, EventKind, NoticeLine, PaymentChannel};
use crate::text::{PaperNumber, PaymentId};
use crate::trail::Mark;

/// The most a single amount may be, in đồng: a thousand times any land value on record.
pub const AMOUNT_MAX: Dong = Dong::new(1_000_000_000_000_000);
/// Notices of one dossier at most, superseded ones counted.
pub const NOTICES_MAX: usize = 64;
/// Accounts of one dossier at most, so that a record holds the refunds of all of them.
pub const ACCOUNTS_MAX: usize = 10;
/// Payments of one dossier at most.
pub const PAYMENTS_MAX: usize = 512;

/// Everything about money in one dossier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Money {
    /// Every notice ever issued, by number.
    pub notices: BTreeMap<PaperNumber, Notice>,
    /// Every payment ever recorded, by id.
    pub payments: BTreeMap<PaymentId, Payment>,
    /// What is to be given back, by account; accounts with nothing are left out.
    pub refunds: BTreeMap<Account, Dong>,
    /// Nothing remains, or its debt is recorded.
    pub fulfilled: bool,
    /// The decision that records the debt.
    pub debt_decision: Option<PaperNumber>,
}

/// A tax notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The slip it answers.
    pub referral: u32,
    /// Who issued it.
    pub issuer: AgencyId,
    /// When: `at` of the record that issued it, in its own right or in another's place.
    pub issued_at: Instant,
    /// Its lines.
    pub lines: Vec<NoticeLine>,
    /// Whether it stands.
    pub state: NoticeState,
}

/// Whether a notice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeState {
    /// It stands.
    Current,
    /// Another one stands in its place.
    SupersededBy(PaperNumber),
    /// Withdrawn.
    Cancelled,
}

/// Money that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What it was paid on.
    pub on: PaidOn,
    /// đồng.
    pub amount: Dong,
    /// How it came.
    pub channel: PaymentChannel,
    /// The account that it was paid into, where that is told.
    pub into: Option<AccountNumber>,
    /// The record that tells of it.
    pub received: Mark,
    /// The receipt that was given for it, and the record that tells of that.
    pub receipt: Option<(PaperNumber, Mark)>,
    /// The statement that it stands on, and the record that tells of that.
    pub reconciled: Option<(PaperNumber, Mark)>,
    /// The record by which the voucher turned out void.
    pub cancelled: Option<Mark>,
}

/// What money was paid on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaidOn {
    /// Lines of a notice.
    Notice {
        /// The notice.
        notice: PaperNumber,
        /// Whose due, and which budget item.
        account: Account,
    },
    /// A fee of the procedure, at the desk.
    Fee(FeeId),
}

impl Payment {
    /// The account that it fills; none for a fee of the procedure.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        match &self.on {
            PaidOn::Notice { account, .. } => Some(*account),
            PaidOn::Fee(_) => None,
        }
    }
}

/// A line with what is already paid on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView<'a> {
    /// The notice it stands in.
    pub notice: &'a PaperNumber,
    /// The line.
    pub line: &'a NoticeLine,
    /// (4) already paid, đồng.
    pub paid: Dong,
    /// (5) remaining = (2) − (3.2) − (4), đồng.
    pub remaining: Dong,
}

/// A payment as it comes.
fn came(
    on: PaidOn,
    amount: Dong,
    channel: PaymentChannel,
    into: Option<&AccountNumber>,
    mark: Mark,
) -> Payment {
    let into = into.cloned();
    Payment { on, amount, channel, into, received: mark, receipt: None, reconciled: None, cancelled: None }
}

/// Calendar days from one day to a later one; 0 when it is not later.
fn days_after(due: Date, day: Date) -> u32 {
    let days = due.until(day).map(|span| span.get_days()).unwrap_or_default();
    u32::try_from(days).unwrap_or_default()
}

fn sum(amounts: impl Iterator<Item = Dong>) -> Dong {
    // Single amounts and their number are bounded, so that the sum is too; fold must be total all the same.
    Dong::new(amounts.fold(0, |sum, amount| sum.saturating_add(amount.get())))
}

impl Money {
    /// The lines of the notices that stand, in the order of account, due date and notice, with what is paid.
    #[must_use]
    pub fn lines(&self) -> Vec<LineView<'_>> {
        let mut lines: Vec<_> = self
            .notices
            .iter()
            .filter(|(_, notice)| notice.state == NoticeState::Current)
            .flat_map(|(number, notice)| notice.lines.iter().map(move |line| (number, line)))
            .collect();
        lines.sort_by_key(|(number, line)| (line.account, line.due_date, (*number).clone()));
        let mut left: BTreeMap<Account, Dong> = BTreeMap::new();
        lines
            .into_iter()
            .map(|(notice, line)| {
                let left = left.entry(line.account).or_insert_with(|| self.paid(line.account));
                let paid = (*left).min(line.owed());
                *left = left.saturating_sub(paid);
                LineView { notice, line, paid, remaining: line.owed().saturating_sub(paid) }
            })
            .collect()
    }

    /// What came, or still remains, after its day: for each of the [`Self::lines`], parts with the calendar days that each is late
    /// on the day `on`. Payments fill the lines of their account in the order in which they came. What a decision records as
    /// debt (ghi nợ) is not late.
    #[must_use]
    pub fn late(&self, on: Date) -> Vec<(LineView<'_>, Vec<(Dong, u32)>)> {
        let mut paid: BTreeMap<Account, Vec<(Date, Dong)>> = BTreeMap::new();
        for payment in self.payments.values().filter(|payment| payment.cancelled.is_none()) {
            if let Some(account) = payment.account() {
                paid.entry(account).or_default().push((payment.received.at.date(), payment.amount));
            }
        }
        paid.values_mut().for_each(|payments| payments.sort());
        let late = |view: LineView<'_>, payments: &mut Vec<(Date, Dong)>| {
            let mut parts = Vec::new();
            let mut open = view.line.owed();
            while let Some((day, amount)) = payments.first_mut() {
                let part = (*amount).min(open);
                parts.push((part, days_after(view.line.due_date, *day)));
                (*amount, open) = (amount.saturating_sub(part), open.saturating_sub(part));
                if open == Dong::ZERO {
                    break;
                }
                payments.remove(0);
            }
            if self.debt_decision.is_none() {
                parts.push((open, days_after(view.line.due_date, on)));
            }
            parts.retain(|(part, days)| *part > Dong::ZERO && *days > 0);
            parts
        };
        let lines = self.lines().into_iter();
        lines
            .map(|view| {
                let parts = late(view.clone(), paid.entry(view.line.account).or_default());
                (view, parts)
            })
            .collect()
    }

    /// What remains to be paid in all, đồng.
    #[must_use]
    pub fn remaining(&self) -> Dong {
        sum(self.lines().iter().map(|line| line.remaining))
    }

    /// What came on an account, void vouchers left out, đồng.
    #[must_use]
    pub fn paid(&self, account: Account) -> Dong {
        sum(self
            .payments
            .values()
            .filter(|payment| payment.account() == Some(account) && payment.cancelled.is_none())
            .map(|payment| payment.amount))
    }

    /// What the standing notices ask of an account, đồng.
    #[must_use]
    pub fn owed(&self, account: Account) -> Dong {
        sum(self.lines().iter().filter(|view| view.line.account == account).map(|view| view.line.owed()))
    }

    /// What came beyond the due, for every account where that differs from the refund on record.
    #[must_use]
    pub fn unrecorded_refunds(&self) -> Vec<(Account, Dong)> {
        let mut accounts: Vec<Account> = self.payments.values().filter_map(Payment::account).collect();
        accounts.sort();
        accounts.dedup();
        accounts
            .into_iter()
            .map(|account| (account, self.paid(account).saturating_sub(self.owed(account))))
            .filter(|(account, excess)| self.refund(*account) != *excess)
            .collect()
    }

    /// The refund on record for an account, đồng.
    #[must_use]
    pub fn refund(&self, account: Account) -> Dong {
        self.refunds.get(&account).copied().unwrap_or(Dong::ZERO)
    }

    /// Whether any notice stands.
    #[must_use]
    pub fn has_current(&self) -> bool {
        self.notices.values().any(|notice| notice.state == NoticeState::Current)
    }

    /// Whether payment is awaited (status 6).
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.has_current() && !self.fulfilled
    }

    /// Money after one more event by `by` of the record `mark`. Total.
    #[must_use]
    pub(crate) fn fold(mut self, by: &AgencyId, mark: Mark, kind: &EventKind) -> Self {
        let standing = |referral, lines: &[NoticeLine]| Notice {
            referral,
            issuer: by.clone(),
            issued_at: mark.at,
            lines: lines.to_vec(),
            state: NoticeState::Current,
        };
        match kind {
            EventKind::NoticeIssued { referral, notice, lines } => {
                self.issue(notice, standing(*referral, lines));
            }
            EventKind::NoticeAdjusted { supersedes, notice, lines, .. } => {
                if let Some(old) = self.notices.get_mut(supersedes) {
                    old.state = NoticeState::SupersededBy(notice.clone());
                    let referral = old.referral;
                    self.issue(notice, standing(referral, lines));
                }
            }
            EventKind::NoticeCancelled { notice, .. } => {
                if let Some(notice) = self.notices.get_mut(notice) {
                    notice.state = NoticeState::Cancelled;
                }
                self.unsettle();
            }
            EventKind::PaymentReceived { payment, notice, account, amount, channel, into } => {
                let on = PaidOn::Notice { notice: notice.clone(), account: *account };
                self.receive(payment, came(on, *amount, *channel, into.as_ref(), mark));
            }
            EventKind::FeeReceived { payment, fee, amount, channel, into } => {
                self.receive(payment, came(PaidOn::Fee(fee.clone()), *amount, *channel, into.as_ref(), mark));
            }
            EventKind::ReceiptIssued { payment, receipt } => {
                if let Some(payment) = self.payments.get_mut(payment) {
                    payment.receipt = Some((receipt.clone(), mark));
                }
            }
            EventKind::PaymentReconciled { payment, statement, .. } => {
                if let Some(payment) = self.payments.get_mut(payment) {
                    payment.reconciled = Some((statement.clone(), mark));
                }
            }
            EventKind::PaymentCancelled { payment, .. } => {
                let cancelled = self.payments.get_mut(payment).map(|payment| {
                    payment.cancelled = Some(mark);
                    payment.account()
                });
                if let Some(Some(_)) = cancelled {
                    self.unsettle();
                }
            }
            EventKind::RefundDue { account, amount } => {
                if *amount == Dong::ZERO {
                    self.refunds.remove(account);
                } else {
                    self.refunds.insert(*account, *amount);
                }
            }
            EventKind::ObligationFulfilled { debt_decision } => {
                self.fulfilled = true;
                self.debt_decision = debt_decision.clone();
            }
            EventKind::DossierFiled(_)
            | EventKind::DossierAccepted(_)
            | EventKind::DossierRefused { .. }
            | EventKind::CustodyOffered { .. }
            | EventKind::CustodyAccepted
            | EventKind::CustodyReturned { .. }
            | EventKind::CustodyOfferWithdrawn
            | EventKind::CustodyTransferredBySuccession { .. }
            | EventKind::DueDateRecomputed { .. }
            | EventKind::StepCompleted { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::SupplementRequested { .. }
            | EventKind::SupplementReceived { .. }
            | EventKind::HoldPlaced { .. }
            | EventKind::HoldLifted { .. }
            | EventKind::ApologyIssued { .. }
            | EventKind::ReferralSent { .. }
            | EventKind::ReferralAccepted { .. }
            | EventKind::ReferralReturned { .. }
            | EventKind::ReferralAnswered { .. }
            | EventKind::LandRegisterEntered { .. }
            | EventKind::WithdrawalRequested { .. }
            | EventKind::WithdrawalGranted { .. }
            | EventKind::WithdrawalDeclined { .. }
            | EventKind::ProcessingStopped { .. }
            | EventKind::ProcessingResumed { .. }
            | EventKind::ResultIssued { .. }
            | EventKind::ResultRecalled { .. }
            | EventKind::ResultDelivered { .. }
            | EventKind::DossierAdopted(_)
            | EventKind::DossierErased { .. }
            | EventKind::HistoryImported { .. } => {}
        }
        self
    }

    fn receive(&mut self, id: &PaymentId, payment: Payment) {
        self.payments.entry(id.clone()).or_insert(payment);
    }

    fn issue(&mut self, number: &PaperNumber, notice: Notice) {
        self.notices.entry(number.clone()).or_insert(notice);
        self.unsettle();
    }

    /// What was settled must be settled anew, by the record that changes it or by a later one.
    fn unsettle(&mut self) {
        self.fulfilled = false;
        self.debt_decision = None;
    }
}
