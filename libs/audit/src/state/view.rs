//! A dossier as an auditor is told of it. No personal data is in a state, so none can be here.

use lienthong_admission::State;
use lienthong_dossier::{
    Case, Clock, Custody, Dossier, DossierCode, Imported, NoticeState, ReferralState, Status,
};
use serde::Serialize;

use crate::trust::Trust;

/// A dossier at a position. Instants are RFC 3339 in +07:00, amounts in đồng; what there is none of is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DossierAsOf {
    code: String,
    /// `PARTITION:OFFSET`: the dossier's partition, as far as it was read.
    position: String,
    training: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_text: Option<&'static str>,
    /// `at` of its last record.
    last_at: String,
    /// Offsets of its records.
    records: Vec<u64>,
    /// Leaf of the last of them.
    head: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    case: Option<CaseAsOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<ImportedAsOf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct CaseAsOf {
    procedure: String,
    pack: String,
    calendar: String,
    rates: String,
    commune: String,
    channel: &'static str,
    received_by: String,
    received_at: String,
    holder: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    clock: ClockAsOf,
    step_clock: ClockAsOf,
    referrals: Vec<ReferralAsOf>,
    holds: Vec<HoldAsOf>,
    notices: Vec<NoticeAsOf>,
    paid_dong: u64,
    remaining_dong: u64,
    obligation_fulfilled: bool,
    documents_awaited: Vec<String>,
    withdrawal_asked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    land_register_entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_at: Option<String>,
    hand_offs: u32,
    paper_hand_offs: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ClockAsOf {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_minutes: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ReferralAsOf {
    referral: u32,
    from: String,
    to: String,
    subject: &'static str,
    state: &'static str,
    since: String,
    due: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct HoldAsOf {
    hold: u32,
    ground: String,
    since: String,
    open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct NoticeAsOf {
    notice: String,
    issuer: String,
    state: &'static str,
    lines: Vec<LineAsOf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LineAsOf {
    taxpayer: u32,
    item: u32,
    due_date: String,
    due_dong: u64,
    exempt_dong: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ImportedAsOf {
    by: String,
    source: String,
    activities: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

impl DossierAsOf {
    pub(super) fn of(trust: &Trust, partition: u16, next: u64, code: &DossierCode, state: &State) -> Self {
        let status = state.dossier.status();
        let (case, imported) = match &state.dossier {
            Dossier::Live(case) => (Some(CaseAsOf::of(case)), None),
            Dossier::Imported(imported) => (None, Some(ImportedAsOf::of(imported))),
        };
        Self {
            code: code.to_string(),
            position: format!("{partition}:{next}"),
            training: trust.is_training(),
            status: status.map(Status::code),
            status_text: status.map(Status::vietnamese),
            last_at: state.dossier.last_at().to_string(),
            records: state.records.iter().map(|record| record.offset).collect(),
            head: state.head.to_string(),
            case,
            imported,
        }
    }
}

impl CaseAsOf {
    fn of(case: &Case) -> Self {
        let offered_to = match &case.custody {
            Custody::Held { .. } => None,
            Custody::Offered { to, .. } => Some(to.to_string()),
        };
        let paid = case.money.payments.values().filter(|payment| payment.cancelled.is_none());
        let awaited = case.supplement.as_ref().filter(|supplement| !supplement.received);
        Self {
            procedure: case.procedure.to_string(),
            pack: case.pins.pack.to_string(),
            calendar: case.pins.calendar.clone(),
            rates: case.pins.rates.clone(),
            commune: case.commune.to_string(),
            channel: case.channel.as_str(),
            received_by: case.received_by.to_string(),
            received_at: case.opened_at.to_string(),
            holder: case.custody.holder().to_string(),
            offered_to,
            step: case.step.as_ref().map(|step| step.id.to_string()),
            clock: ClockAsOf::of(case.clock),
            step_clock: ClockAsOf::of(case.step_clock),
            referrals: referrals(case),
            holds: holds(case),
            notices: notices(case),
            paid_dong: paid.map(|payment| payment.amount.get()).sum(),
            remaining_dong: case.money.remaining().get(),
            obligation_fulfilled: case.money.fulfilled,
            documents_awaited: awaited.iter().flat_map(|it| &it.documents).map(ToString::to_string).collect(),
            withdrawal_asked: case.withdrawal_asked,
            extension_days: case.extension,
            land_register_entry: case.land_register.as_ref().map(ToString::to_string),
            result: case.result.as_ref().map(|result| result.number.to_string()),
            result_at: case.result.as_ref().map(|result| result.at.to_string()),
            hand_offs: case.hand_offs,
            paper_hand_offs: case.paper_hand_offs,
        }
    }
}

fn referrals(case: &Case) -> Vec<ReferralAsOf> {
    let state = |state| match state {
        ReferralState::Sent => "sent",
        ReferralState::Accepted => "accepted",
        ReferralState::Answered => "answered",
        ReferralState::Returned => "returned",
        ReferralState::Lapsed => "lapsed",
    };
    let one = |(number, referral): (&u32, &lienthong_dossier::Referral)| ReferralAsOf {
        referral: *number,
        from: referral.from.to_string(),
        to: referral.to.to_string(),
        subject: referral.subject.as_str(),
        state: state(referral.state),
        since: referral.since.to_string(),
        due: referral.due.to_string(),
    };
    case.referrals.iter().map(one).collect()
}

fn holds(case: &Case) -> Vec<HoldAsOf> {
    let one = |(number, hold): (&u32, &lienthong_dossier::Hold)| HoldAsOf {
        hold: *number,
        ground: hold.ground.to_string(),
        since: hold.since.to_string(),
        open: hold.open,
    };
    case.holds.iter().map(one).collect()
}

fn notices(case: &Case) -> Vec<NoticeAsOf> {
    let line = |line: &lienthong_dossier::NoticeLine| LineAsOf {
        taxpayer: line.account.taxpayer,
        item: line.account.item,
        due_date: line.due_date.to_string(),
        due_dong: line.due.get(),
        exempt_dong: line.exempt.get(),
    };
    let state = |state: &NoticeState| match state {
        NoticeState::Current => "current",
        NoticeState::SupersededBy(_) => "superseded",
        NoticeState::Cancelled => "cancelled",
    };
    let one = |(number, notice): (&lienthong_dossier::PaperNumber, &lienthong_dossier::Notice)| NoticeAsOf {
        notice: number.to_string(),
        issuer: notice.issuer.to_string(),
        state: state(&notice.state),
        lines: notice.lines.iter().map(line).collect(),
    };
    case.money.notices.iter().map(one).collect()
}

impl ClockAsOf {
    fn of(clock: Clock) -> Self {
        let (state, remaining_minutes) = match clock {
            Clock::Idle => ("idle", None),
            Clock::Running { .. } => ("running", None),
            Clock::Paused { remaining_minutes, .. } => ("paused", Some(remaining_minutes)),
            Clock::Ended { .. } => ("ended", None),
        };
        Self { state, due: clock.due().map(|due| due.to_string()), remaining_minutes }
    }
}

impl ImportedAsOf {
    fn of(imported: &Imported) -> Self {
        Self {
            by: imported.by.to_string(),
            source: imported.source.to_string(),
            activities: imported.activities,
            first: imported.span.map(|(first, _)| first.to_string()),
            last: imported.span.map(|(_, last)| last.to_string()),
        }
    }
}
