//! Requests of `History`: one record of another system.

use lienthong_calendar::Instant;
use lienthong_dossier::{
    Action, Activity, Command, CommandId, History, Named, SourceName, Told, ToldFee, ToldPapers,
    ToldSupplement,
};
use uuid::Uuid;

use super::{Head, IntoCommand, With as _, command_id};
use crate::code::coded_or_none;
use crate::field::{list, text};
use crate::pb::common::v1::ErrorReason;
use crate::pb::history::v1 as pb;
use crate::time::{instant_field, instant_or_none, timestamp};
use crate::told::{self, ITEMS_MAX};
use crate::{Coded, Invalid};

/// The command id of an import: the UUIDv5 of the record's id, in the namespace that is the UUIDv5 of the source's name
/// in the OID namespace (RFC 9562, 5.5). So one record has one id, whoever imports it and however often.
#[must_use]
pub fn import_command_id(source: &SourceName, record: &str) -> CommandId {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_OID, source.as_str().as_bytes());
    CommandId(Uuid::new_v5(&namespace, record.as_bytes()))
}

impl IntoCommand for pb::ImportHistoryRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let source: SourceName = text("source", &self.source)?;
        let derived = import_command_id(&source, &self.record);
        let head = Head::read_with(self.header, &self.code, |given| match given {
            "" => Ok(derived),
            given if command_id(given)? == derived => Ok(derived),
            _ => {
                let problem = format!("is not {derived}, which source and record give");
                Err(Invalid::new("command_id", problem, ErrorReason::OtherCommandId))
            }
        })?;
        let history = History {
            source,
            record: self.record,
            // How many there may be is the dossier's to say.
            activities: list("activities", self.activities, usize::MAX, activity)?,
            status: coded_or_none("status", self.status)?,
            told: self.told.map(|it| told(it).map_err(|invalid| invalid.within("told"))).transpose()?,
        };
        told::check(&history)?;
        Ok(head.command(at, Action::ImportHistory(Box::new(history))).with(self.details))
    }
}

fn activity(activity: pb::Activity) -> Result<Activity, Invalid> {
    Ok(Activity {
        name: activity.name,
        resource: activity.resource,
        group: activity.group,
        lifecycle: activity.lifecycle,
        at: instant_field("at", activity.at.as_ref())?,
        offset_minutes: activity.offset_minutes,
        status: coded_or_none("status", activity.status)?,
        began_at: instant_or_none("began_at", activity.began_at.as_ref())?,
        due: instant_or_none("due", activity.due.as_ref())?,
    })
}

fn told(told: pb::Told) -> Result<Told, Invalid> {
    let supplement = |it: pb::ToldSupplement| {
        Ok(ToldSupplement {
            asked_at: instant_field("asked_at", it.asked_at.as_ref())?,
            answered_at: instant_or_none("answered_at", it.answered_at.as_ref())?,
            due_before: instant_or_none("due_before", it.due_before.as_ref())?,
            due_after: instant_or_none("due_after", it.due_after.as_ref())?,
        })
    };
    let named = |named: Option<pb::Named>| {
        let pb::Named { code, name } = named.unwrap_or_default();
        Named { code, name }
    };
    let pb::ToldPapers { filed, digitised, reused, from_store, results, coded_results } =
        told.papers.unwrap_or_default();
    Ok(Told {
        procedure: named(told.procedure),
        field: named(told.field),
        agency: named(told.agency),
        channel: coded_or_none("channel", told.channel)?,
        applicant: coded_or_none("applicant", told.applicant)?,
        delivery: coded_or_none("delivery", told.delivery)?,
        filed_at: instant_or_none("filed_at", told.filed_at.as_ref())?,
        received_at: instant_or_none("received_at", told.received_at.as_ref())?,
        due: instant_or_none("due", told.due.as_ref())?,
        finished_at: instant_or_none("finished_at", told.finished_at.as_ref())?,
        returned_at: instant_or_none("returned_at", told.returned_at.as_ref())?,
        refused_at: instant_or_none("refused_at", told.refused_at.as_ref())?,
        supplements: list("supplements", told.supplements, ITEMS_MAX, supplement)?,
        fees: list("fees", told.fees, ITEMS_MAX, |it| told::fee(it.collected, it.amount_dong))?,
        online_payment: told.online_payment.map(told::online_payment).transpose()?,
        digitised: told.digitised,
        vneid: told.vneid,
        papers: ToldPapers { filed, digitised, reused, from_store, results, coded_results },
    })
}

impl From<&Told> for pb::Told {
    fn from(told: &Told) -> Self {
        let named = |it: &Named| Some(pb::Named { code: it.code.clone(), name: it.name.clone() });
        let supplement = |it: &ToldSupplement| pb::ToldSupplement {
            asked_at: Some(timestamp(it.asked_at)),
            answered_at: it.answered_at.map(timestamp),
            due_before: it.due_before.map(timestamp),
            due_after: it.due_after.map(timestamp),
        };
        let fee = |it: &ToldFee| pb::ToldFee { collected: it.collected.into(), amount_dong: it.amount.get() };
        let ToldPapers { filed, digitised, reused, from_store, results, coded_results } = told.papers;
        Self {
            procedure: named(&told.procedure),
            field: named(&told.field),
            agency: named(&told.agency),
            channel: told.channel.map_or(0, Coded::number),
            applicant: told.applicant.map_or(0, Coded::number),
            delivery: told.delivery.map_or(0, Coded::number),
            filed_at: told.filed_at.map(timestamp),
            received_at: told.received_at.map(timestamp),
            due: told.due.map(timestamp),
            finished_at: told.finished_at.map(timestamp),
            returned_at: told.returned_at.map(timestamp),
            refused_at: told.refused_at.map(timestamp),
            supplements: told.supplements.iter().map(supplement).collect(),
            fees: told.fees.iter().map(fee).collect(),
            online_payment: told.online_payment.map(u32::from),
            digitised: told.digitised,
            vneid: told.vneid,
            papers: Some(pb::ToldPapers { filed, digitised, reused, from_store, results, coded_results }),
        }
    }
}
