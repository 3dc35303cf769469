//! Notices: each line of section III with what is paid and what remains; and what is owed before there is a notice.

use jiff::civil::Date;
use lienthong_admission::State;
use lienthong_dossier::{
    Account, Denial, LineView, Mark, Money, Notice, NoticeLine, NoticeState, PaidOn, PaperNumber, Payment,
    PaymentId,
};
use lienthong_registry::Registry;
use lienthong_tax::{TaxError, late_interest};
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::tax_office::v1 as pb;
use lienthong_wire::request::assess::Question;
use lienthong_wire::{Coded as _, timestamp};
use tonic::{Request, Response, Status};

use super::wait::{parse_code, text_fault};
use crate::deadline::deadline;
use crate::node::{Node, WAIT_MAX};
use crate::status::{invalid, malformed, status, unknown_dossier};

impl Node {
    /// `GetNotice` of the tax office.
    ///
    /// # Errors
    /// The code or number is malformed or unknown, or the node is behind `at_least`.
    pub async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let deadline = deadline(request.metadata(), WAIT_MAX);
        let request = request.into_inner();
        let code = parse_code("code", &request.code)?;
        let number = match request.notice.as_str() {
            "" => None,
            text => Some(PaperNumber::parse(text).map_err(|fault| text_fault("notice", &fault))?),
        };
        self.reach_positions(deadline, "at_least", request.at_least.as_slice()).await?;
        let state = self.store().state(&code).map_err(|error| status(error.into()))?;
        let state = state.ok_or_else(unknown_dossier)?;
        let answer = notices(&state, number.as_ref()).map_err(|denial| status(denial.into()))?;
        let on = match request.on.as_str() {
            "" => self.now().date(),
            text => text
                .parse()
                .map_err(|_| invalid("on", "MALFORMED", "is not a day such as 2026-12-15".to_owned()))?,
        };
        let late = late(&self.registry(), &state, number.as_ref(), on)
            .map_err(|error| invalid("on", "OUT_OF_RANGE", error.to_string()))?;
        let interest_dong = late.iter().fold(0, |sum, line| line.interest_dong.saturating_add(sum));
        Ok(Response::new(pb::GetNoticeResponse { training: self.training(), late, interest_dong, ..answer }))
    }

    /// `Assess` of the tax office. A calculation only: nothing is recorded.
    ///
    /// # Errors
    /// A field is malformed, the dossier is unknown or imported, or its rates do not reach the day.
    pub fn assess(&self, request: &pb::AssessRequest) -> Result<pb::AssessResponse, Status> {
        let code = parse_code("code", &request.code)?;
        let state = self.store().state(&code).map_err(|error| status(error.into()))?;
        assess(&self.registry(), &*state.ok_or_else(unknown_dossier)?, request)
    }
}

/// What a dossier pays: the notice of that number, or all of them, and what remains.
///
/// # Errors
/// The dossier has no notice of that number.
pub(crate) fn notices(state: &State, number: Option<&PaperNumber>) -> Result<pb::GetNoticeResponse, Denial> {
    let none = Money::default();
    let money = state.dossier.live().map_or(&none, |case| &case.money);
    let mut notices = list(money);
    if let Some(number) = number {
        notices.retain(|notice| notice.number == number.as_str());
        if notices.is_empty() {
            return Err(Denial::UnknownNotice { notice: number.clone() });
        }
    }
    Ok(pb::GetNoticeResponse {
        notices,
        remaining_dong: money.remaining().get(),
        refunds: refunds(money),
        fulfilled: money.fulfilled,
        debt_decision: money.debt_decision.as_ref().map(ToString::to_string).unwrap_or_default(),
        training: false,
        late: Vec::new(),
        interest_dong: 0,
    })
}

/// What is late on a day, by the rates that the dossier pins.
///
/// # Errors
/// The rates do not reach back to that day, or an amount is beyond all bounds.
pub(crate) fn late(
    registry: &Registry,
    state: &State,
    number: Option<&PaperNumber>,
    on: Date,
) -> Result<Vec<pb::LateLine>, TaxError> {
    let Some(case) = state.dossier.live() else { return Ok(Vec::new()) };
    let Some(rates) = registry.rates(&case.pins.rates) else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for (view, parts) in case.money.late(on) {
        let Some((_, days_late)) = parts.last() else { continue };
        if number.is_some_and(|number| number != view.notice) {
            continue;
        }
        let mut interest_dong: u64 = 0;
        for (part, days) in &parts {
            let interest = late_interest(rates, *part, *days, on)?;
            interest_dong = interest_dong.saturating_add(interest.get());
        }
        lines.push(pb::LateLine {
            notice: view.notice.to_string(),
            account: Some(account(view.line.account)),
            due_date: view.line.due_date.to_string(),
            days_late: *days_late,
            interest_dong,
        });
    }
    Ok(lines)
}

