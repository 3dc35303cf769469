//! Requests of `History`: one record of another system.

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Activity, Command, CommandId, History, SourceName, Status};
use uuid::Uuid;

use super::{Head, IntoCommand, With as _, command_id};
use crate::Invalid;
use crate::code::coded_or_none;
use crate::field::{list, text};
use crate::pb::common::v1::ErrorReason;
use crate::pb::history::v1 as pb;
use crate::time::instant_field;
use crate::told;

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
            status: coded_or_none::<Status>("status", self.status)?.map(Status::code),
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
    })
}
