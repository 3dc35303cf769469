//! Reports as the contract carries them.

use lienthong_registry::Registry;
use lienthong_report::{
    Counts, Facts, Ii06, Indicators, Label, OnTime, PaidBy, Payments, Rows, Share, Shares,
};
use lienthong_wire::pb::reporting::v1 as pb;
use lienthong_wire::{Coded as _, timestamp};

use super::scope::Scope;

pub(super) fn share(share: Share) -> pb::Share {
    let Share { numerator, denominator } = share;
    pb::Share { numerator, denominator, percent: share.percent() }
}

fn row(label: Label, counts: &Counts) -> pb::Ii06Row {
    let [c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13] = counts.all();
    let Label { code, name, unknown } = label;
    pb::Ii06Row { code, name, unknown, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 }
}

/// II.06 as the contract carries it.
#[must_use]
pub fn ii06(report: &Ii06, registry: &Registry, basis: pb::Basis) -> pb::Ii06 {
    let total = report.total();
    let nobody = Label { code: String::new(), name: String::new(), unknown: false };
    pb::Ii06 {
        basis: Some(basis),
        rows: report.rows(registry).into_iter().map(|(label, counts)| row(label, &counts)).collect(),
        on_time: Some(share(total.on_time())),
        late: Some(share(total.late())),
        total: Some(row(nobody, total)),
    }
}

pub(super) fn behind(facts: &Facts, scope: &Scope, registry: &Registry) -> pb::Behind {
    let on = scope.window.to();
    let end = facts.end(scope.settings).filter(|end| end.at.date() <= on);
    let due = end.map_or_else(|| facts.due_at(scope.window), |end| facts.due_at_end(end));
    pb::Behind {
        code: facts.code.to_string(),
        agency: facts.agency.label(registry, Rows::Agency, on).code,
        procedure: facts.procedure.label(registry, Rows::Procedure, on).code,
        received_at: facts.received_at.map(timestamp),
        due: due.map(timestamp),
        ended_at: end.map(|end| timestamp(end.at)),
        status: facts.status_at(scope.window).map_or(0, lienthong_wire::Coded::number),
    }
}

pub(super) fn shares(shares: &Shares, registry: &Registry, basis: pb::Basis) -> pb::Shares {
    let month = |(label, month, counts): (Label, String, OnTime)| pb::OnTime {
        agency: label.code,
        name: label.name,
        month,
        on_time: Some(share(counts.on_time)),
        online: Some(share(counts.online)),
    };
    pb::Shares {
        basis: Some(basis),
        online: Some(share(shares.online())),
        on_time: shares.months(registry).into_iter().map(month).collect(),
    }
}

pub(super) fn payments(payments: &Payments, basis: pb::Basis) -> pb::Payments {
    let paid = |(channel, paid, of_all): (lienthong_dossier::PaymentChannel, PaidBy, Share)| pb::PaidBy {
        channel: channel.number(),
        payments: paid.payments,
        unreceipted: paid.unreceipted,
        unreconciled: paid.unreconciled,
        amount_dong: paid.amount,
        share: Some(share(of_all)),
    };
    pb::Payments {
        basis: Some(basis),
        channels: payments.channels().into_iter().map(paid).collect(),
        amount_dong: payments.amount(),
    }
}

pub(super) fn indicators(indicators: &Indicators, basis: pb::Basis) -> pb::Indicators {
    let one = |it: lienthong_report::Indicator| pb::Indicator {
        id: it.id.to_owned(),
        title: it.title.to_owned(),
        share: Some(share(it.share)),
        points_hundredths: it.points(),
        points_max_hundredths: it.points_max,
        threshold_percent: it.threshold,
        note: it.note.to_owned(),
    };
    pb::Indicators { basis: Some(basis), indicators: indicators.all().into_iter().map(one).collect() }
}
