//! A case of a process-mining log as one record of history.
//!
//! In clear are what was done, by whom, where, and when. All else the source says may be about persons, so it goes into
//! the personal details, which the node encrypts.

use lienthong_dossier::{Line, OfficerId, SourceName};
use lienthong_registry::AgencyId;
use lienthong_wire::pb::common::v1::{Actor, CommandHeader, Power};
use lienthong_wire::pb::history::v1::{Activity, ImportHistoryRequest};
use lienthong_wire::pb::personal::v1::{Particular, PersonalDetails};
use lienthong_wire::timestamp;

use crate::xes::{Trace, XesEvent};

/// Which instance of an activity an event was: the only standard attribute that is not in clear.
const INSTANCE: &str = "concept:instance";

/// Who imports, and from where.
#[derive(Debug)]
pub(super) struct Importer {
    pub(super) source: SourceName,
    pub(super) agency: AgencyId,
    pub(super) officer: OfficerId,
    pub(super) name: Line,
    pub(super) role: Line,
}

impl Importer {
    /// The command that brings a case in. Its id is left to the node, which derives it from source and record, so that
    /// a case has one id whoever imports it.
    pub(super) fn request(&self, trace: &Trace) -> ImportHistoryRequest {
        let particulars = particulars(trace);
        let details = PersonalDetails { particulars, ..PersonalDetails::default() };
        self.by(ImportHistoryRequest {
            code: format!("{}/{}", self.source, trace.name),
            record: trace.name.clone(),
            activities: trace.events.iter().map(activity).collect(),
            details: (!details.particulars.is_empty()).then_some(details),
            ..ImportHistoryRequest::default()
        })
    }

    /// The command with who gives it and the source.
    pub(super) fn by(&self, request: ImportHistoryRequest) -> ImportHistoryRequest {
        ImportHistoryRequest {
            header: Some(CommandHeader {
                agency: self.agency.to_string(),
                actor: Some(Actor {
                    officer_id: self.officer.to_string(),
                    name: self.name.to_string(),
                    role: self.role.to_string(),
                    power: Power::Decide.into(),
                }),
                ..CommandHeader::default()
            }),
            source: self.source.to_string(),
            ..request
        }
    }
}

fn activity(event: &XesEvent) -> Activity {
    Activity {
        name: event.name.clone(),
        resource: event.resource.clone(),
        group: event.group.clone(),
        lifecycle: event.lifecycle.clone(),
        at: Some(timestamp(event.timestamp.at)),
        offset_minutes: event.timestamp.offset_minutes,
        ..Activity::default()
    }
}

/// The case's attributes under their own names; those of its events under `event N/name`, from 1.
fn particulars(trace: &Trace) -> Vec<Particular> {
    let own = trace.attributes.iter().map(|(name, value)| particular(name.clone(), value));
    let of_events = (1_u32..).zip(&trace.events).flat_map(|(number, event)| {
        let instance = event.instance.iter().map(|instance| (INSTANCE, instance));
        let others = event.attributes.iter().map(|(name, value)| (name.as_str(), value));
        instance.chain(others).map(move |(name, value)| particular(format!("event {number}/{name}"), value))
    });
    own.chain(of_events).collect()
}

fn particular(name: String, value: &str) -> Particular {
    Particular { name, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::xes::Xes;

    use super::*;

    const FILE: &str = r#"<log>
        <trace>
            <string key="concept:name" value="7"/>
            <string key="applicant" value="N. V. A"/>
            <event>
                <string key="concept:name" value="Confirmation"/>
                <string key="org:resource" value="Resource21"/>
                <string key="concept:instance" value="task-1"/>
                <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
                <string key="room" value="2"/>
            </event>
        </trace>
    </log>"#;

    fn request() -> ImportHistoryRequest {
        let trace = Xes::read(FILE.as_bytes()).unwrap().next().unwrap().unwrap();
        let importer = Importer {
            source: SourceName::parse("town").unwrap(),
            agency: AgencyId::parse("import-office").unwrap(),
            officer: OfficerId::parse("me").unwrap(),
            name: Line::parse("Me").unwrap(),
            role: Line::parse("Clerk").unwrap(),
        };
        importer.request(&trace)
    }

    #[test]
    fn a_case_is_one_record_named_by_source_and_case() {
        let request = request();
        assert_eq!(
            (request.code.as_str(), request.source.as_str(), request.record.as_str()),
            ("town/7", "town", "7")
        );
        let header = request.header.unwrap();
        assert_eq!((header.command_id.as_str(), header.agency.as_str()), ("", "import-office"));
    }

    #[test]
    fn activities_keep_their_times_with_the_offset_of_the_source() {
        let at = lienthong_calendar::Instant::parse("2011-10-11T11:45:40.276Z").unwrap();
        let told = Activity {
            name: "Confirmation".to_owned(),
            resource: Some("Resource21".to_owned()),
            at: Some(timestamp(at)),
            offset_minutes: 120,
            ..Activity::default()
        };
        assert_eq!(request().activities, [told]);
    }

    #[test]
    fn whatever_else_the_source_says_is_personal() {
        let particulars = request().details.unwrap().particulars;
        let said: Vec<_> = particulars.iter().map(|said| (said.name.as_str(), said.value.as_str())).collect();
        assert_eq!(
            said,
            [("applicant", "N. V. A"), ("event 1/concept:instance", "task-1"), ("event 1/room", "2")]
        );
    }
}
