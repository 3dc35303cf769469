//! One record of another system.

use lienthong_dossier::{Action, Activity, DossierCode, History, SourceName};

use super::*;
use crate::pb::common::v1 as common;
use crate::pb::history::v1 as history;

#[test]
fn history_has_one_command_id_for_one_record() {
    let told = history::Activity {
        name: "Confirmation of receipt".to_owned(),
        resource: Some("Resource01".to_owned()),
        group: None,
        lifecycle: Some("complete".to_owned()),
        at: Some(crate::timestamp(at())),
        offset_minutes: 120,
        ..history::Activity::default()
    };
    let import = history::ImportHistoryRequest {
        header: header().map(|header| common::CommandHeader { command_id: String::new(), ..header }),
        code: "receipt/case-10011".to_owned(),
        source: "receipt".to_owned(),
        record: "case-10011".to_owned(),
        activities: vec![told],
        status: 0,
        details: None,
        told: None,
    };
    let source: SourceName = text("receipt");
    let command = import.clone().into_command(at()).unwrap();
    assert_eq!(command.id, import_command_id(&source, "case-10011"));
    assert_eq!(command.id.to_string(), "4e63b665-a556-5b5a-ae63-ef38a0c1d09f");
    assert_eq!(command.code, text::<DossierCode>("receipt/case-10011"));
    let activities = vec![Activity {
        name: "Confirmation of receipt".to_owned(),
        resource: Some("Resource01".to_owned()),
        group: None,
        lifecycle: Some("complete".to_owned()),
        at: at(),
        offset_minutes: 120,
        status: None,
        began_at: None,
        due: None,
    }];
    let expected = History { source, record: "case-10011".to_owned(), activities, status: None, told: None };
    assert_eq!(command.action, Action::ImportHistory(Box::new(expected)));

    let with = |change: fn(&mut history::ImportHistoryRequest)| {
        let mut import = import.clone();
        change(&mut import);
        import
    };
    let same = import_command_id(&text("receipt"), "case-10011").to_string();
    let mut given = import.clone();
    given.header.as_mut().unwrap().command_id = same;
    assert_eq!(given.into_command(at()).unwrap().id, command.id);
    check_refused(
        with(|import| import.header.as_mut().unwrap().command_id = ID.to_owned()),
        "header.command_id",
        "OTHER_COMMAND_ID",
    );
    check_refused(with(|import| import.source.clear()), "source", "MISSING");
    check_refused(with(|import| import.record.clear()), "record", "MISSING");
    check_refused(with(|import| import.record = "x".repeat(201)), "record", "TOO_LONG");
    check_refused(with(|import| import.activities.clear()), "activities", "MISSING");
    check_refused(with(|import| import.activities[0].name.clear()), "activities[0].name", "MISSING");
    check_refused(with(|import| import.activities[0].at = None), "activities[0].at", "MISSING");
    for offset_minutes in [1440, -1440, i32::MAX, i32::MIN] {
        let mut import = import.clone();
        import.activities[0].offset_minutes = offset_minutes;
        check_refused(import, "activities[0].offset_minutes", "OUT_OF_RANGE");
    }
    let line = |field: &str, change: fn(&mut history::ImportHistoryRequest, String)| {
        for control in ['\0', '\t', '\n', '\u{1b}', '\u{7f}', '\u{9b}'] {
            let mut import = import.clone();
            change(&mut import, format!("a{control}b"));
            check_refused(import, field, "MALFORMED");
        }
    };
    line("record", |import, text| import.record = text);
    line("activities[0].name", |import, text| import.activities[0].name = text);
    line("activities[0].resource", |import, text| import.activities[0].resource = Some(text));
    line("activities[0].group", |import, text| import.activities[0].group = Some(text));
    line("activities[0].lifecycle", |import, text| import.activities[0].lifecycle = Some(text));
    check_refused(with(|import| import.status = 11), "status", "UNKNOWN_VALUE");
}
