//! Requests of `TaxOffice`: slips, notices and payments.

use lienthong_calendar::Instant;
use lienthong_dossier::{Account, Action, Command, LINES_MAX, NoticeLine};
use lienthong_tax::Dong;

use super::{Head, IntoCommand, With as _};
use crate::Invalid;
use crate::code::coded;
use crate::field::{given, list, ordinal, text, text_or_none};
use crate::pb::common::v1 as common;
use crate::pb::tax_office::v1 as pb;
use crate::time::date_field;

impl IntoCommand for pb::AcceptSlipRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::AcceptReferral { referral: ordinal("referral", self.referral)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ReturnSlipRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::ReturnReferral {
            referral: ordinal("referral", self.referral)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::IssueNoticeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::IssueNotice {
            referral: ordinal("referral", self.referral)?,
            notice: text("notice", &self.notice)?,
            lines: lines(self.lines)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::AdjustNoticeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::AdjustNotice {
            supersedes: text("supersedes", &self.supersedes)?,
            notice: text("notice", &self.notice)?,
            ground: text("ground", &self.ground)?,
            lines: lines(self.lines)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::CancelNoticeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::CancelNotice {
            notice: text("notice", &self.notice)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::RecordPaymentRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::RecordPayment {
            payment: text("payment", &self.payment)?,
            notice: text("notice", &self.notice)?,
            account: account(self.account)?,
            amount: Dong::new(self.amount_dong),
            channel: coded("channel", self.channel)?,
            into: text_or_none("into", &self.into)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::CancelPaymentRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::CancelPayment {
            payment: text("payment", &self.payment)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::RecordDebtRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::RecordDebt { decision: text("decision", &self.decision)? };
        Ok(head.command(at, action))
    }
}

fn account(account: Option<common::Account>) -> Result<Account, Invalid> {
    let account = given("account", account)?;
    let read = || {
        Ok(Account { taxpayer: ordinal("taxpayer", account.taxpayer)?, item: ordinal("item", account.item)? })
    };
    read().map_err(|invalid: Invalid| invalid.within("account"))
}

fn lines(lines: Vec<common::NoticeLine>) -> Result<Vec<NoticeLine>, Invalid> {
    list("lines", lines, LINES_MAX, |line| {
        Ok(NoticeLine {
            account: account(line.account)?,
            due_date: date_field("due_date", &line.due_date)?,
            taxable: Dong::new(line.taxable_dong),
            due: Dong::new(line.due_dong),
            exempt: Dong::new(line.exempt_dong),
            exempt_ground: text_or_none("exempt_ground", &line.exempt_ground)?,
        })
    })
}