/// What a transaction owes by the rates that its dossier pins; without a day, by those of the day it was received.
///
/// # Errors
/// A field is malformed, the dossier is imported, or its rates do not reach the day.
pub(crate) fn assess(
    registry: &Registry,
    state: &State,
    request: &pb::AssessRequest,
) -> Result<pb::AssessResponse, Status> {
    let question = Question::read(request).map_err(|fault| malformed(&fault))?;
    let denied = |denial: Denial| status(denial.into());
    let case = state.dossier.live().ok_or_else(|| denied(Denial::Imported))?;
    let asked = question.case(case.opened_on());
    let none = || denied(Denial::NoRates { on: asked.on });
    let rates = registry.rates(&case.pins.rates).ok_or_else(none)?;
    let assessment = lienthong_tax::assess(rates, &asked).map_err(|error| match error {
        TaxError::NotCovered { on, .. } => denied(Denial::NoRates { on }),
        TaxError::Overflow { .. } => invalid("table_value_dong", "OUT_OF_RANGE", error.to_string()),
    })?;
    Ok(question.answer(&assessment))
}

/// Every notice, oldest first, superseded and cancelled ones too.
pub(crate) fn list(money: &Money) -> Vec<common::Notice> {
    let standing = money.lines();
    let mut notices: Vec<_> = money.notices.iter().collect();
    notices.sort_by_key(|(number, notice)| (notice.issued_at, *number));
    notices.into_iter().map(|(number, notice)| tell(number, notice, &standing)).collect()
}

/// What is to be given back, by account.
pub(crate) fn refunds(money: &Money) -> Vec<common::Refund> {
    let refund = |(owner, amount): (&Account, &lienthong_tax::Dong)| common::Refund {
        account: Some(account(*owner)),
        amount_dong: amount.get(),
    };
    money.refunds.iter().map(refund).collect()
}

/// Every payment, void vouchers too.
pub(crate) fn payments(money: &Money) -> Vec<common::Payment> {
    let number = |paper: &Option<(PaperNumber, Mark)>| {
        paper.as_ref().map(|(number, _)| number.to_string()).unwrap_or_default()
    };
    let payment = |(id, paid): (&PaymentId, &Payment)| {
        let (notice, fee) = match &paid.on {
            PaidOn::Notice { notice, .. } => (notice.to_string(), String::new()),
            PaidOn::Fee(fee) => (String::new(), fee.to_string()),
        };
        common::Payment {
            payment: id.to_string(),
            notice,
            account: paid.account().map(account),
            fee,
            amount_dong: paid.amount.get(),
            channel: paid.channel.number(),
            into: paid.into.as_ref().map(ToString::to_string).unwrap_or_default(),
            received_at: Some(timestamp(paid.received.at)),
            receipt: number(&paid.receipt),
            statement: number(&paid.reconciled),
            cancelled: paid.cancelled.is_some(),
        }
    };
    money.payments.iter().map(payment).collect()
}

/// An account as the contract carries it.
pub(crate) fn account(account: Account) -> common::Account {
    common::Account { taxpayer: account.taxpayer, item: account.item }
}

/// A line as the tax office stated it.
pub(crate) fn line(line: &NoticeLine) -> common::NoticeLine {
    common::NoticeLine {
        account: Some(account(line.account)),
        due_date: line.due_date.to_string(),
        taxable_dong: line.taxable.get(),
        due_dong: line.due.get(),
        exempt_dong: line.exempt.get(),
        exempt_ground: line.exempt_ground.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn tell(number: &PaperNumber, notice: &Notice, standing: &[LineView<'_>]) -> common::Notice {
    let (state, superseded_by) = match &notice.state {
        NoticeState::Current => (common::NoticeState::Current, String::new()),
        NoticeState::SupersededBy(other) => (common::NoticeState::Superseded, other.to_string()),
        NoticeState::Cancelled => (common::NoticeState::Cancelled, String::new()),
    };
    let lines: Vec<_> = notice.lines.iter().map(|stated| line_state(number, stated, standing)).collect();
    common::Notice {
        number: number.to_string(),
        referral: notice.referral,
        issuer: notice.issuer.to_string(),
        state: state.into(),
        superseded_by,
        remaining_dong: lines.iter().fold(0, |sum, line| line.remaining_dong.saturating_add(sum)),
        lines,
        issued_at: Some(timestamp(notice.issued_at)),
    }
}

/// Lines are keyed by notice, account and due date; on a notice that does not stand nothing is paid and nothing remains.
fn line_state(
    number: &PaperNumber,
    stated: &NoticeLine,
    standing: &[LineView<'_>],
) -> common::NoticeLineState {
    let view = standing.iter().find(|view| {
        view.notice == number && view.line.account == stated.account && view.line.due_date == stated.due_date
    });
    common::NoticeLineState {
        line: Some(line(stated)),
        paid_dong: view.map_or(0, |view| view.paid.get()),
        remaining_dong: view.map_or(0, |view| view.remaining.get()),
    }
}

#[cfg(test)]
mod tests;
